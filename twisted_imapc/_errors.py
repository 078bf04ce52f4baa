"""
What the Deferreds fail with, besides the causes of a lost connection.
"""

from __future__ import annotations

import copyreg
from typing import Any, TypeVar

from twisted.internet import error
from twisted.mail import imap4

from ._imapc import codeOf

IMAP4Exception = imap4.IMAP4Exception
IllegalServerResponse = imap4.IllegalServerResponse


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
    @param offset: where it goes wrong, counted from the start of the response (of
        which wire has the first octets), as C{.offset}.
    @param result: what the command had collected otherwise, as C{.result}.
    """
    problem = kind(message)
    vars(problem).update(wire=wire, offset=offset, result=result)
    return problem


def refusal(status: bytes, text: bytes) -> IMAP4Exception:
    """
    The exception for a tagged NO or BAD; a program can tell one from another by

      - C{.status}: C{"NO"} or C{"BAD"}
      - C{.code}: the name of the C{resp-text-code}, in upper case, such as
        C{"NONEXISTENT"} (RFC 9051, section 7.1); None where there is none
      - C{.text}: what the server says to people, behind the code

    @param text: what follows the status, code included; it is all that Twisted's
        users know.
    """
    problem = IMAP4Exception(text)
    code = codeOf(text)
    words = _decoded(code or b"").split(None, 1)
    vars(problem).update(
        status=_decoded(status),
        code=words[0].upper() if words else None,
        text=_decoded(text if code is None else text[len(code) + 2 :]).lstrip(" "),
    )
    return problem


def _decoded(octets: bytes) -> str:
    """
    What should be ASCII or UTF-8, and is not everywhere.
    """
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


# What Client's Deferreds fail with


class IMAPError(IMAP4Exception):
    """
    What goes wrong with a L{Client<twisted_imapc.Client>}: the base of all of its
    own exceptions.

    @ivar result: what there is of a result all the same, such as the messages that
        came before the error, or what the other parts of a split command gave.
    """

    result: Any = None

    def __reduce__(self) -> Any:
        # What __init__() takes is not what Exception keeps.
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


def shown(text: str, most: int | None = None) -> str:
    """
    So much of C{text} as may be printed, with nothing in it that a terminal would obey.

    @param most: characters of it; None for all.
    """
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii")
        for one in text[:most]
    )


class CommandFailed(IMAPError):
    """
    The server said NO or BAD.

    @ivar status: C{"NO"} or C{"BAD"}.
    @ivar code: the response code (RFC 9051, section 7.1), such as
        C{"NONEXISTENT"}; None where there is none.
    @ivar arguments: what stands behind the code, a tuple.
    @ivar text: what the server says to people.
    @ivar command: such as C{"STATUS"}.
    @ivar about: the mailbox, where the command has one.
    """

    status = "NO"

    def __init__(
        self,
        command: str,
        about: str | None = None,
        code: str | None = None,
        arguments: tuple[Any, ...] = (),
        text: str = "",
    ) -> None:
        what = command if about is None else f'{command} "{shown(about, 100)}"'
        where = "" if code is None else f" [{code}]"
        super().__init__(f"{what}: {self.status}{where} {shown(text, 500)}")
        self.command = command
        self.about = about
        self.code = code
        self.arguments = arguments
        self.text = text


_Error = TypeVar("_Error", bound=Exception)


def afresh(e: _Error) -> _Error:
    """
    The same, to be raised: what holds C{e} is then in no cycle with the traceback.
    """
    other: _Error = type(e).__new__(type(e), *e.args)
    vars(other).update(vars(e))
    return other


class No(CommandFailed):
    """
    The server will not.
    """


class Bad(CommandFailed):
    """
    The server does not understand, or not here.
    """

    status = "BAD"


class AuthenticationFailed(No):
    """
    No login: wrong, expired or missing credentials; or none now, where it is also a
    L{TryLater}.

    @ivar details: what an OAuth server says of it (RFC 7628, section 3.2.2), a
        dict; None where it says nothing.
    """

    details: dict[str, Any] | None = None


class NotFound(No):
    """
    There is no such mailbox.
    """


class AlreadyExists(No):
    """
    There is one of this name.
    """


class NoPermission(No):
    """
    This user may not.
    """


class OverLimit(No):
    """
    Too large, too many, or over the quota.
    """


class TryLater(No):
    """
    The server cannot do it now.
    """


class MessageGone(No):
    """
    Some of the messages are expunged.
    """


class _LoginLater(AuthenticationFailed, TryLater):
    """
    No login, and not for what the credentials are.
    """


_NO_BY_CODE: dict[str | None, type[No]] = {
    "AUTHENTICATIONFAILED": AuthenticationFailed,
    "AUTHORIZATIONFAILED": AuthenticationFailed,
    "EXPIRED": AuthenticationFailed,
    "PRIVACYREQUIRED": AuthenticationFailed,
    "NONEXISTENT": NotFound,
    "TRYCREATE": NotFound,
    "ALREADYEXISTS": AlreadyExists,
    "NOPERM": NoPermission,
    "OVERQUOTA": OverLimit,
    "LIMIT": OverLimit,
    "TOOBIG": OverLimit,
    "UNAVAILABLE": TryLater,
    "INUSE": TryLater,
    "SERVERBUG": TryLater,
    "EXPUNGEISSUED": MessageGone,
}


def kindOfRefusal(status: str, code: str | None, command: str) -> type[CommandFailed]:
    """
    What a NO or BAD to C{command} is, by its code (RFC 5530).
    """
    if status == "BAD":
        return Bad
    kind = _NO_BY_CODE.get(code, No)
    if command in ("LOGIN", "AUTHENTICATE"):
        return _LoginLater if kind is TryLater else AuthenticationFailed
    return kind


class ConnectionGone(IMAPError, error.ConnectionClosed):
    """
    The connection ended.

    @ivar cause: why, an exception.
    @ivar written: whether the command had gone out: if not, it is safe to send it
        again.
    """

    # Silent is also one of Twisted's connect errors, which make their own text.
    osError = None

    def __str__(self) -> str:
        return Exception.__str__(self)

    def __init__(self, message: str, cause: BaseException | None = None) -> None:
        Exception.__init__(self, message)
        self.cause = cause
        self.written = False

    def again(self, written: bool) -> ConnectionGone:
        """
        The same for one more Deferred.
        """
        other = afresh(self)
        other.written, other.result = written, None
        return other


class Bye(ConnectionGone):
    """
    The server said that it closes.

    @ivar code: the response code, or None.
    @ivar text: why it closes.
    """

    def __init__(self, text: str, code: str | None = None) -> None:
        where = "" if code is None else f"[{code}] "
        super().__init__(f"The server closes: {where}{shown(text, 500)}")
        self.code = code
        self.text = text


class Silent(ConnectionGone, error.TimeoutError):
    """
    The server did not answer for too long.
    """


class MalformedAnswer(IMAPError, IllegalServerResponse):
    """
    A response that the command needs breaks RFC 9051.

    @ivar wire: at most 200 octets of it.
    @ivar offset: where it goes wrong.
    @ivar result: what the command had collected otherwise.
    """

    def __init__(self, message: str, wire: bytes, offset: int, result: Any = None) -> None:
        super().__init__(message)
        self.wire = wire
        self.offset = offset
        self.result = result


class Unsupported(IMAPError):
    """
    The server has not offered what is needed; nothing was sent.

    @ivar capability: the name of what is missing.
    """

    def __init__(self, command: str, capability: str) -> None:
        super().__init__(f"{command}: the server does not offer {capability}")
        self.capability = capability


class Insecure(IMAPError):
    """
    A secret would have gone out without TLS; nothing was sent.
    """


class Overrun(IMAPError):
    """
    A fetch that nobody reads has let too much pile up while a command waited
    behind it; the rest of its messages is dropped.
    """


class Stale(IMAPError):
    """
    The mailbox for which this was made is not selected any more, or its sequence
    numbers or UIDs have changed; nothing was sent.
    """
