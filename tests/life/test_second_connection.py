"""
The same client once more, on another connection.
"""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.helpers.rig import MemoryTransport, Rig, calling
from twisted_imapc import IMAP4ClientFactory

GREETED = b"* OK hi\r\n"


def again(client: Any) -> MemoryTransport:
    """Connect it to another transport."""
    transport = MemoryTransport()
    client.makeConnection(transport)
    return transport


@pytest.mark.parametrize(
    "rest", [b"", b"* 1 FETCH (RFC822 {10}\r\nabc", b"* 1 EX", b"* 1 FETCH (RFC822 {1}\r\na"]
)
def test_nothing_of_the_last_one(ours: Any, rest: bytes) -> None:
    """Neither its state nor its octets."""
    rig = Rig(ours)
    rig.call(calling("fetchMessage", "1"))
    rig.feed(rest)
    rig.lose()
    rig.journal.clear()
    transport = again(rig.client)
    rig.client.dataReceived(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n")
    assert rig.journal == [("greeting", {b"IMAP4rev1": None})]
    assert rig.client.state == "auth"
    done: list[Any] = []
    rig.client.noop().addCallback(done.append)
    assert transport.value() == b"0002 NOOP\r\n"
    rig.client.dataReceived(b"* 3 EXISTS\r\n0002 OK done\r\n")
    assert done == [[[b"3", b"EXISTS"]]]


def test_queue_that_was_kept(ours: Any) -> None:
    """By a program that sends it on the next connection."""

    class Program(ours):
        def connectionLost(self, reason: Any) -> None:
            kept = list(self.queued)
            self.queued.clear()
            ours.connectionLost(self, reason)
            for name, value in [("tags", {}), ("queued", kept), ("waiting", None)]:
                setattr(self, name, value)

        def serverGreeting(self, caps: Any) -> None:
            self._flushQueue()

    rig = Rig(Program, record=False)
    rig.call(calling("noop"))
    firings = rig.call(calling("check"))
    rig.lose()
    assert firings == []
    transport = again(rig.client)
    rig.client.dataReceived(GREETED)
    assert transport.value() == b"0002 CHECK\r\n"
    rig.client.dataReceived(b"0002 OK done\r\n")
    assert [kind for kind, _ in firings] == ["result"]


@pytest.mark.parametrize("superFirst", [False, True])
def test_from_within_connection_lost(ours: Any, superFirst: bool) -> None:
    """What ends is the last one, not the one that begins."""

    class Program(ours):
        def connectionLost(self, reason: Any) -> None:
            if superFirst:
                ours.connectionLost(self, reason)
            if not transports:
                self._imapc.end(reason)
                transports.append(again(self))
                self.dataReceived(GREETED)

    transports: list[MemoryTransport] = []
    rig = Rig(Program)
    rig.lose()
    rig.client.noop()
    assert transports[0].value() == b"0001 NOOP\r\n"


def test_from_within_a_callback_of_its_octets(ours: Any) -> None:
    """The greeting comes at once, while the octets before it are being handled."""
    rig = Rig(ours)

    def lost(_: object) -> None:
        rig.client.connectionLost(Failure(ConnectionDone()))
        again(rig.client)
        rig.client.dataReceived(GREETED)

    rig.client.noop().addCallback(lost)
    rig.journal.clear()
    rig.client.dataReceived(b"0001 OK done\r\n* 9 EXISTS\r\n")
    assert rig.journal == [("greeting", None)]
    assert rig.client.state == "unauth"


def test_factory_that_builds_the_same_again(ours: Any) -> None:
    """From an errback of the last connection: each attempt is told once."""
    client = ours()
    factory = IMAP4ClientFactory(protocol=lambda: client)
    told: list[Any] = []
    factory.deferred.addCallback(told.append)
    factory.buildProtocol(None).makeConnection(MemoryTransport())
    client.dataReceived(GREETED)

    def reconnect(_: object) -> None:
        factory.buildProtocol(None)
        factory.deferred.addCallback(told.append)
        again(client)

    client.noop().addErrback(reconnect)
    client.connectionLost(Failure(ConnectionDone()))
    client.dataReceived(GREETED)
    assert told == [client, client]
