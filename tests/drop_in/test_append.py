"""
APPEND: whatever happens before, while and after the message goes out, what comes
next is never taken for a part of it, and each Deferred fires once.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost, TimeoutError
from twisted.internet.task import Clock
from twisted.mail.imap4 import Command, IMAP4Exception
from twisted.python.failure import Failure

from tests.helpers.rig import Entry, Rig, SlowTransport, calling, logged

pytestmark = [
    pytest.mark.usefixtures("nothing_left"),
    pytest.mark.row("A file that became shorter or longer after append() looked"),
]

MESSAGE = b"m" * 50_000
HEAD = b"0001 APPEND x () {50000}\r\n"
WHOLE = HEAD + MESSAGE + b"\r\n"
NEXT = b"0002 NOOP\r\n"


ALL = 1000


class Appending:
    """An APPEND with a command queued behind it."""

    def __init__(self, cls: Any, message: Any = None, pieces: int | None = 1) -> None:
        """
        @param pieces: how many were sent; None for a server that says nothing.
        """
        self.clock = Clock()
        self.transport = SlowTransport()
        self.session = Rig(cls, transport=self.transport, prepare=self._prepare)
        self.client = self.session.client
        self.append = self.session.call(lambda c: self._append(c, message or BytesIO(MESSAGE)))
        self.queued = self.session.call(lambda c: c.noop())
        if pieces is not None:
            self.session.feed(b"+ go\r\n")
            self.transport.pump(pieces)

    def _prepare(self, client: Any) -> None:
        client.timeout = 10
        client.callLater = self.clock.callLater

    def _append(self, client: Any, message: Any) -> Deferred[Any]:
        self.deferred: Deferred[Any] = client.append("x", message)
        return self.deferred

    @property
    def written(self) -> bytes:
        return self.session.written

    def lose(self) -> None:
        """As a real transport does: its producer is told first."""
        producer, self.transport.producer = self.transport.producer, None
        if producer is not None:
            producer.stopProducing()
        self.session.lose(Failure(ConnectionLost("gone")))

    def check(self) -> None:
        """Each fired once, and the next command is not in the literal."""
        assert len(self.append) == len(self.queued) == 1
        assert WHOLE.startswith(self.written) or self.written in (WHOLE + NEXT, HEAD + NEXT)
        assert self.clock.getDelayedCalls() == []


def kind(firings: list[Entry]) -> Any:
    return firings[0][0] if firings[0][0] == "result" else type(firings[0][1])


MOMENTS = {"before": None, "started": 0, "during": 1, "sent": ALL}

Event = Callable[[Appending], object]

EVENTS: dict[str, tuple[Event, Any, Any]] = {
    "OK": (lambda a: a.session.feed(b"0001 OK x\r\n"), "result", ConnectionLost),
    "NO": (lambda a: a.session.feed(b"0001 NO x\r\n"), IMAP4Exception, ConnectionLost),
    "BAD": (lambda a: a.session.feed(b"0001 BAD x\r\n"), IMAP4Exception, ConnectionLost),
    "BYE": (lambda a: a.session.feed(b"* BYE x\r\n"), IMAP4Exception, IMAP4Exception),
    "BYE, NO": (
        lambda a: a.session.feed(b"* BYE x\r\n0001 NO y\r\n"), IMAP4Exception, IMAP4Exception
    ),
    "loss": (lambda a: a.lose(), ConnectionLost, ConnectionLost),
    "cancel": (lambda a: a.deferred.cancel(), CancelledError, ConnectionLost),
    "timeout": (lambda a: a.clock.advance(10), TimeoutError, TimeoutError),
    "EXISTS": (lambda a: a.session.feed(b"* 4 EXISTS\r\n"), ConnectionLost, ConnectionLost),
    "+": (lambda a: a.session.feed(b"+ go on\r\n"), ConnectionLost, ConnectionLost),
}  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("event", EVENTS)
def test_event(ours: Any, event: str, moment: str) -> None:
    """Then the rest is sent, as far as the transport goes on, and the end."""
    happen, ofAppend, ofQueued = EVENTS[event]
    one = Appending(ours, pieces=MOMENTS[moment])
    happen(one)
    assert one.written in (HEAD, HEAD + NEXT) or moment in ("during", "sent")
    one.transport.pump(ALL)
    one.lose()
    one.check()
    assert (kind(one.append), kind(one.queued)) == (ofAppend, ofQueued)


@pytest.mark.parametrize("moment", ["started", "during"])
@pytest.mark.parametrize("event", EVENTS)
def test_event_and_loss(ours: Any, event: str, moment: str) -> None:
    """The message never is sent whole, and so nothing behind it."""
    one = Appending(ours, pieces=MOMENTS[moment])
    EVENTS[event][0](one)
    one.lose()
    one.check()
    assert len(one.written) < len(WHOLE)


@pytest.mark.parametrize("moment", MOMENTS)
def test_plus_once_more(ours: Any, moment: str) -> None:
    """In mid-message, or behind it: the message is sent once, and all goes on."""
    one = Appending(ours, pieces=MOMENTS[moment])
    one.session.feed(b"+ go\r\n+ go\r\n")
    one.transport.pump(ALL)
    one.session.feed(b"+\r\n0001 OK x\r\n+\r\n0002 OK x\r\n")
    assert one.written == WHOLE + NEXT
    assert kind(one.append) == kind(one.queued) == "result"
    assert not one.session.closed
    one.lose()


def test_plus_once_more_for_a_plain_command(ours: Any) -> None:
    """The same for a program's own APPEND, over our continuation."""
    session = Rig(ours, transport=SlowTransport())
    send = session.client._IMAP4Client__cbContinueAppend
    command = Command(b"APPEND", b"x {3}", (), send, BytesIO(b"abc"))
    append = session.call(lambda c: c.sendCommand(command))
    session.feed(b"+ go\r\n+ go\r\n")
    transport: Any = session.transport
    transport.pump(ALL)
    session.feed(b"0001 OK x\r\n")
    assert session.written == b"0001 APPEND x {3}\r\nabc\r\n"
    assert kind(append) == "result"


@pytest.mark.parametrize("event", ["NO", "OK", "BYE, NO"])
def test_timeout_behind_an_answer(ours: Any, event: str) -> None:
    """The message goes on, but not the command that was told of the timeout."""
    one = Appending(ours)
    EVENTS[event][0](one)
    one.clock.advance(10)
    one.transport.pump(ALL)
    assert one.written == WHOLE
    one.lose()
    one.check()


# ---- The file --------------------------------------------------------------


class Odd(BytesIO):
    """A file that is not what it was when it was measured."""

    def __init__(self, after: bytes) -> None:
        super().__init__(MESSAGE)
        self.after = after

    def become(self) -> None:
        self.seek(0)
        self.truncate()
        self.write(self.after)
        self.seek(0)


@pytest.mark.parametrize("answer", [b"", b"0001 NO x\r\n"])
@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 49_999])
def test_shorter_than_announced(ours: Any, size: int, answer: bytes) -> None:
    """Closed: whatever came next would be a part of the message."""
    file = Odd(MESSAGE[:size])
    one = Appending(ours, file, None)
    file.become()
    one.session.feed(b"+ go\r\n" + answer)
    one.transport.pump(ALL)
    assert one.session.closed
    one.lose()
    assert one.written == HEAD + MESSAGE[:size]
    assert kind(one.append) is (IMAP4Exception if answer else ConnectionDone)
    assert kind(one.queued) is ConnectionDone
    assert len(logged()) == 1


@pytest.mark.parametrize("more", [b"x", b"\r\n0001 DELETE x\r\n", MESSAGE])
def test_longer_than_announced(ours: Any, more: bytes) -> None:
    """As much as announced: a server would take the rest for commands."""
    file = Odd(MESSAGE + more)
    one = Appending(ours, file, None)
    file.become()
    one.session.feed(b"+ go\r\n")
    one.transport.pump(ALL)
    one.session.feed(b"0001 OK x\r\n0002 OK x\r\n")
    assert one.written == WHOLE + NEXT
    assert not one.session.closed
    one.lose()


def test_read_that_gives_other_amounts(ours: Any) -> None:
    """One octet at a time, or more than it was asked for."""

    class Amounts(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(-1 if self.tell() > 100 else 1)

    one = Appending(ours, Amounts(MESSAGE), ALL)
    one.session.feed(b"0001 OK x\r\n")
    assert one.written == WHOLE + NEXT
    one.lose()
    one.check()


class Failing(BytesIO):
    """Fails behind so many octets."""

    good = 0

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.good:
            raise OSError("bad disk")
        return super().read(size)


@pytest.mark.parametrize("answer", [b"", b"0001 NO x\r\n", b"0001 OK x\r\n"])
@pytest.mark.parametrize("good", [0, 1, 20_000])
def test_read_that_raises(ours: Any, good: int, answer: bytes) -> None:
    """Logged once, closed; the next command is not sent."""
    file = Failing(MESSAGE)
    file.good = good
    one = Appending(ours, file, 0)
    one.session.feed(answer)
    one.transport.pump(ALL)
    assert one.session.closed
    one.lose()
    assert WHOLE.startswith(one.written) and len(one.written) < len(WHOLE)
    assert len(one.append) == len(one.queued) == 1
    assert isinstance(one.queued[0][1].__cause__, OSError)
    assert [type(e) for e in logged()] == [OSError]


def test_file_of_text(ours: Any) -> None:
    """Its str cannot be written."""

    class Text(BytesIO):
        def read(self, size: int | None = -1) -> Any:
            octets = super().read(size)
            # Asked for nothing it is like any other.
            return octets.decode("latin-1") if size else octets

    one = Appending(ours, Text(MESSAGE))
    assert one.session.closed
    one.lose()
    assert one.written == HEAD
    assert [type(e) for e in logged()] == [TypeError]


def test_closed_file(ours: Any) -> None:
    """Closed by the program before its turn."""
    file = BytesIO(MESSAGE)
    one = Appending(ours, file, None)
    file.close()
    one.session.feed(b"+ go\r\n")
    one.transport.pump(ALL)
    one.lose()
    assert kind(one.append) is kind(one.queued) is ConnectionDone
    assert [type(e) for e in logged()] == [ValueError]


@pytest.mark.parametrize("what", ["raise", "lose", "no", "cancel"])
@pytest.mark.parametrize("at", [0, 20_000, 50_000])
def test_read_that_does_things(ours: Any, what: str, at: int) -> None:
    """From within the transfer."""
    done: list[str] = []

    class Busy(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if size and self.tell() >= at and not done:
                done.append(what)
                actions[what]()
            return super().read(size)

    def interrupt() -> None:
        raise KeyboardInterrupt

    one = Appending(ours, Busy(MESSAGE), None)
    actions: dict[str, Callable[[], Any]] = {
        "raise": interrupt,
        "lose": one.lose,
        "no": lambda: one.client.dataReceived(b"0001 NO x\r\n"),
        "cancel": one.deferred.cancel,
    }
    try:
        one.session.feed(b"+ go\r\n")
        one.transport.pump(ALL)
    except KeyboardInterrupt:
        pass
    one.lose()
    one.check()


def test_nothing_to_send(ours: Any) -> None:
    """A message of no octets."""
    one = Appending(ours, BytesIO(), ALL)
    one.session.feed(b"0001 OK x\r\n")
    assert one.written == b"0001 APPEND x () {0}\r\n\r\n" + NEXT
    assert kind(one.append) == "result"
    one.lose()


@pytest.mark.parametrize("same", [True, False])
def test_two_of_them(either: Any, same: bool) -> None:
    """One behind the other; also of one file."""
    session = Rig(either)
    file = BytesIO(b"abc")
    first = session.call(lambda c: c.append("x", file))
    second = session.call(lambda c: c.append("y", file if same else BytesIO(b"de")))
    session.feed(b"+ go\r\n0001 OK x\r\n+ go\r\n")
    assert session.written.startswith(b"0001 APPEND x () {3}\r\nabc\r\n0002 APPEND y () ")
    session.feed(b"0002 OK x\r\n")
    assert kind(first) == kind(second) == "result"


def test_one_file_twice(ours: Any) -> None:
    """Twisted announces three octets, and sends none for the second."""
    session = Rig(ours)
    file = BytesIO(b"abc")
    for name in ("x", "y"):
        session.call(calling("append", name, file))
    session.feed(b"+ go\r\n0001 OK x\r\n+ go\r\n0002 OK x\r\n")
    assert session.written == (b"0001 APPEND x () {3}\r\nabc\r\n0002 APPEND y () {3}\r\nabc\r\n")


def test_send_line_that_raises_behind_the_message(ours: Any) -> None:
    """The end of the command cannot be sent: closed, with the cause."""

    class Raising(ours):
        def sendLine(self, line: bytes) -> None:
            if not line:
                raise ZeroDivisionError
            super().sendLine(line)

    one = Appending(Raising, pieces=ALL)
    assert one.session.closed
    one.lose()
    assert kind(one.append) is kind(one.queued) is ConnectionDone
    assert [type(e) for e in logged()] == [ZeroDivisionError]


def test_mailbox_that_is_a_literal(ours: Any) -> None:
    """Two C{+}, and a NO between them."""
    session = Rig(ours)
    listed = session.call(lambda c: c.list("", "*"))
    session.feed(b'* LIST () "/" a\xff\r\n0001 OK x\r\n')
    append = session.call(lambda c: c.append(listed[0][1][0][2], BytesIO(b"abc")))
    session.call(lambda c: c.noop())
    session.feed(b"+ go\r\n0002 NO x\r\n+ late\r\n")
    assert kind(append) is IMAP4Exception
    assert session.written.endswith(b"0002 APPEND {2}\r\na\xff () {3}\r\n0003 NOOP\r\n")


def test_make_tag_that_appends(ours: Any) -> None:
    """The command that the tag was for is not in the message: it waits for its turn."""

    class Appends(ours):
        first = True

        def makeTag(self) -> bytes:
            first, self.first = self.first, False
            if first:
                self.append("x", BytesIO(b"abc"))
            return super().makeTag()

    session = Rig(Appends)
    noop = session.call(calling("noop"))
    session.feed(b"+ go\r\n0001 OK x\r\n")
    sent, tag, last = session.written.partition(b"\r\n0003")
    assert sent == b"0001 APPEND x () {3}\r\nabc"
    assert last == b" NOOP\r\n"
    session.feed(b"0003 OK x\r\n")
    assert noop == [("result", [])]
