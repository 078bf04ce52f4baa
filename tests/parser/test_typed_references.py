"""
What a typed parser and its records take they give back: the same totals to the last one.

References are counted by debug builds of CPython alone, memory by the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.growth import grown
from tests.helpers.typed import cutApart, eventsOf, plainEvents, typedParser
from tests.helpers.vectors import VECTORS, wire_of
from twisted_imapc._imapc import (
    Batches,
    countRanges,
    envelope,
    in_ranges,
    joinRanges,
    ranges,
    subtractRanges,
)

pytestmark = pytest.mark.slow

Measured = tuple[Callable[[], int], int]

#: The small ones, but for one whose hundred parts take a while to look at.
SMALL = [vector for vector in VECTORS if len(vector["wire"]) < 2000]
WIRES = {v["name"]: wire_of(v) for v in SMALL if v["name"] != "depth-100"}
WIRES = {name: wire for name, wire in WIRES.items() if len(wire) < 2000}
WIRES["typed"] = (
    b'* 1000001 FETCH (UID 1000002 FLAGS (\\seen x) MODSEQ (1000003) ENVELOPE ("1 Jan 2020" '
    b'{1}\r\ns (("x\xc3\xa9" NIL "a" "b")) (("x\xc3\xa9" NIL "a" "b")) '
    b'(x (a b c d e)))'
    b'BODYSTRUCTURE (("text" "plain" ("a*" "utf-8\'\'x") NIL NIL NIL 1000004 1000005)("message" '
    b'"rfc822" NIL NIL NIL NIL 1000006 (NIL "s" ((NIL {1}\r\nb 1000007))) ("a" "b") 1) "mixed") '
    b'INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[HEADER.FIELDS ("A" b)]<0> {2}\r\nab RFC822 '
    b"NIL X-GM-LABELS (a {1}\r\nb 1000008) RFC822.SIZE x ENVELOPE x UID 0 RFC822.TEXT (a) "
    b"FLAGS x)\r\n"
    b"* 2 FETCH (UID 4 FLAGS (b {1}\r\na) BODYSTRUCTURE x FLAGS (c))\r\n"
    b"* 3 FETCH (UID 5 FLAGS (\r\n"
    b'* LIST (\\noselect) "/" "&AOk-&" (A ("b"))\r\n* LSUB (x {1}\r\ny) NIL {1}\r\nz (a\r\n'
    b"* STATUS a&b (MESSAGES 1000001 x-y (1000002) Z\r\n"
    b"* STATUS {1}\r\na (MESSAGES 1000001 b-c (d))\r\n"
    b"* SEARCH 7 1000001 5 (MODSEQ 1000002)\r\n* SEARCH 3 1000001 x\r\n"
    b"* SORT 1000001 2 (MODSEQ 1000009)\r\n"
    b"* SORT 1000001 x\r\n* VANISHED (EARLIER) 5,1000001:1000007\r\n* VANISHED 5,x\r\n"
    b"* 1000001 X {1}\r\na (b 1000001)\r\n* X (\r\n* OK [X (a 1000001) {] y\r\n* NO [Y )] z\xff\r\n"
    b"* NAMESPACE ((&AOk- /)) NIL NIL\r\n+ x\r\nA1 OK [COPYUID 1000001 3:4 5:6] x\r\n* BYE x\r\n"
)  # fmt: skip


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("step", [0, 1])
def test_parser_and_records(name: str, step: int, measured: Measured) -> None:
    measure, repeats = measured
    pieces = cutApart(WIRES[name], range(step, len(WIRES[name]), step) if step else ())

    def run() -> None:
        parser = typedParser(0x55, ranges("1:*"))
        events = eventsOf(parser, *pieces)
        plainEvents(events)
        plainEvents(events)
        eventsOf(typedParser(255, None, drop=True), *pieces)

    assert grown(measure, run, repeats)[-1] == 0


def test_what_is_not_handed_out(measured: Measured) -> None:
    """A parser that is dropped while it holds a batch, an event and half a response."""
    measure, repeats = measured
    wire = b"* 1 FETCH (UID 1000001 FLAGS (a))\r\nA1 OK x\r\n* 1 FETCH (UID 5 BODY[] {5}\r\nab"

    def run() -> None:
        for reads in range(3):
            parser = typedParser(1, ranges("1:*"))
            parser.feed(wire)
            for _ in range(reads):
                parser.next()

    assert grown(measure, run, repeats)[-1] == 0


def test_functions(measured: Measured) -> None:
    measure, repeats = measured
    values = ("d", b"s", ((None, 1000001, "m", "h"), ("x",), 5), None)

    def refused(function: Callable[..., Any], *arguments: Any) -> None:
        with pytest.raises((TypeError, ValueError, OverflowError)):
            function(*arguments)

    def run() -> None:
        in_ranges(ranges("5:3,9,1000001:1000009"), 1000001)
        ranges(n for n in (1000005, 1000001, 3))
        joinRanges(ranges("5,7"), ranges("3:6,1000001"))
        countRanges(subtractRanges(ranges("1:1000001"), ranges("7")), 0, 9)
        envelope(values)
        for function, arguments in (
            (ranges, ("5,x",)),
            (ranges, (["x"],)),
            (ranges, ([0],)),
            (in_ranges, (b"x", 1)),
            (joinRanges, (b"", b"x")),
            (subtractRanges, (b"",)),
            (countRanges, (b"x", 0, 1)),
            (envelope, (5,)),
            (typedParser, (1000, None)),
            (typedParser, (1, b"x")),
        ):
            refused(function, *arguments)

    assert grown(measure, run, repeats)[-1] == 0


def test_batches(measured: Measured) -> None:
    measure, repeats = measured

    async def read(lists: list[Any], leaving: int) -> None:
        async def refill() -> Any:
            return batches.load(lists.pop(0))

        batches: Batches[Any] = Batches(refill)
        async for item in batches:
            if item == leaving:
                break

    def run() -> None:
        for leaving in (1000001, 1000004, 5):
            coroutine = read([[1000001, (1000002,)], [None, 1000004], []], leaving)
            with pytest.raises(StopIteration):
                coroutine.send(None)

    assert grown(measure, run, repeats)[-1] == 0
