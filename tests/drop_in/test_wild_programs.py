"""
Programs as people write them: what they override, rebind and reach for, over Twisted's
class and over ours.

Each is a class made over a base; both get the same commands and the same octets, whole,
line by line and octet by octet.  What was called with what, what was written, and what
each Deferred came to, in order, has to be the same.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import ITLSTransport
from twisted.internet.task import Clock
from twisted.mail.imap4 import Command, IllegalServerResponse, IMAP4Exception, parseNestedParens
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.helpers.classes import OurClient, TheirClient
from tests.helpers.idlers import (
    borrowed_state_idler,
    careless_idler,
    handling_idler,
    hoarding_idler,
    rebinding_idler,
    stateful_idler,
    unbinding_idler,
)
from tests.helpers.programs import DAY, GREETING, Program, Script, agreed, play, results
from tests.helpers.rig import Call, Entry, MemoryTransport, calling

# ---- A day's work ----------------------------------------------------------


def tracer(base: Any) -> Any:
    """
    Shows what comes and goes.
    """

    class Tracer(base):
        journal: list[Entry]

        def sendLine(self, line: bytes) -> None:
            self.journal.append(("C", line))
            base.sendLine(self, line)

        def lineReceived(self, line: bytes) -> Any:
            self.journal.append(("S", line))
            return base.lineReceived(self, line)

        def rawDataReceived(self, data: bytes) -> None:
            self.journal.append(("raw", data))
            base.rawDataReceived(self, data)

    return Tracer


def late_tracer(base: Any) -> Any:
    """
    The same, but with super(), and showing what came when it has been served.
    """

    class LateTracer(base):
        journal: list[Entry]

        def sendLine(self, line: bytes) -> None:
            super().sendLine(line)
            self.journal.append(("C", line))

        def lineReceived(self, line: bytes) -> None:
            super().lineReceived(line)
            self.journal.append(("S", line, self.state, self.waiting))

    return LateTracer


def octet_tracer(base: Any) -> Any:
    """
    Shows octets, whatever they are.
    """

    class OctetTracer(base):
        journal: list[Entry]

        def dataReceived(self, data: bytes) -> Any:
            if not self._busyReceiving:
                # Not what Twisted's setLineMode() gives back behind a literal.
                self.journal.append(("S", data))
            return base.dataReceived(self, data)

        def sendCommand(self, cmd: Any) -> Any:
            self.journal.append(("command", cmd.command, cmd.args))
            return base.sendCommand(self, cmd)

    return OctetTracer


def dispatch_tracer(base: Any) -> Any:
    """
    Shows whole responses.
    """

    class DispatchTracer(base):
        journal: list[Entry]

        def dispatchCommand(self, tag: bytes, rest: bytes) -> Any:
            self.journal.append(("dispatched", tag, rest))
            return base.dispatchCommand(self, tag, rest)

    return DispatchTracer


def own_handler(base: Any) -> Any:
    """
    Took Twisted's routing over to change a detail, and so ends all Commands itself.
    """

    class OwnHandler(base):
        journal: list[Entry]
        waiting: Any

        def _defaultHandler(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("handled", tag, rest))
            command = self.tags.get(self.waiting if tag in (b"*", b"+") else tag)
            if command is None and tag == b"*":
                self._extraInfo([parseNestedParens(rest)])
            elif command is None:
                raise IllegalServerResponse(tag + b" " + rest)
            elif tag == b"*":
                command.lines.append(rest)
            elif tag == b"+":
                command.continuation(rest)
            else:
                self.ended(tag, command, rest)

        def ended(self, tag: bytes, command: Any, rest: bytes) -> None:
            status, text = rest.split(None, 1)
            if status == b"OK":
                command.finish(rest, self._extraInfo)
            else:
                command.defer.errback(IMAP4Exception(text))
            del self.tags[tag]
            self.waiting = None
            self._flushQueue()

    return OwnHandler


def keeper(base: Any) -> Any:
    """
    Puts responses where Twisted's own handler does, and leaves the rest to that.
    """

    class Keeper(base):
        waiting: Any

        def _defaultHandler(self, tag: bytes, rest: bytes) -> None:
            if tag == b"*" and self.waiting:
                self.tags[self.waiting].lines.append(rest)
            else:
                base._defaultHandler(self, tag, rest)

    return Keeper


def own_queue(base: Any) -> Any:
    """
    Took sendCommand() over, to let DONE out at once.
    """

    class OwnQueue(base):
        journal: list[Entry]
        waiting: Any

        def sendCommand(self, cmd: Any) -> Any:
            cmd.defer = Deferred()
            if self.waiting and cmd.command == b"DONE":
                self.sendLine(cmd.command)
            elif self.waiting:
                self.queued.append(cmd)
            else:
                tag = self.makeTag()
                self.tags[tag] = cmd
                self.sendLine(cmd.format(tag))
                self.waiting = tag
                self._lastCmd = cmd
            return cmd.defer

        def _flushQueue(self) -> None:
            self.journal.append(("flush", [cmd.command for cmd in self.queued]))
            base._flushQueue(self)

    return OwnQueue


def news(base: Any) -> Any:
    """
    Has a look at what comes unasked.
    """

    class News(base):
        journal: list[Entry]

        def _extraInfo(self, lines: Any) -> None:
            self.journal.append(("extra", lines))
            base._extraInfo(self, lines)

    return News


def state_reader(base: Any) -> Any:
    """
    Has a look at responses by state.
    """

    class Answers(base):
        journal: list[Entry]

        def response_UNAUTH(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("unauth", tag, rest))
            base.response_UNAUTH(self, tag, rest)

        def response_AUTH(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("auth", tag, rest))
            base.response_AUTH(self, tag, rest)

    return Answers


@pytest.mark.parametrize(
    "program",
    [tracer, late_tracer, octet_tracer, dispatch_tracer, own_handler, keeper, own_queue, news,
     state_reader],
)  # fmt: skip
def test_day(program: Program, cuts: Any) -> None:
    """
    Whoever looks on sees the same, and changes nothing.
    """
    outcome = agreed(program, DAY, cuts)
    assert [value for value in results(outcome) if isinstance(value, list)]
    assert outcome[3]


@pytest.mark.parametrize("program", [tracer, own_handler, keeper, news, state_reader])
def test_day_begun_by_preauth(program: Program, cuts: Any) -> None:
    """
    In state "auth" from the beginning.
    """
    agreed(program, [b"* PREAUTH hello\r\n", *DAY[1:]], cuts)


# ---- IDLE ------------------------------------------------------------------


IDLE: Script = [
    GREETING,
    calling("idle"),
    b"+ idling\r\n* 4 EXISTS\r\n* 1 RECENT\r\n",
    b"* 1 FETCH (FLAGS (\\Seen) X {3}\r\na)b)\r\n",
    calling("done"),
    b"* 5 EXISTS\r\n0001 OK idled\r\n* 6 EXISTS\r\n",
    calling("fetchFlags", "6"),
    b"* 6 FETCH (FLAGS (\\Recent))\r\n0002 OK done\r\n* 7 EXISTS\r\n",
]


@pytest.mark.parametrize(
    "program",
    [rebinding_idler, unbinding_idler, stateful_idler, borrowed_state_idler, handling_idler,
     careless_idler],
)  # fmt: skip
def test_idle(program: Program, cuts: Any) -> None:
    """
    The very next response is for the handler that was put in place; so is the way back.
    """
    outcome = agreed(program, IDLE, cuts)
    assert outcome[0][-1] == ("new", 7, None)
    assert outcome[2] == b"0001 IDLE\r\nDONE\r\n0002 FETCH 6 (FLAGS)\r\n"
    assert outcome[4] == []


def test_idle_with_a_hoard(cuts: Any) -> None:
    """
    The Deferred gets it, in order.
    """
    script: Script = [
        GREETING, calling("idle"), b"* SEARCH 1\r\n+ idling\r\n* SEARCH 2\r\n* 4 EXISTS\r\n",
        calling("done"), b"* OK [X] y\r\n* SEARCH 3\r\n0001 OK x\r\n",
    ]  # fmt: skip
    [(lines, _)] = results(agreed(hoarding_idler, script, cuts))
    assert lines == [[b"SEARCH", b"1"], [b"SEARCH", b"2"], [b"4", b"EXISTS"], [b"SEARCH", b"3"]]


@pytest.mark.row("EXISTS and RECENT that come during a command")
def test_idle_with_a_queue_of_its_own(cuts: Any) -> None:
    """
    DONE as a Command, which never gets an answer of its own.
    """

    def idle(client: Any) -> Any:
        return client.sendCommand(Command(b"IDLE", None, (), lambda text: None))

    def done(client: Any) -> Any:
        return client.sendCommand(Command(b"DONE"))

    script: Script = [GREETING, idle, b"+ idling\r\n* 4 EXISTS\r\n", done, b"0001 OK x\r\n",
                      calling("noop"), b"0002 OK x\r\n"]  # fmt: skip
    # Not recorded: ours tells the listeners, too.
    outcome = agreed(own_queue, script, cuts, record=False)
    assert outcome[1][0] == [("result", ([[b"4", b"EXISTS"]], b"OK x"))]
    assert outcome[2] == b"0001 IDLE\r\nDONE\r\n0002 NOOP\r\n"


def test_done_as_str(cuts: Any) -> None:
    """
    As programs for Python 2 have it: sendLine() takes bytes.
    """
    script: Script = [GREETING, calling("sendLine", "DONE"), calling("noop"), b"0001 OK x\r\n"]
    outcome = agreed(lambda base: base, script, cuts)
    assert [firings[0][:2] for firings in outcome[1]] == [("raised", "TypeError"), ("result", [])]
    assert outcome[2] == b"0001 NOOP\r\n"


# ---- Capabilities ----------------------------------------------------------


@implementer(ITLSTransport)
class UnwantedTLSTransport(MemoryTransport):  # type: ignore[misc]
    """
    Could do TLS.
    """

    def startTLS(self, context: Any) -> None:
        raise AssertionError("nobody wants TLS")


def without_tls(base: Any) -> Any:
    """
    Takes STARTTLS out of what the server can, and logs in.
    """

    class WithoutTLS(base):
        journal: list[Entry]

        def serverGreeting(self, caps: Any) -> None:
            self.journal.append(("greeting", dict(caps)))
            caps.pop(b"STARTTLS")
            self._capCache = caps
            d = self.login(b"user", b"word")
            d.addCallback(lambda _: self.select("inbox"))
            d.addCallback(lambda info: self.journal.append(("selected", info)))

    return WithoutTLS


def test_capabilities_assigned(cuts: Any) -> None:
    """
    What is assigned to C{_capCache} is believed, by login() too.
    """
    script: Script = [
        b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n",
        b"0001 OK in\r\n* 1 EXISTS\r\n0002 OK [READ-ONLY] done\r\n",
        lambda client: setattr(client, "_capCache", {b"Y": [b"1"]}),
        calling("getCapabilities"),
        calling("getCapabilities", useCache=0),
        b"* CAPABILITY X\r\n0003 OK done\r\n",
    ]
    outcome = agreed(without_tls, script, cuts, record=False)
    assert ("selected", {"EXISTS": 1, "READ-WRITE": False}) in outcome[0]
    assert results(outcome) == [{b"Y": [b"1"]}, {b"X": None}]
    for cls in (TheirClient, OurClient):
        # Over a transport that could do TLS, STARTTLS would have been the first word.
        played = play(
            without_tls(cls), script, cuts, record=False, transport=UnwantedTLSTransport()
        )
        assert played == outcome


# ---- Commands --------------------------------------------------------------


class QuotaCommand(Command):
    """
    Collects what Twisted knows nothing of.
    """

    _1_RESPONSES: Any = (*Command._1_RESPONSES, b"QUOTA", b"QUOTAROOT", b"XLIST", b"ID")


class OwnWords(Command):
    """
    Writes and ends itself.
    """

    def format(self, tag: bytes) -> bytes:
        return b"%b %b [%b]" % (tag, self.command.lower(), self.args)

    def finish(self, lastLine: bytes, unusedCallback: Any) -> None:
        d: Any = self.defer
        self.defer = None
        d.callback([parseNestedParens(line) for line in self.lines])
        unusedCallback([[b"SAID", lastLine]])


def extended(base: Any) -> Any:
    """
    Some extensions of the protocol.
    """

    class Extended(base):
        journal: list[Entry]

        def quota(self, root: bytes) -> Any:
            d = self.sendCommand(QuotaCommand(b"GETQUOTA", root, wantResponse=(b"QUOTA",)))
            return d.addCallback(lambda result: [line[2] for line in result[0]])

        def identify(self) -> Any:
            command: Any = Command(b"ID", b"NIL")
            command._1_RESPONSES = (b"ID",)
            return self.sendCommand(command)

        def folders(self) -> Any:
            d = self.sendCommand(QuotaCommand(b"XLIST", b'"" "*"', wantResponse=(b"XLIST",)))
            return d.addCallback(self._IMAP4Client__cbList, b"XLIST")

        def labels(self, messages: bytes) -> Any:
            d = self.sendCommand(Command(b"FETCH", messages + b" (X-GM-LABELS)"))
            return d.addCallback(self._cbFetch, ["X-GM-LABELS"], True)

        def flat(self, messages: bytes) -> Any:
            d = self.sendCommand(Command(b"UID FETCH", messages + b" (BODY.PEEK[TEXT])"))
            return d.addCallback(self._cbFetch, (), False)

        def peculiar(self) -> Any:
            return self.sendCommand(OwnWords(b"THING", b"one two"))

        def _extraInfo(self, lines: Any) -> None:
            self.journal.append(("extra", lines))

    return Extended


def test_extensions(cuts: Any) -> None:
    """
    Private callbacks of Twisted's take what their own Commands collected.
    """
    script: Script = [
        GREETING,
        calling("quota", b'""'),
        calling("identify"),
        calling("folders"),
        calling("labels", b"1:2"),
        calling("flat", b"7"),
        calling("peculiar"),
        b'* QUOTA "" (STORAGE 10 512)\r\n* X-SAID "something else"\r\n0001 OK x\r\n',
        b'* ID ("name" {3}\r\na"b "version" NIL)\r\n* OK [X] y\r\n0002 OK x\r\n',
        b'* XLIST (\\Inbox) "/" "Inbox"\r\n* XLIST () "/" a\r\n0003 OK x\r\n',
        b"* 1 FETCH (X-GM-LABELS (\\Inbox {2}\r\nb) c))\r\n* 2 FETCH (X-GM-LABELS () FLAGS (d))"
        b"\r\n0004 OK x\r\n",
        b"* 1 FETCH (UID 7 BODY[TEXT] {3}\r\nabc)\r\n0005 OK x\r\n",
        b"* SEARCH 4\r\n0006 OK y\r\n",
    ]
    outcome = agreed(extended, script, cuts)
    assert outcome[4] == []
    quota, _, folders, labels, flat, peculiar = results(outcome)
    assert quota == [[b"STORAGE", b"10", b"512"]]
    assert folders == [(("\\Inbox",), "/", "Inbox"), ((), "/", "a")]
    assert labels == {1: {"X-GM-LABELS": ["\\Inbox", "b)", "c"]}, 2: {"X-GM-LABELS": []}}
    assert flat == {1: [["UID", "7", "BODY", ["TEXT"], "abc"]]}
    assert peculiar == [[b"SEARCH", b"4"]]
    assert outcome[2].endswith(b"0006 thing [one two]\r\n")


def picking_fetcher(base: Any) -> Any:
    """
    Asks for more than was asked for, and picks values out by their position.
    """

    class Fetching(base):
        def _fetch(self, messages: Any, useUID: Any = 0, **terms: Any) -> Any:
            terms["x-gm-msgid"] = 1
            return base._fetch(self, messages, useUID, **terms)

        def bodies(self, messages: Any) -> Any:
            d = self.fetchSpecific(messages, uid=1, headerType="TEXT", peek=True)
            return d.addCallback(lambda got: {n: body[0][4] for n, body in got.items()})

        def subjects(self, messages: Any) -> Any:
            d = self.fetchSpecific(messages, headerType="HEADER.FIELDS", headerArgs=["SUBJECT"])
            return d.addCallback(lambda got: [got[n][0][2][9:].rstrip() for n in sorted(got)])

        def beginning(self, messages: Any) -> Any:
            d = self.fetchSpecific(messages, headerNumber=(1, 2), offset=0, length=3)
            return d.addCallback(lambda got: [body[0][3] for body in got.values()])

    return Fetching


def test_positions(cuts: Any) -> None:
    script: Script = [
        GREETING,
        calling("bodies", "7:8"),
        calling("subjects", "1:2"),
        calling("beginning", "1"),
        calling("fetchUID", "1"),
        calling("fetchSize", "7", uid=True),
        b"* 1 FETCH (UID 7 BODY[TEXT] {4}\r\na\r\nb FLAGS (\\Seen))\r\n"
        b'* 2 FETCH (UID 8 BODY[TEXT] "")\r\n0001 OK x\r\n',
        b"* 2 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {14}\r\nSubject: two\r\n)\r\n"
        b'* 1 FETCH (BODY[HEADER.FIELDS ("SUBJECT")] "Subject: one")\r\n0002 OK x\r\n',
        b"* 1 FETCH (BODY[1.2]<0> {3}\r\nabc)\r\n0003 OK x\r\n",
        b"* 1 FETCH (UID 7 X-GM-MSGID 12)\r\n0004 OK x\r\n",
        b"* 1 FETCH (UID 7 RFC822.SIZE 3 X-GM-MSGID 12)\r\n0005 OK x\r\n",
    ]
    outcome = agreed(picking_fetcher, script, cuts)
    assert results(outcome) == [
        {1: "a\r\nb", 2: ""},
        ["one", "two"],
        ["abc"],
        {1: {"UID": "7", "X-GM-MSGID": "12"}},
        {1: {"UID": "7", "RFC822.SIZE": "3", "X-GM-MSGID": "12"}},
    ]


def flagless_appender(base: Any) -> Any:
    """
    Appends without flags, or with whatever Twisted's method does not know.
    """

    class Appending(base):
        def save(self, mailbox: bytes, message: bytes) -> Any:
            args = b"%b (\\Seen) {%d}" % (mailbox, len(message))
            continuation = self._IMAP4Client__cbContinueAppend
            command = Command(b"APPEND", args, (), continuation, BytesIO(message))
            return self.sendCommand(command).addCallback(lambda result: result[1])

    return Appending


def test_append(cuts: Any) -> None:
    script: Script = [
        GREETING,
        calling("save", b"a", b"From: x\r\n\r\nhello"),
        calling("save", b"b", b""),
        b"+ go\r\n0001 OK [APPENDUID 1 2] x\r\n",
        b"+\r\n0002 NO x\r\n",
    ]
    outcome = agreed(flagless_appender, script, cuts)
    assert outcome[2] == (
        b"0001 APPEND a (\\Seen) {16}\r\nFrom: x\r\n\r\nhello\r\n0002 APPEND b (\\Seen) {0}\r\n\r\n"
    )


# ---- Beginning and end -----------------------------------------------------


def standalone(base: Any) -> Any:
    """
    Calls nobody's connectionMade() and connectionLost(), and has Deferreds for both.
    """

    class Standalone(base):
        journal: list[Entry]

        def __init__(self) -> None:
            base.__init__(self)
            self.early: list[Any] = []

        def connectionMade(self) -> None:
            self.journal.append(("made", self.transport is not None))
            d = self.getCapabilities()
            d.addCallback(lambda caps: self.journal.append(("capabilities", caps)))

        def serverGreeting(self, caps: Any) -> None:
            self.journal.append(("greeted", caps, self.state))
            self.noop().addCallback(lambda lines: self.journal.append(("noop", lines)))

        def connectionLost(self, reason: Any) -> None:
            self.journal.append(("lost", reason.type.__name__))

    return Standalone


def test_without_super(cuts: Any) -> None:
    def lose(client: Any) -> None:
        client.connectionLost(Failure(ConnectionLost()))

    script: Script = [
        b"* OK ready\r\n* CAPABILITY IMAP4rev1 IDLE\r\n0001 OK x\r\n* OK [X] y\r\n0002 OK x\r\n",
        lose,
    ]
    outcome = agreed(standalone, script, cuts, record=False)
    assert outcome[0] == [
        ("made", True),
        ("greeted", None, "unauth"),
        ("capabilities", {b"IMAP4rev1": None, b"IDLE": None}),
        ("noop", []),
        ("lost", "ConnectionLost"),
    ]


def impatient(base: Any) -> Any:
    """
    Brings the TimeoutMixin that the client has already, and does its own timing.
    """

    class Impatient(base, TimeoutMixin):
        journal: list[Entry]

        def connectionMade(self) -> None:
            self.setTimeout(30)

        def dataReceived(self, data: bytes) -> None:
            self.resetTimeout()
            base.dataReceived(self, data)

        def timeoutConnection(self) -> None:
            self.journal.append(("timeout", self.waiting))
            TimeoutMixin.timeoutConnection(self)

        def connectionLost(self, reason: Any) -> None:
            self.setTimeout(None)
            base.connectionLost(self, reason)

    return Impatient


def blaming(base: Any) -> Any:
    """
    Gives the reason to all Deferreds when it times out, and wants to hear no more.
    """

    class Blaming(base):
        journal: list[Entry]
        timeout = 30
        timedOut = False

        def timeoutConnection(self) -> None:
            self.timedOut = True
            if self._lastCmd and self._lastCmd.defer is not None:
                d, self._lastCmd.defer = self._lastCmd.defer, None
                d.errback(KeyError("too slow"))
            for i in range(len(self.queued)):
                d, self.queued[i].defer = self.queued[i].defer, None
                d.errback(KeyError("too slow, queued"))
            self.transport.loseConnection()

        def connectionLost(self, reason: Any) -> None:
            self.journal.append(("lost", self.timedOut))
            self.setTimeout(None)
            if not self.timedOut:
                base.connectionLost(self, reason)

    return Blaming


@pytest.mark.parametrize("program", [impatient, blaming])
def test_timeouts(program: Program, cuts: Any) -> None:
    """
    Nobody hears anything twice, and no timer is left.
    """
    clocks: list[Clock] = []

    def prepare(client: Any) -> None:
        clocks.append(Clock())
        client.callLater = clocks[-1].callLater

    def wait(seconds: int) -> Call:
        return lambda client: clocks[-1].advance(seconds)

    def lose(client: Any) -> None:
        client.connectionLost(Failure(ConnectionDone()))

    script: Script = [
        wait(29), GREETING, wait(29), b"* OK patience\r\n", wait(29), b"* OK more of it\r\n",
        calling("noop"), wait(29), b"0001 OK x\r\n",
        calling("check"), calling("noop"), calling("search", "ALL"), wait(29), wait(1), lose,
    ]  # fmt: skip
    outcome = agreed(program, script, cuts, prepare=prepare)
    assert outcome[3] is True
    assert outcome[4] == []
    assert [clock.getDelayedCalls() for clock in clocks] == [[], []]
