"""
Who cancels a Deferred of Client's in the very moment in which it fires, or in which
another one does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from tests.helpers.clients import Conversing, fired, flag_lines
from tests.helpers.collecting import collected_at
from tests.helpers.rig import logged

pytestmark = pytest.mark.usefixtures("nothing_left")


async def first(things: Any) -> Any:
    async for thing in things:
        return thing


BEGUN: dict[str, Callable[[Any], Deferred[Any]]] = {
    "noop": lambda client: client.noop(),
    "status": lambda client: client.status("x"),
    "fetch, all": lambda client: client.fetch("1:*", "FLAGS").all(),
    "fetch, loop": lambda client: Deferred.fromCoroutine(first(client.fetch("1:*", "FLAGS"))),
    "fetch, batches": lambda client: Deferred.fromCoroutine(
        first(client.fetch("1:*", "FLAGS").batches())
    ),
    "fetchOne": lambda client: client.fetchOne(1, "FLAGS"),
    "events": lambda client: Deferred.fromCoroutine(first(client.events())),
    "disconnected": lambda client: client.disconnected(),
    "logout": lambda client: client.logout(),
}

ENDS: dict[str, Callable[[Conversing], object]] = {
    "OK": lambda talk: talk.answer(
        b"* 7 EXISTS\r\n* STATUS x (MESSAGES 3)\r\n" + flag_lines([1, 2, 3])
    ),
    "NO": lambda talk: talk.answer(b"* 7 EXISTS\r\n", b"NO x"),
    "lost": lambda talk: talk.lose(),
}


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("begin", BEGUN)
def test_cancelled_as_it_fires(begin: str, end: str, number: int) -> None:
    talk = Conversing()
    talk.select()
    others = [fired(talk.client.noop()), fired(talk.client.disconnected())]
    d = BEGUN[begin](talk.client)
    firings = fired(d)
    others += [fired(talk.client.noop()), fired(talk.client.disconnected())]
    with collected_at(number, d.cancel):
        ENDS[end](talk)
        talk.look()
    talk.lose()
    assert [len(each) for each in [firings, *others]] == [1] * 5
    assert logged() == []


@pytest.mark.parametrize("cancelled", range(3))
def test_who_waits_for_the_end_cancels_another(talk: Any, cancelled: int) -> None:
    waiting = [talk.client.disconnected() for _ in range(3)]
    for d in waiting:
        d.addBoth(lambda outcome: (waiting[cancelled].cancel(), outcome)[1])
    firings = [fired(d) for d in waiting]
    talk.lose()
    assert [len(each) for each in firings] == [1, 1, 1]
    assert [isinstance(each[0], CancelledError) for each in firings] == [
        n == cancelled > 0 for n in range(3)
    ]
