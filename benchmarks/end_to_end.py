"""
The wall of Twisted's client over ours: each in a fresh process, over a socket, with
the real reactor, from a server that sends prepared answers at memory speed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import cases
from benchmarks.cases import Case

MEASURED = [
    cases.FLAGS,
    cases.ENVELOPE,
    cases.ALL,
    cases.BODYSTRUCTURE,
    cases.LIST,
    cases.SEARCH,
    cases.SMALL_BODIES,
    cases.BODIES,
]

#: The lowest of so many processes of each client, which take turns.
ROUNDS = 7

HERE = Path(__file__).parent


@contextmanager
def replaying(case: Case) -> Iterator[int]:
    """
    A server for C{case}; gives its port.
    """
    server = subprocess.Popen(
        [sys.executable, str(HERE / "replay_server.py"), case.name, str(case.count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None and server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


class Walls:
    """
    The times of clients that do the same work, and have to come to the same.
    """

    def __init__(self, case: Case, port: int, account: tuple[str, ...] = ()) -> None:
        self._case = case
        self._where = [str(port), *account]
        self._digests: set[str] = set()

    def seconds(self, client: str) -> float:
        """
        The wall of C{client} in a fresh process.
        """
        done = subprocess.run(
            [sys.executable, str(HERE / "socket_client.py"), client, self._case.name, *self._where],
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise SystemExit(f"{self._case.name}: {client} failed\n{done.stderr}")
        outcome = json.loads(done.stdout)
        if client != "discard":
            self._digests.add(outcome["digest"])
            if len(self._digests) > 1:
                raise SystemExit(f"{self._case.name}: the clients do not agree")
        seconds: float = outcome["seconds"]
        return seconds


def measure(case: Case, quick: bool) -> dict[str, Any]:
    with replaying(case) as port:
        walls = Walls(case, port)
        found = {"twisted": float("inf"), "ours": float("inf")}
        for _ in range(2 if quick else ROUNDS):
            for client in found:
                found[client] = min(found[client], walls.seconds(client))
    return {
        "times_twisted": found["twisted"] / found["ours"],
        "our_ms": found["ours"] * 1e3,
        "twisted_ms": found["twisted"] * 1e3,
    }


ROWS = {f"end to end: {case.name}": partial(measure, case) for case in MEASURED}
