"""
Each row of the table "Different on purpose": what Twisted does there, and what we do.

Not here: the rows on TLS; those on timeouts, cancellation and lost connections, which
are in test_lifecycle.  test_arguments has more on arguments, test_limits on limits.
"""

from __future__ import annotations

from typing import Any

import pytest
from OpenSSL import SSL
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.mail import imap4
from twisted.mail.imap4 import IllegalServerResponse, IMAP4Exception
from twisted.python.failure import Failure

from tests.helpers.classes import TheirClient
from tests.helpers.comparing import described, exact
from tests.helpers.rig import Call, Outcome, Rig, drive

OK = b"0001 OK done\r\n"


def both(ours: Any, call: Call, wire: bytes, cuts: Any = ()) -> tuple[Outcome, Outcome]:
    """What Twisted makes of it, and what we do."""
    return drive(TheirClient, call, wire, cuts), drive(ours, call, wire, cuts)


def result(outcome: Outcome) -> Any:
    """The value of the one call, on a connection that is still open."""
    assert outcome.firing[0] == "result", described(outcome.firing)
    assert not outcome.closed
    return outcome.firing[1]


def failure(outcome: Outcome) -> Any:
    """The exception of the one call."""
    assert outcome.firing[0] == "failure", outcome.firing
    return outcome.firing[1]


def noop(client: Any) -> Any:
    return client.noop()


def listing(client: Any) -> Any:
    return client.list("", "*")


def searching(client: Any) -> Any:
    return client.search("ALL")


def selecting(client: Any) -> Any:
    return client.select("x")


def flags(client: Any) -> Any:
    return client.fetchFlags("1")


def uids(client: Any) -> Any:
    return client.fetchUID("1:*")


# ---- The result depends on how TCP cut the bytes ---------------------------
cuts_row = pytest.mark.row("What comes out depends on where TCP happened to cut the octets")


@cuts_row
def test_literal_at_the_end_of_a_line(ours: Any) -> None:
    """Twisted glues the next line to it, or not, as the bytes were cut."""
    wire = b'* LIST () "/" {3}\r\nabc\r\n* LIST () "/" INBOX\r\n' + OK
    behind_literal = wire.index(b"abc") + 3
    assert result(drive(TheirClient, listing, wire)) != [((), "/", "abc"), ((), "/", "INBOX")]
    for cuts in ([], [behind_literal], range(len(wire))):
        assert result(drive(ours, listing, wire, cuts)) == [((), "/", "abc"), ((), "/", "INBOX")]


@cuts_row
def test_literal_before_the_tagged_line(ours: Any) -> None:
    """Twisted waits for ever: the tagged line is part of the name."""
    theirs, mine = both(ours, listing, b'* LIST () "/" {3}\r\nabc\r\n' + OK)
    assert theirs.firing == ("pending",)
    assert result(mine) == [((), "/", "abc")]


# ---- A line over 16,384 bytes ----------------------------------------------
line_limit_row = pytest.mark.row("A line of more than 16,384 octets drops the connection")


@line_limit_row
def test_long_line(ours: Any) -> None:
    numbers = list(range(10_000, 14_000))
    wire = b"* SEARCH " + b" ".join(b"%d" % n for n in numbers) + b"\r\n" + OK
    theirs, mine = both(ours, searching, wire)
    assert theirs.closed
    assert result(mine) == numbers


# ---- Text is text ----------------------------------------------------------
text_row = pytest.mark.row("Human-readable text after OK, NO, BAD, BYE, PREAUTH and +")

TEXTS = [b":)", b'an unmatched "', b"(open", b"close)", b"{12}", b"[", b"]", b"a {12}", b"x [y"]


@text_row
@pytest.mark.parametrize("status", [b"OK", b"NO", b"BAD"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_an_untagged_status(ours: Any, status: bytes, text: bytes) -> None:
    """Twisted drops the connection, or waits for the literal."""
    theirs, mine = both(ours, noop, b"* %b %b\r\n" % (status, text) + OK)
    assert theirs.closed or theirs.firing == ("pending",) or theirs.firing[0] == "failure"
    assert exact(result(mine)) == exact([])


@text_row
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_an_idle_status(ours: Any, text: bytes) -> None:
    mine = drive(ours, [], b"* OK " + text + b"\r\n* 3 EXISTS\r\n")
    assert not mine.closed
    assert mine.events == [("new", 3, None)]


@text_row
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_tagged_status(ours: Any, text: bytes) -> None:
    """select() reads it for a code; an error's text is given as it is."""
    mine = drive(ours, selecting, b"* 1 EXISTS\r\n0001 OK " + text + b"\r\n")
    assert exact(result(mine)) == exact({"READ-WRITE": 1, "EXISTS": 1})
    mine = drive(ours, noop, b"0001 NO " + text + b"\r\n")
    assert failure(mine).args == (text,)
    assert drive(TheirClient, noop, b"0001 NO {12}\r\n").firing == ("pending",)


@text_row
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_greeting(ours: Any, text: bytes) -> None:
    for status, state in ((b"OK", "unauth"), (b"PREAUTH", "auth")):
        session = Rig(ours, greeting=None)
        session.feed(b"* %b %b\r\n* 1 EXISTS\r\n" % (status, text))
        assert session.journal == [("greeting", None), ("new", 1, None)]
        assert session.client.state == state
        assert not session.closed


@text_row
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_continuation(ours: Any, text: bytes) -> None:
    """It is given to the continuation as it is."""
    heard: list[bytes] = []

    def call(client: Any) -> Any:
        return client.sendCommand(imap4.Command(b"X", None, (), heard.append))

    mine = drive(ours, call, b"+ " + text + b"\r\n" + OK)
    result(mine)
    assert heard == [text]


@text_row
def test_code_counts_only_behind_the_status(ours: Any) -> None:
    """A code at the end of the text is text."""
    mine = drive(ours, selecting, b"* OK text [UNSEEN 5]\r\n0001 OK text [READ-ONLY]\r\n")
    assert exact(result(mine)) == exact({"READ-WRITE": 1})


@text_row
def test_bare_code_tells_the_mode(ours: Any) -> None:
    """C{* [READ-ONLY]} does, C{* OK [READ-ONLY]} does not: as in Twisted."""
    wire = b"* [READ-ONLY]\r\n* OK [READ-WRITE] x\r\n* [READ-WRITE]\r\n"
    for cls in (TheirClient, ours):
        assert drive(cls, [], wire).events == [("mode", False), ("mode", True)]


# ---- Capabilities in a greeting --------------------------------------------
greeting_row = pytest.mark.row("Anything in brackets in a greeting is taken for capabilities")


@greeting_row
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"ready. [TQBXAEg=]", None),
        (b"[ALERT] welcome", None),
        (b"IMAPrev1", None),
        (b"[IMAP4rev1] ready", {}),
        (b"[IMAP4rev1 IDLE] ready", {b"IDLE": None}),
        (b"[IMAP4rev2 AUTH=PLAIN] ready", {b"AUTH": [b"PLAIN"]}),
        (b"[CAPABILITY IMAP4rev1 STARTTLS] hi", {b"IMAP4rev1": None, b"STARTTLS": None}),
        (b"[capability IMAP4rev1] hi", {b"IMAP4rev1": None}),
        (b"ready [CAPABILITY IMAP4rev1]", None),
    ],
)
def test_capabilities_in_a_greeting(ours: Any, text: bytes, expected: Any) -> None:
    outcome = drive(ours, [], b"* OK " + text + b"\r\n", greeting=None)
    assert outcome.journal == [("greeting", expected)]


@greeting_row
def test_any_brackets_let_twisted_log_in_in_clear(ours: Any) -> None:
    """It takes the token for capabilities, and so asks for none."""
    written = []
    for cls in (TheirClient, ours):
        session = Rig(cls, greeting=None)
        session.feed(b"* OK ready [TQBXAEg=]\r\n")
        session.call(lambda c: c.login(b"u", b"p"))
        written.append(session.written)
    assert written == [b'0001 LOGIN "u" "p"\r\n', b"0001 CAPABILITY\r\n"]


# ---- One bad response ------------------------------------------------------
bad_response_row = pytest.mark.row("One bad response drops the connection")


@bad_response_row
def test_bad_response_fails_its_command_alone(ours: Any) -> None:
    """At the tagged answer, with what was built before and behind it."""
    bad = b"* 2 FETCH (UID 5 FLAGS " + b"x" * 300 + b"(\r\n"
    wire = b"* 1 FETCH (UID 4)\r\n" + bad + b"* 3 FETCH (UID 6)\r\n"
    mine = drive(ours, uids, wire)
    assert mine.firing == ("pending",)
    theirs, mine = both(ours, uids, wire + OK)
    assert theirs.closed or theirs.firing[0] == "failure"
    problem: Any = failure(mine)
    assert issubclass(type(problem), IllegalServerResponse)
    assert not mine.closed
    assert problem.wire == bad[:200] or problem.wire == bad[2:202]
    assert 0 <= problem.offset <= len(bad)
    assert exact(problem.result) == exact({1: {"UID": "4"}, 3: {"UID": "6"}})


@bad_response_row
def test_connection_is_of_use_behind_a_bad_response(ours: Any) -> None:
    session = Rig(ours)
    session.call(uids)
    session.feed(b"* 1 FETCH (UID\r\n" + OK)
    second = session.call(uids)
    session.feed(b"* 1 FETCH (UID 7)\r\n0002 OK done\r\n")
    assert second == [("result", {1: {"UID": "7"}})]
    assert not session.closed


@bad_response_row
def test_bad_response_of_another_kind_is_dropped(ours: Any) -> None:
    """Twisted drops the connection; the caller sees ConnectionDone."""
    wire = b"* LIST (() x\r\n* many EXISTS\r\n* 1 FETCH (UID 4)\r\n" + OK
    theirs, mine = both(ours, uids, wire)
    assert theirs.closed or theirs.firing[0] == "failure"
    assert exact(result(mine)) == exact({1: {"UID": "4"}})


@bad_response_row
def test_idle_bad_response_is_dropped(ours: Any) -> None:
    wire = b"* many EXISTS\r\n* 1 FETCH (FLAGS\r\n* 3 EXISTS\r\n"
    theirs, mine = both(ours, lambda c: None, wire)
    assert theirs.closed
    assert not mine.closed
    assert mine.events == [("new", 3, None)]


@bad_response_row
def test_broken_framing_closes_with_the_cause(ours: Any) -> None:
    """Every Deferred, the queued ones too."""
    session = Rig(ours)
    first, second = session.call(uids), session.call(noop)
    session.feed(b"* 1 FETCH (RFC822 {xyz}\r\nabc)\r\n" + OK)
    assert session.closed
    for firings in (first, second):
        assert [kind for kind, _ in firings] == ["failure"]
        assert isinstance(firings[0][1], IllegalServerResponse)


@bad_response_row
def test_raising_continuation(ours: Any) -> None:
    """Logged once; ConnectionDone, whose cause says why."""

    def raising(text: bytes) -> None:
        raise ZeroDivisionError(text)

    def call(client: Any) -> Any:
        return client.sendCommand(imap4.Command(b"X", None, (), raising))

    theirs, mine = both(ours, call, b"+ go\r\n")
    assert type(failure(theirs)) is ConnectionDone and failure(theirs).__cause__ is None
    assert type(failure(mine)) is ConnectionDone
    assert isinstance(failure(mine).__cause__, ZeroDivisionError)
    assert [type(e) for e in mine.errors] == [ZeroDivisionError]
    assert theirs.closed and mine.closed


# ---- Keywords in any case --------------------------------------------------
case_row = pytest.mark.row("Keywords count only in upper case")


@case_row
@pytest.mark.parametrize(
    ("call", "wire", "expected"),
    [
        (uids, b"* 1 fetch (uid 5)\r\n", {1: {"UID": "5"}}),
        (flags, b"* 1 Fetch (Flags (\\seen))\r\n", {1: {"FLAGS": ["\\seen"]}}),
        (listing, b'* list () "/" a\r\n', [((), "/", "a")]),
        (searching, b"* search 1 2\r\n", [1, 2]),
        (lambda c: c.expunge(), b"* 4 expunge\r\n", [4]),
        (lambda c: c.status("x", "MESSAGES"), b"* status x (messages 3)\r\n", {"MESSAGES": 3}),
        (lambda c: c.getCapabilities(), b"* capability X\r\n", {b"X": None}),
        (lambda c: c.namespace(), b'* namespace (("" "/")) nil nil\r\n', [[["", "/"]], [], []]),
        (selecting, b"* 3 exists\r\n* ok [uidnext 4] x\r\n* flags (a)\r\n",
         {"READ-WRITE": 1, "EXISTS": 3, "UIDNEXT": 4, "FLAGS": ("a",)}),
        (lambda c: c.fetchSpecific("1"), b"* 1 fetch (body[header.fields (a)] nil)\r\n",
         {1: [["BODY", ["HEADER.FIELDS", ["a"]], None]]}),
    ],
)  # fmt: skip
def test_keywords_in_any_case(ours: Any, call: Call, wire: bytes, expected: Any) -> None:
    theirs, mine = both(ours, call, wire + b"0001 ok done\r\n")
    assert theirs.firing[0] == "failure" or theirs.firing[1] != expected
    assert exact(result(mine)) == exact(expected)


# ---- Mailbox names ---------------------------------------------------------
names_row = pytest.mark.row("Backslashes stay doubled")


@names_row
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b'"a\\\\b"', "a\\b"),
        (b'"q\\"uote\\\\"', 'q"uote\\'),
        (b'"caf\xc3\xa9"', "café"),
        (b'"caf\xe9"', "café"),
        (b'"bad &utf7"', "bad &utf7"),
    ],
)
def test_name_that_loses_the_whole_list(ours: Any, name: bytes, expected: str) -> None:
    """Twisted gives a doubled backslash, or loses the names around it too."""
    wire = b'* LIST () "/" before\r\n* LIST () "/" ' + name + b'\r\n* LIST () "/" after\r\n'
    theirs, mine = both(ours, listing, wire + OK)
    assert theirs.firing[0] != "result" or theirs.firing[1][1][2] != expected
    assert [each[2] for each in result(mine)] == ["before", expected, "after"]


@names_row
def test_nil_delimiter(ours: Any) -> None:
    theirs, mine = both(ours, listing, b"* LIST (\\Noselect) NIL a\r\n" + OK)
    assert isinstance(failure(theirs), AttributeError)
    assert exact(result(mine)) == exact([(("\\Noselect",), None, "a")])


@names_row
@pytest.mark.parametrize(
    "raw", [b"caf\xc3\xa9", b"caf\xe9", b"bad &utf7", b"&Jjo!", b"&-&", b"&AGE-"]
)
def test_decoded_name_still_selects_the_mailbox(ours: Any, raw: bytes) -> None:
    """Encoding what list() gave would name another mailbox; its octets are sent."""
    session = Rig(ours)
    listed = session.call(listing)
    session.feed(b'* LIST () "/" "%b"\r\n' % raw + OK)
    name = listed[0][1][0][2]
    before = len(session.written)
    session.call(lambda c: c.select(name))
    session.feed(b"+ go\r\n")
    assert raw in session.written[before:]
    # Another connection does not know it.
    other = Rig(ours)
    other.call(lambda c: c.select(name))
    other.feed(b"+ go\r\n")
    assert raw not in other.written


@names_row
def test_escapes_in_a_fetch(ours: Any) -> None:
    wire = b'* 1 FETCH (ENVELOPE ("d" "c:\\\\dir \\"x\\"" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n'
    theirs, mine = both(ours, lambda c: c.fetchEnvelope("1"), wire + OK)
    assert result(theirs)[1]["ENVELOPE"][1] == 'c:\\\\dir "x"'
    assert result(mine)[1]["ENVELOPE"][1] == 'c:\\dir "x"'


# ---- Unsolicited data during a command -------------------------------------
unsolicited_row = pytest.mark.row("EXISTS and RECENT that come during a command are lost")

COUNTS = b"* 5 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n* 6 EXISTS\r\n"
COUNT_EVENTS = [("new", 5, None), ("new", None, 1), ("expunged", 2), ("new", 6, None)]


@unsolicited_row
@pytest.mark.parametrize(
    "call",
    [uids, searching, listing, lambda c: c.namespace(), lambda c: c.copy("1", "x", 0),
     lambda c: c.addFlags("1", ["a"]), lambda c: c.getCapabilities(), lambda c: c.check()],
)  # fmt: skip
def test_counts_during_a_command(ours: Any, call: Call) -> None:
    """At once and in order."""
    assert drive(ours, call, COUNTS).journal == COUNT_EVENTS
    theirs, mine = both(ours, call, COUNTS + OK)
    assert theirs.events == []
    assert mine.journal == [*COUNT_EVENTS, ("fired", 0)]


@unsolicited_row
def test_counts_are_told_before_a_no(ours: Any) -> None:
    theirs, mine = both(ours, searching, COUNTS + b"0001 NO no\r\n")
    assert theirs.events == []
    assert mine.journal == [*COUNT_EVENTS, ("fired", 0)]


@unsolicited_row
def test_counts_of_select_are_its_result(ours: Any) -> None:
    for call in (selecting, lambda c: c.examine("x")):
        mine = drive(ours, call, b"* 5 EXISTS\r\n* 1 RECENT\r\n" + OK)
        assert result(mine)["EXISTS"] == 5 and result(mine)["RECENT"] == 1
        assert mine.events == []


@unsolicited_row
def test_noop_tells_and_keeps(ours: Any) -> None:
    mine = drive(ours, noop, COUNTS + OK)
    assert mine.events == COUNT_EVENTS
    assert result(mine) == [
        [b"5", b"EXISTS"], [b"1", b"RECENT"], [b"2", b"EXPUNGE"], [b"6", b"EXISTS"]
    ]  # fmt: skip


NOOP_WIRE = (
    b"* 5 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen) UID 4)\r\n* 2 EXPUNGE\r\n* 2 FETCH (UID 7)\r\n"
    b"* 3 FETCH (FLAGS ({3}\r\nabc x) RFC822 {2}\r\nhi)\r\n* 1 fetch (flags ())\r\n"
)
NOOP_EVENTS: list[Any] = [
    ("new", 5, None), ("flags", {1: ["\\Seen"]}), ("expunged", 2),
    ("flags", {3: ["abc", "x"]}), ("flags", {1: []}),
]  # fmt: skip
NOOP_LINES = [
    [b"5", b"EXISTS"], [b"1", b"FETCH", [b"FLAGS", [b"\\Seen"], b"UID", b"4"]],
    [b"2", b"EXPUNGE"], [b"2", b"FETCH", [b"UID", b"7"]],
    [b"3", b"FETCH", [b"FLAGS", [b"abc", b"x"], b"RFC822", b"hi"]],
    [b"1", b"fetch", [b"flags", []]],
]  # fmt: skip


@unsolicited_row
def test_noop_tells_flags_and_keeps_them(ours: Any, cuts: Any) -> None:
    """At once and in order, in the result as well, and not again at its end."""
    mine = drive(ours, noop, NOOP_WIRE, cuts(NOOP_WIRE))
    assert mine.journal == NOOP_EVENTS
    for ending in (b"OK", b"NO", b"BAD"):
        wire = NOOP_WIRE + b"0001 %b x\r\n" % ending
        mine = drive(ours, noop, wire, cuts(wire))
        assert mine.journal == [*NOOP_EVENTS, ("fired", 0)]
        assert mine.errors == []
        if ending == b"OK":
            assert exact(result(mine)) == exact(NOOP_LINES)
            theirs = drive(TheirClient, noop, wire.replace(b"fetch (flags", b"FETCH (FLAGS"))
            assert theirs.events == []
            assert theirs.firing[1][:-1] == NOOP_LINES[:-1]


@unsolicited_row
@pytest.mark.parametrize("hook", ["_extraInfo", "_cbFetch", "_parseFetchPairs", "response_AUTH"])
def test_noop_tells_flags_under_hooks(ours: Any, hook: str) -> None:
    """Whatever a program overrides and passes on: once, in order."""

    def passing(self: Any, *args: Any) -> Any:
        return getattr(super(Program, self), hook)(*args)

    Program: Any = type("Program", (ours,), {hook: passing})  # noqa: N806
    mine = drive(Program, noop, NOOP_WIRE + OK)
    assert mine.journal == [*NOOP_EVENTS, ("fired", 0)]
    assert exact(result(mine)) == exact(NOOP_LINES)


@unsolicited_row
@pytest.mark.parametrize("wire", [b"* 1 FETCH (FLAGS abc)\r\n", b"* x FETCH (FLAGS (a))\r\n",
                                  b"* 1 FETCH FLAGS\r\n", b"* 1 FETCH\r\n"])  # fmt: skip
def test_noop_keeps_a_fetch_that_cannot_be_told(ours: Any, wire: bytes) -> None:
    """Nobody can tell what flags these are; the list has them as in Twisted."""
    theirs, mine = both(ours, noop, wire + OK)
    assert exact(result(mine)) == exact(result(theirs))
    assert mine.events == []


@unsolicited_row
def test_noop_with_a_bad_fetch(ours: Any) -> None:
    """It fails as for any bad response, and what is good is told all the same."""
    mine = drive(ours, noop, b"* 1 FETCH (FLAGS (a)\r\n* 2 FETCH (FLAGS (b))\r\n" + OK)
    assert isinstance(failure(mine), IllegalServerResponse) and not mine.closed
    assert failure(mine).result == [[b"2", b"FETCH", [b"FLAGS", [b"b"]]]]
    assert mine.journal == [("flags", {2: ["b"]}), ("fired", 0)]


@unsolicited_row
@pytest.mark.parametrize(
    "call", [lambda c: c.copy("1", "x", 0), lambda c: c.check(), lambda c: c.create("x"),
             lambda c: c.sendCommand(imap4.Command(b"NOOP"))]
)  # fmt: skip
def test_only_noop_tells_flags_that_it_keeps(ours: Any, call: Call) -> None:
    """The other commands whose result has FETCH are as in Twisted."""
    theirs, mine = both(ours, call, b"* 1 FETCH (FLAGS (a))\r\n" + OK)
    assert theirs.events == mine.events == []
    assert exact(result(mine)) == exact(result(theirs))


@unsolicited_row
def test_expunge_tells_as_well(ours: Any) -> None:
    mine = drive(ours, lambda c: c.expunge(), b"* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 9 EXISTS\r\n" + OK)
    assert result(mine) == [3, 3]
    assert mine.events == [("expunged", 3), ("expunged", 3), ("new", 9, None)]


@unsolicited_row
def test_idle_expunge(ours: Any) -> None:
    theirs, mine = both(ours, lambda c: None, b"* 3 EXPUNGE\r\n")
    assert theirs.events == []
    assert mine.events == [("expunged", 3)]


@unsolicited_row
def test_flags_during_search(ours: Any) -> None:
    wire = b"* 3 FETCH (FLAGS (\\Seen))\r\n* SEARCH 1\r\n"
    theirs, mine = both(ours, searching, wire + OK)
    assert theirs.events == []
    assert mine.journal == [("flags", {3: ["\\Seen"]}), ("fired", 0)]


@unsolicited_row
@pytest.mark.parametrize(
    "call", [uids, lambda c: c.addFlags("1", ["a"]), lambda c: c.fetchSpecific("1")]
)
def test_flags_of_a_fetch_that_fails(ours: Any, call: Call) -> None:
    """Once, just before its errback."""
    wire = b"* 1 FETCH (FLAGS (a))\r\n* 2 FETCH (FLAGS (b))\r\n* 5 EXISTS\r\n"
    assert drive(ours, call, wire).journal == [("new", 5, None)]
    theirs, mine = both(ours, call, wire + b"0001 NO no\r\n")
    assert theirs.events == []
    assert mine.journal == [
        ("new", 5, None), ("flags", {1: ["a"], 2: ["b"]}), ("fired", 0)
    ]  # fmt: skip


ASKS_FOR_FLAGS: list[Call] = [
    flags,
    lambda c: c.fetchFlags("1:2", uid=True),
    lambda c: c.fetchAll("1:2"),
    lambda c: c.fetchFast("1:2"),
    lambda c: c.fetchFull("1:2"),
    lambda c: c.addFlags("1:2", ["a"], silent=0),
    lambda c: c.removeFlags("1:2", ["a"], silent=0),
    lambda c: c.setFlags("1:2", ["a"], silent=0, uid=True),
]


def with_cb_fetch(base: Any) -> Any:
    """A program that has FETCH responses made into a result by itself."""

    class Program(base):
        def _cbFetch(self, *args: Any) -> Any:
            return super()._cbFetch(*args)

    return Program


def with_pairs(base: Any) -> Any:
    """A program that parses the items of a FETCH by itself."""

    class Program(base):
        def _parseFetchPairs(self, *args: Any) -> Any:
            return super()._parseFetchPairs(*args)

    return Program


@pytest.mark.parametrize("program", [lambda base: base, with_cb_fetch, with_pairs])
@pytest.mark.parametrize("ending", [b"NO", b"BAD"])
@pytest.mark.parametrize("call", ASKS_FOR_FLAGS)
def test_flags_that_were_asked_for_and_refused(
    ours: Any, call: Call, ending: bytes, program: Any
) -> None:
    """They would have been the result: told once, for all messages, just before the errback."""
    wire = (
        b"* 1 FETCH (FLAGS (a) UID 7)\r\n* 9 EXISTS\r\n* 2 FETCH (UID 8)\r\n"
        b"* 3 FETCH (FLAGS (b \\Seen))\r\n* 1 FETCH (FLAGS (c))\r\n"
    )
    cls = program(ours)
    assert drive(cls, call, wire).journal == [("new", 9, None)]
    answer = b"0001 %b some gone\r\n" % ending
    mine = drive(cls, call, wire + answer)
    assert mine.journal == [
        ("new", 9, None), ("flags", {1: ["c"], 3: ["b", "\\Seen"]}), ("fired", 0)
    ]  # fmt: skip
    assert failure(mine).args == (b"some gone",)
    assert drive(TheirClient, call, wire + answer).events == []


@pytest.mark.parametrize("call", ASKS_FOR_FLAGS)
def test_flags_that_were_asked_for_and_given(ours: Any, call: Call) -> None:
    """They are the result, and nobody else is told."""
    wire = b"* 1 FETCH (FLAGS (a))\r\n"
    theirs, mine = both(ours, call, wire + OK)
    assert exact(result(mine)) == exact(result(theirs))
    assert mine.events == theirs.events == []


def test_nothing_to_tell_at_a_no(ours: Any) -> None:
    """No FLAGS came, or none that make sense."""
    for wire in (b"", b"* 1 FETCH (UID 4)\r\n", b"* 1 FETCH (FLAGS NIL)\r\n",
                 b"* 1 FETCH (FLAGS abc)\r\n"):  # fmt: skip
        mine = drive(ours, flags, wire + b"0001 NO no\r\n")
        assert mine.journal == [("fired", 0)]
        assert mine.errors == []


# ---- Numbers are digits ----------------------------------------------------
sizes_row = pytest.mark.row("{+5}, {1_0} and {99999999999999} are sizes of literals")


def message(client: Any) -> Any:
    return client.fetchMessage("1")


@sizes_row
@pytest.mark.parametrize("size", [b"+5", b"0_5", b" 5", b"5 ", b"-1", b"", b"5++", b"+5+",
                                  b"0x5", b"0" * 20 + b"5"])  # fmt: skip
def test_literal_size_is_digits(ours: Any, size: bytes) -> None:
    """Twisted takes whatever int() does."""
    mine = drive(ours, message, b"* 1 FETCH (RFC822 {%b}\r\nhello)\r\n" % size + OK)
    assert mine.closed
    assert isinstance(failure(mine), IllegalServerResponse)


@sizes_row
def test_literal_sizes_of_twisted() -> None:
    for size in (b"+5", b"0_5", b" 5"):
        theirs = drive(TheirClient, message, b"* 1 FETCH (RFC822 {%b}\r\nhello)\r\n" % size + OK)
        assert result(theirs) == {1: {"RFC822": "hello"}}


@sizes_row
@pytest.mark.parametrize("size", [b"5", b"5+", b"0" * 19 + b"5"])
def test_literal_size_of_at_most_20_digits(ours: Any, size: bytes) -> None:
    mine = drive(ours, message, b"* 1 FETCH (RFC822 {%b}\r\nhello)\r\n" % size + OK)
    assert result(mine) == {1: {"RFC822": "hello"}}


@sizes_row
def test_literal_size_is_judged_at_the_brace(ours: Any) -> None:
    """Before an octet of it has come."""
    theirs, mine = both(ours, message, b"* 1 FETCH (RFC822 {99999999999999}\r\n")
    assert not theirs.closed
    assert mine.closed
    assert isinstance(failure(mine), IllegalServerResponse)


@sizes_row
@pytest.mark.parametrize("number", [b"-5", b"1_0", b"+5", b"5.0"])
def test_count_is_digits(ours: Any, number: bytes) -> None:
    """In select() it fails the command; idle, it is dropped."""
    mine = drive(ours, selecting, b"* %b EXISTS\r\n" % number + OK)
    assert isinstance(failure(mine), IllegalServerResponse) and not mine.closed
    mine = drive(ours, [], b"* %b EXISTS\r\n* 3 EXISTS\r\n" % number)
    assert mine.events == [("new", 3, None)] and not mine.closed
    if number != b"5.0":
        theirs = drive(TheirClient, [], b"* %b EXISTS\r\n" % number)
        assert theirs.events == [("new", int(number), None)]


# ---- What real servers send ------------------------------------------------
servers_row = pytest.mark.row("Much of what real servers send fails or comes out wrong")


@servers_row
@pytest.mark.parametrize(
    ("call", "wire", "expected"),
    [
        pytest.param(uids, b"* 1 FETCH (UID 4)\n0001 OK done\n", {1: {"UID": "4"}}, id="LF"),
        pytest.param(uids, b"\r\n\r\n* 1 FETCH (UID 4)\r\n\n" + OK, {1: {"UID": "4"}},
                     id="blank lines"),
        pytest.param(noop, b"\0\0* OK x\r\n" + OK, [], id="NULs before a line"),
        pytest.param(listing, b'* LIST () "/" "say "hi"now"\r\n' + OK,
                     [((), "/", 'say "hi"now')], id="quotes in quotes"),
        pytest.param(flags, b"* 1 FETCH (FLAGS (a[b] [c] d]))\r\n" + OK,
                     {1: {"FLAGS": ["a[b]", "[c]", "d]"]}}, id="brackets in atoms"),
        pytest.param(uids, b"* 1 FETCH ((UID 4) ((RFC822.SIZE 3)))\r\n" + OK,
                     {1: {"UID": "4", "RFC822.SIZE": "3"}}, id="parentheses round an item"),
        pytest.param(selecting, b"* FLAGS (a (b c) d)\r\n" + OK,
                     {"READ-WRITE": 1, "FLAGS": ("a", "d")}, id="a list among flags"),
        pytest.param(listing, b'* LIST (\\A (\\B) \\C) "/" x\r\n' + OK,
                     [(("\\A", "\\C"), "/", "x")], id="a list among a mailbox's flags"),
        pytest.param(uids, b"+ idling\r\n+\r\n* 1 FETCH (UID 4)\r\n" + OK, {1: {"UID": "4"}},
                     id="+ unasked"),
        pytest.param(uids, b"A99 OK whose\r\n* 1 FETCH (UID 4)\r\n" + OK, {1: {"UID": "4"}},
                     id="a foreign tag"),
        pytest.param(uids, b"nonsense\r\nmore of it here\r\n* 1 FETCH (UID 4)\r\n" + OK,
                     {1: {"UID": "4"}}, id="lines that are no response"),
        pytest.param(listing, b'* LIST () "/" a name with spaces  \r\n' + OK,
                     [((), "/", "a name with spaces")], id="an unquoted name with spaces"),
        pytest.param(listing, b'* LIST () "/" name ("CHILDINFO" ("SUBSCRIBED"))\r\n' + OK,
                     [((), "/", "name")], id="what follows a LIST's name"),
        pytest.param(searching, b"* SEARCH 1 2 (MODSEQ 9)\r\n" + OK, [1, 2],
                     id="a list in SEARCH"),
    ],
)  # fmt: skip
def test_what_real_servers_send(ours: Any, call: Call, wire: bytes, expected: Any) -> None:
    theirs, mine = both(ours, call, wire)
    assert theirs.firing[0] != "result" or theirs.firing[1] != expected or theirs.closed
    assert exact(result(mine)) == exact(expected)


@servers_row
def test_plain_commands_keep_a_list_among_flags(ours: Any) -> None:
    """So does FETCH FLAGS: Twisted does."""
    theirs, mine = both(ours, noop, b"* FLAGS (a (b c) d)\r\n" + OK)
    assert exact(result(mine)) == exact(result(theirs)) == exact([[b"FLAGS",
        [b"a", [b"b", b"c"], b"d"]]])  # fmt: skip
    theirs, mine = both(ours, flags, b"* 1 FETCH (FLAGS (a (b c) d))\r\n" + OK)
    assert exact(result(mine)) == exact(result(theirs))


# ---- Data is data ----------------------------------------------------------
data_row = pytest.mark.row("Text that looks like syntax is taken for it")


@data_row
@pytest.mark.parametrize("data", [b"<5>", b"<0>", b"< 1 >", b"<1_0>"])
def test_body_that_looks_like_an_origin(ours: Any, data: bytes) -> None:
    wire = b"* 1 FETCH (BODY[TEXT] {%d}\r\n%b)\r\n" % (len(data), data)
    theirs, mine = both(ours, lambda c: c.fetchSpecific("1", headerType="TEXT"), wire + OK)
    assert isinstance(failure(theirs), IllegalServerResponse)
    assert exact(result(mine)) == exact({1: [["BODY", ["TEXT"], data.decode()]]})


@data_row
def test_mailbox_named_nil(ours: Any) -> None:
    theirs, mine = both(ours, listing, b'* LIST () "/" NIL\r\n' + OK)
    assert isinstance(failure(theirs), AttributeError)
    assert result(mine) == [((), "/", "NIL")]


@data_row
def test_mailbox_named_as_what_is_waited_for(ours: Any) -> None:
    """A STATUS that nobody asked for, in the middle of a fetch."""
    wire = b'* 1 FETCH (FLAGS (a))\r\n* STATUS "FETCH" ()\r\n' + OK
    theirs, mine = both(ours, flags, wire)
    assert isinstance(failure(theirs), IllegalServerResponse)
    assert exact(result(mine)) == exact({1: {"FLAGS": ["a"]}})


# ---- What goes out ---------------------------------------------------------
arguments_row = pytest.mark.row("CR, LF and NUL in an argument go out as they are")


@arguments_row
def test_line_ends_in_arguments(ours: Any) -> None:
    """Twisted sends a second command; we send nothing."""
    theirs, mine = both(ours, lambda c: c.search("ALL\r\n0002 LOGOUT"), b"")
    assert theirs.written == b"0001 SEARCH ALL\r\n0002 LOGOUT\r\n"
    assert mine.written == b""
    assert mine.firing[0] == "raised" and isinstance(mine.firing[1], ValueError)


@arguments_row
def test_quotes_in_arguments(ours: Any) -> None:
    theirs, mine = both(ours, lambda c: c.list('a"b', "c\\d"), b"")
    assert theirs.written == b'0001 LIST "a"b" "c\\d"\r\n'
    assert mine.written == b'0001 LIST "a\\"b" "c\\\\d"\r\n'


@pytest.mark.row("Answers to a SASL challenge are folded at 76 characters")
def test_sasl_answer_is_one_line(ours: Any) -> None:
    """Twisted folds base64 at 76 characters: the rest is a second line."""

    def call(client: Any) -> Any:
        client._capCache = {b"AUTH": [b"PLAIN"]}
        client.registerAuthenticator(imap4.PLAINAuthenticator(b"u"))
        return client.authenticate(b"s" * 90)

    theirs, mine = both(ours, call, b"+ \r\n")
    assert theirs.written.count(b"\n") == 3
    assert mine.written.count(b"\n") == 2
    unfolded = theirs.written.replace(b"\r\n", b"\r").replace(b"\n", b"")
    assert mine.written == unfolded.replace(b"\r", b"\r\n")


@pytest.mark.row('login("name", "password") raises TypeError')
def test_login_with_str(ours: Any) -> None:
    caps = b"* CAPABILITY IMAP4rev1\r\n" + OK
    theirs, mine = both(ours, lambda c: c.login("u", "p"), caps)
    assert isinstance(failure(theirs), TypeError)
    assert mine.written == b'0001 CAPABILITY\r\n0002 LOGIN "u" "p"\r\n'


# ---- BYE -------------------------------------------------------------------
bye_row = pytest.mark.row("BYE is ignored")


@bye_row
def test_idle_bye(ours: Any) -> None:
    theirs, mine = both(ours, lambda c: None, b"* BYE idle too long\r\n")
    assert not theirs.closed
    assert mine.closed


@bye_row
def test_bye_is_the_cause(ours: Any) -> None:
    """Of what the waiting command gets when the connection closes."""
    for cls, kind in ((TheirClient, ConnectionDone), (ours, IMAP4Exception)):
        session = Rig(cls)
        first, second = session.call(noop), session.call(uids)
        session.feed(b"* BYE shutting down\r\n")
        assert not first
        session.lose()
        assert [type(e[1]) for e in (*first, *second)] == [kind, kind]
    assert first[0][1].args == (b"shutting down",)


@bye_row
def test_bye_in_logout(ours: Any) -> None:
    """Expected there: a result."""
    mine = drive(ours, lambda c: c.logout(), b"* BYE good bye :)\r\n" + OK)
    assert mine.firing == ("result", None)
    assert mine.closed


ENDS = [ConnectionDone, ConnectionLost, lambda: SSL.Error([("", "", "unexpected eof")])]


@bye_row
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("bye", [b"* BYE good bye\r\n", b"* 1 EXISTS\r\n* bye\r\n0001 O",
                                 b"* BYE {3}\r\n* BYE again\r\n"])  # fmt: skip
def test_bye_in_logout_without_an_answer(ours: Any, bye: bytes, end: Any, cuts: Any) -> None:
    """What was wanted has happened, however the connection ends; Twisted reports that."""
    session = Rig(ours)
    firings = session.call(lambda c: c.logout())
    session.feed(bye, cuts(bye))
    assert firings == []
    session.lose(Failure(end()))
    assert firings == [("result", None)]
    assert session.outcome().errors == []
    theirs = Rig(TheirClient)
    firings = theirs.call(lambda c: c.logout())
    theirs.feed(b"* BYE good bye\r\n")
    theirs.lose(Failure(end()))
    assert [kind for kind, _ in firings] == ["failure"]


@bye_row
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("wire", [b"", b"* 1 EXISTS\r\n", b"* BYE", b"* OK [BYE] x\r\n"])
def test_logout_without_a_bye(ours: Any, wire: bytes, end: Any) -> None:
    """The connection's end is not hidden."""
    session = Rig(ours)
    firings = session.call(lambda c: c.logout())
    session.feed(wire)
    reason = Failure(end())
    session.lose(reason)
    assert firings == [("failure", reason.value)]


def test_closed_by_us_behind_the_bye_of_logout(ours: Any) -> None:
    """Framing that is lost, a limit, a wrong tag, and a program that closes."""
    for wire in (b"* X {x}\r\n", b"* X {9999999999999}\r\n", b"0009 OK x\r\n"):
        session = Rig(ours)
        firings = session.call(lambda c: c.logout())
        session.feed(b"* BYE good bye\r\n" + wire)
        assert session.closed
        assert firings == [("result", None)]
    session = Rig(ours)
    firings = session.call(lambda c: c.logout())
    session.feed(b"* BYE good bye\r\n")
    session.transport.loseConnection()
    session.lose()
    assert firings == [("result", None)]


def test_an_answer_behind_the_bye_of_logout_counts(ours: Any) -> None:
    """A NO is one, however strange."""
    mine = drive(ours, lambda c: c.logout(), b"* BYE good bye\r\n0001 NO stay\r\n")
    assert failure(mine).args == (b"stay",)


def test_bye_of_logout_is_for_logout_alone(ours: Any) -> None:
    """What is queued behind it gets the cause; a LOGOUT that was not sent has seen no BYE."""
    session = Rig(ours)
    firings = session.call(lambda c: c.logout())
    behind = session.call(noop)
    session.feed(b"* BYE good bye\r\n")
    session.lose()
    assert firings == [("result", None)]
    assert [type(value) for _, value in behind] == [ConnectionDone]
    session = Rig(ours)
    before, firings = session.call(noop), session.call(lambda c: c.logout())
    session.feed(b"* BYE tired\r\n")
    session.lose()
    assert [type(value) for _, value in (*before, *firings)] == [IMAP4Exception] * 2


def test_bye_of_a_logout_of_the_programs_own(ours: Any) -> None:
    """A plain Command gets the end of the connection, as in Twisted."""
    for cls in (ours, TheirClient):
        session = Rig(cls)
        firings = session.call(lambda c: c.sendCommand(imap4.Command(b"LOGOUT")))
        session.feed(b"* BYE good bye\r\n")
        session.lose()
        assert [type(value) for _, value in firings] == [ConnectionDone]


def test_bye_in_logout_without_the_base(ours: Any) -> None:
    """A connectionLost() that does not call its base's, and a hook on the way of a BYE."""

    class Program(ours):
        def connectionLost(self, reason: Any) -> None:
            pass

        def _extraInfo(self, lines: Any) -> None:
            pass

    session = Rig(Program)
    firings = session.call(lambda c: c.logout())
    session.feed(b"* BYE good bye\r\n")
    session.lose(Failure(ConnectionLost()))
    assert firings == [("result", None)]


# ---- Capabilities, idle FETCH ----------------------------------------------
capabilities_row = pytest.mark.row("getCapabilities() takes words of EXISTS, SEARCH")


@capabilities_row
def test_only_capability_gives_capabilities(ours: Any) -> None:
    wire = b"* 5 EXISTS\r\n* SEARCH 7\r\n* CAPABILITY IMAP4rev1 IDLE\r\n"
    theirs, mine = both(ours, lambda c: c.getCapabilities(), wire + OK)
    assert set(result(theirs)) == {b"IMAP4rev1", b"IDLE", b"EXISTS", b"7"}
    assert exact(result(mine)) == exact({b"IMAP4rev1": None, b"IDLE": None})


@capabilities_row
def test_idle_fetch_without_flags(ours: Any) -> None:
    theirs, mine = both(ours, lambda c: None, b"* 5 FETCH (UID 7)\r\n")
    assert theirs.events == [("flags", {5: []})]
    assert mine.events == []


# ---- NIL for a section, unknown statuses -----------------------------------
odd_answers_row = pytest.mark.row("NIL for a section of a body raises")


@odd_answers_row
def test_nil_for_a_section(ours: Any) -> None:
    wire = b"* 1 FETCH (BODY[2] NIL)\r\n"
    theirs, mine = both(ours, lambda c: c.fetchSpecific("1", headerNumber=2), wire + OK)
    assert isinstance(failure(theirs), AttributeError)
    assert exact(result(mine)) == exact({1: [["BODY", ["2"], None]]})


@odd_answers_row
@pytest.mark.parametrize("status", [b"MAYBE", b"BYE", b"PREAUTH", b"OKAY"])
def test_unknown_tagged_status(ours: Any, status: bytes) -> None:
    theirs, mine = both(ours, noop, b"0001 %b x\r\n" % status)
    assert type(failure(theirs)) is IMAP4Exception and not theirs.closed
    assert isinstance(failure(mine), IllegalServerResponse) and mine.closed


# ---- A listener that raises ------------------------------------------------
listeners_row = pytest.mark.row("(newMessages, flagsChanged, modeChanged) that raises drops the")


@listeners_row
@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("newMessages", b"* 3 EXISTS\r\n"),
        ("flagsChanged", b"* 1 FETCH (FLAGS (a))\r\n"),
        ("modeChanged", b"* [READ-ONLY]\r\n"),
        ("expunged", b"* 3 EXPUNGE\r\n"),
    ],
)
def test_listener_that_raises(ours: Any, name: str, wire: bytes) -> None:
    """Logged, and the connection stays: idle, and during a command."""

    def raising(*args: Any) -> None:
        raise ZeroDivisionError(*args)

    def idle(client: Any) -> None:
        setattr(client, name, raising)

    theirs, mine = both(ours, idle, wire)
    assert theirs.closed or name == "expunged"
    assert not mine.closed
    assert [type(e) for e in mine.errors] == [ZeroDivisionError]

    def busy(client: Any) -> Any:
        setattr(client, name, raising)
        return client.search("ALL")

    mine = drive(ours, busy, wire + b"* SEARCH 1\r\n" + OK)
    assert result(mine) == [1]
    assert [type(e) for e in mine.errors] == [ZeroDivisionError]
