"""
L{IMAP4ClientFactory}, and our client in the factories that programs have: the
plain one, one that reconnects, endpoints, a service.
"""

from __future__ import annotations

from typing import Any

from twisted.application.internet import ClientService
from twisted.internet import endpoints, error, reactor, task
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import (
    ClientFactory,
    Factory,
    ReconnectingClientFactory,
    connectionDone,
)
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.mail import imap4

from tests.helpers.server_case import GREETS, QuietFactory, ServerTestCase
from twisted_imapc import IMAP4Client
from twisted_imapc.testing import (
    TAG,
    Drop,
    ExpectCommand,
    Send,
)


class FactoryTests(ServerTestCase):
    async def test_fires(self) -> None:
        server = await self.embedded(3)
        factory = QuietFactory()
        self.connect(server, factory)
        client: Any = await factory.deferred
        self.assertIsInstance(client, IMAP4Client)
        self.assertIs(client.factory, factory)
        await client.login("user", "secret")
        self.assertEqual((await client.examine("INBOX"))["EXISTS"], 3)

    async def test_protocol(self) -> None:
        class Mine(IMAP4Client):
            pass

        class MineFactory(QuietFactory):
            protocol = Mine

        server = await self.embedded(1)
        for factory in (QuietFactory(protocol=Mine), MineFactory()):
            self.connect(server, factory)
            self.assertIsInstance(await factory.deferred, Mine)

    async def test_anyCallable(self) -> None:
        context = object()
        factory = QuietFactory(protocol=lambda: IMAP4Client(context))
        self.connect(await self.embedded(1), factory)
        self.assertIs((await factory.deferred).context, context)

    async def test_serverGreetingWithoutBase(self) -> None:
        greetings = []

        class Mine(IMAP4Client):
            def serverGreeting(self, capabilities: Any) -> None:
                greetings.append(capabilities)

        factory = QuietFactory(protocol=Mine)
        self.connect(await self.scripted(GREETS), factory)
        await factory.deferred
        # The hook came first.
        self.assertEqual(greetings, [None])

    async def test_preauth(self) -> None:
        factory = QuietFactory()
        self.connect(await self.scripted(Send(b"* PREAUTH hello\r\n")), factory)
        self.assertEqual((await factory.deferred).state, "auth")

    async def test_refused(self) -> None:
        server = await self.embedded(1)
        port = server.port
        await server.stop()
        factory = QuietFactory()
        reactor.connectTCP("127.0.0.1", port, factory)
        await self.assertFailure(factory.deferred, error.ConnectionRefusedError)

    async def test_lostEarly(self) -> None:
        for greeting in (b"", b"*", b"* OK ready", b"* OK ready\r"):
            factory = QuietFactory()
            self.connect(await self.scripted(Send(greeting), Drop()), factory)
            await self.assertFailure(factory.deferred, error.ConnectionDone)

    async def test_reset(self) -> None:
        server = await self.scripted(Send(b"* O"), Drop(abort=True))
        factory = QuietFactory()
        self.connect(server, factory)
        await self.assertFailure(factory.deferred, error.ConnectionLost)

    async def test_bye(self) -> None:
        server = await self.scripted(Send(b"* BYE full up\r\n"))
        factory = QuietFactory()
        self.connect(server, factory)
        with self.assertRaises(imap4.IMAP4Exception) as raised:
            await factory.deferred
        self.assertIn("full up", str(raised.exception))

    async def test_noGreeting(self) -> None:
        server = await self.scripted(Send(b"220 mail.example.org ESMTP\r\n"))
        factory = QuietFactory()
        self.connect(server, factory)
        await self.assertFailure(factory.deferred, imap4.IllegalServerResponse)

    async def test_eachAttempt(self) -> None:
        """
        Each attempt has a Deferred; the last one's stays until the next begins.
        """
        factory = QuietFactory()
        first = factory.deferred
        connector = self.connect(await self.scripted(Send(b"* BYE later\r\n")), factory)
        self.assertIs(factory.deferred, first)
        await self.assertFailure(first, imap4.IMAP4Exception)
        self.assertIs(factory.deferred, first)
        while connector.state != "disconnected":
            await task.deferLater(reactor, 0.01)

        self.connect(await self.embedded(1), factory)
        second = factory.deferred
        self.assertIsNot(second, first)
        self.assertIsInstance(await second, IMAP4Client)

    async def test_connectInErrback(self) -> None:
        """
        An errback may begin the next attempt at once.
        """
        good = await self.embedded(1)
        factory = QuietFactory()

        def again(failure: Any) -> Any:
            self.connect(good, factory)
            return factory.deferred

        first = factory.deferred.addErrback(again)
        self.connect(await self.scripted(Drop()), factory)
        self.assertIsInstance(await first, IMAP4Client)

    async def test_oldConnectionEnds(self) -> None:
        """
        The end of an older connection is not the new attempt's.
        """
        factory = QuietFactory()
        old = self.connect(await self.embedded(1), factory)
        await factory.deferred
        silent = await self.scripted()
        self.connect(silent, factory)
        second = factory.deferred
        old.disconnect()
        while old.state != "disconnected":
            await task.deferLater(reactor, 0.01)
        self.assertFalse(second.called)
        await silent.stop()
        await self.assertFailure(second, error.ConnectionLost)

    async def test_cancelConnecting(self) -> None:
        factory = QuietFactory()
        connector: Any = reactor.connectTCP("127.0.0.1", (await self.embedded(1)).port, factory)
        factory.deferred.cancel()
        await self.assertFailure(factory.deferred, CancelledError)
        self.assertEqual(connector.state, "disconnected")

    async def test_cancelBeforeGreeting(self) -> None:
        server = await self.scripted()
        factory = QuietFactory()
        connector = self.connect(server, factory)
        while not server._open:
            await task.deferLater(reactor, 0.01)
        factory.deferred.cancel()
        await self.assertFailure(factory.deferred, CancelledError)
        while connector.state != "disconnected":
            await task.deferLater(reactor, 0.01)

    async def test_endpoint(self) -> None:
        """
        With an endpoint nobody tells the factory that an attempt begins.
        """
        server = await self.embedded(1)
        factory = QuietFactory()
        for _ in range(2):
            endpoint = endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)
            client: Any = await endpoint.connect(factory)
            self.assertIs(await factory.deferred, client)

    def test_lostWithoutOurBuildProtocol(self) -> None:
        """
        A subclass that builds clients on its own still hears of a loss.
        """

        class Own(QuietFactory):
            def buildProtocol(self, addr: Any) -> Any:
                return IMAP4Client()

        factory = Own()
        connector: Any = object.__new__(type("C", (), {"disconnect": lambda self: None}))
        factory.startedConnecting(connector)
        factory.buildProtocol(None).makeConnection(StringTransport())
        factory.clientConnectionLost(connector, connectionDone)
        self.failureResultOf(factory.deferred, error.ConnectionDone)

    def test_unused(self) -> None:
        """
        A factory that never connects leaves nothing behind.
        """
        self.assertNoResult(QuietFactory().deferred)


class OtherFactoriesTests(ServerTestCase):
    """
    The client needs none of what our factory gives it.
    """

    async def test_clientFactory(self) -> None:
        ready: Deferred[Any] = Deferred()

        class Mine(IMAP4Client):
            def serverGreeting(self, capabilities: Any) -> None:
                ready.callback(self)

        factory = ClientFactory()
        factory.noisy = False
        factory.protocol = Mine
        self.connect(await self.embedded(2), factory)
        client = await ready
        await client.login("user", "secret")
        self.assertEqual((await client.select("INBOX"))["EXISTS"], 2)

    async def test_forProtocol(self) -> None:
        server = await self.embedded(2)
        factory = Factory.forProtocol(IMAP4Client)
        factory.noisy = False
        endpoint = endpoints.HostnameEndpoint(reactor, server.host, server.port)
        client: Any = await endpoint.connect(factory)
        # The greeting need not have come.
        await client.login("user", "secret")
        await client.logout()

    async def test_connectProtocol(self) -> None:
        server = await self.embedded(2)
        endpoint = endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)
        client: Any = await endpoints.connectProtocol(endpoint, IMAP4Client())
        self.assertIn(b"IMAP4rev1", await client.getCapabilities())
        await client.logout()

    async def test_reconnecting(self) -> None:
        """
        A new client each time; the old one's Deferreds have failed by then.
        """
        server = await self.scripted(GREETS, ExpectCommand(b"NOOP"), Drop())
        outcomes: list[str] = []
        enough: Deferred[None] = Deferred()

        class Mine(IMAP4Client):
            def serverGreeting(self, capabilities: Any) -> None:
                factory.resetDelay()
                self.noop().addErrback(self.failed)

            def failed(self, failure: Any) -> None:
                outcomes.append(failure.type.__name__)
                if len(outcomes) == 3:
                    factory.stopTrying()
                    enough.callback(None)

        factory = ReconnectingClientFactory()
        factory.noisy = False
        factory.protocol = Mine
        factory.initialDelay = factory.delay = 0.01
        self.connect(server, factory)
        await enough
        self.assertEqual(outcomes, ["ConnectionDone"] * 3)

    async def test_reconnectingWithOurs(self) -> None:
        """
        Both at once: a Deferred for each attempt of a factory that goes on.
        """

        class Both(QuietFactory, ReconnectingClientFactory):
            initialDelay = delay = 0.01

        factory = Both()
        first = factory.deferred
        connector = self.connect(await self.scripted(Send(b"* BYE not yet\r\n")), factory)
        await self.assertFailure(first, imap4.IMAP4Exception)
        good = await self.embedded(1)
        connector.port = good.port
        while factory.deferred is first:
            await task.deferLater(reactor, 0.01)
        self.assertIsInstance(await factory.deferred, IMAP4Client)
        factory.stopTrying()

    async def test_service(self) -> None:
        server = await self.embedded(2)
        factory = Factory.forProtocol(IMAP4Client)
        factory.noisy = False
        endpoint = endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)
        service = ClientService(endpoint, factory, retryPolicy=lambda _: 0.01)
        service.startService()
        self.addCleanup(service.stopService)
        client: Any = await service.whenConnected()
        await client.login("user", "secret")
        client.transport.abortConnection()
        again: Any = client
        while again is client:
            await task.deferLater(reactor, 0.01)
            again = await service.whenConnected()
        await again.login("user", "secret")

    async def test_serviceWithOurs(self) -> None:
        server = await self.scripted(GREETS, ExpectCommand(), Send(TAG + b" OK done\r\n"))
        factory = QuietFactory()
        endpoint = endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)
        service = ClientService(endpoint, factory)
        service.startService()
        self.addCleanup(service.stopService)
        client: Any = await factory.deferred
        await client.noop()

    def test_memoryReactor(self) -> None:
        """
        Nothing in the factory needs the global reactor.
        """
        memory = MemoryReactorClock()
        factory = QuietFactory()
        memory.connectTCP("mail.example.org", 143, factory)
        client: Any = factory.buildProtocol(None)
        client.makeConnection(StringTransport())
        self.assertNoResult(factory.deferred)
        client.dataReceived(b"* OK hi\r\n")
        self.assertIs(self.successResultOf(factory.deferred), client)
