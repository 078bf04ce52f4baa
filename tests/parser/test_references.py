"""
What the extension takes it gives back: each vector over and over, and afterwards
as many references as before, or as much memory.

References are counted by debug builds of CPython alone (C{python3.15-dbg}; C{make
matrix} has two of them); on the others memory is, which would grow for a forgotten
C{PyMem_Free}, too.

Nothing is allowed for: the totals are to be the same to the last one.  So that
only the extension is counted, what a client asked of its parser for a vector is
written down first, and then asked again of a new parser, without the client.
Twisted's Deferreds and interfaces would be counted as well, in part by other
people's extensions, which were not compiled for a debug build and count wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter, methodcaller
from typing import Any

import pytest

from tests.helpers.classes import AGAINST_ITSELF
from tests.helpers.growth import grown
from tests.helpers.vectors import VECTORS, play_vector, wire_of
from twisted_imapc import _connection, _session
from twisted_imapc._imapc import Parser
from twisted_imapc._lines import delivery

pytestmark = pytest.mark.slow

Asked = Callable[[Any], object]

#: A wire of more octets than this is large.
MANY_OCTETS = 32 * 1024

#: The three large wires are repeated until so many octets went in, and twice at least:
#: a thousand times would take minutes for each, and line-over-limit has 70 MB.
OCTETS_OF_LARGE = 2 * 1024 * 1024


class AskedParser:
    """A parser that writes down what is asked of it: (number of the parser, call)."""

    made: list[Parser]
    asked: list[tuple[int, Asked]]

    def __init__(self) -> None:
        self.__dict__["number"] = len(self.made)
        self.__dict__["parser"] = Parser()
        self.made.append(self.parser)

    def __getattr__(self, name: str) -> Any:
        parser = self.__dict__["parser"]
        value = getattr(parser, name)
        if not callable(value):
            self.asked.append((self.number, attrgetter(name)))
            return value

        def method(*args: Any, **options: Any) -> Any:
            self.asked.append((self.number, methodcaller(name, *args, **options)))
            return value(*args, **options)

        return method

    def __setattr__(self, name: str, value: Any) -> None:
        self.asked.append((self.number, methodcaller("__setattr__", name, value)))
        setattr(self.parser, name, value)


def script(
    monkeypatch: pytest.MonkeyPatch, cls: Any, vector: dict[str, Any], wire: bytes, cuts: Any = ()
) -> Callable[[], None]:
    """What a client of this class asks of its parsers for this vector, to be asked again."""

    class Here(AskedParser):
        made = []
        asked = []

    with monkeypatch.context() as patch:
        for module in (_connection, _session, delivery):
            patch.setattr(module, "Parser", Here)
        play_vector(cls, vector, wire, cuts)
    count, asked = len(Here.made), tuple(Here.asked)
    assert count and asked

    def again() -> None:
        parsers = [Parser() for _ in range(count)]
        for number, call in asked:
            try:
                call(parsers[number])
            except ValueError:
                pass  # line() and values(): framing is lost

    return again


def times(repeats: int, length: int) -> int:
    """How often a wire of this length is repeated."""
    return max(2, OCTETS_OF_LARGE // length) if length > MANY_OCTETS else repeats


@pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted's class has no parser")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
class TestReferences:
    """Each vector, on both ways in."""

    def test_whole(
        self, monkeypatch: pytest.MonkeyPatch, ours: Any, vector: dict[str, Any], measured: Any
    ) -> None:
        measure, repeats = measured
        wire = wire_of(vector)
        run = script(monkeypatch, ours, vector, wire)
        assert grown(measure, run, times(repeats, len(wire)))[-1] == 0

    def test_in_pieces(
        self, monkeypatch: pytest.MonkeyPatch, ours: Any, vector: dict[str, Any], measured: Any
    ) -> None:
        """In single octets, larger wires in some fifty pieces."""
        measure, repeats = measured
        wire = wire_of(vector)
        length = len(wire)
        step = 1 if length < 200 else length // 50
        run = script(monkeypatch, ours, vector, wire, range(step, length, step))
        assert grown(measure, run, times(repeats // 10, length))[-1] == 0


NUMBERED = [vector for vector in VECTORS if re.search(rb"(?m)^\* \d", wire_of(vector))]


@pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted's class has no parser")
@pytest.mark.parametrize("vector", NUMBERED, ids=lambda vector: vector["name"])
def test_large_numbers(
    monkeypatch: pytest.MonkeyPatch, ours: Any, vector: dict[str, Any], measured: Any
) -> None:
    """The vectors' small ones are objects that CPython keeps for ever and does not count."""
    measure, repeats = measured
    wire = re.sub(rb"(?m)^\* \d+", b"* 1000001", wire_of(vector))
    run = script(monkeypatch, ours, vector, wire)
    assert grown(measure, run, times(repeats, len(wire)))[-1] == 0
