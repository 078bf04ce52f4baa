"""
The clients that run in Twisted's reactor: ours, Twisted's own, and one that looks for
nothing but the tagged answer, which is what socket, reactor and TLS cost by themselves.

    with_twisted.py discard|twisted_imapc|Twisted WORDS PORT AUTHORITY USER PASSWORD
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

from twisted.internet import defer, endpoints, protocol, reactor, ssl, task as tasks
from twisted.internet.interfaces import ISSLTransport

sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.cases import CASES, Case  # noqa: E402
from benchmarks.clients import OurClient, TheirClient, command  # noqa: E402
from benchmarks.peers.measuring import HOST, NAME, Stopwatch, Task, tell  # noqa: E402

CLIENTS: dict[str, Any] = {"twisted_imapc": OurClient, "Twisted": TheirClient}


class Discarder(protocol.Protocol):
    """
    What the socket and the reactor cost without any client at all.

    @ivar received: how many octets came.
    """

    def __init__(self) -> None:
        self.number = 0
        self.received = 0
        self.tail = b""
        self.waiting: defer.Deferred[None] | None = None

    def send(self, line: bytes) -> defer.Deferred[None]:
        self.number += 1
        self.received = 0
        self.tag = b"\r\n%04d " % self.number
        self.waiting = defer.Deferred()
        transport: Any = self.transport
        transport.write(self.tag[2:] + line + b"\r\n")
        return self.waiting

    def dataReceived(self, data: bytes) -> None:
        self.received += len(data)
        # The tagged answer to LOGIN may be long: it lists capabilities.
        self.tail = (self.tail + data if len(data) < 4096 else data)[-4096:]
        if self.waiting is None or not self.tail.endswith(b"\r\n"):
            return
        if self.tag in b"\r\n" + self.tail:
            waiting, self.waiting = self.waiting, None
            waiting.callback(None)

    def connectionLost(self, reason: Any = None) -> None:
        if self.waiting is not None:
            self.waiting.errback(reason)


def greeting(cls: Any) -> tuple[Any, defer.Deferred[None]]:
    """
    A client, and what fires at its greeting.
    """
    greeted: defer.Deferred[None] = defer.Deferred()

    class Client(cls):
        def serverGreeting(self, capabilities: Any) -> None:
            greeted.callback(None)

        def connectionLost(self, reason: Any = None) -> None:
            super().connectionLost(reason)
            if not greeted.called:
                greeted.errback(reason)

    return Client(), greeted


def endpoint(task: Task) -> Any:
    plain = endpoints.TCP4ClientEndpoint(reactor, HOST, task.port)
    if not task.authority:
        return plain
    root = ssl.Certificate.loadPEM(Path(task.authority).read_bytes())
    return endpoints.wrapClientTLS(ssl.optionsForClientTLS(NAME, trustRoot=root), plain)


async def discard(task: Task, case: Case) -> None:
    """
    Its count is octets: it knows of nothing else.
    """
    line = command(case)
    client: Any = Discarder()
    await endpoints.connectProtocol(endpoint(task), client)
    quoted = [word.replace("\\", r"\\").replace('"', r"\"") for word in (task.user, task.password)]
    await client.send(b'LOGIN "%b" "%b"' % tuple(word.encode() for word in quoted))
    await client.send(b"SELECT INBOX")
    watch = Stopwatch()
    await client.send(line)
    tell(watch.stop(), client.received)


async def parse(cls: Any, task: Task, case: Case) -> None:
    client, greeted = greeting(cls)
    await endpoints.connectProtocol(endpoint(task), client)
    await greeted
    await client.login(task.user.encode(), task.password.encode())
    await client.select("INBOX")
    # login() uses STARTTLS where the server has it.
    assert ISSLTransport.providedBy(client.transport) == bool(task.authority)
    watch = Stopwatch()
    result = await case.call(client)
    figures = watch.stop()
    tell(figures, len(result), hashlib.sha256(repr(result).encode()).hexdigest())


def main(reactor: Any) -> Any:
    name, task = sys.argv[1], Task.told()
    case = next(case for case in CASES.values() if case.words == task.words)
    if name == "discard":
        return defer.ensureDeferred(discard(task, case))
    return defer.ensureDeferred(parse(CLIENTS[name], task, case))


if __name__ == "__main__":
    tasks.react(main)
