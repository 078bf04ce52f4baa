"""
From a URL or an endpoint to a Client that has its greeting, and TLS.
"""

from __future__ import annotations

from typing import Any, TypeVar

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from ._access import Capability, StartTLS
from ._attempt import Attempt, Explained
from ._errors import CommandFailed, ConnectionGone, IMAPError, Insecure, Silent
from ._pipeline import Pipeline
from ._place import placeOf
from ._wire import Wire

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

    @return: fires with it; fails with an L{IMAPError} whose text names the server,
        the step that failed, why, and what can be done.
    """
    endpoint, _, context, url = placeOf(urlOrEndpoint, tls, wire.reactor, timeout)
    attempt = Attempt(url, timeout, wire.reactor)

    async def connect() -> _Client:
        pipeline: Pipeline = wire.pipeline
        greeted: Deferred[None] = Deferred()
        pipeline.greeted = greeted
        try:
            await endpoint.connect(_OneWire(wire))
            attempt.connection = pipeline
            await greeted
            if url.startswith("imap://"):
                await _startTLS(pipeline, context)
        except BaseException as e:
            pipeline.greeted = None
            wire.abort()
            if isinstance(e, ConnectionGone) and e.cause is not None:
                # That is what can be explained.
                raise e.cause from None
            raise
        return client

    return attempt.watch(Deferred.fromCoroutine(connect())).addErrback(_failed)


def _failed(failure: Failure) -> Failure:
    """
    One kind of exception for all that can go wrong, as later on.
    """
    e = failure.value
    original = e.__cause__ if isinstance(e, Explained) else e
    if isinstance(original, IMAPError):
        gone: Exception = original
    elif isinstance(original, error.TimeoutError):
        gone = Silent(str(e), original)
    elif isinstance(e, Explained):
        gone = ConnectionGone(str(e), original)
    else:
        return failure
    return Failure(gone.with_traceback(None))


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
