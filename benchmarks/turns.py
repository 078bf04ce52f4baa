"""
How long the reactor is kept while 100,000 messages are fetched: the longest of its
turns, a chunk of 64 KiB each, and all of them together; and the next collection behind
them, which the program pays when it goes on.
"""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import Any

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.clients import OurClient, cut, greeted, theirResult
from benchmarks.peers.measuring import collectWhatIsDue

MEASURED = [cases.FLAGS, cases.ENVELOPE, cases.BODYSTRUCTURE]
MESSAGES = 100_000
ROUNDS = 3


def goOn() -> float:
    """
    @return: The seconds of what allocates enough for one collection.
    """
    start = time.process_time()
    kept: list[set[None]] = [set() for _ in range(gc.get_threshold()[0] + 1)]
    kept.clear()
    return time.process_time() - start


def fetch(case: Case, chunks: list[bytes]) -> tuple[float, float, float]:
    """
    @return: The longest turn, the whole time, and what comes behind, in milliseconds.
    """
    client = greeted(OurClient)
    fired: list[Any] = []
    case.call(client).addBoth(fired.append)
    gc.collect()
    longest = whole = 0.0
    for chunk in chunks:
        start = time.process_time()
        client.dataReceived(chunk)
        collectWhatIsDue()
        turn = time.process_time() - start
        longest = max(longest, turn)
        whole += turn
    behind = goOn()
    if not fired or len(fired[0]) != case.count:
        raise SystemExit(f"{case.name}: not all messages came")
    return longest * 1e3, whole * 1e3, behind * 1e3


def measure(case: Case, quick: bool) -> dict[str, Any]:
    few = case.of(1000)
    theirResult(few, few.wire())
    case = case.of(MESSAGES // 10 if quick else MESSAGES)
    chunks = cut(case.wire())
    figures: dict[str, Any] = {}
    for collector, switch in (("off", gc.disable), ("on", gc.enable)):
        switch()
        turns = [fetch(case, chunks) for _ in range(ROUNDS)]
        figures[f"longest_turn_ms_collector_{collector}"] = min(turn[0] for turn in turns)
        figures[f"all_turns_ms_collector_{collector}"] = min(turn[1] for turn in turns)
        figures[f"behind_ms_collector_{collector}"] = min(turn[2] for turn in turns)
    return figures


ROWS = {f"reactor turns: {case.name}": partial(measure, case) for case in MEASURED}
