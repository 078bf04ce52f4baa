"""
What the Deferreds fail with, besides the causes of a lost connection.
"""

from __future__ import annotations

from typing import Any

from twisted.mail import imap4

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
