"""
Every vector of C{tests/vectors}: whole, at every two-way split, byte by byte, and
with another response behind it; the same outcome each time, on both ways in.

C{vectors/README.md} says what the fields mean.
"""

from __future__ import annotations

import gc
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.mail.imap4 import IllegalServerResponse

from tests.helpers.comparing import described, same
from tests.helpers.rig import Entry, Outcome
from tests.helpers.vectors import FEW_CUTS, HUGE_OCTETS, VECTORS, play_vector, value_of, wire_of

# What a vector's words say beside its fields.
ALSO_EVENTS: dict[str, list[Entry]] = {
    "lf-only": [("new", 1, None)],
    "double-spaces": [("new", 5, None)],
    "exists-during-fetch": [("new", 7, None)],
    "exchange-copyuid-without-ok": [("expunged", 1)],
}

BEHIND = b"* 3 EXISTS\r\n* 4 EX"

# Larger wires are not cut everywhere.
EVERY_SPLIT_UP_TO = 1024 if FEW_CUTS else 32 * 1024

# What cutting larger ones takes is seen by somebody who waits.
SLOW_OCTETS = 1024


def splits(wire: bytes) -> Iterator[int]:
    """Every place to cut a wire in two; samples of a large one."""
    if len(wire) <= EVERY_SPLIT_UP_TO:
        yield from range(1, len(wire))
        return
    # A wire of tens of megabytes (line-over-limit) costs a tenth of a second for each cut.
    edge, seeded = (4, 12) if len(wire) > HUGE_OCTETS or FEW_CUTS else (64, 200)
    yield from range(1, edge + 1)
    yield from range(len(wire) - edge, len(wire))
    yield from random.Random(len(wire)).sample(range(edge + 1, len(wire) - edge), seeded)


def check_vector(
    vector: dict[str, Any], outcome: Outcome, written: bytes, behind: bool = False
) -> None:
    """That the outcome is the one that the vector wants."""
    firings, expected = outcome.calls, vector["outcome"]
    assert all(len(each) <= 1 for each in firings), firings
    assert not [e for e in outcome.errors if type(e).__name__ == "AlreadyCalledError"]
    told = [described(each[0]) if each else ("pending",) for each in firings]
    open_expected = vector.get("open", expected != "close")
    assert outcome.closed is not open_expected, (told, outcome.escaped, outcome.errors)
    assert outcome.escaped is None or (
        expected == "close" and isinstance(outcome.escaped, IllegalServerResponse)
    ), outcome.escaped

    if expected == "result":
        assert told[0][0] == "result", told
        if "value" in vector:
            assert same(outcome.firing[1], value_of(vector)), outcome.firing[1]
    elif expected == "error":
        assert told[0][:2] == ("failure", vector["error"]), told
    elif expected == "close":
        assert all(each[0] == "failure" for each in told), told
    elif expected == "pending":
        assert all(each == ("pending",) for each in told), told
    elif expected == "writes":
        assert written == value_of(vector)
    else:
        assert expected == "events" and not firings

    wanted = value_of(vector) if expected == "events" else ALSO_EVENTS.get(vector["name"], [])
    if behind and open_expected:
        wanted = [*wanted, ("new", 3, None)]
    assert outcome.events == wanted


def in_parts(**parts: int) -> list[Any]:
    """Each vector, those named here in so many parts, with (number of the part, parts)."""
    cases = []
    for vector in VECTORS:
        name = vector["name"]
        count = 1 if FEW_CUTS else parts.get(name.replace("-", "_"), 1)
        for number in range(count):
            case_id = name if count == 1 else f"{name}-{number + 1}of{count}"
            marks = [pytest.mark.slow] if len(wire_of(vector)) > SLOW_OCTETS else []
            cases.append(pytest.param(vector, (number, count), id=case_id, marks=marks))
    return cases


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_whole(ours: Any, vector: dict[str, Any]) -> None:
    check_vector(vector, *play_vector(ours, vector, wire_of(vector)))


@pytest.mark.parametrize(("vector", "part"), in_parts(search_long_line=10, lists_million=8))
def test_every_split(ours: Any, vector: dict[str, Any], part: tuple[int, int]) -> None:
    """A part is every tenth split, say."""
    wire = wire_of(vector)
    number, parts = part
    # The collector would walk the quarter of a million lists of lists-million at each cut.
    gc.disable()
    try:
        for place in list(splits(wire))[number::parts]:
            try:
                check_vector(vector, *play_vector(ours, vector, wire, [place]))
            except AssertionError as e:
                raise AssertionError(f"cut at {place}: {e}") from e
    finally:
        gc.enable()


@pytest.mark.parametrize(("vector", "part"), in_parts(lists_million=8))
def test_byte_by_byte(ours: Any, vector: dict[str, Any], part: tuple[int, int]) -> None:
    """A part of the wire, and what is before and behind it in one piece each."""
    wire = wire_of(vector)
    step = 1 if len(wire) <= HUGE_OCTETS else 100_003
    number, parts = part
    start, end = (len(wire) * each // parts for each in (number, number + 1))
    cuts = range(max(start, step), end + 1, step)
    check_vector(vector, *play_vector(ours, vector, wire, cuts))


ENDED = [vector for vector in VECTORS if wire_of(vector).endswith(b"\n")]


@pytest.mark.parametrize("vector", ENDED, ids=lambda vector: vector["name"])
def test_another_response_behind(ours: Any, vector: dict[str, Any]) -> None:
    """Where the wire does not end inside a response: what follows is read as well."""
    check_vector(vector, *play_vector(ours, vector, wire_of(vector) + BEHIND), behind=True)


def test_all_are_here() -> None:
    """62 edges and 37 quirks, each with its own name and number."""
    assert len(VECTORS) == 99
    for key in ("name", "id"):
        assert len({vector[key] for vector in VECTORS}) == 99
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", v["name"]) for v in VECTORS)
