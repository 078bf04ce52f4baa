"""How much a fetch asks for at a time, and when."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.helpers.clients import Conversing, fired, flag_lines
from twisted_imapc._sets import Chosen, UIDSet
from twisted_imapc._windows import Windows
from twisted_imapc.client import Fetched

AIM = 2 * 1024 * 1024


def windows(
    messages: Any, octets: int | None, exists: int, next_uid: int, aim: int = AIM
) -> Windows:
    made = Windows(Chosen(messages).uids, octets, aim)
    made.begin(exists, next_uid)
    return made


def walk_through(
    made: Windows, octets: int, there: Any, room: int = 8000, *, looks: bool = False
) -> tuple[list[str], int]:
    """
    A server that has these UIDs, and answers each window when no other is asked for, and
    where the next message is.  Gives the windows, and the most octets that were on their way.
    """
    texts: list[str] = []
    most = 0
    while not made.isAsked or made.unanswered:
        flight = []
        while made.isHungry():
            line, up_to = made.next(room)
            texts.append(line.decode())
            flight.append((texts[-1], up_to))
        most = max(most, sum(len(found(text, there)) for text, _ in flight) * octets)
        for text, up_to in flight:
            uids = found(text, there)
            for at in range(0, len(uids), 256):
                lot = uids[at : at + 256]
                made.delivered(lot[-1], len(lot), len(lot) * octets)
            made.answered(up_to)
        if looks and (lost := made.lostFrom()) is not None:
            made.skipTo(next((uid for uid in there if uid >= lost), None))
    return texts, most


def found(text: str, there: Any) -> list[int]:
    last = max(there, default=1)
    ends = [(part.partition(":")[0], part.partition(":")[2]) for part in text.split(",")]
    uids: list[int] = []
    for a, b in ends:
        first = int(a)
        end = last if b == "*" else int(b or a)
        if isinstance(there, range):
            low, high = ((uid - there.start) // there.step for uid in (first + there.step - 1, end))
            uids += there[max(0, low) : max(0, high + 1)]
        else:
            uids += [uid for uid in there if first <= uid <= end]
    return uids


def test_a_million_flags() -> None:
    texts, _ = walk_through(windows("1:*", 80, 10**6, 10**6 + 1), 42, range(1, 10**6 + 1))
    assert len(texts) <= 24
    assert texts[0] == "1:26215" and texts[-1].endswith(":*")


def test_unknown_sizes_begin_with_few() -> None:
    texts, most = walk_through(windows("1:*", None, 1500, 1501), 20_000, range(1, 1501))
    assert texts[:2] == ["1:8", "9:113"]
    assert len(texts) < 20 and most < 3 * AIM


def test_one_huge_message_after_small_ones() -> None:
    """What is on its way is bounded by what was measured, not by a message's size."""
    made = windows("1:*", 80, 100, 101)
    made.next(8000)
    assert made.isAsked and not made.isHungry()


@pytest.mark.parametrize("messages", ["1:*", "1:1000000"])
def test_thin_mailboxes_are_asked_for_widely(messages: str) -> None:
    there = range(1, 10**6, 1000)
    texts, _ = walk_through(windows(messages, None, len(there), 10**6), 1000, there)
    assert len(texts) < 12


def test_where_nothing_is_the_windows_grow() -> None:
    """All messages are at the end: the mean of before is no use."""
    there = range(999_000, 10**6)
    texts, _ = walk_through(windows("1:*", None, 1000, 10**6), 1000, there)
    assert len(texts) < 20


def test_a_set_of_many_ranges_where_nothing_is() -> None:
    """How thin can it be, after hundreds of empty windows?"""
    made = windows(UIDSet(range(1, 800_000, 2)), 80, 1000, 10**6)
    texts, _ = walk_through(made, 80, [])
    assert len(texts) > 300


def test_lines_without_room_do_not_make_the_next_window_wide() -> None:
    """Where the messages begin is what a few lines had room for, times 16, and not all."""
    uids = UIDSet(range(1, 20_000, 2)) | UIDSet("1000000:2000000")
    made = windows(uids, None, 10**6, 2_000_001)
    before = up_to = 0
    while up_to < 10_000:
        before = up_to
        _, up_to = made.next(8000)
        made.answered(up_to)
    assert up_to - before < 16 * 2000


@given(st.sets(st.integers(1, 400), min_size=1), st.integers(20, 60), st.sampled_from([None, 80]))
def test_each_is_asked_for_once(uids: set[int], room: int, octets: int | None) -> None:
    made = windows(UIDSet(uids), octets, 200, 401, aim=4000)
    texts, _ = walk_through(made, 300, sorted(uids), room)
    asked = [uid for text in texts for uid in UIDSet(text)]
    assert asked == sorted(uids)
    assert all(len(text) <= room for text in texts)


@pytest.mark.parametrize(
    ("messages", "next_uid", "wanted"),
    [
        ("1:*", 1, ["1:*"]),
        ("7:*", 5, ["7:*"]),
        ("4:*", 5, ["4:*"]),
        ("1,3:*", 5, ["1,3:*"]),
        ("1:2,9:*", 5, ["1:2,9:*"]),
        ("1:2", 9, ["1:2"]),
        ("5", 9, ["5"]),
    ],
)
def test_what_may_still_come_is_in_the_last(messages: str, next_uid: int, wanted: Any) -> None:
    assert walk_through(windows(messages, 80, 4, next_uid), 80, range(1, next_uid))[0] == wanted


def test_no_windows() -> None:
    made = windows("1:*", None, 1000, 1001, aim=0)
    assert made.next(8000)[0] == b"1:*" and made.isAsked


def test_not_too_many_are_unanswered() -> None:
    made = windows("1:1000000", 80, 10**6, 10**6 + 1, aim=10**9)
    made._aim = 1
    for _ in range(8):
        assert made.isHungry() or made._asked
        made.next(8000)
    assert made.unanswered == 8 and not made.isHungry()


def test_a_million_ranges_are_not_gone_through_at_once() -> None:
    """Neither are they all copied: each window takes what it has room for."""
    uids = UIDSet(range(1, 2_000_001, 2))
    tracemalloc.start()
    try:
        made = Windows(uids, 80, AIM)
        made.begin(10**6, 2_000_001)
        text, up_to = made.next(8000)
        made.delivered(1_999_999, 1, 80)
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()
    assert up_to == text.count(b",") + 1 and text.startswith(b"1,3,5,")
    assert made.next(8000)[0].startswith(b"%d," % (2 * up_to + 1))


@pytest.mark.parametrize("to", [None, 1_900_000])
def test_a_million_ranges_are_skipped_at_once(to: int | None) -> None:
    """Nor does what is delivered behind them walk there: seconds of one turn."""
    made = windows(UIDSet(range(1, 2_000_001, 2)), 80, 10**6, 2_000_001)
    made.answered(made.next(8000)[1])
    begun = time.process_time()
    made.skipTo(to)
    if to is not None:
        text, up_to = made.next(8000)
        assert text.startswith(b"1900001,1900003,")
        made.delivered(1_900_003, 2, 160)
        assert made._delivered == up_to - text.count(b",") + 1 == 950_002
    assert time.process_time() - begun < 0.4


def test_they_are_counted_in_a_few_milliseconds() -> None:
    made = windows(UIDSet(range(1, 2_000_001, 2)), 80, 10**6, 2_000_001)
    made.answered(made.next(8000)[1])
    begun = time.process_time()
    made.skipTo(None)
    assert time.process_time() - begun < 0.02


def test_after_many_empty_windows_little_is_gone_through_at_once() -> None:
    """As where it is not asked which message is the next."""
    made = windows(UIDSet(range(1, 1_000_001, 2)), 80, 10**6, 10**6)
    longest = 0.0
    while not made.isAsked:
        begun = time.process_time()
        _, up_to = made.next(8000)
        if made.isAsked:
            made.delivered(999_999, 1, 80)
        made.answered(up_to)
        longest = max(longest, time.process_time() - begun)
    assert made._delivered == 500_000
    assert longest < 0.1


def test_where_many_are_behind_nothing_it_is_lost() -> None:
    """Wider and wider windows would have all of them in one."""
    made = windows("1:*", None, 20_000, 200_000)
    _, up_to = made.next(8000)
    assert made.lostFrom() is None
    made.answered(up_to)
    assert up_to == 80 and made.lostFrom() == 81 and made.lostFrom() is None
    made.skipTo(180_000)
    assert made.isHungry() and made.lostFrom() is None
    texts, most = walk_through(made, 20_000, range(180_000, 200_000))
    assert texts[0] == "180000:180007" and texts[-1].endswith(":*")
    assert most < 3 * AIM


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(1, 900)), min_size=1, max_size=5))
def test_wherever_the_messages_are_each_is_asked_for(parts: list[tuple[int, int]]) -> None:
    """A hole, so many messages, another hole..."""
    there: list[int] = []
    for hole, count in parts:
        start = max(there, default=0) + hole + 1
        there += range(start, start + count)
    texts, most = walk_through(
        windows("1:*", None, len(there), there[-1] + 1), 20_000, there, looks=True
    )
    assert [uid for text in texts for uid in found(text, there)] == there
    # Thin parts before close ones are the worst: 16 times the aim, and less than maxBacklog.
    assert most < 20 * AIM


@pytest.mark.parametrize(("exists", "octets"), [(300, None), (70_000, 80)])
def test_where_not_much_can_come_it_is_not_lost(exists: int, octets: int | None) -> None:
    made = windows("1:*", octets, exists, 10**9)
    while not made.isAsked:
        made.answered(made.next(8000)[1])
        assert made.lostFrom() is None


@given(
    st.sets(st.integers(1, 60), min_size=1),
    st.booleans(),
    st.integers(1, 70),
    st.one_of(st.none(), st.integers(1, 80)),
    st.integers(1, 20),
)
def test_what_is_skipped_is_not_asked_for(
    uids: set[int], is_open: bool, next_uid: int, to: int | None, first: int
) -> None:
    text = ",".join(map(str, sorted(uids))) + (",61:*" if is_open else "")
    made = windows(text, 1, 10**6, next_uid, aim=first)
    before, up_to = made.next(8000)
    made.answered(up_to)
    if made.isAsked:
        return
    made.skipTo(to)
    later = walk_through(made, 1, [])[0] if not made.isAsked else []
    known = sorted(uids | set(range(61, next_uid) if is_open else []))
    asked = [uid for one in (before.decode(), *later) for uid in UIDSet(one.replace("*", "70"))]
    wanted = [
        uid for uid in known if uid in UIDSet(before.decode()) or to is not None and uid >= to
    ]
    assert [uid for uid in asked if uid in wanted] == wanted
    assert len(set(asked)) == len(asked)
    # The last one may be asked for together with what may still come.
    assert set(asked) - set(wanted) <= set(range(61, 71)) | {next_uid - 1}
    assert made._asked == len(known) or is_open
    if is_open:
        assert later[-1].endswith("*")


# ---- Whole fetches, against a server that does as RFC 9051 says ---------------


class PlainMailbox:
    """A mailbox that answers each FETCH, by UID: a set's star is its last message."""

    def __init__(self, talk: Conversing, uids: list[int], octets: int, expunged: int) -> None:
        self.talk = talk
        self.uids = uids
        self.octets = octets
        # How many of the newest go before the last window.
        self.expunged = expunged

    def chosen(self, text: str) -> list[int]:
        ranges = [
            sorted(self.uids[-1] if end == "*" else int(end) for end in part.split(":"))
            for part in text.split(",")
        ]
        return [uid for uid in self.uids if any(one[0] <= uid <= one[-1] for one in ranges)]

    def answer(self, text: str) -> bytes:
        before = b""
        if "*" in text:
            for _ in range(self.expunged):
                before += b"* %d EXPUNGE\r\n" % len(self.uids)
                self.uids.pop()
        return before + b"".join(
            b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n"
            % (self.uids.index(uid) + 1, uid, self.octets, b"x" * self.octets)
            for uid in self.chosen(text)
        )

    def serve(self, together: bool) -> None:
        """Answer to the end; with tags that come late and all together, as Dovecot's do."""
        while lines := self.talk.heard():
            tags = b""
            for line in lines:
                tag, words = line.split(b" ")[0], line.decode().split(" ")
                if words[2] == "FETCH":
                    self.talk.say(self.answer(words[3]))
                elif words[2] == "SEARCH":
                    first = int(words[-1].partition(":")[0])
                    found = [uid for uid in self.uids if uid >= first] or self.uids[-1:]
                    self.talk.say(b"* ESEARCH UID MIN %d\r\n" % found[0])
                tags += tag + b" OK x\r\n"
                if not together:
                    self.talk.say(tags)
                    tags = b""
            self.talk.say(tags)


@settings(deadline=None, max_examples=200)
@given(
    count=st.integers(1, 120),
    gone=st.sets(st.integers(2, 120)),
    newer=st.sampled_from([0, 1, 40, 1000]),
    expunged=st.integers(0, 4),
    octets=st.sampled_from([1, 40, 400]),
    window=st.sampled_from([0, 300, 2000, 20_000]),
    size=st.sampled_from([None, 64, 1000]),
    together=st.booleans(),
    first=st.sampled_from([1, 2, 30, 125]),
)
def test_each_message_comes_once(
    count: int, gone: set[int], newer: int, expunged: int, octets: int, window: int,
    size: int | None, together: bool, first: int,
) -> None:  # fmt: skip
    """Wherever the windows end, and whichever of the newest were expunged before or are now."""
    there = sorted(set(range(1, count + 1)) - gone)
    talk = Conversing(size=size)
    talk.select(len(there), there[-1] + 1 + newer)
    fetch = talk.client.fetch(f"{first}:*", "BODY.PEEK[]", window=window)
    done = fired(fetch.all())
    PlainMailbox(talk, there.copy(), octets, min(expunged, len(there) - 1)).serve(together)
    got = [message.uid for message in done[0]]
    assert got == sorted(set(got))
    left = there[: len(there) - min(expunged, len(there) - 1)]
    assert set(got) >= {uid for uid in left if uid >= first}
    assert set(got) <= {uid for uid in there if uid >= first}


class Flagged:
    """UIDs 1 to 50 of 1000, and a last one with other flags each time."""

    def __init__(self, talk: Conversing) -> None:
        self.talk = talk

    def serve(self) -> None:
        while lines := self.talk.heard():
            for line in lines:
                tag, words = line.split(b" ")[0], line.decode().split(" ")
                if words[2] == "SEARCH":
                    self.talk.say(b"* ESEARCH\r\n")
                elif words[3].endswith("*"):
                    self.talk.say(flag_lines([50], b"now"))
                else:
                    first, _, last = words[3].partition(":")
                    self.talk.say(flag_lines(range(int(first), min(50, int(last)) + 1)))
                self.talk.say(tag + b" OK x\r\n")


def test_what_comes_for_the_star_alone_is_told() -> None:
    """It may have other flags now."""
    talk = Conversing()
    talk.select(50, 1001)
    events: list[Any] = []
    talk.client.listen(events.append, Fetched)
    done = fired(talk.client.fetch("1:*", "FLAGS", window=2000).all())
    Flagged(talk).serve()
    assert [message.uid for message in done[0]] == list(range(1, 51))
    assert [(one.message.uid, set(one.message.flags)) for one in events] == [(50, {"now"})]
