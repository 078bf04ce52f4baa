"""
Literals that become str: whatever is in them, wherever its first 8-bit octet is, and
however they come, the text is their latin-1; and nothing is held twice.
"""

from __future__ import annotations

import gc
import itertools
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.helpers.growth import printed_alone
from twisted_imapc._imapc import Parser

#: What the binding has room for at first; it doubles from there.
FIRST = 65536


def fetched(pieces: Iterable[bytes], size: int) -> str:
    """What becomes of one body of C{size} octets that come in pieces."""
    parser = Parser()
    parser.expect("fetch")
    for piece in itertools.chain((b"* 1 FETCH (RFC822 {%d}\r\n" % size,), pieces):
        parser.feed(piece)
        assert parser.next() is None
    parser.feed(b")\r\n0001 OK done\r\n")
    answer = parser.next()
    assert answer is not None and answer[0] == "tagged"
    text = parser.take()[0][1]["RFC822"]
    assert isinstance(text, str)
    return text


def cut(octets: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(octets), size):
        yield octets[start : start + size]


def around(*places: int) -> list[int]:
    """All of them with their neighbours that are not negative."""
    return sorted({place + near for place in places for near in (-1, 0, 1) if place + near >= 0})


def check(size: int, first: int | None, chunk: int) -> None:
    """One literal, ASCII up to C{first}."""
    octets = bytearray((b"The quick brown fox. " * (size // 21 + 1))[:size])
    if first is not None:
        octets[first:] = (b"\xe9\x80\xff caf" * (size // 7 + 1))[: size - first]
    text = fetched(cut(bytes(octets), chunk), size)
    # Not only equal: hash and encoding depend on how the object is laid out.
    expected = octets.decode("latin-1")
    assert text == expected
    assert hash(text) == hash(expected)
    assert text.isascii() == expected.isascii()
    assert text.encode("utf-8") == expected.encode("utf-8")
    assert text + "\u20ac" == expected + "\u20ac"


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100])
def test_every_first_octet_of_a_short_literal(size: int) -> None:
    for chunk in (1, 3, 8, 16, 1000):
        for first in (None, *range(size)):
            check(size, first, chunk)


@pytest.mark.parametrize("size", [FIRST - 1, FIRST, FIRST + 1, 2 * FIRST + 1, 5 * FIRST + 3])
@pytest.mark.parametrize("chunk", [4096, FIRST, FIRST + 5])
def test_first_octet_around_chunks_and_growth(size: int, chunk: int) -> None:
    """At the borders of chunks, and of what there is room for."""
    places = around(0, 16, chunk, 2 * chunk, FIRST, 2 * FIRST, 4 * FIRST, size - 1)
    for first in (None, *(place for place in places if place < size)):
        check(size, first, chunk)


def test_more_comes_after_a_literal_that_is_wide_at_its_end() -> None:
    """Nothing of it stays for the next one."""
    parser = Parser()
    parser.expect("fetch")
    parser.feed(b"* 1 FETCH (RFC822 {3}\r\nab\xe9)\r\n* 2 FETCH (RFC822 {3}\r\nabc)\r\n")
    assert parser.next() is None
    collected = parser.take()[0]
    assert collected == {1: {"RFC822": "ab\xe9"}, 2: {"RFC822": "abc"}}
    assert collected[2]["RFC822"].isascii()


def test_unfinished_wide_literal_is_given_back() -> None:
    """drain() has the octets as they came, in whatever layout they are."""
    parser = Parser()
    parser.expect("fetch")
    for piece in (b"* 1 FETCH (RFC822 {100}\r\n", b"abc", b"\xe9\xff", b"def"):
        parser.feed(piece)
        assert parser.next() is None
    assert parser.drain() == b"* 1 FETCH (RFC822 {100}\r\nabc\xe9\xffdef"


@pytest.mark.parametrize("first", [None, 0, FIRST - 1, FIRST, 3_000_000, 9_999_999])
def test_no_octet_is_held_twice(first: int | None) -> None:
    """Not even while a str becomes a latin-1 one."""
    size = 10_000_000
    octets = bytearray(b"x" * size)
    if first is not None:
        octets[first] = 0xE9
    pieces = list(cut(bytes(octets), FIRST))
    tracemalloc.start()
    try:
        text = fetched(pieces, size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert text.isascii() == (first is None)
    assert peak <= 1.05 * size


# ---- literal(): feed() and next() in one, inside of a literal --------------------


def inLiteral(size: int) -> Parser:
    """A parser that waits for a literal of so many octets."""
    parser = Parser()
    parser.expect("fetch")
    parser.feed(b"* 1 FETCH (RFC822 {%d}\r\n" % size)
    assert parser.next() is None
    return parser


def test_pieces_inside() -> None:
    """
    They are taken at once; the one that ends the literal is not.
    """
    parser = inLiteral(10)
    assert parser.literal(b"abcd")
    assert parser.literal(b"\xe9fgh")
    assert parser.literal(b"")
    pending = parser.pending
    assert not parser.literal(b"ij")
    assert not parser.literal(b"ij)\r\n")
    assert parser.pending == pending
    parser.feed(b"ij)\r\n0001 OK done\r\n")
    answer = parser.next()
    assert answer is not None and answer[0] == "tagged"
    assert parser.take()[0] == {1: {"RFC822": "abcd\xe9fghij"}}


def test_no_literal() -> None:
    parser = Parser()
    parser.expect("fetch")
    for octets in (b"* 1 FETCH (RFC822 {10}", b"\r", b"\n"):
        assert not parser.literal(octets)
        parser.feed(octets)
        parser.next()
    assert not parser.literal(bytearray(b"abc"))  # type: ignore[arg-type]
    assert parser.literal(b"abc")


def test_what_waits_comes_first() -> None:
    """
    Octets that were fed and not parsed come before others.
    """
    parser = inLiteral(10)
    parser.feed(b"abc")
    assert not parser.literal(b"def")
    assert parser.next() is None
    assert parser.literal(b"def")
    assert parser.drain().endswith(b"abcdef")


def test_literal_that_is_refused() -> None:
    """
    Behind a failure nothing is taken.
    """
    parser = Parser()
    parser.maxLiteralSize = 5
    parser.feed(b"* 1 FETCH (RFC822 {10}\r\n")
    event = parser.next()
    assert event is not None and event[0] == "error"
    assert not parser.literal(b"abc")


class Finalized:
    """A cycle that gives its octets to a parser when the collector finds it."""

    def __init__(self, parser: Parser, found: list[bool]) -> None:
        self.parser, self.found, self.cycle = parser, found, self

    def __del__(self) -> None:
        self.found.append(self.parser.literal(b"abc"))


def test_parser_that_is_in_use() -> None:
    """
    A finalizer runs while the parser builds something else.
    """
    parser = inLiteral(10)
    found: list[bool] = []
    thresholds = gc.get_threshold()
    gc.collect()
    try:
        Finalized(parser, found)
        gc.set_threshold(1)
        parser.response(b"*", b"2 FETCH (BODY (" + b"(a)" * 50 + b"))")
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    # From 3.12 on the collector waits for the end of response().
    assert found == [sys.version_info >= (3, 12)]


#: How far the resident set grows while an eighth of a literal comes, and one chunk more:
#: behind a power of two there is most room.  By itself, or what was freed before is used.
EIGHTH = """
from benchmarks.peers.measuring import resident
from twisted_imapc._imapc import Parser

parser = Parser()
parser.expect({shape!r})
before = resident("VmRSS")
parser.feed(b"* 1 FETCH (RFC822 {{%d}}\\r\\n" % (2**28 - 1))
assert parser.next() is None
for _ in range(2**25 // {first} + 1):
    parser.feed(b"x" * {first})
    assert parser.next() is None
print(resident("VmRSS") - before)
"""


@pytest.mark.parametrize("shape", ["fetch", "fetch-flat"])
def test_what_has_not_come_is_not_resident(shape: str, missing: Callable[[str], Any]) -> None:
    """There is room for twice as much as has come, but the kernel gives it when it is used."""
    (grown,) = printed_alone(EIGHTH.format(shape=shape, first=FIRST), missing)
    # Debug builds of CPython write into all that they allocate.
    most = 2**26 if hasattr(sys, "gettotalrefcount") else 2**25
    assert 2**25 <= grown < most + 2**22


@pytest.mark.parametrize("most", [0, 1, 2])
def test_more_literals_than_elements_wherever_they_are_cut(most: int) -> None:
    wire = b"* 1 X (a {1}\r\na x {1}\r\nb)\r\n0001 OK done\r\n"
    for cut in range(len(wire)):
        parser = Parser()
        parser.typed = True
        parser.maxElementsPerResponse = most
        parser.feed(wire[:cut])
        events = list(iter(parser.next, None))
        parser.feed(wire[cut:])
        events += iter(parser.next, None)
        assert [event[0] for event in events] == ["malformed", "tagged"], cut
