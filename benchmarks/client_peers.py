"""
UID and FLAGS of many messages, read by Client and by others: the processor's time, and
how far the resident set grows.  As JSON.

    pip install IMAPClient
    python benchmarks/client_peers.py [COUNT]
    python benchmarks/client_peers.py PEER PORT

Those that are not installed are left out.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.client_rates import Virtual  # noqa: E402
from benchmarks.memory import resident  # noqa: E402

HOST = "127.0.0.1"


class Meter:
    """
    From here on.
    """

    def __init__(self) -> None:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        self._before, self._cpu = resident("VmRSS"), time.process_time()

    def tell(self, messages: int) -> None:
        seconds = time.process_time() - self._cpu
        growth = (resident("VmHWM") - self._before) / 2**20
        print(
            json.dumps(
                {
                    "messages": messages,
                    "cpu_seconds": round(seconds, 3),
                    "peak_rss_growth_mib": round(growth, 1),
                }
            )
        )


def ours(port: int) -> None:
    from twisted.internet import task
    from twisted.internet.defer import Deferred
    from twisted.internet.endpoints import HostnameEndpoint

    from twisted_imapc.client import Client

    async def run(reactor: Any) -> None:
        client = await Client.connect(HostnameEndpoint(reactor, HOST, port))
        await client.select("INBOX")
        meter, count = Meter(), 0
        async for message in client.fetch("1:*", "FLAGS"):
            count += bool(message.uid and message.flags)
        meter.tell(count)
        client.abort()

    task.react(lambda reactor: Deferred.fromCoroutine(run(reactor)))


def twistedClient(port: int) -> None:
    from twisted.internet import task
    from twisted.internet.defer import Deferred
    from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
    from twisted.mail.imap4 import IMAP4Client

    async def run(reactor: Any) -> None:
        client: Any = await connectProtocol(HostnameEndpoint(reactor, HOST, port), IMAP4Client())
        await client.select("INBOX")
        meter = Meter()
        found = await client.fetchFlags("1:*", uid=True)
        meter.tell(sum(bool(one["UID"] and one["FLAGS"]) for one in found.values()))
        client.transport.abortConnection()

    task.react(lambda reactor: Deferred.fromCoroutine(run(reactor)))


def imapClient(port: int) -> None:
    client = importlib.import_module("imapclient").IMAPClient(HOST, port, ssl=False)
    count = client.select_folder("INBOX")[b"EXISTS"]
    meter = Meter()
    found = client.fetch(range(1, count + 1), ["FLAGS"])
    meter.tell(sum(bool(one[b"FLAGS"]) for one in found.values()))


PEERS: dict[str, tuple[str, Callable[[int], None]]] = {
    "Client": ("twisted_imapc", ours),
    "Twisted's IMAP4Client": ("twisted", twistedClient),
    "IMAPClient": ("imapclient", imapClient),
}


def measured(name: str, count: int) -> Any:
    with Virtual(count, 0) as server:
        done = subprocess.run(
            [sys.executable, __file__, name, str(server.port)],
            capture_output=True,
            text=True,
            timeout=1200,
        )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.splitlines()[-1]


def main() -> None:
    if len(sys.argv) == 3:
        PEERS[sys.argv[1]][1](int(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    there = {name for name, (module, _) in PEERS.items() if importlib.util.find_spec(module)}
    print(json.dumps({name: measured(name, count) for name in PEERS if name in there}, indent=2))


if __name__ == "__main__":
    main()
