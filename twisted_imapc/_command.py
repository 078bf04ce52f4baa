"""
A command of IMAP4Client's own methods: what it sends, which responses it
collects, and how it ends.

The session asks each command what it has to know of it, and never what kind of
command it is: L{twisted_imapc._foreign} has the same answers for a Command that
a user made.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from twisted.internet import defer
from twisted.mail import imap4
from twisted.python.failure import Failure

from . import _encode
from ._errors import IMAP4Exception, illegal
from ._imapc import Parser

# Bound here, since the name in imap4 may be replaced at run time.
TwistedCommand = imap4.Command

# What the parser says of a malformed response: message, wire, offset.
Problem = tuple[str, bytes, int]


class Host(Protocol):
    """
    What a command asks of the session that it is in.
    """

    owner: Callable[[], Any]
    """Gives the client."""

    parser: Parser

    def tell(self, listener: str, *args: object) -> None:
        """Call a listener."""


class Handler(Protocol):
    """
    What the session asks of a command.
    """

    shape: str
    """In which shape its responses are wanted; see L{Parser.expect}."""

    countsAreItsResult: bool
    """EXISTS and RECENT are not told while it waits: for a program's own SELECT.  (Of
    ours, C does not tell them.)"""

    endsPlaintext: bool
    """Nothing may follow its OK in the clear."""

    isRaw: bool
    """A user has encoded its arguments."""

    @property
    def wantsContinuation(self) -> bool:
        """Whether a C{+} would make it send something."""

    def continuation(self, text: bytes) -> object:
        """The server wants to read on."""

    def takeBye(self) -> bool:
        """The server said BYE; false if that does not belong to its answer."""

    def succeed(self, session: Host, value: Any, answer: bytes) -> None:
        """The server said OK; C{value} is what was collected."""

    def refuse(self, session: Host, value: Any, problem: IMAP4Exception) -> None:
        """The server said NO or BAD."""

    def spoil(self, session: Host, value: Any, problem: Problem) -> None:
        """The server said OK, but something that it sent is malformed."""

    def end(self, reason: Failure) -> None:
        """There will be no answer, since the connection ends."""


class Command(TwistedCommand):
    """
    One command of ours, which is its own L{Handler}.

    @ivar continuesOnce: the continuation is called once.
    @ivar terms: the items that a FETCH asks for.
    """

    countsAreItsResult = False
    endsPlaintext = False
    isRaw = False
    continuesOnce = False
    terms: Sequence[str] = ()

    def __init__(
        self,
        command: bytes,
        segments: Sequence[bytes],
        shape: str,
        client: Any,
        wantResponse: Iterable[bytes] = (),
        continuation: Callable[..., object] | None = None,
        *contArgs: object,
    ) -> None:
        """
        @param segments: the arguments, cut where a C{+} is to be waited for;
            empty for a command that has none.
        @param continuation: called with the text of the C{+} that comes after
            the last segment, and with C{contArgs}.
        """
        args = segments[0] if segments else None
        TwistedCommand.__init__(self, command, args, wantResponse, continuation, *contArgs)
        self.shape = shape
        # The client has this as its _lastCmd: no cycle.
        self._client: Callable[[], Any] = weakref.ref(client)
        self._segments = list(segments[1:])
        # Twisted puts a lambda there, which hides the method continuation().
        self._continue = self.__dict__.pop("continuation")
        self._continues = continuation is not None
        self._byeCame = False

    def __repr__(self) -> str:
        # Twisted's would recurse through continuation, and show a password.
        return f"<imap4.Command {self.command!r}>"

    @property
    def wantsContinuation(self) -> bool:
        """
        Whether a C{+} would make it send something.
        """
        return bool(self._segments) or self._continues

    def continuation(self, text: bytes) -> object:
        """
        The server wants to read on.
        """
        if self._segments:
            return self._client().sendLine(self._segments.pop(0))
        if self.continuesOnce:
            self._continues = False
        return self._continue(text)

    def takeBye(self) -> bool:
        """
        The server said BYE, which belongs to the answer to LOGOUT.
        """
        self._byeCame = self.command == b"LOGOUT"
        return self._byeCame

    def succeed(self, session: Host, value: Any, answer: bytes) -> None:
        """
        The server said OK.
        """
        succeed(self, (value, answer))

    def refuse(self, session: Host, value: Any, problem: IMAP4Exception) -> None:
        """
        The server said NO or BAD.
        """
        if "FLAGS" in self.terms:
            tellFlags(session, value)
        fail(self, problem)

    def spoil(self, session: Host, value: Any, problem: Problem) -> None:
        """
        A response that it collects is malformed.
        """
        fail(self, illegal(*problem, value))

    def end(self, reason: Failure) -> None:
        """
        The connection ends: behind the BYE that answers LOGOUT that is as good
        as a tagged OK.  Gmail closes so, and not always orderly.
        """
        if self._byeCame:
            succeed(self, ([], b""))
        else:
            fail(self, reason)

    def finish(self, lastLine: bytes, unusedCallback: Callable[..., object]) -> None:
        """
        End it with what is in C{lines}: only programs that route responses by
        themselves get here.
        """
        self._client()._imapc.finishByHand(self, lastLine, unusedCallback)


def makeCommand(
    client: Any,
    command: bytes,
    *pieces: _encode.Piece,
    shape: str = "nested",
    want: Iterable[bytes] = (),
    continuation: Callable[..., object] | None = None,
    contArgs: tuple[object, ...] = (),
    terms: Sequence[str] = (),
) -> Command:
    """
    A command of C{client} with the arguments C{pieces}, encoded already.
    """
    withoutAsking = _encode.sizeWithoutAsking(client._imapc.capabilities or ())
    segments = _encode.segments(pieces, withoutAsking) if pieces else ()
    made = Command(command, segments, shape, client, tuple(want), continuation, *contArgs)
    made.terms = terms
    return made


def verb(command: Any) -> bytes:
    """
    What a command does, in upper case; empty where a program's own object does
    not say.
    """
    name = getattr(command, "command", b"")
    return bytes(name).upper() if isinstance(name, (bytes, bytearray, memoryview)) else b""


def tellFlags(session: Host, value: dict[int, dict[str, Any]]) -> None:
    """
    Flags that a command has asked for are news all the same where nobody gets
    its result.

    @param value: what was collected in the shape C{fetch-flags}.
    """
    flags = {
        number: items["FLAGS"]
        for number, items in value.items()
        if isinstance(items.get("FLAGS"), list)
    }
    if flags:
        session.tell("flagsChanged", flags)


def succeed(command: Any, result: object) -> None:
    """
    Fire a command's Deferred, if it still has one.
    """
    d, command.defer = command.defer, None
    if d is not None:
        fire(d, result)


def fail(command: Any, reason: Failure | BaseException) -> None:
    """
    Fail a command's Deferred, if it still has one.
    """
    d, command.defer = command.defer, spentDeferred()
    if d is not None:
        fire(d, reason if isinstance(reason, Failure) else Failure(reason))


def fire(d: defer.Deferred[Any], outcome: Any) -> None:
    """
    Fire C{d} with a result or a Failure, unless that was done already.

    To look at C{d.called} first is not enough: the collector may come wherever
    something is called, callback() included, and a finalizer may cancel.
    """
    try:
        d.callback(outcome)
    except defer.AlreadyCalledError:
        # Not one of a callback's: what these raise is in the Deferred.
        pass


def spentDeferred() -> defer.Deferred[Any]:
    """
    What a command has in place of a Deferred that is not to fire again: the
    C{finish()} of a program's own Command fires what it finds there.
    """
    d: defer.Deferred[Any] = defer.Deferred()
    d.addErrback(lambda failure: None)
    return d
