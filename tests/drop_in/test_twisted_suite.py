"""
Twisted's own tests of its client, no line of them changed, over ours on both ways in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def run_suite(way: str, folder: Path) -> tuple[int, int]:
    """How many tests ran, and how many skipped themselves; all others passed."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_twisted_suite.py")), "--way", way],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    report = done.stdout + done.stderr
    assert done.returncode == 0, report[-8000:]
    ran = re.search(r"^Ran (\d+) tests", report, re.MULTILINE)
    assert ran is not None, report[-4000:]
    skipped = re.search(r"\(skips=(\d+)", report)
    return int(ran[1]), int(skipped[1]) if skipped else 0


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """What the suite gives with Twisted's own class."""
    return run_suite("twisted", tmp_path_factory.mktemp("twisted"))


@pytest.mark.parametrize("way", ["fast", "lines"])
def test_all_of_it_passes(way: str, oracle: tuple[int, int], tmp_path: Path) -> None:
    """As many tests as with Twisted's class, and no more of them skipped."""
    ran, skipped = run_suite(way, tmp_path)
    assert ran > 300
    assert (ran, skipped) == oracle
