"""
What LOGIN and AUTHENTICATE depend on: what the server offers, and what it says
in the middle of them.
"""

from __future__ import annotations

import binascii
from base64 import b64encode, decodebytes
from collections.abc import Iterable, Mapping
from typing import Any

from twisted.mail import imap4

from ._errors import IllegalServerResponse, IMAP4Exception

# Mechanisms in which the secret itself is sent.
REVEALING = frozenset((b"PLAIN", b"LOGIN", b"OAUTHBEARER", b"XOAUTH2"))

Capabilities = Mapping[bytes, Any] | None


def offered(capabilities: Capabilities, name: bytes) -> Any:
    """
    The values of a capability, in whatever case the server wrote it; None
    if it has none of this name.
    """
    for one, values in (capabilities or {}).items():
        if one is not None and one.upper() == name:
            return values or ()
    return None


def loginProblem(capabilities: Capabilities) -> IMAP4Exception | None:
    """
    Why LOGIN is not sent.
    """
    if offered(capabilities, b"LOGINDISABLED") is not None:
        # RFC 9051, section 6.2.3
        return IMAP4Exception("The server takes no LOGIN here: LOGINDISABLED")
    return None


def mechanism(capabilities: Capabilities, authenticators: Iterable[bytes]) -> bytes | None:
    """
    The first mechanism of the server's for which there is an authenticator.
    """
    for scheme in offered(capabilities, b"AUTH") or ():
        if scheme is not None and scheme.upper() in authenticators:
            return bytes(scheme)
    return None


def nothingSupported(
    capabilities: Capabilities, authenticators: Iterable[bytes]
) -> imap4.NoSupportedAuthentication:
    """
    What fails where there is no mechanism.
    """
    return imap4.NoSupportedAuthentication(offered(capabilities, b"AUTH") or (), authenticators)


def challengeOf(text: bytes) -> bytes:
    """
    The challenge in a C{continue-req} (RFC 9051, section 9).

    @raise IllegalServerResponse: for what is no base64.
    """
    try:
        return decodebytes(text + b"\n")
    except binascii.Error as e:
        raise IllegalServerResponse(text) from e


def answerOf(response: bytes) -> bytes:
    """
    One line for a response to a challenge.
    """
    return b64encode(response)
