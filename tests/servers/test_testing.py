"""
The public servers for tests, looked at with bare sockets and Twisted's client:
what is wrong here must not hide what is wrong in ours.
"""

from __future__ import annotations

import email
import hashlib
import re
from io import BytesIO
from typing import Any

from twisted.internet import defer, endpoints, error, protocol, reactor
from twisted.mail import imap4

from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc.testing import (
    TAG,
    Drop,
    EmbeddedServer,
    ExpectCommand,
    ExpectLine,
    ExpectOctets,
    Pause,
    ScriptedServer,
    ScriptMismatch,
    Send,
    generateMessages,
)


class Collector(protocol.Protocol):
    """Keeps each piece as it comes; C{lost} fires with the exception."""

    transport: Any

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.lost: defer.Deferred[Any] = defer.Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.pieces.append(data)

    def connectionLost(self, reason: Any = protocol.connectionDone) -> None:
        self.lost.callback(reason.value)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def connect(server: Any, cls: Any) -> defer.Deferred[Any]:
    endpoint = endpoints.TCP4ClientEndpoint(reactor, server.host, server.port)
    factory = protocol.Factory.forProtocol(cls)
    factory.noisy = False
    return endpoint.connect(factory)


class GeneratedMailTests(CoroutineTestCase):
    def test_sameEachTime(self) -> None:
        one = generateMessages(25, seed=3)
        self.assertEqual(one, generateMessages(25, seed=3))
        self.assertNotEqual(one, generateMessages(25, seed=4))
        self.assertEqual(one[:10], generateMessages(10, seed=3))

    def test_sameEverywhere(self) -> None:
        # The figure holds for each version of Python and each machine.
        digest = hashlib.sha256(b"".join(generateMessages(50))).hexdigest()
        self.assertEqual(digest[:16], "6609f9ac93087347")

    def test_kinds(self) -> None:
        messages = generateMessages(50)
        self.assertTrue(all(message.count(b"\n") == message.count(b"\r\n") for message in messages))
        types = {email.message_from_bytes(message).get_content_type() for message in messages}
        self.assertEqual(types, {"text/plain", "multipart/alternative", "multipart/mixed"})
        together = b"".join(messages)
        self.assertIn(b"\r\nFrom here", together)
        self.assertTrue(re.search(rb"[\x80-\xff]", together))


class EmbeddedServerTests(CoroutineTestCase):
    async def start(self, *arguments: Any, **options: Any) -> EmbeddedServer:
        server = await EmbeddedServer(*arguments, **options).start()
        self.addCleanup(server.stop)
        return server

    async def client(self, server: EmbeddedServer) -> Any:
        client = await connect(server, imap4.IMAP4Client)
        await client.login(server.user.encode(), server.password.encode())
        return client

    async def test_download(self) -> None:
        server = await self.start(20)
        client = await self.client(server)
        info = await client.examine("INBOX")
        self.assertEqual(info["EXISTS"], 20)
        fetched = await client.fetchSpecific("1:*", peek=1)
        self.assertEqual(
            [value[0][2].encode("latin-1") for _, value in sorted(fetched.items())],
            generateMessages(20),
        )

    async def test_structures(self) -> None:
        client = await self.client(await self.start(10))
        await client.select("INBOX")
        envelopes = await client.fetchEnvelope("1:*")
        self.assertEqual(len(envelopes[1]["ENVELOPE"]), 10)
        structures = await client.fetchBodyStructure("1:*")
        self.assertEqual(structures[4]["BODYSTRUCTURE"][2], "mixed")
        part = await client.fetchSpecific("4", headerNumber=1)
        self.assertIn("From here on", part[4][0][2])

    async def test_headersWithOctetsAbove127(self) -> None:
        raw = b"Subject: caf\xc3\xa9\r\nFrom: a@example.org\r\n\r\ncaf\xc3\xa9\r\n"
        client = await self.client(await self.start([raw]))
        await client.select("INBOX")
        envelopes = await client.fetchEnvelope("1")
        self.assertEqual(envelopes[1]["ENVELOPE"][1], "caf\\\\xc3\\\\xa9")
        whole = await client.fetchSpecific("1", peek=1)
        self.assertEqual(whole[1][0][2].encode("latin-1"), raw)

    async def test_change(self) -> None:
        server = await self.start(5, mailboxes={"Archive": []})
        client = await self.client(server)
        await client.select("INBOX")
        await client.setFlags("1,3", ["\\Deleted"], silent=False)
        await client.addFlags("2", ["\\Seen"], silent=False)
        await client.removeFlags("3", ["\\Deleted"], silent=False)
        self.assertEqual(server.inbox.messages[0].flags, ["\\Deleted"])
        self.assertEqual(await client.expunge(), [1])
        await client.copy("1:2", "ARCHIVE", 0)
        status = await client.status("Archive", "MESSAGES", "UIDNEXT", "UNSEEN")
        self.assertEqual(status["MESSAGES"], 2)
        await client.append(
            "Archive",
            BytesIO(b"Subject: x\r\n\r\nx\r\n"),
            ("\\Seen",),
            "14-Nov-2023 22:13:20 +0000",
        )
        await client.select("Archive")
        dates = await client.fetchInternalDate("3")
        self.assertEqual(dates[3]["INTERNALDATE"], "14-Nov-2023 22:13:20 +0000")
        self.assertEqual(await client.search(imap4.Query(unseen=True)), [2])

    async def test_emptyInbox(self) -> None:
        client = await self.client(await self.start(0))
        self.assertEqual((await client.select("INBOX"))["EXISTS"], 0)
        self.assertEqual(await client.fetchFlags("1:*"), {})
        self.assertEqual(await client.expunge(), [])

    async def test_wrongPassword(self) -> None:
        server = await self.start(1, "ada", "sesame")
        client = await connect(server, imap4.IMAP4Client)
        with self.assertRaises(imap4.IMAP4Exception):
            await client.login(b"ada", b"simsim")
        await client.login(b"ada", b"sesame")

    async def test_authenticate(self) -> None:
        server = await self.start(1)
        client = await connect(server, imap4.IMAP4Client)
        client.registerAuthenticator(imap4.PLAINAuthenticator(b"user"))
        await client.authenticate(b"secret")

    async def test_stop(self) -> None:
        server = await self.start(1)
        collector = await connect(server, Collector)
        await server.stop()
        await collector.lost
        with self.assertRaises(error.ConnectionRefusedError):
            await connect(server, Collector)
        # Trial itself sees whether anything is left in the reactor.


class ScriptedServerTests(CoroutineTestCase):
    async def start(self, *script: Any, **options: Any) -> ScriptedServer:
        server = await ScriptedServer(script, **options).start()
        self.addCleanup(server.stop)
        return server

    async def collect(self, server: ScriptedServer) -> Collector:
        collector: Collector = await connect(server, Collector)
        return collector

    async def test_conversation(self) -> None:
        server = await self.start(
            Send(b"* OK ready\r\n"),
            ExpectCommand(b"NOOP"),
            Send(b"* 3 EXISTS\r\n" + TAG + b" OK done\r\n"),
            ExpectCommand(re.compile(rb"LOGIN .*")),
            ExpectLine(),
            Send(TAG + b" OK in\r\n"),
            Drop(),
        )
        collector = await self.collect(server)
        collector.transport.write(b"a1 NO")
        collector.transport.write(b'OP\r\na2 LOGIN {2+}\r\nxy "b"\r\n')
        await collector.lost
        await server.whenFinished()
        self.assertEqual(server.received, [b"a1 NOOP", b"a2 LOGIN {2+}", b'xy "b"'])
        self.assertEqual(collector.data, b"* OK ready\r\n* 3 EXISTS\r\na1 OK done\r\na2 OK in\r\n")

    async def test_octets(self) -> None:
        server = await self.start(ExpectOctets(5), ExpectLine(b""), Send(b"x"), Drop())
        collector = await self.collect(server)
        collector.transport.write(b"a\r\nbc\r\n")
        await collector.lost
        self.assertEqual(server.received, [b"a\r\nbc", b""])
        self.assertEqual(collector.data, b"x")

    async def test_pieces(self) -> None:
        server = await self.start(
            Send(b"abcdefgh"), Send(b"ij"), Drop(), chunkSize=[1, 3], interval=0.02
        )
        collector = await self.collect(server)
        await collector.lost
        self.assertEqual(collector.data, b"abcdefghij")
        self.assertEqual(collector.pieces, [b"a", b"bcd", b"e", b"fgh", b"i", b"j"])

    async def test_piecesAreNotEmpty(self) -> None:
        with self.assertRaises(ValueError):
            ScriptedServer([], chunkSize=0)

    async def test_drop(self) -> None:
        server = await self.start(Send(b"* OK"), Drop())
        collector = await self.collect(server)
        reason = await collector.lost
        self.assertIsInstance(reason, error.ConnectionDone)
        self.assertEqual(collector.data, b"* OK")

    async def test_abort(self) -> None:
        server = await self.start(ExpectCommand(), Drop(abort=True))
        collector = await self.collect(server)
        collector.transport.write(b"a NOOP\r\n")
        reason = await collector.lost
        self.assertIsInstance(reason, error.ConnectionLost)
        await server.whenFinished()

    async def test_dropAfter(self) -> None:
        for octets in range(1, 8):
            server = await self.start(Send(b"abcd"), Send(b"efgh"), dropAfter=octets)
            collector = await self.collect(server)
            await collector.lost
            self.assertEqual(collector.data, b"abcdefgh"[:octets])
            await server.whenFinished()

    async def test_pause(self) -> None:
        server = await self.start(Send(b"a"), Pause(0.05), Send(b"b"), Drop())
        collector = await self.collect(server)
        # What comes during a pause waits for its end.
        collector.transport.write(b"x")
        await collector.lost
        self.assertEqual(collector.pieces, [b"a", b"b"])

    async def test_mismatch(self) -> None:
        server = await self.start(ExpectCommand(b"NOOP"), Send(TAG + b" OK\r\n"))
        finished = server.whenFinished()
        collector = await self.collect(server)
        collector.transport.write(b"a CHECK\r\n")
        await collector.lost
        with self.assertRaises(ScriptMismatch) as raised:
            await finished
        self.assertIn("a CHECK", str(raised.exception))
        # The outcome can be asked for later, too.
        await self.assertFailure(server.whenFinished(), ScriptMismatch)

    async def test_clientLeavesEarly(self) -> None:
        server = await self.start(ExpectCommand())
        collector = await self.collect(server)
        collector.transport.loseConnection()
        await self.assertFailure(server.whenFinished(), error.ConnectionDone)

    async def test_stopDuringPause(self) -> None:
        server = await self.start(Pause(1000))
        collector = await self.collect(server)
        await server.stop()
        await collector.lost
