"""
The protocol that carries a Client's octets.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from twisted.internet.address import UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure

from ._order import Command
from ._place import peerOf


def _ofClient(name: str) -> Any:
    return property(lambda self: getattr(self.client, name), doc=f"{name} of the client.")


class Wire(Protocol, TimeoutMixin):
    """
    What a L{Pipeline} asks of its owner; the settings are those of the client.

    @ivar state: None before the greeting.
    @ivar paused: nothing is read.
    @ivar turn: when what is going on now began, by C{time.perf_counter()}.
    """

    delimiter = b"\r\n"
    MAX_LENGTH = 0
    requireTLS = False
    tlsHostname = None

    transport: Any

    trace: Any = _ofClient("trace")
    idleRenewal: Any = _ofClient("idleRenewal")
    maxBacklog: Any = _ofClient("maxBacklog")
    maxCommandLength: Any = _ofClient("maxCommandLength")
    pipelineDepth: Any = _ofClient("pipelineDepth")
    maxLineLength: Any = _ofClient("maxLineLength")
    maxLiteralSize: Any = _ofClient("maxLiteralSize")
    maxResponseSize: Any = _ofClient("maxResponseSize")
    maxDepth: Any = _ofClient("maxDepth")
    maxListsPerResponse: Any = _ofClient("maxListsPerResponse")
    maxElementsPerResponse: Any = _ofClient("maxElementsPerResponse")

    # Set by the client.
    client: Any
    pipeline: Any

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.state: str | None = None
        self.paused: bool = False
        self.startedTLS: bool = False
        self.turn: float = 0.0
        self._renewal: Any = None

    @property
    def timeout(self) -> float:
        """
        That of the client, as a number.
        """
        return self.client.timeout or 0

    def connectionMade(self) -> None:
        """
        Connected: the limits are those of this moment.
        """
        self.pipeline.limit(self.pipeline.parser)
        # Twisted 22 says of a Unix socket that it is one of TCP.
        if ITCPTransport.providedBy(self.transport) and not self._isLocal():
            # Commands are small, and follow each other before there is an answer.
            self.transport.setTcpNoDelay(True)
            self.transport.setTcpKeepAlive(True)

    def dataReceived(self, data: bytes) -> None:
        """
        Octets from the server.
        """
        self.turn = time.perf_counter()
        self.pipeline.receive(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """
        The connection is gone.
        """
        self._stopRenewal()
        self.pipeline.end(reason)

    def abort(self) -> None:
        """
        Nobody wants this connection.
        """
        if self.transport is not None:
            self.pipeline.hangUp()

    def hangUp(self) -> None:
        """
        Close at once, whatever the other side does.
        """
        transport = self.transport
        getattr(transport, "abortConnection", transport.loseConnection)()
        if IProcessTransport.providedBy(transport):
            # It may go on without its pipes, as ssh does where the network is gone, and
            # there is no end of the connection before its own.
            with suppress(ProcessExitedAlready):
                transport.signalProcess("KILL")

    def startTLS(self, context: Any) -> None:
        """
        Begin TLS.
        """
        self.startedTLS = True
        self.transport.startTLS(context)

    def mayTellSecrets(self, isSecure: bool) -> bool:
        """
        Whether passwords may be sent: nobody listens at a socket of this machine.
        """
        return isSecure or self.client.plaintext or self._isLocal()

    def _isLocal(self) -> bool:
        """
        Whether this is a Unix socket.
        """
        return isinstance(peerOf(self.transport), UNIXAddress)

    # Reading, and the time that it takes

    def rest(self, rests: bool) -> None:
        """
        Read no more, or go on.
        """
        if rests is self.paused:
            return
        self.paused = rests
        if rests:
            self.transport.pauseProducing()
            self._renew()
        else:
            self.transport.resumeProducing()
            self._stopRenewal()
            self.pipeline.receive(b"")

    def _renew(self, isDue: bool = False) -> None:
        """
        A server closes where it hears nothing for long, however busy we are.
        """
        self._renewal = None
        if isDue:
            self.pipeline.send(Command("NOOP")).addErrback(lambda _: None)
        else:
            self._renewal = self.reactor.callLater(self.idleRenewal, self._renew, True)

    def _stopRenewal(self) -> None:
        renewal, self._renewal = self._renewal, None
        if renewal is not None:
            renewal.cancel()

    def nextTurn(self) -> Deferred[None]:
        """
        Let the reactor do what else it has to do.
        """
        d: Deferred[None] = Deferred()

        def go() -> None:
            self.turn = time.perf_counter()
            d.callback(None)

        self.reactor.callLater(0, go)
        return d

    def callLater(self, period: float, function: Any) -> Any:
        """
        For TimeoutMixin.
        """
        return self.reactor.callLater(period, function)

    def watch(self, expects: bool) -> None:
        """
        Whether an answer has to come.
        """
        if not expects:
            if self.timeOut is not None:
                self.setTimeout(None)
        elif self.timeOut is None and self.timeout:
            self.setTimeout(self.timeout)

    def timeoutConnection(self) -> None:
        """
        The server was silent for too long, if the client has not let it meanwhile.
        """
        if self.timeout:
            self.pipeline.timedOut()
        else:
            self.setTimeout(None)
