"""
The end of the demo: the same octets given to Twisted's client and to ours.

The answers to four FETCHes are recorded from the server of L{twisted_imapc.testing}.
A process of its own then sends them at memory speed to both clients, so that the
time is theirs and not the server's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.mail import imap4

from .imap4client import IMAP4Client
from .testing import EmbeddedServer
from .testing._replay import replaying

#: Each FETCH by the word by which its command is known, with its call.
FETCHES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "FLAGS": ("flags", lambda client: client.fetchFlags("1:*")),
    "ENVELOPE": ("envelope", lambda client: client.fetchEnvelope("1:*")),
    "BODYSTRUCTURE": ("bodystructure", lambda client: client.fetchBodyStructure("1:*")),
    "BODY.PEEK[]": ("bodies", lambda client: client.fetchSpecific("1:*", peek=1)),
}

#: The clients take turns so often.
ROUNDS = 3

IN_THE_TIME = """\
Medians of {rounds}, from the command to its result: the socket, the reactor and the parsing of
what another process sends from memory, for {count} messages. A real server takes its own
time on top of that, for either client; so a whole program gains less, and least on bodies.
"""


class _Recorder(IMAP4Client):
    """
    It keeps what the server sends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.received = b""

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        super().dataReceived(data)


async def record(reactor: Any, count: int) -> dict[str, bytes]:
    """
    What a server with C{count} messages answers to each FETCH, without the tagged OK.
    """
    server = await EmbeddedServer(count, reactor=reactor).start()
    answers = {}
    try:
        client = await connectProtocol(
            TCP4ClientEndpoint(reactor, server.host, server.port), _Recorder()
        )
        await client.login(server.user, server.password)
        await client.examine("INBOX")
        for word, (_, call) in FETCHES.items():
            client.received = b""
            await call(client)
            # The last line is the tagged OK.
            answers[word] = client.received[: client.received.rfind(b"\n", 0, -1) + 1]
        await client.logout()
    finally:
        await server.stop()
    return answers


async def measured(reactor: Any, cls: Any, port: int, count: int) -> dict[str, float]:
    """
    The milliseconds that one client takes for each FETCH, on one connection.
    """
    client = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), cls())
    await client.login(b"user", b"secret")
    taken = {}
    for word, (_, call) in FETCHES.items():
        start = time.perf_counter()
        result = await call(client)
        taken[word] = (time.perf_counter() - start) * 1e3
        if len(result) != count:
            raise AssertionError(f"{cls} came to {len(result)} messages of {count}")
    await client.logout()
    return taken


def table(answers: dict[str, bytes], theirs: dict[str, float], ours: dict[str, float]) -> str:
    """
    A line for each FETCH.
    """
    lines = [f"{'':14}{'KB':>9}{'Twisted':>12}{'twisted_imapc':>16}{'times':>8}"]
    for word, (name, _) in FETCHES.items():
        lines.append(
            f"{name:14}{len(answers[word]) / 1e3:>9,.0f}{theirs[word]:>9.1f} ms"
            f"{ours[word]:>13.2f} ms{theirs[word] / ours[word]:>8.1f}"
        )
    return "\n".join(lines)


async def sideBySide(reactor: Any, count: int) -> str:
    """
    The times of both clients for C{count} messages, and what is in them.
    """
    answers = await record(reactor, count)
    rounds: dict[Any, list[dict[str, float]]] = {imap4.IMAP4Client: [], IMAP4Client: []}
    with replaying(answers) as port:
        for _ in range(ROUNDS):
            for cls, taken in rounds.items():
                taken.append(await measured(reactor, cls, port, count))
    theirs, ours = (
        {word: statistics.median(one[word] for one in taken) for word in FETCHES}
        for taken in rounds.values()
    )
    told = IN_THE_TIME.format(rounds=ROUNDS, count=count)
    return f"{table(answers, theirs, ours)}\n{told}"
