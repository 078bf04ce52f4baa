"""What the server tells unasked: one stream, for any number of listeners."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from twisted.logger import LogLevel, capturedLogs, formatEvent

from tests.helpers.clients import Conversing, fired, flag_lines, running
from tests.helpers.rig import logged
from twisted_imapc.client import (
    Alert,
    ConnectionGone,
    Events,
    Exists,
    Expunged,
    Fetched,
    Flags,
    Listed,
    Malformed,
    Missed,
    Mode,
    Notice,
    Recent,
    StatusChanged,
    UIDSet,
    Unknown,
    Vanished,
)

TOLD: list[tuple[bytes, Any]] = [
    (b"4 EXISTS", Exists(4, 3)),
    (b"1 RECENT", Recent(1)),
    (b"2 EXPUNGE", Expunged(2)),
    (b"VANISHED 3:5", Vanished(UIDSet("3:5"), False)),
    (b"VANISHED (EARLIER) 3:5", Vanished(UIDSet("3:5"), True)),
    (b"FLAGS (\\seen x)", Flags(frozenset({"\\Seen", "x"}), frozenset({"\\Seen"}))),
    (b"OK [READ-ONLY] x", Mode(True)),
    (b"[READ-WRITE]", Mode(False)),
    (b"OK [ALERT] fire", Alert("fire")),
    (b"OK still here", Notice("OK", None, (), "still here")),
    (b"NO [X-NEW 7 (a)] hm", Notice("NO", "X-NEW", (7, ("a",)), "hm")),
    (b"BAD what", Notice("BAD", None, (), "what")),
    (b"X-PUSH 1 (a)", Unknown("X-PUSH", None, (1, ("a",)))),
    (b"7 X-PUSH a", Unknown("X-PUSH", 7, ("a",))),
]


@pytest.mark.parametrize(("line", "event"), TOLD)
@pytest.mark.parametrize("size", [None, 1])
def test_each_kind(line: bytes, event: Any, size: int | None) -> None:
    talk = Conversing(size=size)
    talk.select()
    events: list[Any] = []
    talk.client.listen(events.append)
    talk.say(b"* " + line + b"\r\n")
    assert events == [event]


def test_those_with_records() -> None:
    talk = Conversing()
    events: list[Any] = []
    talk.client.listen(events.append)
    talk.say(
        flag_lines([7])
        + b'* STATUS x (MESSAGES 3)\r\n* LIST (\\Sent) "/" y\r\n* STATUS x (MESSAGES\r\n'
    )
    fetched, changed, listed, malformed = events
    assert isinstance(fetched, Fetched) and fetched.message.uid == 7
    assert isinstance(changed, StatusChanged) and changed.status.messages == 3
    assert isinstance(listed, Listed) and listed.info.specialUse == "\\Sent"
    assert isinstance(malformed, Malformed) and malformed.wire.startswith(b"* STATUS x")


def test_the_mailbox_is_changed_first() -> None:
    talk = Conversing()
    mailbox = talk.select()
    seen: list[Any] = []
    talk.client.listen(lambda event: seen.append((mailbox.exists, mailbox.uidNext)), Exists)
    talk.say(b"* 5 EXISTS\r\n* 6 EXISTS\r\n")
    assert seen == [(5, None), (6, None)]
    talk.say(b"* 2 EXPUNGE\r\n* OK [UIDNEXT 20] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n")
    assert (mailbox.exists, mailbox.uidNext, mailbox.highestModseq) == (5, 20, 9)


def test_alerts_are_told_wherever_they_stand() -> None:
    talk = Conversing()
    alerts: list[Any] = []
    talk.client.listen(alerts.append, Alert)
    done = fired(talk.client.noop()), fired(talk.client.status("x"))
    tags = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(tags[0] + b" OK [ALERT] one\r\n" + tags[1] + b" NO [ALERT] two\r\n")
    assert alerts == [Alert("one"), Alert("two")] and done[0] == [None]


def test_an_alert_that_nobody_hears_is_logged() -> None:
    """As one of the greeting, before there is a client to listen to."""
    with capturedLogs() as lines:
        talk = Conversing(greeting=b"* OK [ALERT] down \x1b[5m at noon\r\n")
    (line,) = lines
    assert line["log_level"] is LogLevel.warn
    assert formatEvent(line) == "Alert of the server: down \\x1b[5m at noon"
    stop = talk.client.listen(print, Exists)
    with capturedLogs() as lines:
        talk.say(b"* OK [ALERT] again\r\n")
    assert len(lines) == 1
    stop()
    for hear in (lambda: talk.client.listen(lambda _: None), lambda: talk.client.events(Alert)):
        heard = hear()
        with capturedLogs() as lines:
            talk.say(b"* OK [ALERT] again\r\n")
        assert not lines
        if callable(heard):
            heard()


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"OK [X-NEW 7 (a)] hm", Notice("OK", "X-NEW", (7, ("a",)), "hm")),
        (b"OK [UIDNOTSTICKY] x", Notice("OK", "UIDNOTSTICKY", (), "x")),
        (b"OK [INUSE] x", Notice("OK", "INUSE", (), "x")),
        (b"OK [ALERT] fire", Alert("fire")),
        (b"NO [X-NEW] hm", Notice("NO", "X-NEW", (), "hm")),
        (b"OK still here", Notice("OK", None, (), "still here")),
    ],
)
@pytest.mark.parametrize("old", [False, True])
def test_codes_that_are_not_the_mailbox_s_during_select(line: bytes, event: Any, old: bool) -> None:
    """In front of CLOSED, and behind it; none of them is lost, or told twice."""
    talk = Conversing()
    talk.select()
    events: list[Any] = []
    talk.client.listen(events.append)
    done = fired(talk.client.select("other"))
    before, after = (b"* " + line + b"\r\n", b"") if old else (b"", b"* " + line + b"\r\n")
    talk.answer(before + b"* OK [CLOSED] x\r\n" + after + b"* 9 EXISTS\r\n")
    assert events == [event] and done[0].exists == 9


def test_capabilities_are_no_event() -> None:
    talk = Conversing()
    events: list[Any] = []
    talk.client.listen(events.append)
    talk.say(b"* CAPABILITY IMAP4rev1 IDLE\r\n")
    assert events == [] and talk.client.capabilities == {"IMAP4REV1", "IDLE"}


def test_events_come_before_a_later_answer() -> None:
    talk = Conversing()
    talk.select()
    order: list[str] = []
    talk.client.listen(lambda event: order.append(type(event).__name__))
    talk.client.noop().addCallback(lambda _: order.append("done"))
    talk.answer(b"* 4 EXISTS\r\n* 1 EXPUNGE\r\n")
    talk.say(b"* 2 EXISTS\r\n")
    assert order == ["Exists", "Expunged", "done", "Exists"]


def test_kinds_and_stopping() -> None:
    talk = Conversing()
    events: list[Any] = []
    stop = talk.client.listen(events.append, Exists, Alert)
    talk.say(b"* 4 EXISTS\r\n* 1 RECENT\r\n* OK [ALERT] x\r\n")
    assert [type(event) for event in events] == [Exists, Alert]
    stop()
    stop()
    talk.say(b"* 4 EXISTS\r\n")
    assert len(events) == 2


def test_a_listener_that_raises_is_logged() -> None:
    talk = Conversing()
    events: list[Any] = []

    def fail(event: Any) -> None:
        raise LookupError("mine")

    talk.client.listen(fail)
    talk.client.listen(events.append)
    talk.say(b"* 4 EXISTS\r\n")
    assert events == [Exists(4, 0)] and not talk.isLost
    assert [type(error) for error in logged()] == [LookupError]


async def read_all(iterator: Events, into: list[Any]) -> str:
    async for event in iterator:
        into.append(event)
    return "over"


def test_iterating() -> None:
    talk = Conversing()
    iterator = talk.client.events(Exists)
    other = talk.client.events()
    talk.say(b"* 4 EXISTS\r\n* 1 RECENT\r\n")
    got: list[Any] = []
    done = running(read_all(iterator, got))
    assert got == [Exists(4, 0)]
    talk.say(b"* 5 EXISTS\r\n")
    assert len(got) == 2 and done == []
    talk.client.logout()
    talk.answer(b"* BYE x\r\n")
    assert done == ["over"]
    more: list[Any] = []
    assert running(read_all(other, more)) == ["over"] and len(more) == 3


def test_iterating_up_to_a_loss() -> None:
    talk = Conversing()
    got: list[Any] = []
    done = running(read_all(talk.client.events(), got))
    talk.say(b"* 4 EXISTS\r\n")
    talk.lose()
    assert got == [Exists(4, 0)] and isinstance(done[0], ConnectionGone)
    assert isinstance(running(read_all(talk.client.events(), got))[0], ConnectionGone)


def test_the_oldest_go_where_nobody_reads() -> None:
    talk = Conversing()
    iterator = talk.client.events()
    talk.say(b"".join(b"* %d EXISTS\r\n" % n for n in range(1, 10_004)))
    got: list[Any] = []
    running(read_all(iterator, got))
    assert got[0] == Missed(3) and got[1].count == 4 and len(got) == 10_001


def test_an_iterator_that_is_dropped_is_forgotten() -> None:
    talk = Conversing()
    iterator = talk.client.events()
    gone = weakref.ref(iterator)
    del iterator
    assert gone() is None
    talk.say(b"* 4 EXISTS\r\n")


def test_one_who_waits_for_events_is_not_collected() -> None:
    talk = Conversing()
    got: list[Any] = []
    running(read_all(talk.client.events(), got))
    gc.collect()
    talk.say(b"* 4 EXISTS\r\n")
    assert len(got) == 1


def test_cancelling_who_waits_for_events() -> None:
    talk = Conversing()
    iterator = talk.client.events()

    async def one() -> Any:
        return await iterator.__anext__()

    from twisted.internet.defer import Deferred

    d = Deferred.fromCoroutine(one())
    done = fired(d)
    d.cancel()
    assert len(done) == 1
    assert running(one()) == []
    with pytest.raises(RuntimeError):
        raise running(one())[0]
    talk.say(b"* 4 EXISTS\r\n")
