"""
Every allocation of a typed parser failing once: MemoryError, and nothing else is harmed.

What has no memory is lost; what comes behind it is read as ever.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.typed import eventsOf, plainEvents, typedParser
from twisted_imapc._imapc import Batches, Parser, envelope, joinRanges, ranges, subtractRanges

try:
    from _testcapi import remove_mem_hooks, set_nomemory  # type: ignore[import-not-found]
except ImportError:
    set_nomemory = None

#: More allocations than any of these has.
MANY = 2000

#: The first of them may be what has no memory.
BEHIND = b"* 76 EXISTS\r\n* 77 EXISTS\r\n"

WIRES = {
    "flags": b"* 1 FETCH (UID 3000 FLAGS (\\seen a-keyword-that-no-cache-has-yet))\r\n",
    "everything": (
        b"* 4000 FETCH (UID 3000 MODSEQ (70000) RFC822.SIZE 80000 "
        b'INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
        b'ENVELOPE ("d" {300}\r\n%b (("nn" NIL "mm" "hh")) NIL NIL NIL NIL NIL "i")'
        b'BODYSTRUCTURE (("text" "plain") "mixed" ("a" "b")) X-GM-LABELS (a "b" 700000 {3}\r\nabc) '
        b"BODY[HEADER.FIELDS (A B)]<0> {5}\r\nhello RFC822 {900}\r\n%b)\r\n"
    )
    % (b"s" * 300, b"x" * 900),
    "problems": b"* 1 FETCH (UID 0 FLAGS (a {1}\r\nb ENVELOPE x X y RFC822 (a) Y)\r\n",
    "batch": b"".join(b"* %d FETCH (UID %d)\r\n" % (n, n) for n in range(1, 9)) + b"A1 OK x\r\n",
    "state": b"* OK [PERMANENTFLAGS (a b \\* 70000 {2}\r\nxy)] some text \xff\r\n",
    "greeting": b"no greeting\r\n",
    "list": b'* LIST (\\Noselect xyz) "/" "a&AOk-&" (CHILDINFO ("SUBSCRIBED"))\r\n',
    "status": b"* STATUS {3}\r\na&b (MESSAGES 70000 x-something 80000)\r\n",
    "search": b"* SEARCH %b(MODSEQ 5)\r\n" % b" ".join(b"%d" % n for n in range(9000, 1000, -7)),
    "sort": b"* SORT 70000 80000 3 (MODSEQ 90000)\r\n",
    "vanished": b"* VANISHED (EARLIER) 41,43:116\r\n",
    "other": b"* 70000 x-other (a (b NIL)) {3}\r\nabc\r\n",
    "malformed": b"* STATUS x (MESSAGES\r\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def memory_that_ends(missing: Callable[[str], Any]) -> None:
    if set_nomemory is None:
        missing("this CPython is without _testcapi")


def failing(function: Callable[..., Any], arguments: tuple[Any, ...], number: int) -> Any:
    """The call's result, while the allocation of that number fails; None: MemoryError."""
    gc.collect()
    gc.disable()
    try:
        set_nomemory(number, number + 1)
        try:
            result = function(*arguments)
        except MemoryError:
            return None
        finally:
            remove_mem_hooks()
    finally:
        gc.enable()
    return result


def fedParser(wire: bytes) -> Parser:
    parser = typedParser(1, ranges("1:*"))
    parser.feed(wire + BEHIND)
    return parser


@pytest.mark.parametrize("name", WIRES)
def test_parser(name: str) -> None:
    wire, greeting = WIRES[name], name == "greeting"
    expected = plainEvents(eventsOf(fedParser(wire), b"", greeting=greeting))
    failures = 0
    for number in range(MANY):
        parser = fedParser(wire)
        event = failing(parser.next, (greeting,), number)
        failures += event is None
        events = [event] if event is not None else []
        try:
            events += eventsOf(parser, b"", greeting=greeting)
        except MemoryError:
            # Framing has none, also in the middle of a literal: it is over for good.
            assert event is None
            continue
        assert events[-1] == (expected[-1] if greeting else ("exists", 77))
        if event is not None:
            assert plainEvents(events) == expected
            # Caches may have saved an allocation the one time and not the other.
            if number > failures + 20:
                break
    assert 0 < failures < MANY


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ranges, ("5:3,1,9:12,70:90,3",)),
        (ranges, ([*range(1000, 10, -3)],)),
        (joinRanges, (ranges([*range(1, 1000, 2)]), ranges([*range(2, 9000, 3)]))),
        (subtractRanges, (ranges([*range(1, 1000, 2)]), ranges("7"))),
        (envelope, (("d", b"s", ((None, 700000, "m", "h"), ("x",)), None),)),
        (Batches, (print,)),
    ],
)
def test_functions(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    failures = 0
    for number in range(MANY):
        if failing(function, arguments, number) is None:
            failures += 1
        elif number > failures + 5:
            break
    assert 0 < failures < MANY


@pytest.mark.parametrize(
    "look",
    [
        lambda m: m.keys(),
        lambda m: m.get("body.peek[header.fields (a b)]<0.50>"),
        lambda m: "x-gm-labels" in m,
        lambda m: m.envelope.from_[0].address,
    ],
)
def test_records(look: Callable[[Any], Any]) -> None:
    """Each look at one that nobody has looked at before."""

    def looked(number: int) -> Any:
        (_, (message,), _), *_ = eventsOf(fedParser(WIRES["everything"]), b"")
        return failing(look, (message,), number)

    assert look(eventsOf(fedParser(WIRES["everything"]), b"")[0][1][0]) is not None
    failures, number = 0, 0
    while failures + 10 > number and number < MANY:
        failures += looked(number) is None
        number += 1
    assert 0 < failures < MANY
