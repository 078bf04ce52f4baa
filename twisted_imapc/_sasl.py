"""
SASL mechanisms (RFC 4422) for authenticate().

A mechanism has a C{name}, an C{initial} response (None where the server begins),
C{respond(challenge)} for each challenge behind that, which returns octets or a
Deferred of octets, or raises to give up; and C{finish(challenge)}, which may raise
where the server has not proved who it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred, maybeDeferred, succeed

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Mechanism(Protocol):
    """
    What authenticate() takes.
    """

    @property
    def name(self) -> str:
        """
        As the server calls it.
        """

    @property
    def initial(self) -> bytes | None:
        """
        What we say first.
        """

    def respond(self, challenge: bytes) -> bytes | Deferred[bytes]:
        """
        What we say to C{challenge}.
        """

    def finish(self, challenge: bytes) -> None:
        """
        The server has said OK.
        """


def _octets(value: str | bytes, argument: str) -> bytes:
    """
    @raise ValueError: without the value, which may be a password.
    """
    try:
        octets = value.encode("utf-8") if isinstance(value, str) else value
    except UnicodeEncodeError:
        raise ValueError(f"{argument}: a lone surrogate cannot be sent") from None
    if b"\0" in octets:
        raise ValueError(f"{argument}: NUL cannot be sent")
    return octets


def _checkToken(token: object) -> None:
    if not isinstance(token, str):
        raise TypeError(f"token: a {type(token).__name__} is no str")


class _OneResponse:
    """
    All is said at once.
    """

    name = ""
    initial: bytes = b""

    def respond(self, challenge: bytes) -> bytes:
        """
        @raise ValueError: there is no more to say.
        """
        raise ValueError(f"{self.name} has no answer to another challenge")

    def finish(self, challenge: bytes) -> None:
        """
        Nothing is to be proved.
        """


class Plain(_OneResponse):
    """
    PLAIN (RFC 4616).

    @ivar secret: what no error may tell.
    """

    name = "PLAIN"

    def __init__(self, user: str | bytes, password: str | bytes, authzid: str | bytes = "") -> None:
        """
        @param authzid: as whom to act, if not as C{user}.
        @raise ValueError: for NUL.
        """
        parts = (_octets(authzid, "authzid"), _octets(user, "user"), _octets(password, "password"))
        self.initial: bytes = b"\0".join(parts)
        self.secret: bytes = parts[2]


class External(_OneResponse):
    """
    EXTERNAL (RFC 4422, appendix A): the server knows who we are, mostly from a
    certificate.
    """

    name = "EXTERNAL"

    def __init__(self, authzid: str | bytes = "") -> None:
        """
        @param authzid: as whom to act; empty where the server decides.
        """
        self.initial: bytes = _octets(authzid, "authzid")


class OAuth:
    """
    OAUTHBEARER (RFC 7628) where it is offered, else XOAUTH2.

    @ivar secret: what no error may tell.
    @ivar details: what the server says of a token that it does not take.
    """

    def __init__(self, user: str, token: str | Callable[[], str | Deferred[str]]) -> None:
        """
        @param token: the access token, or a function that returns it or a Deferred
            of it: called once for each attempt.
        @raise ValueError: for control characters in C{user}.
        @raise TypeError: for a token that is neither str nor function.
        """
        if not callable(token):
            _checkToken(token)
        _octets(user, "user")
        if _CONTROLS.search(user):
            raise ValueError("user: control characters cannot be sent")
        self._user = user
        self._token = token
        self.name: str = "OAUTHBEARER"
        self.initial: bytes | None = None
        self.secret: bytes = b""
        self.details: dict[str, Any] | None = None

    def begin(self, offered: frozenset[str]) -> Deferred[None]:
        """
        Choose the mechanism, and get a token for it.
        """
        bearer = "AUTH=OAUTHBEARER" in offered or "AUTH=XOAUTH2" not in offered
        self.name = "OAUTHBEARER" if bearer else "XOAUTH2"
        self.details = None
        token: Any = self._token
        d: Deferred[str] = maybeDeferred(token) if callable(token) else succeed(token)
        return d.addCallback(self._gotToken)

    def _gotToken(self, token: str) -> None:
        _checkToken(token)
        self.secret = token.encode("utf-8", "replace")
        if not token or _CONTROLS.search(token):
            raise ValueError("token: empty, or with control characters")
        if self.name == "XOAUTH2":
            text = f"user={self._user}\1auth=Bearer {token}\1\1"
        else:
            user = self._user.replace("=", "=3D").replace(",", "=2C")
            text = f"n,a={user},\1auth=Bearer {token}\1\1"
        self.initial = _octets(text, "token")

    def respond(self, challenge: bytes) -> bytes:
        """
        The server tells what is wrong, and waits for an empty answer.
        """
        try:
            told = json.loads(challenge)
        except ValueError:
            told = {"error": challenge.decode("utf-8", "replace")[:500]}
        self.details = told if isinstance(told, dict) else {"error": told}
        return b"" if self.name == "XOAUTH2" else b"\1"

    def finish(self, challenge: bytes) -> None:
        """
        Nothing is to be proved.
        """
