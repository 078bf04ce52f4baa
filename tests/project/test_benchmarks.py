"""
The measurements still run: what they say is for their readers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_clients_figures_are_of_the_rows_there_are() -> None:
    kept = json.loads((BENCHMARKS / "client_rates.json").read_text(encoding="ascii"))
    figures = json.loads(output_of("client_rates.py", "200 STATUS at 50 ms"))
    assert list(figures) == list(kept["rows"]["200 STATUS at 50 ms"])
    assert 0 < figures["seconds"] < figures["one_by_one_seconds"]
    program = (BENCHMARKS / "client_rates.py").read_text()
    assert all(f'"{row}": ' in program for row in kept["rows"])
