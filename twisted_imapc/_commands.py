"""
Commands: what they send, which responses they claim, and how they end.

A L{Command} of ours has a C{shape}, in which the parser builds its result
while the responses arrive.  A L{twisted.mail.imap4.Command} has none: its
responses are kept as they came, and parsed by C when its tagged answer is
there.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twisted.internet import defer
from twisted.mail import imap4
from twisted.protocols import basic
from twisted.python.compat import nativeString
from twisted.python.failure import Failure

from ._imapc import Parser
from ._logger import ConnectionLogger

_log = ConnectionLogger()

IMAP4Exception = imap4.IMAP4Exception
IllegalServerResponse = imap4.IllegalServerResponse

# Bound here, since the name in imap4 may be replaced at run time.
TwistedCommand = imap4.Command

# What may be said before there is TLS, where that is required: nothing of it is
# about the user or a mailbox.
BEFORE_TLS = frozenset((b"CAPABILITY", b"LOGOUT", b"NOOP", b"STARTTLS"))

# How an untagged response is told to a user's own Command: its atoms.
Response = list[Any]


class ResponseTooLarge(IllegalServerResponse):
    """
    A response exceeds C{maxLineLength}, C{maxLiteralSize} or
    C{maxResponseSize}; the connection is closed.
    """


def illegal(
    message: object,
    wire: bytes,
    offset: int,
    result: Any = None,
    kind: type[IllegalServerResponse] = IllegalServerResponse,
) -> IllegalServerResponse:
    """
    The exception for a response that breaks RFC 9051.

    @param wire: at most 200 octets of the response, as C{.wire}.
    @param offset: where in C{wire} it goes wrong, as C{.offset}.
    @param result: what the command had collected otherwise, as C{.result}.
    """
    problem = kind(message)
    vars(problem).update(wire=wire, offset=offset, result=result)
    return problem


class Command(TwistedCommand):
    """
    One command of IMAP4Client's own methods.

    @ivar shape: what it collects; see L{twisted_imapc._imapc.Parser.expect}.
    @ivar endsPlaintext: nothing may follow its OK in the clear.
    @ivar continuesOnce: the first C{+} that gets to the continuation is the
        last.
    @ivar terms: the items that a FETCH asks for.
    @ivar endsByBye: the server said the BYE that belongs to the answer: from
        there on the end of the connection is as good as its tagged OK.
    """

    endsByBye = False
    endsPlaintext = False
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
        # A bound method in its place would be a cycle through the command.
        self._continue = self.__dict__.pop("continuation")
        self._continues = continuation is not None

    def __repr__(self) -> str:
        # That of Twisted's would come here again by way of continuation, and
        # show a password.
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

    def finish(self, lastLine: bytes, unusedCallback: Callable[..., object]) -> None:
        """
        End it with what is in C{lines}: only programs that route responses by
        themselves get here.
        """
        self._client()._imapcFinishByHand(self, lastLine, unusedCallback)


def endsPlaintext(command: Any) -> bool:
    """
    Whether nothing may follow its OK in the clear.
    """
    return isinstance(command, Command) and command.endsPlaintext


def shapeOf(command: Any) -> str | None:
    """
    In which shape the responses to C{command} are wanted; None for no command.
    """
    if command is None:
        return None
    return command.shape if isinstance(command, Command) else "raw"


def wantsContinuation(command: Any) -> bool:
    """
    Whether a C{+} is for this command.
    """
    if isinstance(command, Command):
        return command.wantsContinuation
    continuation = getattr(command, "continuation", None)
    if continuation is None:
        return False
    # Twisted's Command wraps even a None in a lambda, which then raises.
    code = getattr(continuation, "__code__", None)
    cells = getattr(continuation, "__closure__", None)
    if code is not None and cells and "continuation" in code.co_freevars:
        cell = cells[code.co_freevars.index("continuation")]
        return cell.cell_contents is not None
    return True


def verb(command: Any) -> bytes:
    """
    What a command does, in upper case.
    """
    return bytes(command.command).upper()


def expectsBye(command: Any) -> bool:
    """
    Whether BYE belongs to the answer.
    """
    return verb(command) == b"LOGOUT"


def selects(command: Any) -> bool:
    """
    Whether counts are its result: they are another mailbox's.
    """
    return command is not None and verb(command).partition(b" ")[0] in (b"SELECT", b"EXAMINE")


def byeCame(command: Any) -> None:
    """
    The BYE that belongs to the answer.
    """
    if isinstance(command, Command):
        # On a program's own there is nothing that we could set.
        command.endsByBye = True


def end(command: Any, reason: Failure) -> None:
    """
    There will be no answer, since the connection ends.
    """
    if isinstance(command, Command) and command.endsByBye:
        # Gmail closes without a tagged OK, and not always orderly.
        succeed(command, ([], b""))
    else:
        fail(command, reason)


def succeed(command: Any, result: object) -> None:
    """
    Fire a command's Deferred, if it still has one.
    """
    d = _takeDeferred(command, None)
    if d is not None:
        d.callback(result)


def fail(command: Any, reason: Failure | BaseException) -> None:
    """
    Fail a command's Deferred, if it still has one.
    """
    # Made before the Deferred is looked at: the collector may run a finalizer
    # wherever something is made, and the finalizer may cancel.
    failure = reason if isinstance(reason, Failure) else Failure(reason)
    d = _takeDeferred(command, nobodysDeferred(command))
    if d is not None:
        d.errback(failure)


def _takeDeferred(command: Any, instead: defer.Deferred[Any] | None) -> defer.Deferred[Any] | None:
    # Users fire it too, in timeoutConnection() for one.
    d, command.defer = command.defer, instead
    return None if d is None or d.called else d


def nobodysDeferred(command: Any) -> defer.Deferred[Any] | None:
    """
    What a command has in place of a Deferred that is not to fire again: the
    C{finish()} of a program's own Command fires what it finds there.
    """
    if isinstance(command, Command):
        return None
    d: defer.Deferred[Any] = defer.Deferred()
    d.addErrback(lambda failure: None)
    return d


def hasOwnFinish(command: Any) -> bool:
    """
    Whether a user's Command does the end of it by itself.
    """
    theirs = getattr(type(command), "finish", None)
    return theirs is not TwistedCommand.finish or "finish" in getattr(command, "__dict__", ())


_DELIVERED = (b"EXISTS", b"RECENT", b"EXPUNGE")


def withoutDelivered(responses: Iterable[Response]) -> list[Response]:
    """
    C{responses} without those that a listener got when they came in.
    """
    return [one for one in responses if not (len(one) == 2 and _word(one, 1) in _DELIVERED)]


def _word(response: Response, index: int) -> bytes:
    """
    One atom of a response in upper case, empty where there is none.
    """
    if index < len(response) and isinstance(response[index], bytes):
        return bytes(response[index]).upper()
    return b""


def wanted(command: Any, response: Response) -> bool:
    """
    Whether a user's Command collects this response, by the tuples that it has
    for the purpose now.
    """
    code: Any = response[1] if len(response) > 1 else None
    return (
        _word(response, 0) in command._1_RESPONSES
        or _word(response, 1) in command._2_RESPONSES
        or (
            _word(response, 0) == b"OK"
            and isinstance(code, list)
            and _word(code, 0) in command._OK_RESPONSES
        )
    )


def sortOut(
    command: Any, raw: Iterable[bytes], parser: Parser
) -> tuple[list[Response], list[Response], IllegalServerResponse | None]:
    """
    Parse what a user's Command collected.

    @return: the responses that it wants, the others, and the first problem
        among those that it wants.
    """
    send: list[Response] = []
    unused: list[Response] = []
    problem: IllegalServerResponse | None = None
    for response in raw:
        try:
            values = parser.values(response)
        except ValueError as e:
            if wanted(command, list(response.split(None, 2)[:2])):
                problem = problem or illegal(e.args[0], response[:200], e.args[1], send)
            else:
                _log.warn(
                    "Malformed response dropped: {wire!r}: {message}",
                    wire=response[:200],
                    message=e.args[0],
                )
        else:
            (send if wanted(command, values) else unused).append(values)
    return send, unused, problem


def finishForeign(
    command: Any,
    answer: bytes,
    parser: Parser,
    unusedCallback: Callable[[list[Response]], object],
) -> None:
    """
    End a user's Command to which the server said OK; its responses are in
    C{lines}.

    @param answer: the tagged answer without the tag.
    @param unusedCallback: gets the responses that it has no use for.
    """

    def unsolicited(responses: list[Response]) -> None:
        left = withoutDelivered(responses)
        if left:
            unusedCallback(left)

    if hasOwnFinish(command):
        command.finish(answer, unsolicited)
        return
    send, unused, problem = sortOut(command, command.lines, parser)
    if problem is not None:
        fail(command, problem)
    else:
        succeed(command, (send, answer))
    unsolicited(unused)


def flagsAskedFor(shape: str | None, value: Any) -> dict[int, list[str]]:
    """
    The flags in what a command of ours collected in C{shape}, where they are
    its result: news all the same when nobody gets that.
    """
    if shape != "fetch-flags":
        return {}
    return {
        number: items["FLAGS"]
        for number, items in value.items()
        if isinstance(items.get("FLAGS"), list)
    }


# FETCH as Twisted's _parseFetchPairs has it, for programs that override it.

_FETCH_KEYS = frozenset(
    "BODY BODY.PEEK BODYSTRUCTURE ENVELOPE FLAGS INTERNALDATE RFC822 RFC822.HEADER"
    " RFC822.SIZE RFC822.TEXT UID".split()
)


def fetchItems(response: Sequence[Any]) -> tuple[dict[Any, Any], list[Any]]:
    """
    The items of one FETCH response, as a dict and as a flat list.

    @param response: its nested list, in which a string "<5>" behind a section
        looks like an origin.
    @raise IllegalServerResponse: where a name has no value.
    """
    items = list(response)
    values: dict[Any, Any] = {}
    flat: list[Any] = []

    def take() -> Any:
        if not items:
            raise illegal("not enough arguments", repr(response)[:200].encode("ascii"), 0)
        return items.pop(0)

    while items:
        key: Any = nativeString(items.pop(0))
        if key.upper() in _FETCH_KEYS:
            key = key.upper()
        flat.append(key)
        value = take()
        if key in ("BODY", "BODY.PEEK") and _isSection(value):
            section = _text(value)
            if section:
                section[0] = section[0].upper()
            flat.append(section)
            key = (key, tuple(tuple(e) if isinstance(e, list) else e for e in section))
            value = take()
            if _isOrigin(value) and (not items or len(items) % 2):
                flat.append(nativeString(value))
                key = (*key, flat[-1])
                value = take()
        values[key] = _text(value)
        flat.append(values[key])
    return values, flat


def _isSection(value: Any) -> bool:
    """
    Whether what follows BODY is a section, and not a body structure.
    """
    return (
        isinstance(value, list) and len(value) <= 2 and not (value and isinstance(value[0], list))
    )


def _isOrigin(value: Any) -> bool:
    """
    Whether this is the C{<n>} of a partial FETCH.
    """
    return isinstance(value, bytes) and re.fullmatch(rb"<[0-9]+>", value) is not None


def _text(value: Any) -> Any:
    """
    Bytes as str with a character for each octet, in lists too.
    """
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list):
        return [_text(one) for one in value]
    return None


class TransferStopped(Exception):
    """
    The connection was lost in the middle of a message that was being sent.
    """


class Message:
    """
    A file, as what was announced of it: from its start, and so many octets.

    @raise EOFError: from C{read()}, where the file has become shorter.
    """

    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._left = size
        self._begun = False

    def read(self, size: int) -> Any:
        """
        The next octets; empty behind the last.
        """
        if not self._begun:
            # Another APPEND may have read the same file.
            self._begun = True
            self._file.seek(0, 0)
        if not self._left:
            return b""
        octets = self._file.read(min(size, self._left))
        if not octets:
            raise EOFError(f"The message is {self._left} octets shorter than it was")
        octets = octets[: self._left]
        self._left -= len(octets)
        return octets


class MessageSender(basic.FileSender):
    """
    Sends a message; tells a lost connection from a file that fails.
    """

    def resumeProducing(self) -> None:
        """
        Write the next piece.
        """
        try:
            super().resumeProducing()
        except Exception:
            self.consumer.unregisterProducer()
            self._fail(Failure())

    def stopProducing(self) -> None:
        """
        The connection is lost.
        """
        self._fail(Failure(TransferStopped("The connection was lost in mid-message")))

    def _fail(self, failure: Failure) -> None:
        d, self.deferred = self.deferred, None
        if d is not None:
            d.errback(failure)
