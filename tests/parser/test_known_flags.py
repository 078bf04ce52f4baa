"""
Lists of flags that came before are not read again, and runs of NIL not one by one: nothing
tells that.
"""

from __future__ import annotations

from typing import Any

import pytest

from twisted_imapc._imapc import Parser


def fetchedWith(*values: bytes, shape: str = "fetch-flags", **limits: int) -> Any:
    """What the parser makes of responses that have C{values}, in order, or its problem."""
    parser = Parser()
    for name, limit in limits.items():
        setattr(parser, name, limit)
    parser.expect(shape)
    for number, value in enumerate(values):
        parser.feed(b"* %d FETCH (%b)\r\n" % (number + 1, value))
    assert parser.next() is None
    result, _, problem = parser.take()
    return list(result.values()) if problem is None else problem[0]


def test_each_list_is_its_own() -> None:
    """
    As in Twisted, a program may change one of them.
    """
    found = fetchedWith(*[b"FLAGS (\\Seen $x)"] * 3)
    assert found == [{"FLAGS": ["\\Seen", "$x"]}] * 3
    found[0]["FLAGS"].append("changed")
    found[1]["FLAGS"].clear()
    assert found[2]["FLAGS"] == ["\\Seen", "$x"]
    assert fetchedWith(b"FLAGS (\\Seen $x)") == [{"FLAGS": ["\\Seen", "$x"]}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"()", []),
        (b"(NIL \\Seen)", [None, "\\Seen"]),
        (b'("a" "NIL" b)', ["a", "NIL", "b"]),
        (b'("a)" b)', ["a)", "b"]),
        (b"(a (b c) d)", ["a", ["b", "c"], "d"]),
        (b"(BODY[x])", ["BODY", ["x"]]),
        (b'(a "b\\"c")', ["a", 'b"c']),
        (b"(caf\xe9)", ["caf\xe9"]),
        (b"NIL", None),
        (b"word", "word"),
        (b"({1}\r\na)", ["a"]),
        (b"(%b)" % b" ".join([b"flag"] * 200), ["flag"] * 200),
    ],
)
def test_the_second_time(value: bytes, expected: Any) -> None:
    whole = b"FLAGS %b" % value
    assert fetchedWith(whole, whole, whole) == [{"FLAGS": expected}] * 3


def test_other_items_behind_them() -> None:
    found = fetchedWith(*[b"UID 7 FLAGS (a b) X (a b) FLAGS (c)"] * 2)
    assert found == [{"UID": "7", "FLAGS": ["c"], "X": ["a", "b"]}] * 2


def test_octets_are_no_text() -> None:
    """
    Where FLAGS are wanted in octets they are not those of another shape.
    """
    text, octets = Parser(), Parser()
    for parser, shape, wire in (
        (text, "fetch-flags", b"* 1 FETCH (FLAGS (a))\r\n"),
        (octets, "status", b"* STATUS box (FLAGS (a))\r\n"),
    ):
        parser.expect(shape)
        parser.feed(wire)
        assert parser.next() is None
    assert text.take()[0] == {1: {"FLAGS": ["a"]}}
    assert list(octets.take()[0].values()) == [[b"a"]]


def leastOf(limit: str, values: list[bytes], **others: Any) -> int:
    """With which value of a limit they are parsed."""
    return next(
        n for n in range(50) if not isinstance(fetchedWith(*values, **{limit: n, **others}), str)
    )


@pytest.mark.parametrize("limit", ["maxDepth", "maxListsPerResponse", "maxElementsPerResponse"])
def test_limits_of_flags(limit: str) -> None:
    """
    What is known counts like what is read.
    """
    known = b"FLAGS (known a b)"
    fetchedWith(known)
    assert leastOf(limit, [known]) == leastOf(limit, [b"FLAGS (new a b)"])
    assert leastOf(limit, [known]) > 1


@pytest.mark.parametrize("last", [b"NIL", b"nil", b"a", b'"NIL"', b"(NIL)"])
@pytest.mark.parametrize("limit", ["maxDepth", "maxListsPerResponse", "maxElementsPerResponse"])
def test_limits_of_nils(limit: str, last: bytes) -> None:
    run = leastOf(limit, [b"X (NIL NIL NIL %b)" % last], shape="fetch")
    assert run == leastOf(limit, [b"X (a b c %b)" % last], shape="fetch")


def test_runs_of_nils() -> None:
    """
    In lists alone: each NIL outside of one is a value or a name.
    """
    value = b'X (NIL NIL nil NIL NILS NIL "NIL" NIL  NIL NIL(NIL)NIL) NIL NIL NIL (NIL) Y NIL'
    nils = [None, None, None, None, "NILS", None, "NIL", None, None, None, [None], None]
    assert fetchedWith(value) == [{"X": nils, "NIL": [None], "Y": None}]
