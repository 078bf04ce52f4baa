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
import time
from functools import partial
from typing import Any

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.clients import LineClient, OurClient, TheirClient, answer, cut, theirResult
from benchmarks.rounds import lowest, repeated

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


def measure(case: Case, quick: bool) -> dict[str, Any]:
    if quick:
        case = case.quick()
    wire = case.wire()
    chunks = cut(wire)
    dumped = marshal.dumps(theirResult(case, wire))

    def seconds(cls: Any) -> float:
        return answer(cls, case, chunks)[0]

    def load() -> float:
        gc.collect()
        start = time.process_time()
        loaded = marshal.loads(dumped)
        taken = time.process_time() - start
        del loaded
        return taken

    on = lowest(
        {
            "twisted": partial(seconds, TheirClient),
            "ours": repeated(partial(seconds, OurClient), 5),
            "lines": repeated(partial(seconds, LineClient), 3),
        },
        quick,
    )
    gc.disable()
    off = lowest({"ours": partial(seconds, OurClient), "marshal": load}, quick)
    gc.enable()
    return {
        "unit": case.unit,
        "octets": len(wire),
        "twisted_rate": case.units / on["twisted"],
        "our_rate": case.units / on["ours"],
        "times_twisted": on["twisted"] / on["ours"],
        "lines_times_twisted": on["twisted"] / on["lines"],
        "share_of_marshal": off["ours"] / off["marshal"],
    }


ROWS = {f"in memory: {case.name}": partial(measure, case) for case in MEASURED}
