"""
What every client says of one command: the seconds, the processor's seconds, how far
its memory grew, and how much came.

Each program beside this file is called with

    WORDS PORT AUTHORITY USER PASSWORD

and prints one line of JSON.  WORDS are those of a L{benchmarks.cases.Case}; with an
AUTHORITY, the path of its certificate, the connection is under TLS and the server's
certificate is verified.  The clock runs from the command to its result; connecting,
LOGIN and SELECT are over by then.
"""

from __future__ import annotations

import gc
import json
import re
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"

#: The name in the server's certificate.
NAME = "localhost"


def resident(field: str) -> int:
    """
    VmRSS or VmHWM of this process, in octets.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def beginPeakAnew() -> int:
    """
    Forget the peak of the resident set so far; gives what it is now.
    """
    Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


def collectWhatIsDue() -> None:
    """
    Let the collector do now what it would do at the program's next allocation, so
    that it falls into the time of those who made the work.
    """
    if gc.isenabled() and gc.get_count()[0] > gc.get_threshold()[0]:
        # A set comes from no free list, so it counts.
        _: set[None] = set()


@dataclass(frozen=True)
class Task:
    """
    What the program was told to do.
    """

    words: tuple[str, ...]
    port: int
    authority: str
    user: str
    password: str

    @classmethod
    def told(cls) -> Task:
        words, port, authority, user, password = sys.argv[-5:]
        return cls(tuple(words.split()), int(port), authority, user, password)

    @property
    def verb(self) -> str:
        return self.words[0] if self.words[0] in ("LIST", "SEARCH") else "FETCH"

    def context(self) -> ssl.SSLContext:
        """
        For those that take one of the standard library's.
        """
        return ssl.create_default_context(cafile=self.authority)


class Stopwatch:
    """
    It runs from when it is made.
    """

    def __init__(self) -> None:
        gc.collect()
        self._before = beginPeakAnew()
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def stop(self) -> dict[str, Any]:
        collectWhatIsDue()
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        return {"wall": wall, "cpu": cpu, "grown": resident("VmHWM") - self._before}


def tell(figures: dict[str, Any], count: int, digest: str = "") -> None:
    """
    The end of each program.

    @param digest: the same for those whose results have to be the same.
    """
    print(json.dumps({**figures, "count": count, "digest": digest}))
