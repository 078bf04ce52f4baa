"""
What one reads first: as short as it was meant to be, and naming nothing that is not there.
"""

from __future__ import annotations

import re
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
