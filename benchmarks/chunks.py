"""
What small chunks cost.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import cases, timing  # noqa: E402
from benchmarks.cases import Case  # noqa: E402
from benchmarks.clients import CHUNK, OurClient, agreed, answer, cut, theirResult  # noqa: E402
from benchmarks.timing import Measure  # noqa: E402

MEASURED = [cases.FLAGS, cases.ENVELOPE, cases.BODYSTRUCTURE, cases.SMALL_BODIES]

#: A segment of TCP's on Ethernet, and a small buffer.
SIZES = (1460, 4096)

#: Answers that come octet by octet are cut down to so many.
MOST_SINGLE_OCTETS = 200_000


def short(case: Case) -> Case:
    """
    As much of C{case} as comes octet by octet.
    """
    each = len(case.of(20).wire()) // 20
    return case.of(MOST_SINGLE_OCTETS // each)


def measures(case: Case) -> Mapping[str, Measure]:
    """
    What takes turns.
    """

    def of(case: Case, size: int, times: int) -> Measure:
        # pyperf asks each of its processes for one of these alone.
        chunks = cache(lambda: cut(case.wire(), size))
        return Measure(lambda: answer(OurClient, case, chunks())[0], times)

    whole = short(case)
    return {
        **{str(size): of(case, size, 5) for size in (CHUNK, *SIZES)},
        "whole": of(whole, 1, 1),
        "half": of(whole.of(whole.count // 2), 1, 1),
    }


def measure(case: Case, quick: bool) -> dict[str, Any]:
    if quick:
        case = case.quick()
    for checked, sizes in ((case, SIZES), (short(case), (1,))):
        wire = checked.wire()
        expected = theirResult(checked, wire)
        for size in sizes:
            agreed(checked, cut(wire, size), expected)
    found = timing.medians(__file__, case, quick)
    whole = short(case)
    cost = found["whole"] / len(whole.wire())
    return {
        **{f"chunks_of_{size}": found[str(size)] / found[str(CHUNK)] for size in SIZES},
        "ns_per_single_octet": cost * 1e9,
        # Over the cost in an answer half as long: 1 where the time is linear.
        "single_octets_doubled": cost / (found["half"] / len(whole.of(whole.count // 2).wire())),
    }


ROWS = {f"small chunks: {case.name}": partial(measure, case) for case in MEASURED}

if __name__ == "__main__":
    timing.main(measures)
