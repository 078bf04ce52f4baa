"""A fetch from its first command to its end, whichever that is."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from tests.helpers.clients import Conversing, Stepping, fired, flag_lines, running
from twisted_imapc.client import (
    Bad,
    ConnectionGone,
    Fetched,
    MessageGone,
    No,
    Numbers,
    Overrun,
    Stale,
)


def selected(exists: int = 3, next_uid: int = 10, **settings: Any) -> Conversing:
    talk = Conversing(**settings)
    talk.select(exists, next_uid)
    return talk


async def uids_of(fetch: Any, into: list[int], each: Any = None) -> str:
    async for message in fetch:
        into.append(message.uid)
        if each is not None:
            result = each(message)
            if result is not None:
                await result
    return "read"


def many(first: int, last: int, octets: int = 1000) -> bytes:
    """FETCH responses with a section of so many octets."""
    body = b"x" * octets
    return b"".join(
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, octets, body)
        for uid in range(first, last + 1)
    )


# ---- What is asked for, and whose is what ------------------------------------


def test_nothing_is_sent_before_it_is_used() -> None:
    talk = selected()
    fetch = talk.client.fetch("1:*", "FLAGS")
    assert talk.heard() == []
    fetch.all()
    assert talk.heard() == [b"0002 UID FETCH 1:* (UID FLAGS)"]


def test_it_is_used_once() -> None:
    talk = selected()
    fetch = talk.client.fetch("1:*", "FLAGS")
    fetch.all()
    for use in (fetch.all, fetch.__aiter__, fetch.batches):
        with pytest.raises(RuntimeError):
            use()


@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize("way", ["all", "await", "loop", "batches", "each"])
def test_every_way(way: str, size: int | None) -> None:
    talk = selected(size=size)
    fetch = talk.client.fetch("1:*", "FLAGS")
    got: list[Any] = []

    async def read() -> Any:
        if way == "all":
            got.extend(await fetch.all())
        elif way == "await":
            got.extend(await fetch)
        elif way == "loop":
            async for message in fetch:
                got.append(message)
        elif way == "batches":
            async for batch in fetch.batches():
                got.extend(batch)
        else:
            assert await fetch.each(got.append) == 3

    done = running(read())
    talk.answer(flag_lines([1, 4, 9]))
    assert done == [None]
    assert [message.uid for message in got] == [1, 4, 9]
    assert fetch.last == 9


@pytest.mark.parametrize(
    ("items", "line", "is_ours"),
    [
        (["FLAGS"], b"UID 2 FLAGS (x)", True),
        (["FLAGS", "RFC822.SIZE"], b"UID 2 FLAGS (x)", False),
        (["FLAGS", "RFC822.SIZE"], b"UID 2 RFC822.SIZE 7", True),
        (["BODY.PEEK[]"], b"UID 2 FLAGS (x)", False),
        (["BODY.PEEK[]"], b"UID 2 BODY[] NIL", True),
        (["UID"], b"UID 2", True),
        (["UID"], b"UID 2 FLAGS (x)", True),
        (["FLAGS", "MODSEQ"], b"UID 2 MODSEQ (7)", True),
        (["ENVELOPE"], b"UID 2 MODSEQ (7) FLAGS ()", False),
        (["FLAGS"], b"UID 99 FLAGS (x)", False),
        (["FLAGS"], b"FLAGS (x)", False),
        (["X-GM-LABELS"], b"UID 2 X-GM-LABELS (a)", True),
    ],
)
def test_whose_is_a_response(items: list[str], line: bytes, is_ours: bool) -> None:
    """What is not a record is an event, in any case."""
    talk = selected()
    events: list[Any] = []
    talk.client.listen(events.append)
    done = fired(talk.client.fetch("1:9", *items).all())
    talk.answer(b"* 2 FETCH (" + line + b")\r\n")
    assert len(done[0]) == is_ours
    assert len(events) == 1 - is_ours and all(isinstance(one, Fetched) for one in events)


def test_the_last_message_is_not_given_for_what_is_beyond_it() -> None:
    talk = selected(3, 4)
    done = fired(talk.client.fetch("4:*", "FLAGS").all())
    assert talk.answer(flag_lines([3])) == [b"UID FETCH 4:* (UID FLAGS)"]
    assert done == [[]]


def test_the_last_message_by_its_star() -> None:
    talk = selected(3, 4)
    done = fired(talk.client.fetch("*", "FLAGS").all())
    assert talk.answer(flag_lines([3])) == [b"UID FETCH * (UID FLAGS)"]
    assert [one.uid for one in done[0]] == [3]


def test_a_message_may_come_twice() -> None:
    talk = selected()
    done = fired(talk.client.fetch("1:9", "FLAGS").all())
    talk.answer(flag_lines([1], b"a") + flag_lines([2]) + flag_lines([1], b"b"))
    assert [(one.uid, set(one.flags)) for one in done[0]] == [
        (1, {"a"}), (2, {"\\Seen"}), (1, {"b"})
    ]  # fmt: skip


def test_what_was_not_asked_for_yet_is_no_progress() -> None:
    """Somebody has changed its flags: who goes on behind C{last} misses nothing."""
    talk = selected(1000, 1001)
    fetch = talk.client.fetch("1:*", "FLAGS", window=500)
    got: list[int] = []
    done = running(uids_of(fetch, got))
    assert talk.heard() == [b"0002 UID FETCH 1:7 (UID FLAGS)"]
    talk.say(flag_lines([900]))
    assert (got, fetch.last, talk.heard()) == ([900], None, [])
    talk.say(flag_lines([800, 1, 2]))
    assert (got, fetch.last) == ([900, 800, 1, 2], 2)
    (line,) = talk.heard()
    assert line.startswith(b"0003 UID FETCH 8:2")
    talk.lose()
    assert isinstance(done[0], ConnectionGone) and fetch.last == 2


def test_sequence_numbers() -> None:
    talk = selected()
    done = fired(talk.client.fetch(Numbers("1:2"), "FLAGS").all())
    before = b"* 1 FETCH (FLAGS ())\r\n* 2 FETCH (UID 9 FLAGS ())\r\n* 3 FETCH (FLAGS ())\r\n"
    assert talk.answer(before) == [b"FETCH 1:2 (UID FLAGS)"]
    assert [(one.number, one.uid) for one in done[0]] == [(1, None), (2, 9)]


def test_changed_since() -> None:
    talk = selected()
    done = fired(talk.client.fetch("1:9", "FLAGS", changedSince=77).all())
    line = b"UID FETCH 1:9 (UID FLAGS) (CHANGEDSINCE 77)"
    assert talk.answer(b"* 1 FETCH (UID 1 MODSEQ (80))\r\n") == [line]
    assert done[0][0].modseq == 80


def test_a_problem_costs_one_attribute() -> None:
    talk = selected()
    done = fired(talk.client.fetch("1:9", "FLAGS", "RFC822.SIZE").all())
    talk.answer(b"* 1 FETCH (UID 1 RFC822.SIZE x FLAGS (a))\r\n")
    (message,) = done[0]
    assert (message.size, message.flags, len(message.problems)) == (None, {"a"}, 1)


# ---- Windows -----------------------------------------------------------------


def test_windows_go_out_before_the_answer_to_the_last() -> None:
    """No round trip is waited for, and no tag is believed."""
    talk = selected(1000, 1001, windowOctets=40_000)
    got: list[int] = []
    done = running(uids_of(talk.client.fetch("1:*", "BODY.PEEK[]"), got))
    first = talk.heard()
    assert first == [b"0002 UID FETCH 1:8 (UID BODY.PEEK[])"]
    talk.say(many(1, 8))
    (second,) = talk.heard()
    assert second.startswith(b"0003 UID FETCH 9:4")
    last = int(second.split(b" ")[3].partition(b":")[2])
    talk.say(many(9, last - 20))
    (third,) = talk.heard()
    assert third.startswith(b"0004 UID FETCH %d:" % (last + 1))
    assert got == list(range(1, last - 19)) and done == []


def test_all_windows_answered_together() -> None:
    """As Dovecot does it; also in the opposite order."""
    talk = selected(100, 101, windowOctets=8000)
    got: list[int] = []
    done = running(uids_of(talk.client.fetch("1:*", "BODY.PEEK[]"), got))
    tags: list[bytes] = []
    uid = 1
    while uid <= 100:
        lines = talk.heard()
        tags += [line.split(b" ")[0] for line in lines]
        assert len(tags) <= 8 or lines == []
        if not lines:
            talk.say(b"".join(tag + b" OK x\r\n" for tag in reversed(tags)))
            tags.clear()
            continue
        ends = lines[-1].split(b" ")[3].partition(b":")[2]
        last = 100 if ends == b"*" else int(ends)
        talk.say(many(uid, last))
        uid = last + 1
    tags += [line.split(b" ")[0] for line in talk.heard()]
    talk.say(b"".join(tag + b" OK x\r\n" for tag in reversed(tags)))
    assert done == ["read"] and got == list(range(1, 101))


def test_a_command_inside_the_loop_goes_between_two_windows() -> None:
    talk = selected(1000, 1001, windowOctets=8000)
    fetch = talk.client.fetch("1:*", "BODY.PEEK[]", "FLAGS")
    got: list[int] = []

    def store(message: Any) -> Any:
        if message.uid == 3:
            return talk.client.store(3, add=["\\Seen"])
        return None

    done = running(uids_of(fetch, got, store))
    assert talk.heard() == [b"0002 UID FETCH 1:8 (UID BODY.PEEK[] FLAGS)"]
    talk.say(many(1, 5))
    assert talk.heard() == [] and got == [1, 2, 3]
    talk.say(many(6, 8) + b"0002 OK x\r\n")
    assert talk.answer()[0] == b"UID STORE 3 +FLAGS.SILENT (\\Seen)"
    assert got == [1, 2, 3, 4, 5, 6, 7, 8]
    (line,) = talk.heard()
    assert line.startswith(b"0004 UID FETCH 9:")
    assert done == []


def test_a_fetch_in_a_fetch() -> None:
    talk = selected(40, 41, windowOctets=4000)
    inner: list[int] = []
    got: list[int] = []

    def look(message: Any) -> Any:
        if message.uid % 10 == 0:
            return Deferred.fromCoroutine(
                uids_of(talk.client.fetch([message.uid, message.uid + 1], "RFC822.SIZE"), inner)
            )
        return None

    done = running(uids_of(talk.client.fetch("1:*", "BODY.PEEK[]"), got, look))
    while not done:
        lines = talk.heard()
        assert lines
        for line in lines:
            tag, _, _, text, items = line.split(b" ", 4)
            first, _, last = text.partition(b":")
            end = 40 if last == b"*" else int(last or first)
            if b"BODY" in items:
                talk.say(many(int(first), end))
            else:
                talk.say(b"* 1 FETCH (UID %b RFC822.SIZE 1)\r\n" % first)
            talk.say(tag + b" OK x\r\n")
    assert done == ["read"] and got == list(range(1, 41))
    assert inner == [10, 20, 30, 40]


def test_fetch_beside_fetch() -> None:
    talk = selected(40, 41, windowOctets=4000)
    one: list[int] = []
    other: list[int] = []
    done = [
        running(uids_of(talk.client.fetch("1:*", "FLAGS"), one)),
        running(uids_of(talk.client.fetch("1:*", "FLAGS"), other)),
    ]
    while not all(done):
        (line,) = talk.heard()
        tag, _, _, text, _ = line.split(b" ", 4)
        first, _, last = text.partition(b":")
        end = 40 if last == b"*" else int(last)
        talk.say(flag_lines(range(int(first), end + 1)) + tag + b" OK x\r\n")
    assert one == other == list(range(1, 41))


# ---- Backpressure ------------------------------------------------------------


class Slow:
    """Reads one message at a time, when it is told to."""

    def __init__(self, talk: Conversing, fetch: Any) -> None:
        self.talk = talk
        self.got: list[int] = []
        self.gate: Deferred[None] = Deferred()
        self.done = running(uids_of(fetch, self.got, self.wait))

    def wait(self, message: Any) -> Any:
        self.gate = Deferred()
        return self.gate

    def read(self, count: int) -> None:
        for _ in range(count):
            self.gate.callback(None)
            self.talk.listen()


def test_reading_stops_where_nobody_reads() -> None:
    talk = selected(5000, 5001, size=4096)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    talk.say(flag_lines(range(1, 5001)))
    assert talk.transport.producerState == "paused" and talk.unsaid > 100_000
    assert len(slow.got) == 1
    slow.read(512)
    before = talk.unsaid
    slow.read(800)
    talk.listen()
    assert talk.unsaid < before
    assert slow.got == list(range(1, len(slow.got) + 1))


def test_no_timeout_while_nobody_reads() -> None:
    talk = selected(5000, 5001, idleRenewal=1e9)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    talk.say(flag_lines(range(1, 5001)))
    talk.clock.advance(1000)
    assert slow.done == [] and not talk.transport.aborted


def test_a_server_that_waits_long_hears_of_us() -> None:
    talk = selected(50_000, 50_001, idleRenewal=540, windowOctets=80_000)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    assert talk.heard() == [b"0002 UID FETCH 1:1000 (UID FLAGS)"]
    talk.say(flag_lines(range(1, 1001)) + b"0002 OK x\r\n")
    assert len(talk.heard()) == 1
    talk.clock.advance(539)
    assert talk.heard() == []
    talk.clock.advance(2)
    assert talk.heard() == [b"0004 NOOP"]
    talk.say(b"0004 OK x\r\n")
    talk.clock.advance(541)
    assert talk.heard() == [b"0005 NOOP"] and slow.done == []


def test_the_end_while_nobody_reads() -> None:
    talk = selected(50_000, 50_001, windowOctets=80_000)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    talk.say(flag_lines(range(1, 1001)))
    assert talk.transport.producerState == "paused"
    talk.client.abort()
    talk.look()
    assert talk.clock.getDelayedCalls() == []
    while not slow.done:
        slow.read(1)
    assert len(slow.got) >= 512 and isinstance(slow.done[0], ConnectionGone)


def test_a_pause_is_lifted_for_a_command() -> None:
    talk = selected(50_000, 50_001, size=4096, windowOctets=80_000)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    talk.heard()
    talk.say(flag_lines(range(1, 1001)) + b"0002 OK x\r\n")
    assert talk.transport.producerState == "paused" and len(talk.heard()) == 1
    noop = fired(talk.client.noop())
    talk.listen()
    assert talk.heard() == [b"0004 NOOP"] and talk.unsaid == 0
    talk.say(b"0004 OK x\r\n")
    assert noop == [None] and talk.transport.producerState == "paused"
    assert slow.done == []


def test_an_abandoned_fetch_overruns_and_blocks_nobody() -> None:
    talk = selected(2000, 2001, size=4096, maxBacklog=20_000)
    slow = Slow(talk, talk.client.fetch("1:*", "FLAGS"))
    talk.heard()
    talk.say(flag_lines(range(1, 2001)) + b"0002 OK x\r\n")
    noop = fired(talk.client.noop())
    talk.listen()
    talk.say(b"0003 OK x\r\n")
    assert noop == [None]
    slow.read(len(slow.got))
    while not slow.done:
        slow.read(1)
    assert isinstance(slow.done[0], Overrun) and len(slow.got) < 1000
    assert fired(talk.client.noop()) == [] and not talk.isLost


def test_the_reactor_has_its_turn() -> None:
    """A full buffer is not used up in one go."""
    talk = selected(3000, 3001)
    got: list[int] = []
    running(uids_of(talk.client.fetch("1:*", "FLAGS"), got))
    talk.look()
    talk.wire.turn = -10.0
    talk.wire.pipeline.receive(flag_lines(range(1, 3001)))
    assert 0 < len(got) < 600
    for _ in range(50):
        talk.wire.turn = -10.0
        talk.clock.advance(0)
    assert len(got) == 3000


# ---- Ways out ----------------------------------------------------------------


class Left(Exception):
    pass


@pytest.mark.parametrize("way", ["break", "return", "raise", "close", "drop batches"])
def test_leaving_the_loop(way: str) -> None:
    """What is on its way is read and dropped; the connection stays."""
    talk = selected(5000, 5001)
    fetch = talk.client.fetch("1:*", "FLAGS")
    got: list[Any] = []

    async def read() -> str:
        if way == "drop batches":
            async for batch in fetch.batches():
                got.append(batch[0].uid)
                break
            return "left"
        async for message in fetch:
            got.append(message.uid)
            if way == "break":
                break
            if way == "return":
                return "left"
            if way == "raise":
                raise Left
            if way == "close":
                fetch.close()
        return "left"

    done = running(read())
    tag = talk.heard()[0].split(b" ")[0]
    talk.say(flag_lines(range(1, 300)))
    assert got[0] == 1
    assert done == ["left"] or isinstance(done[0], Left)
    events: list[Any] = []
    talk.client.listen(events.append)
    noop = fired(talk.client.noop())
    talk.say(flag_lines(range(300, 3000)))
    talk.say(tag + b" OK x\r\n")
    assert talk.answer() == [b"NOOP"] and noop == [None]
    assert len(got) <= 256 and events == []
    assert talk.client._pipeline.streams == []


@pytest.mark.parametrize("way", ["loop", "each", "batches"])
def test_nothing_is_handed_over_behind_close(way: str) -> None:
    talk = selected(600, 601)
    fetch = talk.client.fetch("1:*", "FLAGS")
    got: list[int] = []

    def take(message: Any) -> None:
        got.append(message.uid)
        if message.uid == 300:
            fetch.close()

    async def read() -> Any:
        if way == "each":
            return await fetch.each(take)
        if way == "loop":
            return await uids_of(fetch, [], take)
        async for batch in fetch.batches():
            for message in batch:
                take(message)
        return "read"

    done = running(read())
    talk.answer(flag_lines(range(1, 601)))
    last = 512 if way == "batches" else 300
    assert got == list(range(1, last + 1)) and done == [300 if way == "each" else "read"]
    assert fired(talk.client.noop()) == [] and talk.answer() == [b"NOOP"]


def test_closing_behind_a_refusal() -> None:
    """Who has left is not told of it."""
    talk = selected(600, 601)
    fetch = talk.client.fetch("1:*", "FLAGS")
    slow = Slow(talk, fetch)
    talk.answer(flag_lines(range(1, 500)), b"NO no")
    fetch.close()
    slow.read(1)
    assert (slow.got, slow.done) == ([1], ["read"])


@pytest.mark.parametrize("way", ["close", "cancel"])
def test_closing_all(way: str) -> None:
    """Part of it is not the whole."""
    talk = selected(600, 601)
    fetch = talk.client.fetch("1:*", "FLAGS")
    d = fetch.all()
    done = fired(d)
    talk.say(flag_lines([1, 2]))
    if way == "close":
        fetch.close()
        fetch.close()
    else:
        d.cancel()
    talk.answer(flag_lines([3]))
    assert isinstance(done[0], CancelledError)
    assert [message.uid for message in done[0].result] == [1, 2]  # type: ignore[attr-defined]
    fetch.close()


def test_closing_what_is_over() -> None:
    talk = selected()
    fetch = talk.client.fetch("1:*", "FLAGS")
    done = fired(fetch.all())
    talk.answer(flag_lines([1, 2]))
    fetch.close()
    assert len(done[0]) == 2
    unused = talk.client.fetch("1:*", "FLAGS")
    unused.close()
    with pytest.raises(RuntimeError):
        unused.all()


def test_each_waits_for_an_async_function() -> None:
    talk = selected()
    gates: list[Deferred[None]] = []

    async def take(message: Any) -> None:
        gates.append(Deferred())
        await gates[-1]

    done = fired(talk.client.fetch("1:*", "FLAGS").each(take))
    talk.answer(flag_lines([1, 2]))
    assert len(gates) == 1
    gates[0].callback(None)
    assert len(gates) == 2 and done == []
    gates[1].errback(Left())
    assert isinstance(done[0], Left)


def test_cancelling_all() -> None:
    talk = selected(5000, 5001)
    d = talk.client.fetch("1:*", "FLAGS").all()
    done = fired(d)
    d.cancel()
    assert isinstance(done[0], CancelledError)
    noop = fired(talk.client.noop())
    talk.answer(flag_lines(range(1, 3000)))
    assert noop == [None] and talk.client._pipeline.streams == []


def test_a_literal_that_nobody_wants_is_not_kept() -> None:
    talk = selected(5000, 5001, size=4096)
    fetch = talk.client.fetch("1:*", "BODY.PEEK[]")
    fetch.all().addErrback(lambda _: None)
    talk.say(b"* 1 FETCH (UID 1 BODY[] {1000000}\r\n" + b"x" * 1000)
    fetch.close()
    noop = fired(talk.client.noop())
    talk.answer(b"x" * 999_000 + b")\r\n" + many(2, 3, 100_000))
    assert noop == [None]


def test_a_fetch_that_nobody_has_any_more() -> None:
    talk = selected(5000, 5001)
    fetch = talk.client.fetch("1:*", "FLAGS")
    iterator = fetch.__aiter__()
    gone = weakref.ref(fetch)
    talk.say(flag_lines(range(1, 300)))
    del fetch, iterator
    talk.answer()
    gc.collect()
    assert gone() is None
    assert fired(talk.client.noop()) == []
    assert talk.answer() == [b"NOOP"]


def test_leaving_in_the_middle_of_anything() -> None:
    """The collector may find out at any time, and in any thread: it is done later."""
    talk = selected(5000, 5001)
    iterator = talk.client.fetch("1:*", "FLAGS").__aiter__()
    talk.say(flag_lines(range(1, 300)))
    before = len(talk.client._pipeline.streams)
    del iterator
    assert len(talk.client._pipeline.streams) == before == 1
    talk.wire.dataReceived(flag_lines(range(300, 400)))
    talk.look()
    assert talk.client._pipeline.streams == []


def test_leaving_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the reactor's is touched there, but what may be."""
    talk = selected(5000, 5001)
    kept = [talk.client.fetch("1:*", "FLAGS").__aiter__()]
    talk.say(flag_lines(range(1, 300)))
    touched: list[str] = []
    handed: list[Any] = []
    for name in ("callLater", "getDelayedCalls", "advance"):
        monkeypatch.setattr(talk.clock, name, lambda *_, name=name: touched.append(name))
    monkeypatch.setattr(talk.clock, "callFromThread", handed.append)
    thread = threading.Thread(target=kept.clear)
    thread.start()
    thread.join()
    assert touched == [] and len(talk.client._pipeline.streams) == 1
    monkeypatch.undo()
    (close,) = handed
    close()
    assert talk.client._pipeline.streams == []


def test_one_who_waits_is_not_collected() -> None:
    """Nobody but the connection knows of the coroutine."""
    talk = selected(5000, 5001)
    got: list[int] = []
    running(uids_of(talk.client.fetch("1:*", "FLAGS"), got))
    gc.collect()
    talk.answer(flag_lines([1, 2]))
    assert got == [1, 2]


@pytest.mark.parametrize("way", ["raise", "break", "refused", "lost"])
@pytest.mark.parametrize("batches", [False, True])
def test_a_loop_that_ends_leaves_nothing_to_the_collector(way: str, batches: bool) -> None:
    talk = selected(5000, 5001)
    fetch: Any = talk.client.fetch("1:*", "FLAGS")
    gone = weakref.ref(fetch)

    async def read(messages: Any) -> None:
        async for _ in messages:
            if way == "raise":
                raise Left
            if way == "break":
                break

    gc.collect()
    gc.disable()
    try:
        done = Stepping(read(fetch.batches() if batches else fetch)).done
        del fetch
        (line,) = talk.heard()
        talk.say(flag_lines(range(1, 300)))
        if way == "lost":
            talk.lose()
        else:
            talk.say(line.split(b" ")[0] + b" NO no\r\n")
        kinds = {"raise": Left, "break": type(None), "refused": No, "lost": ConnectionGone}
        assert type(done[0]) is kinds[way]
        done.clear()
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("tail", "kind"),
    [(b"NO [EXPUNGEISSUED] gone", MessageGone), (b"NO no", No), (b"BAD what", Bad)],
)
@pytest.mark.parametrize("way", ["loop", "all"])
def test_all_records_come_before_a_refusal(way: str, tail: bytes, kind: Any) -> None:
    talk = selected(5000, 5001, windowOctets=4000)
    fetch = talk.client.fetch("1:*", "FLAGS")
    got: list[int] = []
    done = running(uids_of(fetch, got)) if way == "loop" else fired(fetch.all())
    talk.say(flag_lines(range(1, 41)))
    lines = talk.heard()
    talk.say(b"0002 " + tail + b"\r\n" + flag_lines(range(60, 70)))
    assert type(done[0]) is kind
    if way == "loop":
        assert got == list(range(1, 41)) and fetch.last == 40
    else:
        assert [one.uid for one in done[0].result] == list(range(1, 41))
    noop = fired(talk.client.noop())
    talk.say(b"".join(line.split(b" ")[0] + b" OK x\r\n" for line in lines[1:]))
    talk.answer()
    assert noop == [None] and talk.heard() == []


def test_the_end_of_the_connection_comes_behind_the_records() -> None:
    talk = selected(5000, 5001)
    got: list[int] = []
    done = running(uids_of(talk.client.fetch("1:*", "FLAGS"), got))
    talk.say(flag_lines(range(1, 31)) + b"* 31 FETCH (UID 31 FLA")
    talk.lose()
    assert got == list(range(1, 31))
    assert isinstance(done[0], ConnectionGone) and done[0].written
    assert isinstance(fired(talk.client.fetch(1, "FLAGS").all())[0], ConnectionGone)


def test_another_mailbox_is_not_asked() -> None:
    talk = selected(1000, 1001, windowOctets=4000)
    fetch = talk.client.fetch("1:*", "FLAGS")
    got: list[Any] = []

    async def read() -> Any:
        async for message in fetch:
            got.append(message.uid)
            if message.uid == 2:
                await talk.client.select("other")

    done = running(read())
    (first,) = talk.heard()
    talk.say(flag_lines(range(1, 4)) + first.split(b" ")[0] + b" OK x\r\n")
    assert talk.answer(b"* 9 EXISTS\r\n* OK [UIDNEXT 90] x\r\n") == [b"SELECT other"]
    assert talk.heard() == []
    assert got == [1, 2, 3] and isinstance(done[0], Stale)


def test_a_fetch_that_begins_where_stale_is_caught() -> None:
    """That runs in the middle of writing: what begins there is sent, too."""
    talk = selected(1000, 4_000_000_000)

    async def read() -> Any:
        try:
            await talk.client.fetch("1:*", "FLAGS", window=4000)
        except Stale:
            return len(await talk.client.fetch("1:*", "FLAGS"))

    done = running(read())
    (first,) = talk.heard()
    talk.client.select("other")
    talk.say(first.split(b" ")[0] + b" OK x\r\n")
    assert talk.answer(b"* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\n") == [b"SELECT other"]
    assert talk.answer(flag_lines([1, 2, 3])) == [b"UID FETCH 1:* (UID FLAGS)"]
    assert done == [3]


def test_select_and_fetch_in_one_breath() -> None:
    """The mailbox is the one that is selected when the fetch has its turn."""
    talk = Conversing()
    talk.client.select("INBOX")
    done = fired(talk.client.fetch("1:*", "FLAGS").all())
    assert talk.answer(b"* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\n") == [b"SELECT INBOX"]
    talk.answer(flag_lines([1, 2, 3]))
    assert len(done[0]) == 3


def test_no_window_where_the_mailbox_has_changed_its_uids() -> None:
    """UIDVALIDITY changing under a fetch is another mailbox, which has to be selected."""
    talk = selected(3, 4)
    done = fired(talk.client.fetch("1:*", "FLAGS").all())
    talk.answer(b"* OK [UIDVALIDITY 8] x\r\n" + flag_lines([1]))
    assert len(done[0]) == 1 and talk.client.mailbox.uidValidity == 8  # type: ignore[union-attr]


def test_the_last_uid_is_not_the_last_message() -> None:
    talk = selected(3, 4)
    done = fired(talk.client.fetch("2:4294967295", "FLAGS").all())
    assert talk.answer(flag_lines([2, 3])) == [b"UID FETCH 2:4294967295 (UID FLAGS)"]
    assert [message.uid for message in done[0]] == [2, 3]
    none = fired(talk.client.fetchOne(4294967295, "FLAGS"))
    assert talk.answer(flag_lines([3])) == [b"UID FETCH 4294967295:4294967295 (UID FLAGS)"]
    assert none == [None]


def test_from_the_last_uid_on_there_is_that_alone() -> None:
    talk = selected(3, 4)
    done = fired(talk.client.fetch("4294967295:*", "FLAGS").all())
    assert talk.answer(flag_lines([3])) == [b"UID FETCH 4294967295:4294967295 (UID FLAGS)"]
    talk.client.store("4294967295:*", add=["x"])
    assert talk.heard() == [b"0003 UID STORE 4294967295 +FLAGS.SILENT (x)"]
    assert done == [[]]


def test_the_last_message_by_the_star_of_numbers() -> None:
    talk = selected(3, 9)
    done = fired(talk.client.fetch(Numbers("*"), "FLAGS").all())
    assert talk.answer(flag_lines([3])) == [b"FETCH * (UID FLAGS)"]
    assert [message.number for message in done[0]] == [3]


def test_one_reader_at_a_time() -> None:
    talk = selected(3, 4)
    fetch = talk.client.fetch("1:*", "FLAGS")
    iterator = fetch.__aiter__()
    first, second = running(uids_of(iterator, [])), running(uids_of(iterator, []))
    # On a slow machine the reactor has had its turn first.
    talk.look()
    assert isinstance(second[0], RuntimeError)
    talk.answer(flag_lines([1, 2, 3]))
    assert first == ["read"]


def test_uids_that_mean_something_else_are_not_asked_for() -> None:
    talk = selected(1000, 100_001)
    got: list[int] = []
    done = running(uids_of(talk.client.fetch("1:*", "FLAGS", window=1000), got))
    talk.answer(flag_lines([1]))
    talk.answer(b"* OK [UIDVALIDITY 8] x\r\n")
    assert isinstance(done[0], Stale) and got == [1]
    assert talk.answer() == []


# ---- A mailbox whose messages are all at the end ------------------------------


@pytest.mark.parametrize(
    ("offers", "search", "answer"),
    [
        (
            b"IMAP4rev1 ESEARCH",
            b"UID SEARCH RETURN (MIN) UID 81:*",
            b"* ESEARCH UID MIN 180000\r\n",
        ),
        (b"IMAP4rev1", b"UID SEARCH UID 81:*", b"* SEARCH 199999 180000\r\n"),
    ],
)
def test_the_next_message_is_looked_for(offers: bytes, search: bytes, answer: bytes) -> None:
    talk = Conversing(offers)
    talk.select(20_000, 200_000)
    uids: list[int] = []
    done = running(uids_of(talk.client.fetch("1:*", "BODY.PEEK[]"), uids))
    assert talk.answer() == [b"UID FETCH 1:80 (UID BODY.PEEK[])"]
    (line,) = talk.heard()
    tag, _, rest = line.partition(b" ")
    assert rest == search
    talk.say(answer + tag + b" OK x\r\n")
    assert talk.answer(many(180_000, 180_007)) == [b"UID FETCH 180000:180007 (UID BODY.PEEK[])"]
    assert uids == list(range(180_000, 180_008)) and done == []


@pytest.mark.parametrize(
    ("answer", "tail", "wanted"),
    [
        # None is there, or one that "81:*" is by the rule alone: the end may still come.
        (b"", b"OK x", b"UID FETCH 199999:*"),
        (b"* ESEARCH UID MIN 80\r\n", b"OK x", b"UID FETCH 199999:*"),
        # It is not known.
        (b"", b"NO x", b"UID FETCH 81:1360"),
        (b"* ESEARCH UID MIN\r\n", b"OK x", b"UID FETCH 81:1360"),
    ],
)
def test_what_a_look_may_come_to(answer: bytes, tail: bytes, wanted: bytes) -> None:
    talk = selected(20_000, 200_000)
    done = fired(talk.client.fetch("1:*", "BODY.PEEK[]").all())
    talk.answer()
    assert talk.answer(answer, tail)[0].startswith(b"UID SEARCH")
    lines = talk.answer()
    assert [line.partition(b" (")[0] for line in lines] == [wanted]
    assert (done == [[]]) == wanted.endswith(b"*")


def test_what_was_changed_is_not_looked_for() -> None:
    """It may be anywhere, and few of them."""
    talk = selected(20_000, 200_000)
    talk.client._pipeline.know(["IMAP4REV1", "ESEARCH", "CONDSTORE"])
    talk.client.fetch("1:*", "BODY.PEEK[]", changedSince=7).all()
    talk.answer()
    assert talk.answer()[0].startswith(b"UID FETCH 81:1360")


@pytest.mark.parametrize("way", ["lost", "left", "another mailbox", "cancelled"])
def test_a_look_that_comes_to_nothing(way: str) -> None:
    talk = selected(20_000, 200_000)
    d = talk.client.fetch("1:*", "BODY.PEEK[]").all()
    done = fired(d)
    tag = talk.heard()[0].split(b" ")[0]
    if way == "another mailbox":
        talk.client.select("other").addErrback(lambda _: None)
        talk.say(tag + b" OK x\r\n")
        assert [line[:6] for line in talk.answer()] == [b"SELECT"]
        talk.look()
        assert isinstance(done[0], Stale)
        return
    talk.say(tag + b" OK x\r\n")
    (line,) = talk.heard()
    if way == "lost":
        talk.lose()
        assert isinstance(done[0], ConnectionGone)
    else:
        d.cancel()
        talk.say(b"* ESEARCH UID MIN 5000\r\n" + line.split(b" ")[0] + b" OK x\r\n")
        assert isinstance(done[0], CancelledError)
        assert talk.heard() == [] and fired(talk.client.noop()) == []
        assert talk.answer() == [b"NOOP"]
