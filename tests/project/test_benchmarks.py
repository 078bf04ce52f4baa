"""
The measurements still run: what they say is for their readers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.peers import places
from benchmarks.peers.roster import CLIENTS

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def output_of(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / program), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rates_are_of_the_rows_there_are() -> None:
    """What rates.json has is what rates.py measures."""
    kept = json.loads((BENCHMARKS / "rates.json").read_text(encoding="ascii"))
    assert output_of("rates.py", "--list").splitlines() == list(kept["rows"])


def test_only_some_rows() -> None:
    """By a part of their names, as docs/speed.rst has it; where none has it, that is said."""
    rows = output_of("rates.py", "--list").splitlines()
    some = output_of("rates.py", "--list", "--only", "flags").splitlines()
    assert some == [row for row in rows if "fetchFlags" in row] != []
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "rates.py"), "--only", "flogs"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no row has 'flogs' in its name; --list has the names" in done.stderr


def test_one_row() -> None:
    """Both clients are asked, and what is said has the names that rates.json has."""
    kept = json.loads((BENCHMARKS / "rates.json").read_text(encoding="ascii"))
    row = "in memory: search of 2,000"
    figures = json.loads(output_of("rates.py", "--quick", "--row", row))
    assert list(figures) == list(kept["rows"][row])
    assert figures["our_rate"] > figures["twisted_rate"] > 0


def test_typed_records() -> None:
    """A record takes less than a dict: that much can be said of any machine."""
    figures = json.loads(output_of("typed.py", "--quick"))
    kept = json.loads((BENCHMARKS / "typed.json").read_text(encoding="ascii"))
    assert list(figures)[1:] == list(kept)[1:]
    assert figures["octets of an envelope's record"] < 0.6 * figures["octets of an envelope's dict"]


def test_compared_rows_are_those_there_are() -> None:
    """What compare.json has is what compare.py measures, for each client or why not."""
    kept = json.loads((BENCHMARKS / "compare.json").read_text(encoding="ascii"))
    names = [f"prepared answers: {case.name}" for case in places.REPLAYED]
    for kind in ("Dovecot", "Dovecot, TLS 1.3"):
        names += [f"{kind}: {case.name}" for some in places.ASKED.values() for case in some]
    assert list(kept["rows"]) == names
    for row in kept["rows"].values():
        assert list(row["clients"]) == [client.name for client in CLIENTS]
    assert kept["in_the_time"] and kept["versions"]["twisted_imapc"]


def test_one_comparison() -> None:
    """A line for each client, or why there is none, and nothing is written."""
    before = (BENCHMARKS / "compare.json").read_bytes()
    said = output_of("compare.py", "--quick", "--only", "prepared answers: search")
    table = said[said.index("wall, ms") :]
    assert [client.name for client in CLIENTS if f"\n{client.name}" not in table] == []
    assert (BENCHMARKS / "compare.json").read_bytes() == before


def test_clients_figures_are_of_the_rows_there_are() -> None:
    kept = json.loads((BENCHMARKS / "client_rates.json").read_text(encoding="ascii"))
    figures = json.loads(output_of("client_rates.py", "200 STATUS at 50 ms"))
    assert list(figures) == list(kept["rows"]["200 STATUS at 50 ms"])
    assert 0 < figures["seconds"] < figures["one_by_one_seconds"]
    program = (BENCHMARKS / "client_rates.py").read_text()
    assert all(f'"{row}": ' in program for row in kept["rows"])
