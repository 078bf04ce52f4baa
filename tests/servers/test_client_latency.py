"""
Client over a line with 50 ms of a round trip: what is not waited for.  The limits are
wide, for machines that have other things to do; benchmarks/client_rates.py measures.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint

from tests.helpers.coroutines import CoroutineTestCase
from tests.helpers.dovecot import Dovecot
from tests.helpers.proxy import Proxy
from twisted_imapc._order import Command
from twisted_imapc.client import Client

pytestmark = pytest.mark.slow

TRIP = 0.05


class LatencyTests(CoroutineTestCase):
    timeout = 60
    server: Dovecot
    users = 0

    @pytest.fixture(autouse=True)
    def _server(self, server: Dovecot) -> None:
        self.server = server

    async def far_client(self, mail: list[bytes], rate: float = 1e12) -> Client:
        LatencyTests.users += 1
        name = self.server.user(f"far{self.users}", mail)
        proxy = await Proxy(self.server.host, self.server.port, TRIP, rate).start()
        endpoint = HostnameEndpoint(reactor, proxy.host, proxy.port)
        client = await Client.connect(endpoint, plaintext=True)

        async def end() -> None:
            client.abort()
            await client.disconnected()
            await proxy.stop()
            # What was on the line.
            pause: Deferred[None] = Deferred()
            reactor.callLater(3 * TRIP, pause.callback, None)
            await pause

        self.addCleanup(lambda: Deferred.fromCoroutine(end()))
        await client.login(name, self.server.password)
        await client.select("INBOX")
        return client

    async def test_commands_do_not_wait_for_each_other(self) -> None:
        client = await self.far_client([b"Subject: x\r\n\r\n"])
        names = [f"Box{number}" for number in range(100)]
        create = [Command("CREATE", b"CREATE " + name.encode()) for name in names]
        for call in (
            lambda number: client._pipeline.send(create[number]),
            lambda number: client.status(names[number]),
            lambda number: client.store(1, add=["\\Seen"]),
            lambda number: client.search("SEEN"),
        ):
            start = time.monotonic()
            await gatherResults([call(number) for number in range(100)])
            # One by one they would take all of it.
            assert time.monotonic() - start < 0.8 * 100 * TRIP

    async def test_windows_do_not_wait_for_each_other(self) -> None:
        """A download in windows takes about as long as one in one."""
        mail = [b"Subject: %d\r\n\r\n%b" % (n, b"x" * 20_000) for n in range(500)]
        client = await self.far_client(mail, 12.5e6)
        client.windowOctets = 1024 * 1024
        seconds: list[float] = []
        for window in (0, None):
            start = time.monotonic()
            got: list[Any] = []
            async for message in client.fetch("1:*", "BODY.PEEK[]", window=window):
                got.append(message.uid)
            seconds.append(time.monotonic() - start)
            assert got == list(range(1, 501))
        # Ten windows, one by one, would take half a second more.
        assert seconds[1] < seconds[0] + 6 * TRIP

    async def test_a_command_inside_the_loop_is_answered_soon(self) -> None:
        mail = [b"Subject: %d\r\n\r\n%b" % (n, b"x" * 20_000) for n in range(1000)]
        client = await self.far_client(mail, 12.5e6)
        slowest = 0.0
        got = 0
        async for message in client.fetch("1:*", "BODY.PEEK[]"):
            got += 1
            if got % 100 == 0:
                assert message.uid is not None
                start = time.monotonic()
                await client.store(message.uid, add=["\\Seen"])
                slowest = max(slowest, time.monotonic() - start)
        # All that is left would take 1.5 seconds.
        assert got == 1000 and slowest < 1.2
