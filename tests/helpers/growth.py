"""Whether something grows that is done over and over: references, or memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Growing caches may spoil a round; a leak spoils them all.  CPython 3.10 makes a cache for
#: a function when it is called for the 1,024th time: rounds of 50 get behind that.
ROUNDS = 24

#: What is measured, and how often a vector is repeated for it.
MEASURES: dict[str, tuple[Callable[[], int], int]] = (
    {"references": (sys.gettotalrefcount, 1000)}
    if hasattr(sys, "gettotalrefcount")
    else {"memory": (lambda: tracemalloc.get_traced_memory()[0], 50)}
)


def collect() -> None:
    """What the first collection frees may lie on one of CPython's free lists until the next."""
    gc.collect()
    gc.collect()


def grown(measure: Callable[[], int], run: Callable[[], None], repeats: int) -> list[int]:
    """By how much the measure grew in each round, up to one in which it did not."""
    for _ in range(max(1, min(repeats // 5, 10))):
        run()
    growths = []
    # Made before, so that they are not counted.
    rounds = [[None] * repeats for _ in range(ROUNDS)]
    before = after = 0
    for repeated in rounds:
        collect()
        before = measure()
        for _ in repeated:
            run()
        collect()
        after = measure()
        growths.append(after - before)
        if after == before:
            break
    return growths


def printed_alone(program: str, missing: Callable[[str], Any]) -> list[int]:
    """What a program prints, in a process of its own: numbers that /proc has of its memory."""
    if not os.path.exists("/proc/self/status"):
        missing("there is no /proc to read a process's memory from")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]
