"""
What a parser keeps while its connection is idle, of which a server of mail has thousands.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable

import pytest

from twisted_imapc._imapc import Parser

#: Octets of an idle parser, all in all.
MOST = 500

WORK = (
    b'* 1 FETCH (FLAGS (\\Seen) ENVELOPE ("a \\" b" NIL (("c" NIL "d" "e")) BODY[] {3}\r\nabc)\r\n'
    b'* LIST (\\Noselect) "/" Lists\r\n* 7 EXISTS\r\n0001 OK done\r\n'
)


def fetchedByOctets(parser: Parser) -> None:
    """A command's answer, octet by octet, and what comes behind it."""
    parser.expect("fetch")
    for octet in WORK:
        parser.feed(bytes([octet]))
        while (event := parser.next()) is not None:
            if event[0] == "tagged":
                assert parser.take()[0] is not None
                parser.expect(None)


def toldUnasked(parser: Parser) -> None:
    """What comes while no command waits."""
    parser.feed(b"* 1 FETCH (FLAGS (a b c))\r\n" * 100)
    for _ in range(100):
        assert parser.next() == ("flags", {1: ["a", "b", "c"]})
    assert parser.next() is None


def answered(parser: Parser) -> None:
    """As a client does it, which asks for no event behind the last octet."""
    parser.expect("fetch")
    parser.feed(WORK)
    while parser.pending:
        event = parser.next()
    assert event is not None and event[0] == "tagged"
    parser.take()
    parser.expect(None)
    parser.feed(b"* 8 EXISTS\r\n")
    assert parser.next() == ("exists", 8)


def readByLines(parser: Parser) -> None:
    """The same through the line path."""
    assert parser.response(b"*", b"1 FETCH (FLAGS (a b c))") == ("flags", {1: ["a", "b", "c"]})
    assert parser.values(b"1 FETCH (FLAGS (a b c))") is not None


def unused(parser: Parser) -> None:
    """Nothing at all."""


@pytest.mark.parametrize("use", [unused, fetchedByOctets, toldUnasked, answered, readByLines])
def test_an_idle_parser_is_small(use: Callable[[Parser], None]) -> None:
    for _ in range(3):  # what is cached for all parsers is there
        use(Parser())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    parser = Parser()
    use(parser)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept <= MOST
    assert sys.getsizeof(parser) <= MOST


def test_what_is_unfinished_is_kept() -> None:
    """A parser that has nothing to give out has not always nothing to keep."""
    parser = Parser()
    for octet in b"* 1 FETCH (FLAGS (a b) BODY[] {3}\r\nabc":
        parser.feed(bytes([octet]))
        assert parser.next() is None
    parser.feed(b")\r\n")
    assert parser.next() == ("flags", {1: ["a", "b"]})
    parser.feed(b"* 1 FETCH (BODY[] {x}\r\n")
    failure = parser.next()
    assert failure is not None and failure[0] == "error"
    assert parser.next() == failure


def test_long_head_of_a_list() -> None:
    """Flags and delimiter of a LIST are remembered for all connections: not so long ones."""
    flags = b" ".join(b"f%07d" % number for number in range(100_000))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        parser = Parser()
        parser.expect("list")
        parser.feed(b'* LIST (%b) "/" a\r\n' % flags)
        assert parser.next() is None
        (entry,) = parser.take()[0]
        assert len(entry[0]) == 100_000
        del entry, parser
        # Short strings have a cache of their own, of bounded size.
        assert tracemalloc.get_traced_memory()[0] - before < len(flags) // 2
    finally:
        tracemalloc.stop()
