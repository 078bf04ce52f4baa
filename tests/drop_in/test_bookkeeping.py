"""
What Twisted's client keeps of its commands, read and written on ours in all the ways
in which programs do that, though it is the session that has it.
"""

from __future__ import annotations

import copy
import dataclasses
import gc
import weakref
from typing import Any
from unittest import mock

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.helpers.rig import MemoryTransport, Rig, TLSMemoryTransport, calling


def test_state_of_its_own(either: Any) -> None:
    """A property whose value is there only when the base's __init__() is done."""

    class Program(either):
        def __init__(self) -> None:
            super().__init__()
            self.mine: Any = None

        @property
        def state(self) -> Any:
            return self.mine

        @state.setter
        def state(self, value: Any) -> None:
            self.mine = value

    rig = Rig(Program)
    firings = rig.call(calling("noop"))
    rig.feed(b"0001 OK done\r\n")
    assert [kind for kind, _ in firings] == ["result"]
    assert rig.client.mine == "auth"


@pytest.mark.parametrize("name", ["_capCache", "queued", "tagID"])
def test_patched(either: Any, name: str) -> None:
    """By unittest.mock, which deletes what it has set."""
    client = Rig(either).client
    before = getattr(client, name)
    with mock.patch.object(client, name, 77):
        assert getattr(client, name) == 77
    assert getattr(client, name) is before


def test_copied_before_it_is_connected(either: Any) -> None:
    """From a prototype: each with a connection of its own."""
    one = either()
    one._capCache = {b"IDLE": None}
    other = copy.copy(one)
    first, second = MemoryTransport(), MemoryTransport()
    one.makeConnection(first)
    other.makeConnection(second)
    other.tags, other.queued = {}, []  # In Twisted the two have these in common.
    other.noop()
    assert (first.value(), second.value()) == (b"", b"0001 NOOP\r\n")
    assert other._capCache == {b"IDLE": None}


def test_read_on_the_class(either: Any) -> None:
    class Program(either):
        tagID = 5

    assert (either.tagID, either.tags, either.queued, either.waiting) == (1, None, None, None)
    assert (Program.tagID, Program._capCache) == (5, None)


def test_dataclass(either: Any) -> None:
    @dataclasses.dataclass
    class Program(either):
        tagID: int = 30

        def __post_init__(self) -> None:
            either.__init__(self)

    rig = Rig(Program)
    rig.call(calling("noop"))
    assert rig.written == b"001E NOOP\r\n"


def test_written_past_the_attribute(either: Any) -> None:
    """Into the instance's own dict, before connectionMade() sends a command."""

    class Program(either):
        def __init__(self) -> None:
            super().__init__()
            self.__dict__.update(tagID=100)

        def connectionMade(self) -> None:
            self.noop()

    client = Program()
    transport = MemoryTransport()
    client.makeConnection(transport)
    assert transport.value() == b"0064 NOOP\r\n"
    assert client.tagID == 101


def test_set_back_while_the_connection_is_lost(either: Any) -> None:
    """In a callback, by a program that makes itself ready for the next one."""

    class Program(either):
        def connectionLost(self, reason: Any) -> None:
            either.connectionLost(self, reason)
            fresh: dict[str, Any] = {"tags": {}, "queued": [], "waiting": None}
            for name, value in fresh.items():
                setattr(self, name, value)

    rig = Rig(Program)
    rig.client.noop().addCallback(lambda _: rig.lose())
    rig.feed(b"0001 OK done\r\n")
    if either.__module__.startswith("twisted_imapc"):
        # Twisted's looks for the tag that is gone.
        assert rig.outcome().errors == []


@pytest.mark.parametrize("moment", ["made", "connected", "greeted", "hooked", "lost"])
def test_dropped(ours: Any, moment: str) -> None:
    """A client goes with its last reference, whatever became of it until then."""
    gc.collect()
    gc.disable()
    try:
        client = ours()
        if moment != "made":
            client.makeConnection(MemoryTransport())
        if moment not in ("made", "connected"):
            client.dataReceived(b"* OK hi\r\n* 1 EXISTS\r\n* 2 EX")
        if moment == "hooked":
            client.lineReceived = lambda line: None
            client.dataReceived(b"ISTS\r\n* 3 EXISTS\r\n")
        if moment == "lost":
            client.connectionLost(Failure(ConnectionDone()))
        gone = weakref.ref(client)
        del client
        assert gone() is None
    finally:
        gc.enable()


CACHED = b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\n"


@pytest.mark.parametrize(
    "call", [calling("login", b"u", b"p"), calling("authenticate", b"s"), calling("noop")]
)
def test_cause_on_a_lost_connection(ours: Any, call: Any) -> None:
    """Not what the server offered on it."""
    rig = Rig(ours, greeting=CACHED, transport=TLSMemoryTransport())
    rig.lose()
    firings = rig.call(call)
    assert [type(value) for _, value in firings] == [ConnectionDone]


def test_command_without_lines(either: Any) -> None:
    """Of a program's own making: it has what sendCommand() needs."""

    class Plain:
        command, args, continuation = b"X", None, None

        def format(self, tag: bytes) -> bytes:
            return tag + b" X"

        def finish(self, lastLine: bytes, unusedCallback: Any) -> None:
            self.defer.callback(lastLine)  # type: ignore[attr-defined]

    rig = Rig(either)
    firings = rig.call(calling("sendCommand", Plain()))
    rig.feed(b"0001 OK done\r\n")
    assert firings == [("result", b"OK done")]
    assert not rig.closed


def test_trace_that_loses_the_connection(ours: Any) -> None:
    """Told of a line, it ends what the line belongs to."""
    rig = Rig(ours)
    firings = rig.call(calling("noop"))
    rig.client.trace = lambda who, line: rig.lose()
    rig.feed(b"0001 OK done\r\n")
    assert [type(value) for _, value in firings] == [ConnectionDone]
    assert rig.escaped is None
    assert rig.outcome().errors == []
