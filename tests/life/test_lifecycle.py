"""
The end of a connection, of a command, and of patience: every Deferred fires exactly
once, with the cause, and nothing is left behind.
"""

from __future__ import annotations

import gc
import weakref
from io import BytesIO
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred, inlineCallbacks
from twisted.internet.error import ConnectionDone, ConnectionLost, TimeoutError
from twisted.internet.interfaces import ITLSTransport
from twisted.internet.task import Clock
from twisted.mail import imap4
from twisted.mail.imap4 import IMAP4Exception
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import alsoProvides

from tests.helpers.classes import TheirClient
from tests.helpers.responses import OK1, OK2, RESPONSES
from tests.helpers.rig import Call, Rig, SlowTransport, logged

pytestmark = [
    pytest.mark.usefixtures("nothing_left"),
    pytest.mark.row("When a timeout, a cancellation or the end of the connection meets a command"),
]


def kinds(firings: list[Any]) -> list[type]:
    """The types of what a Deferred fired with."""
    return [type(value) for _, value in firings]


# ---- Connection loss -------------------------------------------------------


@pytest.mark.parametrize("name", RESPONSES)
def test_loss_at_every_prefix(ours: Any, name: str) -> None:
    """The waiting command has its answer or the cause; the queued one the cause."""
    call, response = RESPONSES[name]
    wire = response + OK1
    for length in range(len(wire) + 1):
        session = Rig(ours)
        waiting, queued = session.call(call), session.call(lambda c: c.noop())
        session.feed(wire[:length])
        whole = length == len(wire)
        assert len(waiting) == whole
        session.lose(Failure(ConnectionLost("gone")))
        assert len(waiting) == len(queued) == 1
        if not whole:
            assert kinds(waiting) == [ConnectionLost]
        assert kinds(queued) == [ConnectionLost]
        assert logged() == []


@pytest.mark.parametrize("name", RESPONSES)
def test_nothing_is_kept(ours: Any, name: str) -> None:
    """A client lost in mid-response goes when its last reference does."""
    call, response = RESPONSES[name]
    for length in range(0, len(response), 7):
        session = Rig(ours)
        session.call(call)
        session.feed(response[:length])
        client = weakref.ref(session.client)
        session.lose()
        del session
        gc.collect()
        assert client() is None


def test_the_reason_reaches_everyone(either: Any) -> None:
    """The very failure that connectionLost was given."""
    session = Rig(either)
    firings = [session.call(lambda c: c.noop()) for _ in range(3)]
    session.lose(Failure(ConnectionLost("gone")))
    assert session.lost is not None
    assert [[value for _, value in each] for each in firings] == [[session.lost.value]] * 3


def test_bare_exception_for_a_reason(either: Any) -> None:
    """Twisted's own tests give one."""
    session = Rig(either)
    firings = session.call(lambda c: c.noop())
    session.client.connectionLost(ZeroDivisionError("bare"))
    assert kinds(firings) == [ZeroDivisionError]


def test_errbacks_that_send(ours: Any) -> None:
    """From within the loss: a failed Deferred, no exception."""
    session = Rig(ours)
    inner: list[Any] = []

    def again(failure: Failure) -> None:
        session.client.noop().addErrback(inner.append)

    session.client.noop().addErrback(again)
    session.client.noop().addErrback(again)
    session.lose(Failure(ConnectionLost("gone")))
    assert [type(failure.value) for failure in inner] == [ConnectionLost] * 2


COMMANDS: list[Call] = [
    lambda c: c.noop(),
    lambda c: c.logout(),
    lambda c: c.getCapabilities(useCache=0),
    lambda c: c.login("u", "p"),
    lambda c: c.select("x"),
    lambda c: c.fetchUID("1"),
    lambda c: c.append("x", BytesIO(b"m")),
    lambda c: c.setFlags("1", ["a"]),
    lambda c: c.sendCommand(imap4.Command(b"X")),
]


@pytest.mark.parametrize("call", COMMANDS)
def test_command_on_a_lost_connection(ours: Any, call: Call) -> None:
    """A failed Deferred with the cause; nothing is written."""
    session = Rig(ours)
    session.lose(Failure(ConnectionLost("gone")))
    firings = session.call(call)
    assert kinds(firings) == [ConnectionLost]
    assert firings[0][0] == "failure"
    assert session.written == b""


def test_command_on_a_connection_lost_for_a_cause(ours: Any) -> None:
    """What broke the connection, not the loss that followed."""
    session = Rig(ours)
    session.feed(b"* BYE out of order\r\n")
    assert session.closed
    firings = session.call(lambda c: c.noop())
    assert kinds(firings) == [IMAP4Exception]
    assert firings[0][1].args == (b"out of order",)


def test_bye_fails_each_command_once(ours: Any) -> None:
    """A BYE in mid-command, at every cut of what follows."""
    wire = b"* 1 FETCH (UID 4)\r\n* BYE maintenance\r\n* BYE again\r\n* 2 FETCH (UID 5)\r\n"
    for length in range(len(wire) + 1):
        session = Rig(ours)
        waiting, queued = session.call(lambda c: c.fetchUID("1")), session.call(lambda c: c.noop())
        session.feed(wire[:length])
        session.lose()
        said = length >= wire.index(b"* BYE again")
        expected = IMAP4Exception if said else ConnectionDone
        assert kinds(waiting) == kinds(queued) == [expected]


def test_bye_and_then_the_answer(ours: Any) -> None:
    """The command still has its result; the connection is at its end."""
    session = Rig(ours)
    waiting, queued = session.call(lambda c: c.fetchUID("1")), session.call(lambda c: c.noop())
    session.feed(b"* 1 FETCH (UID 4)\r\n* BYE bye\r\n" + OK1)
    assert waiting == [("result", {1: {"UID": "4"}})]
    session.lose()
    assert kinds(queued) == [IMAP4Exception]


# ---- Overridden without super ----------------------------------------------


def test_connection_made_without_super(either: Any) -> None:
    """And a command issued there, before the greeting, goes out at once."""

    class Made(either):
        def connectionMade(self) -> None:
            self.early = self.getCapabilities()

    session = Rig(Made, greeting=None)
    assert session.written == b"0001 CAPABILITY\r\n"
    results: list[Any] = []
    session.client.early.addBoth(results.append)
    session.feed(b"* OK hi\r\n* CAPABILITY IMAP4rev1\r\n" + OK1)
    assert results == [{b"IMAP4rev1": None}]


def test_command_before_the_greeting(either: Any) -> None:
    """Sent at once; its answer waits for the greeting's."""
    session = Rig(either, greeting=None)
    firings = session.call(lambda c: c.noop())
    assert session.written == b"0001 NOOP\r\n"
    session.feed(b"* OK hi\r\n" + OK1)
    assert firings == [("result", [])]
    assert session.journal == [("greeting", None), ("fired", 0)]


class Quiet:
    """A mixin that does not call the base."""

    lostFor: Any = None

    def connectionLost(self, reason: Any) -> None:
        self.lostFor = reason


def test_connection_lost_without_super(ours: Any) -> None:
    """In a class, in a mixin, in a class on top: the Deferreds fire all the same."""

    class Direct(ours):
        lostFor: Any = None

        def connectionLost(self, reason: Any) -> None:
            self.lostFor = reason

    class Mixed(Quiet, ours):
        pass

    class OnTop(Mixed):
        pass

    for cls in (Direct, Mixed, OnTop):
        session = Rig(cls)
        firings = [session.call(lambda c: c.noop()) for _ in range(2)]
        session.lose(Failure(ConnectionLost("gone")))
        assert session.client.lostFor is session.lost
        assert [kinds(each) for each in firings] == [[ConnectionLost]] * 2


class NeverAnswers:
    """A mixin that takes the end of a connection for no more than that."""

    def connectionLost(self, reason: Any) -> None:
        pass


class Told(Exception):
    """What a callback makes of the end."""


def _tell(failure: Failure) -> Any:
    raise Told


def _unhandled(client: Any) -> Any:
    return client.noop()


def _raising(client: Any) -> Any:
    return client.noop().addErrback(_tell)


def _queued(client: Any) -> Any:
    return [client.noop() for _ in range(3)]


def _in_a_chain(client: Any) -> Any:
    d = client.noop().addCallback(lambda _: client.select("x").addErrback(_tell))
    client.dataReceived(OK1)
    return d


def _asking(client: Any) -> Any:
    return client.login(b"u", b"p").addErrback(_tell)


def _logging_in(client: Any) -> Any:
    d = client.login(b"u", b"p").addErrback(_tell)
    client.dataReceived(b"* CAPABILITY IMAP4rev1\r\n" + OK1)
    return d


def _logging_in_at_once(client: Any) -> Any:
    client._capCache = {}
    return client.login(b"u", b"p").addErrback(_tell)


def _authenticating(client: Any) -> Any:
    client._capCache = {b"AUTH": [b"PLAIN"]}
    client.registerAuthenticator(imap4.PLAINAuthenticator(b"u"))
    return client.authenticate(b"p").addErrback(_tell)


def _beginning_tls(client: Any) -> Any:
    """login() logs by itself that STARTTLS failed."""
    client._capCache = {b"STARTTLS": None}
    alsoProvides(client.transport, ITLSTransport)
    return client.login(b"u", b"p").addErrback(_tell)


def _in_a_coroutine(client: Any) -> Any:
    async def work() -> None:
        await client.noop()

    return ensureDeferred(work())


def _in_a_generator(client: Any) -> Any:
    @inlineCallbacks
    def work() -> Any:
        try:
            yield client.noop()
        finally:
            raise Told

    return work()


def _programs_own(client: Any) -> Any:
    return client.sendCommand(imap4.Command(b"X")).addErrback(_tell)


def _logging_out(client: Any) -> Any:
    d = client.logout().addCallback(_tell)
    client.dataReceived(b"* BYE\r\n")
    return d


WAITING = [
    _unhandled, _raising, _queued, _in_a_chain, _asking, _logging_in, _logging_in_at_once,
    _authenticating, _beginning_tls, _in_a_coroutine, _in_a_generator, _programs_own, _logging_out,
]  # fmt: skip


@pytest.mark.row("Where connectionLost() is overridden without a call of its base")
@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("begin", WAITING)
def test_what_comes_of_it_is_not_logged(ours: Any, begin: Any, held: bool) -> None:
    """
    Row "connectionLost() is overridden without a call of its base": Twisted's Deferreds
    never fire there, and programs need not be ready for it.
    """

    class Program(NeverAnswers, ours):
        pass

    session = Rig(Program)
    begun = begin(session.client)
    waiting = begun if isinstance(begun, list) else [begun]
    del begun
    session.lose(Failure(ConnectionLost("gone")))
    assert [type(d.result) for d in waiting] == [Failure] * len(waiting)
    if held:
        # And who asks later is told.
        told: list[Any] = []
        for d in waiting:
            d.addErrback(told.append)
        assert {failure.type for failure in told} <= {ConnectionLost, Told}
        assert len(told) == len(waiting)
    del waiting, session
    gc.collect()
    assert logged() == []


@pytest.mark.parametrize("begin", WAITING)
def test_with_the_base_it_is_logged(ours: Any, begin: Any) -> None:
    """As always, where a program calls the base's, or has no connectionLost()."""

    class Program(ours):
        def connectionLost(self, reason: Any) -> None:
            super().connectionLost(reason)

    for cls in (Program, ours):
        session = Rig(cls)
        waiting = begin(session.client)
        session.lose(Failure(ConnectionLost("gone")))
        del waiting, session
        gc.collect()
        assert {type(e) for e in logged()} & {ConnectionLost, Told}


def test_deferred_of_a_factory(ours: Any) -> None:
    """
    As programs have it: fired in connectionLost(), and again by a login that was
    chained to it.  Twisted's silence hides the AlreadyCalledError.
    """

    for base in (TheirClient, ours):

        class Program(base):  # type: ignore[misc, valid-type]
            ready: Deferred[Any]

            def connectionLost(self, reason: Any) -> None:
                if not self.ready.called:
                    self.ready.errback(reason)

        for begin in (_asking, _logging_in, _logging_in_at_once):
            session = Rig(Program)
            fired: list[Any] = []
            session.client.ready = Deferred()
            session.client.ready.addErrback(fired.append)
            client = session.client
            client._capCache = {} if begin is _logging_in_at_once else None
            client.login(b"u", b"p").chainDeferred(client.ready)
            if begin is _logging_in:
                client.dataReceived(b"* CAPABILITY IMAP4rev1\r\n" + OK1)
            del client
            session.lose(Failure(ConnectionLost("gone")))
            assert [failure.type for failure in fired] == [ConnectionLost]
            del session
            gc.collect()
            assert logged() == []


def test_silence_ends_with_it(ours: Any) -> None:
    """What fails before and behind is reported, as is what a callback logs."""

    class Program(NeverAnswers, ours):
        pass

    def fail() -> None:
        Deferred().errback(KeyError())

    fail()
    assert [type(e) for e in logged()] == [KeyError]
    session = Rig(Program)
    session.client.noop().addErrback(lambda failure: log.err(Told()))
    session.lose()
    assert [type(e) for e in logged()] == [Told]
    fail()
    assert [type(e) for e in logged()] == [KeyError]


def test_order_without_super(ours: Any) -> None:
    """Behind the program's own, also where that raises."""
    order: list[str] = []

    class Raising(ours):
        def connectionLost(self, reason: Any) -> None:
            order.append("program")
            raise Told

    session = Rig(Raising)
    session.client.noop().addErrback(lambda _: order.append("fired"))
    with pytest.raises(Told):
        session.lose()
    assert order == ["program", "fired"]


def test_nothing_is_kept_without_super(ours: Any) -> None:
    """Neither the client nor what failed unhandled, and without the collector's help."""

    class Program(NeverAnswers, ours):
        pass

    session = Rig(Program)
    d = session.client.noop()
    client, deferred = weakref.ref(session.client), weakref.ref(d)
    gc.collect()
    gc.disable()
    try:
        session.lose()
        del d, session
        assert client() is None and deferred() is None
    finally:
        gc.enable()


def test_connection_lost_with_super(either: Any) -> None:
    """Called once, and the Deferreds fire in it."""
    order: list[str] = []

    class Super(either):
        def connectionLost(self, reason: Any) -> None:
            order.append("before")
            super().connectionLost(reason)
            order.append("behind")

    session = Rig(Super)
    session.client.noop().addErrback(lambda _: order.append("fired"))
    session.lose()
    assert order == ["before", "fired", "behind"]


# ---- Callbacks that do things ----------------------------------------------


def test_callback_that_raises(either: Any) -> None:
    """That Deferred's affair; the next command is served."""
    session = Rig(either)
    failed: list[Any] = []
    session.client.noop().addCallback(lambda _: 1 / 0).addErrback(failed.append)
    second = session.call(lambda c: c.noop())
    session.feed(OK1 + OK2)
    assert [type(failure.value) for failure in failed] == [ZeroDivisionError]
    assert second == [("result", [])]
    assert not session.closed


def test_callback_that_sends(either: Any) -> None:
    """And whose answer is there already, in the same chunk."""
    session = Rig(either)
    results: list[Any] = []

    def send(result: Any) -> Any:
        d = session.client.search("ALL")
        d.addCallback(results.append)
        return None

    session.client.noop().addCallback(send)
    session.feed(OK1 + b"* SEARCH 4\r\n" + OK2)
    assert results == [[4]]


def test_callback_that_waits_for_another(either: Any) -> None:
    """A Deferred returned from a callback."""
    session = Rig(either)
    firings = session.call(lambda c: c.noop().addCallback(lambda _: c.search("ALL")))
    session.feed(OK1 + b"* SEARCH 4\r\n" + OK2)
    assert firings == [("result", [4])]


def test_callback_that_closes(either: Any) -> None:
    """What follows in the chunk is not looked at."""
    session = Rig(either)
    session.client.noop().addCallback(lambda _: session.transport.loseConnection())
    second = session.call(lambda c: c.noop())
    session.feed(OK1 + b"* 5 EXISTS\r\n" + OK2)
    assert kinds(second) == [ConnectionDone]
    assert session.journal == [("fired", 0)]


def test_callback_that_loses(ours: Any) -> None:
    """connectionLost from within a callback, as abortConnection may do."""
    session = Rig(ours)
    session.client.noop().addCallback(lambda _: session.lose())
    second = session.call(lambda c: c.noop())
    session.feed(OK1 + b"* 5 EXISTS\r\n" + OK2)
    assert kinds(second) == [ConnectionDone]
    assert session.journal == [("fired", 0)]


def test_callback_that_feeds(either: Any) -> None:
    """A nested dataReceived only appends."""
    session = Rig(either)
    session.client.noop().addCallback(lambda _: session.client.dataReceived(OK2))
    second = session.call(lambda c: c.noop())
    session.feed(OK1 + b"* [READ-ONLY]\r\n")
    assert second == [("result", [])]
    assert session.client.waiting is None


def test_listener_that_feeds(either: Any) -> None:
    """As the rest of the chunk, in order."""

    class Feeding(either):
        def modeChanged(self, writeable: bool) -> None:
            self.journal.append(("mode", writeable))
            if not writeable:
                self.dataReceived(b"* [READ-WRITE]\r\n* 7 EXISTS\r\n")

        def newMessages(self, exists: Any, recent: Any) -> None:
            self.journal.append(("new", exists, recent))

    session = Rig(Feeding, record=False)
    session.feed(b"* [READ-ONLY]\r\n* 5 EXISTS\r\n")
    assert session.journal == [
        ("mode", False), ("new", 5, None), ("mode", True), ("new", 7, None)
    ]  # fmt: skip


def test_callback_that_pauses(either: Any) -> None:
    """pauseProducing holds the rest back; resumeProducing gives it."""
    session = Rig(either)
    session.client.noop().addCallback(lambda _: session.client.pauseProducing())
    second = session.call(lambda c: c.noop())
    session.feed(OK1 + OK2)
    assert second == []
    session.client.resumeProducing()
    assert second == [("result", [])]


def test_callback_that_drops_the_last_reference(either: Any) -> None:
    """The client outlives the call that it is in."""
    session = Rig(either)

    def drop(result: Any) -> None:
        del session.client
        gc.collect()

    session.client.noop().addCallback(drop)
    received = session.client.dataReceived
    received(OK1 + b"* 5 EXISTS\r\n* 1 FETCH (FLAGS (a))\r\n")


# ---- Cancellation ----------------------------------------------------------


def test_cancelled_while_queued(ours: Any) -> None:
    """Never sent."""
    session = Rig(ours)
    first = session.call(lambda c: c.noop())
    cancelled = session.client.select("x")
    outcomes: list[Any] = []
    cancelled.addErrback(outcomes.append)
    third = session.call(lambda c: c.check())
    cancelled.cancel()
    assert [type(failure.value) for failure in outcomes] == [CancelledError]
    session.feed(OK1)
    assert session.written == b"0001 NOOP\r\n0002 CHECK\r\n"
    session.feed(OK2)
    assert [e[0][0] for e in (first, third)] == ["result", "result"]


def test_cancelled_while_it_waits(ours: Any) -> None:
    """Its answer is drained, at every cut; the next command has its own."""
    wire = b"* 1 FETCH (RFC822 {3}\r\nabc)\r\n" + OK1 + b"* SEARCH 4\r\n" + OK2
    for cut in range(wire.index(OK1) + len(OK1)):
        session = Rig(ours)
        outcomes: list[Any] = []
        waiting = session.client.fetchMessage("1")
        waiting.addErrback(outcomes.append)
        second = session.call(lambda c: c.search("ALL"))
        session.feed(wire[:cut])
        waiting.cancel()
        assert [type(failure.value) for failure in outcomes] == [CancelledError]
        assert session.written == b"0001 FETCH 1 (RFC822)\r\n"
        session.feed(wire[cut:])
        assert second == [("result", [4])]
        assert len(outcomes) == 1


def test_cancelled_and_lost(ours: Any) -> None:
    """Once is enough."""
    session = Rig(ours)
    outcomes: list[Any] = []
    for _ in range(2):
        d = session.client.noop()
        d.addErrback(outcomes.append)
        d.cancel()
    session.lose()
    assert [type(failure.value) for failure in outcomes] == [CancelledError] * 2


def test_cancelled_append(ours: Any) -> None:
    """Before its +: the message is not sent, or the literal is finished."""
    session = Rig(ours)
    d = session.client.append("x", BytesIO(b"abc"))
    d.addErrback(lambda failure: None)
    second = session.call(lambda c: c.noop())
    d.cancel()
    session.feed(b"+ go\r\n")
    assert b"NOOP" not in session.written
    session.feed(OK1 + OK2)
    head = b"0001 APPEND x () {3}\r\n"
    if session.closed:
        assert session.written in (head, head + b"abc\r\n")
        assert len(second) == 1
    else:
        assert session.written == head + b"abc\r\n0002 NOOP\r\n"
        assert second == [("result", [])]


# ---- APPEND ----------------------------------------------------------------


def appending(ours: Any) -> tuple[Rig, list[Any], list[Any]]:
    """A session in the middle of sending a message of 200,000 octets."""
    session = Rig(ours, transport=SlowTransport())
    append = session.call(lambda c: c.append("x", BytesIO(b"m" * 200_000)))
    queued = session.call(lambda c: c.noop())
    session.feed(b"+ go\r\n")
    producer: Any = session.transport.producer
    producer.resumeProducing()
    assert 0 < session.written.count(b"m") < 200_000
    return session, append, queued


@pytest.mark.parametrize("answer", [b"NO over quota", b"BAD what", b"OK enough"])
def test_answer_in_mid_append(ours: Any, answer: bytes) -> None:
    """The next command is never inside the literal."""
    session, append, queued = appending(ours)
    session.feed(b"0001 %b\r\n" % answer)
    assert len(append) == 1
    if not session.closed:
        assert b"NOOP" not in session.written
        while session.transport.producer is not None:
            session.transport.producer.resumeProducing()
        head = b"0001 APPEND x () {200000}\r\n"
        assert session.written == head + b"m" * 200_000 + b"\r\n0002 NOOP\r\n"
        session.feed(OK2)
        assert queued == [("result", [])]
    assert len(queued) == 1


def test_loss_in_mid_append(ours: Any) -> None:
    """A real transport stops its producer first."""
    session, append, queued = appending(ours)
    producer: Any = session.transport.producer
    producer.stopProducing()
    session.lose(Failure(ConnectionLost("gone")))
    assert kinds(append) == kinds(queued) == [ConnectionLost]
    assert logged() == []


def test_file_that_fails_in_mid_append(ours: Any) -> None:
    """Logged once, closed: the server waits for octets that will not come."""

    class Failing(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("bad disk")

    session = Rig(ours)
    append = session.call(lambda c: c.append("x", Failing(b"abc")))
    queued = session.call(lambda c: c.noop())
    session.feed(b"+ go\r\n")
    assert session.closed
    assert kinds(append) == kinds(queued) == [ConnectionDone]
    assert isinstance(append[0][1].__cause__, OSError)
    assert [type(e) for e in logged()] == [OSError]


# ---- `+` out of place ------------------------------------------------------


@pytest.mark.parametrize("plus", [b"+\r\n", b"+ go\r\n", b"+ {5}\r\n", b"+ (\r\n"])
def test_plus_out_of_place(ours: Any, plus: bytes) -> None:
    """Idle, for a command without continuation, and once too often."""
    session = Rig(ours)
    session.feed(plus)
    noop = session.call(lambda c: c.noop())
    session.feed(plus + OK1)
    append = session.call(lambda c: c.append("x", BytesIO(b"abc")))
    session.feed(b"+ go\r\n" + OK2 + plus)
    assert noop == [("result", [])]
    assert append[0][0] == "result"
    assert not session.closed


# ---- Timeouts --------------------------------------------------------------


def timed(cls: Any, seconds: int = 10) -> tuple[Rig, Clock]:
    """A session whose clock stands still."""
    clock = Clock()

    def prepare(client: Any) -> None:
        client.timeout = seconds
        client.callLater = clock.callLater

    return Rig(cls, prepare=prepare), clock


def test_timeout(ours: Any) -> None:
    """The waiting command and the queued ones: TimeoutError, once, and closed."""
    session, clock = timed(ours)
    firings = [session.call(lambda c: c.noop()) for _ in range(3)]
    clock.advance(9)
    assert not any(firings)
    clock.advance(1)
    assert session.transport.disconnecting
    session.lose()
    assert [kinds(each) for each in firings] == [[TimeoutError]] * 3
    assert clock.getDelayedCalls() == []


def test_timeout_of_a_flushed_command(ours: Any) -> None:
    """Twisted only knows the one that was sent at once."""
    session, clock = timed(ours)
    first, second = session.call(lambda c: c.noop()), session.call(lambda c: c.noop())
    session.feed(OK1)
    clock.advance(10)
    session.lose()
    assert first == [("result", [])]
    assert kinds(second) == [TimeoutError]


def test_idle_timeout(either: Any) -> None:
    """Closes; there is nobody to tell."""
    session, clock = timed(either)
    clock.advance(10)
    assert session.transport.disconnecting
    session.lose()
    assert clock.getDelayedCalls() == []


def test_octets_start_the_timeout_anew(either: Any) -> None:
    """Of a line and of a literal."""
    session, clock = timed(either)
    firings = session.call(lambda c: c.fetchMessage("1"))
    for piece in (b"* 1 FETCH (RFC822 {20}\r\n", b"0123456789", b"0123456789", b")\r\n", OK1):
        clock.advance(9)
        session.feed(piece)
    assert firings == [("result", {1: {"RFC822": "01234567890123456789"}})]
    assert not session.closed
    session.lose()
    assert clock.getDelayedCalls() == []


def test_no_timeout(either: Any) -> None:
    session, clock = timed(either, 0)
    session.call(lambda c: c.noop())
    assert clock.getDelayedCalls() == []
    session.lose()


def test_lost_connection_has_no_timeout(either: Any) -> None:
    session, clock = timed(either)
    session.call(lambda c: c.noop())
    session.lose()
    assert clock.getDelayedCalls() == []


def test_answer_behind_a_timeout(ours: Any) -> None:
    """Octets that come before the connection is gone fire nothing again."""
    session, clock = timed(ours)
    firings = session.call(lambda c: c.noop())
    clock.advance(10)
    session.client.dataReceived(OK1)
    session.lose()
    assert kinds(firings) == [TimeoutError]


def test_overridden_timeout_connection(either: Any) -> None:
    """As public code has it: it fires Deferreds by itself, and lets the rest be lost."""

    class Patient(either):
        def timeoutConnection(self) -> None:
            for command in [self._lastCmd, *self.queued]:
                d, command.defer = command.defer, Deferred()
                command.defer.addErrback(lambda failure: None)
                d.errback(KeyError("too slow"))
            self.transport.loseConnection()

    session, clock = timed(Patient)
    firings = [session.call(lambda c: c.noop()) for _ in range(2)]
    clock.advance(10)
    session.lose()
    assert [kinds(each) for each in firings] == [[KeyError], [KeyError]]


def test_timeout_connection_that_fires_and_leaves(ours: Any) -> None:
    """It leaves a fired Deferred where it was: not fired again."""

    class Careless(ours):
        def timeoutConnection(self) -> None:
            self._lastCmd.defer.errback(KeyError("too slow"))
            self.transport.loseConnection()

    session, clock = timed(Careless)
    firings = [session.call(lambda c: c.noop()) for _ in range(2)]
    clock.advance(10)
    session.lose()
    assert [kinds(each) for each in firings] == [[KeyError], [ConnectionDone]]
