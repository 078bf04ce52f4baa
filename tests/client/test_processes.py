"""A client whose server is a process, as an ssh tunnel and an imapd in PREAUTH are."""

from __future__ import annotations

import sys
from collections.abc import Awaitable
from typing import Any

import pytest
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import ProcessEndpoint
from twisted.internet.task import deferLater

from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc.client import Client, ConnectionGone, Insecure, No, Silent

reactor: Any = _reactor

COUNT = 3000

#: It says nothing to NOOP, and where it is told to stay it does so without its pipes.
SERVER = rf"""
import sys, time
out = sys.stdout.buffer
def say(octets):
    out.write(octets)
    out.flush()
say(b"* %b [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n" % sys.argv[1].encode("ascii"))
while True:
    words = sys.stdin.buffer.readline().split()
    if not words and sys.argv[2:] == ["stay"]:
        time.sleep(60)
    if not words:
        break
    if words[1] == b"NOOP":
        continue
    if words[1] == b"SELECT":
        say(b"* {COUNT} EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT {COUNT + 1}] x\r\n")
    if words[1] == b"UID":
        say(b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (n, n) for n in range(1, {COUNT + 1})))
    if words[1] == b"LOGOUT":
        say(b"* BYE\r\n")
    status = b"NO" if words[1] in (b"LOGIN", b"AUTHENTICATE") else b"OK"
    say(b"%b %b done\r\n" % (words[0], status))
"""


class Small(Client):
    maxLineLength = 1000
    timeout = 0.5


class ProcessTests(CoroutineTestCase):
    timeout = 30

    def endpoint(self, program: str, *arguments: str) -> ProcessEndpoint:
        words = [sys.executable, "-c", program, *arguments]
        return ProcessEndpoint(reactor, sys.executable, words, env=None)

    async def begin(self, *arguments: str, cls: type[Client] = Client) -> Client:
        client = await cls.connect(self.endpoint(SERVER, *arguments))

        def end() -> Deferred[Any]:
            client.abort()
            return client.disconnected()

        self.addCleanup(end)
        return client

    def soon(self, d: Deferred[Any]) -> Awaitable[Any]:
        """No test waits for the 60 seconds that a process stays."""
        return d.addTimeout(10, reactor)

    async def test_a_conversation(self) -> None:
        client = await self.begin("PREAUTH")
        assert (client.state, client.secure) == ("authenticated", False)
        await client.select("INBOX")
        seen = 0
        async for _ in client.fetch("1:*", "FLAGS"):
            seen += 1
            if seen % 1000 == 0:
                # Longer than a buffer takes: it is paused meanwhile.
                await deferLater(reactor, 0.05, lambda: None)
        assert seen == COUNT
        await self.soon(client.logout())
        assert client.state == "closed"

    async def test_no_password_without_tls(self) -> None:
        client = await self.begin("OK")
        with pytest.raises(Insecure):
            await client.login("joe", "secret")
        client.plaintext = True
        with pytest.raises(No):
            await client.login("joe", "secret")

    async def test_no_greeting(self) -> None:
        """A process that says nothing is left, and one that ends is no riddle."""
        for program, kind in (("import time; time.sleep(60)", Silent), ("", ConnectionGone)):
            with pytest.raises(kind, match="^the endpoint: "):
                await self.soon(Client.connect(self.endpoint(program), timeout=1))

    async def test_limits_are_those_of_the_class(self) -> None:
        client = await self.begin("OK", cls=Small)
        assert client._pipeline.parser.maxLineLength == 1000

    async def test_abort(self) -> None:
        for stays in ((), ("stay",)):
            client = await self.begin("OK", *stays)
            client.abort()
            assert isinstance(await self.soon(client.disconnected()), ConnectionGone)

    async def test_silence(self) -> None:
        for stays in ((), ("stay",)):
            client = await self.begin("OK", *stays, cls=Small)
            with pytest.raises(Silent):
                await self.soon(client.noop())

    async def test_abort_behind_its_end(self) -> None:
        client = await self.begin("PREAUTH")
        await self.soon(client.logout())
        client.abort()
        assert await self.soon(client.disconnected()) is None
