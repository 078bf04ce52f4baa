"""
Clients beside each other, each in a fresh process, over a socket.

    python benchmarks/compare.py                  everything, into compare.json
    python benchmarks/compare.py --only Dovecot   the rows with this in their name
    python benchmarks/compare.py --quick          less data and fewer rounds
    python benchmarks/compare.py --show           the tables of compare.json

The clients take turns, and medians count.  One that cannot run, fails, does not count
what there is or takes too long is left out, with the reason, and the others go on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks.cases import Case  # noqa: E402
from benchmarks.circumstances import circumstances  # noqa: E402
from benchmarks.peers import places  # noqa: E402
from benchmarks.peers.places import Place  # noqa: E402
from benchmarks.peers.roster import (  # noqa: E402
    CLIENTS,
    DISCARD,
    LIMIT,
    NEEDED,
    Client,
    LeftOut,
    versions,
)
from benchmarks.tables import comparison, comparisons  # noqa: E402

FILE = ROOT / "benchmarks" / "compare.json"

ROUNDS = 7

#: A client that takes longer than so many seconds comes in so many rounds only.
FEWER = {1.0: 3, 5.0: 1}

#: What is said in the JSON.
IN_THE_TIME = (
    "From the command to its result, in a process that has done nothing else but connect, "
    "LOGIN and SELECT: the server's work, the socket, TLS, the reactor or the loop, parsing, "
    "and the garbage collector, which is on. Medians of rounds in which the clients take "
    "turns. CPU is the client's alone. Memory is how far its resident set grew. discard "
    "looks for the tagged answer only, in Twisted's reactor: the floor. imaplib and "
    "aioimaplib parse nothing inside of a response. libetpan does not verify the "
    "certificate; the others do. IMAPClient is told all numbers, since it takes no 1:*. "
    f"aioimaplib may recurse as deep as it wants. A client over {LIMIT:g} s is left out; one over "
    "1 s has 3 rounds, one over 5 s has 1. Twisted's MAX_LENGTH and imaplib's _MAXLINE are raised."
)


def rounds(seconds: float, most: int) -> int:
    """
    In how many rounds a client comes that takes so long.
    """
    return min([most, *(few for limit, few in FEWER.items() if seconds > limit)])


class Row:
    """
    The runs of all clients at one place.
    """

    def __init__(self, name: str, case: Case, place: Place) -> None:
        self._name = name
        self._case = case
        self._place = place
        self._runs: dict[Client, list[dict[str, Any]]] = {client: [] for client in CLIENTS}
        self._leftOut: dict[Client, str] = {}

    def warmUp(self) -> None:
        """
        Nothing is recent any more, and the server has made its index.
        """
        for _ in range(2):
            DISCARD.run(self._case, self._place)

    def measure(self, most: int) -> None:
        for number in range(most):
            for client, runs in self._runs.items():
                if client in self._leftOut:
                    continue
                if runs and number >= rounds(runs[0]["wall"], most):
                    continue
                self._run(client)

    def _run(self, client: Client) -> None:
        try:
            self._runs[client].append(client.run(self._case, self._place))
        except LeftOut as why:
            if client in NEEDED:
                raise SystemExit(f"{self._name}: {client.name} {why}") from None
            self._leftOut[client] = str(why)
            print(f"{self._name}: {client.name} is left out: {why}", flush=True)
        digests = {run["digest"] for runs in self._runs.values() for run in runs} - {""}
        if len(digests) > 1:
            raise SystemExit(f"{self._name}: the results differ from Twisted's")

    def figures(self) -> dict[str, Any]:
        """
        As they go into the JSON.
        """
        found: dict[str, Any] = {}
        for client, runs in self._runs.items():
            if client in self._leftOut:
                found[client.name] = {"left_out": self._leftOut[client]}
                continue
            walls = [run["wall"] * 1e3 for run in runs]
            found[client.name] = {
                "wall_ms": round(statistics.median(walls), 3),
                "cpu_ms": round(statistics.median(run["cpu"] for run in runs) * 1e3, 3),
                "grown_mib": round(statistics.median(run["grown"] for run in runs) / 2**20, 2),
                "walls_ms": [round(wall, 3) for wall in walls],
            }
        octets = self._runs[DISCARD][0]["count"]
        return {"count": self._case.count, "octets": octets, "clients": found}


def rows(quick: bool, only: str) -> Iterator[tuple[str, Row]]:
    """
    All that is measured, while its server runs.
    """
    for case in places.REPLAYED:
        if only in (name := f"prepared answers: {case.name}"):
            case = case.quick() if quick else case
            with places.replay(case) as place:
                yield name, Row(name, case, place)
    for kind, tls in {"Dovecot": False, "Dovecot, TLS 1.3": True}.items():
        wanted = {
            name
            for some in places.ASKED.values()
            for case in some
            if only in (name := f"{kind}: {case.name}")
        }
        if not wanted:
            continue
        if (lacking := places.lacking()) is not None:
            print(f"{kind} is left out: {lacking}")
            continue
        with places.dovecot(quick, tls) as asked:
            for case, place in asked:
                if (name := f"{kind}: {case.name}") in wanted:
                    yield name, Row(name, case, place)


def main() -> None:
    parser = argparse.ArgumentParser(description="Clients beside each other, over a socket.")
    parser.add_argument("--only", metavar="TEXT", default="", help="rows with this in their name")
    parser.add_argument("--quick", action="store_true", help="less data and fewer rounds")
    parser.add_argument("--show", action="store_true", help="the tables of compare.json")
    options = parser.parse_args()
    if options.show:
        print(comparisons(json.loads(FILE.read_text(encoding="ascii"))))
        return
    started = time.monotonic()
    known = circumstances()
    known["versions"] = versions()
    if places.lacking() is None:
        known["versions"]["Dovecot"] = places.dovecotVersion()
    print(", ".join(f"{name} {value}" for name, value in known.items()), flush=True)
    found: dict[str, Any] = {}
    for name, row in rows(options.quick, options.only):
        row.warmUp()
        row.measure(2 if options.quick else ROUNDS)
        found[name] = row.figures()
        print(comparison(name, found[name]), flush=True)
    known["seconds"] = round(time.monotonic() - started)
    print(f"{known['seconds']} seconds in all")
    if not options.only and not options.quick:
        whole = {**known, "in_the_time": IN_THE_TIME, "rows": found}
        FILE.write_text(json.dumps(whole, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
