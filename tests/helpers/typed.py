"""A typed parser, and what it tells."""

from __future__ import annotations

from typing import Any

from twisted_imapc._imapc import Parser


def typedParser(mask: int = 0, wanted: bytes | None = None, **options: Any) -> Parser:
    """A parser that is typed, and what is asked of its want()."""
    parser = Parser()
    parser.typed = True
    parser.want(mask, wanted, **options)
    return parser


def eventsOf(parser: Parser, *chunks: bytes, greeting: bool = False) -> list[Any]:
    """All events of these chunks, one fed after the other."""
    events = []
    for chunk in chunks:
        parser.feed(chunk)
        while (event := parser.next(greeting)) is not None:
            events.append(event)
            if event[0] == "error":
                break
    return events


def plainAddress(address: Any) -> tuple[Any, ...]:
    """All that it has."""
    names = ("name", "route", "mailbox", "host", "rawName", "address")
    return (*(getattr(address, name) for name in names), repr(address))


def plainEnvelope(envelope: Any) -> Any:
    """All that it has."""
    if envelope is None:
        return None
    strings = ("date", "subject", "inReplyTo", "messageId", "rawDate", "rawSubject")
    lists = ("from_", "sender", "replyTo", "to", "cc", "bcc")
    return (
        repr(envelope),
        [getattr(envelope, name) for name in strings],
        [[plainAddress(each) for each in getattr(envelope, name)] for name in lists],
    )


def plainPart(part: Any) -> Any:
    """All that it has, and what is in it."""
    names = [name for name in dir(part) if not name.startswith("_")]
    fields = [getattr(part, name) for name in names if name not in ("envelope", "parts")]
    own = [each for each in fields if not callable(each)]
    return (repr(part), own, plainEnvelope(part.envelope), [plainPart(p) for p in part.parts])


def plainMessage(message: Any) -> Any:
    """All that it has; also a look at each of its items."""
    names = ("number", "uid", "flags", "size", "modseq", "internalDate", "problems")
    assert all(name in message for name in message.keys())
    items = {name: message[name] for name in message.keys()}
    structure = message.structure
    for name in ("ENVELOPE", "BODY", "BODYSTRUCTURE"):
        if items.pop(name, None) is not None:
            items[name] = "here"
    return (
        repr(message),
        [getattr(message, name) for name in names],
        items,
        plainEnvelope(message.envelope),
        structure and plainPart(structure),
    )


def plainEvents(events: list[Any]) -> list[Any]:
    """Events that can be compared: batches are taken apart, since cuts decide what they are."""
    plain: list[Any] = []
    for event in events:
        if event[0] == "messages":
            plain += [("message", plainMessage(each)) for each in event[1]]
        elif event[0] == "fetch":
            plain.append(("fetch", plainMessage(event[1])))
        elif event[0] == "error":
            # It comes again and again, and shows what is there of the chunk.
            return [*plain, event[:3]]
        else:
            plain.append(event)
    return plain


def cutApart(wire: bytes, cuts: Any) -> list[bytes]:
    """The wire in pieces."""
    places = [0, *sorted(set(cuts)), len(wire)]
    return [wire[start:end] for start, end in zip(places, places[1:], strict=False)]
