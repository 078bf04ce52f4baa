"""
How results are delivered on the line path: with what C{_extraInfo} and
C{_cbFetch} of Twisted's client are told besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure

from .._command import Command, Handler, Host, Problem, fail, succeed
from .._errors import IMAP4Exception
from .._foreign import Response, handlerOf, sortOut, wanted, withoutDelivered
from .._imapc import Parser

if TYPE_CHECKING:
    from .._session import Session

# The events that Twisted has no use for in a command, and tells _extraInfo.
_UNUSED = frozenset(("mode", "unhandled", "bye"))


class Delivery:
    """
    What the commands of one client leave for C{_extraInfo}, and the handlers
    that see to it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        # For _extraInfo, when the command is done.
        self._unused: list[Response] = []

    def takeOver(self) -> None:
        """
        Commands are handled by what L{handlerOf} makes of them.
        """
        session = self._session
        session.handlerOf = self.handlerOf
        if session.claimed is not None:
            # The parser collects in this shape already.
            handler = session.claimedHandler
            session.claimedHandler = _Delivered(self, session.claimed, handler, handler.shape)

    def giveBack(self) -> None:
        """
        The session makes the handlers again.
        """
        self._session.handlerOf = handlerOf

    def forget(self) -> None:
        """
        What was said in the clear does not count any more.
        """
        self._unused.clear()

    def handlerOf(self, command: Any) -> Handler:
        """
        A handler that tells C{_extraInfo} what the command has no use for.
        """
        handler = handlerOf(command)
        return _Delivered(self, command, handler, self._shapeOf(handler))

    def isHooked(self, name: str) -> bool:
        """
        Whether somebody has put a hook of their own in place of ours.
        """
        session = self._session
        return name in session.overridden or name in session.owner().__dict__

    def tellUnused(self) -> None:
        """
        A command is done: C{_extraInfo} hears of the rest.
        """
        session = self._session
        unused, self._unused = self._unused, []
        if unused and not session.lacksTLS():
            session.owner()._extraInfo(unused)

    # Untagged responses, where _extraInfo has to be told

    def respond(self, text: bytes) -> None:
        """
        An untagged response, where C{_extraInfo} has to be told what neither
        a command nor a listener gets directly.
        """
        session = self._session
        if session.claimed is not None:
            # Twisted tells these when the command is done.
            self._unused += self._collect(session.claimed, text)
            return
        values = self._values(text)
        if values and not session.lacksTLS():
            session.owner()._extraInfo(values)
        event = session.parser.response(b"*", text)
        if event is not None and event[0] == "bye":
            session.handle(event)

    def _collect(self, command: Any, text: bytes) -> list[Response]:
        """
        Let the parser collect one response for C{command}, which waits.

        @return: what it has no use for.
        """
        session = self._session
        event = session.parser.response(b"*", text)
        if event is None:
            return []
        unused = event[0] in _UNUSED and not session.claimedHandler.isRaw
        if not unused or event[0] == "bye":
            session.handle(event)
        if not unused:
            return []
        return [one for one in self._values(text) if not wanted(command, one)]

    def _values(self, text: bytes) -> list[Response]:
        """
        One response as a nested list; none if it is malformed.
        """
        session = self._session
        try:
            return [session.parser.values(text)]
        except ValueError as e:
            message, offset = e.args
            # It was counted from the "* " that is not in here.
            session.malformed(message, text[:200], offset - 2)
            return []

    # What a program kept in lines of a command of ours, as Twisted does

    def gather(self, command: Any) -> None:
        """
        A command is answered: let the parser collect what is in its C{lines}.
        """
        if not self._session.handlerOf(command).isRaw:
            self._unused += self._collectLines(command)

    def _collectLines(self, command: Command) -> list[Response]:
        """
        @return: what the command has no use for.
        """
        session = self._session
        if command is not session.claimed:
            session.claim(command)
        unused: list[Response] = []
        lines, command.lines = command.lines, []
        for response in lines:
            unused += self._collect(command, response)
        return unused

    def finishByHand(self, command: Command, answer: bytes, unusedCallback: Any) -> None:
        """
        End a command of ours, for a program that routes answers by itself.
        """
        session = self._session
        unused = self._collectLines(command)
        # SELECT looks at its tagged answer too.
        session.parser.response(b"A", answer)
        session.complete(session.claimedHandler, True, b"OK", b"", answer)
        if unused:
            unusedCallback(unused)

    # _cbFetch

    def _shapeOf(self, handler: Handler) -> str:
        """
        In which shape the responses are wanted: as they came, where C{_cbFetch}
        or C{_parseFetchPairs} is somebody else's.
        """
        if handler.shape.startswith("fetch") and (
            self.isHooked("_cbFetch") or self.isHooked("_parseFetchPairs")
        ):
            return "raw"
        return handler.shape

    def fetched(self, command: Command, raw: list[bytes], answer: bytes) -> Any:
        """
        What C{_cbFetch} makes of the responses to C{command}.
        """
        session = self._session
        send, unused, problem = sortOut(command, raw, session.parser)
        if problem is not None:
            raise problem
        self._unused += withoutDelivered(unused)
        return session.owner()._cbFetch(
            (send, answer), command.terms, command.shape != "fetch-flat"
        )

    def collected(self, command: Command, raw: list[bytes]) -> Any:
        """
        What C{command} would have collected in its own shape; flags that it did
        not ask for are told.
        """
        parser = Parser()
        self._session.limit(parser)
        parser.expect(command.shape)
        for response in raw:
            parser.response(b"*", response)
        value, flags, _ = parser.take()
        if flags:
            self._session.tell("flagsChanged", flags)
        return value


class _Delivered:
    """
    Wraps a handler, so that C{_extraInfo} and C{_cbFetch} are called.
    """

    def __init__(self, delivery: Delivery, command: Any, handler: Handler, shape: str) -> None:
        self._delivery = delivery
        self._command = command
        self._handler = handler
        self.shape = shape
        self._forCbFetch = shape != handler.shape
        self.endsPlaintext = handler.endsPlaintext
        self.countsAreItsResult = handler.countsAreItsResult
        self.isRaw = handler.isRaw

    @property
    def wantsContinuation(self) -> bool:
        """
        Whether a C{+} would make it send something.
        """
        return self._handler.wantsContinuation

    def continuation(self, text: bytes) -> object:
        """
        The server wants to read on.
        """
        return self._handler.continuation(text)

    def takeBye(self) -> bool:
        """
        The server said BYE.
        """
        return self._handler.takeBye()

    def succeed(self, session: Host, value: Any, answer: bytes) -> None:
        """
        The server said OK.
        """
        if self._forCbFetch:
            try:
                result = self._delivery.fetched(self._command, value, answer)
            except Exception as e:
                fail(self._command, e)
            else:
                succeed(self._command, (result, answer))
        else:
            self._handler.succeed(session, value, answer)
        self._delivery.tellUnused()

    def refuse(self, session: Host, value: Any, problem: IMAP4Exception) -> None:
        """
        The server said NO or BAD: Twisted's C{_extraInfo} hears of nothing.
        """
        self._delivery.forget()
        if self._forCbFetch:
            value = self._delivery.collected(self._command, value)
        self._handler.refuse(session, value, problem)

    def spoil(self, session: Host, value: Any, problem: Problem) -> None:
        """
        A response that it collects is malformed.
        """
        self._handler.spoil(session, value, problem)
        self._delivery.tellUnused()

    def end(self, reason: Failure) -> None:
        """
        The connection ends.
        """
        self._handler.end(reason)
