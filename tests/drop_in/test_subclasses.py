"""
What belongs to a subclass: every name that Twisted's client does not have, LineReceiver's
buffer, hooks put in place at any time, connectionLost in any shape, a second connection.
"""

from __future__ import annotations

import functools
import gc
import weakref
from typing import Any

import pytest
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.logger import capturedLogs, formatEvent
from twisted.mail.imap4 import Command, IllegalServerResponse, PLAINAuthenticator
from twisted.protocols import basic
from twisted.python.failure import Failure

from tests.helpers.classes import AGAINST_ITSELF, TheirClient
from tests.helpers.names import OUR_NAMES
from tests.helpers.rig import Call, MemoryTransport, Rig, TLSMemoryTransport, calling

FETCH = b"* 2 EXISTS\r\n* 1 FETCH (FLAGS (a) RFC822 {5}\r\nx\r\ny\n)\r\n0001 OK done\r\n"


def fetch(client: Any) -> Any:
    return client.fetchMessage("1")


def connected(cls: Any) -> Any:
    client = cls()
    client.makeConnection(MemoryTransport())
    client.dataReceived(b"* OK hi\r\n")
    return client


# ---- Names -----------------------------------------------------------------


@pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted has no names of ours")
def test_our_own_names(ours: Any) -> None:
    """A subclass may have any name of its own but the public ones, and _imapc."""
    names = {*dir(ours), *vars(ours())} - {*dir(TheirClient), *vars(TheirClient())}
    private = {name for name in names - OUR_NAMES if not name.endswith("__")}
    assert private == {"_imapc"}


def test_program_with_methods_of_its_own(either: Any) -> None:
    """Names that a client's author may well think of, too."""

    class Program(either):
        _mailbox = _parser = _text = _result = "mine"

        def serverGreeting(self, capabilities: Any) -> None:
            self._reason = self._cause = "mine"
            self._login().addCallback(lambda _: self._select())

        def _login(self) -> Any:
            return self.login(b"u", b"p")

        def _select(self) -> Any:
            return self.select("inbox").addCallback(self._selected)

        def _selected(self, result: Any) -> None:
            self._result = result

    session = Rig(Program, greeting=None, record=False)
    session.feed(b"* OK [CAPABILITY IMAP4rev1] hi\r\n0001 OK in\r\n")
    session.feed(b"* 3 EXISTS\r\n0002 OK [READ-ONLY] x\r\n")
    session.lose()
    assert session.client._result == {"READ-WRITE": 0, "EXISTS": 3}


@pytest.mark.parametrize("mixed", [False, True])
def test_bookkeeping_of_a_class(either: Any, mixed: bool) -> None:
    """Where a program has it begin; what comes of it is its instances' own."""
    own = {"tagID": 256, "_capCache": {b"LOGINDISABLED": None}}
    mixin: Any = type("Mixin", (), own if mixed else {})
    program: Any = type("Program", (mixin, either), {} if mixed else own)
    rig = Rig(type("Derived", (program,), {}))
    firings = rig.call(calling("noop"))
    rig.feed(b"0100 OK done\r\n")
    rig.call(calling("check"))
    assert rig.written == b"0100 NOOP\r\n0101 CHECK\r\n"
    assert [kind for kind, _ in firings] == ["result"]
    assert rig.client.tagID == 258
    assert rig.client._capCache == own["_capCache"]
    assert either().tagID == 1


@pytest.mark.parametrize("trace", [True, "yes", lambda self, text: 1 / 0])
def test_trace_of_its_own(ours: Any, trace: Any) -> None:
    """What cannot be meant to be called with direction and line is not."""
    session = Rig(type("Program", (ours,), {"trace": trace}))
    session.call(lambda c: c.noop())
    session.feed(b"0001 OK\r\n")
    assert session.outcome().errors == []


def test_repr(either: Any) -> None:
    """Of a command, and of what they are kept in."""
    written: list[str] = []

    class Program(either):
        def sendCommand(self, cmd: Any) -> Any:
            written.append(repr(cmd))
            return either.sendCommand(self, cmd)

    session = Rig(Program)
    session.call(lambda c: c.login(b"u", b"p"))
    session.call(lambda c: c.noop())
    assert "NOOP" in repr(session.client.queued)
    assert "CAPABILITY" in repr(session.client.tags)
    assert "CAPABILITY" in repr(session.client._lastCmd)
    assert all(text.startswith("<imap4.Command b'") for text in written)


# ---- Nothing is kept -------------------------------------------------------


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"0001 OK done\r\n0002 OK done\r\n",
        b"0001 OK done\r\n",
        b"0001 NO done\r\n",
        b"* X {-1}\r\n",
        b"* BYE x\r\n",
    ],
)
def test_no_cycle(ours: Any, wire: bytes) -> None:
    """A client goes with its last reference, and waits for no collector."""
    gc.collect()
    gc.disable()
    try:
        client = connected(ours)
        client.noop().addErrback(lambda failure: None)
        fetch(client).addErrback(lambda failure: None)
        try:
            client.dataReceived(wire)
        except IllegalServerResponse:
            # Not made a reason of: pytest keeps tracebacks in an older Twisted's.
            pass
        client.connectionLost(Failure(ConnectionDone()))
        gone = weakref.ref(client)
        del client
        assert gone() is None
    finally:
        gc.enable()


# ---- LineReceiver's buffer -------------------------------------------------


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_data_received_of_line_receiver(either: Any, step: int) -> None:
    """Called by name, past ours."""
    lines: list[Any] = []

    class Program(either):
        def dataReceived(self, data: bytes) -> None:
            basic.LineReceiver.dataReceived(self, data)

    class Looking(Program):
        def lineReceived(self, line: bytes) -> None:
            lines.append(line)
            either.lineReceived(self, line)

    for program in (Program, Looking):
        session = Rig(program)
        firings = session.call(fetch)
        session.feed(FETCH, range(0, len(FETCH), step))
        assert firings == [("result", {1: {"RFC822": "x\r\ny\n"}})]
        assert not session.closed
    assert lines[1:] == [b"* 2 EXISTS", b"* 1 FETCH (FLAGS (a) RFC822 {5}", b")", b"0001 OK done"]


def test_buffer_taken(either: Any) -> None:
    """The octets behind a line, as programs take them that go over to another protocol."""
    taken: list[bytes] = []

    class Program(either):
        def lineReceived(self, line: bytes) -> None:
            if line == b"* TAKE":
                client: Any = self
                rest, client._buffer = client._buffer, b""
                taken.append(rest)
            else:
                either.lineReceived(self, line)

    session = Rig(Program)
    session.feed(b"* TAKE\r\nthe rest\r\n of it")
    assert taken == [b"the rest\r\n of it"]
    session.feed(b"* 3 EXISTS\r\n")
    assert not session.closed


@pytest.mark.parametrize("lines", [False, True])
def test_buffer_from_outside(ours: Any, lines: bool) -> None:
    """What is unfinished, on both ways; and what is put there is parsed."""
    session = Rig(ours)
    session.feed(b"* 3 EXI")
    assert session.client._buffer == b"* 3 EXI"
    session.client._buffer += b"STS\r\n* 4"
    session.client.dataReceived(b"")
    assert session.outcome().events == [("new", 3, None)]
    assert session.client._buffer == b"* 4"


# ---- Hooks put in place later ----------------------------------------------


def keeping(name: str, told: list[Any]) -> Any:
    """A hook that keeps what it is given."""
    return lambda self, *args: told.append((name, *args))


@pytest.mark.parametrize("name", ["lineReceived", "_extraInfo", "response_AUTH", "dispatchCommand"])
def test_class_patched_before_the_connection(either: Any, name: str) -> None:
    told: list[Any] = []
    program = type("Program", (either,), {})
    client = program()
    setattr(program, name, keeping(name, told))
    try:
        client.makeConnection(MemoryTransport())
        client.state = "auth"
        client.dataReceived(b"* 3 EXISTS\r\n")
    finally:
        delattr(program, name)
    assert [entry[0] for entry in told] == [name]


def test_response_put_on_a_class_that_had_clients(either: Any) -> None:
    told: list[Any] = []

    class Program(either):
        pass

    connected(Program)
    Program.response_IDLE = keeping("IDLE", told)
    client = connected(Program)
    client.state = "IDLE"
    client.dataReceived(b"* 3 EXISTS\r\n")
    assert told == [("IDLE", b"*", b"3 EXISTS")]


def test_log_names_the_place(ours: Any) -> None:
    """Through decorators, too, and in mixins."""

    def decorated(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any) -> Any:
            return function(*args)

        return inner

    class Mixin:
        @decorated
        def lineReceived(self, line: bytes) -> None:
            pass

        response_IDLE = functools.partialmethod(lineReceived)

    class Program(Mixin, ours):
        pass

    with capturedLogs() as events:
        Program()
        Program()
    [text] = [text for text in map(formatEvent, events) if "Program" in text]
    assert text.count("test_subclasses.py") == 2
    assert "trace=" in text


# ---- connectionLost in any shape -------------------------------------------


def lost(told: list[Any]) -> dict[str, Any]:
    """Ways to write it, each as a class attribute."""

    class Callee:
        def __call__(self, reason: Any) -> None:
            told.append(reason)

    return {
        "static": staticmethod(lambda reason: told.append(reason)),
        "partial": functools.partial(told.append),
        "object": Callee(),
        "why": lambda self, why: told.append(why),
        "default": lambda self, reason=None: told.append(reason),
        "any": lambda self, *args: told.append(args[0]),
    }


@pytest.mark.filterwarnings("ignore:functools.partial will be a method:FutureWarning")  # 3.13
@pytest.mark.parametrize("shape", lost([]))
def test_connection_lost(ours: Any, shape: str) -> None:
    told: list[Any] = []
    session = Rig(type("Program", (ours,), {"connectionLost": lost(told)[shape]}))
    firings = session.call(lambda c: c.noop())
    session.lose(Failure(ConnectionLost("gone")))
    assert told == [session.lost]
    assert [type(value) for _, value in firings] == [ConnectionLost]


def test_connection_lost_by_keyword(ours: Any) -> None:
    told: list[Any] = []
    program = type("Program", (ours,), {"connectionLost": lost(told)["why"]})
    client = connected(program)
    failures: list[Any] = []
    client.noop().addErrback(failures.append)
    client.connectionLost(why=Failure(ConnectionLost("gone")))
    assert len(told) == 1
    assert [f.type for f in failures] == [ConnectionLost]
    program = type("Program", (ours,), {"connectionLost": lost(told)["default"]})
    connected(program).connectionLost()
    assert told[1:] == [None]


# ---- A second connection ---------------------------------------------------


def test_second_connection(either: Any) -> None:
    """The same client again, with Twisted's own state set back by the program."""

    class Program(either):
        def connectionMade(self) -> None:
            state: dict[str, Any] = {"tags": {}, "queued": [], "waiting": None, "state": None}
            self.__dict__.update(state, _tag=None, _parts=None)
            self.clearLineBuffer()
            self.setLineMode()
            either.connectionMade(self)

    program: Any = Program()
    for _ in range(2):
        program.makeConnection(MemoryTransport())
        program.dataReceived(b"* OK hi\r\n")
        done: list[Any] = []
        program.noop().addBoth(done.append)
        tag = program.waiting
        program.dataReceived(tag + b" OK done\r\n* 1 FETCH (BODY[] {9}\r\n")
        assert len(done) == 1
        late: list[Any] = []
        program.noop().addErrback(late.append)
        program.connectionLost(Failure(ConnectionDone()))
        assert len(late) == 1


# ---- sendCommand -----------------------------------------------------------


@pytest.mark.row("sendCommand() gives a list of the untagged lines")
def test_what_send_command_gives(ours: Any) -> None:
    seen: dict[type, list[Any]] = {TheirClient: [], ours: []}
    for base, told in seen.items():

        class Program(base):  # type: ignore[misc,valid-type]
            told: list[Any]

            def sendCommand(self, cmd: Any) -> Any:
                d = super().sendCommand(cmd)
                d.addCallback(self.told.append)
                return d

        Program.told = told
        session = Rig(Program)
        call: Call = lambda c: c.search("ALL")  # noqa: E731
        session.call(call)
        session.feed(b"* SEARCH 1 2\r\n0001 OK done\r\n")
    assert seen[TheirClient] == [([[b"SEARCH", b"1", b"2"]], b"OK done")]
    assert seen[ours] == [([1, 2], b"OK done")]


# ---- Here and there --------------------------------------------------------


def test_tags_of_its_own(ours: Any) -> None:
    """They may look like ours to come; a second answer is dropped all the same."""

    class Program(ours):
        def makeTag(self) -> bytes:
            return b"FF01"

    session = Rig(Program)
    session.call(lambda c: c.noop())
    session.feed(b"FF01 OK done\r\nFF01 OK again\r\n* 3 EXISTS\r\n")
    assert not session.closed
    assert session.outcome().events == [("new", 3, None)]
    session.feed(b"FF02 OK never sent\r\n")
    assert session.closed


def test_max_length_of_connection_made(ours: Any) -> None:
    """Where programs set it."""

    class Program(ours):
        maxLineLength = 10

        def connectionMade(self) -> None:
            self.MAX_LENGTH = 30

    session = Rig(Program)
    session.feed(b"* OK " + b"x" * 25 + b"\r\n")
    assert not session.closed
    session.feed(b"* OK " + b"x" * 26 + b"\r\n")
    assert session.closed


def test_raw_mode_without_a_literal(ours: Any) -> None:
    """A program's own setRawMode(), and nobody who takes the octets."""
    session = Rig(ours)
    session.client.setRawMode()
    session.feed(b"* 3 EXISTS\r\n")
    assert session.outcome().events == [("new", 3, None)]


def test_bye_with_extra_info(ours: Any) -> None:
    """An override of _extraInfo hears of it, and takes nothing away from us."""
    told: list[Any] = []

    class Program(ours):
        def _extraInfo(self, lines: Any) -> None:
            told.extend(lines)

    session = Rig(Program)
    firings = session.call(lambda c: c.noop())
    session.feed(b"* BYE tired\r\n0001 OK done\r\n")
    assert session.closed
    assert [kind for kind, _ in firings] == ["result"]
    session = Rig(Program)
    firings = session.call(lambda c: c.noop())
    session.feed(b"* BYE tired\r\n")
    session.lose()
    assert [str(value) for _, value in firings] == ["b'tired'"]
    session = Rig(Program)
    told.clear()
    session.feed(b"* BYE tired\r\n")
    assert session.closed
    assert told == [[b"BYE", b"tired"]]


def test_command_sent_again(either: Any) -> None:
    """On a NO, as programs do that try once more."""

    class Program(either):
        def sendCommand(self, cmd: Any) -> Any:
            d = either.sendCommand(self, cmd)
            return d.addErrback(lambda _: either.sendCommand(self, cmd))

    session = Rig(Program)
    session.client._capCache = {b"AUTH": [b"PLAIN"]}
    session.client.registerAuthenticator(PLAINAuthenticator(b"joe"))
    firings = session.call(lambda c: c.authenticate(b"secret"))
    session.feed(b"+ \r\n0001 NO [UNAVAILABLE] x\r\n")
    session.feed(b"+ \r\n0002 OK in\r\n")
    assert [kind for kind, _ in firings] == ["result"]
    assert session.written.count(b"AUTHENTICATE PLAIN\r\nAGpvZQBzZWNyZXQ=\r\n") == 2


def test_buffer_before_the_set_up(ours: Any) -> None:
    """In an __init__() that calls the one of Twisted's class."""

    class Program(ours):
        def __init__(self) -> None:
            TheirClient.__init__(self)
            self._buffer = b""
            assert self.clearLineBuffer() == b""

    client = connected(Program)
    client.dataReceived(b"* 3 EX")
    assert client._buffer == b"* 3 EX"


def test_buffer_of_its_own_behind_starttls(ours: Any) -> None:
    """What came in the clear is found wherever it is."""

    class Program(ours):
        _buffer = b""

    client = Program(contextFactory=object())
    client.makeConnection(TLSMemoryTransport())
    client.dataReceived(b"* OK [CAPABILITY STARTTLS] hi\r\n")
    failures: list[Any] = []
    client.startTLS().addErrback(failures.append)
    client.dataReceived(b"0001 OK\r\n* CAPABILITY EVIL\r\n0002 OK\r\n")
    client.connectionLost(ConnectionDone())
    assert len(failures) == 1
    assert not client.startedTLS


def test_command_with_names_of_ours(either: Any) -> None:
    """Those of a program's Command are its own business, too."""

    class Own(Command):
        _1_RESPONSES: Any = (b"X",)
        shape = "round"
        endsPlaintext = wantsContinuation = True

    session = Rig(either)
    firings = session.call(lambda c: c.sendCommand(Own(b"X")))
    session.feed(b"* X 1\r\n0001 OK done\r\n* 3 EXISTS\r\n")
    assert firings == [("result", ([[b"X", b"1"]], b"OK done"))]
    assert not session.closed


def test_trace_of_another_object(ours: Any) -> None:
    """Its own self, whatever that is called."""

    class Log:
        def log(this, who: str, line: bytes = b"") -> None:  # noqa: N805
            told.append((type(this), who, line))

    told: list[Any] = []
    client = ours()
    client.trace = Log().log
    client.makeConnection(MemoryTransport())
    client.dataReceived(b"* OK hi\r\n")
    assert told == [(Log, "S", b"* OK hi")]
