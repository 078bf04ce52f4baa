"""Events of a typed parser: each kind of response as one record."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.helpers.typed import eventsOf, typedParser
from twisted_imapc._imapc import Parser, ranges


def test_typed_is_for_good_and_from_the_start() -> None:
    parser = Parser()
    assert parser.typed is False
    parser.typed = True
    parser.typed = True
    assert parser.typed is True
    with pytest.raises(ValueError):
        parser.typed = False
    late = Parser()
    late.feed(b"x")
    with pytest.raises(ValueError):
        late.typed = True
    with pytest.raises(ValueError):
        late.want(1, None)


def test_a_batch_ends_with_the_chunk_and_before_any_other_event() -> None:
    parser = typedParser(2, ranges("5:6"))
    one, two = (b"* %d FETCH (UID %d FLAGS (\\seen a))\r\n" % (n, n + 4) for n in (1, 2))
    first, second, exists = eventsOf(parser, one, two + b"* 3 EXISTS\r\n")
    assert [first[0], second[0], exists] == ["messages", "messages", ("exists", 3)]
    assert [(m.number, m.uid, m.flags) for m in first[1] + second[1]] == [
        (1, 5, {"\\Seen", "a"}),
        (2, 6, {"\\Seen", "a"}),
    ]
    assert [first[2], second[2]] == [len(one), len(two)]


def test_what_is_held_is_pending() -> None:
    """Or who asks for C{pending} would not come back for it."""
    parser = typedParser(1)
    parser.feed(b"* 1 FETCH (UID 1)\r\nA1 OK done\r\n")
    batch = parser.next()
    assert batch is not None and batch[0] == "messages"
    assert parser.pending > 0
    assert parser.next() == ("tagged", b"A1", "OK", "done", None)
    assert parser.pending == 0 and parser.next() is None


def test_a_batch_has_at_most_256() -> None:
    wire = b"".join(b"* %d FETCH (UID %d)\r\n" % (n, n) for n in range(1, 514))
    events = eventsOf(typedParser(1), wire)
    assert [len(event[1]) for event in events] == [256, 256, 1]
    assert sum(event[2] for event in events) == len(wire)


@pytest.mark.parametrize(
    ("options", "is_wanted"),
    [
        ((1, None), True),
        ((1, ranges([5])), True),
        ((1, ranges("6:*")), False),
        ((2, None), False),
        ((0, None), False),
        ((255, b""), False),
    ],
)
def test_what_is_wanted(options: tuple[int, bytes | None], is_wanted: bool) -> None:
    ((name, *_),) = eventsOf(typedParser(*options), b"* 1 FETCH (UID 5)\r\n")
    assert name == ("messages" if is_wanted else "fetch")
    ((name, *_),) = eventsOf(typedParser(1, ranges([1]), numbers=True), b"* 1 FETCH (UID 5)\r\n")
    assert name == "messages"


def test_what_is_dropped() -> None:
    """Wanted responses, and all that have literals; others are told."""
    parser = typedParser(1, ranges([5]), drop=True)
    wire = (
        b"* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n"
        b"* 1 FETCH (UID 5)\r\n"
        b"* 2 FETCH (UID 6 FLAGS ())\r\n"
        b"* X {2}\r\nab\r\n"
    )
    other, unknown = eventsOf(parser, wire)
    assert other[0] == "fetch" and other[1].uid == 6
    assert unknown == ("other", "X", None, (b"ab",))
    parser.want(1, None)
    assert eventsOf(parser, wire)[0][1][0]["BODY[]"] == b"hello"


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (b"A1 NO [NONEXISTENT] gone", ("tagged", b"A1", "NO", "gone", ("NONEXISTENT", ()))),
        (b"* OK [uidnext 5] \xc3\xa9", ("state", "OK", "\xe9", ("UIDNEXT", (5,)))),
        (b"* OK \xe9", ("state", "OK", "\xe9", None)),
        (b"* [READ-ONLY]", ("state", None, "", ("READ-ONLY", ()))),
        (
            b"* OK [PERMANENTFLAGS (a \\*)] x",
            ("state", "OK", "x", ("PERMANENTFLAGS", (("a", "\\*"),))),
        ),
        (b"* NO [X (] x", ("state", "NO", "[X (] x", None)),
        (b"* BAD [X )] x", ("state", "BAD", "[X )] x", ("X", ()))),
        (b"* BYE", ("state", "BYE", "", None)),
        (b"+ go", ("+", b"go")),
        (b"* 3 EXISTS", ("exists", 3)),
        (b"* 3 expunge", ("expunge", 3)),
        (b"* QUOTA r (STORAGE 1 2)", ("other", "QUOTA", None, ("r", ("STORAGE", 1, 2)))),
        (b"* 5 foo nil", ("other", "FOO", 5, (None,))),
        (
            b"* NAMESPACE ((a&AOk- /)) NIL NIL",
            ("other", "NAMESPACE", None, ((("a\xe9", "/"),), None, None)),
        ),
    ],
)
def test_other_events(wire: bytes, event: Any) -> None:
    assert eventsOf(typedParser(), wire + b"\r\n") == [event]


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (b"* OK [X] hi", ("greeting", "OK", "hi", ("X", ()))),
        (b"* BYE go", ("greeting", "BYE", "go", None)),
        (b"HTTP/1.1 400", ("greeting", None, "HTTP/1.1 400", None)),
        (b"* NO hi", ("greeting", None, "* NO hi", None)),
        (b"* 1 FETCH (UID 1)", ("greeting", None, "* 1 FETCH (UID 1)", None)),
    ],
)
def test_greeting(wire: bytes, event: Any) -> None:
    assert eventsOf(typedParser(1), wire + b"\r\n", greeting=True) == [event]


class TestMessage:
    def one(self, items: bytes) -> Any:
        ((_, message),) = eventsOf(typedParser(), b"* 7 FETCH (" + items + b")\r\n")
        return message

    def test_attributes(self) -> None:
        message = self.one(
            b"UID 9 FLAGS (\\SEEN $x) RFC822.SIZE 18446744073709551615 MODSEQ (12) "
            b'INTERNALDATE " 7-jul-1996 02:44:25 -0730"'
        )
        assert (message.number, message.uid, message.modseq) == (7, 9, 12)
        assert message.flags == {"\\Seen", "$x"} and message.size == 2**64 - 1
        assert message.internalDate.isoformat() == "1996-07-07T02:44:25-07:30"
        assert message.problems == ()
        empty = self.one(b"")
        assert [empty.uid, empty.flags, empty.size, empty.modseq] == [None] * 4
        assert [empty.internalDate, empty.envelope, empty.structure] == [None] * 3

    def test_items(self) -> None:
        message = self.one(
            b'UID 9 BODY[header.fields ("Subject" to)]<0> {2}\r\nab '
            b'RFC822 NIL X-GM-LABELS (a "b c")'
        )
        keys = ("UID", "BODY[HEADER.FIELDS (SUBJECT TO)]<0>", "RFC822", "X-GM-LABELS")
        assert message.keys() == keys
        assert message['body.peek[HEADER.fields (Subject "TO")]<0.2048>'] == b"ab"
        assert message["uid"] == 9 and message["RFC822"] is None
        assert message["x-gm-labels"] == ("a", "b c")
        assert "RFC822" in message and "BODY[]" not in message and 5 not in message
        assert message.get("BODY[]") is None and message.get("BODY[]", 1) == 1
        for absent in ("BODY[]", "FLAGS", "", "(", "BODY[", "BODY[]x", "\xe9"):
            with pytest.raises(KeyError):
                message[absent]

    def test_octets_and_numbers(self) -> None:
        """What is octets is so in whatever form it comes."""
        message = self.one(b'RFC822.TEXT "a\\"b" BODY[1] c BINARY[2] ~{1}\r\n\0 BINARY.SIZE[2] 7')
        assert [message[key] for key in message.keys()] == [b'a"b', b"c", b"\0", 7]
        assert message["binary.peek[2]"] == b"\0"

    def test_the_later_counts(self) -> None:
        message = self.one(
            b"UID 1 UID 2 RFC822 a RFC822 b FLAGS (a) FLAGS x RFC822.SIZE x RFC822.SIZE 3"
        )
        assert (message.uid, message["RFC822"], message.flags, message.size) == (2, b"b", None, 3)
        assert message.keys() == ("UID", "RFC822.SIZE", "RFC822")

    def test_what_breaks_the_list_costs_what_follows(self) -> None:
        for wire, said in (
            (b"UID 1 {1}\r\nx 4) ", "the name of an item is not an atom"),
            (b"UID 1 RFC822.SIZE", "a value is missing"),
            (b"UID 1) x", "octets behind the end of a response's data"),
            (b"UID 1 BODY[(", "the response ends inside a list"),
            (b"UID 1 X-\xff 3)", "the name of an item is not ASCII"),
        ):
            ((_, message),) = eventsOf(typedParser(), b"* 7 FETCH (" + wire + b"\r\n")
            assert message.uid == 1
            assert [problem.message for problem in message.problems] == [said]

    @pytest.mark.parametrize(
        "wire",
        [
            b"0 FETCH (UID 1)",
            b"4294967296 FETCH (UID 1)",
            b"x FETCH (UID 1)",
            b"1 FETCH",
            b"1 FETCH x",
        ],
    )
    def test_what_is_no_record(self, wire: bytes) -> None:
        ((name, *_),) = eventsOf(typedParser(), b"* " + wire + b"\r\n")
        assert name == "malformed"

    def test_limits(self) -> None:
        """What exceeds them is a problem of the record; what fits is there."""
        parser = typedParser()
        parser.maxDepth = 2
        ((_, message),) = eventsOf(parser, b"* 1 FETCH (UID 5 X ((a)) BODY[] NIL)\r\n")
        assert message.keys() == ("UID",) and len(message.problems) == 1

    def test_flags_that_come_again(self) -> None:
        """Are the same object; and count for the limits as if they were read."""
        parser = typedParser()
        wire = b"* 1 FETCH (FLAGS (\\Seen a))\r\n"
        (_, first), (_, second) = eventsOf(parser, wire, wire)
        assert first.flags is second.flags
        parser.maxElementsPerResponse = 4
        ((_, third),) = eventsOf(parser, wire)
        assert third.flags is None and len(third.problems) == 1
        (_, quoted), (_, again) = eventsOf(typedParser(), *[b'* 1 FETCH (FLAGS ("a)" b))\r\n'] * 2)
        assert quoted.flags == again.flags == {"a)", "b"}

    def test_a_malformed_attribute_costs_itself(self) -> None:
        message = self.one(
            b'UID 0 FLAGS x RFC822.SIZE -1 MODSEQ (1 2) INTERNALDATE "30-Feb-2024 00:00:00 +0000" '
            b"RFC822 (a) BODY[TEXT] {1}\r\nx"
        )
        assert [problem.item for problem in message.problems] == [
            "UID", "FLAGS", "RFC822.SIZE", "MODSEQ", "INTERNALDATE", "RFC822"
        ]  # fmt: skip
        assert message.problems[3].wire.startswith(b"(1 2) INTERNALDATE")
        assert message.keys() == ("BODY[TEXT]",) and message["BODY[TEXT]"] == b"x"

    @pytest.mark.parametrize("broken", [b"UID x", b"UID 0", b"UID 4294967296"])
    def test_a_uid_that_is_malformed_is_none(self, broken: bytes) -> None:
        """Nor does one that came before it stand: nobody knows which message it is."""
        wire = b"* 1 FETCH (UID 5 %b FLAGS ())\r\n" % broken
        ((name, message),) = eventsOf(typedParser(1, ranges("1:9")), wire)
        assert (name, message.uid, message.number) == ("fetch", None, 1)
        ((_, (again,), _),) = eventsOf(
            typedParser(1, ranges("1:9")), wire.replace(b"FLAGS ()", b"UID 6")
        )
        assert again.uid == 6

    @pytest.mark.parametrize("item", [b"X 1 ", b"FLAGS x ", b"FLAGS x X {0}\r\n "])
    def test_many_items_are_linear(self, item: bytes) -> None:
        """By the square they would take ten seconds, those with literals fifty."""
        started = time.process_time()
        message = self.one(item * 40_000 + b"FLAGS x LAST 1")
        assert time.process_time() - started < 2
        assert message["LAST"] == 1 and message.problems[-1].wire == b"x LAST 1)"

    def test_it_is_not_made_by_hand(self) -> None:
        with pytest.raises(TypeError):
            type(self.one(b""))()
