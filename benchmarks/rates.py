"""
How many messages, mailboxes and numbers a second, beside Twisted's client on
the same bytes.

    python benchmarks/rates.py [--rounds 7] [--collector on|off] [--json FILE]

No sockets: each client sits on a transport in memory and is given a server's
answer in pieces of 64 KiB, as TCP's would come.  What is timed runs from the
first piece to the Deferred's result.  The clients take turns, so that whatever
else the machine does meets all of them; figures are medians.  Both clients'
results are compared before anything is timed.

Twisted's MAX_LENGTH is raised for this, or a SEARCH answer over 16,384 octets
would drop its connection.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import twisted
from data import CASES, PIECE, Case  # type: ignore[import-not-found]
from twisted.internet.testing import StringTransport
from twisted.mail import imap4

import twisted_imapc


class TheirClient(imap4.IMAP4Client):
    """
    Twisted's.
    """

    MAX_LENGTH = 1 << 40


class OverridingClient(twisted_imapc.IMAP4Client):
    """
    Ours, with the two overrides that nearly each program has.
    """

    def connectionMade(self) -> None:
        super().connectionMade()

    def connectionLost(self, reason: Any = None) -> None:
        super().connectionLost(reason)


class TracingClient(twisted_imapc.IMAP4Client):
    """
    Ours, looking at each line, as programs do to show what comes: the slower of
    the two ways.
    """

    def lineReceived(self, line: bytes) -> None:
        twisted_imapc.IMAP4Client.lineReceived(self, line)


#: What is measured; the ratios are to the first.
CLIENTS: dict[str, Any] = {
    "twisted": TheirClient,
    "ours": twisted_imapc.IMAP4Client,
    "overriding": OverridingClient,
    "tracing": TracingClient,
}


@dataclass
class Result:
    """
    What came of one case.

    C{rates} are units a second, C{ratios} those of the first client.
    """

    case: str
    unit: str
    units: int
    octets: int
    rates: dict[str, float]
    ratios: dict[str, float]


def pieces(wire: bytes) -> Iterator[bytes]:
    """
    C{wire} as a TCP transport would deliver it.
    """
    for start in range(0, len(wire), PIECE):
        yield wire[start : start + PIECE]


def run(cls: Any, case: Case, wire: bytes) -> tuple[float, Any]:
    """
    Give one client one answer.

    @return: The seconds that it took, and what its Deferred fired with.
    """
    client = cls()
    client.makeConnection(StringTransport())
    client.dataReceived(b"* OK ready\r\n")
    fired: list[Any] = []
    case.call(client).addBoth(fired.append)
    parts = list(pieces(wire))
    gc.collect()
    start = time.perf_counter()
    for part in parts:
        client.dataReceived(part)
    seconds = time.perf_counter() - start
    if not fired or not isinstance(fired[0], case.kind):
        raise SystemExit(f"{case.name}: {cls.__name__} came to {fired}")
    return seconds, fired[0]


def measure(case: Case, rounds: int, share: float) -> Result:
    """
    Time one case with each client in turn.
    """
    count = max(1, round(case.count * share))
    wire = case.make(count)
    outcomes = [run(cls, case, wire)[1] for cls in CLIENTS.values()]
    if any(outcome != outcomes[0] for outcome in outcomes):
        raise SystemExit(f"{case.name}: the clients do not agree")
    del outcomes

    seconds: dict[str, list[float]] = {name: [] for name in CLIENTS}
    for _ in range(rounds):
        for name, cls in CLIENTS.items():
            # A short run is repeated, so that a moment's trouble weighs less.
            for _ in range(1 if name == "twisted" else 5):
                seconds[name].append(run(cls, case, wire)[0])
    units = case.units(count, wire)
    rates = {name: units / statistics.median(times) for name, times in seconds.items()}
    return Result(
        case=case.name,
        unit=case.unit,
        units=units,
        octets=len(wire),
        rates=rates,
        ratios={name: rate / rates["twisted"] for name, rate in rates.items()},
    )


def cpu() -> str:
    """
    What the processor calls itself.
    """
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def circumstances(options: argparse.Namespace) -> dict[str, Any]:
    """
    What a figure means nothing without.
    """
    return {
        "command": " ".join(["python", "benchmarks/rates.py", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": platform.python_compiler(),
        "twisted": twisted.__version__,
        "collector": options.collector,
        "rounds": options.rounds,
        "piece": PIECE,
    }


def table(results: list[Result]) -> str:
    """
    The results, to be read.
    """
    ours = [name for name in CLIENTS if name != "twisted"]
    head = ("", "unit", *CLIENTS, *(f"{name}/twisted" for name in ours))
    rows = [
        (
            result.case,
            result.unit,
            *(f"{result.rates[name]:,.0f}" for name in CLIENTS),
            *(f"{result.ratios[name]:.1f}" for name in ours),
        )
        for result in results
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Rates beside those of Twisted's client.")
    parser.add_argument("--rounds", type=int, default=7, help="how often (default: 7)")
    parser.add_argument(
        "--collector",
        choices=("on", "off"),
        default="on",
        help="Python's garbage collector while the clock runs (default: on)",
    )
    parser.add_argument("--share", type=float, default=1, help="of the amount of data")
    parser.add_argument("--only", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--json", metavar="FILE", help="write the figures into this file, too")
    options = parser.parse_args()

    known = circumstances(options)
    print(
        f"{known['python']}, Twisted {known['twisted']}, {known['cpu']}, "
        f"garbage collector {options.collector}, medians of {options.rounds} rounds\n"
    )
    if options.collector == "off":
        gc.disable()
    results = [
        measure(case, options.rounds, options.share)
        for case in CASES
        if options.only is None or case.name in options.only
    ]
    print(table(results))
    if options.json:
        with open(options.json, "w", encoding="ascii") as file:
            json.dump({**known, "results": [asdict(one) for one in results]}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
