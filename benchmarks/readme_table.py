"""
Put the figures of benchmarks/rates.json into README.rst, between its two marker
comments.

    python benchmarks/rates.py --json benchmarks/rates.json
    python benchmarks/readme_table.py [--check]

With --check nothing is written; it fails when README.rst has other figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

BEGIN = ".. The table of rates begins here; benchmarks/readme_table.py writes it."
END = ".. The table of rates ends here."

ROOT = Path(__file__).resolve().parent.parent


def rendered(measured: dict[str, Any]) -> str:
    """
    The table in reStructuredText, with what it was measured on.
    """
    lines = [
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "",
        *row("", "Twisted", "twisted_imapc", "times", "``lineReceived``"),
    ]
    for result in measured["results"]:
        lines += row(
            f"``{result['case']}``" if result["case"].isidentifier() else result["case"],
            f"{figure(result['rates']['twisted'])} {result['unit']}",
            f"{figure(result['rates']['ours'])} {result['unit']}",
            f"{times(result['ratios']['ours'])} ({times(result['ratios']['overriding'])})",
            times(result["ratios"]["tracing"]),
        )
    lines += [
        "",
        "In brackets: for a subclass that overrides ``connectionMade`` and ``connectionLost``.",
        "In the last column: how many times Twisted a subclass is that overrides ``lineReceived``",
        "and calls that of its base.",
        f"Medians of {measured['rounds']} rounds, all clients in turn, answers in memory in",
        f"pieces of {measured['piece'] // 1024} KiB, garbage collector {measured['collector']};",
        f"{measured['python']}, Twisted {measured['twisted']}, {measured['cpu']},",
        f"{measured['date']}. Measured by ``{measured['command']}``.",
        "",
    ]
    return "\n".join(lines)


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


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the measured rates into README.rst.")
    parser.add_argument("--check", action="store_true", help="only look whether they are there")
    options = parser.parse_args()

    readme = ROOT / "README.rst"
    text = readme.read_text(encoding="utf-8")
    measured = json.loads((ROOT / "benchmarks" / "rates.json").read_text(encoding="ascii"))
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit("README.rst lacks the marker comments")
    new = f"{before}{BEGIN}\n{rendered(measured)}\n{END}{after}"
    if options.check:
        sys.exit("README.rst has other figures than benchmarks/rates.json" if new != text else 0)
    readme.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
