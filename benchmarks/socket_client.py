"""
One client in a fresh process, over a real socket with the real reactor.

    python benchmarks/socket_client.py CLIENT CASE PORT [USER PASSWORD]

CLIENT is a name of L{benchmarks.clients.CLIENTS}, or "discard" for one that looks
for nothing but the tagged answer.  With a user it logs in and opens the INBOX
first.  It prints the seconds from the command to its result, and a digest of that.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from twisted.internet import defer, endpoints, protocol, reactor, task

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.cases import CASES  # noqa: E402
from benchmarks.clients import CLIENTS, collectWhatIsDue, command  # noqa: E402


class Discarder(protocol.Protocol):
    """
    What the socket and the reactor cost without any client at all.
    """

    def __init__(self) -> None:
        self.number = 0
        self.tail = b""
        self.waiting: defer.Deferred[None] | None = None

    def send(self, line: bytes) -> defer.Deferred[None]:
        self.number += 1
        self.tag = b"\r\n%04d " % self.number
        self.waiting = defer.Deferred()
        transport: Any = self.transport
        transport.write(self.tag[2:] + line + b"\r\n")
        return self.waiting

    def dataReceived(self, data: bytes) -> None:
        # The tagged answer to LOGIN may be long: it lists capabilities.
        self.tail = (self.tail + data if len(data) < 4096 else data)[-4096:]
        if self.waiting is None or not self.tail.endswith(b"\r\n"):
            return
        if self.tag in b"\r\n" + self.tail:
            waiting, self.waiting = self.waiting, None
            waiting.callback(None)


def greeting(cls: Any) -> tuple[Any, defer.Deferred[None]]:
    """
    A client, and what fires at its greeting.
    """
    greeted: defer.Deferred[None] = defer.Deferred()

    class Client(cls):
        def serverGreeting(self, capabilities: Any) -> None:
            greeted.callback(None)

    return Client(), greeted


async def run(name: str, case: str, port: str, *account: str) -> None:
    endpoint = endpoints.clientFromString(reactor, f"tcp:127.0.0.1:{port}")
    if name == "discard":
        line = command(CASES[case])
        client: Any = Discarder()
        await endpoints.connectProtocol(endpoint, client)
        if account:
            quoted = [word.replace("\\", r"\\").replace('"', r"\"") for word in account]
            await client.send(b'LOGIN "%b" "%b"' % tuple(word.encode() for word in quoted))
            await client.send(b"SELECT INBOX")
        call = lambda: client.send(line)  # noqa: E731
    else:
        client, greeted = greeting(CLIENTS[name])
        await endpoints.connectProtocol(endpoint, client)
        await greeted
        if account:
            await client.login(*(word.encode() for word in account))
            await client.select("INBOX")
        call = lambda: CASES[case].call(client)  # noqa: E731
    start = time.perf_counter()
    result = await call()
    collectWhatIsDue()
    seconds = time.perf_counter() - start
    digest = hashlib.sha256(repr(result).encode()).hexdigest()
    print(json.dumps({"seconds": seconds, "digest": digest}))


if __name__ == "__main__":
    task.react(lambda reactor: defer.ensureDeferred(run(*sys.argv[1:])))
