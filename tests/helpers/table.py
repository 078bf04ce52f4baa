"""The table of differences, and which tests are marked with a row of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def plain(text: str) -> str:
    """Text without line ends and backquotes."""
    return " ".join(text.replace("`", "").split())


def rows() -> list[str]:
    """The left sides of the table."""
    text = (TESTS.parent / "docs" / "differences.rst").read_text()
    table = text.partition("   * - Twisted\n     - twisted_imapc\n")[2]
    return [plain(row.partition("\n     - ")[0]) for row in table.split("   * - ")[1:]]


class Marked:
    """The words in the row markers of all tests that were collected."""

    def __init__(self, items: Iterable[pytest.Item] = (), whole: bool = False) -> None:
        self.whole = whole
        self.words: dict[str, str] = {}
        for item in items:
            for mark in item.iter_markers("row"):
                self.words.update(dict.fromkeys(mark.args, item.nodeid))

    def has(self, row: str) -> bool:
        """Whether a test is marked with this row."""
        return any(words in row for words in self.words)

    def strays(self, table: Iterable[str]) -> list[tuple[str, str]]:
        """The words that are in no row or in several, each with a test that has them."""
        counts = {words: sum(words in row for row in table) for words in self.words}
        return [(words, self.words[words]) for words, count in counts.items() if count != 1]


def is_whole(config: pytest.Config, items: Iterable[pytest.Item]) -> bool:
    """Whether these are all tests that there are, and not those of some files alone."""
    files = {item.path for item in items}
    return not any("::" in argument for argument in config.args) and all(
        path in files for path in TESTS.rglob("test_*.py")
    )


MARKED = pytest.StashKey[Marked]()
