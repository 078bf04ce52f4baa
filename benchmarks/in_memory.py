"""
Each command in memory: times Twisted's speed with the collector on, for a plain
subclass and through the line path; and the share of C{marshal.loads} of the same
answer, with the collector off on both sides.

What marshal loads is Twisted's result, which does not depend on which strings we
happen to share.
"""

from __future__ import annotations

import gc
import marshal
import sys
import time
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import cases, timing  # noqa: E402
from benchmarks.cases import Case  # noqa: E402
from benchmarks.clients import (  # noqa: E402
    LineClient,
    OurClient,
    TheirClient,
    answer,
    cut,
    theirResult,
)
from benchmarks.timing import Measure  # noqa: E402

MEASURED = [
    cases.FLAGS,
    cases.ENVELOPE,
    cases.ALL,
    cases.BODYSTRUCTURE,
    cases.LIST,
    cases.SEARCH,
    cases.LARGE_SEARCH,
    cases.SMALL_BODIES,
    cases.BODIES,
    cases.BODY,
    cases.LARGE_BODY,
]


def measures(case: Case) -> Mapping[str, Measure]:
    """
    What takes turns.
    """
    # pyperf asks each of its processes for one of these alone.
    chunks = cache(lambda: cut(case.wire()))
    dumped = cache(lambda: marshal.dumps(answer(TheirClient, case, chunks())[1]))

    def seconds(cls: Any) -> float:
        return answer(cls, case, chunks())[0]

    def load() -> float:
        octets = dumped()
        gc.collect()
        start = time.process_time()
        loaded = marshal.loads(octets)
        taken = time.process_time() - start
        del loaded
        return taken

    def uncollected(measure: Any) -> float:
        gc.disable()
        try:
            taken: float = measure()
            return taken
        finally:
            gc.enable()

    return {
        "twisted": Measure(partial(seconds, TheirClient)),
        "ours": Measure(partial(seconds, OurClient), 5),
        "lines": Measure(partial(seconds, LineClient), 3),
        "ours, collector off": Measure(partial(uncollected, partial(seconds, OurClient)), 5),
        "marshal, collector off": Measure(partial(uncollected, load), 5),
    }


def measure(case: Case, quick: bool) -> dict[str, Any]:
    if quick:
        case = case.quick()
    wire = case.wire()
    theirResult(case, wire)
    found = timing.medians(__file__, case, quick)
    return {
        "unit": case.unit,
        "octets": len(wire),
        "twisted_rate": case.units / found["twisted"],
        "our_rate": case.units / found["ours"],
        "times_twisted": found["twisted"] / found["ours"],
        "lines_times_twisted": found["twisted"] / found["lines"],
        "share_of_marshal": found["ours, collector off"] / found["marshal, collector off"],
    }


ROWS = {f"in memory: {case.name}": partial(measure, case) for case in MEASURED}

if __name__ == "__main__":
    timing.main(measures)
