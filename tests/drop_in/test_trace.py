"""trace: both directions, in order, without what is secret or long."""

from __future__ import annotations

import functools
import io
from typing import Any

import pytest
from hypothesis import given, strategies as st
from twisted.internet.error import ConnectionDone
from twisted.logger import capturedLogs, formatEvent
from twisted.mail import imap4
from twisted.mail.imap4 import IllegalServerResponse

from tests.helpers.classes import WAYS
from tests.helpers.rig import MemoryTransport, logged
from twisted_imapc import IMAP4Client

TracedLine = tuple[str, bytes]


def traced(cls: Any, greeting: bytes = b"* OK hello") -> tuple[Any, list[TracedLine]]:
    """A client behind its greeting, and what its trace is told from there on."""
    client = cls()
    client.makeConnection(MemoryTransport())
    client.dataReceived(greeting + b"\r\n")
    lines: list[TracedLine] = []
    client.trace = lambda who, line: lines.append((who, line))
    return client, lines


def end(client: Any) -> None:
    client.connectionLost(ConnectionDone())


def feed_in_steps(client: Any, wire: bytes, step: int) -> None:
    for at in range(0, len(wire), step):
        client.dataReceived(wire[at : at + step])


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_a_session(ours: Any, step: int) -> None:
    """One line a call, in the order of what happens, however TCP cut it."""
    client, lines = traced(ours)
    client.fetchSpecific("1:2", peek=1)
    client.noop()
    feed_in_steps(
        client,
        b"* 3 EXISTS\r\n* 1 FETCH (BODY[] {5}\r\nmail\n UID 4)\r\n"
        b'* 2 FETCH (BODY[] "short")\r\n0001 OK done\r\n* 1 EXPUNGE\r\n0002 OK\r\n',
        step,
    )
    assert lines == [
        ("C", b"0001 FETCH 1:2 BODY.PEEK[]"),
        ("S", b"* 3 EXISTS"),
        ("S", b"* 1 FETCH (BODY[] {5}"),
        ("S", b"[5 octets] UID 4)"),
        ("S", b'* 2 FETCH (BODY[] "short")'),
        ("S", b"0001 OK done"),
        ("C", b"0002 NOOP"),
        ("S", b"* 1 EXPUNGE"),
        ("S", b"0002 OK"),
    ]


def test_literal_at_the_end(ours: Any) -> None:
    client, lines = traced(ours)
    client.list("", "*")
    client.dataReceived(b'* LIST () "/" {5}\r\nINBOX\r\n* LIST () "/" {0}\r\n\r\n0001 OK\r\n')
    assert [line for who, line in lines if who == "S"] == [
        b'* LIST () "/" {5}', b"[5 octets]", b'* LIST () "/" {0}', b"[0 octets]", b"0001 OK",
    ]  # fmt: skip


def test_login(ours: Any) -> None:
    """Neither name nor password; what comes after is seen again."""
    client, lines = traced(ours)
    client._capCache = {b"IMAP4rev1": None}
    client.login("joe", "secret")
    client.dataReceived(b"0001 OK in\r\n")
    client.select("INBOX")
    assert lines == [
        ("C", b"0001 LOGIN [hidden]"), ("S", b"0001 OK in"), ("C", b"0002 SELECT INBOX"),
    ]  # fmt: skip


@pytest.mark.parametrize("capability", [b"IMAP4rev1", b"LITERAL+"])
def test_login_by_literals(ours: Any, capability: bytes) -> None:
    client, lines = traced(ours)
    client._capCache = {capability: None}
    client.login("jos\xe9", "s\xe9cret")
    client.dataReceived(b"+ go on\r\n+ go on\r\n0001 NO\r\n")
    client.noop()
    said = [line for who, line in lines if who == "C"]
    assert said[0] == b"0001 LOGIN [hidden]"
    assert set(said[1:-1]) <= {b"[hidden]"}
    assert said[-1] == b"0002 NOOP"
    assert b"s\xc3\xa9cret" in client.transport.value()


def test_authenticate(ours: Any) -> None:
    client, lines = traced(ours)
    client.registerAuthenticator(imap4.PLAINAuthenticator(b"joe"))
    client._capCache = {b"AUTH": [b"PLAIN"]}
    client.authenticate(b"secret").addErrback(lambda failure: None)
    client.dataReceived(b"+ \r\n0001 OK in\r\n")
    assert lines == [
        ("C", b"0001 AUTHENTICATE PLAIN [hidden]"), ("S", b"+ "),
        ("C", b"[hidden]"), ("S", b"0001 OK in"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [b"x LOGIN joe secret", b"x  login {3}", b"x AUTHENTICATE PLAIN c2VjcmV0",
     b"x authenticate plain"],
)  # fmt: skip
def test_by_hand(ours: Any, line: bytes) -> None:
    """Programs also send lines of their own, and Commands."""
    client, lines = traced(ours)
    client.sendLine(line)
    client.sendLine(b"secret")
    client.dataReceived(b"x OK\r\n")
    client.sendLine(b"y NOOP")
    client.sendCommand(imap4.Command(b"login", b"joe secret"))
    said = [line for who, line in lines if who == "C"]
    assert said[1:] == [b"[hidden]", b"y NOOP", b"0001 login [hidden]"]
    assert not any(b"ecret" in line or b"c2V" in line for line in said)


def test_turned_on_in_the_midst_of_a_login(ours: Any) -> None:
    client, lines = traced(ours)
    trace, client.trace = client.trace, None
    client.sendLine(b"x AUTHENTICATE LOGIN")
    client.trace = trace
    client.sendLine(b"secret")
    assert lines == [("C", b"[hidden]")]


def test_append(ours: Any) -> None:
    """The message is not told, nor is a mailbox name that goes as a literal."""
    client, lines = traced(ours)
    client.list("", "*")
    client.dataReceived(b'* LIST () "/" "r\xe9sum\xe9"\r\n0001 OK\r\n')
    lines.clear()
    client.append("r\xe9sum\xe9", io.BytesIO(b"private\r\n"))
    client.noop()
    client.dataReceived(b"+ name\r\n+ message\r\n0002 OK\r\n")
    assert lines == [
        ("C", b"0002 APPEND {6}"), ("S", b"+ name"), ("C", b"[6 octets] () {9}"),
        ("S", b"+ message"), ("C", b"[9 octets]"), ("S", b"0002 OK"), ("C", b"0003 NOOP"),
    ]  # fmt: skip
    assert b"private" in client.transport.value()


def test_append_refused(ours: Any) -> None:
    """No literal comes, so nothing of the next command is hidden."""
    client, lines = traced(ours)
    client.append("INBOX", io.BytesIO(b"private\r\n")).addErrback(lambda failure: None)
    client.noop()
    client.dataReceived(b"0001 NO\r\n")
    assert lines[-1] == ("C", b"0002 NOOP")


def test_literals_within(ours: Any) -> None:
    """What goes out as one piece, without waiting for the server, is more than one line."""
    client, lines = traced(ours)
    client.sendLine(b"x RENAME {1+}\r\n\xe9 {2+}\r\n\xe8\xe8")
    client.sendLine(b"y NOOP")
    assert lines == [
        ("C", b"x RENAME {1+}"), ("C", b"[1 octets] {2+}"), ("C", b"[2 octets]"),
        ("C", b"y NOOP"),
    ]  # fmt: skip


def test_framing_lost(ours: Any) -> None:
    """The line that it was lost on is worth seeing."""
    client, lines = traced(ours)
    with pytest.raises(IllegalServerResponse):
        client.dataReceived(b"* 1 FETCH (BODY[] {7}\r\nprivate RFC822 {-5}\r\n* 1 EXISTS\r\n")
    assert lines == [
        ("S", b"* 1 FETCH (BODY[] {7}"), ("S", b"[7 octets] RFC822 {-5}")
    ]  # fmt: skip
    end(client)


def test_that_raises(ours: Any) -> None:
    """It is logged, and nothing else suffers."""

    def trace(who: str, line: bytes) -> None:
        raise RuntimeError(who)

    client, _ = traced(ours)
    client.trace = trace
    logged()
    done: list[Any] = []
    client.noop().addCallback(done.append)
    client.dataReceived(b"0001 OK\r\n")
    assert len(done) == 1
    assert [str(e) for e in logged()] == ["C", "S"]


def test_that_stops_itself(ours: Any) -> None:
    client, lines = traced(ours)

    def trace(who: str, line: bytes) -> None:
        lines.append((who, line))
        client.trace = None

    client.trace = trace
    client.dataReceived(b"* 1 EXISTS\r\n* 2 EXISTS\r\n")
    client.noop()
    assert lines == [("S", b"* 1 EXISTS")]


def test_ways_to_set_it(ours: Any) -> None:
    """On the class, as a function of two or as a method; on the instance."""
    lines: list[Any] = []

    def function(who: str, line: bytes) -> None:
        lines.append((who, line))

    class AsFunction(ours):
        trace = function

    class AsStatic(ours):
        trace = staticmethod(function)

    class AsMethod(ours):
        def trace(self, who: str, line: bytes) -> None:
            assert isinstance(self, AsMethod)
            lines.append((who, line))

    class Log:
        def write(self, who: str, line: bytes) -> None:
            lines.append((who, line))

    onInstance = ours()
    onInstance.trace = Log().write
    for client in (AsFunction(), AsStatic(), AsMethod(), onInstance):
        client.makeConnection(MemoryTransport())
        client.dataReceived(b"* OK hello\r\n")
        client.noop()
        assert lines == [("S", b"* OK hello"), ("C", b"0001 NOOP")]
        lines.clear()


def test_keeps_the_fast_path() -> None:
    """Unlike an override of lineReceived, which it takes the place of."""
    client, lines = traced(WAYS["fast"])
    client.dataReceived(b"* 1 EXISTS\r\n")
    assert lines
    assert client._imapc.reader is None


def test_log_names_it(ours: Any) -> None:
    """Who overrides lineReceived is told what would do instead."""

    class Tracer(ours):
        def lineReceived(self, line: bytes) -> None:
            ours.lineReceived(self, line)

    with capturedLogs() as events:
        Tracer()
        Tracer()
    told = [text for text in map(formatEvent, events) if "Tracer" in text]
    assert len(told) == 1
    assert "test_trace.py" in told[0]
    assert "trace=" in told[0]


@given(
    st.binary(min_size=3).filter(lambda raw: not set(raw) & set(b"\r\n\0")),
    st.sampled_from([b"IMAP4rev1", b"LITERAL+"]),
)
def test_no_password_is_told(password: bytes, capability: bytes) -> None:
    """Whatever it consists of."""
    for cls in WAYS.values():
        client, lines = traced(cls)
        client._capCache = {capability: None}
        client.login(b"joe", password)
        client.dataReceived(b"+ \r\n" * 3)
        told = b"\n".join(line for who, line in lines if who == "C")
        assert set(told.splitlines()) <= {b"0001 LOGIN [hidden]", b"[hidden]"}


def commands(lines: list[TracedLine]) -> list[bytes]:
    return [line for who, line in lines if who == "C"]


def test_literal_that_looks_like_a_login(ours: Any) -> None:
    """What begins with a literal is no command."""
    message = b"Subject: Login alert\r\n\r\nprivate {3}\r\n"
    client, lines = traced(ours)
    args = b"INBOX {%d}" % len(message)
    client.sendCommand(imap4.Command(b"APPEND", args, (), lambda _: client.sendLine(message)))
    client.dataReceived(b"+ go\r\n0001 OK\r\n")
    client.select("INBOX")
    assert commands(lines) == [b"0001 APPEND " + args, b"[37 octets]", b"0002 SELECT INBOX"]


@pytest.mark.parametrize(
    "command, args, hidden",
    [(b"SEARCH", b"TEXT {6}", b"[6 octets]"), (b"LOGIN", b"joe {6}", b"[hidden]")],
)
def test_answer_to_another_command(ours: Any, command: bytes, args: bytes, hidden: bytes) -> None:
    """It neither reveals a literal nor a password."""
    client, lines = traced(ours)
    client.sendCommand(imap4.Command(command, args, (), lambda _: client.sendLine(b"secret")))
    client.dataReceived(b"9Z OK junk\r\n+ go\r\n")
    assert commands(lines)[1:] == [hidden]


def test_two_logins_at_once(ours: Any) -> None:
    """The answer to the second leaves the first as secret as it was."""
    client, lines = traced(ours)
    client.sendLine(b"a LOGIN joe {6}")
    client.sendLine(b"b LOGIN x y")
    client.dataReceived(b"b NO\r\n+ go\r\n")
    client.sendLine(b"secret")
    client.dataReceived(b"a OK\r\n")
    client.sendLine(b"c NOOP")
    assert b"secret" not in b"".join(commands(lines))
    assert commands(lines)[-1] == b"c NOOP"


@pytest.mark.parametrize(
    "sent, told",
    [
        (b"x NOOP\r\ny LOGIN joe secret", [b"x NOOP", b"y LOGIN [hidden]"]),
        (b"x LOGIN {3+}\r\njoe {6+}\r\nsecret", [b"x LOGIN [hidden]", b"[hidden]", b"[hidden]"]),
        (b"x AUTHENTICATE {5}", [b"x AUTHENTICATE [hidden]"]),
        (b" LOGIN joe secret", [b" LOGIN [hidden]"]),
        (b"x loginx foo", [b"x loginx foo"]),
        (b"x SEARCH LOGIN", [b"x SEARCH LOGIN"]),
        (b"x ID {0+}\r\n", [b"x ID {0+}", b"[0 octets]"]),
        (b"", [b""]),
    ],
)
def test_sent(ours: Any, sent: bytes, told: list[bytes]) -> None:
    client, lines = traced(ours)
    client.sendLine(sent)
    assert commands(lines) == told


def test_turned_off_in_the_midst_of_a_literal(ours: Any) -> None:
    """And on again: what is told belongs to the line that it is told with."""
    client, lines = traced(ours)
    trace = client.trace
    client.dataReceived(b"* 1 FETCH (BODY[] {7}\r\npri")
    client.trace = None
    client.dataReceived(b"vate)\r\n* 1 EXISTS\r\n")
    client.trace = trace
    lines.clear()
    client.dataReceived(b"* 2 EXISTS\r\n")
    assert lines == [("S", b"* 2 EXISTS")]


@pytest.mark.filterwarnings("ignore:functools.partial will be a method:FutureWarning")  # 3.13
def test_functions_on_a_class(ours: Any) -> None:
    """Decorated ones, and with more parameters than they need."""
    lines: list[Any] = []

    def withDefault(who: str, line: bytes, log: Any = lines) -> None:
        log.append((who, line))

    def decorated(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any) -> Any:
            return function(*args)

        return inner

    def method(self: Any, who: str, line: bytes, log: Any = lines) -> None:
        assert isinstance(self, IMAP4Client)
        log.append((who, line))

    def anything(self: Any, *args: Any) -> None:
        lines.append(args)

    for trace in (
        withDefault, decorated(withDefault), functools.partial(withDefault), method,
        decorated(method), anything,
    ):  # fmt: skip
        client = type("Traced", (ours,), {"trace": trace})()
        client.makeConnection(MemoryTransport())
        client.dataReceived(b"* OK hello\r\n")
        assert lines == [("S", b"* OK hello")], trace
        lines.clear()
