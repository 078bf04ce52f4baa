"""
The table of differences in docs/differences.rst: each of its rows has a test, and each difference
that a test allows is a row.  Tests say so by C{pytest.mark.row} with words of the left side.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.helpers.table import MARKED, Marked, rows


@pytest.fixture
def marked(request: pytest.FixtureRequest) -> Marked:
    """The markers of this run's tests, also of those that -k or -m left out later."""
    return request.config.stash[MARKED]


def test_there_is_a_table() -> None:
    assert len(rows()) > 20
    assert all(rows())


@pytest.mark.parametrize("row", rows())
def test_each_row_has_a_test(row: str, marked: Marked) -> None:
    if not marked.has(row) and not marked.whole:
        pytest.skip("only some of the tests were collected, and none of these has it")
    assert marked.has(row), row


def test_each_marker_is_a_row(marked: Marked) -> None:
    assert marked.strays(rows()) == []


# ---- These checks can fail -------------------------------------------------


def collected(**markers: tuple[str, ...]) -> Any:
    """As much of tests with these markers as is looked at."""
    return [
        SimpleNamespace(nodeid=name, iter_markers=lambda kind, w=words: [SimpleNamespace(args=w)])
        for name, words in markers.items()
    ]


def test_row_without_a_test() -> None:
    marked = Marked(collected(test_one=("a difference",), test_two=()))
    assert marked.has("here is a difference")
    assert not marked.has("here is another")


def test_marker_without_a_row() -> None:
    marked = Marked(collected(test_one=("a", "here is"), test_two=("gone",)))
    assert marked.strays(["here is a difference", "no"]) == [("gone", "test_two")]
    assert marked.strays(["here is a", "a", "gone"]) == [("a", "test_one")]
