"""
The README's table of differences: each of its rows has a test, and each difference that
a test allows is a row.  Tests say so with C{Row} and, in quotes, words of the left side.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

NAMED = re.compile(r'Row "((?:[^"]|"[a-z]+")+)"', re.IGNORECASE)


def plain_words(text: str) -> str:
    """Text without line ends, comment signs and backquotes."""
    return " ".join(text.replace("`", "").replace("#", " ").split())


def rows() -> list[str]:
    """The left sides of the table."""
    readme = (TESTS.parent / "README.rst").read_text()
    section = readme.partition("What differs from Twisted on purpose")[2].split("\n----")[1]
    table = section.partition("   * - Twisted\n     - twisted_imapc\n")[2]
    return [plain_words(row.partition("\n     - ")[0]) for row in table.split("   * - ")[1:]]


def named() -> list[tuple[str, str]]:
    """Which test file names which row."""
    files = [path for path in sorted(TESTS.rglob("*.py")) if path != Path(__file__)]
    return [
        (path.name, plain_words(text)) for path in files for text in NAMED.findall(path.read_text())
    ]


def test_there_is_a_table() -> None:
    assert len(rows()) > 20
    assert all(rows())


@pytest.mark.parametrize("row", rows())
def test_each_row_has_a_test(row: str) -> None:
    assert any(text in row for _, text in named()), row


@pytest.mark.parametrize("file, text", named())
def test_each_allowance_is_a_row(file: str, text: str) -> None:
    assert sum(text in row for row in rows()) == 1, (file, text)
