"""
TLS with a real server, from the start and by STARTTLS: the password goes out under
TLS alone, and then there is mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.mail.imap4 import IMAP4Exception, PLAINAuthenticator

from tests.helpers import dovecot
from tests.helpers.certificates import REFUSALS, Authority, trusted_by_the_system
from tests.helpers.classes import WAYS
from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc import Client, IMAP4ClientFactory, connect
from twisted_imapc.client import ConnectionGone, Insecure, UIDSet

pytestmark = pytest.mark.slow

reactor: Any = _reactor

AUTHORITY = Authority()

# Not the address that clients come from, which would be as good as TLS to Dovecot.
HOST = "127.0.0.2"

MAIL = [b"Subject: under TLS\r\n\r\nhello\r\n"]


@pytest.fixture(scope="module")
def tls_server(missing: Callable[[str], Any]) -> Iterator[dovecot.Dovecot]:
    if dovecot.find() is None:
        missing("Dovecot 2.3 is not installed")
    certificate = AUTHORITY.issue("localhost", HOST)
    with dovecot.Dovecot(certificate.pem, certificate.key, HOST) as one:
        one.user("somebody", MAIL)
        yield one


class DovecotTLSTests(CoroutineTestCase):
    timeout = 60
    server: dovecot.Dovecot

    @pytest.fixture(autouse=True)
    def _server(self, tls_server: dovecot.Dovecot) -> None:
        self.server = tls_server
        self.login = ("somebody", tls_server.password)

    def watched(self, way: str = "fast", context: Any = None) -> Callable[[], Any]:
        """Makes clients whose end is waited for, and which remember their greeting."""
        case = self
        base: Any = WAYS[way]

        class Watched(base):
            def connectionMade(self) -> None:
                self.ended: Deferred[None] = Deferred()
                case.addCleanup(self.end)
                super().connectionMade()

            def connectionLost(self, reason: Any) -> None:
                super().connectionLost(reason)
                self.ended.callback(None)

            def serverGreeting(self, capabilities: Any) -> None:
                self.greeting = capabilities

            def end(self) -> Deferred[None]:
                if not self.ended.called:
                    self.transport.abortConnection()
                ended: Deferred[None] = self.ended
                return ended

        return lambda: Watched(context)

    def endpoint(self) -> Any:
        return TCP4ClientEndpoint(reactor, HOST, self.server.port)

    async def readsMail(self, client: Any) -> None:
        """This client is logged in."""
        self.assertEqual((await client.examine("INBOX"))["EXISTS"], 1)
        fetched = await client.fetchSpecific(
            "1", headerType="HEADER.FIELDS", headerArgs=["Subject"]
        )
        self.assertIn("Subject: under TLS", fetched[1][0][2])
        await client.logout()

    async def test_fromTheStart(self) -> None:
        for way in WAYS:
            url = f"imaps://{HOST}:{self.server.tls_port}"
            client: Any = await connect(url, self.watched(way), tls=AUTHORITY.trusting(HOST))
            await client.login(*self.login)
            await self.readsMail(client)

    async def test_startTLS(self) -> None:
        """Greeted with what is offered under TLS, which is not what is offered without."""
        for way in WAYS:
            url = f"imap://{HOST}:{self.server.port}"
            client: Any = await connect(url, self.watched(way), tls=AUTHORITY.trusting(HOST))
            self.assertNotIn(b"STARTTLS", client.greeting)
            self.assertNotIn(b"LOGINDISABLED", client.greeting)
            self.assertIn(b"PLAIN", client.greeting[b"AUTH"])
            await client.login(*self.login)
            await self.readsMail(client)

    async def test_endpoint(self) -> None:
        """connect() leaves TLS to the endpoint."""
        endpoint = TCP4ClientEndpoint(reactor, HOST, self.server.tls_port)
        wrapped = wrapClientTLS(AUTHORITY.trusting(HOST), endpoint)
        client: Any = await connect(wrapped, self.watched())
        await client.login(*self.login)
        await self.readsMail(client)

    async def test_loginDisabledInTheClear(self) -> None:
        """login() goes by way of STARTTLS, and what was offered before is forgotten."""
        for way in WAYS:
            context = AUTHORITY.trusting(HOST)
            client: Any = await connect(self.endpoint(), self.watched(way, context))
            offered = await client.getCapabilities()
            self.assertIn(b"LOGINDISABLED", offered)
            self.assertIn(b"STARTTLS", offered)
            await client.login(*self.login)
            self.assertTrue(client.startedTLS)
            await self.readsMail(client)

    async def test_authenticate(self) -> None:
        """authenticate() finds PLAIN under TLS only."""
        context = AUTHORITY.trusting(HOST)
        client: Any = await connect(self.endpoint(), self.watched(context=context))
        self.assertNotIn(b"PLAIN", (await client.getCapabilities()).get(b"AUTH", ()))
        client.registerAuthenticator(PLAINAuthenticator(b"somebody"))
        await client.authenticate(self.server.password.encode())
        self.assertTrue(client.startedTLS)
        await self.readsMail(client)

    async def test_capabilitiesForgotten(self) -> None:
        """Dovecot offers most of what it can do after the login only."""
        url = f"imaps://{HOST}:{self.server.tls_port}"
        client: Any = await connect(url, self.watched(), tls=AUTHORITY.trusting(HOST))
        before = await client.getCapabilities()
        await client.login(*self.login)
        after = await client.getCapabilities()
        self.assertNotIn(b"NAMESPACE", before)
        self.assertIn(b"NAMESPACE", after)
        self.assertNotIn(b"AUTH", after)

    async def test_factory(self) -> None:
        """All four arguments, TCP alone: the client comes logged in."""
        trusted_by_the_system(self, AUTHORITY.pem)
        for way in WAYS:
            factory = IMAP4ClientFactory(*self.login, "localhost", self.watched(way))
            factory.noisy = False
            reactor.connectTCP(HOST, self.server.port, factory)
            client: Any = await factory.deferred
            self.assertTrue(client.startedTLS)
            await self.readsMail(client)

    async def test_factoryWrongPassword(self) -> None:
        """The server's text."""
        trusted_by_the_system(self, AUTHORITY.pem)
        factory = IMAP4ClientFactory("somebody", "wrong", "localhost", self.watched())
        factory.noisy = False
        reactor.connectTCP(HOST, self.server.port, factory)
        with self.assertRaises(IMAP4Exception) as raised:
            await factory.deferred
        self.assertIn("Authentication failed", str(raised.exception))

    async def test_refused(self) -> None:
        """An unknown authority, and a certificate for another name."""
        imaps = f"imaps://{HOST}:{self.server.tls_port}"
        imap = f"imap://{HOST}:{self.server.port}"
        for url in (imap, imaps):
            for tls in (None, AUTHORITY.trusting("other.example"), Authority().trusting(HOST)):
                with self.assertRaises(REFUSALS):
                    await connect(url, self.watched(), tls=tls)


class DovecotClientTLSTests(CoroutineTestCase):
    """The same for Client."""

    timeout = 60
    server: dovecot.Dovecot

    @pytest.fixture(autouse=True)
    def _server(self, tls_server: dovecot.Dovecot) -> None:
        self.server = tls_server

    def urls(self) -> tuple[str, str]:
        return f"imaps://{HOST}:{self.server.tls_port}", f"imap://{HOST}:{self.server.port}"

    async def test_theFirstProgram(self) -> None:
        """What the README shows, from the start under TLS and by STARTTLS."""
        for number, url in enumerate(self.urls()):
            user = self.server.user(f"client{number}", MAIL * 3)
            told: list[bytes] = []
            saved: list[Any] = []
            connecting = Client.connect(url, tls=AUTHORITY.trusting(HOST))
            async with await connecting as client:
                client.trace = lambda who, line: told.append(line)  # noqa: B023
                self.assertTrue(client.secure)
                self.assertNotIn("LOGINDISABLED", client.capabilities)
                await client.login(user, self.server.password)
                inbox = await client.select("INBOX")
                self.assertEqual(inbox.exists, 3)
                async for message in client.fetch("1:*", "FLAGS", "ENVELOPE", "BODY.PEEK[]"):
                    assert message.flags is not None and message.envelope is not None
                    assert message.uid is not None
                    if "\\Seen" not in message.flags:
                        await client.store(message.uid, add=["\\Seen"])
                    saved.append((message.uid, message.envelope.subject, message["BODY.PEEK[]"]))
                self.assertEqual(await client.search("SEEN"), UIDSet("1:3"))
            self.assertEqual(client.state, "closed")
            self.assertEqual(saved, [(uid, "under TLS", MAIL[0]) for uid in (1, 2, 3)])
            self.assertNotIn(self.server.password.encode(), b"".join(told))

    async def test_refused(self) -> None:
        """An unknown authority, and a certificate for another name."""
        for url in self.urls():
            for tls in (None, AUTHORITY.trusting("other.example"), Authority().trusting(HOST)):
                with self.assertRaises(ConnectionGone) as raised:
                    await Client.connect(url, tls=tls)
                self.assertIsInstance(raised.exception.cause, REFUSALS)

    async def test_noSecretInTheClear(self) -> None:
        client = await Client.connect(self.endpoint())
        self.assertIn("LOGINDISABLED", client.capabilities)
        with self.assertRaises(Insecure):
            await client.login("somebody", self.server.password)
        await client.logout()

    def endpoint(self) -> Any:
        return TCP4ClientEndpoint(reactor, HOST, self.server.port)
