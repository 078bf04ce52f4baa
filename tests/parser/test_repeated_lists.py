"""
Lists that stand once more behind themselves, as the addresses of an envelope do: they are
copied, not read again, and nothing tells that.
"""

from __future__ import annotations

from typing import Any

import pytest

from twisted_imapc._imapc import Parser

ADDRESS = b'(("Ada \\"L\\"" NIL "ada" "example.org")("x" NIL NIL "y"))'


def envelope(value: bytes, size: int = 1 << 20, **limits: int) -> Any:
    """What the parser makes of C{value}, in chunks of C{size}."""
    parser = Parser()
    for name, limit in limits.items():
        setattr(parser, name, limit)
    parser.expect("fetch")
    wire = b"* 1 FETCH (ENVELOPE (%b) UID 7)\r\n" % value
    for start in range(0, len(wire), size):
        parser.feed(wire[start : start + size])
        assert parser.next() is None
    result, _, problem = parser.take()
    if problem is not None:
        return problem[0]
    assert result[1]["UID"] == "7"
    return result[1]["ENVELOPE"]


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_addresses(size: int) -> None:
    one = [['Ada "L"', None, "ada", "example.org"], ["x", None, None, "y"]]
    value = b"NIL %b %b %b NIL %b %b" % ((ADDRESS,) * 5)
    assert envelope(value, size) == [None, one, one, one, None, one, one]


def test_each_is_its_own() -> None:
    """
    As in Twisted, a program may change one of them.
    """
    found = envelope(b"%b %b %b" % ((ADDRESS,) * 3))
    for addresses in found:
        assert sum(addresses is other for other in found) == 1
        addresses[0].append("changed")
        addresses.append("changed")
    assert [len(addresses) for addresses in found] == [3, 3, 3]
    assert [len(addresses[0]) for addresses in found] == [5, 5, 5]


def test_deeper_lists_are_each_their_own() -> None:
    found = envelope(b'((("a"))) ((("a")))')
    assert found == [[[["a"]]], [[["a"]]]]
    assert found[0][0][0] is not found[1][0][0]


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_literals(size: int) -> None:
    """
    The announcement is the same, and not what comes behind it.
    """
    value = b"((NIL {3}\r\nabc)) ((NIL {3}\r\nabd)) ((NIL {3}\r\nabd))"
    assert envelope(value, size) == [[[None, "abc"]], [[None, "abd"]], [[None, "abd"]]]


def test_announcement_without_a_literal() -> None:
    """
    In the middle of a line it is none, though all octets of the text are the same.
    """
    value = b"((NIL {3}\r\nabc)) ((NIL {3}))"
    problem = "a literal is announced in the middle of a line"
    for size in range(1, 70):
        assert envelope(value, size) == problem


@pytest.mark.parametrize(
    "value",
    [
        b'(("a" NIL)) (("a" NIL)x)',
        b'(("a" NIL))(("a" NIL))',
        b'(("a" NIL))x(("a" NIL))',
        b'(("a" NIL)) (("a" NIL) "b")',
        b'(("a" NIL))  (("a" NIL))',
        b'(("a" NIL)) (("A" NIL)) (("A" NIL))',
        b"(() ()) (() ())",
        b"(NIL) (NIL) (NIL)",
        b'("a" ("b")) ("a" ("b"))',
    ],
)
def test_nearly_the_same(value: bytes) -> None:
    """
    Whatever comes of it comes of it in the shape that reads octets too, where nothing
    is copied.
    """

    def inOctets(one: Any) -> Any:
        if isinstance(one, list):
            return [inOctets(inner) for inner in one]
        return None if one is None else one.encode("latin-1")

    assert inOctets(envelope(value)) == Parser().values(b"1 FETCH (X (%b))" % value)[2][1]


@pytest.mark.parametrize("limit", ["maxListsPerResponse", "maxElementsPerResponse"])
def test_limits(limit: str) -> None:
    """
    What is copied counts like what is read.
    """

    def least(*names: bytes) -> int:
        value = b" ".join(ADDRESS.replace(b"ada", name) for name in names)
        return next(n for n in range(1, 100) if not isinstance(envelope(value, **{limit: n}), str))

    assert least(b"ada", b"ada", b"ada") == least(b"ada", b"adb", b"adc")
