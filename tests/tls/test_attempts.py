"""
How connect() ends where it leads to no client, over real sockets and with real
certificates: in time, with an exception that says who, where, why and what to do,
and with nothing left behind.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet import error, reactor as _reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, UNIXClientEndpoint
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import deferLater
from twisted.mail.imap4 import IllegalServerResponse, IMAP4Exception
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

from tests.helpers.certificates import (
    Authority,
    ServerCertificate,
    self_signed,
    trusted_by_the_system,
)
from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc import IMAP4Client, connect

reactor: Any = _reactor

OURS, THEIRS = Authority(), Authority()

SILENCE = b""
SECURABLE = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n"

CHECK = "; check the host and the port, and what may block them in between"
TRUST = (
    "; for an authority of your own, give connect() tls=optionsForClientTLS(host, trustRoot=...)"
)
VERIFY = "TLS handshake: certificate verify failed: "


class Visit(LineReceiver):
    """One client, as long as it is there."""

    factory: Doorway

    def connectionMade(self) -> None:
        self.factory.visits.append(self)
        self.transport.write(self.factory.greeting)  # type: ignore[union-attr]
        if self.factory.closes:
            self.transport.loseConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Any = None) -> None:
        self.factory.visits.remove(self)

    def lineReceived(self, line: bytes) -> None:
        tag, verb = line.split()[:2]
        transport: Any = self.transport
        answer = self.factory.answers.get(verb)
        if answer is not None:
            transport.write(b"%s %s\r\n" % (tag, answer))
        if verb == b"STARTTLS" and self.factory.certificate is not None:
            transport.startTLS(self.factory.certificate.options())
        elif verb == b"STARTTLS" and answer is not None:
            self.setRawMode()
            if self.factory.closesAtTLS:
                transport.loseConnection()

    def rawDataReceived(self, data: bytes) -> None:
        """TLS that nobody answers."""


class Doorway(ServerFactory):
    """
    A server as far as its door, and what may be in the place of one.

    @ivar certificate: for STARTTLS; with C{implicit} for TLS from the start.
    @ivar answers: for a verb, what follows the tag; nothing for a silent one.
    """

    noisy = False
    protocol: Any = Visit
    certificate: ServerCertificate | None = None
    implicit = False
    closes = closesAtTLS = False
    answers = {b"CAPABILITY": b"OK done", b"STARTTLS": b"OK begin"}

    def __init__(self, greeting: bytes = SILENCE, **options: Any) -> None:
        self.greeting = greeting
        self.visits: list[Visit] = []
        vars(self).update(options)


class AttemptTestCase(CoroutineTestCase):
    timeout = 30

    def serve(self, greeting: bytes = SILENCE, **options: Any) -> Doorway:
        self.door = Doorway(greeting, **options)
        where = {"interface": "127.0.0.1"}
        if self.door.implicit and self.door.certificate is not None:
            tls = self.door.certificate.options()
            listening = reactor.listenSSL(0, self.door, tls, **where)
        else:
            listening = reactor.listenTCP(0, self.door, **where)
        self.addCleanup(listening.stopListening)
        self.port = listening.getHost().port
        return self.door

    async def fails(self, attempt: Deferred[Any], kind: type[BaseException], text: str) -> Any:
        """
        It does, with this class and text, in which PORT is the port's number; and
        nothing is left of it on either side.
        """
        try:
            await attempt
        except kind as e:
            caught = e
        else:
            self.fail("it has not failed")
        self.assertEqual(str(caught), text.replace("PORT", str(self.port)))
        while self.door.visits:
            await deferLater(reactor, 0.005)
        self.assertEqual(self.timers(), [])
        return caught

    def timers(self) -> list[Any]:
        """The delayed calls that are not the test's own."""
        return [
            call
            for call in reactor.getDelayedCalls()
            if "Deferred.addTimeout" in repr(call) or "connect" in repr(call).lower()
        ]

    def imap(self, **options: Any) -> Deferred[IMAP4Client]:
        return connect(f"imap://localhost:{self.port}", **options)

    def imaps(self, **options: Any) -> Deferred[IMAP4Client]:
        return connect(f"imaps://localhost:{self.port}", **options)


@pytest.mark.row("Nothing ends an attempt to connect to a silent server")
class TimeoutTests(AttemptTestCase):
    """Each step may be the one at which the server falls silent."""

    async def test_greeting(self) -> None:
        self.serve()
        await self.fails(
            self.imap(timeout=0.2),
            error.TimeoutError,
            "localhost:PORT: greeting: no answer within 0.2 seconds;"
            " for a server that speaks TLS from the start, use imaps://localhost:PORT",
        )

    async def test_speaksTLSFromTheStart(self) -> None:
        """A server that waits for the client's TLS, with a client that waits for its words."""
        self.serve(SECURABLE, certificate=OURS.issue(), implicit=True)
        await self.fails(
            self.imap(timeout=0.2),
            error.TimeoutError,
            "localhost:PORT: greeting: no answer within 0.2 seconds;"
            " for a server that speaks TLS from the start, use imaps://localhost:PORT",
        )

    async def test_halfALine(self) -> None:
        """Such as MySQL's first words."""
        self.serve(b"J\0\0\x1b5.7")
        await self.fails(
            self.imap(timeout=0.2),
            error.TimeoutError,
            'localhost:PORT: greeting: no answer within 0.2 seconds: it said "J\\x00\\x00\\x1b5.7";'
            " for a server that speaks TLS from the start, use imaps://localhost:PORT",
        )

    async def test_capability(self) -> None:
        self.serve(b"* OK hello\r\n", answers={})
        await self.fails(
            self.imap(timeout=0.2),
            error.TimeoutError,
            "localhost:PORT: STARTTLS: no answer within 0.2 seconds",
        )

    async def test_handshake(self) -> None:
        """After STARTTLS, and from the start; then it may be one that speaks later."""
        silent = "localhost:PORT: TLS handshake: no answer within 0.2 seconds"
        self.serve(SECURABLE)
        await self.fails(self.imap(timeout=0.2), error.TimeoutError, silent)
        self.serve()
        await self.fails(
            self.imaps(timeout=0.2),
            error.TimeoutError,
            f"{silent}; for a server that begins in the clear, use imap://localhost:PORT",
        )

    async def test_greetingUnderTLS(self) -> None:
        self.serve(certificate=OURS.issue(), implicit=True)
        await self.fails(
            self.imaps(timeout=0.5, tls=OURS.trusting()),
            error.TimeoutError,
            "localhost:PORT: greeting: no answer within 0.5 seconds",
        )

    async def test_tcp(self) -> None:
        """A port that drops what comes, as a firewall does: its queue is full."""
        self.serve()
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        self.port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for one in (full, *fillers):
            self.addCleanup(one.close)
        for one in fillers:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", self.port))
        await self.fails(
            connect(f"imaps://127.0.0.1:{self.port}", timeout=0.2),
            error.TimeoutError,
            f"127.0.0.1:PORT: connecting: no answer within 0.2 seconds{CHECK}",
        )

    async def test_name(self) -> None:
        """A name server that does not answer."""
        self.serve()
        previous = reactor.installNameResolver(Resolver(answers=False))
        self.addCleanup(reactor.installNameResolver, previous)
        await self.fails(
            self.imap(timeout=0.2),
            error.TimeoutError,
            f"localhost:PORT: connecting: no answer within 0.2 seconds{CHECK}",
        )

    async def test_endpoint(self) -> None:
        self.serve()
        await self.fails(
            connect(TCP4ClientEndpoint(reactor, "127.0.0.1", self.port), timeout=0.2),
            error.TimeoutError,
            "127.0.0.1:PORT: greeting: no answer within 0.2 seconds;"
            " for a server that speaks TLS from the start, there is wrapClientTLS()",
        )

    async def test_ofTheClient(self) -> None:
        """One that is more impatient than connect()."""
        self.serve(b"* OK")
        hasty = type("Hasty", (IMAP4Client,), {"timeout": 0.2})
        await self.fails(
            connect(f"imap://localhost:{self.port}", hasty),
            error.TimeoutError,
            'localhost:PORT: greeting: no answer in time: it said "* OK";'
            " for a server that speaks TLS from the start, use imaps://localhost:PORT",
        )

    async def test_thirtySeconds(self) -> None:
        """Unless told otherwise; a client that is there has no such limit."""
        self.serve(b"* OK hello\r\n")
        before = reactor.seconds()
        d = connect(HostnameEndpoint(reactor, "127.0.0.1", self.port))
        [timer] = [call for call in self.timers() if call.getTime() - before > 29.9]
        self.assertLess(timer.getTime() - before, 31)
        client: Any = await d
        self.assertFalse(timer.active())
        client.transport.abortConnection()

    async def test_cancel(self) -> None:
        """By the user: no timeout, and no word of ours."""
        for seconds in (0, 0.05):
            self.serve(SECURABLE)
            d = self.imap()
            await deferLater(reactor, seconds)
            d.cancel()
            await self.fails(d, CancelledError, "")


@implementer(IHostnameResolver)
class Resolver:
    """Knows no name; or does not say so."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *_: Any, **__: Any) -> Any:
        self.name = hostName
        resolutionReceiver.resolutionBegan(self)
        if self.answers:
            resolutionReceiver.resolutionComplete()
        return self

    def cancel(self) -> None:
        raise NotImplementedError


@pytest.mark.row("Nothing ends an attempt to connect to a silent server")
class ServerTests(AttemptTestCase):
    """What answers is not what was looked for."""

    async def test_refused(self) -> None:
        self.serve()
        closed = socket.socket()
        self.addCleanup(closed.close)
        closed.bind(("127.0.0.1", 0))
        self.port = closed.getsockname()[1]
        kind = error.ConnectionRefusedError
        text = f"connecting: connection refused{CHECK}"
        for attempt in (self.imap, self.imaps):
            e = await self.fails(attempt(), kind, f"localhost:PORT: {text}")
            self.assertIs(type(e.__cause__), kind)
        unknown = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)
        await self.fails(connect(unknown), kind, f"the endpoint: {text}")
        known = HostnameEndpoint(reactor, "localhost", self.port)
        await self.fails(connect(known), kind, f"localhost:PORT: {text}")
        await self.fails(
            connect(f"imaps://127.0.0.1:{self.port}/"), kind, f"127.0.0.1:PORT: {text}"
        )

    async def test_otherErrorsOfTheSystem(self) -> None:
        self.serve()
        e = await self.fails(
            connect(UNIXClientEndpoint(reactor, "/nowhere/at/all")),
            error.ConnectError,
            "the endpoint: connecting: An error occurred while connecting: 2: No such file or"
            f" directory{CHECK}",
        )
        self.assertEqual(e.osError, 2)

    async def test_unknownHost(self) -> None:
        self.serve()
        previous = reactor.installNameResolver(Resolver(answers=True))
        self.addCleanup(reactor.installNameResolver, previous)
        await self.fails(
            connect("imaps://mail.example.org"),
            error.DNSLookupError,
            f"mail.example.org:993: connecting: no address is known for this name{CHECK}",
        )

    async def test_noIMAP(self) -> None:
        """Its first line is told: cut, and without what a terminal might obey."""
        for said, told in (
            (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"),
            (b"220 mail.example.org ESMTP\r\n221 bye\r\n", "220 mail.example.org ESMTP"),
            (b"+OK POP3\n", "+OK POP3"),
            (b"\x1b[2J\x07 \xff caf\xc3\xa9\r\n", "\\x1b[2J\\x07 \\xff café"),
            (b'"\xe2\x80\xae\xc2\x9b"\r\n', '"\\u202e\\x9b"'),
            (b"x" * 81 + b"\r\n", "x" * 80 + "..."),
        ):
            self.serve(said)
            e = await self.fails(
                self.imap(),
                IllegalServerResponse,
                f'localhost:PORT: greeting: this is no IMAP server: it said "{told}"',
            )
            self.assertEqual(e.wire, said.partition(b"\n")[0].rstrip())

    async def test_bye(self) -> None:
        self.serve(b"* BYE too many \x1b of you\r\n", closes=True)
        bye = "the server closed the connection with BYE: too many \\x1b of you"
        text = f"localhost:PORT: greeting: {bye}"
        e = await self.fails(self.imap(), IMAP4Exception, text)
        self.assertEqual(e.args, (b"too many \x1b of you",))
        self.serve(b"* BYE too many \x1b of you\r\n", certificate=OURS.issue(), implicit=True)
        await self.fails(self.imaps(tls=OURS.trusting()), IMAP4Exception, text)

    async def test_closed(self) -> None:
        closed = "the server closed the connection"
        self.serve(closes=True)
        await self.fails(
            self.imap(),
            error.ConnectionDone,
            f"localhost:PORT: greeting: {closed};"
            " for a server that speaks TLS from the start, use imaps://localhost:PORT",
        )
        await self.fails(
            self.imaps(),
            error.ConnectionLost,
            f"localhost:PORT: TLS handshake: {closed};"
            " for a server that begins in the clear, use imap://localhost:PORT",
        )
        self.serve(SECURABLE, closesAtTLS=True)
        await self.fails(
            self.imap(), error.ConnectionLost, f"localhost:PORT: TLS handshake: {closed}"
        )

    async def test_clear(self) -> None:
        """TLS for one that greets in the clear."""
        self.serve(SECURABLE)
        e = await self.fails(
            self.imaps(),
            SSL.Error,
            "localhost:PORT: TLS handshake: the server speaks no TLS here (wrong version number);"
            " for a server that begins in the clear, use imap://localhost:PORT",
        )
        self.assertEqual(e.args, e.__cause__.args)

    async def test_alert(self) -> None:
        """TLS that comes to no agreement is TLS."""
        self.serve(b"\x15\x03\x03\x00\x02\x02\x28")
        try:
            await self.imaps()
        except SSL.Error as e:
            text = str(e)
        self.assertIn("handshake failure", text)
        self.assertNotIn("imap://", text)

    async def test_noTLS(self) -> None:
        self.serve(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
        await self.fails(
            self.imap(),
            IMAP4Exception,
            "localhost:PORT: STARTTLS: Server does not support secure communication via TLS / SSL"
            "; for one that begins with TLS, use imaps://; to go without, connect(endpoint)",
        )
        self.serve(SECURABLE, answers={b"STARTTLS": b"NO not today"})
        await self.fails(
            self.imap(),
            IMAP4Exception,
            "localhost:PORT: STARTTLS: the server said NO: not today"
            "; for one that begins with TLS, use imaps://; to go without, connect(endpoint)",
        )

    async def test_BAD(self) -> None:
        """Said as it was, with a text and without one."""
        for answer, said in ((b"BAD", "BAD"), (b"BAD what?", "BAD: what?"), (b"NO", "NO")):
            self.serve(SECURABLE, answers={b"STARTTLS": answer})
            await self.fails(
                self.imap(),
                IMAP4Exception,
                f"localhost:PORT: STARTTLS: the server said {said}"
                "; for one that begins with TLS, use imaps://; to go without, connect(endpoint)",
            )

    async def test_CAPABILITY(self) -> None:
        """STARTTLS was not even sent."""
        for answer, said in ((b"NO not you", "NO: not you"), (b"BAD", "BAD")):
            self.serve(b"* OK hello\r\n", answers={b"CAPABILITY": answer})
            await self.fails(
                self.imap(),
                IMAP4Exception,
                f"localhost:PORT: CAPABILITY: the server said {said}",
            )

    async def test_preauth(self) -> None:
        self.serve(b"* PREAUTH hello\r\n")
        await self.fails(
            self.imap(),
            IMAP4Exception,
            "localhost:PORT: greeting: TLS is required, and the server's PREAUTH rules STARTTLS"
            " out",
        )

    async def test_noProtocol(self) -> None:
        """An instance, say, where the class is meant: told at once."""
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", 1)
        protocol: Any
        for protocol, kind in ((None, "NoneType"), (IMAP4Client(), "IMAP4Client")):
            with self.assertRaises(TypeError) as raised:
                connect(endpoint, protocol)
            self.assertIn("protocol: a class of clients is wanted", str(raised.exception))
            self.assertIn(f"not {kind}", str(raised.exception))

    async def test_programsOwn(self) -> None:
        """What a program raises itself is no matter of the connection."""

        class Greedy(IMAP4Client):
            def serverGreeting(self, capabilities: Any) -> None:
                raise LookupError("where is my hat")

        self.serve(b"* OK hello\r\n")
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)
        await self.fails(connect(endpoint, Greedy), LookupError, "where is my hat")
        self.flushLoggedErrors(LookupError)


@pytest.mark.row("No certificate is verified")
class CertificateReasonTests(AttemptTestCase):
    """In words, and what tls= is for, both from the start and after STARTTLS."""

    async def assertReason(
        self,
        certificate: ServerCertificate,
        kind: type[BaseException],
        reason: str,
        remedy: str = TRUST,
    ) -> None:
        trusted_by_the_system(self, OURS.pem)
        text = f"localhost:PORT: {reason}{remedy}"
        self.serve(SECURABLE, certificate=certificate, implicit=True)
        e = await self.fails(self.imaps(), kind, text)
        self.assertIs(type(e.__cause__), kind)
        self.serve(SECURABLE, certificate=certificate)
        await self.fails(self.imap(), kind, text)

    async def test_selfSigned(self) -> None:
        await self.assertReason(self_signed(), SSL.Error, f"{VERIFY}it is self-signed")

    async def test_expired(self) -> None:
        await self.assertReason(OURS.expired(), SSL.Error, f"{VERIFY}it has expired")

    async def test_premature(self) -> None:
        await self.assertReason(OURS.premature(), SSL.Error, f"{VERIFY}it is not valid yet")

    async def test_unknownAuthority(self) -> None:
        await self.assertReason(
            THEIRS.issue(),
            SSL.Error,
            f"{VERIFY}it is signed by an authority that is not trusted here",
        )

    async def test_otherHost(self) -> None:
        for names, told in (
            (["mail.example.org"], "mail.example.org"),
            (["192.0.2.1", "a.example", "b.example", "c"], "192.0.2.1, a.example, b.example"),
        ):
            await self.assertReason(
                OURS.issue(*names),
                VerificationError,
                f"TLS handshake: the certificate is for another host ({told})",
                "; connect to a name that it is for, or give connect()"
                " tls=optionsForClientTLS(that name)",
            )

    async def test_remedy(self) -> None:
        """It helps."""
        self.serve(b"* OK hello\r\n", certificate=OURS.issue(), implicit=True)
        client: Any = await self.imaps(tls=OURS.trusting())
        self.assertEqual(self.timers(), [])
        client.transport.abortConnection()
        while self.door.visits:
            await deferLater(reactor, 0.005)


class ExceptionTests(AttemptTestCase):
    """They are what they were, for programs that catch them."""

    async def test_trap(self) -> None:
        self.serve(closes=True)
        d = self.imap()
        told: list[Any] = []
        d.addErrback(lambda f: told.append((f.trap(error.ConnectionDone), f.getErrorMessage())))
        await d
        [(trapped, message)] = told
        self.assertIs(trapped, error.ConnectionDone)
        self.assertIn("greeting", message)

    async def test_traceback(self) -> None:
        """Under its own name."""
        self.serve(closes=True)
        d = self.imap()
        told: list[str] = []
        d.addErrback(lambda f: told.append(f.getTraceback()))
        await d
        self.assertIn("twisted.internet.error.ConnectionDone: localhost:", told[0])


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_timeout_that_is_none(timeout: Any) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        connect("imaps://localhost", timeout=timeout)


@pytest.mark.parametrize("timeout", [None, "30"])
def test_timeout_that_is_no_number(timeout: Any) -> None:
    with pytest.raises(TypeError):
        connect("imaps://localhost", timeout=timeout)
