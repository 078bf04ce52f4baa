"""Typed events about mailboxes and about numbers of messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.typed import eventsOf, typedParser
from twisted_imapc._imapc import countRanges, in_ranges, joinRanges, ranges, subtractRanges

SEARCH_MALFORMED = "SEARCH with what is no number"
NO_UIDS = "VANISHED without a set of UIDs"


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (
            b'LIST (\\noINFERIORS \\HasChildren x) "/" "a&AOk-" (CHILDINFO ("SUBSCRIBED"))',
            (
                "list",
                {"\\Noinferiors", "\\HasChildren", "x"},
                "/",
                "a\xe9",
                ("CHILDINFO", ("SUBSCRIBED",)),
            ),
        ),
        (b"LSUB () NIL {3}\r\nabc", ("lsub", frozenset(), None, "abc", ())),
        (b'LIST () "/" a b', ("list", frozenset(), "/", "a b", ())),
        (b'LIST () "\\" NIL', ("list", frozenset(), "\\", "NIL", ())),
        (b'LIST () "/" x (', ("list", frozenset(), "/", "x", ())),
        (b'LIST () "/" x (a) b', ("list", frozenset(), "/", "x", ())),
        (b'STATUS "x" (MESSAGES 3 unseen NIL)', ("status", "x", {"MESSAGES": 3, "UNSEEN": None})),
        (b"STATUS a b (X-y (F1))", ("status", "a b", {"X-Y": ("F1",)})),
        (b"STATUS x ()", ("status", "x", {})),
        (b"SEARCH 3 1 2 9", ("search", ranges("1:3,9"), None)),
        (b"SEARCH", ("search", b"", None)),
        (b"SEARCH 2(MODSEQ 917)", ("search", ranges("2"), 917)),
        (b"SEARCH 2 (A B) ", ("search", ranges("2"), None)),
        (b"SORT 5 3 4 (MODSEQ 18446744073709551615)", ("sort", [5, 3, 4], 2**64 - 1)),
        (b"VANISHED (EARLIER) 41,43:116", ("vanished", True, ranges("41,43:116"))),
        (b"vanished 5:3", ("vanished", False, ranges("3:5"))),
        (b"ESEARCH UID MIN 4", ("other", "ESEARCH", None, ("UID", "MIN", 4))),
    ],
)
def test_events(wire: bytes, event: tuple[Any, ...]) -> None:
    assert eventsOf(typedParser(), b"* " + wire + b"\r\n") == [event]


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (b"LIST", "a list of flags was expected"),
        (b'LIST () "/"', "the name of a mailbox is missing"),
        (b"STATUS x", "a list of items was expected"),
        (b"STATUS x (MESSAGES", "a value is missing"),
        (b"SEARCH 1 x", SEARCH_MALFORMED),
        (b"SEARCH 1 4294967296", "a number that no message can have"),
        (b"SEARCH 0", "a number that no message can have"),
        (b"SEARCH 1 (", "the response ends inside a list"),
        (b"VANISHED", NO_UIDS),
        (b"VANISHED (X) 1", NO_UIDS),
        (b"VANISHED (EARLIER 1", NO_UIDS),
        (b"VANISHED 1,", NO_UIDS),
        (b"VANISHED 1 2", "octets behind the end of a response's data"),
    ],
)
def test_malformed(wire: bytes, message: str) -> None:
    ((name, said, shown, _),) = eventsOf(typedParser(), b"* " + wire + b"\r\n")
    assert (name, said, shown) == ("malformed", message, b"* " + wire)


def test_the_servers_own_names() -> None:
    parser = typedParser()
    eventsOf(parser, b'* LIST () "/" a&b\r\n* STATUS c&d ()\r\n')
    assert parser.names == {"a&b": b"a&b", "c&d": b"c&d"}


class TestRanges:
    @pytest.mark.parametrize(
        ("source", "pairs"),
        [
            ([], []),
            ([1, 2, 3], [1, 3]),
            ([5, 1, 4, 2, 2, 9], [1, 2, 4, 5, 9, 9]),
            (range(1, 1001), [1, 1000]),
            ("7", [7, 7]),
            ("5:3,1,4:9,*", [1, 1, 3, 9, 2**32 - 1, 2**32 - 1]),
            ("9:*,1:4294967295", [1, 2**32 - 1]),
            ("1:9,2:3,10", [1, 10]),
        ],
    )
    def test_pairs(self, source: Any, pairs: list[int]) -> None:
        assert memoryview(ranges(source)).cast("I").tolist() == pairs

    @pytest.mark.parametrize(
        "source",
        ["", ",", "1,", "0", "1:", ":1", "a", "1 2", "$", "4294967296", [0], [-1], [2**32]],
    )
    def test_what_is_no_set(self, source: Any) -> None:
        with pytest.raises(ValueError):
            ranges(source)

    @pytest.mark.parametrize("source", [5, ["1"], None, b"x".__class__])
    def test_of_another_type(self, source: Any) -> None:
        with pytest.raises(TypeError):
            ranges(source)

    def test_joined_and_subtracted(self) -> None:
        """What touches is one range; one of theirs may lie in several of ours."""
        assert joinRanges() == joinRanges(b"") == b""
        some = ranges("1:3,5,9:12,4294967295")
        assert joinRanges(ranges("4,20:30,40"), some) == ranges("1:5,9:12,20:30,40,4294967295")
        assert joinRanges(some, ranges("7"), ranges("6:30,2")) == ranges("1:3,5:30,4294967295")
        for theirs, left in [
            ("3:10", "1:2,11:12,4294967295"),
            ("2,5,10:11", "1,3,9,12,4294967295"),
            ("13:4294967295", "1:3,5,9:12"),
            ("4,6:8,13", "1:3,5,9:12,4294967295"),
        ]:
            assert subtractRanges(some, ranges(theirs)) == ranges(left)
        assert subtractRanges(some, b"") == some
        assert subtractRanges(b"", some) == subtractRanges(some, ranges("1:*")) == b""

    def test_counted(self) -> None:
        some = ranges("2:4,9,11:20")
        assert [countRanges(some, *two) for two in ((0, 3), (0, 9), (1, 2), (2, 2))] == [
            14, 14, 1, 0
        ]  # fmt: skip
        assert countRanges(some, -5, 1) == 3 and countRanges(some, 5, 9) == 0
        assert countRanges(ranges("1:*"), 0, 1) == 2**32 - 1

    def test_what_is_no_set_is_refused(self) -> None:
        for other in (b"1234567", "1", None):
            for call in (
                lambda one: joinRanges(b"", one),
                lambda one: subtractRanges(b"", one),
                lambda one: countRanges(one, 0, 1),
            ):
                with pytest.raises(TypeError):
                    call(other)
        with pytest.raises(TypeError):
            subtractRanges(b"")  # type: ignore[call-arg]

    def test_in_ranges(self) -> None:
        some = ranges("3:5,9")
        within = [n for n in (-1, 0, 2, 3, 4, 5, 6, 8, 9, 10, 2**32 + 9) if in_ranges(some, n)]
        assert within == [3, 4, 5, 9]
        assert not in_ranges(b"", 1)
        for other in (b"x", "x"):
            with pytest.raises(TypeError):
                in_ranges(other, 1)  # type: ignore[arg-type]
