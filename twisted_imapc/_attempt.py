"""
One attempt to connect, whatever the protocol: all of it up to the greeting and TLS
under one timeout, and an exception that says what went wrong where.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from OpenSSL import SSL
from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure

from . import _reasons
from ._connection import Connection
from ._place import peerOf
from ._reasons import CAPABILITY, CONNECTING, GREETING, HANDSHAKE, REFUSED, SILENCE, STARTTLS

T = TypeVar("T")


class Explained(Exception):
    """
    What the exception of an attempt is as well, besides of its own class: its
    text names the server, the step that failed, the reason and what can be done.
    The exception as it was is its C{__cause__}.
    """

    explanation: str

    def __str__(self) -> str:
        return self.explanation


class Attempt:
    """
    An attempt to connect.

    @ivar connection: what it has led to; None as long as there is no TCP.  Of its
        owner, C{state} is None up to the greeting.
    """

    connection: Connection | None = None

    def __init__(self, url: str, timeout: float, reactor: Any) -> None:
        """
        @param url: where to, with the port; without a scheme for an endpoint, and
            empty for one of which one cannot tell.
        @param timeout: seconds for all of it.
        """
        self._scheme, _, self._place = url.rpartition("://")
        self._timeout = timeout
        self._reactor = reactor

    def watch(self, outcome: Deferred[T]) -> Deferred[T]:
        """
        Cancel C{outcome} when its time is over, and explain why it fails.
        """
        outcome.addTimeout(self._timeout, self._reactor, self._silent)
        return outcome.addErrback(self._explain)

    def _silent(self, result: object, timeout: float) -> Failure:
        return Failure(error.TimeoutError(string=f"no answer within {timeout:g} seconds"))

    def _explain(self, failure: Failure) -> Failure:
        e: Any = failure.value
        step, tls = self._reached()
        if isinstance(e, REFUSED):
            # Older versions of Twisted look at the name when the handshake is over.
            step = HANDSHAKE
        elif step == STARTTLS and self._isOfCapability(e):
            step = CAPABILITY
        reason = _reasons.reason(e, step, tls)
        if reason is None:
            return failure
        if step == GREETING and self.connection and isinstance(e, SILENCE):
            # What came was not a whole line, and nobody reads it any more.
            reason += _reasons.quoted(self.connection.parser.drain())
        remedy = _reasons.remedy(e, step, self._scheme, self._place)
        text = f"{self._place or self._peer()}: {step}: {reason}{remedy}"
        return Failure(explained(e, text))

    def _reached(self) -> tuple[str, SSL.Connection | None]:
        """
        The step that was under way, and what OpenSSL knows.
        """
        owner = None if self.connection is None else self.connection.owner()
        if owner is None or owner.transport is None:
            return CONNECTING, None
        tls = openSSL(owner.transport)
        if tls is not None and tls.get_peer_certificate() is None:
            return HANDSHAKE, tls
        return GREETING if owner.state is None else STARTTLS, tls

    def _isOfCapability(self, e: BaseException) -> bool:
        """
        Whether C{e} is the NO or BAD of CAPABILITY, which is asked for before STARTTLS
        and after it.
        """
        verb = b"" if self.connection is None else self.connection.lastVerb()
        return hasattr(e, "status") and verb == b"CAPABILITY"

    def _peer(self) -> str:
        owner = None if self.connection is None else self.connection.owner()
        transport = None if owner is None else owner.transport
        peer: Any = None if transport is None else peerOf(transport)
        return f"{peer.host}:{peer.port}" if hasattr(peer, "port") else "the endpoint"


def openSSL(transport: object) -> SSL.Connection | None:
    """
    What OpenSSL knows of the TLS of C{transport}, if there is any.
    """
    if ISSLTransport(transport, None) is None:
        return None
    handle = getattr(transport, "getHandle", lambda: None)()
    return handle if isinstance(handle, SSL.Connection) else None


@functools.cache
def _alsoExplained(kind: Any) -> Any:
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    return type(kind.__name__, (Explained, kind), names)


def explained(e: BaseException, text: str) -> Explained:
    """
    C{e} once more, for all who look for its class and its attributes, with C{text}
    for those who read it.
    """
    original: Any = type(e)
    kind = _alsoExplained(original)
    result: Explained = kind.__new__(kind, *e.args)
    result.args = e.args
    vars(result).update(vars(e), explanation=text)
    result.__cause__ = e
    return result
