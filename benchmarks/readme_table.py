"""
Put the figures of benchmarks/rates.json where they are shown, each time between two
marker comments: a short table into README.rst, all of them into docs/speed.rst.

    python benchmarks/rates.py
    python benchmarks/readme_table.py [--check]

With --check nothing is written; it fails where other figures stand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BEGIN = ".. The table of rates begins here; benchmarks/readme_table.py writes it."
END = ".. The table of rates ends here."

ROOT = Path(__file__).resolve().parent.parent

#: What the short table has.
SHORT = ("fetchFlags", "fetchEnvelope", "fetchBodyStructure", "list", "search of 2,000")


def short(measured: dict[str, Any]) -> list[str]:
    """
    The README's table, in a form that can be read as it stands.
    """
    rows = measured["rows"]
    cells = [("answer to", "Twisted", "twisted_imapc", "times")]
    for command in SHORT:
        case = rows[f"in memory: {command}"]
        cells.append((called(command), *rates(case), times(case["times_twisted"])))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    rule = " ".join("=" * width for width in widths)
    lines = [aligned(line, widths) for line in cells]
    return [
        "",
        rule,
        lines[0],
        rule,
        *lines[1:],
        rule,
        "",
        f"{measured['python']}, Twisted {measured['twisted']}, {measured['cpu']},",
        f"{measured['date']}: answers in memory, parsed and handed to the program.",
        "",
    ]


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """
    One line of a table whose columns have these widths.
    """
    return " ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def long(measured: dict[str, Any]) -> list[str]:
    """
    All rows, with what they were measured on.
    """
    return [*speeds(measured["rows"]), *circumstances(measured), *costs(measured["rows"]), ""]


def speeds(rows: dict[str, Any]) -> list[str]:
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
        socket = rows.get(f"end to end: {command}")
        lines += row(
            called(command),
            *rates(case),
            times(case["times_twisted"]),
            times(socket["times_twisted"]) if socket else "",
            times(case["lines_times_twisted"]),
        )
    return lines


def called(command: str) -> str:
    """
    A case by its name; that of a method looks like one.
    """
    return f"``{command}``" if command.isidentifier() else command


def rates(case: dict[str, Any]) -> tuple[str, str]:
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
        "with a real reactor. The lowest times of both clients, in turn, garbage collector on;",
        f"{measured['python']}, Twisted {measured['twisted']}, {measured['cpu']},",
        f"{measured['date']}. Measured by ``python benchmarks/rates.py``.",
        "",
    ]


def costs(rows: dict[str, Any]) -> list[str]:
    """
    The table of what is not a rate.
    """

    def turn(command: str) -> str:
        return figure(rows[f"reactor turns: {command}"]["longest_turn_ms_collector_off"])

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
            "Longest turn of the reactor while 100,000 messages are fetched, collector off",
            f"flags {turn('fetchFlags')} ms, envelopes {turn('fetchEnvelope')} ms, "
            f"structures {turn('fetchBodyStructure')} ms",
        ),
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
PLACES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "README.rst": short,
    "docs/speed.rst": long,
}


def renewed(name: str, text: str, lines: list[str]) -> str:
    """
    The text of a file with C{lines} between its markers.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{name} lacks the marker comments")
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the measured rates where they are shown.")
    parser.add_argument("--check", action="store_true", help="only look whether they are there")
    options = parser.parse_args()

    measured = json.loads((ROOT / "benchmarks" / "rates.json").read_text(encoding="ascii"))
    for name, render in PLACES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = renewed(name, text, render(measured))
        if not options.check:
            path.write_text(new, encoding="utf-8")
        elif new != text:
            raise SystemExit(f"{name} has other figures than benchmarks/rates.json")


if __name__ == "__main__":
    main()
