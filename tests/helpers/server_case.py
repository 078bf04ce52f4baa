"""A test case with the public servers, and clients whose end is waited for."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc import IMAP4ClientFactory
from twisted_imapc.testing import EmbeddedServer, ScriptedServer, Send

GREETS = Send(b"* OK ready\r\n")


class QuietFactory(IMAP4ClientFactory):
    noisy = False


class ServerTestCase(CoroutineTestCase):
    timeout = 30

    async def embedded(self, *arguments: Any, **options: Any) -> EmbeddedServer:
        server = await EmbeddedServer(*arguments, **options).start()
        self.addCleanup(server.stop)
        return server

    async def scripted(self, *script: Any, **options: Any) -> ScriptedServer:
        server = await ScriptedServer(script, **options).start()
        self.addCleanup(server.stop)
        return server

    def connect(self, server: Any, factory: Any) -> Any:
        """
        Connect, and see to it that the end of the connection is waited for.
        """
        ended: Deferred[None] = Deferred()
        lost = factory.clientConnectionLost

        def clientConnectionLost(connector: Any, reason: Any) -> None:
            lost(connector, reason)
            if not ended.called:
                ended.callback(None)

        factory.clientConnectionLost = clientConnectionLost
        connector: Any = reactor.connectTCP(server.host, server.port, factory)

        def end() -> Any:
            if connector.state == "disconnected":
                return None
            connector.disconnect()
            return ended

        self.addCleanup(end)
        return connector
