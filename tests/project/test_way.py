"""
How long the way of one response is: calls of Python functions of ours between
the transport and a listener or a Deferred, and how often that way goes from one
file to another.  A newcomer walks it, and so does each chunk.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from twisted.internet.testing import StringTransport

import twisted_imapc
from twisted_imapc import IMAP4Client

OURS = os.path.dirname(twisted_imapc.__file__)

FETCH = b"* %d FETCH (FLAGS (\\Seen))\r\n"


class LineByLine(IMAP4Client):
    """Overrides the hook of a tracer."""

    def lineReceived(self, line: bytes) -> None:
        IMAP4Client.lineReceived(self, line)


def isOurs(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(OURS)


def caller(frame: FrameType) -> str | None:
    """The file of ours from which it was called, also by way of somebody else."""
    above = frame.f_back
    while above is not None and not isOurs(above):
        above = above.f_back
    return None if above is None else above.f_code.co_filename


def way(run: Callable[[], object]) -> tuple[int, int]:
    """Calls, properties included; changes of file, at each call and each return."""
    calls = changes = 0

    def look(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal calls, changes
        if event in ("call", "return") and isOurs(frame):
            calls += event == "call"
            changes += caller(frame) not in (None, frame.f_code.co_filename)

    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls, changes


def walked(cls: Any) -> dict[str, tuple[int, int]]:
    """One response a chunk, while fetchFlags() waits."""
    client = cls()
    client.makeConnection(StringTransport())
    client.dataReceived(b"* OK hi\r\n")
    client.state = "auth"
    done: list[Any] = []
    client.fetchFlags("1:2").addCallback(done.append)
    ways = {
        name: way(lambda: client.dataReceived(octets))  # noqa: B023
        for name, octets in [
            ("first FETCH", FETCH % 1),
            ("second FETCH", FETCH % 2),
            ("EXISTS", b"* 3 EXISTS\r\n"),
            ("tagged OK", b"0001 OK done\r\n"),
        ]
    }
    assert list(done[0]) == [1, 2]
    return ways


@pytest.mark.parametrize(
    ("cls", "response", "calls", "changes"),
    [
        (IMAP4Client, "first FETCH", 10, 8),
        (IMAP4Client, "second FETCH", 8, 4),
        (IMAP4Client, "EXISTS", 12, 6),
        (IMAP4Client, "tagged OK", 20, 12),
        (LineByLine, "second FETCH", 16, 6),
        (LineByLine, "tagged OK", 34, 18),
    ],
)
def test_the_way_is_short(cls: Any, response: str, calls: int, changes: int) -> None:
    walked(cls)  # The first client of a class is looked at more closely.
    found = walked(cls)[response]
    assert found[0] <= calls and found[1] <= changes, found
