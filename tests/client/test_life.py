"""Cancelling, silence, and what a hostile or confused server does."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import TimeoutError

from tests.helpers.clients import Conversing, fired, flag_lines, running
from tests.helpers.rig import logged
from twisted_imapc._order import Command
from twisted_imapc.client import (
    ConnectionGone,
    IMAPError,
    Malformed,
    MalformedAnswer,
    ResponseTooLarge,
    Silent,
    UIDSet,
)


def goes_on(talk: Any) -> bool:
    """Whether the connection is still of use."""
    done = fired(talk.client.noop())
    talk.answer()
    return done == [None]


# ---- Cancelling --------------------------------------------------------------


def test_what_is_queued_is_never_sent(talk: Any) -> None:
    talk.client.fetch(1, "FLAGS").all()
    d = talk.client.store(1, add=["x"])
    last = fired(talk.client.noop())
    done = fired(d)
    d.cancel()
    assert isinstance(done[0], CancelledError)
    assert [line[:14] for line in talk.answer()] == [b"UID FETCH 1 (U", b"NOOP"]
    assert last == [None]


class Comparing(Command):
    """Counts with how many others it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Comparing.compared += 1
        return self is other

    __hash__ = Command.__hash__


def test_cancelling_many_that_are_queued(talk: Any) -> None:
    """Each leaves the queue at once, wherever it stands, and nobody is looked for."""
    talk.client.pipelineDepth = 1
    first = fired(talk.client.noop())
    waiting = [talk.wire.pipeline.send(Comparing("NOOP")) for _ in range(1000)]
    last = fired(talk.client.status("x"))
    done = [fired(d) for d in waiting]
    Comparing.compared = 0
    for d in reversed(waiting):
        d.cancel()
    assert Comparing.compared < 3000
    assert all(isinstance(one[0], CancelledError) for one in done)
    assert talk.answer() == [b"NOOP"] and first == [None]
    assert talk.answer(b"* STATUS x (MESSAGES 3)\r\n")[0].startswith(b"STATUS x")
    assert last[0].messages == 3 and talk.heard() == []


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda c: c.status("x"), b"* STATUS x (MESSAGES 3)\r\n"),
        (lambda c: c.list(), b'* LIST () "/" a\r\n'),
        (lambda c: c.search("SEEN"), b"* SEARCH 1 2\r\n"),
        (lambda c: c.store(1, add=["x"], silent=False), flag_lines([1])),
        (lambda c: c.fetch(1, "FLAGS").all(), flag_lines([1])),
        (lambda c: c.refresh(), b"* CAPABILITY IMAP4rev1\r\n"),
    ],
)
def test_an_answer_that_nobody_waits_for_is_dropped(talk: Any, call: Any, answer: bytes) -> None:
    events: list[Any] = []
    talk.client.listen(events.append)
    d = call(talk.client)
    done = fired(d)
    lines = talk.heard()
    d.cancel()
    assert isinstance(done[0], CancelledError)
    talk.say(answer + lines[0].split(b" ")[0] + b" OK x\r\n")
    assert events == [] and len(done) == 1 and goes_on(talk)


def test_a_select_that_is_cancelled_has_its_effect(talk: Any) -> None:
    d = talk.client.select("other")
    d.addErrback(lambda _: None)
    d.cancel()
    talk.answer(b"* 9 EXISTS\r\n")
    assert talk.client.mailbox.name == "other" and talk.client.mailbox.exists == 9


def test_a_literal_is_sent_to_its_end() -> None:
    talk = Conversing(b"IMAP4rev1")
    d = talk.client.search("SUBJECT", "ü", "BODY", "ö")
    d.addErrback(lambda _: None)
    talk.heard()
    d.cancel()
    talk.say(b"+ go\r\n")
    assert talk.heard() == [b"\xc3\xbc BODY {2}"]
    talk.say(b"+ go\r\n")
    assert talk.heard() == [b"\xc3\xb6"]
    talk.say(b"0001 OK x\r\n")
    assert goes_on(talk)


# ---- Silence -----------------------------------------------------------------


def test_silence_ends_the_connection(talk: Any) -> None:
    done = [fired(talk.client.noop()), fired(talk.client.status("x"))]
    talk.clock.advance(299)
    talk.say(b"* 4 EXISTS\r\n")
    talk.clock.advance(299)
    assert done == [[], []]
    talk.clock.advance(2)
    talk.look()
    assert all(isinstance(one[0], Silent) and one[0].written for one in done)
    assert isinstance(done[0][0], TimeoutError) and talk.transport.aborted
    assert talk.clock.getDelayedCalls() == []


def test_nobody_who_waits_for_nothing_is_cut_off(talk: Any) -> None:
    talk.clock.advance(10_000)
    assert goes_on(talk)
    assert talk.clock.getDelayedCalls() == []


@pytest.mark.parametrize("timeout", [0, None])
def test_no_timeout(timeout: float | None) -> None:
    talk = Conversing(timeout=timeout)
    done = fired(talk.client.noop())
    talk.clock.advance(1e6)
    assert done == [] and goes_on(talk)


def test_no_timeout_any_more(talk: Any) -> None:
    done = fired(talk.client.noop())
    talk.client.timeout = None
    talk.clock.advance(1e6)
    assert done == [] and talk.clock.getDelayedCalls() == []
    assert goes_on(talk)


def test_add_timeout_leaves_the_connection(talk: Any) -> None:
    d = talk.client.status("x")
    d.addTimeout(5, talk.clock)
    done = fired(d)
    talk.clock.advance(6)
    assert len(done) == 1 and not talk.isLost
    talk.answer(b"* STATUS x (MESSAGES 3)\r\n")
    assert goes_on(talk)


# ---- What a server may do ----------------------------------------------------


def test_answers_out_of_order(talk: Any) -> None:
    done = [fired(talk.client.status(name)) for name in "abc"]
    tags = [line.split(b" ")[0] for line in talk.heard()]
    for number in (2, 0, 1):
        name = b"abc"[number : number + 1]
        talk.say(b"* STATUS %b (MESSAGES %d)\r\n%b OK x\r\n" % (name, number, tags[number]))
    assert [one[0].messages for one in done] == [0, 1, 2]


def test_a_tag_twice_is_dropped(talk: Any) -> None:
    talk.client.noop()
    tag = talk.heard()[0].split(b" ")[0]
    talk.say(2 * (tag + b" OK x\r\n") + b"X9 OK foreign\r\n")
    assert goes_on(talk)


def test_an_answer_to_what_was_not_sent(talk: Any) -> None:
    done = fired(talk.client.noop())
    talk.say(b"0999 OK x\r\n")
    assert isinstance(done[0], ConnectionGone) and talk.isLost


def test_a_hundred_answers_too_many(talk: Any) -> None:
    talk.say(b"X OK x\r\n" * 100)
    assert not talk.isLost
    talk.say(b"X OK x\r\n")
    assert talk.isLost


def test_an_unknown_status(talk: Any) -> None:
    done = fired(talk.client.noop())
    tag = talk.heard()[0].split(b" ")[0]
    talk.say(tag + b" PERHAPS x\r\n")
    assert isinstance(done[0], ConnectionGone) and talk.isLost


@pytest.mark.parametrize(
    "octets",
    [
        b"+ unasked\r\n",
        b"no response at all\r\n",
        b"* STATUS other (MESSAGES 3)\r\n",
        b"* ESEARCH UID ALL 3\r\n",
        b"* OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n",
        b"* 4294967295 EXPUNGE\r\n* 0 EXISTS\r\n",
        b"* 1 FETCH (FLAGS (x))\r\n",
        b"* 1 FETCH ()\r\n",
        b"* FETCH\r\n",
        b"* LIST (\r\n",
        b"* [CLOSED]\r\n",
        b"* OK [CLOSED] late\r\n",
        b"* \r\n\r\n",
    ],
)
def test_what_is_odd_harms_nobody(talk: Any, octets: bytes) -> None:
    done = fired(talk.client.noop())
    talk.answer(octets)
    assert done == [None] and goes_on(talk)
    talk.say(octets)
    assert goes_on(talk) and logged() == []


def test_an_esearch_without_its_tag(talk: Any) -> None:
    done = fired(talk.client.search("SEEN"))
    talk.answer(b"* ESEARCH UID ALL 3\r\n")
    assert done == [UIDSet([3])]


def test_a_status_under_another_name(talk: Any) -> None:
    done = fired(talk.client.status("a/b"))
    talk.answer(b"* STATUS a.b (MESSAGES 3)\r\n")
    assert done[0].messages == 3


def test_a_malformed_line_is_an_event(talk: Any) -> None:
    events: list[Any] = []
    talk.client.listen(events.append)
    done = fired(talk.client.noop())
    talk.answer(b"* LIST (\r\n")
    assert done == [None] and isinstance(events[0], Malformed)


@pytest.mark.parametrize(
    ("octets", "kind"),
    [(b"* 1 FETCH (BODY[] {x}\r\n", Exception), (b"* 1 FETCH (BODY[] {999999999999}\r\n", None)],
)
def test_where_framing_is_lost(talk: Any, octets: bytes, kind: Any) -> None:
    """Each Deferred fails once, and nothing is logged."""
    done = [fired(talk.client.noop()) for _ in range(3)]
    over = fired(talk.client.disconnected())
    talk.say(octets)
    if talk.isLost:
        assert all(isinstance(one[0], ConnectionGone) for one in [*done, over])
        assert {one[0].written for one in done} == {True}
        assert isinstance(done[0][0].cause, (ResponseTooLarge, Exception))
    else:
        assert goes_on(talk)
    assert logged() == []


@pytest.mark.parametrize(
    ("limit", "octets"),
    [
        ("maxLiteralSize", b"* X {11}\r\n"),
        ("maxLineLength", b"* " + b"x" * 20),
        ("maxResponseSize", b"* X {9}\r\nxxxxxxxxx {9}\r\nxxxxxxxxx\r\n"),
    ],
)
def test_a_limit_counts_from_when_it_is_set(talk: Any, limit: str, octets: bytes) -> None:
    setattr(talk.client, limit, 10)
    over = fired(talk.client.disconnected())
    talk.say(octets)
    assert isinstance(over[0].cause, ResponseTooLarge)


def test_lists_too_deep_fail_their_command(talk: Any) -> None:
    talk.client.maxDepth = 3
    done = fired(talk.client.search("SEEN"))
    talk.answer(b"* ESEARCH ((((a))))\r\n")
    assert isinstance(done[0], MalformedAnswer) and goes_on(talk)


def test_octets_in_the_clear_behind_starttls(talk: Any) -> None:
    """They are not taken for what came through TLS."""
    from twisted_imapc._access import StartTLS

    done = fired(talk.wire.pipeline.send(StartTLS(None)))
    tag = talk.heard()[0].split(b" ")[0]
    talk.size = None
    talk.say(tag + b" OK go\r\n* CAPABILITY X-EVIL\r\n")
    assert isinstance(done[0], ConnectionGone) and "X-EVIL" not in talk.client.capabilities


def test_cancelling_starttls_ends_the_connection(talk: Any) -> None:
    from twisted_imapc._access import StartTLS

    d = talk.wire.pipeline.send(StartTLS(None))
    d.addErrback(lambda _: None)
    d.cancel()
    talk.look()
    assert talk.isLost


def test_a_callback_that_ends_the_connection(talk: Any) -> None:
    other = fired(talk.client.noop())
    talk.client.noop().addCallback(lambda _: talk.client.abort())
    tags = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(tags[1] + b" OK x\r\n" + tags[0] + b" OK x\r\n")
    assert isinstance(other[0], ConnectionGone)


def test_a_callback_that_goes_on_behind_the_end(talk: Any) -> None:
    again: list[Any] = []
    talk.client.noop().addErrback(lambda _: again.extend(fired(talk.client.noop())))
    talk.lose()
    assert isinstance(again[0], ConnectionGone) and not again[0].written


def test_a_callback_that_sends_the_next(talk: Any) -> None:
    done: list[Any] = []
    talk.client.noop().addCallback(lambda _: done.append(talk.client.status("x")))
    assert talk.answer() == [b"NOOP"]
    assert [line[:6] for line in talk.answer()] == [b"STATUS"]
    assert done[0].called


def test_a_command_that_cannot_be_written_harms_nobody(talk: Any) -> None:
    """Its capability is missing, and its callback sends another."""
    talk.client._pipeline.know(["IMAP4REV1"])
    done: list[Any] = []
    talk.client.unselect().addErrback(lambda failure: done.append(talk.client.noop()))
    talk.client.status("x")
    assert [line[:6] for line in talk.answer()] == [b"NOOP", b"STATUS"]
    assert done[0].called


# ---- What is left ------------------------------------------------------------


def test_nothing_is_left() -> None:
    """No cycle through what a Deferred failed with keeps the client."""
    talk = Conversing()
    talk.select()
    done = [fired(talk.client.noop()), fired(talk.client.fetch("1:*", "FLAGS").all())]
    gone: list[Any] = [weakref.ref(talk.client), weakref.ref(talk.client._pipeline)]
    talk.lose()
    assert all(isinstance(one[0], IMAPError) for one in done)
    assert all(one[0].__traceback__ is None for one in done)
    del talk
    gc.collect()
    assert [one() for one in gone] == [None, None]


def test_leaving_async_with() -> None:
    talk = Conversing()

    async def use() -> str:
        async with talk.client as client:
            await client.noop()
        return client.state

    done = running(use())
    assert talk.answer() == [b"NOOP"]
    assert talk.answer(b"* BYE x\r\n") == [b"LOGOUT"]
    assert done == ["closed"]


def test_leaving_async_with_where_nobody_answers() -> None:
    talk = Conversing()

    async def use() -> str:
        async with talk.client:
            pass
        return "left"

    done = running(use())
    assert talk.heard() == [b"0001 LOGOUT"]
    talk.clock.advance(9)
    assert done == []
    talk.clock.advance(2)
    talk.look()
    assert done == ["left"] and talk.transport.aborted


def test_leaving_async_with_by_an_exception() -> None:
    talk = Conversing()

    async def use() -> None:
        async with talk.client:
            raise LookupError("mine")

    done = running(use())
    talk.look()
    assert isinstance(done[0], LookupError) and talk.transport.aborted and talk.heard() == []


def test_leaving_async_with_behind_the_end() -> None:
    talk = Conversing()

    async def use() -> str:
        async with talk.client:
            talk.lose()
        return "left"

    assert running(use()) == ["left"]


def test_a_coroutine_that_is_dropped_inside_async_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It cannot wait any more."""
    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", raised.append)
    talk = Conversing()

    async def main() -> None:
        async with talk.client:
            await Deferred()

    d = Deferred.fromCoroutine(main())
    del d
    gc.collect()
    assert raised == [] and talk.transport.aborted


def test_who_waits_no_more_for_the_end_is_forgotten(talk: Any) -> None:
    endings = len(talk.client._pipeline.endings)
    other = fired(talk.client.disconnected())
    d = talk.client.disconnected()
    assert fired(d) == []
    d.cancel()
    assert len(talk.client._pipeline.endings) == endings + 1
    talk.lose()
    assert len(other) == 1
