"""
The clients that are compared, and one answer given to one of them in memory.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from typing import Any

from twisted.internet.testing import StringTransport
from twisted.mail import imap4

import twisted_imapc
from benchmarks.cases import Case
from benchmarks.peers.measuring import collectWhatIsDue

#: What a TCP transport reads at once.
CHUNK = 64 * 1024


class TheirClient(imap4.IMAP4Client):
    """
    Twisted's, which else would drop the connection at a SEARCH answer of 16 KiB.
    """

    MAX_LENGTH = 1 << 40


class OurClient(twisted_imapc.IMAP4Client):
    """
    Ours, with the two overrides that nearly each program has, and without limits
    that an answer of 64 MB would meet.
    """

    maxLineLength = 1 << 40
    maxResponseSize = 1 << 40
    maxLiteralSize = 1 << 40
    maxListsPerResponse = 1 << 40
    maxElementsPerResponse = 1 << 40

    def connectionMade(self) -> None:
        super().connectionMade()

    def connectionLost(self, reason: Any = None) -> None:
        super().connectionLost(reason)


class LineClient(OurClient):
    """
    Ours, looking at each line, as programs do to show what comes: the slower of
    the two ways in.
    """

    def lineReceived(self, line: bytes) -> None:
        twisted_imapc.IMAP4Client.lineReceived(self, line)


CLIENTS: dict[str, Any] = {"twisted": TheirClient, "ours": OurClient, "lines": LineClient}


def cut(wire: bytes, size: int = CHUNK) -> list[bytes]:
    """
    C{wire} as a TCP transport would deliver it.
    """
    return [wire[start : start + size] for start in range(0, len(wire), size)]


def greeted(cls: Any) -> Any:
    """
    A client on a transport in memory, after the greeting.
    """
    client = cls()
    client.makeConnection(StringTransport())
    client.dataReceived(b"* OK ready\r\n")
    return client


def command(case: Case) -> bytes:
    """
    What goes over the wire for C{case}, without its tag and CR LF.
    """
    client = greeted(OurClient)
    client.transport.clear()
    case.call(client).addErrback(lambda failure: None)
    sent: bytes = client.transport.value()
    return sent.partition(b" ")[2].removesuffix(b"\r\n")


def answer(cls: Any, case: Case, chunks: Sequence[bytes]) -> tuple[float, Any]:
    """
    Give one client one answer.

    @return: The seconds of processor time from the first chunk to the Deferred's
        result, and that result.
    """
    client = greeted(cls)
    fired: list[Any] = []
    case.call(client).addBoth(fired.append)
    gc.collect()
    dataReceived = client.dataReceived
    start = time.process_time()
    for chunk in chunks:
        dataReceived(chunk)
    collectWhatIsDue()
    seconds = time.process_time() - start
    if not fired or not isinstance(fired[0], case.kind):
        raise SystemExit(f"{case.name}: {cls.__name__} came to {fired}")
    return seconds, fired[0]


def agreed(case: Case, chunks: Sequence[bytes], expected: Any, cls: Any = OurClient) -> None:
    """
    See to it that C{cls} makes C{expected} of C{chunks}.
    """
    if answer(cls, case, chunks)[1] != expected:
        raise SystemExit(f"{case.name}: {cls.__name__} and Twisted do not agree")


def theirResult(case: Case, wire: bytes) -> Any:
    """
    What Twisted's client makes of C{wire}, after all of ours have made the same.
    """
    chunks = cut(wire)
    expected = answer(TheirClient, case, chunks)[1]
    for cls in (OurClient, LineClient):
        agreed(case, chunks, expected, cls)
    return expected
