"""
Client's figures, as JSON: how much of a processor, of memory and of time it takes.

    python benchmarks/client_rates.py            all rows, each in a process of its own
    python benchmarks/client_rates.py ROW        one row, in this process

The servers are processes of their own, but for the slow line, which is in this one.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor, task
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.memory import resident  # noqa: E402
from tests.helpers.dovecot import Dovecot  # noqa: E402
from tests.helpers.proxy import Proxy  # noqa: E402
from twisted_imapc import connect  # noqa: E402
from twisted_imapc.client import Client  # noqa: E402

reactor: Any = _reactor

MiB = 1024 * 1024
TRIP = 0.05
RATE = 12.5e6

Figures = dict[str, Any]


class Virtual:
    """
    A server in a process of its own, see virtual_server.py.
    """

    host = "127.0.0.1"

    def __init__(self, count: int, size: int) -> None:
        program = str(Path(__file__).with_name("virtual_server.py"))
        self._process = subprocess.Popen(
            [sys.executable, program, str(count), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Virtual:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Watch:
    """
    What is going on in a client: the longest turn of the reactor by CPU time, octets
    read, and how far the resident set grows.
    """

    def __init__(self, client: Client) -> None:
        self.longest = 0.0
        self.octets = 0
        wire: Any = client._pipeline.owner()
        theirs = wire.dataReceived

        def dataReceived(data: bytes) -> None:
            self.octets += len(data)
            start = time.process_time()
            theirs(data)
            self.longest = max(self.longest, time.process_time() - start)

        wire.dataReceived = dataReceived
        gc.collect()
        # The peak begins anew.
        Path("/proc/self/clear_refs").write_text("5")
        self._before = resident("VmRSS")
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def figures(self) -> Figures:
        return {
            "cpu_seconds": round(time.process_time() - self._cpu, 3),
            "wall_seconds": round(time.perf_counter() - self._wall, 3),
            "peak_rss_growth_mib": round((resident("VmHWM") - self._before) / MiB, 2),
            "longest_turn_cpu_ms": round(self.longest * 1e3, 2),
        }


async def connected(server: Any) -> Client:
    endpoint = HostnameEndpoint(reactor, server.host, server.port)
    return await Client.connect(endpoint, plaintext=True)


async def flags() -> Figures:
    """
    1,000,000 messages' UID and FLAGS through the loop.
    """
    with Virtual(10**6, 0) as server:
        client = await connected(server)
        await client.select("INBOX")
        watch = Watch(client)
        count = 0
        async for message in client.fetch("1:*", "FLAGS"):
            count += bool(message.uid and message.flags)
        client.abort()
        return {"messages": count, **watch.figures()}


async def largeMailbox() -> Figures:
    """
    10 GB in messages of 100 KB, one after the other.
    """
    with Virtual(100_000, 100_000) as server:
        client = await connected(server)
        await client.select("INBOX")
        watch = Watch(client)
        octets = 0
        async for message in client.fetch("1:*", "BODY.PEEK[]"):
            octets += len(message["BODY[]"])
        client.abort()
        return {"octets": octets, **watch.figures()}


async def leaving() -> Figures:
    """
    Leaving the loop behind 300 messages of 20 KB: octets until the next command is
    answered.
    """
    with Virtual(50_000, 20_000) as server:
        proxy = await Proxy(server.host, server.port, TRIP, RATE).start()
        client = await connected(proxy)
        await client.select("INBOX")
        watch = Watch(client)
        count = 0
        async for _ in client.fetch("1:*", "BODY.PEEK[]"):
            count += 1
            if count == 300:
                break
        before, start = watch.octets, time.perf_counter()
        await client.noop()
        seconds = time.perf_counter() - start
        client.abort()
        return {"octets_mib": round((watch.octets - before) / MiB, 2), "seconds": round(seconds, 3)}


async def statuses() -> Figures:
    """
    200 STATUS at 50 ms of a round trip, one by one and all at once.
    """
    with Virtual(10, 0) as server:
        proxy = await Proxy(server.host, server.port, TRIP).start()
        client = await connected(proxy)
        names = [f"box{number}" for number in range(200)]
        start = time.perf_counter()
        await gatherResults([client.status(name, "MESSAGES") for name in names])
        together = time.perf_counter() - start
        client.pipelineDepth = 1
        start = time.perf_counter()
        await gatherResults([client.status(name, "MESSAGES") for name in names[:20]])
        alone = (time.perf_counter() - start) * 10
        client.abort()
        return {"seconds": round(together, 3), "one_by_one_seconds": round(alone, 2)}


async def download() -> Figures:
    """
    30 MB of messages of 20 KB over 50 ms and 100 Mbit/s from Dovecot: one FETCH, and
    windows.
    """
    mail = [b"Subject: %d\r\n\r\n%b" % (n, b"x" * 72 * 277) for n in range(1500)]
    with Dovecot() as server:
        server.user("joe", mail)
        proxy = await Proxy(server.host, server.port, TRIP, RATE).start()
        client = await connected(proxy)
        await client.login("joe", server.password)
        await client.select("INBOX")
        seconds: dict[str, list[float]] = {"one": [], "windows": []}
        for _ in range(3):
            for name, window in (("one", 0), ("windows", None)):
                start = time.perf_counter()
                count = 0
                async for _ in client.fetch("1:*", "BODY.PEEK[]", window=window):
                    count += 1
                assert count == 1500
                seconds[name].append(time.perf_counter() - start)
        client.abort()
        one, windows = min(seconds["one"]), min(seconds["windows"])
        return {
            "one_fetch_seconds": round(one, 3),
            "windows_seconds": round(windows, 3),
            "ratio": round(one / windows, 3),
        }


async def envelopes() -> Figures:
    """
    100,000 envelopes, kept: the drop-in's dicts, and records.
    """
    figures: Figures = {}
    with Virtual(100_000, 0) as server:
        endpoint = HostnameEndpoint(reactor, server.host, server.port)
        client = await connected(server)
        await client.select("INBOX")
        watch = Watch(client)
        records = await client.fetch("1:*", "ENVELOPE").all()
        figures["records"] = watch.figures()
        assert len(records) == 100_000
        client.abort()
        del records
        dropIn: Any = await connect(endpoint)
        await dropIn.select("INBOX")
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before, cpu = resident("VmRSS"), time.process_time()
        dicts = await dropIn.fetchEnvelope("1:*", uid=True)
        figures["dicts"] = {
            "cpu_seconds": round(time.process_time() - cpu, 3),
            "peak_rss_growth_mib": round((resident("VmHWM") - before) / MiB, 2),
        }
        assert len(dicts) == 100_000
        dropIn.transport.abortConnection()
    return figures


ROWS: dict[str, Callable[[], Awaitable[Figures]]] = {
    "1,000,000 UID and FLAGS": flags,
    "100,000 envelopes, kept": envelopes,
    "200 STATUS at 50 ms": statuses,
    "30 MB at 50 ms and 100 Mbit/s": download,
    "10 GB, message by message": largeMailbox,
    "left behind 300 messages": leaving,
}


def measured(name: str) -> Figures:
    """
    One row, in a process of its own.
    """
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: Figures = json.loads(done.stdout)
    return figures


def main() -> None:
    if len(sys.argv) > 1:
        row = ROWS[sys.argv[1]]

        async def run(_: Any) -> None:
            print(json.dumps(await row()))

        task.react(lambda reactor: Deferred.fromCoroutine(run(reactor)))
    else:
        print(json.dumps({name: measured(name) for name in ROWS}, indent=2))


if __name__ == "__main__":
    main()
