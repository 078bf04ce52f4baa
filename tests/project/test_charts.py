"""
From the JSON of the benchmarks to what is read: tables and charts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import readme_table, tables

ROOT = Path(__file__).parents[2]

#: A row as compare.py writes it.
ROW: dict[str, Any] = {
    "count": 1000,
    "octets": 250_000,
    "clients": {
        "discard": {"wall_ms": 4.0, "cpu_ms": 1.0, "grown_mib": 0.0, "walls_ms": [4.0]},
        "twisted_imapc": {"wall_ms": 5.0, "cpu_ms": 2.5, "grown_mib": 1.25, "walls_ms": [5.0]},
        "libetpan": {"wall_ms": 2.5, "cpu_ms": 2.0, "grown_mib": 3.0, "walls_ms": [2.5, 2.5]},
        "aioimaplib": {"left_out": "more than 20 s"},
    },
}


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "benchmarks" / name).read_text(encoding="ascii"))
    return found


def test_comparison() -> None:
    """A client that is ahead stays in, and one that is left out is named."""
    lines = tables.comparison("place: work", ROW).splitlines()
    assert lines[1:] == [
        "place: work: 1,000, in 0.25 MB",
        "               wall, ms  / ours  / discard  CPU, ms  memory, MiB  rounds",
        "discard               4    0.80       1.00        1          0.0       1",
        "twisted_imapc         5    1.00       1.25      2.5          1.2       1",
        "libetpan            2.5    0.50       0.62        2          3.0       2",
        "aioimaplib: more than 20 s",
    ]


def test_rows_with_the_same_figures_are_one_table() -> None:
    rows: dict[str, dict[str, Any]] = {
        "a": {"some_ms": 1.0},
        "b": {"some_ms": 200.0},
        "c": {"other": "word"},
    }
    assert tables.figures(rows) == "   some ms\na        1\nb      200\n\n   other\nc   word"


def test_readme_has_every_client() -> None:
    """Whoever is ahead, too; and no row of Dovecot's is left away."""
    compared = kept("compare.json")
    text = readme_table.short(kept("rates.json"), compared)
    assert list(compared["rows"]["Dovecot: fetchFlags"]["clients"]) == list(readme_table.CLIENTS)
    for name, row in compared["rows"].items():
        command = name.removeprefix("Dovecot: ")
        if command == name:
            continue
        (line,) = [
            line for line in text.splitlines() if line.startswith(readme_table.called(command))
        ]
        walls = [readme_table.cell(figures) for figures in row["clients"].values()]
        assert line.split()[-len(walls) :] == walls


def test_committed_charts_are_of_the_committed_figures(tmp_path: Path) -> None:
    """To the octet; drawn by the matplotlib that the extra names."""
    pytest.importorskip("matplotlib", reason="there is no matplotlib for this CPython")
    from benchmarks import charts

    charts.draw(tmp_path, kept("rates.json"), kept("compare.json"))
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    folder = ROOT / "docs" / "charts"
    assert drawn == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_charts_follow_the_figures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="there is no matplotlib for this CPython")
    from benchmarks import charts

    rates = {"rows": {"in memory: fetchFlags": {"times_twisted": 12.3}}}
    rows = {f"{prefix}work": ROW for prefix, _ in charts.PLACES.values()}
    charts.draw(tmp_path, rates, {"rows": rows})
    text = (tmp_path / "dovecot.svg").read_text()
    for label in ("twisted_imapc", "libetpan", ">4<", ">5<", ">2.5<", "without aioimaplib"):
        assert label in text
    assert "milliseconds (logarithmic)" in text
    assert ">12.3 x<" in (tmp_path / "in_memory.svg").read_text()
