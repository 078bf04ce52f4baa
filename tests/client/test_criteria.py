"""What search() sends, and what it refuses."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from twisted_imapc import _encode
from twisted_imapc._criteria import Raw, criteria, inParts, numbersIn
from twisted_imapc._sets import Numbers, UIDSet


def sent(*words: Any, **options: Any) -> bytes:
    """As one line, with all literals at once."""
    (line,) = _encode.segments([tuple(criteria(words, **options))], 10**9)
    return line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), b"ALL"),
        (("unseen", "Flagged"), b"UNSEEN FLAGGED"),
        (("SINCE", date(2024, 1, 1)), b"SINCE 1-Jan-2024"),
        (("ON", datetime(2024, 12, 31, 23, tzinfo=timezone.utc)), b"ON 31-Dec-2024"),
        (("SUBJECT", "NIL"), b'SUBJECT "NIL"'),
        (("SUBJECT", 'a "b" \\ {3}'), b'SUBJECT "a \\"b\\" \\\\ {3}"'),
        (("SUBJECT", "jörg"), b"CHARSET UTF-8 SUBJECT {5+}\r\nj\xc3\xb6rg"),
        (("SUBJECT", b"x UNSEEN"), b'SUBJECT "x UNSEEN"'),
        (("HEADER", "List-Id", ""), b'HEADER "List-Id" ""'),
        (("LARGER", 10_000), b"LARGER 10000"),
        (("X-GM-MSGID", 2**64 - 1), b"X-GM-MSGID 18446744073709551615"),
        (("KEYWORD", "$Junk"), b"KEYWORD $Junk"),
        (("UID", "3:*"), b"UID 3:*"),
        (("UID", [1, 2, 7]), b"UID 1:2,7"),
        (("UID", "$"), b"UID $"),
        ((UIDSet([4]), "SEEN"), b"UID 4 SEEN"),
        ((Numbers("2:3"),), b"2:3"),
        (("EMAILID", "M6d99ac3275bb4e"), b"EMAILID M6d99ac3275bb4e"),
        (("NOT", "SEEN", "DELETED"), b"NOT SEEN DELETED"),
        (("NOT", ("SEEN", "DELETED")), b"NOT (SEEN DELETED)"),
        (
            ("OR", "FROM", "a", ("SUBJECT", "x", "LARGER", 5), "ALL"),
            b'OR FROM "a" (SUBJECT "x" LARGER 5) ALL',
        ),
        (("OR", "NOT", "SEEN", "OR", "NEW", "OLD"), b"OR NOT SEEN OR NEW OLD"),
        ((Raw("X-NEW", "a b", 7, date(2024, 1, 2), UIDSet([3])),), b'X-NEW "a b" 7 2-Jan-2024 3'),
        (("BODY", ("é",)[0], "SEEN"), b"CHARSET UTF-8 BODY {2+}\r\n\xc3\xa9 SEEN"),
        ((("SUBJECT", "é"),), b"CHARSET UTF-8 (SUBJECT {2+}\r\n\xc3\xa9)"),
    ],
)
def test_as_it_goes_out(words: Any, line: bytes) -> None:
    assert sent(*words) == line


def test_no_charset_where_all_is_utf8() -> None:
    assert sent("SUBJECT", "é", mayNameCharset=False) == b"SUBJECT {2+}\r\n\xc3\xa9"


@pytest.mark.parametrize(
    "words",
    [
        ("UNSEEN SEEN",),
        ("FROMAGE",),
        ("",),
        ("(", "SEEN", ")"),
        ("1:*",),
        ("SUBJECT",),
        ("SUBJECT", "a\r\nb"),
        ("SUBJECT", "a\0"),
        ("HEADER", "X"),
        ("NOT",),
        ("OR", "SEEN"),
        ((),),
        ("LARGER", -1),
        ("LARGER", 2**64),
        ("KEYWORD", "a b"),
        ("KEYWORD", ""),
        ("UID", "1 SEEN"),
        ("UID", ()),
        ("EMAILID", "a b"),
        ("EMAILID", 7),
    ],
)
def test_what_is_refused(words: Any) -> None:
    with pytest.raises(ValueError):
        criteria(words)


@pytest.mark.parametrize(
    "words",
    [
        (7,),
        (None,),
        ("SUBJECT", 7),
        ("LARGER", "7"),
        ("LARGER", True),
        ("SINCE", "1-Jan-2024"),
        ("KEYWORD", 7),
        ("UID", Numbers("1")),
        (date(2024, 1, 1),),
    ],
)
def test_what_is_of_another_type(words: Any) -> None:
    with pytest.raises(TypeError):
        criteria(words)


def test_a_name_that_is_none() -> None:
    with pytest.raises(ValueError):
        Raw("X NEW")


def test_numbers_are_found_at_any_depth() -> None:
    one, two = Numbers("1"), Numbers("2")
    assert numbersIn(("NOT", (one, ("SEEN", [two])), UIDSet([3]))) == [one, two]


@given(st.text())
def test_a_value_is_never_syntax(text: str) -> None:
    """It goes out in quotes or as a literal, whole, or not at all."""
    try:
        line = sent("SUBJECT", text, "SEEN")
    except ValueError:
        assert set(text) & set("\r\n\0") or any("\ud800" <= one <= "\udfff" for one in text)
        return
    line = line.removeprefix(b"CHARSET UTF-8 ")
    raw = text.encode()
    assert line in (
        b"SUBJECT %b SEEN" % _encode.quoted(raw),
        b"SUBJECT {%d+}\r\n%b SEEN" % (len(raw), raw),
    )


ODD = UIDSet(range(1, 200, 2))


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ((ODD,), b"UID ", b""),
        (("SEEN", ODD, "FROM", "UID"), b"SEEN UID ", b' FROM "UID"'),
        (("uid", str(ODD), "NOT", ("UID", 7)), b"UID ", b" NOT (UID 7)"),
        (("UID", list(ODD), UIDSet("4:9")), b"UID ", b" UID 4:9"),
        ((UIDSet("4:9"), ODD), b"UID 4:9 UID ", b""),
        ((ODD, "BODY", "é" * 500), b"CHARSET UTF-8 UID ", b" BODY {1000+}\r\n" + b"\xc3\xa9" * 500),
    ],
)
def test_a_search_in_parts(words: Any, start: bytes, end: bytes) -> None:
    lines = [sent(*part) for part in inParts(words, 100)]
    assert all(line.startswith(start) and line.endswith(end) for line in lines)
    texts = [line[len(start) : len(line) - len(end)].decode() for line in lines]
    assert [uid for text in texts for uid in UIDSet(text)] == list(ODD)
    assert 3 < len(texts) < 9
    if "BODY" not in words:
        assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("SEEN", UIDSet("1:9")),
        ("NOT", ODD),
        ("NOT", "UID", str(ODD), "SEEN"),
        ("OR", ODD, "SEEN"),
        ("OR", "SEEN", "UID", ODD, "UNSEEN"),
        (("SEEN", ODD),),
        ("UID", 5, "SUBJECT", "UID", "TO", str(ODD)),
        ("UID", "1:*", "NOT", (ODD,)),
        ("UID", "$", "SUBJECT", "x" * 200),
        (Numbers(ODD), "SEEN"),
        (Raw("X-UID", ODD),),
    ],
)
def test_a_search_that_stays_one(words: Any) -> None:
    assert inParts(words, 100) == [words]


@given(
    st.sets(st.integers(1, 10**6), min_size=1, max_size=60),
    st.sampled_from([(), ("UNSEEN",), ("OR", "SEEN", "NEW", "LARGER", 9)]),
    st.integers(40, 200),
)
def test_the_parts_of_a_search_are_all_of_it(uids: set[int], others: Any, octets: int) -> None:
    parts = inParts((*others, UIDSet(uids)), octets)
    assert sorted(uid for part in parts for uid in UIDSet(part[-1])) == sorted(uids)
    assert len(parts) == 1 or max(len(sent(*part)) for part in parts) <= octets
