"""
The other way in: each method of Twisted's client that has to do with single lines,
overridden in every manner, is called with what Twisted gives it, and what it does
with that counts.

Programs made over both classes get the same octets; test_wild_programs has more.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from twisted.logger import ILogObserver, globalLogPublisher
from twisted.mail.imap4 import Command
from zope.interface import implementer

from tests.helpers.classes import AGAINST_ITSELF, OurClient, TheirClient
from tests.helpers.programs import CUTS, DAY, GREETING, Script, agreed, play, results
from tests.helpers.rig import Call, Entry, Rig, calling

LINE_PATH_HOOKS = [
    "lineReceived", "rawDataReceived", "_regularDispatch", "_setupForLiteral", "setRawMode",
    "setLineMode", "messageFile", "dispatchCommand", "_defaultHandler", "response_UNAUTH",
    "response_AUTH", "_extraInfo", "_cbFetch", "_parseFetchPairs",
]  # fmt: skip


def noting(base: Any, name: str) -> Callable[..., Any]:
    """
    A method in place of the base's, which writes down what it is called with.
    """
    theirs = getattr(base, name)

    def recorder(self: Any, *args: Any) -> Any:
        self.journal.append((name, *copy.deepcopy(args)))
        return theirs(self, *args)

    return recorder


def overriding(*names: str) -> Any:
    """
    A program that looks on at these.
    """

    def program(base: Any) -> Any:
        return type("Overriding", (base,), {name: noting(base, name) for name in names})

    return program


def kinds_of_entries(outcome: Any) -> set[str]:
    """
    What the journal has entries of.
    """
    return {entry[0] for entry in outcome[0]}


#: What is of no use to the command that waits, and told when it is done.
ASIDE: Script = [
    GREETING,
    b"* 1 FETCH (FLAGS (a) UID 3)\r\n* 2 FETCH (FLAGS ({1}\r\nb))\r\n"
    b"* SEARCH 5\r\n* X ({2}\r\nyz)\r\n",
    calling("fetchUID", "1:2"),
    b"* OK [UIDNEXT 5] x\r\n* 1 FETCH (UID 3 FLAGS (a))\r\n* SEARCH 9\r\n* [READ-ONLY]\r\n"
    b"* X-FOO (1 {3}\r\n2 3)\r\n* OK [X] y\r\n* 2 FETCH (UID 4)\r\n0001 OK x\r\n",
    calling("fetchFlags", "1"),
    calling("fetchSpecific", "1", headerType="TEXT"),
    calling("noop"),
    b"* 1 FETCH (FLAGS (a b) UID 4)\r\n* LIST () \"/\" x\r\n0002 OK x\r\n"
    b"* 1 FETCH (BODY[TEXT] {6}\r\na)\r\nb\n BODY[TEXT]<0> NIL)\r\n0003 NO x\r\n"
    b"* [READ-ONLY]\r\n* FLAGS (a)\r\n* BYE-BYE x\r\n0004 OK x\r\n",
    calling("addFlags", "1", ["x"], silent=0),
    calling("expunge"),
    calling("sendCommand", Command(b"X")),
    b"* 1 FETCH (FLAGS (a x))\r\n0005 OK x\r\n* [READ-WRITE]\r\n0006 OK x\r\n"
    b"* X 1 {3}\r\na\r\n b\r\n* [READ-ONLY]\r\n* SEARCH\r\n0007 BAD x\r\n",
]  # fmt: skip

WAYS_TO_BEGIN: list[Script] = [DAY, [b"* PREAUTH x\r\n", *DAY[1:]], ASIDE]


# ---- Each hook, looking on -------------------------------------------------


@pytest.mark.parametrize("name", LINE_PATH_HOOKS)
def test_arguments(name: str, cuts: Any) -> None:
    """
    The same calls with the same arguments, between the same other things.
    """
    seen: set[str] = set()
    for script in WAYS_TO_BEGIN:
        seen |= kinds_of_entries(agreed(overriding(name), script, cuts))
    assert name in seen


def test_arguments_of_all(cuts: Any) -> None:
    """
    All of them at once: the order in which they call each other.
    """
    for script in WAYS_TO_BEGIN:
        agreed(overriding(*LINE_PATH_HOOKS), script, cuts)


@pytest.mark.row("EXISTS and RECENT that come during a command")
def test_cb_fetch_gets_all_that_the_tuples_choose(cuts: Any) -> None:
    """
    Not FETCH alone.
    """
    wire = b"* 1 EXISTS\r\n* SEARCH 9\r\n* 1 FETCH (UID 3)\r\n* 2 EXPUNGE\r\n* X y\r\n0001 OK x\r\n"
    # Not recorded: ours tells the listeners, too.
    outcome = agreed(
        overriding("_cbFetch"), [GREETING, calling("fetchUID", "1"), wire], cuts, record=False
    )
    assert [len(entry[1][0]) for entry in outcome[0] if entry[0] == "_cbFetch"] == [4]


# ---- In which manner it is overridden --------------------------------------


def mixed_in(base: Any) -> Any:
    class Mixin:
        lineReceived = noting(base, "lineReceived")
        _extraInfo = noting(base, "_extraInfo")

    return type("Mixed", (Mixin, base), {})


def grandchild(base: Any) -> Any:
    return type("Grandchild", (overriding("dispatchCommand", "_cbFetch")(base),), {})


def assigned(base: Any) -> Any:
    cls: Any = type("Assigned", (base,), {})
    cls.response_UNAUTH = noting(base, "response_UNAUTH")
    cls.setLineMode = noting(base, "setLineMode")
    return cls


@pytest.mark.parametrize("program", [mixed_in, grandchild, assigned])
def test_manners(program: Any, cuts: Any) -> None:
    """
    In a mixin, further up, assigned to the class before its first instance.
    """
    assert len(kinds_of_entries(agreed(program, DAY, cuts)) & set(LINE_PATH_HOOKS)) == 2


def test_patched(cuts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A class that has clients already is patched, and put right again.
    """
    script: Script = [GREETING, b"* 1 EXISTS\r\n"]
    for base in (TheirClient, OurClient):
        cls = type("Patched", (base,), {})
        with monkeypatch.context() as patching:
            before = play(cls, script, cuts)
            patching.setattr(cls, "dispatchCommand", noting(base, "dispatchCommand"))
            assert "dispatchCommand" in kinds_of_entries(play(cls, script, cuts))
        assert play(cls, script, cuts) == before


@pytest.mark.parametrize("name", LINE_PATH_HOOKS)
def test_bound_to_the_instance(name: str, cuts: Any) -> None:
    """
    Before it is connected.
    """

    def prepare(client: Any) -> None:
        setattr(client, name, noting(type(client), name).__get__(client))

    script: Script = [b"* PREAUTH x\r\n", *DAY[1:]] if name == "response_AUTH" else DAY
    assert name in kinds_of_entries(agreed(lambda base: base, script, cuts, prepare=prepare))


def swap(name: str) -> Call:
    """
    In the callback of a first noop() a hook is bound, in that of a second unbound.
    """

    def call(client: Any) -> Any:
        def bind(result: Any) -> None:
            setattr(client, name, noting(type(client), name).__get__(client))

        def unbind(result: Any) -> None:
            delattr(client, name)

        client.noop().addCallback(bind)
        client.fetchMessage("1")
        client.noop().addCallback(unbind)
        return client.fetchMessage("1")

    return call


@pytest.mark.parametrize("name", [name for name in LINE_PATH_HOOKS if name != "_cbFetch"])
@pytest.mark.parametrize("greeting", [GREETING, b"* PREAUTH x\r\n"])
def test_bound_in_mid_chunk(name: str, greeting: bytes, cuts: Any) -> None:
    """
    Effective with the very next response, and no longer than until it is unbound.
    """
    idle = b"* 1 FETCH (FLAGS (a) X {2}\r\nyz)\r\n"
    # Without FLAGS, which noop() would tell.
    during = b"* 1 FETCH (X {2}\r\nyz)\r\n"
    fetched = b"* 1 FETCH (RFC822 {3}\r\na\r\n)\r\n* [READ-ONLY]\r\n"
    script: Script = [
        greeting,
        swap(name),
        during + b"0001 OK x\r\n" + fetched
        + b"0002 OK x\r\n0003 OK x\r\n" + fetched + b"0004 OK x\r\n" + idle,
    ]  # fmt: skip
    outcome = agreed(lambda base: base, script, cuts)
    assert (name in kinds_of_entries(outcome)) is (
        name != ("response_AUTH" if greeting == GREETING else "response_UNAUTH")
    )


def test_cb_fetch_bound_in_mid_chunk(cuts: Any) -> None:
    """
    For what is fetched from there on: Twisted looks it up when the command is given.
    """

    def call(client: Any) -> Any:
        def bind(result: Any) -> Any:
            client._cbFetch = noting(type(client), "_cbFetch").__get__(client)
            return client.fetchUID("1").addCallback(unbind)

        def unbind(result: Any) -> Any:
            del client._cbFetch
            return client.fetchUID("1")

        return client.noop().addCallback(bind)

    fetched = b"* 1 FETCH (UID 3)\r\n* SEARCH 1\r\n"
    script: Script = [
        GREETING, call, b"0001 OK x\r\n" + fetched + b"0002 OK x\r\n" + fetched + b"0003 OK x\r\n"
    ]  # fmt: skip
    outcome = agreed(lambda base: base, script, cuts)
    assert kinds_of_entries(outcome) == {"greeting", "_cbFetch", "fired"}


def test_bound_by_a_tracer(cuts: Any) -> None:
    """
    A line before it is served; another attribute goes at the same time.
    """

    def program(base: Any) -> Any:
        class Switching(base):
            journal: list[Entry]

            def connectionMade(self) -> None:
                self.before = True

            def lineReceived(self, line: bytes) -> None:
                if line == b"* 3 EXISTS":
                    del self.before
                    self.response_UNAUTH = self.other
                base.lineReceived(self, line)

            def other(self, tag: bytes, rest: bytes) -> None:
                self.journal.append(("other", tag, rest))
                self.before = True
                del self.response_UNAUTH

        return Switching

    outcome = agreed(program, [GREETING, b"* 2 EXISTS\r\n* 3 EXISTS\r\n* 4 EXISTS\r\n"], cuts)
    assert outcome[0][1:] == [("new", 2, None), ("other", b"*", b"3 EXISTS"), ("new", 4, None)]


# ---- What a hook does counts -----------------------------------------------


def swallowing(name: str, marker: bytes) -> Any:
    """
    Keeps to itself whatever holds the marker.
    """

    def program(base: Any) -> Any:
        theirs = getattr(base, name)

        def override(self: Any, *args: Any) -> Any:
            if any(marker in arg for arg in args if isinstance(arg, bytes)):
                self.journal.append(("swallowed", *args))
                return None
            return theirs(self, *args)

        return type("Swallowing", (base,), {name: override})

    return program


LINE_HOOKS = ["lineReceived", "_regularDispatch", "dispatchCommand", "response_UNAUTH",
              "_defaultHandler"]  # fmt: skip


@pytest.mark.parametrize("name", LINE_HOOKS)
@pytest.mark.parametrize("marker", [b"3 EXISTS", b"2 FETCH", b"UIDNEXT", b"SEARCH"])
def test_swallowed(name: str, marker: bytes, cuts: Any) -> None:
    """
    The response never was.
    """
    wire = b"* 1 FETCH (UID 3)\r\n* 2 FETCH (UID 4)\r\n* OK [UIDNEXT 5] x\r\n* SEARCH 5\r\n"
    script: Script = [
        GREETING, b"* 3 EXISTS\r\n* 4 EXISTS\r\n", calling("fetchUID", "1:2"),
        wire + b"0001 OK x\r\n", calling("select", "x"), b"* OK [UIDNEXT 5] x\r\n0002 OK x\r\n",
        calling("search", "ALL"), b"* SEARCH 6\r\n0003 OK x\r\n* 2 FETCH (FLAGS (a))\r\n",
    ]  # fmt: skip
    assert "swallowed" in kinds_of_entries(agreed(swallowing(name, marker), script, cuts))


def rewriting(name: str) -> Any:
    """
    Makes other numbers of what comes.
    """

    def program(base: Any) -> Any:
        theirs = getattr(base, name)

        def override(self: Any, *args: Any) -> Any:
            args = tuple(
                arg.replace(b" 1 ", b" 7 ").replace(b"UID 3", b"UID 33")
                if isinstance(arg, bytes) else arg
                for arg in args
            )  # fmt: skip
            return theirs(self, *args)

        return type("Rewriting", (base,), {name: override})

    return program


@pytest.mark.parametrize("name", LINE_HOOKS)
def test_rewritten(name: str, cuts: Any) -> None:
    """
    What it hands to its base is what was said.
    """
    wire = b"* 1 FETCH (UID 3)\r\n* SEARCH 1 2\r\n0001 OK x\r\n* SEARCH 2 1 3\r\n0002 OK x\r\n"
    script: Script = [GREETING, calling("fetchUID", "1"), calling("search", "ALL"), wire]
    uids, numbers = results(agreed(rewriting(name), script, cuts))
    assert uids == {7 if name == "lineReceived" or name == "_regularDispatch" else 1: {"UID": "33"}}
    assert numbers == [2, 7, 3]


def spooling(base: Any) -> Any:
    """
    Has files of its own for literals.
    """

    class Spool(BytesIO):
        def __init__(self, journal: list[Entry]) -> None:
            super().__init__()
            self.journal = journal

        def write(self, data: Any) -> int:
            self.journal.append(("write", bytes(data)))
            return super().write(data)

        def seek(self, *args: int) -> int:
            self.journal.append(("seek", *args))
            return super().seek(*args)

        def read(self, *args: Any) -> bytes:
            # Whatever the file gives is the literal.
            return super().read(*args).upper()

    class Spooling(base):
        journal: list[Entry]

        def messageFile(self, octets: int) -> Any:
            self.journal.append(("file", octets))
            return Spool(self.journal)

    return Spooling


def test_files(cuts: Any) -> None:
    """
    Each literal is written into its file, and read from there.
    """
    wire = b"* 1 FETCH (RFC822 {5}\r\nh\xe9\r\no RFC822.TEXT {0}\r\n)\r\n0001 OK x\r\n"
    [message] = results(agreed(spooling, [GREETING, calling("fetchMessage", "1"), wire], cuts))
    assert message == {1: {"RFC822": "H\xe9\r\nO", "RFC822.TEXT": ""}}


# ---- What LineReceiver offers ----------------------------------------------


def raw_reader(base: Any) -> Any:
    """
    Reads five octets by itself behind a line that says so.
    """

    class RawReader(base):
        journal: list[Entry]
        wanted = 0

        def lineReceived(self, line: bytes) -> Any:
            if line != b"RAW":
                return base.lineReceived(self, line)
            self.wanted = 5
            self.setRawMode()

        def rawDataReceived(self, data: bytes) -> Any:
            if not self.wanted:
                return base.rawDataReceived(self, data)
            mine, rest = data[: self.wanted], data[self.wanted :]
            self.wanted -= len(mine)
            self.journal.append(("mine", mine))
            if not self.wanted:
                self.setLineMode(rest)

    return RawReader


def test_raw_mode_of_a_program(cuts: Any) -> None:
    """
    Between responses, and in the middle of a command.
    """
    fetch = b"* 1 FETCH (RFC822 {3}\r\nabc)\r\n"
    script: Script = [
        GREETING, b"* 1 EXISTS\r\nRAW\r\n12\r\n3* 2 EXISTS\r\n", calling("fetchMessage", "1"),
        b"RAW\r\n(\"{\"\r" + fetch + b"0001 OK x\r\n* 3 EXISTS\r\n",
    ]  # fmt: skip
    outcome = agreed(raw_reader, script, cuts)
    assert b"".join(entry[1] for entry in outcome[0] if entry[0] == "mine") == b'12\r\n3("{"\r'
    assert results(outcome) == [{1: {"RFC822": "abc"}}]


def resting(base: Any) -> Any:
    """
    Pauses behind each line.
    """

    class Resting(base):
        journal: list[Entry]

        def lineReceived(self, line: bytes) -> None:
            self.journal.append(("line", line))
            base.lineReceived(self, line)
            self.pauseProducing()

    return Resting


def test_pauses(cuts: Any) -> None:
    """
    One line for each resumeProducing(), whatever has come.
    """
    resume = calling("resumeProducing")
    script: Script = [
        GREETING, resume, b"* 1 EXISTS\r\n* 2 EXISTS\r\n* 1 FETCH (FLAGS ({1}\r\na))\r\n",
        resume, resume, b"* 3 EXISTS\r\n* 4", resume, resume, resume, b" EXISTS\r\n", resume,
    ]  # fmt: skip
    outcome = agreed(resting, script, cuts)
    assert outcome[0][-1] == ("new", 4, None)


def clearing(way: str) -> Any:
    """
    Takes out what it has not been given yet, and gives it to itself later.
    """

    def program(base: Any) -> Any:
        class Clearing(base):
            journal: list[Entry]

            def newMessages(self, exists: Any, recent: Any) -> None:
                self.journal.append(("new", exists, recent, self.clearLineBuffer()))

        return Clearing if way == "fast" else overriding("lineReceived")(Clearing)

    return program


@pytest.mark.parametrize("way", ["fast", "lines"])
@pytest.mark.parametrize("cuts", [CUTS["whole"], lambda wire: (24, 30, 52)])
def test_cleared(way: str, cuts: Any) -> None:
    """
    The same octets on both ways; what comes later is served.
    """
    wire = b"* 1 EXISTS\r\n* 2 EXISTS\r\n* 5 FETCH (FLAGS (x) Y {2}\r\nab)\r\n* 3"
    script: Script = [GREETING, wire, b"* OK x\r\n", b"* 4 EXISTS\r\n"]
    outcome = agreed(clearing(way), script, cuts, record=False)
    cleared = [entry[3] for entry in outcome[0] if entry[0] == "new"]
    assert cleared[-1] == b""
    assert cleared[0] == (wire[12:24] if cuts(wire) else wire[12:])


def feeding(base: Any) -> Any:
    """
    Finds octets while it serves a line.
    """

    class Feeding(base):
        journal: list[Entry]

        def lineReceived(self, line: bytes) -> None:
            self.journal.append(("line", line))
            if line == b"* 1 EXISTS":
                self.dataReceived(b"* 8 EXISTS\r\n* 1 FETCH (FLAGS ({1}\r\n")
                self.dataReceived(b"a))\r\n")
            base.lineReceived(self, line)

    return Feeding


def test_nested() -> None:
    """
    They come behind the chunk that is being served.
    """
    wire = b"* 1 EXISTS\r\n* 2 EXISTS\r\n"
    outcome = agreed(feeding, [GREETING, wire, b"* 3 EXISTS\r\n"], CUTS["whole"])
    events = [entry for entry in outcome[0] if entry[0] != "line"]
    assert events[1:] == [
        ("new", 1, None), ("new", 2, None), ("new", 8, None), ("flags", {1: ["a"]}),
        ("new", 3, None),
    ]  # fmt: skip


def by_hand(name: str) -> Any:
    """
    The class with a method that serves a line that came in another way.
    """

    def program(base: Any) -> Any:
        class ByHand(base):
            def serve(self, line: bytes) -> None:
                base.lineReceived(self, line)

        return ByHand if name == "plain" else overriding("lineReceived")(ByHand)

    return program


@pytest.mark.parametrize("name", ["plain", "tracing"])
def test_lines_by_hand(name: str, cuts: Any) -> None:
    """
    C{IMAP4Client.lineReceived(self, line)}, between and in the middle of what comes.
    """
    serve: Callable[[bytes], Call] = lambda line: calling("serve", line)  # noqa: E731
    script: Script = [
        GREETING, serve(b"* 1 EXISTS"), b"* 2 EXI", serve(b"* 3 EXISTS"), b"STS\r\n",
        calling("fetchMessage", "1"), b"* 1 FETCH (RFC822 ",
        serve(b"* 2 FETCH (RFC822 {3}"), calling("rawDataReceived", b"abc"), serve(b")"),
        b'"x")\r\n', serve(b"0001 OK x"), b"* 4 EXISTS\r\n",
    ]  # fmt: skip
    outcome = agreed(by_hand(name), script, cuts)
    new = [entry[1] for entry in outcome[0] if entry[0] == "new"]
    assert new == [1, 3, 2, 4]


def test_long_lines(cuts: Any) -> None:
    """
    A class that allows them in Twisted allows them here.
    """

    def program(base: Any) -> Any:
        return type("Patient", (overriding("lineReceived")(base),), {"MAX_LENGTH": 50_000})

    wire = b"* SEARCH" + b" 1" * 20_000 + b"\r\n0001 OK x\r\n"
    if cuts is CUTS["octets"]:
        return
    [numbers] = results(agreed(program, [GREETING, calling("search", "ALL"), wire], cuts))
    assert len(numbers) == 20_000


# ---- The log ---------------------------------------------------------------


@pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted's class has one way in")
def test_log() -> None:
    """
    Once for each class: which override, and where it is.
    """
    events: list[str] = []

    @implementer(ILogObserver)
    def observe(event: Any) -> None:
        if "line by line" in (event.get("log_format") or ""):
            events.append(event["log_format"].format(**event))

    program = resting(OurClient)
    globalLogPublisher.addObserver(observe)
    try:
        for cls in (program, program, type("Quiet", (OurClient,), {}), TheirClient):
            Rig(cls)
    finally:
        globalLogPublisher.removeObserver(observe)
    [line] = [line for line in events if "Recorder" in line]
    where = program.lineReceived.__code__
    assert f"lineReceived ({where.co_filename}:{where.co_firstlineno})" in line
    assert "trace=" in line


# ---- What it costs ---------------------------------------------------------


@pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted's class is as fast as itself")
@pytest.mark.slow
def test_speed_of_a_tracer() -> None:
    """
    Looking at lines costs a part of the speed, and not most of it.

    It is about 19 times Twisted's for the smallest responses, on an idle machine.  Half
    of that is asked for here, of the best of some runs in processor time: a busy machine
    does not get below it, a second pass over each line in Python does.
    """
    wire = b"".join(b"* %d FETCH (FLAGS (\\Seen) UID %d)\r\n" % (n, n) for n in range(1, 1001))

    def seconds(cls: Any) -> float:
        session = Rig(idle_override(cls))
        session.call(calling("fetchFlags", "1:*"))
        start = time.process_time()
        session.feed(wire + b"0001 OK done\r\n")
        taken = time.process_time() - start
        assert len(session.calls[0][0][1]) == 1000
        return taken

    theirs = min(seconds(TheirClient) for _ in range(5))
    mine = min(seconds(OurClient) for _ in range(20))
    assert theirs / mine > 8


def idle_override(base: Any) -> Any:
    """
    Overrides one method, and does nothing in it.
    """

    class Tracer(base):
        def lineReceived(self, line: bytes) -> None:
            base.lineReceived(self, line)

    return Tracer


@pytest.mark.parametrize("bye", [b"* BYE\r\n", b"* bye x\r\n", b"* BYE[X] x\r\n", b"* BYE\tx\r\n"])
def test_bye_beside_extra_info(ours: Any, bye: bytes) -> None:
    """However it is spelled, it closes, as where nobody looks on."""

    class Program(ours):
        def _extraInfo(self, lines: Any) -> None:
            pass

    for cls in (ours, Program):
        rig = Rig(cls)
        rig.feed(bye)
        assert rig.closed, cls


@pytest.mark.parametrize("wire", [b"BINARY[1] {2}\r\nab", b"binary.size[1.2] 5 modseq (7)"])
def test_binary_for_cb_fetch(ours: Any, wire: bytes) -> None:
    """A section has an item that is not BODY, too."""

    class Program(ours):
        def _cbFetch(self, *args: Any) -> Any:
            return super()._cbFetch(*args)

    seen = []
    for cls in (ours, Program):
        rig = Rig(cls)
        firings = rig.call(calling("fetchUID", "1"))
        rig.feed(b"* 1 FETCH (" + wire + b")\r\n0001 OK done\r\n")
        seen += firings
    assert seen[0][0] == "result"
    assert seen[0] == seen[1]


def test_limits_of_a_refused_fetch(ours: Any) -> None:
    """What was kept for _cbFetch is read by the client's own limits."""

    class Program(ours):
        maxDepth = 1000

        def _cbFetch(self, *args: Any) -> Any:
            return super()._cbFetch(*args)

    rig = Rig(Program)
    rig.call(calling("fetchFlags", "1"))
    rig.feed(b"* 1 FETCH (FLAGS (a) X " + b"(" * 200 + b")" * 200 + b")\r\n0001 NO no\r\n")
    assert rig.outcome().events == [("flags", {1: ["a"]})]
