"""What callers may pass, and how it is written."""

from __future__ import annotations

import os
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from twisted.mail.imap4 import Command, IMAP4Exception, MessageSet, PLAINAuthenticator

from tests.helpers.classes import TheirClient
from tests.helpers.comparing import described
from tests.helpers.rig import Call, Rig, calling, drive

BREAKERS = ["\r", "\n", "\0", "a\r\n0002 LOGOUT", "a\nb"]

#: Each text argument of each method.
TEXT_ARGUMENTS: dict[str, Any] = {
    "login, username": lambda c, x: c.login(x, "p"),
    "login, password": lambda c, x: c.login("u", x),
    "select": lambda c, x: c.select(x),
    "examine": lambda c, x: c.examine(x),
    "create": lambda c, x: c.create(x),
    "delete": lambda c, x: c.delete(x),
    "rename, old": lambda c, x: c.rename(x, "b"),
    "rename, new": lambda c, x: c.rename("a", x),
    "subscribe": lambda c, x: c.subscribe(x),
    "unsubscribe": lambda c, x: c.unsubscribe(x),
    "list, reference": lambda c, x: c.list(x, "*"),
    "list, wildcard": lambda c, x: c.list("", x),
    "lsub, reference": lambda c, x: c.lsub(x, "*"),
    "lsub, wildcard": lambda c, x: c.lsub("", x),
    "status": lambda c, x: c.status(x, "MESSAGES"),
    "append, mailbox": lambda c, x: c.append(x, BytesIO(b"m")),
    "append, flags": lambda c, x: c.append("m", BytesIO(b"m"), [x]),
    "append, date": lambda c, x: c.append("m", BytesIO(b"m"), (), x),
    "search": lambda c, x: c.search(x),
    "copy, messages": lambda c, x: c.copy(x, "m", 0),
    "copy, mailbox": lambda c, x: c.copy("1", x, 0),
    "fetchUID": lambda c, x: c.fetchUID(x),
    "fetchSpecific, messages": lambda c, x: c.fetchSpecific(x),
    "fetchSpecific, type": lambda c, x: c.fetchSpecific("1", headerType=x),
    "fetchSpecific, number": lambda c, x: c.fetchSpecific("1", headerNumber=[x]),
    "fetchSpecific, names": lambda c, x: c.fetchSpecific(
        "1", headerType="HEADER.FIELDS", headerArgs=[x]
    ),
    "setFlags, messages": lambda c, x: c.setFlags(x, ["a"]),
    "addFlags": lambda c, x: c.addFlags("1", [x]),
    "removeFlags": lambda c, x: c.removeFlags("1", ["a", x]),
    "sendCommand, args": lambda c, x: c.sendCommand(Command(b"X", x.encode())),
    "sendCommand, command": lambda c, x: c.sendCommand(Command(x.encode())),
}


@pytest.mark.parametrize("name", TEXT_ARGUMENTS)
@pytest.mark.parametrize("breaker", BREAKERS)
def test_line_breakers_are_refused(ours: Any, name: str, breaker: str) -> None:
    """ValueError before a byte is written, and the client is as it was."""
    session = Rig(ours)
    firings = session.call(lambda c: TEXT_ARGUMENTS[name](c, breaker))
    assert [(kind, type(e)) for kind, e in firings] in (
        [("raised", ValueError)], [("failure", ValueError)]
    )  # fmt: skip
    assert session.written == b""
    session.call(lambda c: c.noop())
    assert session.written == b"0001 NOOP\r\n"


@pytest.mark.parametrize("name", ["select", "login, password", "search", "sendCommand, args"])
def test_line_breakers_are_refused_while_another_command_waits(ours: Any, name: str) -> None:
    """At the call, not when the queue gets there."""
    session = Rig(ours)
    session.call(lambda c: c.noop())
    firings = session.call(lambda c: TEXT_ARGUMENTS[name](c, "a\r\nb"))
    assert isinstance(firings[0][1], ValueError)
    session.feed(b"0001 OK done\r\n")
    assert session.written == b"0001 NOOP\r\n"


def written(cls: Any, call: Call, *answers: bytes, **capabilities: Any) -> bytes:
    """All that a call writes, the server answering as told."""
    session = Rig(cls)
    if capabilities:
        session.client._capCache = capabilities["capabilities"]
    firings = session.call(call)
    for answer in answers:
        session.feed(answer)
    assert not [e for e in firings if e[0] != "result"], [described(e) for e in firings]
    return session.written


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda c: c.select('q"uote\\'), b'SELECT "q\\"uote\\\\"'),
        (lambda c: c.select(""), b'SELECT ""'),
        (lambda c: c.select("a b"), b'SELECT "a b"'),
        (lambda c: c.select("Entwürfe & mehr"), b'SELECT "Entw&APw-rfe &- mehr"'),
        (lambda c: c.select(b"caf\xe9"), b"SELECT caf&AOk-"),
        (lambda c: c.select("受信"), b"SELECT &U9dP4Q-"),
        (lambda c: c.rename("a(b", "c{1}"), b'RENAME "a(b" "c{1}"'),
        (lambda c: c.status("a%b", "MESSAGES", "UNSEEN"), b'STATUS "a%b" (MESSAGES UNSEEN)'),
        (lambda c: c.fetchUID(MessageSet(1, 3)), b"FETCH 1:3 (UID)"),
        (lambda c: c.fetchUID(7), b"FETCH 7 (UID)"),
        (lambda c: c.addFlags("1", ["\\Seen", "$x"], uid=1),
         b"UID STORE 1 +FLAGS.SILENT (\\Seen $x)"),
        (lambda c: c.search("CHARSET X SUBJECT caf\xe9"), b"SEARCH CHARSET X SUBJECT caf\xe9"),
        (lambda c: c.sendCommand(Command(b"X", b"raw ( \" {")), b'X raw ( " {'),
        (lambda c: c.sendCommand(Command(b"X")), b"X"),
        (lambda c: c.sendCommand(Command(b"X", b"")), b"X "),
    ],
)  # fmt: skip
def test_as_twisted_writes_it(either: Any, call: Call, expected: bytes) -> None:
    assert written(either, call) == b"0001 " + expected + b"\r\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda c: c.list('a"b', "c\\d"), b'LIST "a\\"b" "c\\\\d"'),
        (lambda c: c.lsub("", '"*"'), b'LSUB "" "\\"*\\""'),
        (lambda c: c.list(b"a", b"*"), b'LIST "a" "*"'),
        (lambda c: c.fetchUID(b"1:*"), b"FETCH 1:* (UID)"),
        (lambda c: c.addFlags(b"1,2", ["a"]), b"STORE 1,2 +FLAGS.SILENT (a)"),
        (lambda c: c.copy(b"1", b"m", 0), b"COPY 1 m"),
        (lambda c: c.fetchSpecific(b"1"), b"FETCH 1 BODY[]"),
        (lambda c: c.append("m", BytesIO(b"abc"), (), "any day (it) likes"),
         b'APPEND m () "any day (it) likes" {3}'),
    ],
)  # fmt: skip
def test_as_only_ours_writes_it(ours: Any, call: Call, expected: bytes) -> None:
    """Escapes where Twisted has none; sets and mailboxes as bytes; any date."""
    assert written(ours, call) == b"0001 " + expected + b"\r\n"


@pytest.mark.parametrize("date", ['a"b', "a\\b", b'"'])
def test_date_that_cannot_be_quoted(ours: Any, date: Any) -> None:
    outcome = drive(ours, lambda c: c.append("m", BytesIO(b"abc"), (), date), b"")
    assert isinstance(outcome.firing[1], ValueError)
    assert outcome.written == b""


# ---- What RFC 9051 has in an argument's place ------------------------------

arguments_row = pytest.mark.row("CR, LF and NUL in an argument go out as they are")


def with_argument(call: Any, argument: Any) -> Call:
    return lambda client: call(client, argument)


#: Each method with a set of messages.
WITH_A_SET: dict[str, Any] = {
    "fetchUID": lambda c, x: c.fetchUID(x),
    "fetchSpecific": lambda c, x: c.fetchSpecific(x, uid=1),
    "setFlags": lambda c, x: c.setFlags(x, ["a"]),
    "copy": lambda c, x: c.copy(x, "m", 0),
}

SETS: list[Any] = [
    "1", "1:*", "*", "*:7", "*:*", "1,2,3", "4:2,9,7:*", "$", "1,$", "4294967295", b"1", b"$",
    b"1:2,5", 1, 4294967295, MessageSet(1), MessageSet(None), MessageSet(1, None),
    MessageSet(1, 3) + MessageSet(7), ",".join(["1:2"] * 100_000),
]  # fmt: skip

NO_SETS: list[Any] = [
    "", " ", "1 ", " 1", "1, 2", "1 2", "1;2", ",", "1,", ",1", "1,,2", ":", "1:", ":1", "1:2:3",
    "0", "0:1", "1:0", "01", "-1", "+1", "1.0", "1_0", "$:1", "$1", "$$", "$,1", "a", "ALL", "1:N",
    "1)", "(1)", '"1"', "{1}", "1{3}", "4294967296", "1:99999999999", "9" * 5000, b"", b"1 ", b"x",
    0, -1, 4294967296, 1.0, True, None, [1], (1, 2), range(3), MessageSet(), MessageSet(0),
    bytearray(b"1"),
]  # fmt: skip


@pytest.mark.parametrize("name", WITH_A_SET)
def test_sets(ours: Any, name: str) -> None:
    for messages in SETS:
        text = messages if isinstance(messages, bytes) else str(messages).encode()
        assert b" %b " % text in written(ours, with_argument(WITH_A_SET[name], messages))


@arguments_row
@pytest.mark.parametrize("name", WITH_A_SET)
def test_what_is_no_set(ours: Any, name: str) -> None:
    for messages in NO_SETS:
        outcome = drive(ours, with_argument(WITH_A_SET[name], messages), b"")
        assert outcome.firing[0] == "raised" and outcome.written == b"", messages
        assert isinstance(outcome.firing[1], ValueError), messages


#: Each method with flags.
WITH_FLAGS: dict[str, Any] = {
    "setFlags": lambda c, x: c.setFlags("1", x),
    "addFlags": lambda c, x: c.addFlags("1", x, uid=1),
    "removeFlags": lambda c, x: c.removeFlags("1", x, silent=0),
    "append": lambda c, x: c.append("m", BytesIO(b"m"), x),
}

FLAGS: list[Any] = [
    [], (), ["\\Seen"], ("\\Seen", "\\Deleted"), ["$Junk", "NonJunk", "a.b-c_d", "NIL", "[x", "}+"],
]  # fmt: skip

NO_FLAGS = [
    "", "\\", "\\Seen \\Deleted", "a b", " a", "a ", "\\*", "*", "a%", "a(", "a)", "(a)", "{5}",
    "{5", 'a"b', "a\\b", "\\\\a", "a]", "a\tb", "a\x7f", "a\nb", "a\r\n",
]  # fmt: skip


@pytest.mark.parametrize("name", WITH_FLAGS)
def test_flags(either: Any, name: str) -> None:
    for flags in FLAGS:
        text = b" (%b)" % " ".join(flags).encode()
        assert text in written(either, with_argument(WITH_FLAGS[name], flags))
        assert text in written(either, with_argument(WITH_FLAGS[name], iter(flags)))


@arguments_row
@pytest.mark.parametrize("name", WITH_FLAGS)
def test_what_is_no_flag(ours: Any, name: str) -> None:
    for flag in NO_FLAGS:
        for flags in ([flag], ("\\Seen", flag), iter([flag, "a"])):
            outcome = drive(ours, with_argument(WITH_FLAGS[name], flags), b"")
            assert outcome.firing[0] == "raised" and outcome.written == b"", flag
            assert isinstance(outcome.firing[1], ValueError), flag


@arguments_row
@pytest.mark.parametrize("name", WITH_FLAGS)
@pytest.mark.parametrize("flags", ["\\Seen", "Seen", "", b"Seen", b"", [b"Seen"], None, 5, [None]])
def test_flags_of_another_type(ours: Any, name: str, flags: Any) -> None:
    """TypeError for a str, of which Twisted sends each character."""
    outcome = drive(ours, lambda c: WITH_FLAGS[name](c, flags), b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], TypeError)
    assert outcome.written == b""


#: A call, the class of what it raises, and what that has to tell somebody who made the
#: mistake: which argument, what is wanted, what was given.
MISTAKES: list[tuple[Any, type[Exception], list[str]]] = [
    (lambda c: c.login("u", None), TypeError, ["password", "str or bytes", "NoneType"]),
    (lambda c: c.login(5, "p"), TypeError, ["username", "str or bytes", "int"]),
    (lambda c: c.select(None), TypeError, ["mailbox", "str or bytes", "NoneType"]),
    (lambda c: c.status(["m"], "MESSAGES"), TypeError, ["mailbox", "str or bytes", "list"]),
    (lambda c: c.rename("m", 7), TypeError, ["newname", "str or bytes", "int"]),
    (lambda c: c.list("", None), TypeError, ["wildcard", "str or bytes", "NoneType"]),
    (lambda c: c.search(["UNSEEN"]), TypeError, ["queries", "str or bytes", "list"]),
    (lambda c: c.search("TEXT {5}"), ValueError, ["queries", "{5}", "literal"]),
    (lambda c: c.search('SUBJECT "a" TEXT \xe9'), UnicodeEncodeError, ["quotes", "Query()"]),
    (lambda c: c.append("m", b"x", (), date(2020, 1, 2)), TypeError, ["date", "str", "not date"]),
    (lambda c: c.addFlags("1", None), TypeError, ["flags", "list of strings", "None"]),
    (lambda c: c.addFlags("1", [b"\\Seen"]), TypeError, ["flags", "str", r"b'\\Seen'"]),
    (lambda c: c.addFlags("1", ["a b"]), ValueError, ["flags", "atom", r"'\\Seen'", "'a b'"]),
    (lambda c: c.addFlags("1", ["\xe9"]), UnicodeEncodeError, ["'\\xe9'", "flags: only ASCII"]),
    (lambda c: c.fetchFlags("1\u20133"), UnicodeEncodeError, ["'\\u2013'", "messages: only ASCII"]),
    (lambda c: c.lsub("\xe9", "*"), UnicodeEncodeError, ["reference: only ASCII"]),
    (lambda c: c.append("m", b"x", (), "1.\u202f5."), UnicodeEncodeError, ["date: only ASCII"]),
    (lambda c: c.fetchFlags([1, 2]), ValueError, ["messages", "'2,4:7'", "[1, 2]"]),
    (lambda c: c.fetchSpecific("1", offset=3), TypeError, ["offset", "length"]),
    (lambda c: c.login(memoryview(b"u"), "p"), TypeError, ["username", "bytes", "memoryview"]),
    (lambda c: c.search(bytearray(b"ALL")), TypeError, ["queries", "str or bytes", "bytearray"]),
    (lambda c: c.search(memoryview(b"ALL")), TypeError, ["queries", "str or bytes", "memoryview"]),
    (lambda c: c.append("m", b"x", (), memoryview(b'"')), TypeError, ["date", "memoryview"]),
    (lambda c: c.status("m", ["MESSAGES"]), TypeError, ["names", "argument", "['MESSAGES']"]),
]


@arguments_row
@pytest.mark.parametrize(("call", "kind", "words"), MISTAKES)
def test_what_a_mistake_is_told(ours: Any, call: Any, kind: Any, words: list[str]) -> None:
    outcome = drive(ours, call, b"")
    assert outcome.firing[0] == "raised" and type(outcome.firing[1]) is kind
    assert outcome.written == b""
    text = str(outcome.firing[1])
    assert [word for word in words if word not in text] == []


@arguments_row
@pytest.mark.parametrize("kind", ["HEADER.FIELDS", "HEADER.FIELDS.NOT"])
@pytest.mark.parametrize("names", ["Subject", b"Subject", 5])
def test_one_str_for_names_of_headers(ours: Any, kind: str, names: Any) -> None:
    """TypeError, where Twisted asks for each character."""
    call = calling("fetchSpecific", "1", headerType=kind, headerArgs=names)
    outcome = drive(ours, call, b"")
    assert outcome.firing[0] == "raised" and type(outcome.firing[1]) is TypeError
    assert f"headerArgs: a list of strings is wanted, not {names!r}" in str(outcome.firing[1])
    assert outcome.written == b""
    theirs = drive(
        TheirClient, calling("fetchSpecific", "1", headerType=kind, headerArgs="ab"), b""
    )
    assert b"BODY[%b (a b)]" % kind.encode() in theirs.written
    for fine in (("a", "b"), iter(["a", "b"]), {"a": 1, "b": 2}):
        mine = drive(ours, calling("fetchSpecific", "1", headerType=kind, headerArgs=fine), b"")
        assert mine.written == theirs.written


@arguments_row
def test_what_twisted_makes_of_a_str() -> None:
    outcome = drive(TheirClient, lambda c: c.addFlags("1", "Seen"), b"")
    assert outcome.written == b"0001 STORE 1 +FLAGS.SILENT (S e e n)\r\n"


@arguments_row
@pytest.mark.parametrize("marker", ["{5}", "{5+}", "{0}", "~{5}", "TEXT {5}", "SUBJECT a{12345}"])
@pytest.mark.parametrize("uid", [0, 1])
def test_end_like_a_literal(ours: Any, marker: str, uid: int) -> None:
    """The server would take the next commands for it; a Command's args are one's own."""
    for queries in ([marker], ["ALL", marker], [marker.encode()], [f'TEXT "\xe9" {marker}']):
        outcome = drive(ours, calling("search", *queries, uid=uid), b"")
        assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], ValueError)
        assert outcome.written == b""
    session = Rig(ours)
    session.call(lambda c: c.sendCommand(Command(b"X", marker.encode())))
    assert session.written == b"0001 X " + marker.encode() + b"\r\n"


@arguments_row
def test_mechanism_like_a_literal(ours: Any) -> None:
    def call(client: Any) -> Any:
        client._capCache = {b"AUTH": [b"{5}"]}
        client.registerAuthenticator(PLAINAuthenticator(b"u"))
        client.authenticators[b"{5}"] = client.authenticators[b"PLAIN"]
        return client.authenticate(b"secret")

    outcome = drive(ours, call, b"")
    assert isinstance(outcome.firing[1], ValueError) and outcome.written == b""


@pytest.mark.parametrize("query", ["X {5} ALL", "{5", "5}", "{}", "{a}", '"{5}"', "({5})", "{-1}"])
def test_not_like_a_literal(either: Any, query: str) -> None:
    assert written(either, lambda c: c.search(query)) == b"0001 SEARCH " + query.encode() + b"\r\n"


@pytest.mark.parametrize("text", ["{5}", "a {5}", "x{5+}"])
def test_quotes_around_what_looks_like_a_literal(ours: Any, text: str) -> None:
    """Elsewhere it is text."""
    raw = text.encode()
    assert written(ours, lambda c: c.select(text)) == b'0001 SELECT "%b"\r\n' % raw
    assert written(ours, lambda c: c.list("", text)) == b'0001 LIST "" "%b"\r\n' % raw
    assert written(ours, lambda c: c.copy("1", text, 0)) == b'0001 COPY 1 "%b"\r\n' % raw
    assert written(ours, login("u", text), capabilities=NO_CAPABILITIES) == (
        b'0001 LOGIN "u" "%b"\r\n' % raw
    )


# ---- Credentials, and literals ---------------------------------------------

OK1, OK2 = b"0001 OK done\r\n", b"0002 OK done\r\n"
NO_CAPABILITIES: dict[bytes, Any] = {b"IMAP4rev1": None}


def login(user: Any, password: Any) -> Call:
    return lambda c: c.login(user, password)


def test_password_as_str_and_bytes(ours: Any) -> None:
    for password in ('p"a\\ss', b'p"a\\ss'):
        assert written(ours, login("u", password), capabilities=NO_CAPABILITIES) == (
            b'0001 LOGIN "u" "p\\"a\\\\ss"\r\n'
        )
    assert written(ours, login("", ""), capabilities=NO_CAPABILITIES) == b'0001 LOGIN "" ""\r\n'


@pytest.mark.parametrize("password", ["pässword", "pässword".encode()])
def test_8_bit_password_is_a_literal(ours: Any, password: Any) -> None:
    """Sent when the server asks for it; one sendLine for each wait."""
    session = Rig(ours)
    session.client._capCache = NO_CAPABILITIES
    firings = session.call(login("u", password))
    assert session.written == b'0001 LOGIN "u" {9}\r\n'
    session.feed(b"+ go ahead {5}\r\n")
    assert session.written == b'0001 LOGIN "u" {9}\r\np\xc3\xa4ssword\r\n'
    session.feed(b"+ again, unasked\r\n" + OK1)
    assert session.written == b'0001 LOGIN "u" {9}\r\np\xc3\xa4ssword\r\n'
    assert [kind for kind, _ in firings] == ["result"]


def test_two_literals(ours: Any) -> None:
    session = Rig(ours)
    session.client._capCache = NO_CAPABILITIES
    lines: list[bytes] = []
    send = session.client.sendLine

    def sendLine(line: bytes) -> None:
        lines.append(line)
        send(line)

    session.client.sendLine = sendLine
    session.call(login("ü", "ä"))
    session.feed(b"+ \r\n")
    session.feed(b"+ \r\n")
    assert lines == [b"0001 LOGIN {2}", b"\xc3\xbc {2}", b"\xc3\xa4"]
    assert session.written == b"0001 LOGIN {2}\r\n\xc3\xbc {2}\r\n\xc3\xa4\r\n"


@pytest.mark.parametrize("capability", [b"LITERAL+", b"LITERAL-"])
def test_literal_without_asking(ours: Any, capability: bytes) -> None:
    assert written(ours, login("u", "ä"), capabilities={capability: None}) == (
        b'0001 LOGIN "u" {2+}\r\n\xc3\xa4\r\n'
    )


def test_literal_minus_has_a_limit(ours: Any) -> None:
    """RFC 7888: more than 4,096 octets must be asked for."""
    session = Rig(ours)
    session.client._capCache = {b"LITERAL-": None}
    session.call(login("u", "ä" * 2048))
    assert b"{4096+}\r\n" in session.written
    session = Rig(ours)
    session.client._capCache = {b"LITERAL-": None}
    session.call(login("u", "ä" * 2048 + "x"))
    assert session.written == b'0001 LOGIN "u" {4097}\r\n'


def test_literal_refused(ours: Any) -> None:
    """NO in place of +: that command fails, the next goes out whole."""
    session = Rig(ours)
    session.client._capCache = NO_CAPABILITIES
    first = session.call(login("u", "ä"))
    second = session.call(lambda c: c.noop())
    session.feed(b"0001 NO not like this\r\n" + OK2)
    assert [described(e) for e in first] == [("failure", "IMAP4Exception", (b"not like this",))]
    assert [kind for kind, _ in second] == ["result"]
    assert session.written == b'0001 LOGIN "u" {2}\r\n0002 NOOP\r\n'


def test_login_asks_for_capabilities_first(either: Any) -> None:
    session = Rig(either)
    session.call(lambda c: c.login(b"u", b"p"))
    session.feed(b"* CAPABILITY IMAP4rev1\r\n" + OK1)
    assert session.written == b'0001 CAPABILITY\r\n0002 LOGIN "u" "p"\r\n'


# ---- What Twisted refuses --------------------------------------------------


def test_unknown_status_name(either: Any) -> None:
    outcome = drive(either, lambda c: c.status("x", "MESSAGES", "NONSENSE"), b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], ValueError)
    assert outcome.written == b""


@pytest.mark.parametrize(
    "call",
    [lambda c: c.search("受信"), lambda c: c.addFlags("1", ["ü"]), lambda c: c.fetchUID("ü"),
     lambda c: c.lsub("ü", "*")],
)  # fmt: skip
def test_characters_that_cannot_be_sent(either: Any, call: Call) -> None:
    """UnicodeEncodeError at the call, as in Twisted."""
    outcome = drive(either, call, b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], UnicodeEncodeError)
    assert outcome.written == b""


def test_append_writes_the_whole_file(either: Any) -> None:
    """From its beginning, in pieces, the line's end behind it."""
    message = BytesIO(b"0123456789" * 30_000)
    message.seek(5)
    session = Rig(either)
    firings = session.call(
        lambda c: c.append("m", message, ("\\Seen",), "17-Jul-1996 02:44:25 -0700")
    )
    head = b'0001 APPEND m (\\Seen) "17-Jul-1996 02:44:25 -0700" {300000}\r\n'
    assert session.written == head
    session.feed(b"+ go\r\n" + OK1)
    assert session.written == head + message.getvalue() + b"\r\n"
    assert firings == [("result", ([], b"OK done"))]


def test_append_refused(either: Any) -> None:
    """NO in place of +: nothing of the message goes out."""
    session = Rig(either)
    firings = session.call(lambda c: c.append("m", BytesIO(b"abc")))
    session.feed(b"0001 NO [TRYCREATE] no such mailbox\r\n")
    assert session.written == b"0001 APPEND m () {3}\r\n"
    assert isinstance(firings[0][1], IMAP4Exception)
    assert firings[0][1].args == (b"[TRYCREATE] no such mailbox",)


# ---- What append() takes for a message -------------------------------------


class Duck:
    """As much of a file as append() needs."""

    def __init__(self, octets: bytes = b"abc", **without: Any) -> None:
        file = BytesIO(octets)
        self.read: Any = file.read
        self.seek: Any = file.seek
        self.tell: Any = file.tell
        vars(self).update(without)


class Unseekable(BytesIO):
    def seekable(self) -> bool:
        return False


def pipe() -> Any:
    """Which nobody can go back to the start of."""
    read, write = os.pipe()
    os.close(write)
    return open(read, "rb")


def appended(cls: Any, message: Any) -> bytes:
    session = Rig(cls)
    session.call(lambda c: c.append("m", message))
    session.feed(b"+ go\r\n0001 OK x\r\n")
    return session.written


def test_append_takes_files(either: Any, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"abc")
    spooled = SpooledTemporaryFile()
    spooled.write(b"abc")
    files: list[Any] = [BytesIO(b"abc"), spooled, Duck()]
    with open(tmp_path / "m", "rb") as one, open(tmp_path / "m", "rb", 0) as two, spooled:
        for file in (*files, one, two):
            assert appended(either, file) == b"0001 APPEND m () {3}\r\nabc\r\n"


@arguments_row
@pytest.mark.parametrize("message", [b"abc", b""])
def test_append_takes_bytes(ours: Any, message: bytes) -> None:
    head = b"0001 APPEND m () {%d}\r\n" % len(message)
    assert appended(ours, message) == head + message + b"\r\n"
    assert drive(TheirClient, lambda c: c.append("m", message), b"").firing[0] == "raised"


@arguments_row
@pytest.mark.parametrize(
    "make",
    [lambda: "abc", lambda: StringIO("abc"), lambda: None, lambda: 5, lambda: [b"abc"], object,
     lambda: bytearray(b"abc"), lambda: memoryview(b"abc"), lambda: Path(__file__),
     lambda: open(__file__), lambda: Unseekable(b"abc"), pipe,
     lambda: Duck(read=lambda size: ""), lambda: Duck(read=lambda size: None),
     lambda: Duck(seekable=lambda: False), lambda: open(os.devnull, "wb")],
)  # fmt: skip
def test_what_is_no_message(ours: Any, make: Any) -> None:
    message = make()
    outcome = drive(ours, lambda c: c.append("m", message), b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], TypeError)
    assert outcome.written == b""
    if hasattr(message, "close"):
        message.close()


@arguments_row
@pytest.mark.parametrize("method", ["read", "seek", "tell"])
def test_not_all_of_a_file(ours: Any, method: str) -> None:
    message = Duck()
    delattr(message, method)
    outcome = drive(ours, lambda c: c.append("m", message), b"")
    assert outcome.firing[0] == "raised" and isinstance(outcome.firing[1], TypeError)
    assert outcome.written == b""
