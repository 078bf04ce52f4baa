"""
The life cycle over TCP: resets, half closes and stalls, in mid-literal, both ways.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.mail.imap4 import IllegalServerResponse, IMAP4Exception

from tests.helpers.server_case import GREETS, QuietFactory, ServerTestCase
from twisted_imapc import IMAP4Client, ResponseTooLarge
from twisted_imapc.testing import (
    TAG,
    Drop,
    ExpectCommand,
    ExpectLine,
    ExpectOctets,
    Pause,
    Send,
    Step,
)

# More than the buffers of both sockets hold.
SIZE = 16 * 1024 * 1024

UP_TO_APPEND = (GREETS, ExpectCommand(re.compile(rb"APPEND .*")), Send(b"+ go\r\n"))
UP_TO_FETCH = (GREETS, ExpectCommand(b"FETCH 1 (RFC822)"))


class Lines(IMAP4Client):
    """Takes the other way in."""

    def lineReceived(self, line: bytes) -> None:
        super().lineReceived(line)


class Fired:
    """What a Deferred came to; more than once would raise in it."""

    def __init__(self, d: Deferred[Any]) -> None:
        self.done: Deferred[None] = Deferred()
        self.outcomes: list[Any] = []
        d.addBoth(self._fired)

    def _fired(self, outcome: Any) -> None:
        self.outcomes.append(outcome)
        self.done.callback(None)

    async def failure(self) -> Any:
        """The exception that it failed with."""
        await self.done
        (outcome,) = self.outcomes
        return outcome.value


class SocketTests:
    """Both ways in run these."""

    protocol: type[IMAP4Client]

    async def start(self: Any, *script: Step, **options: Any) -> Any:
        self.server = await self.scripted(*script, **options)
        factory = QuietFactory(protocol=self.protocol)
        self.connect(self.server, factory)
        return await factory.deferred

    async def endOf(self: Any, *script: Step, **options: Any) -> list[type]:
        """What a FETCH and the command behind it fail with."""
        client = await self.start(*UP_TO_FETCH, *script, **options)
        fired = [Fired(client.fetchMessage("1")), Fired(client.noop())]
        return [type(await one.failure()) for one in fired]

    async def test_resetInMidLiteral(self: Any) -> None:
        part = Send(b"* 1 FETCH (RFC822 {100000}\r\n" + b"x" * 50_000)
        self.assertEqual(await self.endOf(part, Drop(abort=True)), [error.ConnectionLost] * 2)

    async def test_halfCloseInMidLiteral(self: Any) -> None:
        part = Send(b"* 1 FETCH (RFC822 {100000}\r\n" + b"x" * 50_000)
        self.assertEqual(await self.endOf(part, Drop()), [error.ConnectionDone] * 2)

    async def test_closedAnywhere(self: Any) -> None:
        wire = b"* 1 FETCH (RFC822 {3}\r\nabc FLAGS (a))\r\n* 3 EXISTS\r\n0001 OK"
        for length in range(1, len(wire), 6):
            ends = await self.endOf(Send(wire), dropAfter=len(GREETS.data) + length)
            self.assertEqual(ends, [error.ConnectionDone] * 2)

    async def test_byeAndClose(self: Any) -> None:
        ends = await self.endOf(Send(b"* 1 FETCH (UID 1)\r\n* BYE enough\r\n"), Drop())
        self.assertEqual(ends, [IMAP4Exception] * 2)

    async def test_byeInLogoutAndClose(self: Any) -> None:
        for abort in (False, True):
            client = await self.start(
                GREETS, ExpectCommand(b"LOGOUT"), Send(b"* BYE\r\n"), Pause(0.1), Drop(abort)
            )
            self.assertIsNone(await client.logout())

    async def test_closeInLogout(self: Any) -> None:
        client = await self.start(GREETS, ExpectCommand(b"LOGOUT"), Drop())
        self.assertIsInstance(await Fired(client.logout()).failure(), error.ConnectionDone)

    async def test_tooLarge(self: Any) -> None:
        """Closed by us; the reactor has nothing to log."""
        for wire in (b"* 1 FETCH (RFC822 {268435457}\r\n", b"* X {99999999999}\r\n"):
            ends = await self.endOf(Send(wire + b"x" * 100_000))
            self.assertEqual(ends, [ResponseTooLarge] * 2)

    async def test_brokenFraming(self: Any) -> None:
        """The reactor logs it."""
        ends = await self.endOf(Send(b"* X {x}\r\n"))
        self.assertEqual(ends, [IllegalServerResponse] * 2)
        self.assertEqual(len(self.flushLoggedErrors(IllegalServerResponse)), 1)

    async def test_timeoutInMidLiteral(self: Any) -> None:
        client = await self.start(*UP_TO_FETCH, Send(b"* 1 FETCH (RFC822 {9}\r\nx"))
        client.setTimeout(0.1)
        fired = [Fired(client.fetchMessage("1")), Fired(client.noop())]
        ends = [type(await one.failure()) for one in fired]
        self.assertEqual(ends, [error.TimeoutError] * 2)

    async def test_callbackThatAborts(self: Any) -> None:
        more = Send(TAG + b" OK x\r\n* 3 EXISTS\r\n")
        client = await self.start(*UP_TO_FETCH, more)
        d = client.fetchMessage("1")
        d.addCallback(lambda _: client.transport.abortConnection())
        queued = Fired(client.noop())
        self.assertIsInstance(await queued.failure(), error.ConnectionLost)
        self.assertIsNone(await d)

    # APPEND

    async def test_noInMidAppend(self: Any) -> None:
        size = SIZE // 4
        client = await self.start(
            *UP_TO_APPEND,
            ExpectOctets(100_000),
            Send(TAG + b" NO over quota\r\n"),
            ExpectOctets(size - 100_000),
            ExpectLine(b""),
            ExpectCommand(b"NOOP"),
            Send(TAG + b" OK x\r\n"),
        )
        append = Fired(client.append("x", BytesIO(b"m" * size)))
        noop = client.noop()
        self.assertIsInstance(await append.failure(), IMAP4Exception)
        self.assertEqual(await noop, [])

    async def test_resetInMidAppend(self: Any) -> None:
        client = await self.start(*UP_TO_APPEND, ExpectOctets(100_000), Drop(abort=True))
        fired = [Fired(client.append("x", BytesIO(b"m" * SIZE))), Fired(client.noop())]
        for one in fired:
            self.assertIsInstance(await one.failure(), error.ConnectionLost)

    async def test_noAndResetInMidAppend(self: Any) -> None:
        client = await self.start(
            *UP_TO_APPEND, ExpectOctets(100_000), Send(TAG + b" NO x\r\n"), Drop(abort=True)
        )
        sent: list[bytes] = []
        client.trace = lambda who, line: sent.append(line)
        append = Fired(client.append("x", BytesIO(b"m" * SIZE)))
        noop = Fired(client.noop())
        await append.failure()
        self.assertIsInstance(await noop.failure(), error.ConnectionLost)
        self.assertNotIn(b"0002 NOOP", sent)

    async def test_stallInMidAppend(self: Any) -> None:
        """A server that reads no more: the timeout ends it, and the connection is closed."""
        client = await self.start(*UP_TO_APPEND)
        (connection,) = self.server._open

        def stall(data: bytes) -> None:
            connection.transport.pauseProducing()
            connection.transport.write(b"+ go\r\n")

        connection.dataReceived = stall
        client.setTimeout(0.2)
        fired = [Fired(client.append("x", BytesIO(b"m" * SIZE))), Fired(client.noop())]
        for one in fired:
            self.assertIsInstance(await one.failure(), error.TimeoutError)
        late = Fired(client.noop())
        self.assertEqual(len(late.outcomes), 1)
        await late.failure()

    async def test_fileThatShrinks(self: Any) -> None:
        """The server sees the end of the connection, and no command in the message."""
        client = await self.start(*UP_TO_APPEND)
        file = BytesIO(b"m" * 50_000)
        append, noop = Fired(client.append("x", file)), Fired(client.noop())
        file.truncate(20_000)
        self.assertIsInstance(await append.failure(), error.ConnectionDone)
        self.assertIsInstance((await noop.failure()).__cause__, EOFError)
        self.assertEqual(len(self.flushLoggedErrors(EOFError)), 1)

    async def test_twoAppends(self: Any) -> None:
        file = BytesIO(b"m" * 100_000)
        each = (
            ExpectCommand(re.compile(rb"APPEND x \(\) \{100000\}")),
            Send(b"+ go\r\n"),
            ExpectOctets(100_000),
            ExpectLine(b""),
            Send(TAG + b" OK x\r\n"),
        )
        client = await self.start(GREETS, *each, *each)
        first, second = client.append("x", file), client.append("x", file)
        await first
        await second
        await self.server.whenFinished()


class FastWay(SocketTests, ServerTestCase):
    protocol = IMAP4Client


class LinesWay(SocketTests, ServerTestCase):
    protocol = Lines
