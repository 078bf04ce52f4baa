"""
What a Client and its fetches take they give back, whichever way these end: the same
totals to the last one.

References are counted by debug builds of CPython alone, memory by the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from tests.helpers.clients import SELECTS, Conversing, fired, flag_lines, running
from tests.helpers.growth import grown

pytestmark = pytest.mark.slow


class GivenUp(Exception):
    """Raised inside of a loop."""


async def go_through(messages: Any, after: int = 10**6) -> None:
    count = 0
    async for _ in messages:
        count += 1
        if count == after:
            raise GivenUp


def whole(talk: Conversing) -> list[Any]:
    done = running(go_through(talk.client.fetch("1:*", "FLAGS")))
    talk.answer(flag_lines(range(1, 600)))
    return done


def batches(talk: Conversing) -> list[Any]:
    done = running(go_through(talk.client.fetch("1:*", "FLAGS").batches()))
    talk.answer(flag_lines(range(1, 600)))
    return done


def all_at_once(talk: Conversing) -> list[Any]:
    done = fired(talk.client.fetch("1:*", "FLAGS").all())
    talk.answer(flag_lines(range(1, 20)))
    return done


def left(talk: Conversing) -> list[Any]:
    done = running(go_through(talk.client.fetch("1:*", "FLAGS"), 7))
    talk.answer(flag_lines(range(1, 600)))
    return done


def refused(talk: Conversing) -> list[Any]:
    done = running(go_through(talk.client.fetch("1:*", "FLAGS")))
    talk.answer(flag_lines(range(1, 20)), b"NO no")
    return done


def cancelled(talk: Conversing) -> list[Any]:
    d = Deferred.fromCoroutine(go_through(talk.client.fetch("1:*", "FLAGS")))
    done = fired(d)
    talk.say(flag_lines(range(1, 20)))
    d.cancel()
    talk.answer()
    return done


def lose_amid(talk: Conversing) -> list[Any]:
    done = running(go_through(talk.client.fetch("1:*", "FLAGS")))
    talk.say(flag_lines(range(1, 20)) + b"* 20 FETCH (UID 20 BODY[] {1000}\r\nx")
    talk.lose()
    return done


def other_verbs(talk: Conversing) -> list[Any]:
    stop = talk.client.listen(lambda event: None)
    for call, answer in (
        (talk.client.status("x"), b"* STATUS x (MESSAGES 3)\r\n* 4 EXISTS\r\n"),
        (talk.client.list(), b'* LIST (\\Sent) "/" y\r\n* OK [X-NEW (a)] x\r\n'),
        (talk.client.search("SEEN"), b"* ESEARCH UID ALL 3,5:7\r\n"),
        (talk.client.store([1, 3], add=["x"], silent=False), flag_lines([1, 3])),
        (talk.client.select("other"), SELECTS % (9, 99)),
    ):
        done = fired(call)
        talk.answer(answer)
        assert len(done) == 1
    stop()
    return done


def refused_verbs(talk: Conversing) -> list[Any]:
    done = fired(talk.client.status("x"))
    talk.answer(b"* STATUS x (\r\n", b"NO [NONEXISTENT] x")
    talk.client.noop().addErrback(lambda _: None).cancel()
    talk.answer()
    return done


class NotTCP:
    """In place of ITCPTransport: zope.interface 8.7 gives away a reference that it has not."""

    @staticmethod
    def providedBy(transport: object) -> bool:
        return False


@pytest.mark.parametrize(
    "use",
    [whole, batches, all_at_once, left, refused, cancelled, lose_amid, other_verbs, refused_verbs],
    ids=lambda use: use.__name__,
)
def test_a_client_and_its_uses(
    use: Callable[[Conversing], list[Any]],
    measured: tuple[Callable[[], int], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure, repeats = measured
    monkeypatch.setattr("twisted_imapc._wire.ITCPTransport", NotTCP)
    # CPython 3.14 keeps some of the names that it looks up for typing's generics.
    monkeypatch.setattr("twisted.internet.defer._DeferredListResultListT", list, raising=False)

    def run() -> None:
        talk = Conversing()
        talk.select(5000, 5001)
        assert len(use(talk)) == 1
        talk.lose()

    assert grown(measure, run, max(50, repeats // 10))[-1] == 0
