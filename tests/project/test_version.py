"""The version: said once, in the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import twisted_imapc
from twisted_imapc.__main__ import parseArguments

ROOT = Path(__file__).resolve().parents[2]


def test_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", twisted_imapc.__version__)


def test_is_the_distribution_s() -> None:
    """What a build of this tree will be called, whatever was installed from it once."""
    done = subprocess.run(
        [sys.executable, "setup.py", "--version"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == [twisted_imapc.__version__], done.stderr


def test_is_in_the_changes() -> None:
    changes = (ROOT / "CHANGES.rst").read_text(encoding="utf-8")
    assert f"\n{twisted_imapc.__version__} " in changes


def test_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parseArguments(["--version"])
    assert left.value.code in (0, None)
    assert capsys.readouterr().out == f"twisted_imapc {twisted_imapc.__version__}\n"


def test_of_the_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twisted_imapc", "--version"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"twisted_imapc {twisted_imapc.__version__}\n", "")
