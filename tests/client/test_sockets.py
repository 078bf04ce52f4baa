"""
The life of a fetch over TCP: however a loop is left, memory stays flat, the
connection is of use, and nothing of the fetch remains.

The mailbox has 10 GB, and its server is a process of its own: what grows is ours.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.task import deferLater

from benchmarks.peers.measuring import beginPeakAnew, resident
from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc.client import Client, ConnectionGone, Message, Overrun, UIDSet

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "virtual_server.py"

MiB = 1024 * 1024

COUNT, SIZE = 100_000, 100_000

# What a fetch may take, and what Python takes for the sake of nobody.
MOST = 48 * MiB


class Abandoned(Exception):
    """Raised inside of a loop."""


class SocketStreamTests(CoroutineTestCase):
    timeout = 30

    async def begin(self, **settings: Any) -> Client:
        """A mailbox is selected, and memory counts from now on."""
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(COUNT), str(SIZE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(self.process.wait)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            self.addCleanup(pipe.close)
        self.addCleanup(self.process.kill)
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        endpoint = HostnameEndpoint(reactor, "127.0.0.1", port)
        client = self.client = await Client.connect(endpoint, plaintext=True)

        def end() -> Deferred[Any]:
            client.abort()
            return client.disconnected()

        self.addCleanup(end)
        for name, value in settings.items():
            setattr(client, name, value)
        await client.select("INBOX")
        self.fetches: list[weakref.ref[Any]] = []
        gc.collect()
        self.before = beginPeakAnew()
        return client

    def fetch(self, messages: Any = "1:*") -> Any:
        made = self.client.fetch(messages, "BODY.PEEK[]")
        self.fetches.append(weakref.ref(made))
        return made

    async def check(self, goesOn: bool = True) -> None:
        """It is flat; the next command has its answer; nothing is left."""
        if goesOn:
            status = await self.client.status("INBOX", "MESSAGES")
            assert status.messages == COUNT
        grown = resident("VmHWM") - self.before
        assert grown < MOST, f"{grown / MiB:.1f} MiB"
        await deferLater(reactor, 0, lambda: None)
        gc.collect()
        assert [one() for one in self.fetches] == [None] * len(self.fetches)
        assert self.client._pipeline.streams == []

    async def read(self, count: int, messages: Any = "1:*") -> int:
        """So many messages, and no more."""
        seen = 0
        async for message in self.fetch(messages):
            assert len(message["BODY[]"]) == SIZE
            seen += 1
            if seen == count:
                break
        return seen

    async def test_flat(self) -> None:
        await self.begin()
        assert await self.read(2000) == 2000
        await self.check()

    async def test_left_early(self) -> None:
        await self.begin()
        for _ in range(20):
            assert await self.read(1) == 1
        await self.check()

    async def test_an_exception_in_the_loop(self) -> None:
        await self.begin()

        async def fail() -> None:
            async for message in self.fetch():
                if message.uid == 50:
                    raise Abandoned

        with pytest.raises(Abandoned):
            await fail()
        await self.check()

    async def test_closed(self) -> None:
        await self.begin()
        fetch = self.fetch()
        uids = []
        async for message in fetch:
            uids.append(message.uid)
            if message.uid == 20:
                fetch.close()
        assert uids[:20] == list(range(1, 21)) and len(uids) <= 256
        del fetch
        await self.check()

    async def test_batches_dropped(self) -> None:
        await self.begin()

        async def first() -> list[Message]:
            async for batch in self.fetch().batches():
                return batch
            raise AssertionError

        assert (await first())[0].uid == 1
        await self.check()

    async def test_a_loop_is_cancelled(self) -> None:
        await self.begin()
        reached: Deferred[None] = Deferred()

        async def wait() -> None:
            async for message in self.fetch():
                if message.uid == 20:
                    reached.callback(None)
                    await Deferred()

        d = Deferred.fromCoroutine(wait())
        await reached
        # Until then the loop is what runs.
        await deferLater(reactor, 0, lambda: None)
        d.cancel()
        with pytest.raises(CancelledError):
            await d
        await self.check()

    async def test_all_is_cancelled(self) -> None:
        client = await self.begin()
        d = self.fetch().all()
        # It waits behind the first window.
        await client.noop()
        d.cancel()
        with pytest.raises(CancelledError):
            await d
        del d
        await self.check()

    async def test_the_connection_is_lost(self) -> None:
        await self.begin()

        async def go() -> None:
            async for message in self.fetch():
                if message.uid == 50:
                    self.process.kill()

        with pytest.raises(ConnectionGone) as caught:
            await go()
        assert caught.value.written
        del caught
        await self.check(goesOn=False)

    async def test_a_slow_reader(self) -> None:
        await self.begin()
        seen = 0
        async for _ in self.fetch():
            seen += 1
            await deferLater(reactor, 0.002, lambda: None)
            if seen == 300:
                break
        await self.check()

    async def test_a_reader_that_comes_no_more(self) -> None:
        """It is held by somebody; a command goes on, and what piles up is bounded."""
        client = await self.begin(maxBacklog=8 * MiB)
        stopped = self.fetch().__aiter__()
        message = await stopped.__anext__()
        assert message.uid == 1
        for _ in range(20):
            await client.noop()
        with pytest.raises(Overrun):
            async for _ in stopped:
                pass
        del stopped
        await self.check()

    async def test_commands_in_the_loop(self) -> None:
        client = await self.begin()
        async for message in self.fetch():
            assert message.uid is not None
            if message.uid % 50 == 0:
                await client.store(message.uid, add=["\\Seen"])
            if message.uid == 300:
                break
        await self.check()

    async def test_a_fetch_in_a_fetch(self) -> None:
        await self.begin()
        inner = 0
        async for message in self.fetch():
            assert message.uid is not None
            if message.uid % 20 == 0:
                inner += await self.read(3, UIDSet(range(message.uid, message.uid + 9)))
            if message.uid == 200:
                break
        assert inner == 30
        await self.check()

    async def test_a_fetch_beside_a_fetch(self) -> None:
        await self.begin()
        readers = [Deferred.fromCoroutine(self.read(200)) for _ in range(2)]
        assert await gatherResults(readers) == [200, 200]
        del readers
        await self.check()

    async def test_a_logout_in_the_loop(self) -> None:
        client = await self.begin()

        async def leave() -> None:
            async for message in self.fetch():
                if message.uid == 20:
                    await client.logout()

        with pytest.raises(ConnectionGone):
            await leave()
        assert client.state == "closed"
        await self.check(goesOn=False)
