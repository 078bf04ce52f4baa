"""
Users' own Commands, through sendCommand(), and the attributes that they look at.
"""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.mail.imap4 import Command, IMAP4Exception

from tests.helpers.classes import TheirClient
from tests.helpers.comparing import exact
from tests.helpers.rig import Call, Rig, calling, drive

OK_WITH_CODE = b"0001 OK [X] done\r\n"


def sending(**attributes: Any) -> Call:
    """A plain Command, with these attributes set on the instance."""

    def call(client: Any) -> Any:
        command = Command(b"XTHING", b"args")
        vars(command).update(attributes)
        return client.sendCommand(command)

    return call


def test_tuple(either: Any) -> None:
    """What its tuples choose, and the answer without its tag."""
    outcome = drive(
        either, sending(), b'* LIST () "/" "a b"\r\n* OK [UIDNEXT 5] next one\r\n' + OK_WITH_CODE
    )
    assert exact(outcome.firing[1]) == exact(
        (
            [[b"LIST", [], b"/", b"a b"], [b"OK", [b"UIDNEXT", b"5"], b"next", b"one"]],
            b"OK [X] done",
        )
    )


def test_generic_values(either: Any) -> None:
    """Atoms, strings, NIL, lists and literals as bytes, None and lists."""
    wire = b'* SEARCH a "b c" NIL (d (e {3}\r\nf\r\n) "") "NIL"\r\n'
    outcome = drive(either, sending(), wire + OK_WITH_CODE)
    assert exact(outcome.firing[1][0]) == exact(
        [[b"SEARCH", b"a", b"b c", None, [b"d", [b"e", b"f\r\n"], b""], b"NIL"]]
    )


def test_fetch_is_collected_and_not_told(either: Any) -> None:
    wire = b"* 1 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS (A)]<0> x)\r\n"
    outcome = drive(either, sending(), wire + OK_WITH_CODE)
    assert exact(outcome.firing[1][0]) == exact(
        [[b"1", b"FETCH", [b"FLAGS", [b"\\Seen"], b"BODY", [b"HEADER.FIELDS", [b"A"]], b"<0>",
                           b"x"]]]
    )  # fmt: skip
    assert outcome.events == []


@pytest.mark.row("EXISTS and RECENT that come during a command")
def test_counts_are_collected_and_told(ours: Any) -> None:
    wire = b"* 5 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n"
    outcome = drive(ours, sending(), wire + OK_WITH_CODE)
    assert outcome.firing[1][0] == [[b"5", b"EXISTS"], [b"1", b"RECENT"], [b"2", b"EXPUNGE"]]
    assert outcome.journal == [
        ("new", 5, None), ("new", None, 1), ("expunged", 2), ("fired", 0)
    ]  # fmt: skip
    assert drive(TheirClient, sending(), wire + OK_WITH_CODE).firing == outcome.firing


SELECTING: list[Any] = [
    Command(b"SELECT", b"x"), Command(b"EXAMINE", b"x"), Command(b"select", b"x"),
    Command(b"SELECT x"),
]  # fmt: skip


def with_extra_info(base: Any) -> Any:
    """A program with a hook on the way to the listeners."""

    class Program(base):
        def _extraInfo(self, lines: Any) -> None:
            super()._extraInfo(lines)

    return Program


@pytest.mark.parametrize("program", [lambda base: base, with_extra_info])
@pytest.mark.parametrize("command", SELECTING, ids=lambda command: str(command.command))
@pytest.mark.parametrize("ending", [b"OK [READ-WRITE] x", b"NO no such", b"BAD what"])
def test_counts_of_its_own_select(
    ours: Any, command: Command, ending: bytes, program: Any, cuts: Any
) -> None:
    """
    Row "EXISTS and RECENT that come during a command": of another mailbox, and its
    result alone.  Before it and behind it they are told as always, as is EXPUNGE.
    """

    def call(client: Any) -> Any:
        return client.sendCommand(Command(command.command, command.args))

    counts = b"* 5 EXISTS\r\n* FLAGS (a)\r\n* 2 EXPUNGE\r\n* 1 RECENT\r\n"
    wire = counts + b"0002 " + ending + b"\r\n"
    calls = [calling("check"), call, calling("check")]
    wire = b"* 3 EXISTS\r\n0001 OK x\r\n" + wire + b"* 4 EXISTS\r\n0003 OK x\r\n* 9 RECENT\r\n"
    outcome = drive(program(ours), calls, wire, cuts(wire))
    assert outcome.journal == [
        ("new", 3, None), ("fired", 0), ("expunged", 2), ("fired", 1),
        ("new", 4, None), ("fired", 2), ("new", None, 9),
    ]  # fmt: skip
    theirs = drive(TheirClient, call, counts + b"0001 " + ending + b"\r\n")
    assert theirs.events == []
    if ending.startswith(b"OK"):
        assert exact(outcome.calls[1][0][1]) == exact(theirs.firing[1])
        assert outcome.calls[1][0][1][0][0] == [b"5", b"EXISTS"]


def test_counts_that_its_own_select_does_not_choose(ours: Any) -> None:
    """They are another mailbox's all the same."""

    class Choosy(Command):
        _2_RESPONSES: Any = ()

    outcome = drive(
        ours, lambda c: c.sendCommand(Choosy(b"SELECT", b"x")), b"* 5 EXISTS\r\n0001 OK done\r\n"
    )
    assert outcome.journal == [("fired", 0)]


def test_text_behind_a_code(ours: Any) -> None:
    """Split at SP; quotes, brackets and parentheses untouched."""
    outcome = drive(ours, sending(), b'* OK [UNSEEN 1] say "hi there" (x [y] :)\r\n' + OK_WITH_CODE)
    assert exact(outcome.firing[1][0]) == exact(
        [[b"OK", [b"UNSEEN", b"1"], b"say", b'"hi', b'there"', b"(x", b"[y]", b":)"]]
    )


def test_what_it_does_not_want_is_told(either: Any) -> None:
    """To the listeners, when it is done."""
    outcome = drive(either, sending(), b"* [READ-ONLY]\r\n* X-OTHER 5\r\n" + OK_WITH_CODE)
    assert outcome.firing == ("result", ([], b"OK [X] done"))
    assert outcome.only("mode") == [("mode", False)]


class Own(Command):
    _1_RESPONSES: Any = (b"X-OWN",)
    _2_RESPONSES: Any = (b"VANISHED", b"FETCH")
    _OK_RESPONSES: Any = (b"HIGHESTMODSEQ",)


OWN_WIRE = (
    b"* X-OWN 1\r\n* SEARCH 2\r\n* 3 VANISHED\r\n* OK [HIGHESTMODSEQ 4] x\r\n"
    b"* OK [UIDNEXT 4] x\r\n* 5 FETCH (UID 6)\r\n"
)
OWN_LINES = [
    [b"X-OWN", b"1"],
    [b"3", b"VANISHED"],
    [b"OK", [b"HIGHESTMODSEQ", b"4"], b"x"],
    [b"5", b"FETCH", [b"UID", b"6"]],
]


def test_tuples_of_a_subclass(either: Any) -> None:
    outcome = drive(either, lambda c: c.sendCommand(Own(b"X")), OWN_WIRE + OK_WITH_CODE)
    assert exact(outcome.firing[1]) == exact((OWN_LINES, b"OK [X] done"))


def test_tuples_of_an_instance(either: Any) -> None:
    own = {name: getattr(Own, name) for name in vars(Own) if name.endswith("_RESPONSES")}
    outcome = drive(either, sending(**own), OWN_WIRE + OK_WITH_CODE)
    assert exact(outcome.firing[1]) == exact((OWN_LINES, b"OK [X] done"))


def test_tuples_count_as_they_are_at_the_end(either: Any) -> None:
    """Changed while the responses come in."""
    session = Rig(either)
    command: Any = Command(b"X")
    firings = session.call(lambda c: c.sendCommand(command))
    session.feed(OWN_WIRE)
    command._1_RESPONSES = (b"X-OWN",)
    command._2_RESPONSES = command._OK_RESPONSES = ()
    session.feed(OK_WITH_CODE)
    assert firings == [("result", ([[b"X-OWN", b"1"]], b"OK [X] done"))]


def test_own_finish_gets_the_raw_lines(either: Any) -> None:
    """One bytes object for each response, literals inside."""

    class Finishing(Command):
        def finish(self, lastLine: bytes, unusedCallback: Any) -> None:
            d: Any = self.defer
            self.defer = None
            d.callback((list(self.lines), lastLine))
            unusedCallback([[[b"READ-ONLY"]]])

    wire = b'* LIST () "/" {3}\r\na"b (x)\r\n* WHAT ever\r\n'
    outcome = drive(either, lambda c: c.sendCommand(Finishing(b"X")), wire + OK_WITH_CODE)
    assert exact(outcome.firing[1]) == exact(
        ([b'LIST () "/" {3}\r\na"b (x)', b"WHAT ever"], b"OK [X] done")
    )
    assert outcome.events == [("mode", False)]


def test_no_and_bad(either: Any) -> None:
    for status in (b"NO", b"BAD"):
        outcome = drive(either, sending(), b"* SEARCH 1\r\n0001 %b not now\r\n" % status)
        assert type(outcome.firing[1]) is IMAP4Exception
        assert outcome.firing[1].args == (b"not now",)


def test_continuation(either: Any) -> None:
    """Called for each +, with what its Command was given."""
    heard: list[Any] = []

    def call(client: Any) -> Any:
        return client.sendCommand(
            Command(b"X", b"{3}", (), lambda *a, **k: heard.append((a, k)), 1, word=2)
        )

    drive(either, call, b"+ one\r\n+ two\r\n" + OK_WITH_CODE)
    assert heard == [((b"one", 1), {"word": 2}), ((b"two", 1), {"word": 2})]


def test_plus_without_a_continuation_is_ignored(ours: Any) -> None:
    """Twisted calls None."""
    outcome = drive(ours, sending(), b"+ go\r\n" + OK_WITH_CODE)
    assert outcome.firing == ("result", ([], b"OK [X] done"))
    assert drive(TheirClient, sending(), b"+ go\r\n").closed


@pytest.mark.parametrize(
    "args",
    [
        b"{3}\r\na\r\n",
        b"a {3+}\r\n\0\r\n b",
        b"{2}\r\nab {2}\r\n\r\n end",
        b"{3}\r\nabc",
        b"{0}\r\n",
    ],
)
def test_literals_in_args(either: Any, args: bytes) -> None:
    """CR, LF and NUL may stand in literals."""
    outcome = drive(either, lambda c: c.sendCommand(Command(b"X", args)), b"")
    assert outcome.written == b"0001 X " + args + b"\r\n"


@pytest.mark.parametrize("args", [b"a\r\nb", b"{3}\r\nabcd\r\n", b"{3}\nabc", b"{x}\r\nabc"])
def test_line_breakers_in_args(ours: Any, args: bytes) -> None:
    outcome = drive(ours, lambda c: c.sendCommand(Command(b"X", args)), b"")
    assert isinstance(outcome.firing[1], ValueError)
    assert outcome.written == b""


@pytest.mark.row("CR, LF and NUL in an argument go out as they are")
@pytest.mark.parametrize(
    "args", [b"{60}\r\nabc", b"{4+}\r\nabc", b"{1}\r\na {1}\r\n", b"{99999999999999999999}\r\nabc"]
)
def test_literals_that_are_not_all_there(ours: Any, args: bytes) -> None:
    """The next commands would be their octets."""
    for command in (Command(b"X", args), Command(args), Command(b"X", bytearray(args))):
        outcome = drive(ours, calling("sendCommand", command), b"")
        assert outcome.firing[0] == "raised" and type(outcome.firing[1]) is ValueError
        assert "literal" in str(outcome.firing[1])
        assert outcome.written == b""


# ---- Attributes that users look at -----------------------------------------


def test_tags_waiting_and_queued(either: Any) -> None:
    session = Rig(either)
    client = session.client
    first, second = Command(b"A"), Command(b"B")
    for command in (first, second):
        session.call(calling("sendCommand", command))
    assert client.waiting == b"0001"
    assert client.tags == {b"0001": first}
    assert client.queued == [second]
    assert client._lastCmd is first
    assert client.tagID == 2
    assert isinstance(first.defer, Deferred) and isinstance(second.defer, Deferred)
    session.feed(b"0001 OK done\r\n")
    assert client.waiting == b"0002"
    assert client.tags == {b"0002": second}
    assert client.queued == []
    session.feed(b"0002 OK done\r\n")
    assert client.waiting is None
    assert client.tags == {}
    assert session.written == b"0001 A\r\n0002 B\r\n"


@pytest.mark.row("_lastCmd stays at the command before the one that was queued")
def test_last_command(ours: Any) -> None:
    """Row "_lastCmd stays at the command before the one that was queued": the one sent last."""
    for cls in (TheirClient, ours):
        session = Rig(cls)
        client = session.client
        assert client._lastCmd is None
        one, two, three = commands = [Command(name) for name in (b"A", b"B", b"C")]
        told: list[Any] = []
        for command in commands:
            d = client.sendCommand(command)
            d.addBoth(lambda _, client=client, told=told: told.append(client._lastCmd))
            # What is queued is not sent.
            assert client._lastCmd is one
        session.feed(b"0001 OK x\r\n")
        assert client._lastCmd is (one if cls is TheirClient else two)
        session.feed(b"0002 NO x\r\n")
        assert client._lastCmd is (one if cls is TheirClient else three)
        session.feed(b"0003 OK x\r\n")
        # While a Deferred fires, the queue is not flushed yet.
        assert told == [one] * 3 if cls is TheirClient else commands
        four = Command(b"D")
        client.sendCommand(four)
        assert client._lastCmd is four


def test_last_command_is_the_one_that_timed_out(ours: Any) -> None:
    """timeoutConnection() of public code looks at it; also for a method's command."""
    session = Rig(ours)
    fired: list[Any] = []
    for name in ("noop", "check"):
        session.call(calling(name))
        getattr(session.client, name)().addErrback(fired.append)
    session.feed(b"0001 OK x\r\n0002 OK x\r\n0003 OK x\r\n")
    assert session.written.endswith(b"0004 CHECK\r\n")
    last = session.client._lastCmd
    assert last.command == b"CHECK"
    last.defer.errback(KeyError())
    assert [failure.type for failure in fired] == [KeyError]
    session.lose()


def test_waiting_stays_set_while_its_deferred_fires(either: Any) -> None:
    """A command sent from there is queued, and goes out behind it."""
    session = Rig(either)
    seen: list[Any] = []

    def look(result: Any) -> None:
        client = session.client
        seen.append((client.waiting, len(client.queued), bytes(session.transport.value())))
        session.call(lambda c: c.check())
        seen.append((client.waiting, len(client.queued), bytes(session.transport.value())))

    session.client.noop().addCallback(look)
    session.feed(b"0001 OK done\r\n")
    noop = b"0001 NOOP\r\n"
    assert seen == [(b"0001", 0, noop), (b"0001", 1, noop)]
    assert session.written == noop + b"0002 CHECK\r\n"


def test_capability_cache_is_writable(either: Any) -> None:
    session = Rig(either)
    session.client._capCache = {b"X": None}
    assert session.call(lambda c: c.getCapabilities()) == [("result", {b"X": None})]
    assert session.written == b""
    session.client._capCache = None
    session.call(lambda c: c.getCapabilities())
    session.feed(b"* CAPABILITY A B=1 B=2\r\n0001 OK done\r\n")
    assert session.client._capCache == {b"A": None, b"B": [b"1", b"2"]}


def test_overridden_send_line_and_make_tag(either: Any) -> None:
    """Called where Twisted calls them."""
    sent: list[bytes] = []

    class Tracing(either):
        def sendLine(self, line: bytes) -> None:
            sent.append(line)
            super().sendLine(line)

        def makeTag(self) -> bytes:
            return b"T" + super().makeTag()

    outcome = drive(
        Tracing, [lambda c: c.noop(), lambda c: c.check()], b"T0001 OK x\r\nT0002 OK y\r\n"
    )
    assert sent == [b"T0001 NOOP", b"T0002 CHECK"]
    assert [firings[0][0] for firings in outcome.calls] == ["result", "result"]


def test_overridden_send_command(either: Any) -> None:
    """Every verb goes through it."""
    seen: list[bytes] = []

    class Counting(either):
        def sendCommand(self, cmd: Any) -> Any:
            seen.append(cmd.command)
            return super().sendCommand(cmd)

    drive(
        Counting,
        [lambda c: c.select("x"), lambda c: c.fetchFlags("1"), lambda c: c.search("ALL", uid=1)],
        b"0001 OK x\r\n0002 OK x\r\n0003 OK x\r\n",
    )
    assert seen == [b"SELECT", b"FETCH", b"UID SEARCH"]


def test_overridden_fetch(either: Any) -> None:
    """C{_fetch} is called by the fetch methods, with Twisted's terms."""
    seen: list[Any] = []

    class Fetching(either):
        def _fetch(self, messages: Any, useUID: int = 0, **terms: Any) -> Any:
            seen.append((messages, useUID, terms))
            return super()._fetch(messages, useUID, **terms)

    outcome = drive(
        Fetching,
        [lambda c: c.fetchFlags("1"), lambda c: c.fetchHeaders("2", uid=True)],
        b"* 1 FETCH (FLAGS (a))\r\n0001 OK x\r\n0002 OK x\r\n",
    )
    assert seen == [("1", 0, {"flags": 1}), ("2", True, {"rfc822header": 1})]
    assert outcome.calls[0] == [("result", {1: {"FLAGS": ["a"]}})]


def test_private_continuation_of_append(either: Any) -> None:
    """Users reach for C{client._IMAP4Client__cbContinueAppend}."""
    from io import BytesIO

    def call(client: Any) -> Any:
        return client.sendCommand(
            Command(b"APPEND", b"m {3}", (), client._IMAP4Client__cbContinueAppend, BytesIO(b"abc"))
        )

    outcome = drive(either, call, b"+ go\r\n" + OK_WITH_CODE)
    assert outcome.written == b"0001 APPEND m {3}\r\nabc\r\n"
    assert outcome.firing[0] == "result"


def test_two_at_once(ours: Any) -> None:
    """
    A program forgets what waits, to send the next at once.  The answer to the first is
    no answer to the second, which may wait for a C{+}.
    """
    session = Rig(ours)
    first = session.call(calling("noop"))
    session.client.waiting = None
    second = session.call(
        lambda c: c.sendCommand(Command(b"X", None, (), lambda text: c.sendLine(b"more")))
    )
    third = session.call(calling("noop"))
    session.feed(b"0001 OK x\r\n* LIST () NIL a\r\n+ go\r\n")
    assert session.written == b"0001 NOOP\r\n0002 X\r\nmore\r\n"
    session.feed(b"0002 OK x\r\n0003 OK x\r\n")
    assert first == third == [("result", [])]
    assert second == [("result", ([[b"LIST", [], None, b"a"]], b"OK x"))]


def test_offset_of_a_malformed_response(ours: Any) -> None:
    """An index into what is shown of it."""
    rig = Rig(ours)
    firings = rig.call(lambda c: c.sendCommand(Command(b"LIST", b'"" *')))
    rig.feed(b'* LIST (a "b)\r\n0001 OK done\r\n')
    [(_, problem)] = firings
    assert problem.wire == b'LIST (a "b)'
    assert problem.wire[problem.offset :] == b'"b)'
