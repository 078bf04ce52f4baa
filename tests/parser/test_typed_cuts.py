"""
A typed parser on all vectors, on generated responses and on damaged ones: never an
exception, the same events however the octets are cut, and the same content as the
drop-in's shapes have, which are another way through the same grammar.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.helpers.grammar import (
    Line,
    Style,
    asides,
    endings,
    fetch_lines,
    list_lines,
    search_lines,
    status_lines,
)
from tests.helpers.typed import cutApart, eventsOf, plainEvents, typedParser
from tests.helpers.vectors import FEW_CUTS, VECTORS, wire_of
from twisted_imapc._imapc import Parser, ranges

ALL_CUTS_UP_TO = 300 if FEW_CUTS else 1000
LARGE = 32 * 1024

#: More examples where each is cheap.
EXAMPLES = settings.get_profile("twisted_imapc").max_examples * 3

WILD = st.builds(
    Style,
    lower=st.booleans(),
    escapes=st.booleans(),
    plus=st.booleans(),
    bare_lf=st.booleans(),
    last_literal=st.booleans(),
)


def toldTyped(wire: bytes, cuts: Any = (), greeting: bool = False) -> list[Any]:
    """Half of the messages come in batches, the others by themselves."""
    parser = typedParser(0x55, None)
    return plainEvents(eventsOf(parser, *cutApart(wire, cuts), greeting=greeting))


def placesToCut(length: int) -> Iterator[int]:
    if length <= ALL_CUTS_UP_TO:
        yield from range(1, length)
    else:
        edge, seeded = (4, 8) if length > LARGE else (64, 100)
        yield from [*range(1, edge), *range(length - edge, length)]
        yield from random.Random(length).sample(range(edge, length - edge), seeded)


SMALL = [vector for vector in VECTORS if len(wire_of(vector)) <= 8 * 1024 * 1024]

slowIfLarge = [
    pytest.param(v, marks=[pytest.mark.slow] if len(wire_of(v)) > LARGE else [], id=v["name"])
    for v in SMALL
]


@pytest.mark.parametrize("vector", slowIfLarge)
def test_vectors_at_every_cut(vector: dict[str, Any]) -> None:
    wire = wire_of(vector)
    greeting = vector["call"].startswith("greet")
    whole = toldTyped(wire, greeting=greeting)
    for place in placesToCut(len(wire)):
        assert toldTyped(wire, [place], greeting) == whole, place
    step = 1 if len(wire) <= LARGE else 10007
    assert toldTyped(wire, range(step, len(wire), step), greeting) == whole


# ---- The drop-in's shapes --------------------------------------------------


def plainValue(value: Any) -> Any:
    """A value of either parser: strings, None and tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(plainValue(each) for each in value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, int) else value


def textOfKey(key: Any) -> str:
    """("BODY", ("HEADER.FIELDS", ("A", "B")), "<0>") as it is asked for."""
    if isinstance(key, str):
        return key
    words = [w if isinstance(w, str) else "(" + " ".join(w) + ")" for w in key[1]]
    return f"{key[0]}[{' '.join(words)}]{''.join(key[2:])}"


def recordedEnvelope(e: Any) -> tuple[Any, ...]:
    """Its fields, in their order; of what is decoded the raw form, where there is one."""
    lists = [
        tuple((each.rawName, each.route, each.mailbox, each.host) for each in addresses)
        for addresses in (e.from_, e.sender, e.replyTo, e.to, e.cc, e.bcc)
    ]
    return (e.rawDate, e.rawSubject, *lists, e.inReplyTo, e.messageId)


def expectedEnvelope(value: list[Any]) -> tuple[Any, ...]:
    """The same of the drop-in's, as far as it goes."""

    def utf8(raw: Any) -> str | None:
        try:
            return raw.encode("latin-1").decode("utf-8") if isinstance(raw, str) else None
        except ValueError:
            return str(raw)

    def padded(values: list[Any], count: int) -> list[Any]:
        strings = [each if isinstance(each, (str, list)) else None for each in values]
        return [*strings, *[None] * count][:count]

    def addresses(values: Any) -> Any:
        lists = [each for each in values or () if isinstance(each, list)]
        return tuple((*padded(each, 4)[:1], *map(utf8, padded(each, 4)[1:])) for each in lists)

    date, subject, *lists, reply, message = padded(value, 10)
    return (date, subject, *map(addresses, lists), utf8(reply), utf8(message))


def checkItem(message: Any, key: str, value: Any) -> None:
    if key == "ENVELOPE":
        assert recordedEnvelope(message.envelope) == expectedEnvelope(value)
    elif key == "BODYSTRUCTURE" or (key == "BODY" and "BODYSTRUCTURE" not in message):
        assert plainValue(message.structure._raw) == plainValue(value)
    elif key == "BODY":
        pass  # BODYSTRUCTURE says more.
    elif key == "FLAGS":
        assert {flag.lower() for flag in message.flags} == {flag.lower() for flag in value}
    elif key == "INTERNALDATE":
        assert message.internalDate.strftime("%d-%b-%Y %H:%M:%S %z") == value
    elif key == "MODSEQ":
        assert [str(message.modseq)] == value
    else:
        assert plainValue(message[key]) == plainValue(value)


def shaped(shape: str, wire: bytes) -> tuple[Any, bool]:
    """What an untyped parser collects, and whether it met something malformed."""
    parser = Parser()
    parser.expect(shape)
    parser.feed(wire)
    while (event := parser.next()) is not None and event[0] != "error":
        pass
    value, _, error = parser.take()
    return value, error is not None


def checkMessages(wire: bytes, events: list[Any]) -> None:
    value, isMalformed = shaped("fetch-flags", wire)
    messages = [event[1] for event in events if event[0] == "fetch"]
    if isMalformed:
        troubled = [e for e in events if e[0] == "malformed" or (e[0] == "fetch" and e[1].problems)]
        assert troubled
        return
    for number, items in value.items():
        for key, item in items.items():
            name = textOfKey(key)
            having = [m for m in messages if m.number == number and name in m]
            # A later response of the same message, or a later item in it, replaces it.
            if not any(m.problems for m in messages):
                checkItem(having[-1], name, item)


def checkNumbers(wire: bytes, events: list[Any]) -> None:
    value, isMalformed = shaped("search", wire)
    sets = [event[1] for event in events if event[0] == "search"]
    if not isMalformed:
        numbers = {n for each in sets for n in memoryview(each).cast("I")}
        assert b"".join(sorted(sets)) == b"".join(sorted(sets)) and numbers <= {*value}
        assert ranges(value) == ranges(
            n
            for each in sets
            for a, b in zip(*[iter(memoryview(each).cast("I"))] * 2, strict=True)
            for n in range(a, b + 1)
        )


def checkMailboxes(wire: bytes, events: list[Any]) -> None:
    for shape in ("list", "lsub"):
        value, isMalformed = shaped(shape, wire)
        mailboxes = [event for event in events if event[0] == shape]
        if not isMalformed:
            assert len(mailboxes) == len(value)
        for mailbox, (flags, delimiter, name) in zip(mailboxes, value, strict=isMalformed is False):
            assert {flag.lower() for flag in mailbox[1]} == {flag.lower() for flag in flags}
            assert mailbox[2:4] == (delimiter, name)
    value, isMalformed = shaped("status", wire)
    if not isMalformed:
        items = {k: v for event in events if event[0] == "status" for k, v in event[2].items()}
        assert {k: plainValue(v) for k, v in items.items()} == {
            k: plainValue(v) for k, v in value.items()
        }


def checkOthers(wire: bytes, events: list[Any]) -> None:
    same = ("exists", "recent", "expunge", "+", "stray")
    counts = [event for event in events if event[0] in same]
    parser = Parser()
    parser.feed(wire)
    others = []
    while (event := parser.next()) is not None and event[0] != "error":
        others.append(event)
    assert counts == [event for event in others if event[0] in same]
    tagged = [event[1:3] for event in others if event[0] == "tagged"]
    assert [(e[1], e[2].encode()) for e in events if e[0] == "tagged"] == tagged


def checkAgainstShapes(wire: bytes) -> None:
    events = eventsOf(typedParser(), wire)
    checkMessages(wire, events)
    checkNumbers(wire, events)
    checkMailboxes(wire, events)
    checkOthers(wire, events)


@pytest.mark.parametrize("vector", slowIfLarge)
def test_vectors_have_the_content_of_the_shapes(vector: dict[str, Any]) -> None:
    checkAgainstShapes(wire_of(vector))


@settings(max_examples=EXAMPLES)
@given(
    st.one_of(fetch_lines(), list_lines(), list_lines(b"LSUB"), status_lines(), search_lines()),
    WILD,
)
def test_generated_responses_have_the_content_of_the_shapes(line: Line, style: Style) -> None:
    checkAgainstShapes(line.spell(style))


# ---- Damage ----------------------------------------------------------------

KINDS = {
    "greeting", "tagged", "state", "fetch", "vanished", "list", "lsub", "status", "search", "sort",
    "other", "+", "stray", "malformed", "error", "exists", "recent", "expunge", "message",
}  # fmt: skip

LINES = st.lists(st.one_of(asides(), endings(), fetch_lines()), min_size=1, max_size=4)

#: What is put into a wire, mostly where it hurts.
BITS = st.sampled_from(
    [b"(", b")", b'"', b"\\", b"[", b"]", b"{3}", b"{3}\r\n", b"{", b" ", b"\r\n", b"NIL", b"0",
     b"18446744073709551616", b"\0", b"\xff", b"*", b"* ", b"((((", b"))))", b"<0>", b"BODY["]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    style = draw(WILD)
    wire = b"".join(line.spell(style) for line in draw(LINES))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(wire)))
        taken = draw(st.sampled_from([0, 0, 1, 1, 2, 5]))
        put = draw(st.one_of(BITS, st.binary(max_size=2), st.just(b"")))
        wire = wire[:place] + put + wire[place + taken :]
    return wire


@settings(max_examples=EXAMPLES)
@given(damaged(), st.data())
def test_damaged_responses(wire: bytes, data: Any) -> None:
    whole = toldTyped(wire)
    assert {event[0] for event in whole} <= KINDS
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=6))
    assert toldTyped(wire, cuts) == whole
    assert toldTyped(wire, range(len(wire))) == whole
