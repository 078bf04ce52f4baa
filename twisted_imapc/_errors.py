"""
What the Deferreds fail with, besides the causes of a lost connection.
"""

from __future__ import annotations

from typing import Any

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
