"""
The cost of an octet from 16 KB to 64 MB, the collector off: its highest over its
lowest is 1 where the time is linear.
"""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import Any

from benchmarks import cases, wires
from benchmarks.cases import Case
from benchmarks.clients import OurClient, cut, greeted, theirResult

SIZES = {"16_KB": 16_000, "256_KB": 256_000, "4_MB": 4_000_000, "64_MB": 64_000_000}
LARGEST_IF_QUICK = 4_000_000

#: A client is given so many octets for one figure, in one answer or several.
OCTETS = 16_000_000
ROUNDS = 5

MEASURED = {
    "one line": cases.SEARCH,
    "many lines": cases.FLAGS,
    "many literals": Case("literals", cases.BODY.call, wires.bodies(64), 1),
    "deep nesting": cases.NESTED,
}


def ofSize(case: Case, octets: int) -> Case:
    """
    C{case} with an answer of about so many octets.
    """
    each = len(case.of(1000).wire()) / 1000
    return case.of(max(1, round(octets / each)))


def cost(case: Case, wire: bytes, times: int) -> float:
    """
    Nanoseconds for each octet, where one client gets C{wire} several times.
    """
    head, _, end = wire.rpartition(b"0001")
    client = greeted(OurClient)
    seconds = 0.0
    for number in range(1, times + 1):
        chunks = cut(b"%b%04X%b" % (head, number, end))
        fired: list[Any] = []
        case.call(client).addBoth(fired.append)
        start = time.process_time()
        for chunk in chunks:
            client.dataReceived(chunk)
        seconds += time.process_time() - start
        if not fired or not isinstance(fired[0], case.kind):
            raise SystemExit(f"{case.name}: came to {fired}")
    return seconds / times / len(wire) * 1e9


def measure(case: Case, quick: bool) -> dict[str, Any]:
    small = ofSize(case, SIZES["16_KB"])
    theirResult(small, small.wire())
    gc.disable()
    costs = {}
    for name, octets in SIZES.items():
        if quick and octets > LARGEST_IF_QUICK:
            break
        sized = ofSize(case, octets)
        wire = sized.wire()
        times = max(1, OCTETS // octets)
        costs[f"ns_per_octet_{name}"] = min(cost(sized, wire, times) for _ in range(ROUNDS))
    return {**costs, "highest_over_lowest": max(costs.values()) / min(costs.values())}


ROWS = {f"cost of an octet: {name}": partial(measure, case) for name, case in MEASURED.items()}
