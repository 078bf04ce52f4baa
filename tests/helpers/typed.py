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
