"""
What small chunks cost.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.clients import CHUNK, OurClient, agreed, answer, cut, theirResult
from benchmarks.rounds import lowest

MEASURED = [cases.FLAGS, cases.ENVELOPE, cases.BODYSTRUCTURE, cases.SMALL_BODIES]

#: A segment of TCP's on Ethernet, and a small buffer.
SIZES = (1460, 4096)

#: Answers that come octet by octet are cut down to so many.
MOST_SINGLE_OCTETS = 200_000


def secondsOf(case: Case, size: int) -> partial[float]:
    """
    A measure of C{case} in chunks of C{size}, whose result is checked first.
    """
    wire = case.wire()
    chunks = cut(wire, size)
    agreed(case, chunks, theirResult(case, wire))

    def seconds(chunks: list[bytes]) -> float:
        return answer(OurClient, case, chunks)[0]

    return partial(seconds, chunks)


def overLargeChunks(case: Case, quick: bool) -> dict[str, float]:
    """
    The time over that with chunks of 64 KiB.
    """
    sizes = (CHUNK, *SIZES)
    found = lowest({str(size): secondsOf(case, size) for size in sizes}, quick)
    return {f"chunks_of_{size}": found[str(size)] / found[str(CHUNK)] for size in SIZES}


def singleOctets(case: Case, quick: bool) -> dict[str, float]:
    """
    The cost of an octet that comes alone, and that cost over the one in an answer
    half as long: 1 where the time is linear.
    """
    each = len(case.of(20).wire()) // 20
    whole = case.of(MOST_SINGLE_OCTETS // each)
    half = case.of(whole.count // 2)
    found = lowest({"half": secondsOf(half, 1), "whole": secondsOf(whole, 1)}, quick)
    cost = found["whole"] / len(whole.wire())
    return {
        "ns_per_single_octet": cost * 1e9,
        "single_octets_doubled": cost / (found["half"] / len(half.wire())),
    }


def measure(case: Case, quick: bool) -> dict[str, Any]:
    if quick:
        case = case.quick()
    return {**overLargeChunks(case, quick), **singleOctets(case, quick)}


ROWS = {f"small chunks: {case.name}": partial(measure, case) for case in MEASURED}
