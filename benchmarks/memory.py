"""
Memory: peaks over what the process had before, and what a connection holds that
has nothing to do.

A peak is the resident set's, in a process of its own; tracemalloc would make the
interpreter another one.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import tempfile
import timeit
import tracemalloc
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from twisted.internet.testing import StringTransport
from twisted.mail import imap4

import twisted_imapc
from benchmarks import cases
from benchmarks.cases import CASES, Case
from benchmarks.clients import CHUNK, CLIENTS, greeted, theirResult
from benchmarks.peers.measuring import beginPeakAnew, resident

CONNECTIONS = 1000


def feed(theirs: Connection, client: str, case: str, path: str) -> None:
    """
    Give a client the answer in a file, and tell how far the resident set grew: the
    whole of a child process, which has not held anything before.
    """
    connected = greeted(CLIENTS[client])
    fired: list[Any] = []
    CASES[case].call(connected).addBoth(fired.append)
    # That of the imports may have been higher.
    before = beginPeakAnew()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            connected.dataReceived(chunk)
    grown = resident("VmHWM") - before
    theirs.send(grown if fired and isinstance(fired[0], CASES[case].kind) else None)


def growth(client: str, case: Case, parts: Iterable[bytes]) -> int:
    """
    How far the resident set grows while a client is given an answer.
    """
    # Else glibc would raise it by what happens to have been freed before.
    os.environ["MALLOC_MMAP_THRESHOLD_"] = "131072"
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    with tempfile.NamedTemporaryFile() as file:
        file.writelines(parts)
        file.flush()
        process = context.Process(target=feed, args=(theirs, client, case.name, file.name))
        process.start()
        process.join()
    if process.exitcode or (grown := mine.recv()) is None:
        raise SystemExit(f"{case.name}: {client} has no result")
    octets: int = grown
    return octets


def literal(last: bytes, quick: bool) -> dict[str, Any]:
    """
    One literal of 100 MB that ends in C{last}.
    """
    size = 100_000_000 // (10 if quick else 1)
    text = b"0123456789abcde\n" * (size // 16)
    parts = [
        b"* 1 FETCH (BODY[] {%d}\r\n" % size,
        text[: -len(last)],
        last,
        b")\r\n0001 OK done\r\n",
    ]
    return {"of_its_octets": growth("ours", cases.BODY, parts) / size}


def manyBodies(quick: bool) -> dict[str, Any]:
    case = cases.BODIES.of(40 if quick else 400)
    return {"of_their_octets": growth("ours", case, [case.wire()]) / (case.units * 1e6)}


def besideTwisted(case: Case, quick: bool) -> dict[str, Any]:
    few = case.of(1000)
    theirResult(few, few.wire())
    if quick:
        case = case.quick()
    wire = case.wire()
    ours, theirs = (growth(client, case, [wire]) for client in ("ours", "twisted"))
    return {"of_twisted": ours / theirs, "our_octets": ours, "twisted_octets": theirs}


def idle(cls: Any) -> float:
    """
    What one of many connections holds after its greeting, its transport left out.
    """
    transports = [StringTransport() for _ in range(CONNECTIONS)]
    greeted(cls)
    gc.collect()
    tracemalloc.start()
    clients = []
    for transport in transports:
        client = cls()
        client.makeConnection(transport)
        client.dataReceived(b"* OK ready\r\n")
        clients.append(client)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / len(clients)


def constructing(cls: Any) -> float:
    """
    Microseconds to make one client.
    """
    return min(timeit.repeat(cls, number=1000, repeat=20)) * 1e3


def connections(quick: bool) -> dict[str, Any]:
    figures = {}
    for name, cls in (("our", twisted_imapc.IMAP4Client), ("twisted", imap4.IMAP4Client)):
        figures[f"{name}_idle_octets"] = idle(cls)
        figures[f"{name}_construction_us"] = constructing(cls)
    return figures


ROWS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "peak memory: literal of 100 MB, ASCII": partial(literal, b"!"),
    "peak memory: literal of 100 MB, 8-bit at its end": partial(literal, b"\xe9"),
    "peak memory: 400 bodies of 100 KB": manyBodies,
    "peak memory: fetchEnvelope of 10,000": partial(besideTwisted, cases.ENVELOPE.of(10_000)),
    "peak memory: search of 1,000,000": partial(besideTwisted, cases.LARGE_SEARCH),
    "idle connections": connections,
}
