"""Query, with Or and Not around it, and what search() makes of text that is not ASCII."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st
from twisted.mail import imap4
from twisted.mail.imap4 import MessageSet, Not, Or

import twisted_imapc
from tests.helpers.classes import TheirClient
from tests.helpers.rig import Rig, drive
from twisted_imapc import Query

pytestmark = pytest.mark.row("Query(subject='\" UNSEEN TEXT \"') becomes other search keys")

FLAGS = [
    "ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED",
    "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN",
]  # fmt: skip
TEXTS = ["BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO", "X-GM-RAW", "GMAILTHING"]
DATES = ["BEFORE", "ON", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE"]
SIZES = ["LARGER", "SMALLER"]
KEYWORDS = ["KEYWORD", "UNKEYWORD"]

#: What both write alike: all but quotes, backslashes, and what ends a line.
harmless = st.text(st.characters(blacklist_characters='"\\\r\n\0', blacklist_categories=["Cs"]))
message_sets = st.sampled_from(
    ["1", "1:*", "*", "2,4:7", "9:3", MessageSet(3, 9), MessageSet(5, None), 7, 4294967295]
)


def values_of(key: str) -> st.SearchStrategy[Any]:
    if key in FLAGS:
        return st.sampled_from([True, 1, "yes", False, 0])
    if key in DATES:
        return st.sampled_from(["03-Mar-2003", "today"])
    if key in SIZES:
        sizes = st.integers(0, 2**64)
        return sizes | sizes.map(str)
    if key == "UID":
        return message_sets
    if key == "MESSAGES":
        return message_sets | harmless
    if key in KEYWORDS:
        # What cannot be in an atom is left out, quotes and backslashes too.
        return st.text(st.characters(blacklist_characters="\x7f", blacklist_categories=["Cs"]))
    return harmless | st.integers(0, 99)


@st.composite
def keywords(draw: st.DrawFn) -> dict[str, Any]:
    keys = [*FLAGS, *TEXTS, *DATES, *SIZES, *KEYWORDS, "UID", "MESSAGES"]
    chosen = draw(st.lists(st.sampled_from(keys), max_size=4, unique=True))
    return {draw(st.sampled_from([key, key.lower()])): draw(values_of(key)) for key in chosen}


# ---- The same as Twisted's -------------------------------------------------


def test_same_signature_as_twisted() -> None:
    """And it is not Twisted's."""
    theirs, mine = (inspect.signature(f).parameters.values() for f in (imap4.Query, Query))
    assert [(p.name, p.kind, p.default) for p in mine] == [
        (p.name, p.kind, p.default) for p in theirs
    ]
    assert Query is twisted_imapc.Query and Query is not imap4.Query


@given(keywords(), st.booleans())
def test_harmless_values(options: dict[str, Any], in_order: bool) -> None:
    assert Query(in_order, **options) == imap4.Query(in_order, **options)
    assert Query(sorted=in_order, **options) == imap4.Query(sorted=in_order, **options)


@given(st.lists(keywords(), min_size=3, max_size=3))
def test_within_or_and_not(options: list[dict[str, Any]]) -> None:
    theirs = [imap4.Query(**each) for each in options]
    mine = [Query(**each) for each in options]
    assert Or(*mine) == Or(*theirs)
    assert Not(Or(Not(mine[0]), mine[1])) == Not(Or(Not(theirs[0]), theirs[1]))


@pytest.mark.parametrize("options", [{"uid": True}, {"larger": True}, {"LARGER": False}])
def test_truth_for_a_number(options: Any) -> None:
    assert Query(**options) == imap4.Query(**options)


@pytest.mark.parametrize("options", [{"subject": None}, {"from": b"x"}, {"keyword": 5}])
def test_what_twisted_refuses(options: Any) -> None:
    for either in (imap4.Query, Query):
        with pytest.raises(TypeError):
            either(**options)


@pytest.mark.parametrize("value", [None, b"x", date(2020, 1, 2)])
def test_which_value_it_was(value: Any) -> None:
    with pytest.raises(TypeError) as raised:
        Query(seen=True, since=value, subject="x")
    assert str(raised.value).startswith("since: a str is wanted")
    assert str(raised.value).endswith(f"not {type(value).__name__}")


def test_ours_in_the_place_of_twisteds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap4, "Query", Query)
    assert imap4.Query(subject='"', seen=1) == '(SUBJECT "\\"" SEEN)'


# ---- Different on purpose --------------------------------------------------


@pytest.mark.parametrize("key", TEXTS)
def test_escapes(key: str) -> None:
    """One key and its value, where Twisted has several keys."""
    value = '" UNSEEN TEXT "\\'
    assert imap4.Query(**{key: value}) == f'({key} "" UNSEEN TEXT "\\")'
    assert Query(**{key: value}) == f'({key} "\\" UNSEEN TEXT \\"\\\\")'


@pytest.mark.parametrize(
    ("header", "written"),
    [
        (("Subject", "a b"), '"Subject" "a b"'),
        (("X-Count", 5), '"X-Count" "5"'),
        (("Subject", ""), '"Subject" ""'),
        (("Subject", '"in quotes \\" \\\\"'), '"Subject" "in quotes \\" \\\\"'),
        (('"Subject"', '""'), '"Subject" ""'),
        (("Subject", '"'), '"Subject" "\\""'),
        (("Subject", '"a" UNSEEN TEXT "b"'), '"Subject" "\\"a\\" UNSEEN TEXT \\"b\\""'),
        (("Subject", '"a\\"'), '"Subject" "\\"a\\\\\\""'),
        (("Subject", '"a\\b"'), '"Subject" "\\"a\\\\b\\""'),
        (("a UNSEEN", "{5}"), '"a UNSEEN" "{5}"'),
        (["Subject", "x"], '"Subject" "x"'),
    ],
)
def test_header(header: Any, written: str) -> None:
    assert imap4.Query(header=header) == f"(HEADER {header[0]} {header[1]})"
    assert Query(header=header) == f"(HEADER {written})"


@pytest.mark.parametrize("header", ["Subject", "ab", "a", ""])
def test_header_of_one_str(header: str) -> None:
    """TypeError, where Twisted takes its first two characters."""
    with pytest.raises(TypeError, match=f"header: a name and a text are wanted, not {header!r}"):
        Query(header=header)
    assert imap4.Query(header="Subject") == "(HEADER S u)"


@pytest.mark.parametrize(
    "value",
    ["1 UNSEEN", "", "1,", ",1", "1:", "0", "01", "1 :2", "-1", 0, -1, None, MessageSet(), "a",
     "1\r\n", "4294967296", 4294967296, 1.0, [1], "1:*)", "²", "$,1"],
)  # fmt: skip
def test_uid_that_is_no_sequence_set(value: Any) -> None:
    with pytest.raises(ValueError, match="uid|ascii"):
        Query(uid=value)


def test_uid_of_a_saved_result() -> None:
    assert Query(uid="$") == "(UID $)"
    assert Query(UID=b"1:3") == "(UID 1:3)"


@pytest.mark.parametrize("key", SIZES)
@pytest.mark.parametrize(
    "value", ["1 UNSEEN", "", "-1", -1, "1.0", 1.0, None, "1k", "²", "1\n", b"1"]
)
def test_size_that_is_no_number(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key):
        Query(**{key: value})


@pytest.mark.parametrize("options", [{"subject": "a\nb"}, {"header": ("a\r", "b")},
                                     {"header": ("a", '"b\0"')}, {"X\r\n": "b"}])  # fmt: skip
def test_line_ends(options: Any) -> None:
    with pytest.raises(ValueError, match="CR, LF and NUL"):
        Query(**options)


# ---- What a server reads ---------------------------------------------------

TOKEN = re.compile(rb'(?P<list>[()])|"(?P<quoted>(?:[^"\\]|\\["\\])*)"|\{(?P<size>\d+)\+\}\r\n|'
                   rb"(?P<atom>[^\s(){}\"\\]+)| ")  # fmt: skip


def read(line: bytes) -> Iterator[str]:
    """The tokens of a command, as a server that knows LITERAL+ reads them."""
    at = 0
    while at < len(line):
        found = TOKEN.match(line, at)
        assert found is not None, line[at:]
        at = found.end()
        if found["size"]:
            yield line[at : at + int(found["size"])].decode("utf-8")
            at += int(found["size"])
        elif found["quoted"] is not None:
            yield re.sub(rb"\\(.)", rb"\1", found["quoted"]).decode("ascii")
        elif found.group() != b" ":
            yield found.group().decode("ascii")


def searched(cls: Any, *queries: Any, **options: Any) -> bytes:
    """What search() writes, without the tag, to a server that knows LITERAL+."""
    session = Rig(cls)
    session.client._capCache = {b"LITERAL+": None}
    firings = session.call(lambda c: c.search(*queries, **options))
    session.feed(b"* SEARCH 2 3\r\n0001 OK done\r\n")
    assert firings == [("result", [2, 3])], firings
    written = session.written
    assert written.startswith(b"0001 ") and written.endswith(b"\r\n")
    return written[5:-2]


any_text = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]))


@given(texts=st.lists(any_text, min_size=3, max_size=3))
def test_any_text_stays_one_value(ours: Any, texts: list[str]) -> None:
    """Escaped or a literal, with CHARSET where it is wanted and only there."""
    subject, name, value = texts
    query = Or(Query(subject=subject), Not(Query(header=(name, f"x{value}"), unseen=1)))
    tokens = list(read(searched(ours, query)))
    expected = ["SEARCH"] if "".join(texts).isascii() else ["SEARCH", "CHARSET", "UTF-8"]
    if re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', name):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    expected += ["(", "OR", "(", "SUBJECT", subject, ")", "(", "NOT"]
    expected += ["(", "HEADER", name, f"x{value}", "UNSEEN", ")", ")", ")"]
    assert tokens == expected


@pytest.mark.parametrize(
    ("queries", "written"),
    [
        ([Query(subject="é")], "SEARCH CHARSET UTF-8 (SUBJECT {2+}\r\né)"),
        ([Query(subject="a"), Query(text="受信")],
         'SEARCH CHARSET UTF-8 (SUBJECT "a") (TEXT {6+}\r\n受信)'),
        ([Not(Query(body="é\\"))], "SEARCH CHARSET UTF-8 (NOT (BODY {3+}\r\né\\))"),
        (['SUBJECT "é \\"x\\\\" UNSEEN'], 'SEARCH CHARSET UTF-8 SUBJECT {6+}\r\né "x\\ UNSEEN'),
        (['SUBJECT "é"'], "SEARCH CHARSET UTF-8 SUBJECT {2+}\r\né"),
        (['SUBJECT "é{5}"'], "SEARCH CHARSET UTF-8 SUBJECT {5+}\r\né{5}"),
        ([imap4.Query(subject="é", seen=1)], "SEARCH CHARSET UTF-8 (SUBJECT {2+}\r\né SEEN)"),
        (["ALL"], "SEARCH ALL"),
        ([], "SEARCH "),
        (["UNSEEN", "TEXT {5}", "ALL"], "SEARCH UNSEEN TEXT {5} ALL"),
    ],
)  # fmt: skip
def test_as_it_is_written(ours: Any, queries: list[str], written: str) -> None:
    assert searched(ours, *queries) == written.encode()
    assert searched(ours, *queries, uid=1) == b"UID " + written.encode()


def test_each_literal_waits(ours: Any) -> None:
    """Where the server has no LITERAL+: a + for each, and a NO ends it all."""
    for answered, sent in (
        (b"+ \r\n+ \r\n", b"\xc3\xa9) (TEXT {2}\r\n\xc3\xbc)\r\n"),
        (b"+ \r\n0001 NO [BADCHARSET] x\r\n", b"\xc3\xa9) (TEXT {2}\r\n0002 NOOP\r\n"),
    ):
        session = Rig(ours)
        session.call(lambda c: c.search(Query(subject="é"), Query(text="ü")))
        session.call(lambda c: c.noop())
        session.feed(answered)
        assert session.written == b"0001 SEARCH CHARSET UTF-8 (SUBJECT {2}\r\n" + sent


@pytest.mark.parametrize(
    "queries",
    [["CHARSET UTF-8 SUBJECT \"caf\xc3\xa9\""], ["charset", "ISO-8859-1", "TEXT caf\xe9"],
     ["CHARSET UTF-8", 'SUBJECT "\xe9"', "ALL"]],
)  # fmt: skip
def test_a_charset_of_the_programs(either: Any, queries: list[str]) -> None:
    """Its characters are octets, as Twisted has them."""
    assert searched(either, *queries) == b"SEARCH " + " ".join(queries).encode("latin-1")


@pytest.mark.parametrize(
    "queries",
    [["SUBJECT caf\xe9"], ["SUBJECT 受信"], ['SUBJECT "é'], ['SUBJECT "é" é'], ['é "é"'],
     ["ALL", 'SUBJECT "é\\"'], ["SUBJECT", "é"], ["CHARSET UTF-8", "TEXT 受"],
     ['SUBJECT "\ud800"'], ['SUBJECT "é" "'+ "é"]],
)  # fmt: skip
def test_not_ascii_outside_of_quotes(ours: Any, queries: list[str]) -> None:
    outcome = drive(ours, lambda c: c.search(*queries), b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], UnicodeEncodeError)
    assert outcome.written == b""


def test_where_twisted_says_no_charset() -> None:
    outcome = drive(TheirClient, lambda c: c.search(imap4.Query(subject="é")), b"")
    assert outcome.written == b'0001 SEARCH (SUBJECT "\xe9")\r\n'


def test_long_search_is_linear(ours: Any) -> None:
    """Quotes that are never closed: an error at once."""
    text = 'é "' + '\\"' * 200_000 + "\\"
    outcome = drive(ours, lambda c: c.search(text), b"")
    assert isinstance(outcome.firing[1], UnicodeEncodeError)
