"""A line to a server that takes its time: a round trip, and so many octets a second."""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from twisted_imapc.testing.loopback import LoopbackServer

reactor: Any = _reactor

# Octets that are on the line at most, besides those of one round trip.
_SLACK = 128 * 1024


class _OneWay:
    """One direction: octets arrive in order, late, and not too many at once."""

    def __init__(self, delay: float, rate: float) -> None:
        self._delay, self._rate = delay, rate
        self._most = int(rate * delay) + _SLACK
        self._queue: deque[bytes] = deque()
        self._octets = 0
        self._free = 0.0
        self.source: Any = None
        self.target: Any = None
        self._isPaused = False

    def carry(self, data: bytes) -> None:
        now = reactor.seconds()
        self._free = max(self._free, now) + len(data) / self._rate
        self._queue.append(data)
        self._octets += len(data)
        reactor.callLater(self._free + self._delay - now, self._deliver)
        if self._octets > self._most and not self._isPaused:
            self._isPaused = True
            self.source.pauseProducing()

    def _deliver(self) -> None:
        data = self._queue.popleft()
        self._octets -= len(data)
        if self.target is not None:
            self.target.write(data)
        if self._isPaused and self._octets < self._most:
            self._isPaused = False
            self.source.resumeProducing()


class _Far(Protocol):
    """To the server."""

    def __init__(self, near: _Near) -> None:
        self.near = near

    def dataReceived(self, data: bytes) -> None:
        self.near.down.carry(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        transport: Any = self.near.transport
        if transport is not None:
            reactor.callLater(2 * self.near.down._delay, transport.loseConnection)


class _Near(Protocol):
    """To the client."""

    factory: Proxy

    def __init__(self, up: _OneWay, down: _OneWay) -> None:
        self.up, self.down = up, down
        self._early: list[bytes] = []
        self._far: Any = None

    def connectionMade(self) -> None:
        self.factory._made(self)
        transport: Any = self.transport
        transport.setTcpNoDelay(True)
        self.up.source = self.down.target = transport
        endpoint = TCP4ClientEndpoint(reactor, *self.factory.place)
        connectProtocol(endpoint, _Far(self)).addCallback(self._connected)

    def _connected(self, far: Any) -> None:
        self._far = far
        far.transport.setTcpNoDelay(True)
        self.up.target = self.down.source = far.transport
        for data in self._early:
            self.up.carry(data)

    def dataReceived(self, data: bytes) -> None:
        if self._far is None:
            self._early.append(data)
        else:
            self.up.carry(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.down.target = None
        if self._far is not None:
            self._far.transport.loseConnection()
        self.factory._lost(self)


class Proxy(LoopbackServer):
    """
    @ivar host: where to connect to, with C{port}, once started.
    """

    def __init__(self, host: str, port: int, trip: float, rate: float = 1e12) -> None:
        """
        @param trip: seconds of a round trip.
        @param rate: octets a second, each way.
        """
        super().__init__(reactor)
        self.place = (host, port)
        self._trip, self._rate = trip, rate

    def buildProtocol(self, addr: Any) -> Any:
        ways = [_OneWay(self._trip / 2, self._rate) for _ in range(2)]
        made = _Near(*ways)
        made.factory = self
        return made
