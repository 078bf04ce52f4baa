"""
Measurements that take turns, so that whatever else the machine does meets all of
them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

#: So many rounds at least, and no more once these seconds are over.
LEAST_ROUNDS = 3
MOST_ROUNDS = 60
SECONDS = 8.0


def lowest(measures: Mapping[str, Callable[[], float]], quick: bool = False) -> dict[str, float]:
    """
    The lowest of what each measure gave in all rounds.
    """
    found = dict.fromkeys(measures, float("inf"))
    end = time.monotonic() + (SECONDS / 6 if quick else SECONDS)
    for number in range(MOST_ROUNDS):
        if number >= LEAST_ROUNDS and time.monotonic() > end:
            break
        for name, measure in measures.items():
            found[name] = min(found[name], measure())
    return found


def repeated(measure: Callable[[], float], times: int) -> Callable[[], float]:
    """
    The lowest of C{times} measurements, for what is over in a moment.
    """
    return lambda: min(measure() for _ in range(times))
