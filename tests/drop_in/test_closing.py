"""
A program has called C{transport.loseConnection()}, and the transport goes on for a while:
as in Twisted, each call of dataReceived() takes one line then, on both ways in.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.classes import TheirClient
from tests.helpers.rig import Rig, calling

SEARCHED = b"* SEARCH 1 2\r\n"
LITERAL = b"* 1 FETCH (BODY[] {5}\r\nab"
OK = b"0001 OK done\r\n"

search = calling("search", "ALL")
fetch = calling("fetchSpecific", "1")


def closing(cls: Any, call: Any, before: bytes, chunks: list[bytes]) -> list[Any]:
    """What a call has come to, and what was told, behind each chunk, and at the end."""
    session = Rig(cls)
    firings = session.call(call)
    session.feed(before)
    session.transport.loseConnection()
    seen: list[Any] = []
    for chunk in chunks:
        session.client.dataReceived(chunk)
        seen.append((list(firings), list(session.journal)))
    session.lose()
    return [*seen, [(kind, str(value)) for kind, value in firings]]


@pytest.mark.parametrize(
    ("call", "before", "chunks"),
    [
        (search, b"", [OK]),
        (search, b"", [SEARCHED, OK]),
        (search, b"", [SEARCHED + OK]),
        (search, b"", [SEARCHED + OK, b"* OK\r\n"]),
        (search, b"", [SEARCHED + OK, b""]),
        (search, b"", [b"* SEA", b"RCH 1 2\r\n000", b"1 OK done\r\n"]),
        (search, b"* SEA", [b"RCH 1 2\r\n0001 OK ", b"done\r\n", b""]),
        (search, b"", [SEARCHED + b"* OK a\r\n* OK b\r\n" + OK, b"", b"", b"", b""]),
        (search, SEARCHED, [OK + b"0002 OK done\r\n", b""]),
        (fetch, b"", [LITERAL + b"cde)\r\n" + OK, b"", b"", b""]),
        (fetch, LITERAL, [b"cde)\r\n" + OK, b"", b""]),
        (fetch, LITERAL, [b"c", b"de", b")\r\n" + OK, b"", b""]),
        (fetch, LITERAL + b"cde", [b")\r\n" + OK, b"", b""]),
    ],
)
def test_one_line_each_time(ours: Any, call: Any, before: bytes, chunks: list[bytes]) -> None:
    assert closing(ours, call, before, chunks) == closing(TheirClient, call, before, chunks)


def test_lost_by_a_listener(ours: Any) -> None:
    """In the middle of a chunk; the rest of it is for the next call."""

    class Leaving(ours):
        def newMessages(self, exists: Any, recent: Any) -> None:
            self.transport.loseConnection()
            self.dataReceived(b"* SEARCH 2\r\n")

    session = Rig(Leaving, record=False)
    firings = session.call(search)
    session.client.dataReceived(b"* SEARCH 1\r\n* 4 EXISTS\r\n")
    session.client.dataReceived(OK + OK)
    assert firings == []
    session.client.dataReceived(b"")
    assert firings == [("result", [1, 2])]


def test_it_closes_by_itself(ours: Any) -> None:
    """Then nothing is read any more, and the cause stays what it was."""
    session = Rig(ours)
    firings = session.call(search)
    session.client.dataReceived(b"* BYE too long\r\n" + OK + SEARCHED)
    assert session.transport.disconnecting
    (first,) = firings
    assert first[0] == "result"
    late = session.call(search)
    session.client.dataReceived(b"0002 OK done\r\n")
    assert [str(value) for _, value in late] == ["b'too long'"]
