"""
What one reads first: as short as it was meant to be, and naming nothing that is not there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

DOCUMENTS = sorted([*ROOT.glob("*.rst"), *ROOT.glob("docs/*.rst")])

#: A path in the tree, in double backquotes or in the first column of a table.
PATH = re.compile(
    r"(?:``|^)((?:(?:docs|csrc|benchmarks|examples|tests|twisted_imapc|\.ci)/[\w./-]*)|[A-Z]+\.rst)",
    re.MULTILINE,
)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.rst").read_text().splitlines()) <= 150


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_is_named_is_there(document: Path) -> None:
    named = set(PATH.findall(document.read_text()))
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_readme_leads_everywhere() -> None:
    """Each page is named in it, those that are for other readers, too."""
    named = set(PATH.findall((ROOT / "README.rst").read_text()))
    pages = {str(path.relative_to(ROOT)) for path in DOCUMENTS}
    assert pages - {"README.rst"} <= named


def test_the_test_in_the_docs_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs/testing.rst").read_text()
    (block,) = re.findall(r"^\.\. code-block:: python\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    program = tmp_path / "test_inbox.py"

    def trial() -> str:
        # As a program of its own: the module of Twisted 22.4 wants pkg_resources.
        command = [
            sys.executable,
            "-c",
            "from twisted.scripts.trial import run; run()",
            program.stem,
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        return done.stdout

    program.write_text(textwrap.dedent(block))
    assert "PASSED (successes=1)" in trial()
    program.write_text(textwrap.dedent(block).replace('"hello"', '"goodbye"'))
    assert "FAILED (failures=1)" in trial()
