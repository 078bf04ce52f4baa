"""
What the servers share: they listen on 127.0.0.1, and leave nothing behind.
"""

from __future__ import annotations

from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import ServerFactory

Server = TypeVar("Server", bound="LoopbackServer")


class LoopbackServer(ServerFactory):
    """
    A server on 127.0.0.1, which can be stopped without a trace.

    @ivar host: Always C{"127.0.0.1"}.
    @ivar port: The port, once started.
    """

    noisy = False
    host = "127.0.0.1"
    port = 0

    _listening: Any = None

    def __init__(self, reactor: Any = None) -> None:
        if reactor is None:
            from twisted.internet import reactor
        self._reactor = reactor
        # Each open connection, and what its end has to fire once stop() waits.
        self._open: dict[Any, Deferred[None]] = {}

    def start(self: Server) -> Deferred[Server]:
        """
        Listen.

        @return: Fires with this server, whose C{port} is known then.
        """

        def listening(port: Any) -> Server:
            self._listening = port
            self.port = port.getHost().port
            return self

        endpoint = TCP4ServerEndpoint(self._reactor, 0, interface=self.host)
        return endpoint.listen(self).addCallback(listening)

    def stop(self) -> Deferred[None]:
        """
        Listen no more, and drop the connections that are open.

        @return: Fires when all of them are gone.
        """
        port, self._listening = self._listening, None
        ends: list[Deferred[Any]] = [] if port is None else [port.stopListening()]
        for connection, end in list(self._open.items()):
            ends.append(end)
            connection.transport.abortConnection()
        return DeferredList(ends).addCallback(lambda _: None)

    def _made(self, connection: Any) -> None:
        self._open[connection] = Deferred()

    def _lost(self, connection: Any) -> None:
        self._open.pop(connection).callback(None)
