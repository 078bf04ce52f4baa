"""
A user's own L{twisted.mail.imap4.Command}, with the answers that the session
wants of a command.

Its responses are kept as they came, and parsed by C when its tagged answer is
there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.python.failure import Failure

from ._command import Command, Handler, Host, Problem, TwistedCommand, fail, succeed, verb
from ._errors import IllegalServerResponse, IMAP4Exception, illegal
from ._imapc import Parser
from ._logger import ConnectionLogger

_log = ConnectionLogger()

# How an untagged response is told to a user's own Command: a nested list.
Response = list[Any]


def handlerOf(command: Any) -> Handler:
    """
    Whom the session asks about C{command}.
    """
    return command if isinstance(command, Command) else Foreign(command)


class Foreign:
    """
    The L{Handler} of a Command that a user made.
    """

    shape = "raw"
    endsPlaintext = False
    isRaw = True

    def __init__(self, command: Any) -> None:
        self._command = command
        self.countsAreItsResult = verb(command).partition(b" ")[0] in (b"SELECT", b"EXAMINE")

    @property
    def wantsContinuation(self) -> bool:
        """
        Whether its maker gave it a continuation.
        """
        continuation = getattr(self._command, "continuation", None)
        if continuation is None:
            return False
        # Twisted's Command wraps even a None in a lambda, which then raises.
        code = getattr(continuation, "__code__", None)
        cells = getattr(continuation, "__closure__", None)
        if code is not None and cells and "continuation" in code.co_freevars:
            cell = cells[code.co_freevars.index("continuation")]
            return cell.cell_contents is not None
        return True

    def continuation(self, text: bytes) -> object:
        """
        The server wants to read on.
        """
        return self._command.continuation(text)

    def takeBye(self) -> bool:
        """
        The server said BYE, which belongs to the answer to LOGOUT.
        """
        return verb(self._command) == b"LOGOUT"

    def succeed(self, session: Host, value: list[bytes], answer: bytes) -> None:
        """
        The server said OK: what the command collected is parsed now.
        """
        command = self._command
        _keep(command, value)
        unusedCallback = session.owner()._extraInfo

        def unsolicited(responses: list[Response]) -> None:
            left = withoutDelivered(responses)
            if left:
                unusedCallback(left)

        if _hasOwnFinish(command):
            command.finish(answer, unsolicited)
            return
        send, unused, problem = sortOut(command, command.lines, session.parser)
        if problem is not None:
            fail(command, problem)
        else:
            succeed(command, (send, answer))
        unsolicited(unused)

    def refuse(self, session: Host, value: list[bytes], problem: IMAP4Exception) -> None:
        """
        The server said NO or BAD.
        """
        _keep(self._command, value)
        fail(self._command, problem)

    def spoil(self, session: Host, value: list[bytes], problem: Problem) -> None:
        """
        What cannot be read at all spoils it, as it would one of ours.
        """
        _keep(self._command, value)
        fail(self._command, illegal(*problem, value))

    def end(self, reason: Failure) -> None:
        """
        The connection ends.
        """
        fail(self._command, reason)


def _keep(command: Any, responses: list[bytes]) -> None:
    """
    Have the responses where Twisted has them: in front of what a handler of the
    program's put there.
    """
    if responses:
        command.lines[:0] = responses


def _hasOwnFinish(command: Any) -> bool:
    """
    Whether a user's Command does the end of it by itself.
    """
    theirs = getattr(type(command), "finish", None)
    return theirs is not TwistedCommand.finish or "finish" in getattr(command, "__dict__", ())


def wanted(command: Any, response: Response) -> bool:
    """
    Whether a Command collects this response, by the tuples that it has for the
    purpose now.
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
    Parse what was collected as it came.

    @return: the responses that C{command} wants, the others, and the first
        problem among those that it wants.
    """
    send: list[Response] = []
    unused: list[Response] = []
    problem: IllegalServerResponse | None = None
    for response in raw:
        try:
            values = parser.values(response)
        except ValueError as e:
            if wanted(command, list(response.split(None, 2)[:2])):
                message, offset = e.args
                # It was counted from the "* " that is not in here.
                problem = problem or illegal(message, response[:200], offset - 2, send)
            else:
                _log.warn(
                    "Malformed response dropped: {wire!r}: {message}",
                    wire=response[:200],
                    message=e.args[0],
                )
        else:
            (send if wanted(command, values) else unused).append(values)
    return send, unused, problem


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
