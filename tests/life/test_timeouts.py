"""
Patience: C{timeout}, and what a program does with L{TimeoutMixin} by itself, on a clock
that stands still; each Deferred once, with the cause.

More is in C{test_lifecycle}.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.error import ConnectionLost, TimeoutError
from twisted.internet.task import Clock
from twisted.mail import imap4
from twisted.mail.imap4 import IMAP4Exception
from twisted.python.failure import Failure

from tests.helpers.classes import TheirClient
from tests.helpers.responses import OK1, OK2, OK3
from tests.helpers.rig import Entry, Rig, calling

pytestmark = [
    pytest.mark.usefixtures("nothing_left"),
    pytest.mark.row("When a timeout, a cancellation or the end of the connection meets a command"),
]

NOOP = calling("noop")


class Timed(Rig):
    """A session with a clock, whose transport is stalled: it is never lost by itself."""

    def __init__(self, cls: Any, seconds: float = 10, **options: Any) -> None:
        self.clock = Clock()
        self.seconds = seconds
        super().__init__(cls, prepare=self._prepare, **options)

    def _prepare(self, client: Any) -> None:
        client.timeout = self.seconds
        client.callLater = self.clock.callLater

    def closesIn(self) -> float | None:
        """How long it takes; None for ever."""
        for second in range(100):
            if self.transport.disconnecting:
                return second
            self.clock.advance(1)
        return None

    def over(self) -> None:
        """Lost at last, and no timer is left."""
        self.lose(Failure(ConnectionLost("gone")))
        assert self.clock.getDelayedCalls() == []


def kinds_or_result(firings: list[Entry]) -> list[Any]:
    return ["result" if kind == "result" else type(value) for kind, value in firings]


def test_logout_behind_its_bye(ours: Any) -> None:
    """A server that says goodbye and stays: the connection ends, and logout() has succeeded."""
    session = Timed(ours)
    firings, behind = session.call(calling("logout")), session.call(NOOP)
    session.feed(b"* BYE good bye\r\n")
    assert firings == []
    session.clock.advance(10)
    assert firings == [("result", None)]
    assert kinds_or_result(behind) == [TimeoutError]
    session.over()
    session = Timed(ours)
    firings = session.call(calling("logout"))
    session.clock.advance(10)
    assert kinds_or_result(firings) == [TimeoutError]
    session.over()


# ---- Who is told -----------------------------------------------------------


@pytest.mark.parametrize("answered", [0, 1, 2])
def test_sent_flushed_and_queued(ours: Any, answered: int) -> None:
    """All that have no answer; at once, and not when the transport is done."""
    session = Timed(ours)
    firings = [session.call(NOOP) for _ in range(4)]
    session.feed(b"".join((OK1, OK2)[:answered]))
    assert session.closesIn() == 10
    outcomes = [["result"]] * answered + [[TimeoutError]] * (4 - answered)
    assert [kinds_or_result(each) for each in firings] == outcomes
    before = session.written
    session.client.dataReceived(OK1 + OK2 + OK3)
    session.over()
    assert [kinds_or_result(each) for each in firings] == outcomes
    assert session.written == before


def test_command_given_behind_the_timeout(ours: Any) -> None:
    """A stalled transport may stay for ever: told at once, and not sent."""
    for calls in ([], [NOOP]):
        session = Timed(ours)
        for call in calls:
            session.call(call)
        session.clock.advance(10)
        before = session.written
        assert kinds_or_result(session.call(NOOP)) == [TimeoutError]
        assert kinds_or_result(session.call(calling("logout"))) == [TimeoutError]
        assert session.written == before
        session.over()


@pytest.mark.parametrize(
    "wire", [b"* BYE enough\r\n" + OK1, b"0002 OK x\r\n", b"0001 MAYBE x\r\n", b"* X {x}\r\n"]
)
def test_closed_for_another_cause(ours: Any, wire: bytes) -> None:
    """A transport that stalls while it closes: the timeout is not the cause."""
    session = Timed(ours)
    first, second = session.call(NOOP), session.call(NOOP)
    try:
        session.client.dataReceived(wire)
    except imap4.IllegalServerResponse:
        pass
    assert session.transport.disconnecting
    session.clock.advance(10)
    session.over()
    for firings in (first, second):
        assert len(firings) == 1
        assert firings[0][0] == "result" or isinstance(firings[0][1], IMAP4Exception)
    assert second[0][0] == "failure"


def test_nobody_to_tell(either: Any) -> None:
    """Before the greeting, and between commands."""
    for session in (Timed(either, greeting=None), Timed(either)):
        assert session.closesIn() == 10
        session.over()


def test_cancelled_and_timed_out(ours: Any) -> None:
    session = Timed(ours)
    outcomes: list[Any] = []
    for which in range(2):
        d = session.client.noop()
        d.addErrback(lambda failure, which=which: outcomes.append((which, failure.type)))
        d.cancel()
    third = session.call(NOOP)
    session.clock.advance(10)
    session.over()
    assert outcomes == [(0, CancelledError), (1, CancelledError)]
    assert kinds_or_result(third) == [TimeoutError]


# ---- Errbacks that do things -----------------------------------------------

Act = Callable[[Timed, list[Deferred[Any]]], object]

ACTS_IN_TIMEOUT: dict[str, Act] = {
    "send": lambda session, waiting: session.call(NOOP),
    "cancel": lambda session, waiting: list(map(Deferred.cancel, waiting)),
    "lose": lambda session, waiting: session.lose(),
    "feed": lambda session, waiting: session.client.dataReceived(OK1 + OK2),
    "again": lambda session, waiting: session.client.timeoutConnection(),
    "raise": lambda session, waiting: 1 / 0,
}


@pytest.mark.parametrize("act", ACTS_IN_TIMEOUT)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_errback_of_a_timeout(ours: Any, act: str, which: int) -> None:
    """Of the one that was sent, of one that was queued."""
    session = Timed(ours)
    waiting: list[Deferred[Any]] = []

    def call(client: Any) -> Deferred[Any]:
        waiting.append(client.noop())
        if len(waiting) == which + 1:
            waiting[-1].addErrback(acting)
        return waiting[-1]

    def acting(failure: Failure) -> Failure:
        ACTS_IN_TIMEOUT[act](session, waiting)
        return failure

    firings = [session.call(call) for _ in range(3)]
    session.clock.advance(10)
    session.over()
    for number, each in enumerate([*firings, *session.calls]):
        assert len(each) == 1
        expected: set[type] = {TimeoutError}
        if act == "cancel" and number % 3 > which:
            expected = {CancelledError}
        if act == "raise" and number % 3 == which:
            expected = {ZeroDivisionError}
        assert {type(each[0][1])} == expected


# ---- What the program sets -------------------------------------------------


@pytest.mark.parametrize("seconds, expected", [(0, None), (-1, None), (3, 3), (2.5, 3)])
def test_timeout_of_the_class(either: Any, seconds: float, expected: float | None) -> None:
    session = Timed(either, seconds)
    session.call(NOOP)
    assert session.closesIn() == expected
    session.transport.loseConnection()
    session.over()


def _setAndAsk(client: Any) -> None:
    client.timeout = 3
    client.setTimeout(3)


def _off(client: Any) -> None:
    client.timeout = 0
    client.setTimeout(None)


CHANGES: dict[str, tuple[Callable[[Any], object], Any, Any]] = {
    # What is done, when it closes then, and when if octets come at once.
    "timeout = 3": (lambda c: setattr(c, "timeout", 3), 10, 10),
    "timeout = 0": (lambda c: setattr(c, "timeout", 0), 10, 10),
    "setTimeout(3)": (lambda c: c.setTimeout(3), 3, 3),
    "setTimeout(30)": (lambda c: c.setTimeout(30), 30, 30),
    "setTimeout(None)": (lambda c: c.setTimeout(None), None, None),
    "both": (_setAndAsk, 3, 3),
    "off": (_off, None, None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_at_run_time(either: Any, change: str) -> None:
    """A running timer keeps its period; setTimeout() counts at once."""
    act, quiet, fed = CHANGES[change]
    for wire, expected in ((b"", quiet), (b"* OK x\r\n", fed)):
        session = Timed(either)
        act(session.client)
        session.feed(wire)
        session.call(NOOP)
        assert session.closesIn() == expected
        session.client.timeout = 10  # or Twisted does not stop its timer
        session.lose()


def test_octets_count_where_the_program_starts_the_timer(either: Any) -> None:
    """With a C{timeout} they start it anew, without one the program has to."""
    for seconds, expected in ((0, 2), (10, 5)):
        session = Timed(either, seconds)
        session.client.setTimeout(5)
        session.clock.advance(3)
        session.feed(b"* OK x\r\n")
        assert session.closesIn() == expected
        session.client.setTimeout(None)
        session.lose()


def test_timer_of_the_program_ends_with_the_connection(ours: Any) -> None:
    """Twisted's runs on where C{timeout} is 0."""
    session = Timed(ours, 0)
    session.client.setTimeout(5)
    session.over()


# ---- timeoutConnection() ---------------------------------------------------


def test_override_that_calls_the_base(ours: Any) -> None:
    class Counting(ours):
        times = 0

        def timeoutConnection(self) -> None:
            self.times += 1
            super().timeoutConnection()

    session = Timed(Counting)
    firings = [session.call(NOOP) for _ in range(2)]
    session.clock.advance(10)
    assert [kinds_or_result(each) for each in firings] == [[TimeoutError]] * 2
    session.over()
    assert session.client.times == 1


def test_override_that_says_goodbye_first(ours: Any) -> None:
    """What it sends between commands goes out."""

    class Polite(ours):
        def timeoutConnection(self) -> None:
            self.told = self.logout()
            self.told.addErrback(lambda failure: failure.trap(TimeoutError))
            super().timeoutConnection()

    session = Timed(Polite)
    session.clock.advance(10)
    assert session.written == b"0001 LOGOUT\r\n"
    assert session.client.told.called
    session.over()


def test_override_that_stays(either: Any) -> None:
    """It asks whether the server lives, and starts the timer again."""

    class Asking(either):
        def timeoutConnection(self) -> None:
            self.noop()
            self.setTimeout(self.timeout)

    session = Timed(Asking)
    session.clock.advance(10)
    session.feed(OK1)
    session.clock.advance(10)
    session.feed(OK2)
    assert session.written == b"0001 NOOP\r\n0002 NOOP\r\n"
    assert not session.closed
    session.over()


def test_nothing_is_kept(ours: Any) -> None:
    """
    An exception keeps the frames that it was raised through: Twisted's one for all
    timeouts would keep the client that was the last to time out.
    """

    async def main(client: Any) -> None:
        with pytest.raises(TimeoutError):
            await client.noop()

    session = Timed(ours)
    done = ensureDeferred(main(session.client))
    session.clock.advance(10)
    session.over()
    assert done.called
    client = weakref.ref(session.client)
    # An older Twisted has the coroutine in its Deferred.
    del session, done
    gc.collect()
    assert client() is None


def test_it_is_twisteds_exception(either: Any) -> None:
    """Of the same type, with the same arguments."""
    session = Timed(either)
    firings = session.call(NOOP)
    session.clock.advance(10)
    assert kinds_or_result(firings) == [type(imap4.TIMEOUT_ERROR)]
    assert firings[0][1].args == imap4.TIMEOUT_ERROR.args
    session.client.tags = {} if either is TheirClient else session.client.tags
    session.over()
