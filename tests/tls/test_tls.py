"""
TLS over real sockets and with real certificates: which are taken, what is said
before and after, and that the password leaves under no other.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from twisted.internet import reactor as _reactor
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectionDone, ConnectionLost, TimeoutError
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Factory, ServerFactory
from twisted.internet.task import deferLater
from twisted.logger import LogLevel, capturedLogs, formatEvent, globalLogPublisher
from twisted.mail.imap4 import IllegalServerResponse, IMAP4Exception, PLAINAuthenticator
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

from tests.helpers.certificates import (
    REFUSALS,
    Authority,
    ServerCertificate,
    self_signed,
    trusted_by_the_system,
)
from tests.helpers.classes import WAYS
from tests.helpers.coroutines import CoroutineTestCase
from tests.helpers.rig import Rig, TLSMemoryTransport
from twisted_imapc import IMAP4Client, IMAP4ClientFactory, connect

reactor: Any = _reactor

USER, PASSWORD = "somebody", "s3cret"

AUTHORITY = Authority()
GOOD = AUTHORITY.issue("localhost")


@implementer(IHandshakeListener)
class ServedClient(LineReceiver):
    """One client of a L{Server}."""

    factory: Server
    transport: Any

    def connectionMade(self) -> None:
        self.factory.connections[self] = Deferred()
        if self.factory.greeting:
            self.sendLine(self.factory.greeting)

    def handshakeCompleted(self) -> None:
        if self.factory.handshakes is not None:
            self.factory.handshakes.callback(None)

    def connectionLost(self, reason: Any = None) -> None:
        self.factory.connections[self].callback(None)

    @property
    def secure(self) -> bool:
        return ISSLTransport(self.transport, None) is not None

    def dataReceived(self, data: bytes) -> None:
        self.factory.octets[self.secure] += data
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        server = self.factory
        tag, verb = line.split()[:2]
        server.heard.append((self.secure, verb))
        if (self.secure, verb) == server.hangsUpAt:
            self.transport.loseConnection()
            return
        if (self.secure, verb) == server.muteAt:
            return
        if (self.secure, verb) == server.cutAt:
            self.transport.write(b"* BYE soon\r\n")
            reactor.callLater(0.1, self.transport.socket.shutdown, socket.SHUT_WR)
            return
        if verb == b"CAPABILITY":
            offered = server.offeredUnderTLS if self.secure else server.offered
            self.sendLine(b"* CAPABILITY IMAP4rev1 " + offered)
        status = server.answers.get(verb, b"OK done")
        behind = server.behind if verb == b"STARTTLS" else b""
        self.transport.write(tag + b" " + status + b"\r\n" + behind)
        if verb == b"STARTTLS" and status.startswith(b"OK"):
            if server.handshake:
                self.transport.startTLS(server.options)
            else:
                self.setRawMode()
        elif verb == b"LOGOUT":
            self.transport.loseConnection()

    def rawDataReceived(self, data: bytes) -> None:
        """What comes in place of a line when TLS was promised and not begun."""


class Server(ServerFactory):
    """
    As much of an IMAP server as connecting and LOGIN need.

    @ivar octets: what it heard, in the clear and under TLS.
    @ivar heard: the commands, each with whether it came under TLS.
    @ivar answers: for a verb, what it says after the tag.
    @ivar behind: octets right behind the answer to STARTTLS.
    @ivar muteAt: what of C{heard} it does not answer.
    @ivar hangsUpAt: what of C{heard} it closes at.
    @ivar cutAt: what of C{heard} it answers with a BYE and the end of TCP, which ends
        no TLS.
    @ivar handshake: whether it begins TLS after its OK to STARTTLS.
    @ivar handshakes: fires when a client is under TLS, where that is from the start.
    """

    noisy = False

    greeting = b"* OK hello"
    offered = b"STARTTLS LOGINDISABLED"
    offeredUnderTLS = b"AUTH=PLAIN"
    answers: dict[bytes, bytes] = {}
    behind = b""
    muteAt: tuple[bool, bytes] | None = None
    hangsUpAt: tuple[bool, bytes] | None = None
    cutAt: tuple[bool, bytes] | None = None
    handshake = True
    handshakes: Any = None

    def __init__(self, certificate: ServerCertificate = GOOD, **options: Any) -> None:
        self.options = certificate.options()
        self.octets = {False: b"", True: b""}
        self.heard: list[tuple[bool, bytes]] = []
        self.connections: dict[ServedClient, Deferred[None]] = {}
        for name, value in options.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def buildProtocol(self, addr: Any) -> Any:
        connection = ServedClient()
        connection.factory = self
        return connection

    def listen(self, implicit: bool = False) -> None:
        """On a port of its own; with TLS from the start if implicit."""
        if implicit:
            self._listening = reactor.listenSSL(0, self, self.options, interface="127.0.0.1")
        else:
            self._listening = reactor.listenTCP(0, self, interface="127.0.0.1")
        self.port: int = self._listening.getHost().port

    def gone(self) -> Deferred[Any]:
        """Fires when all of its clients have gone."""
        return DeferredList(list(self.connections.values()))

    def stop(self) -> Deferred[Any]:
        for connection, ended in self.connections.items():
            if not ended.called:
                connection.transport.abortConnection()
        return DeferredList([self._listening.stopListening(), self.gone()])

    def verbs(self, secure: bool) -> list[bytes]:
        return [verb for under, verb in self.heard if under is secure]


class TLSTestCase(CoroutineTestCase):
    timeout = 30

    #: Whether the server speaks TLS from the start.
    implicit = False

    #: The class of the clients.
    base: Any = WAYS["fast"]

    def watched(self) -> Any:
        """A class whose clients write down with which capabilities they were greeted."""
        self.greetings: list[Any] = []
        greetings = self.greetings
        base: Any = self.base

        class Watched(base):
            def serverGreeting(self, capabilities: Any) -> None:
                greetings.append(capabilities)

        return Watched

    def serve(self, certificate: ServerCertificate = GOOD, **options: Any) -> Server:
        server = Server(certificate, **options)
        server.listen(self.implicit)
        self.addCleanup(server.stop)
        return server

    def trust(self, pem: bytes) -> None:
        trusted_by_the_system(self, pem)

    async def plain(self, server: Server, client: Any) -> Any:
        """Connect this client, and nothing more; it need not have its greeting."""
        factory = Factory.forProtocol(lambda: client)
        factory.noisy = False
        await TCP4ClientEndpoint(reactor, "127.0.0.1", server.port).connect(factory)
        self.addCleanup(client.transport.abortConnection)
        return client

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await deferLater(reactor, 0.005)

    async def fails(self, attempt: Awaitable[Any], *kinds: type[BaseException]) -> Any:
        """The exception, which has to be one of these."""
        try:
            result = await attempt
        except kinds as e:
            return e
        self.fail(f"no failure, but {result!r}")

    def assertSilent(self, server: Server) -> None:
        """Nothing of the user's has come, and no client has tried."""
        for octets in server.octets.values():
            self.assertNotIn(PASSWORD.encode(), octets)
            self.assertNotIn(USER.encode(), octets)
        for _, verb in server.heard:
            self.assertNotIn(verb, (b"LOGIN", b"AUTHENTICATE"))


@pytest.mark.row("No certificate is verified")
class CertificateTests:
    """
    For each way to a client under TLS that has a host name: which certificates
    are taken.
    """

    #: Whether the client greets only once it is under TLS.
    greetsUnderTLS = True

    async def enter(self: Any, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        """Connect to this name, and log in; trust somebody else than the system does."""
        raise NotImplementedError

    async def assertTaken(self: Any, server: Server, **options: Any) -> None:
        client = await self.enter(server, **options)
        self.assertEqual(len(self.greetings), 1)
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])
        self.assertIn(PASSWORD.encode(), server.octets[True])
        self.assertNotIn(PASSWORD.encode(), server.octets[False])
        self.assertEqual(server.verbs(secure=False), [] if self.implicit else self.inTheClear)
        await client.logout()
        await server.gone()

    #: What is said before TLS: that the server can STARTTLS is to be known first.
    inTheClear = [b"CAPABILITY", b"STARTTLS"]

    async def assertRefused(self: Any, server: Server, **options: Any) -> None:
        e = await self.fails(self.enter(server, **options), *REFUSALS)
        await server.gone()
        self.assertSilent(server)
        self.assertEqual(server.verbs(secure=True), [])
        self.assertEqual(len(self.greetings), 0 if self.greetsUnderTLS else 1)
        self.flushLoggedErrors(*REFUSALS)  # login() logs why STARTTLS failed, as Twisted's does
        return e

    async def test_valid(self: Any) -> None:
        """An authority of one's own is one line."""
        await self.assertTaken(self.serve(), trust=AUTHORITY)

    async def test_validForTheSystem(self: Any) -> None:
        """With no word about TLS: the authorities of the system."""
        self.trust(AUTHORITY.pem)
        await self.assertTaken(self.serve())

    async def test_validAddress(self: Any) -> None:
        """A certificate may be for an address."""
        self.trust(AUTHORITY.pem)
        await self.assertTaken(self.serve(AUTHORITY.issue("127.0.0.1")), name="127.0.0.1")

    async def test_pinned(self: Any) -> None:
        """A certificate without authority, which the client was told to trust."""
        lonely = self_signed()
        await self.assertTaken(self.serve(lonely), trust=lonely)

    async def test_expired(self: Any) -> None:
        self.trust(AUTHORITY.pem)
        e = await self.assertRefused(self.serve(AUTHORITY.expired()))
        self.assertIn("certificate verify failed", str(e))

    async def test_premature(self: Any) -> None:
        self.trust(AUTHORITY.pem)
        await self.assertRefused(self.serve(AUTHORITY.premature()))

    async def test_expiredOfOurs(self: Any) -> None:
        """Also where the authority was named."""
        await self.assertRefused(self.serve(AUTHORITY.expired()), trust=AUTHORITY)

    async def test_wrongHost(self: Any) -> None:
        """A good certificate of somebody else's."""
        self.trust(AUTHORITY.pem)
        await self.assertRefused(self.serve(AUTHORITY.issue("other.example")))

    async def test_wrongHostOfOurs(self: Any) -> None:
        other = AUTHORITY.issue("other.example")
        await self.assertRefused(self.serve(other), trust=AUTHORITY)

    async def test_commonName(self: Any) -> None:
        """The subject's common name is no host name (RFC 9110, section 4.3.4)."""
        self.trust(AUTHORITY.pem)
        other = AUTHORITY.issue("other.example", common_name="localhost")
        await self.assertRefused(self.serve(other))

    async def test_nameIsNoAddress(self: Any) -> None:
        """Whoever gives an address wants a certificate for that."""
        self.trust(AUTHORITY.pem)
        await self.assertRefused(self.serve(GOOD), name="127.0.0.1")

    async def test_selfSigned(self: Any) -> None:
        await self.assertRefused(self.serve(self_signed()))

    async def test_selfSignedAndOurs(self: Any) -> None:
        await self.assertRefused(self.serve(self_signed()), trust=AUTHORITY)

    async def test_unknownAuthority(self: Any) -> None:
        """With no word about TLS a private authority is nobody."""
        await self.assertRefused(self.serve())

    async def test_otherAuthority(self: Any) -> None:
        await self.assertRefused(self.serve(), trust=Authority())


class ClientTestCase(TLSTestCase):
    """A client with tlsHostname, over TCP."""

    greetsUnderTLS = False

    async def client(self, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        client = self.watched()(trust and trust.trusting(name))
        client.tlsHostname = name
        return await self.plain(server, client)


class StartTLSCertificateTests(ClientTestCase, CertificateTests):
    """startTLS() of a client with tlsHostname."""

    async def enter(self: Any, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        client = await self.client(server, name, trust)
        await client.startTLS()
        await client.login(USER, PASSWORD)
        return client


class LoginCertificateTests(ClientTestCase, CertificateTests):
    """login() alone, which starts TLS."""

    async def enter(self: Any, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        client = await self.client(server, name, trust)
        await client.login(USER, PASSWORD)
        return client


class ConnectCertificateTests(TLSTestCase, CertificateTests):
    """connect("imap://...")"""

    scheme = "imap"

    async def enter(self: Any, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        url = f"{self.scheme}://{name}:{server.port}"
        client = await connect(url, self.watched(), tls=trust and trust.trusting(name))
        await client.login(USER, PASSWORD)
        return client


class ConnectTLSCertificateTests(ConnectCertificateTests):
    """connect("imaps://...")"""

    scheme = "imaps"
    implicit = True


class FactoryCertificateTests(TLSTestCase, CertificateTests):
    """IMAP4ClientFactory with a host name"""

    async def enter(self: Any, server: Server, name: str = "localhost", trust: Any = None) -> Any:
        if trust is not None:
            self.trust(trust.pem)
        factory = IMAP4ClientFactory(USER, PASSWORD, name, self.watched())
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", server.port, factory)
        return await factory.deferred


class ServerDialogues:
    """
    What is said before TLS and after it, on each way to a client that has to be
    under TLS before anything else.
    """

    def begin(self: Any, server: Server) -> Deferred[Any]:
        """The Deferred of a client that trusts the server, before or after its login."""
        raise NotImplementedError

    async def enter(self: Any, server: Server) -> Any:
        """The client after its login."""
        client = await self.begin(server)
        if b"LOGIN" not in server.verbs(secure=True):
            await client.login(USER, PASSWORD)
        return client

    async def assertGivenUp(self: Any, server: Server, *kinds: type[BaseException]) -> Any:
        """It fails, closes, and has neither greeted nor told anything."""
        e = await self.fails(self.begin(server), *kinds)
        await server.gone()
        self.assertSilent(server)
        self.assertEqual(self.greetings, [])
        self.assertEqual(len(server.connections), 1)
        return e

    async def test_said(self: Any) -> None:
        """In the clear only what is needed, and greeted with what is offered under TLS."""
        server = self.serve()
        client = await self.enter(server)
        self.assertEqual(server.verbs(secure=False), [b"CAPABILITY", b"STARTTLS"])
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])
        self.assertEqual(self.greetings, [{b"IMAP4rev1": None, b"AUTH": [b"PLAIN"]}])
        self.assertTrue(client.startedTLS)
        self.assertTrue(client.requireTLS)
        self.assertEqual(client.tlsHostname, "localhost")
        await client.logout()

    async def test_greetingTellsCapabilities(self: Any) -> None:
        """What the greeting tells is good enough to begin with, and forgotten under TLS."""
        server = self.serve(greeting=b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=EVIL] hello")
        client = await self.begin(server)
        self.assertEqual(server.verbs(secure=False), [b"STARTTLS"])
        self.assertEqual(self.greetings, [{b"IMAP4rev1": None, b"AUTH": [b"PLAIN"]}])
        await client.logout()

    async def test_lowerCase(self: Any) -> None:
        """Names of capabilities are in any case."""
        server = self.serve(offered=b"starttls logindisabled")
        await (await self.enter(server)).logout()
        self.assertEqual(server.verbs(secure=False), [b"CAPABILITY", b"STARTTLS"])

    async def test_loginDisabledUnderTLS(self: Any) -> None:
        """No LOGIN, whatever it was that the server wants instead."""
        server = self.serve(offeredUnderTLS=b"AUTH=GSSAPI LoginDisabled")
        await self.fails(self.enter(server), IMAP4Exception)
        self.assertSilent(server)
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY"])

    async def test_no(self: Any) -> None:
        server = self.serve(answers={b"STARTTLS": b"NO not today"})
        e = await self.assertGivenUp(server, IMAP4Exception)
        self.assertIn("not today", str(e))
        self.assertEqual(server.verbs(secure=False), [b"CAPABILITY", b"STARTTLS"])

    async def test_bad(self: Any) -> None:
        server = self.serve(answers={b"STARTTLS": b"BAD what is that"})
        e = await self.assertGivenUp(server, IMAP4Exception)
        self.assertIn("what is that", str(e))

    async def test_capabilityRefused(self: Any) -> None:
        server = self.serve(answers={b"CAPABILITY": b"NO never"})
        e = await self.assertGivenUp(server, IMAP4Exception)
        self.assertIn("never", str(e))

    async def test_notOffered(self: Any) -> None:
        """Whoever is in the middle may have taken it out."""
        for options in (
            {"offered": b"AUTH=PLAIN"},
            {"offered": b"X-STARTTLS STARTTLS2 AUTH=STARTTLS"},
            {"greeting": b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello"},
        ):
            server = self.serve(**options)
            await self.assertGivenUp(server, IMAP4Exception)
            self.assertNotIn(b"STARTTLS", server.verbs(secure=False))

    async def test_preauth(self: Any) -> None:
        """It is too late for STARTTLS then (RFC 9051, section 11.1)."""
        for greeting in (b"* PREAUTH hello", b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello"):
            server = self.serve(greeting=greeting)
            e = await self.assertGivenUp(server, IMAP4Exception)
            self.assertIn("PREAUTH", str(e))
            self.assertEqual(server.heard, [])

    async def test_bye(self: Any) -> None:
        server = self.serve(greeting=b"* BYE too many of you")
        e = await self.assertGivenUp(server, IMAP4Exception)
        self.assertIn("too many of you", str(e))

    @pytest.mark.row("Octets slipped in behind the answer to STARTTLS")
    async def test_octetsBehind(self: Any) -> None:
        """Somebody in the middle may have put them there: they are not from the server."""
        for behind in (
            b"* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n",
            b"0003 OK [CAPABILITY IMAP4rev1 AUTH=EVIL] done\r\n",
            b"* 9 EXISTS\r\n",
            b"\r\n",
            b"x",
        ):
            server = self.serve(behind=behind)
            e = await self.assertGivenUp(server, IllegalServerResponse)
            self.assertIn("STARTTLS", str(e))
            self.assertEqual(server.verbs(secure=True), [])

    async def test_clearTextForTLS(self: Any) -> None:
        """A server that says OK and then goes on as before."""
        server = self.serve(handshake=False)
        begun = self.begin(server)
        await self.until(lambda: b"\x16\x03" in server.octets[False])
        for connection in server.connections:
            connection.sendLine(b"* CAPABILITY IMAP4rev1\r\n0003 OK done")
        await self.fails(begun, *REFUSALS)
        await server.gone()
        self.assertSilent(server)
        self.assertEqual(self.greetings, [])

    async def test_hungUp(self: Any) -> None:
        """The server goes away, before TLS and under it."""
        for at in ((False, b"CAPABILITY"), (False, b"STARTTLS"), (True, b"CAPABILITY")):
            server = self.serve(hangsUpAt=at)
            await self.assertGivenUp(server, ConnectionDone)
            self.assertEqual(server.heard[-1], at)

    async def test_hungUpInHandshake(self: Any) -> None:
        server = self.serve(handshake=False)
        begun = self.begin(server)
        await self.until(lambda: b"\x16\x03" in server.octets[False])
        for connection in server.connections:
            connection.transport.abortConnection()
        await self.fails(begun, ConnectionDone, ConnectionLost, *REFUSALS)
        self.assertSilent(server)
        self.assertEqual(self.greetings, [])

    async def cancelled(self: Any, server: Server, reached: Callable[[], object]) -> None:
        begun = self.begin(server)
        await self.until(reached)
        begun.cancel()
        await self.fails(begun, CancelledError)
        await server.gone()
        self.assertEqual(self.greetings, [])
        self.assertNotIn(PASSWORD.encode(), server.octets[False])

    async def test_cancelBeforeGreeting(self: Any) -> None:
        server = self.serve(greeting=b"")
        await self.cancelled(server, lambda: server.connections)

    async def test_cancelWaiting(self: Any) -> None:
        """For an answer, before TLS and under it."""
        for at in ((False, b"CAPABILITY"), (False, b"STARTTLS"), (True, b"CAPABILITY")):
            server = self.serve(muteAt=at)
            await self.cancelled(server, lambda at=at, server=server: at in server.heard)
            self.assertSilent(server)

    async def test_cancelInHandshake(self: Any) -> None:
        server = self.serve(handshake=False)
        await self.cancelled(server, lambda: b"\x16\x03" in server.octets[False])


class ConnectConversationTests(TLSTestCase, ServerDialogues):
    """connect("imap://...")"""

    def begin(self, server: Server) -> Deferred[Any]:
        url = f"imap://localhost:{server.port}"
        return connect(url, self.watched(), tls=AUTHORITY.trusting())


class ConnectLinesConversationTests(ConnectConversationTests):
    """The same on the other way in."""

    base = WAYS["lines"]


class FactoryConversationTests(TLSTestCase, ServerDialogues):
    """IMAP4ClientFactory with a host name"""

    username: str | None = None
    password: str | None = None

    def begin(self, server: Server) -> Deferred[Any]:
        self.trust(AUTHORITY.pem)
        factory = IMAP4ClientFactory(self.username, self.password, "localhost", self.watched())
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", server.port, factory)
        return factory.deferred


class FactoryLoginConversationTests(FactoryConversationTests):
    """IMAP4ClientFactory that logs in under TLS"""

    username, password = USER, PASSWORD

    async def test_wrongPassword(self) -> None:
        """NO to the login: the server's text, and the connection is closed."""
        server = self.serve(answers={b"LOGIN": b"NO [AUTHENTICATIONFAILED] not you"})
        e = await self.fails(self.begin(server), IMAP4Exception)
        self.assertIn("not you", str(e))
        await server.gone()
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])

    async def test_cancelLogin(self) -> None:
        server = self.serve(muteAt=(True, b"LOGIN"))
        begun = self.begin(server)
        await self.until(lambda: server.muteAt in server.heard)
        begun.cancel()
        await self.fails(begun, CancelledError)
        await server.gone()

    async def test_hungUpAtLogin(self) -> None:
        server = self.serve(hangsUpAt=(True, b"LOGIN"))
        await self.fails(self.begin(server), ConnectionDone)

    @pytest.mark.row("capabilities from before TLS or login are believed after it")
    async def test_capabilitiesAfterLogin(self) -> None:
        server = self.serve()
        client = await self.begin(server)
        server.offeredUnderTLS = b"IDLE"
        self.assertEqual(await client.getCapabilities(), {b"IMAP4rev1": None, b"IDLE": None})
        await client.logout()

    # These two have no client before the login.

    async def test_loginDisabledUnderTLS(self) -> None:
        server = self.serve(offeredUnderTLS=b"LOGINDISABLED")
        await self.fails(self.begin(server), IMAP4Exception)
        await server.gone()
        self.assertSilent(server)


class ImplicitTests(TLSTestCase):
    """TLS from the start: no STARTTLS, whatever is offered."""

    implicit = True

    def begin(self, server: Server) -> Deferred[Any]:
        url = f"imaps://localhost:{server.port}"
        return connect(url, self.watched(), tls=AUTHORITY.trusting())

    async def test_said(self) -> None:
        server = self.serve(offeredUnderTLS=b"STARTTLS")
        client = await self.begin(server)
        self.assertEqual(server.heard, [])
        self.assertEqual(self.greetings, [None])
        self.assertTrue(client.requireTLS)
        self.assertEqual(client.tlsHostname, "localhost")
        await client.login(USER, PASSWORD)
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])
        await client.logout()

    async def test_byeInLogoutAndNoEndOfTLS(self) -> None:
        """Row "BYE is ignored": neither tagged answer nor close_notify."""
        reasons: list[type[Exception]] = []
        base: Any = self.base

        class Telling(base):
            def connectionLost(self, reason: Any) -> None:
                reasons.append(reason.type)
                super().connectionLost(reason)

        self.base = Telling
        server = self.serve(cutAt=(True, b"LOGOUT"))
        self.assertIsNone(await (await self.begin(server)).logout())
        server = self.serve(cutAt=(True, b"NOOP"))
        e = await self.fails((await self.begin(server)).noop(), IMAP4Exception)
        self.assertIn("soon", str(e))
        self.assertEqual(len(reasons), 2)
        self.assertNotIn(ConnectionDone, reasons)

    async def test_cutInLogout(self) -> None:
        """Without a BYE nothing is hidden."""
        server = self.serve(hangsUpAt=(True, b"LOGOUT"))
        client = await self.begin(server)
        await self.fails(client.logout(), ConnectionDone)

    async def test_refusalIsExplained(self) -> None:
        """OpenSSL's words alone say neither which host, nor what can be done."""
        server = self.serve()
        with capturedLogs() as events:
            await self.fails(connect(f"imaps://localhost:{server.port}"), *REFUSALS)
        [text] = [formatEvent(e) for e in events if e["log_level"] is LogLevel.error]
        self.assertIn("localhost", text)
        self.assertIn("certificate verify failed", text)
        self.assertIn("trustRoot=", text)

    async def test_factory(self) -> None:
        """A host name over an endpoint that has TLS."""
        server = self.serve(offeredUnderTLS=b"STARTTLS")
        factory = IMAP4ClientFactory(USER, PASSWORD, "localhost", self.watched())
        factory.noisy = False
        tcp = TCP4ClientEndpoint(reactor, "127.0.0.1", server.port)
        await wrapClientTLS(AUTHORITY.trusting(), tcp).connect(factory)
        client: Any = await factory.deferred
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])
        await client.logout()

    async def test_preauth(self) -> None:
        """Under TLS nothing speaks against it."""
        server = self.serve(greeting=b"* PREAUTH hello")
        client = await self.begin(server)
        self.assertEqual(client.state, "auth")
        await client.logout()

    async def test_bye(self) -> None:
        server = self.serve(greeting=b"* BYE too many of you")
        e = await self.fails(self.begin(server), IMAP4Exception)
        self.assertIn("too many of you", str(e))
        await server.gone()

    async def test_loginDisabled(self) -> None:
        server = self.serve(offeredUnderTLS=b"LOGINDISABLED")
        client = await self.begin(server)
        await self.fails(client.login(USER, PASSWORD), IMAP4Exception)
        self.assertSilent(server)
        await client.logout()

    async def test_cancel(self) -> None:
        """Before the greeting; in the handshake, with one that knows no TLS."""
        server = self.serve(greeting=b"")
        silent = Server(greeting=b"")
        silent.listen(implicit=False)
        self.addCleanup(silent.stop)
        for one in (server, silent):
            begun = self.begin(one)
            connections = one.connections
            await self.until(connections.__len__)
            begun.cancel()
            await self.fails(begun, CancelledError)
            await one.gone()

    async def test_deaf(self) -> None:
        """
        A server that hears nothing any more does not answer the end of TLS either:
        nobody waits for that.
        """
        for data, timeout, kind in (
            (b"* BYE too many of you\r\n", 0, IMAP4Exception),
            (b"220 mail.example.org ESMTP\r\n", 0, IllegalServerResponse),
            (b"* OK", 0.05, TimeoutError),
        ):
            server = self.serve(greeting=b"", handshakes=Deferred())
            url = f"imaps://localhost:{server.port}"
            patient = type("Patient", (self.base,), {"timeout": timeout})
            begun = connect(url, patient, tls=AUTHORITY.trusting())
            await server.handshakes
            for connection in server.connections:
                connection.transport.write(data)
                connection.transport.pauseProducing()
            await self.fails(begun, kind)

    async def test_noTLSThere(self) -> None:
        """A server that greets in the clear."""
        server = Server()
        server.listen(implicit=False)
        self.addCleanup(server.stop)
        await self.fails(self.begin(server), *REFUSALS)
        await server.gone()
        self.assertEqual(self.greetings, [])


class LoginTests(ClientTestCase):
    """startTLS() and login() of a drop-in, with and without requireTLS."""

    async def refused(self, client: Any, server: Server, *kinds: type[BaseException]) -> Any:
        """login() fails, and the client stays as it was."""
        e = await self.fails(client.login(USER, PASSWORD), *kinds)
        self.assertSilent(server)
        self.flushLoggedErrors(*kinds)  # login() logs why STARTTLS failed, as Twisted's does
        return e

    async def test_alreadyStarted(self) -> None:
        """startTLS() once, and login() does not begin it again."""
        server = self.serve()
        client = await self.client(server, trust=AUTHORITY)
        capabilities = await client.startTLS()
        self.assertEqual(capabilities, {b"IMAP4rev1": None, b"AUTH": [b"PLAIN"]})
        await client.login(USER, PASSWORD)
        self.assertEqual(server.verbs(secure=False), [b"CAPABILITY", b"STARTTLS"])
        self.assertRaises(AssertionError, client.startTLS)

    async def test_contextByHand(self) -> None:
        """startTLS(context) instead of the class's."""
        server = self.serve()
        client = await self.client(server)
        await client.startTLS(AUTHORITY.trusting())
        await client.login(USER, PASSWORD)

    async def test_classAttribute(self) -> None:
        """tlsHostname of a subclass is enough to verify."""
        self.trust(AUTHORITY.pem)
        named = type("Named", (IMAP4Client,), {"tlsHostname": "localhost"})
        for certificate in (GOOD, AUTHORITY.issue("other.example")):
            server = self.serve(certificate)
            client = await self.plain(server, named())
            if certificate is GOOD:
                await client.login(USER, PASSWORD)
            else:
                await self.refused(client, server, *REFUSALS)
                await server.gone()

    @pytest.mark.row("the password goes out where the server says LOGINDISABLED")
    async def test_loginDisabled(self) -> None:
        for offered in (b"LOGINDISABLED", b"logindisabled"):
            server = self.serve(offered=offered)
            client = await self.client(server, trust=AUTHORITY)
            await self.refused(client, server, IMAP4Exception)

    async def test_loginDisabledBehindTLS(self) -> None:
        """Behind a STARTTLS of its own login() goes on, as Twisted's does."""
        server = self.serve(offeredUnderTLS=b"LOGINDISABLED")
        client = await self.client(server, trust=AUTHORITY)
        await client.login(USER, PASSWORD)
        self.assertIn(b"LOGIN", server.verbs(secure=True))
        await client.logout()

    async def test_required(self) -> None:
        """The password does not leave where there is no TLS."""
        refusing: list[dict[str, Any]] = [
            {"offered": b""},
            {"offered": b"AUTH=PLAIN"},
            {"answers": {b"STARTTLS": b"NO not today"}},
        ]
        for options in refusing:
            server = self.serve(**options)
            client = await self.client(server, trust=AUTHORITY)
            client.requireTLS = True
            await self.refused(client, server, IMAP4Exception)

    async def test_authenticateRequired(self) -> None:
        """authenticate() neither; and it starts TLS where that can be had."""
        for offered in (b"AUTH=PLAIN", b"AUTH=PLAIN STARTTLS"):
            server = self.serve(offered=offered)
            client = await self.client(server, trust=AUTHORITY)
            client.requireTLS = True
            client.registerAuthenticator(PLAINAuthenticator(USER.encode()))
            d = client.authenticate(PASSWORD.encode())
            if b"STARTTLS" in offered:
                await d
                self.assertIn(b"AUTHENTICATE", server.verbs(secure=True))
            else:
                await self.fails(d, IMAP4Exception)
            self.assertNotIn(b"AUTHENTICATE", server.verbs(secure=False))

    async def test_no(self) -> None:
        """NO to STARTTLS: login() does not go on without."""
        server = self.serve(offered=b"STARTTLS", answers={b"STARTTLS": b"NO not today"})
        client = await self.client(server, trust=AUTHORITY)
        e = await self.refused(client, server, IMAP4Exception)
        self.assertIn("not today", str(e))

    async def test_octetsBehind(self) -> None:
        server = self.serve(behind=b"* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n")
        client = await self.client(server, trust=AUTHORITY)
        await self.refused(client, server, IllegalServerResponse)
        await server.gone()
        self.assertFalse(client.startedTLS)

    async def test_queued(self) -> None:
        """What was asked for during STARTTLS is asked under TLS."""
        server = self.serve()
        client = await self.client(server, trust=AUTHORITY)
        await client.getCapabilities()
        started, noop = client.startTLS(), client.noop()
        await started
        await noop
        self.assertIn(b"NOOP", server.verbs(secure=True))

    @pytest.mark.row("capabilities from before TLS or login are believed after it")
    async def test_capabilitiesAfterLogin(self) -> None:
        server = self.serve()
        client = await self.client(server, trust=AUTHORITY)
        await client.login(USER, PASSWORD)
        server.offeredUnderTLS = b"IDLE"
        self.assertEqual(await client.getCapabilities(), {b"IMAP4rev1": None, b"IDLE": None})

    async def test_nameless(self) -> None:
        """
        Without name and context no certificate is verified, as in Twisted; one
        warning says so.
        """
        warnings: list[Any] = []

        def observe(event: Any) -> None:
            if event["log_level"] is LogLevel.warn:
                warnings.append(event)

        publisher: Any = globalLogPublisher
        publisher.addObserver(observe)
        self.addCleanup(publisher.removeObserver, observe)
        server = self.serve(self_signed("other.example"))
        client = await self.plain(server, IMAP4Client())
        await client.login(USER, PASSWORD)
        self.assertEqual(server.verbs(secure=True), [b"CAPABILITY", b"LOGIN"])
        self.assertEqual(len(warnings), 1)
        self.assertIn("tlsHostname", formatEvent(warnings[0]))

    async def test_namelessRequired(self) -> None:
        """requireTLS without name and context is an error."""
        server = self.serve()
        client = await self.plain(server, IMAP4Client())
        client.requireTLS = True
        await self.refused(client, server, IMAP4Exception)
        self.assertNotIn(b"STARTTLS", server.verbs(secure=False))

    async def test_nameNotOfTheTransport(self) -> None:
        """The host that was connected to is no name that was given."""
        server = self.serve(AUTHORITY.issue("127.0.0.1"))
        self.trust(AUTHORITY.pem)
        client = await self.client(server, "localhost")
        await self.refused(client, server, *REFUSALS)


class LinesLoginTests(LoginTests):
    """The same on the other way in."""

    base = WAYS["lines"]


def test_octets_behind_in_one_piece(ours: Any) -> None:
    """They close the connection also where a transport gives them with the answer."""
    for behind in (b"* 9 EXISTS\r\n", b"x", b"\r\n", b"0002 OK done\r\n"):
        session = Rig(ours, transport=TLSMemoryTransport())
        session.client._capCache = {b"STARTTLS": None}
        firings = session.call(lambda client: client.startTLS(object()))
        session.feed(b"0001 OK begin\r\n" + behind)
        assert session.closed
        assert [(kind, type(value)) for kind, value in firings] == [
            ("failure", IllegalServerResponse)
        ]
        assert not session.client.startedTLS
        assert b"<TLS>" not in session.written
