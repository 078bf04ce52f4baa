"""Sets of messages, beside Python's own sets."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest
from hypothesis import given, strategies as st
from twisted.mail.imap4 import MessageSet

from twisted_imapc._sets import LAST, Chosen, Numbers, UIDSet, cut

uid_lists = st.lists(st.integers(1, 60) | st.integers(LAST - 3, LAST))


@given(uid_lists, uid_lists)
def test_as_sets_are(ours: list[int], theirs: list[int]) -> None:
    a, b = UIDSet(ours), UIDSet(theirs)
    assert list(a) == sorted(set(ours)) and len(a) == len(set(ours))
    assert list(a | b) == sorted({*ours, *theirs})
    assert list(a & b) == sorted({*ours} & {*theirs})
    assert list(a - b) == sorted({*ours} - {*theirs})
    assert (a == b) is (set(ours) == set(theirs))
    assert all((uid in a) is (uid in ours) for uid in [*theirs, 0, -1, LAST + 1])
    assert (a.first, a.last) == ((min(ours), max(ours)) if ours else (None, None))
    assert bool(a) is bool(ours)
    assert hash(a) == hash(UIDSet(reversed(ours)))
    assert pickle.loads(pickle.dumps(a)) == a


@given(uid_lists.filter(bool))
def test_its_text_is_a_sequence_set(uids: list[int]) -> None:
    made = UIDSet(uids)
    assert UIDSet(str(made)) == made
    firsts = [first for first, _ in made.ranges]
    lasts = [last for _, last in made.ranges]
    assert all(last + 1 < first for last, first in zip(lasts, firsts[1:], strict=False))


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (7, "7"),
        ("4,7:9,8:12,2", "2,4,7:12"),
        ("9:7", "7:9"),
        (range(3, 6), "3:5"),
        (range(5, 1, -2), "3,5"),
        ((n for n in (5, 4)), "4:5"),
        (MessageSet(2, 4), "2:4"),
        (MessageSet(), ""),
        ((), ""),
        ("", ""),
        (UIDSet([1]), "1"),
    ],
)
def test_whatever_stands_for_messages(messages: Any, text: str) -> None:
    assert str(UIDSet(messages)) == text


@pytest.mark.parametrize(
    "messages", [0, -1, LAST + 1, "1:*", "*", "$", "1,,2", "1 2", "0", "1:", "a", "1\r\n", [0]]
)
def test_what_is_no_set(messages: Any) -> None:
    with pytest.raises(ValueError):
        UIDSet(messages)


@pytest.mark.parametrize("messages", [True, b"1", None, 1.5, ["1"]])
def test_what_is_no_number(messages: Any) -> None:
    with pytest.raises(TypeError):
        UIDSet(messages)


def test_a_large_range_is_small() -> None:
    assert len(UIDSet(range(1, LAST)).octets) == 8
    assert repr(UIDSet(range(1, 400, 2))).endswith("...')")
    assert UIDSet([1]) != "1" and "1" not in UIDSet([1])


@pytest.mark.parametrize(
    ("messages", "texts", "is_whole"),
    [
        ("1:*", [b"1:*"], False),
        ("5,9:*", [b"5,9:*"], False),
        ("*:9", [b"9:*"], False),
        ("*", [b"*"], True),
        ("3,*", [b"3,*"], True),
        ("$", [b"$"], True),
        ("*:*", [b"*"], True),
        ("4294967295:*,*", [b"*"], True),
        ("4294967294:*", [b"4294967294:*"], False),
        ("7:*,4294967295:*", [b"7:*"], False),
        (MessageSet(3, None), [b"3:*"], False),
        (MessageSet(None), [b"*"], True),
        (Numbers("1:3,*"), [b"1:3,*"], True),
        (Numbers(4), [b"4"], True),
    ],
)
def test_what_a_command_is_for(messages: Any, texts: list[bytes], is_whole: bool) -> None:
    chosen = Chosen(messages)
    assert (chosen.texts(100), chosen.isWhole) == (texts, is_whole)
    assert chosen and chosen.uids


def test_nothing_is_nothing() -> None:
    assert not Chosen([]) and not Chosen("") and not Chosen(UIDSet())
    assert not Chosen(Numbers([]))


def test_numbers_know_when_they_were_made() -> None:
    first, second = Numbers("1:2"), Numbers([7])
    assert first.made < second.made
    assert (str(first), repr(second)) == ("1:2", "Numbers('7')")


@given(uid_lists.filter(bool), st.integers(1, 40))
def test_long_sets_are_cut(uids: list[int], octets: int) -> None:
    text = str(UIDSet(uids)).encode()
    pieces = cut(text, octets)
    assert b",".join(pieces) == text
    assert all(len(piece) <= octets or b"," not in piece for piece in pieces)


@pytest.mark.parametrize("octets", [0, -2, -60])
def test_without_room_sets_are_cut_at_each_comma(octets: int) -> None:
    assert cut(b"1,3,5:7", octets) == [b"1", b"3", b"5:7"]


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (LAST, b"4294967295"),
        ([3, LAST], b"3,4294967295"),
        (UIDSet(f"5:{LAST}"), b"5:4294967295"),
        ("5:4294967295", b"5:4294967295"),
        (Numbers(LAST), b"4294967295"),
        (Numbers("5:4294967295"), b"5:4294967295"),
        ("4294967295:*", b"4294967295"),
        ("3,*:4294967295", b"3,4294967295"),
        (MessageSet(LAST, None), b"4294967295"),
        (Numbers("4294967295:*"), b"4294967295"),
    ],
)
def test_the_last_number_is_no_star(messages: Any, text: bytes) -> None:
    """C{*} is the last message there is, whatever its UID: nobody has asked for that."""
    chosen = Chosen(messages)
    assert chosen.texts(100) == [text]
    assert chosen.uids == UIDSet(text.decode())


def test_sets_of_many_ranges_are_merged_in_one_walk() -> None:
    """Each operator: by the square they would take hours, in Python seconds."""
    n = 500_000
    ours, theirs = UIDSet(range(1, 4 * n, 4)), UIDSet(range(3, 4 * n, 4))
    begun = time.process_time()
    assert len(ours | theirs) == 2 * n
    assert (ours & theirs, ours - theirs) == (UIDSet(), ours)
    assert (ours & ours, ours - ours) == (ours, UIDSet())
    assert len(UIDSet.union(UIDSet([uid]) for uid in range(1, 20_000, 2))) == 10_000
    assert time.process_time() - begun < 0.5
