"""
Who cancels a Deferred in the very moment in which it fires: the callback of another one,
or a finalizer, for the collector may come wherever something is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.helpers.collecting import collected_at
from tests.helpers.responses import OK1, OK2
from tests.helpers.rig import MemoryTransport, Rig, TLSMemoryTransport
from twisted_imapc import IMAP4ClientFactory

pytestmark = pytest.mark.usefixtures("nothing_left")


ENDS: dict[str, Callable[[Rig], None]] = {
    "OK": lambda session: session.feed(OK1),
    "NO": lambda session: session.feed(b"0001 NO x\r\n"),
    "BAD in a response": lambda session: session.feed(b"* 1 FETCH (FLAGS (a)\r\n" + OK1),
    "malformed": lambda session: session.feed(b"0001 PERHAPS x\r\n"),
    "lost": lambda session: session.lose(),
}


@pytest.mark.parametrize("end", ENDS)
def test_cancelled_as_it_fires(ours: Any, end: str) -> None:
    session = Rig(ours)
    waiting: list[Deferred[Any]] = []

    def call(client: Any) -> Deferred[Any]:
        waiting.append(client.fetchFlags("1"))
        return waiting[0]

    firings = session.call(call)
    with collected_at(1, lambda: waiting[0].cancel()) as acted:
        ENDS[end](session)
    assert acted == waiting and session.escaped is None
    assert [type(value) for _, value in firings] == [CancelledError]


class Sharing(Rig):
    """Some who wait for the same STARTTLS; the first of them cancels one of them."""

    def __init__(self, cls: Any, count: int, cancelled: int | None = None) -> None:
        super().__init__(cls, state="unauth", transport=TLSMemoryTransport())
        self.client.context = object()
        self.sharers: list[Deferred[Any]] = []
        self.cancelled = cancelled
        self.call(lambda client: client.getCapabilities())
        self.feed(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + OK1)
        for _ in range(count):
            self.call(self.share)

    def share(self, client: Any) -> Deferred[Any]:
        d: Deferred[Any] = client.startTLS()
        self.sharers.append(d)
        return d.addBoth(self.cancel) if self.cancelled is not None else d

    def cancel(self, outcome: Any) -> Any:
        assert self.cancelled is not None
        self.sharers[self.cancelled].cancel()
        return outcome


ENDS_OF_STARTTLS = {
    "OK": (OK2, b"* CAPABILITY IMAP4rev1\r\n0003 OK x\r\n"),
    "NO": (b"0002 NO x\r\n",),
}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("end", ENDS_OF_STARTTLS)
def test_cancelled_by_another_who_shares_it(ours: Any, end: str, number: int) -> None:
    session = Sharing(ours, 3, number)
    for piece in ENDS_OF_STARTTLS[end]:
        session.feed(piece)
    assert session.escaped is None
    values = [firings[0][1] for firings in session.calls[1:]]
    assert [type(value) is CancelledError for value in values] == [
        n == number > 0 for n in range(3)
    ]


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("end", ENDS_OF_STARTTLS)
def test_cancelled_as_what_is_shared_fires(ours: Any, end: str, number: int) -> None:
    session = Sharing(ours, 2)
    *first, last = ENDS_OF_STARTTLS[end]
    for piece in first:
        session.feed(piece)
    with collected_at(number, session.sharers[0].cancel):
        session.feed(last)
    assert session.escaped is None
    assert [len(firings) for firings in session.calls] == [1] * len(session.calls)


@pytest.mark.parametrize("greeting", [b"* OK hi\r\n", b"* BYE x\r\n"])
@pytest.mark.parametrize("number", range(1, 4))
def test_an_attempt_is_cancelled_as_it_fires(ours: Any, greeting: bytes, number: int) -> None:
    factory = IMAP4ClientFactory(protocol=ours)
    client = factory.buildProtocol(None)
    done: list[Any] = []
    attempt = factory.deferred
    attempt.addBoth(done.append)
    transport = MemoryTransport()
    client.makeConnection(transport)
    with collected_at(number, attempt.cancel):
        client.dataReceived(greeting)
        if transport.disconnecting:
            client.connectionLost(Failure(ConnectionDone()))
    assert len(done) == 1
