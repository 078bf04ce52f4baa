"""
Put the figures of rates.json and compare.json where they are shown, each time between
two marker comments: a short table into README.rst, more of them into docs/speed.rst.

    python benchmarks/readme_table.py [--check]

With --check nothing is written; it fails where other figures stand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks.peers.roster import LIMIT  # noqa: E402
from benchmarks.tables import aligned, number  # noqa: E402

BEGIN = ".. The table of rates begins here; benchmarks/readme_table.py writes it."
END = ".. The table of rates ends here."

#: What is asked of Dovecot but not measured in memory, and what is instead.
IN_MEMORY = {"bodies of 200 KB": "bodies of 100 KB"}

PLACE = "Dovecot: "

#: What a turn of the reactor is measured of.
TURNS = {
    "flags": "fetchFlags",
    "envelopes": "fetchEnvelope",
    "structures": "fetchBodyStructure",
}

#: The columns, by the names of the clients; the first is the floor.
CLIENTS = ("discard", "twisted_imapc", "libetpan", "imaplib", "IMAPClient", "Twisted", "aioimaplib")


def cell(figures: dict[str, Any]) -> str:
    """
    The wall of one client, or what is known of it.
    """
    if "left_out" not in figures:
        return number(figures["wall_ms"])
    return f">{number(LIMIT * 1e3)}" if figures["left_out"].startswith("more than") else "\\-"


def simpleTable(rows: list[list[str]]) -> str:
    """
    A simple table of reStructuredText.
    """
    rule = ["=" * max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *others = rows
    return aligned([rule, head, rule, *others, rule])


def short(rates: dict[str, Any], compared: dict[str, Any]) -> str:
    """
    The README's table, with what it was measured on.
    """
    rows = [["", "in memory", *CLIENTS]]
    for name, row in compared["rows"].items():
        if not name.startswith(PLACE):
            continue
        command = name.removeprefix(PLACE)
        memory = rates["rows"][f"in memory: {IN_MEMORY.get(command, command)}"]
        cells = [cell(row["clients"][client]) for client in CLIENTS]
        rows.append([called(command), f"{number(memory['times_twisted'])} x", *cells])
    gains = ["{:.2g} to {:.2g}".format(*gain(compared["rows"], bodies)) for bodies in (False, True)]
    versions = compared["versions"]
    return f"""
.. image:: docs/charts/dovecot.svg
   :alt: Milliseconds of each client against Dovecot, on a logarithmic scale

{simpleTable(rows)}

*In memory*: times the speed of Twisted's client, parsing alone. The others are milliseconds
from the command to its result with Dovecot {versions["Dovecot"]}, each client in a fresh
process: 10,000 messages, of the large bodies 400. ``discard`` parses nothing. So a real server
leaves {gains[0]} times on metadata and {gains[1]} on bodies; of a few hundred messages
the ratios are of the same order, but save a fraction of a second. Medians; {compared["python"]},
Twisted {versions["Twisted"]}, {compared["cpu"]}, {compared["date"]}.
"""


def ratio(row: dict[str, Any]) -> float:
    """
    Twisted's wall over ours.
    """
    theirs, ours = (row["clients"][client]["wall_ms"] for client in ("Twisted", "twisted_imapc"))
    times: float = theirs / ours
    return times


def gain(rows: dict[str, Any], bodies: bool) -> tuple[float, float]:
    """
    The lowest and the highest ratio at Dovecot.
    """
    ratios = [
        ratio(row)
        for name, row in rows.items()
        if name.startswith(PLACE)
        and bodies == ("bodies" in name)
        and "wall_ms" in row["clients"]["Twisted"]
    ]
    return min(ratios), max(ratios)


def long(rates: dict[str, Any], compared: dict[str, Any]) -> str:
    """
    What is in memory, with what it was measured on.
    """
    speed = speeds(rates["rows"], compared["rows"])
    return "\n".join([*speed, *circumstances(rates), *costs(rates["rows"]), ""])


def speeds(rows: dict[str, Any], compared: dict[str, Any]) -> list[str]:
    """
    The table of commands.
    """
    lines = [
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "",
        *row("", "Twisted", "twisted_imapc", "times", "end to end", "``lineReceived``"),
    ]
    for name, case in rows.items():
        where, _, command = name.partition(": ")
        if where != "in memory":
            continue
        socket = compared.get(f"prepared answers: {command}")
        lines += row(
            called(command),
            *bothRates(case),
            times(case["times_twisted"]),
            times(ratio(socket)) if socket else "",
            times(case["lines_times_twisted"]),
        )
    return lines


def called(command: str) -> str:
    """
    A case by its name; that of a method looks like one.
    """
    return f"``{command}``" if command.isidentifier() else command


def bothRates(case: dict[str, Any]) -> tuple[str, str]:
    """
    What Twisted's client does, and what ours does.
    """
    theirs, ours = (figure(case[rate]) for rate in ("twisted_rate", "our_rate"))
    return f"{theirs} {case['unit']}", f"{ours} {case['unit']}"


def circumstances(measured: dict[str, Any]) -> list[str]:
    """
    What the figures mean, and where they come from.
    """
    return [
        "",
        "Ours is a subclass that overrides ``connectionMade`` and ``connectionLost``; in the",
        "last column it overrides ``lineReceived`` and calls that of its base. Answers in memory",
        "in chunks of 64 KiB; end to end from another process, over a socket, in a fresh process",
        "with a real reactor. Medians of both clients, in turn, garbage collector on;",
        f"{measured['python']}, Twisted {measured['twisted']}, {measured['cpu']},",
        f"{measured['date']}. Measured by ``python benchmarks/rates.py``.",
        "",
    ]


def costs(rows: dict[str, Any]) -> list[str]:
    """
    The table of what is not a rate.
    """

    def turns(collector: str) -> str:
        longest = (
            f"{name} {figure(rows[f'reactor turns: {method}'][f'longest_turn_ms_{collector}'])} ms"
            for name, method in TURNS.items()
        )
        return ", ".join(longest)

    def peak(what: str) -> dict[str, float]:
        found: dict[str, float] = rows[f"peak memory: {what}"]
        return found

    ascii = peak("literal of 100 MB, ASCII")["of_its_octets"]
    wide = peak("literal of 100 MB, 8-bit at its end")["of_its_octets"]
    idle = rows["idle connections"]
    return [
        ".. list-table::",
        "",
        *row(
            "Longest turn of the reactor while 100,000 messages are fetched",
            turns("collector_on"),
        ),
        *row("The same with Python's garbage collector off", turns("collector_off")),
        *row(
            "Peak memory for a literal of 100 MB, in ASCII and otherwise",
            f"{ascii:.2f} and {wide:.2f} times its size",
        ),
        *row(
            "Peak memory for 10,000 envelopes, and for a SEARCH of 1,000,000",
            f"{peak('fetchEnvelope of 10,000')['of_twisted']:.2f} and "
            f"{peak('search of 1,000,000')['of_twisted']:.2f} of Twisted's",
        ),
        *row(
            "An idle connection",
            f"{idle['our_idle_octets'] / 1024:.1f} KiB (Twisted: "
            f"{idle['twisted_idle_octets'] / 1024:.1f} KiB)",
        ),
    ]


def row(*cells: str) -> list[str]:
    """
    One row of a list-table.
    """
    return [
        f"   {'* -' if not number else '  -'} {cell}".rstrip() for number, cell in enumerate(cells)
    ]


def figure(rate: float) -> str:
    """
    Two digits are all that a measurement like this is worth.
    """
    rounded = float(f"{rate:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def times(ratio: float) -> str:
    """
    A ratio, with one decimal where a whole number says too little.
    """
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


#: The files, and what stands between the markers of each.
PLACES: dict[str, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    "README.rst": short,
    "docs/speed.rst": long,
}


def renewed(name: str, text: str, new: str) -> str:
    """
    The text of a file with C{new} between its markers.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{name} lacks the marker comments")
    return "\n".join([f"{before}{BEGIN}", new, f"{END}{after}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the measured figures where they are shown.")
    parser.add_argument("--check", action="store_true", help="only look whether they are there")
    options = parser.parse_args()

    rates, compared = (
        json.loads((ROOT / "benchmarks" / name).read_text(encoding="ascii"))
        for name in ("rates.json", "compare.json")
    )
    for name, render in PLACES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = renewed(name, text, render(rates, compared))
        if not options.check:
            path.write_text(new, encoding="utf-8")
        elif new != text:
            raise SystemExit(f"{name} has other figures than benchmarks/*.json")


if __name__ == "__main__":
    main()
