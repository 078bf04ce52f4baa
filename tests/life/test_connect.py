"""
L{connect} and L{IMAP4ClientFactory}: what they take, where they connect to, and what
they do without TLS of their own.  With TLS: test_tls.
"""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet import endpoints, error, reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorPluggableNameResolver
from twisted.internet.protocol import Protocol, ReconnectingClientFactory
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.mail import imap4
from zope.interface import implementer

from tests.helpers.certificates import Authority
from tests.helpers.server_case import GREETS, QuietFactory, ServerTestCase
from twisted_imapc import IMAP4Client, IMAP4ClientFactory, connect
from twisted_imapc.testing import TAG, ExpectCommand, Send


@implementer(IReactorPluggableNameResolver)
class NamingReactor(MemoryReactorClock):
    """A reactor in memory in which each name has an address, once C{answer} is called."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, int]] = []
        self.nameResolver: Any = self
        self.receiver: Any = None

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        self.asked.append((hostName, portNumber))
        self.receiver = resolutionReceiver
        resolutionReceiver.resolutionBegan(self)
        return self

    def cancel(self) -> None:
        self.receiver = None

    def answer(self) -> None:
        self.receiver.addressResolved(IPv4Address("TCP", "192.0.2.1", self.asked[-1][1]))
        self.receiver.resolutionComplete()

    def installNameResolver(self, resolver: Any) -> Any:
        raise NotImplementedError


def fate(d: Deferred[Any]) -> list[Any]:
    """Gets what it came to."""
    outcomes: list[Any] = []
    d.addBoth(outcomes.append)
    return outcomes


# ---- URLs ------------------------------------------------------------------


@pytest.mark.parametrize(
    "url, host, port",
    [
        ("imaps://mail.example.org", "mail.example.org", 993),
        ("imap://mail.example.org", "mail.example.org", 143),
        ("imaps://mail.example.org/", "mail.example.org", 993),
        ("IMAPS://Mail.Example.Org:1", "Mail.Example.Org", 1),
        ("Imap://localhost:65535/", "localhost", 65535),
        ("imaps://192.0.2.7", "192.0.2.7", 993),
        ("imap://[2001:db8::7]", "2001:db8::7", 143),
        ("imaps://[::1]:1993", "::1", 1993),
        ("imaps://[::FFFF:192.0.2.7]:1993/", "::FFFF:192.0.2.7", 1993),
    ],
)
@pytest.mark.parametrize("told", [False, True])
def test_where(url: str, host: str, port: int, told: bool) -> None:
    """Ports of RFC 8314 and RFC 9051 where the URL has none; tls= does not change them."""
    naming = NamingReactor()
    d = connect(url, tls=optionsForClientTLS("localhost") if told else None, reactor=naming)
    assert naming.asked == [(host, port)]
    naming.answer()
    assert [client[:2] for client in naming.tcpClients] == [("192.0.2.1", port)]
    d.addErrback(lambda failure: failure.trap(CancelledError))
    d.cancel()
    assert not naming.getDelayedCalls()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "mail.example.org:993",
        "//mail.example.org",
        "imap:mail.example.org",
        "imap:/mail.example.org",
        "imaps://",
        "imaps:///",
        "imaps://:993",
        "pop3://mail.example.org",
        "https://mail.example.org",
        "imapss://mail.example.org",
        "imap+tls://mail.example.org",
        "imaps://joe@mail.example.org",
        "imaps://joe:pa55word@mail.example.org",
        "imaps://;AUTH=*@mail.example.org",
        "imaps://:pa55word@mail.example.org",
        "imaps://@mail.example.org",
        "imaps://mail.example.org//",
        "imaps://mail.example.org/INBOX",
        "imaps://mail.example.org/?q",
        "imaps://mail.example.org?q",
        "imaps://mail.example.org#f",
        "imaps://mail.example.org/#",
        "imaps://mail.example.org:",
        "imaps://mail.example.org:0",
        "imaps://mail.example.org:65536",
        "imaps://mail.example.org:-1",
        "imaps://mail.example.org:+1",
        "imaps://mail.example.org:9_3",
        "imaps://mail.example.org:\u0663",
        "imaps://mail.example.org:imaps",
        "imaps://mail.example.org:993:993",
        "imaps://mail.example.org\n",
        "imaps://mail.example.org/\n",
        " imaps://mail.example.org",
        "imaps://mail.example.org ",
        "imaps://mail example.org",
        "imaps://mail.example.org\r\nX",
        "imaps://mail.example.org\0",
        "imaps://mail%2eexample.org",
        "imaps://mail..example.org",
        "imaps://::1",
        "imaps://[::1",
        "imaps://::1]",
        "imaps://[]",
        "imaps://[mail.example.org]",
        "imaps://[::1]993",
        "imaps://[fe80::1%eth0]",
    ],
)
def test_not_understood(url: str) -> None:
    """ValueError at once, before anything is done, and no password in it."""
    naming = NamingReactor()
    with pytest.raises(ValueError) as raised:
        connect(url, reactor=naming)
    assert "pa55word" not in str(raised.value)
    assert not naming.asked and not naming.getDelayedCalls()


@pytest.mark.parametrize("where", [None, b"imaps://localhost", ("localhost", 993), 993, object()])
def test_neither_url_nor_endpoint(where: Any) -> None:
    with pytest.raises(TypeError):
        connect(where)


@pytest.mark.parametrize(
    ("timeout", "kind"),
    [
        (0, ValueError),
        (-1, ValueError),
        (10**400, ValueError),
        (float("nan"), ValueError),
        (None, TypeError),
        ("3", TypeError),
    ],
)
def test_what_is_no_timeout(timeout: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="number of seconds"):
        connect("imaps://localhost", timeout=timeout)


@pytest.mark.parametrize("where", ["imaps://localhost", "imap://localhost", None])
@pytest.mark.parametrize("reactor", [5, "reactor", object])
def test_what_is_no_reactor(where: str | None, reactor: Any) -> None:
    """Told at once, and not in the middle of the attempt."""
    endpoint = endpoints.TCP4ClientEndpoint(NamingReactor(), "192.0.2.1", 143)
    with pytest.raises(TypeError, match=r"^reactor: a reactor is wanted, not "):
        connect(where or endpoint, reactor=reactor)


def test_tls_is_for_urls() -> None:
    """An endpoint has what TLS it has."""
    endpoint = endpoints.TCP4ClientEndpoint(NamingReactor(), "192.0.2.1", 143)
    with pytest.raises(ValueError, match="wrapClientTLS"):
        connect(endpoint, tls=optionsForClientTLS("localhost"))


def test_protocol_has_to_be_ours() -> None:
    """Twisted's own class has not what this needs."""
    theirs: Any = imap4.IMAP4Client
    with pytest.raises(TypeError, match="IMAP4Client"):
        connect("imaps://localhost", theirs)
    with pytest.raises(TypeError, match="IMAP4Client"):
        IMAP4ClientFactory(protocol=theirs)


@pytest.mark.parametrize("made", [None, 7, object(), Protocol()])
def test_what_protocol_gives_has_to_be_ours(made: Any) -> None:
    """A function without its return is soon written."""
    factory = IMAP4ClientFactory(protocol=lambda: made)
    with pytest.raises(TypeError, match="no twisted_imapc.IMAP4Client"):
        factory.buildProtocol(None)


@pytest.mark.parametrize("protocol", [None, 7, "IMAP4Client"])
def test_protocol_has_to_be_callable(protocol: Any) -> None:
    for make in (IMAP4ClientFactory, lambda **given: connect("imaps://localhost", **given)):
        with pytest.raises(TypeError, match="a class of clients is wanted"):
            make(protocol=protocol)


def test_cancel_resolving() -> None:
    naming = NamingReactor()
    d = connect("imaps://localhost", reactor=naming)
    outcomes = fate(d)
    d.cancel()
    assert outcomes and outcomes[0].check(CancelledError)
    assert not naming.getDelayedCalls() and not naming.tcpClients


def test_cancel_connecting() -> None:
    for scheme in ("imap", "imaps"):
        naming = NamingReactor()
        d = connect(f"{scheme}://localhost", reactor=naming)
        outcomes = fate(d)
        naming.answer()
        d.cancel()
        assert outcomes and outcomes[0].check(CancelledError)
        assert naming.connectors[0].stoppedConnecting
        assert not naming.getDelayedCalls()


@pytest.mark.row("Nothing ends an attempt to connect to a silent server")
def test_patience() -> None:
    """TCP alone may take all the time that there is, more than an endpoint's 30 seconds."""
    naming = NamingReactor()
    outcomes = fate(connect("imaps://localhost", timeout=90, reactor=naming))
    naming.answer()
    [(_, _, _, ofTCP, _)] = naming.tcpClients
    assert ofTCP > 90
    naming.advance(89)
    assert not outcomes
    naming.advance(1)
    assert outcomes[0].check(error.TimeoutError)
    assert naming.connectors[0].stoppedConnecting
    assert not naming.getDelayedCalls()


# ---- Endpoints -------------------------------------------------------------


class EndpointTests(ServerTestCase):
    """connect(endpoint)"""

    def endpoint(self, server: Any) -> Any:
        return endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)

    async def connected(self, server: Any, **options: Any) -> Any:
        client = await connect(self.endpoint(server), **options)
        self.addCleanup(client.transport.abortConnection)
        return client

    async def test_greeting(self) -> None:
        """The greeting alone: no STARTTLS, though it is offered."""
        greeting = Send(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
        server = await self.scripted(greeting)
        client = await self.connected(server)
        self.assertIsInstance(client, IMAP4Client)
        self.assertFalse(client.startedTLS)
        self.assertFalse(client.requireTLS)
        self.assertIsNone(client.tlsHostname)
        self.assertEqual(server.received, [])

    async def test_embedded(self) -> None:
        client = await self.connected(await self.embedded(3))
        await client.login("user", "secret")
        self.assertEqual((await client.examine("INBOX"))["EXISTS"], 3)

    async def test_protocol(self) -> None:
        class Mine(IMAP4Client):
            pass

        server = await self.embedded(1)
        for make in (Mine, lambda: Mine()):
            self.assertIsInstance(await self.connected(server, protocol=make), Mine)

    async def test_preauth(self) -> None:
        client = await self.connected(await self.scripted(Send(b"* PREAUTH hello\r\n")))
        self.assertEqual(client.state, "auth")

    async def test_bye(self) -> None:
        server = await self.scripted(Send(b"* BYE full up\r\n"))
        with self.assertRaises(imap4.IMAP4Exception) as raised:
            await connect(self.endpoint(server))
        self.assertIn("full up", str(raised.exception))

    async def test_refused(self) -> None:
        """For each way to say where."""
        server = await self.embedded(1)
        await server.stop()
        for scheme in ("imap", "imaps"):
            d = connect(f"{scheme}://127.0.0.1:{server.port}")
            await self.assertFailure(d, error.ConnectionRefusedError)
        await self.assertFailure(connect(self.endpoint(server)), error.ConnectionRefusedError)

    async def test_cancel(self) -> None:
        """Before the greeting: the connection is closed."""
        server = await self.scripted()
        d = connect(self.endpoint(server))
        while not server._open:
            await deferLater(reactor, 0.005)
        d.cancel()
        await self.assertFailure(d, CancelledError)
        while server._open:
            await deferLater(reactor, 0.005)

    async def test_cancelConnecting(self) -> None:
        d = connect(self.endpoint(await self.embedded(1)))
        d.cancel()
        await self.assertFailure(d, CancelledError)


# ---- The factory that logs in ----------------------------------------------


EXPECT_LOGIN = ExpectCommand(b'LOGIN "somebody" "s3cret"')
CAPABILITY = [
    ExpectCommand(b"CAPABILITY"),
    Send(b"* CAPABILITY IMAP4rev1\r\n" + TAG + b" OK done\r\n"),
]


class ConnectLoginTests(ServerTestCase):
    async def test_logsIn(self) -> None:
        """By position and by keyword, str and bytes."""
        server = await self.embedded(3)
        for factory in (
            QuietFactory("user", "secret"),
            QuietFactory(password="secret", username="user"),
            QuietFactory(b"user", b"secret", None, IMAP4Client),
        ):
            self.connect(server, factory)
            client: Any = await factory.deferred
            self.assertEqual((await client.examine("INBOX"))["EXISTS"], 3)

    async def test_no(self) -> None:
        """NO fails the Deferred, with the server's text, and closes."""
        server = await self.embedded(1)
        factory = QuietFactory("user", "wrong")
        connector = self.connect(server, factory)
        with self.assertRaises(imap4.IMAP4Exception) as raised:
            await factory.deferred
        self.assertIn("LOGIN failed", str(raised.exception))
        while connector.state != "disconnected":
            await deferLater(reactor, 0.005)

    async def test_preauth(self) -> None:
        """Who is known already has no need to log in."""
        server = await self.scripted(Send(b"* PREAUTH hello\r\n"))
        factory = QuietFactory("somebody", "s3cret")
        self.connect(server, factory)
        self.assertEqual((await factory.deferred).state, "auth")
        self.assertEqual(server.received, [])

    async def test_loginDisabled(self) -> None:
        greeting = Send(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n")
        server = await self.scripted(greeting)
        factory = QuietFactory("somebody", "s3cret")
        self.connect(server, factory)
        await self.assertFailure(factory.deferred, imap4.IMAP4Exception)
        self.assertEqual(server.received, [])

    async def test_serverGreetingFirst(self) -> None:
        """The hook of a subclass comes before the login, as it always did."""
        told: list[Any] = []

        class Mine(IMAP4Client):
            def serverGreeting(self, capabilities: Any) -> None:
                told.append(len(server.received))

        answers = Send(TAG + b" OK done\r\n")
        server = await self.scripted(GREETS, *CAPABILITY, EXPECT_LOGIN, answers)
        factory = QuietFactory("somebody", "s3cret", protocol=Mine)
        self.connect(server, factory)
        self.assertIsInstance(await factory.deferred, Mine)
        self.assertEqual(told, [0])

    async def test_cancel(self) -> None:
        """During the login."""
        server = await self.scripted(GREETS, *CAPABILITY, EXPECT_LOGIN)
        factory = QuietFactory("somebody", "s3cret")
        connector = self.connect(server, factory)
        while len(server.received) < 2:
            await deferLater(reactor, 0.005)
        factory.deferred.cancel()
        await self.assertFailure(factory.deferred, CancelledError)
        while connector.state != "disconnected":
            await deferLater(reactor, 0.005)

    async def test_reconnecting(self) -> None:
        """Each attempt logs in anew, and its Deferred tells how that went."""

        class Both(QuietFactory, ReconnectingClientFactory):
            initialDelay = delay = 0.01

        server = await self.embedded(1)
        factory = Both("user", "secret")
        self.connect(server, factory)
        seen = set()
        while True:
            d = factory.deferred
            client: Any = await d
            self.assertEqual((await client.examine("INBOX"))["EXISTS"], 1)
            seen.add(client)
            if len(seen) == 3:
                break
            client.transport.abortConnection()
            while factory.deferred is d:
                await deferLater(reactor, 0.005)
        factory.stopTrying()


@pytest.mark.parametrize("username, password", [("joe", None), (None, "x"), (b"", None)])
def test_name_and_password_go_together(username: Any, password: Any) -> None:
    with pytest.raises(ValueError):
        IMAP4ClientFactory(username, password)


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", b"a\rb", b"a\nb", b"\0"])
def test_what_no_login_can_have(bad: Any) -> None:
    """At once, and not at the first connection."""
    for arguments in ((bad, "x"), ("x", bad)):
        with pytest.raises(ValueError):
            IMAP4ClientFactory(*arguments)


def test_host_names() -> None:
    """What can be no name is refused at once."""
    cases: list[tuple[Any, type[Exception]]] = [
        (b"localhost", TypeError),
        (5, TypeError),
        ("", ValueError),
        ("a b", ValueError),
        ("a\0b", ValueError),
    ]
    for name, kind in cases:
        with pytest.raises(kind):
            IMAP4ClientFactory(hostname=name)


def test_protocol_of_a_subclass() -> None:
    """The class attribute and the argument, which wins."""

    class Mine(IMAP4Client):
        pass

    class MineFactory(IMAP4ClientFactory):
        protocol = Mine

    class Other(IMAP4Client):
        pass

    changed = IMAP4ClientFactory()
    changed.protocol = Mine
    for factory, cls in (
        (IMAP4ClientFactory(), IMAP4Client),
        (MineFactory(), Mine),
        (MineFactory("a", "b", "localhost"), Mine),
        (MineFactory(protocol=Other), Other),
        (changed, Mine),
    ):
        client = factory.buildProtocol(None)
        assert type(client) is cls
        assert client.factory is factory


def test_host_name_of_the_client() -> None:
    """It gets the name, and must have TLS; without, it is as the class has it."""
    client = IMAP4ClientFactory(hostname="mail.example.org").buildProtocol(None)
    assert client.tlsHostname == "mail.example.org"
    assert client.requireTLS is True

    class Named(IMAP4Client):
        tlsHostname = "other.example"
        requireTLS = True

    client = IMAP4ClientFactory(protocol=Named).buildProtocol(None)
    assert client.tlsHostname == "other.example"
    assert client.requireTLS is True


def test_transport_that_cannot() -> None:
    """A host name over what TLS cannot be started on: an error, and no password."""
    factory = IMAP4ClientFactory("somebody", "s3cret", "localhost")
    transport = StringTransport()
    client = factory.buildProtocol(None)
    outcomes = fate(factory.deferred)
    client.makeConnection(transport)
    client.dataReceived(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
    assert transport.disconnecting
    client.connectionLost(error.ConnectionDone())
    assert outcomes and outcomes[0].check(imap4.IMAP4Exception)
    assert b"s3cret" not in transport.value()


def test_authority_of_ones_own() -> None:
    """What the documentation shows, in one line."""
    naming = NamingReactor()
    d = connect("imaps://localhost", tls=Authority().trusting(), reactor=naming)
    assert not d.called
    d.addErrback(lambda failure: failure.trap(CancelledError))
    d.cancel()
