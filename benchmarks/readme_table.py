"""
Put the figures of rates.json and compare.json into README.rst, between its two marker
comments.

    python benchmarks/readme_table.py [--check]

With --check nothing is written; it fails when README.rst has other figures.
"""

from __future__ import annotations

import argparse
import json
import sys
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

#: The columns, by the names of the clients; the first is the floor.
CLIENTS = ("discard", "twisted_imapc", "libetpan", "imaplib", "IMAPClient", "Twisted", "aioimaplib")


def cell(figures: dict[str, Any]) -> str:
    """
    The wall of one client, or what is known of it.
    """
    if "left_out" not in figures:
        return number(figures["wall_ms"])
    return f">{number(LIMIT * 1e3)}" if figures["left_out"].startswith("more than") else "\\-"


def work(command: str) -> str:
    """
    A command as the README calls it.
    """
    return f"``{command}``" if command.isidentifier() else command


def simpleTable(rows: list[list[str]]) -> str:
    """
    A simple table of reStructuredText.
    """
    rule = ["=" * max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *others = rows
    return aligned([rule, head, rule, *others, rule])


def rendered(rates: dict[str, Any], compared: dict[str, Any]) -> str:
    """
    The table in reStructuredText, with what it was measured on.
    """
    rows = [["", "in memory", *CLIENTS]]
    for name, row in compared["rows"].items():
        if not name.startswith(PLACE):
            continue
        command = name.removeprefix(PLACE)
        memory = rates["rows"][f"in memory: {IN_MEMORY.get(command, command)}"]
        cells = [cell(row["clients"][client]) for client in CLIENTS]
        rows.append([work(command), f"{number(memory['times_twisted'])} x", *cells])
    gains = ["{:.2g} to {:.2g}".format(*gain(compared["rows"], bodies)) for bodies in (False, True)]
    versions = compared["versions"]
    return f"""
.. image:: docs/charts/dovecot.svg
   :alt: Milliseconds of each client against Dovecot, on a logarithmic scale

{simpleTable(rows)}

*In memory*: times the speed of Twisted's client, parsing alone. The others are milliseconds
from the command to its result with Dovecot {versions["Dovecot"]}, each client in a fresh
process: 10,000 messages, of the large bodies 400. ``discard`` parses nothing. So a real server
leaves {gains[0]} times on metadata and {gains[1]} on bodies; with 300 messages
there is hardly a difference to be seen. Medians; {compared["python"]}, Twisted
{versions["Twisted"]}, {compared["cpu"]}, {compared["date"]}.
"""


def gain(rows: dict[str, Any], bodies: bool) -> tuple[float, float]:
    """
    Twisted's wall over ours at Dovecot: the lowest and the highest.
    """
    times = [
        row["clients"]["Twisted"]["wall_ms"] / row["clients"]["twisted_imapc"]["wall_ms"]
        for name, row in rows.items()
        if name.startswith(PLACE)
        and bodies == ("bodies" in name)
        and "wall_ms" in row["clients"]["Twisted"]
    ]
    return min(times), max(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the measured figures into README.rst.")
    parser.add_argument("--check", action="store_true", help="only look whether they are there")
    options = parser.parse_args()

    readme = ROOT / "README.rst"
    text = readme.read_text(encoding="utf-8")
    rates, compared = (
        json.loads((ROOT / "benchmarks" / name).read_text(encoding="ascii"))
        for name in ("rates.json", "compare.json")
    )
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit("README.rst lacks the marker comments")
    new = f"{before}{BEGIN}\n{rendered(rates, compared)}\n{END}{after}"
    if options.check:
        sys.exit("README.rst has other figures than benchmarks/*.json" if new != text else 0)
    readme.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
