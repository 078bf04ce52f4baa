"""STARTTLS: octets behind its answer, what is forgotten, and real certificates."""

from __future__ import annotations

from typing import Any

import trustme
from twisted.internet import reactor as _reactor
from twisted.internet import ssl
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import Factory
from twisted.mail.imap4 import IllegalServerResponse, IMAP4Exception
from twisted.protocols.basic import LineReceiver
from twisted.trial.unittest import TestCase

from tests.support import MemoryTransport
from tests.test_differential import TLSMemoryTransport
from twisted_imapc import IMAP4Client, IMAP4ClientFactory

reactor: Any = _reactor
GREETING = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n"


def connected(transport: Any, client: Any = None) -> Any:
    """A client behind its greeting."""
    client = client or IMAP4Client(contextFactory=object())
    transport.protocol = client
    client.makeConnection(transport)
    client.dataReceived(GREETING)
    return client


def test_octets_behind_the_answer_close() -> None:
    """Somebody in the middle may have put them there: they are not from the server."""
    for behind in (b"* 9 EXISTS\r\n", b"x", b"\r\n", b"0002 OK done\r\n"):
        transport = TLSMemoryTransport()
        client = connected(transport)
        told: list[Any] = []
        client.startTLS().addBoth(told.append)
        try:
            client.dataReceived(b"0001 OK begin\r\n" + behind)
        except IllegalServerResponse:
            pass
        client.connectionLost(ConnectionDone())
        assert len(told) == 1
        assert told[0].check(IllegalServerResponse), told
        assert not client.startedTLS


def test_login_forgets_capabilities() -> None:
    """What a server can do after login is something else."""
    client = connected(MemoryTransport())
    client._capCache = {b"IMAP4rev1": None}
    d = client.login(b"u", b"p")
    assert client._capCache is not None
    client.dataReceived(b"0001 OK in\r\n")
    assert d.called
    assert client._capCache is None


def test_required_and_not_offered() -> None:
    """The password does not leave."""
    transport = MemoryTransport()
    client = IMAP4Client()
    client.requireTLS = True
    connected(transport, client)
    client._capCache = {b"IMAP4rev1": None}
    failures: list[Any] = []
    client.login(b"u", b"secret").addErrback(failures.append)
    assert failures and failures[0].check(IMAP4Exception)
    assert b"secret" not in transport.value()


class TLSServer(LineReceiver):
    """As much of a server as STARTTLS, CAPABILITY and LOGIN need."""

    transport: Any
    options: Any
    heard: list[bytes]

    def connectionMade(self) -> None:
        self.transport.write(GREETING)

    def lineReceived(self, line: bytes) -> None:
        self.heard.append(line)
        tag, command = line.split()[:2]
        if command == b"CAPABILITY":
            self.sendLine(b"* CAPABILITY IMAP4rev1")
        self.sendLine(tag + b" OK done")
        if command == b"STARTTLS":
            self.transport.startTLS(self.options)


class CertificateTests(TestCase):
    """A certificate counts where a host name was given."""

    def listen(self, name: str) -> tuple[trustme.CA, int]:
        authority = trustme.CA()
        leaf = authority.issue_cert(name)
        self.heard: list[bytes] = []
        certificate = ssl.PrivateCertificate.loadPEM(
            leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes()
        )
        factory = Factory.forProtocol(TLSServer)
        TLSServer.heard = self.heard
        TLSServer.options = certificate.options()
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return authority, port.getHost().port

    def login(self, port: int, protocol: type[IMAP4Client]) -> Deferred[Any]:
        factory = IMAP4ClientFactory(protocol=protocol)
        reactor.connectTCP("127.0.0.1", port, factory)

        def greeted(client: Any) -> Deferred[Any]:
            self.client = client
            self.addCleanup(client.transport.abortConnection)
            return client.login("u", "secret")

        return factory.deferred.addCallback(greeted)

    @inlineCallbacks
    def test_private_authority(self) -> Any:
        """With a context for the right name and authority, login() goes under TLS."""
        authority, port = self.listen("localhost")
        root = ssl.Certificate.loadPEM(authority.cert_pem.bytes())

        class Trusting(IMAP4Client):
            def __init__(self) -> None:
                super().__init__(ssl.optionsForClientTLS("localhost", trustRoot=root))

        yield self.login(port, Trusting)
        self.assertTrue(self.client.startedTLS)
        self.assertIn(b"secret", self.heard[-1])

    @inlineCallbacks
    def refused(self, protocol: Any, port: int) -> Any:
        try:
            yield self.login(port, protocol)
        except Exception as e:  # noqa: BLE001 - the very cause differs by OpenSSL
            self.assertNotIsInstance(e, (ConnectionDone, ConnectionLost))
        else:
            self.fail("the certificate was taken")
        self.assertFalse([line for line in self.heard if b"secret" in line])
        self.flushLoggedErrors()  # login() logs why STARTTLS failed, as Twisted's does

    def test_unknown_authority(self) -> Any:
        """tlsHostname alone trusts the authorities of the system."""
        _, port = self.listen("localhost")
        return self.refused(type("Named", (IMAP4Client,), {"tlsHostname": "localhost"}), port)

    def test_wrong_host(self) -> Any:
        """A good certificate of somebody else's."""
        authority, port = self.listen("other.example")
        root = ssl.Certificate.loadPEM(authority.cert_pem.bytes())
        context = ssl.optionsForClientTLS("localhost", trustRoot=root)
        protocol: Any = type("Pinned", (IMAP4Client,), {})
        protocol.__init__ = lambda self: IMAP4Client.__init__(self, context)
        return self.refused(protocol, port)
