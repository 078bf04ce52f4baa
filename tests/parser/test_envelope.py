"""Envelope and Address: as far as they go, and decoded for people."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.helpers.typed import eventsOf, typedParser

# RFC 9051, section 8.
EXAMPLE = (
    b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'((NIL NIL "imap" "cac.washington.edu")) '
    b'((NIL NIL "minutes" "CNRI.Reston.VA.US") '
    b'("John Klensin" "@a,@b" "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@example>")'
)

SHORT = "subject replyTo from_ sender to cc bcc inReplyTo messageId date rawDate rawSubject".split()


def enveloped(envelope: bytes) -> Any:
    """The message with that envelope, and an item behind it."""
    wire = b"* 1 FETCH (ENVELOPE " + envelope + b" UID 5)\r\n"
    ((_, message),) = eventsOf(typedParser(), wire)
    assert message.uid == 5
    return message


def addressed(addresses: bytes) -> tuple[Any, ...]:
    """Those of From."""
    message = enveloped(b"(NIL NIL " + addresses + b" NIL NIL NIL NIL NIL NIL NIL)")
    assert message.problems == ()
    result: tuple[Any, ...] = message.envelope.from_
    return result


def subject(raw: bytes) -> str | None:
    literal = b"{%d}\r\n%b" % (len(raw), raw)
    message = enveloped(b"(NIL " + literal + b" NIL NIL NIL NIL NIL NIL NIL NIL)")
    assert message.envelope.rawSubject == raw.decode("latin-1")
    result: str | None = message.envelope.subject
    return result


def shown(address: Any) -> tuple[Any, ...]:
    return (address.name, address.route, address.mailbox, address.host)


def test_the_example_of_the_rfc() -> None:
    envelope = enveloped(EXAMPLE).envelope
    assert envelope.date == datetime(1996, 7, 17, 2, 23, 25, tzinfo=timezone(timedelta(hours=-7)))
    assert envelope.rawDate == "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)"
    assert envelope.subject == "IMAP4rev2 WG mtg summary and minutes"
    assert [shown(each) for each in envelope.from_] == [
        ("Terry Gray", None, "gray", "cac.washington.edu")
    ]
    assert envelope.from_[0].address == "gray@cac.washington.edu"
    assert [each.address for each in envelope.cc] == [
        "minutes@CNRI.Reston.VA.US",
        "KLENSIN@MIT.EDU",
    ]
    assert envelope.cc[1].route == "@a,@b"
    assert envelope.bcc == () and envelope.inReplyTo is None
    assert envelope.messageId == "<B27397-0100000@example>"


def test_equal_lists_are_one_tuple() -> None:
    envelope = enveloped(EXAMPLE).envelope
    assert envelope.from_ is envelope.sender is envelope.replyTo
    assert envelope.to is not envelope.from_


def test_equal_octets_that_go_on_otherwise_are_not() -> None:
    message = enveloped(b'(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")(NIL NIL "c" "d")))')
    assert len(message.envelope.from_) == 1 and len(message.envelope.sender) == 2


def test_equal_literals_are_read_each() -> None:
    one = b'((NIL NIL {1}\r\na "h"))'
    other = b'((NIL NIL {1}\r\nb "h"))'
    envelope = enveloped(b"(NIL NIL " + one + b" " + other + b" " + one + b")").envelope
    found = [each[0].mailbox for each in (envelope.from_, envelope.sender, envelope.replyTo)]
    assert found == ["a", "b", "a"]


def test_equal_lists_count_for_the_limits() -> None:
    """As if they were read: 3 lists of 2 with 4 strings each, the envelope, its 7 others..."""
    wire = b"* 1 FETCH (ENVELOPE " + EXAMPLE + b")\r\n"

    def problems(elements: int, lists: int) -> Any:
        parser = typedParser()
        parser.maxElementsPerResponse, parser.maxListsPerResponse = elements, lists
        ((_, message),) = eventsOf(parser, wire)
        return [problem.message for problem in message.problems]

    # The list of items, ENVELOPE, the envelope with 2 + 6 x (1 + 1 + 4) + 1 + 4 + 3 in it.
    elements = 2 + 1 + 2 + 3 * 6 + 6 + 11 + 3
    lists = 1 + 1 + 3 * 2 + 2 + 3
    assert problems(elements, lists) == []
    assert problems(elements - 1, lists) == ["more than maxElementsPerResponse elements"]
    assert problems(elements, lists - 1) == ["more than maxListsPerResponse lists"]


@pytest.mark.parametrize(
    ("envelope", "fields"),
    [
        (b"()", {}),
        (b'("d" "s")', {"subject": "s", "rawSubject": "s", "rawDate": "d"}),
        (b'(NIL ("s" (x)) "f" f (NIL "x") () NIL NIL (a) "i" "more" (and (more)))',
         {"messageId": "i"}),
        (b"(NIL 12 NIL NIL NIL NIL NIL NIL 0 nil)",
         {"subject": "12", "rawSubject": "12", "inReplyTo": "0"}),
        (b'(BODY[x (y)] "s")', {"subject": None, "rawSubject": None, "rawDate": "BODY"}),
    ],
)  # fmt: skip
def test_as_far_as_it_goes(envelope: bytes, fields: dict[str, Any]) -> None:
    message = enveloped(envelope)
    assert message.problems == ()
    empty: dict[str, Any] = dict.fromkeys(SHORT)
    empty.update(dict.fromkeys(("from_", "sender", "replyTo", "to", "cc", "bcc"), ()))
    assert {name: getattr(message.envelope, name) for name in SHORT} == {**empty, **fields}


def test_what_is_no_list() -> None:
    message = enveloped(b'"x"')
    assert message.envelope is None and "ENVELOPE" not in message
    assert [tuple(problem) for problem in message.problems] == [
        ("ENVELOPE", "an envelope was expected", b'"x" UID 5)')
    ]


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (b"()", []),
        (b"(())", [(None, None, None, None)]),
        (b'(("n"))', [("n", None, None, None)]),
        (b'((a b c d "e" (f)))', [("a", "b", "c", "d")]),
        (b'((a (x (y)) c))', [("a", None, "c", None)]),
        (b'("x" NIL ((q)) (NIL NIL 1 2))',
         [(None, None, None, None), (None, None, "1", "2")]),
        (b'((NIL NIL "=?utf-8?q?=C3=A9?=" NIL)(NIL NIL NIL NIL))',
         [(None, None, "\xe9", None), (None, None, None, None)]),
        (b'(("=?utf-8?q?=C3=A9?=" NIL "=?utf-8?q?=C3=A9?=" "\xc3\xa9"))',
         [("\xe9", None, "=?utf-8?q?=C3=A9?=", "\xe9")]),
        (b'(("\xe9" NIL "\xe9" "x"))', [("\xe9", None, "\xe9", "x")]),
    ],
)  # fmt: skip
def test_addresses(addresses: bytes, expected: list[Any]) -> None:
    assert [shown(each) for each in addressed(addresses)] == expected


def test_address() -> None:
    texts = [each.address for each in addressed(b"((NIL NIL a b)(NIL NIL a NIL)(NIL NIL NIL b))")]
    assert texts == ["a@b", None, None]
    (named,) = addressed(b'(("=?utf-8?q?x?=" NIL a b))')
    assert (named.name, named.rawName) == ("x", "=?utf-8?q?x?=")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ""),
        (b"plain = text ?", "plain = text ?"),
        (b"a=?", "a=?"),
        (b"=?utf-8?q?a_b=3D?=", "a b="),
        (b"=?UTF-8?B?w6k=?= x", "\xe9 x"),
        (b"=?utf-8?b?w6k?=", "\xe9"),
        (b"=?utf-8*en?b?w6k===?=", "\xe9"),
        (b"=?utf-8?q?=C3?=  =?UTF-8?q?=A9?=", "\xe9"),
        (b"=?utf-8?b?w6k=?=\r\n =?utf-8?b?w6k=?=", "\xe9\xe9"),
        (b"=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "\xe9\xe9"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"=?iso-2022-jp?b?GyRCJCIbKEI=?=", "\u3042"),
        (b"=?nonsense?q?=C3=A9?=", "\xe9"),
        (b"=?nonsense?q?=E9?=", "\xe9"),
        (b"=?utf-8?q?=E9x?=", "\ufffdx"),
        (b"=?rot13?q?abc?=", "abc"),
        (b"=?a\0b?q?x?=", "x"),
        (b"=?utf-8?b?a?=", "=?utf-8?b?a?="),
        (b"=?utf-8?q?=zz=4?=", "=zz=4"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"\xc3\xa9", "\xe9"),
        (b"\xe9", "\xe9"),
        (b"\xc3\xa9 =?utf-8?q?=C3=A9?=", "\xe9 \xe9"),
    ],
)
def test_text_for_people(raw: bytes, expected: str) -> None:
    assert subject(raw) == expected


def test_plain_text_is_as_it_came() -> None:
    envelope = enveloped(EXAMPLE).envelope
    assert envelope.subject is envelope.rawSubject


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Wed, 17 Jul 1996 02:23:25 -0000", "1996-07-17T02:23:25+00:00"),
        ("17 Jul 1996 02:23", "1996-07-17T02:23:00+00:00"),
        ("17 Jul 1996 23:59:60 +0100", "1996-07-17T23:59:59+01:00"),
        ("1 Jan 99 1:2:3 EST", "1999-01-01T01:02:03-05:00"),
        ("30 Feb 2024 00:00:00 +0000", None),
        ("17 Jul 1996 02:23:25 +9999", None),
        ("17 Jul 99999999999999999999 02:23:25 +0000", None),
        ("", None),
        ("x", None),
        ("=?utf-8?q?x?=", None),
        (", , , :", None),
    ],
)
def test_dates(raw: str, expected: str | None) -> None:
    envelope = enveloped(b'("%b")' % raw.encode()).envelope
    assert envelope.rawDate == raw
    assert envelope.date == (expected and datetime.fromisoformat(expected))
    assert expected is None or envelope.date.tzinfo is not None


class TestRecords:
    def records(self) -> list[Any]:
        message = enveloped(EXAMPLE)
        return [message, message.envelope, message.envelope.to[0]]

    def test_what_they_show(self) -> None:
        message, envelope, address = self.records()
        assert repr(message) == "<Message 1 uid=5 ENVELOPE>"
        assert repr(address) == "<Address imap@cac.washington.edu>"
        assert repr(envelope.from_[0]) == "<Address 'Terry Gray' <gray@cac.washington.edu>>"
        assert repr(envelope).startswith("<Envelope 'IMAP4rev2 WG mtg summary and minutes' from")
        group = addressed(b'((NIL NIL "g" NIL)(NIL NIL NIL NIL))')
        assert list(map(repr, group)) == ["<Address group 'g'>", "<Address end of group>"]
        assert repr(enveloped(b"(NIL NIL ((NIL NIL NIL NIL)))").envelope)

    def test_what_cannot_be_done_to_them(self) -> None:
        for record in self.records():
            cls = type(record)
            assert cls.__module__ == "twisted_imapc.client"
            with pytest.raises(TypeError):
                cls()
            with pytest.raises(TypeError):
                pickle.dumps(record)
            with pytest.raises(TypeError):
                copy.copy(record)
            with pytest.raises(AttributeError):
                record.other = 1
            with pytest.raises(AttributeError):
                record.date = 1
            with pytest.raises(TypeError):
                cls.other = 1
