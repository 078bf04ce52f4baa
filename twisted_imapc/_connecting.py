"""
From a URL or an endpoint to a Client that has its greeting, and TLS.
"""

from __future__ import annotations

from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from ._access import Capability, StartTLS
from ._errors import CommandFailed, Insecure, Silent
from ._pipeline import Pipeline
from ._wire import Wire
from .factory import _place

_Client = TypeVar("_Client")


class _OneWire(Factory):
    noisy = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def buildProtocol(self, addr: Any) -> Wire:
        return self._wire


def establish(
    client: _Client, wire: Wire, urlOrEndpoint: Any, tls: Any, timeout: float
) -> Deferred[_Client]:
    """
    Connect C{client}.

    @return: fires with it.
    """
    if not timeout > 0:
        raise ValueError("timeout: has to be more than 0")
    if isinstance(urlOrEndpoint, str):
        endpoint, _, context, place = _place(urlOrEndpoint, tls, wire.reactor, timeout)
    elif not IStreamClientEndpoint.providedBy(urlOrEndpoint):
        kind = type(urlOrEndpoint).__name__
        raise TypeError(f"connect() wants a URL (str) or an IStreamClientEndpoint, not {kind}")
    elif tls is not None:
        raise ValueError("tls is for URLs; for an endpoint there is wrapClientTLS()")
    else:
        endpoint, context, place = urlOrEndpoint, None, "the server"

    async def connect() -> _Client:
        pipeline: Pipeline = wire.pipeline
        greeted: Deferred[None] = Deferred()
        pipeline.greeted = greeted
        try:
            await endpoint.connect(_OneWire(wire))
            await greeted
            if place.startswith("imap:"):
                await _startTLS(pipeline, context)
        except BaseException:
            pipeline.greeted = None
            wire.abort()
            raise
        return client

    def late(failure: Any, seconds: float) -> Any:
        failure.trap(CancelledError)
        return Failure(Silent(f"{place} did not greet us within {seconds:g} seconds"))

    d: Deferred[_Client] = Deferred.fromCoroutine(connect())
    return d.addTimeout(timeout, wire.reactor, late)


async def _startTLS(pipeline: Pipeline, context: Any) -> None:
    """
    Nothing is said before TLS.

    @raise Insecure: where there is none.
    """
    if pipeline.state != "unauthenticated":
        raise Insecure("The server's PREAUTH rules STARTTLS out")
    if pipeline.isKnown and "STARTTLS" not in pipeline.capabilities:
        raise Insecure("The server does not offer STARTTLS")
    try:
        await pipeline.send(StartTLS(context))
    except CommandFailed as e:
        raise Insecure(f"The server refuses STARTTLS: {e.text[:500]}") from None
    # The first that goes through it, so that the certificate is verified by now.
    await pipeline.send(Capability())
