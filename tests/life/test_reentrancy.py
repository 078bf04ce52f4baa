"""
Every place where a program's code is called, times everything that it may do there:
each Deferred fires once, what comes later is not lost, and nothing is left behind.
"""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import ITLSTransport
from twisted.internet.task import Clock
from twisted.mail.imap4 import Command, PLAINAuthenticator
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.helpers.classes import TheirClient
from tests.helpers.rig import Entry, MemoryTransport, Rig, calling, logged, recording

pytestmark = [
    pytest.mark.usefixtures("nothing_left"),
    pytest.mark.row("When a timeout, a cancellation or the end of the connection meets a command"),
]


@implementer(ITLSTransport)
class NominalTLSTransport(MemoryTransport):  # type: ignore[misc]
    """One that can start TLS, in name."""

    def startTLS(self, context: Any, normal: bool = True) -> None:
        pass


class TurnServer:
    """Answers the commands that were written, all of a turn in one piece."""

    GREETING = b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi\r\n"

    ANSWERS = {
        b"FETCH": b"* 1 FETCH (FLAGS (a) RFC822 {3}\r\nabc)\r\n* 2 EXPUNGE\r\n* [READ-ONLY]\r\n",
        b"SEARCH": b"* SEARCH 7\r\n",
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n",
        b"LOGOUT": b"* BYE so long\r\n",
    }

    def __init__(self) -> None:
        self.read = 0
        self.said: list[int] = []
        self.tag = b""

    def turn(self, written: bytes) -> bytes:
        """The answers to what was written since the last turn."""
        answers = b""
        for line in written[self.read :].splitlines():
            words = line.split(b" ")
            if re.fullmatch(rb"[0-9A-F]{4}", words[0]) and len(words) > 1:
                answers += self._command(words[0], words[1].upper())
            elif self.tag:
                # The end of what a + asked for.
                answers += self._done(self.tag)
                self.tag = b""
        self.read = len(written)
        return answers

    def _command(self, tag: bytes, verb: bytes) -> bytes:
        if verb in (b"APPEND", b"AUTHENTICATE", b"XMORE"):
            self.tag = tag
            return b"+ \r\n"
        if verb == b"SELECT":
            return tag + b" NO no such mailbox\r\n" + self._event()
        if verb == b"STARTTLS":
            return tag + b" OK go\r\n"
        return self.ANSWERS.get(verb, b"") + self._done(tag)

    def _done(self, tag: bytes) -> bytes:
        return self._event() + tag + b" OK done\r\n" + self._event()

    def _event(self) -> bytes:
        self.said.append(100 + len(self.said))
        return b"* %d EXISTS\r\n" % self.said[-1]


class Scene(Rig):
    """A client that does something once, at one place."""

    def __init__(self, cls: Any, place: str, action: str) -> None:
        self.place = place
        self.action = ACTIONS[action]
        # At the first call, or at a later one.
        self.countdown = {**LATER, **TRACED}.get(place, 1)
        self.server = TurnServer()
        self.toldBefore = 0
        self.clock = Clock()
        self.waiting: list[Deferred[Any]] = []
        try:
            super().__init__(
                hooked(recording(cls), place.split()[0], self.act),
                greeting=None,
                transport=NominalTLSTransport(),
                prepare=self._prepare,
                record=False,
            )
        except (ZeroDivisionError, KeyboardInterrupt) as e:
            self.escaped = e
            self.lose(Failure(e))

    def _prepare(self, client: Any) -> None:
        client.context = object()
        if self.place in TRACED:
            client.trace = self.act
        client.registerAuthenticator(Authenticator(self.act))
        client.timeout = 30
        client.callLater = self.clock.callLater

    def act(self, *ignored: object) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            self.action(self)

    def issue(self, call: Callable[[Any], Deferred[Any]]) -> list[Entry]:
        """Call, and keep the Deferred, to be cancelled."""

        def keeping(client: Any) -> Deferred[Any]:
            self.waiting.append(call(client))
            return self.waiting[-1]

        return self.call(keeping)

    def _piece(self, data: bytes) -> None:
        try:
            super()._piece(data)
        except KeyboardInterrupt as e:
            self.escaped = e
            self.lose(Failure(e))

    def lose(self, reason: Failure | None = None) -> None:
        try:
            super().lose(reason)
        finally:
            self.toldBefore = self.toldBefore or len(self.journal)

    def serve(self, cut: int | None = None) -> None:
        """Let the server answer until there is nothing left to answer."""
        while answers := self.server.turn(self.written):
            self.feed(answers, range(cut, len(answers), cut) if cut else ())
            if self.lost is None and self.client.paused:
                self.client.resumeProducing()

    def play(self, cut: int | None = None) -> None:
        """All of it, to the end of the connection."""
        self.feed(TurnServer.GREETING)
        if self.client.state is not None:
            self.client.state = "auth"
        self.issue(lambda c: FIRST.get(self.place, fetch_in_scene)(c, self))
        self.issue(calling("search", "ALL"))
        self.issue(calling("noop"))
        if self.place == "timeoutConnection":
            try:
                self.clock.advance(30)
            except (ZeroDivisionError, KeyboardInterrupt) as e:
                # A reactor logs it, and goes on.
                self.escaped = e
            if self.transport.disconnecting:
                self.lose()
        self.serve(cut)
        self.wasOpen = not self.closed
        try:
            self.lose(Failure(ConnectionLost("gone")))
        except (ZeroDivisionError, KeyboardInterrupt) as e:
            self.escaped = e


def hooked(base: Any, name: str, act: Callable[..., None]) -> Any:
    """A subclass of base whose method acts first, if it has one of this name."""
    if not hasattr(base, name):
        return base

    def method(self: Any, *args: Any, **keywords: Any) -> Any:
        act()
        return getattr(super(Hooked, self), name)(*args, **keywords)

    Hooked: Any = type("Hooked", (base,), {name: method})
    return Hooked


HOOKS = {
    "connectionMade", "connectionLost", "dataReceived", "serverGreeting", "newMessages",
    "flagsChanged", "modeChanged", "expunged", "lineReceived", "rawDataReceived",
    "dispatchCommand", "response_AUTH", "_extraInfo", "_cbFetch", "messageFile",
    "timeoutConnection", "makeTag", "sendLine", "sendCommand", "_flushQueue",
}  # fmt: skip

# Where a command from the queue is sent, and not one that is given.
LATER = {"makeTag later": 2, "sendLine later": 2, "sendLine at last": 3}


class Authenticator(PLAINAuthenticator):
    def __init__(self, act: Callable[..., None]) -> None:
        super().__init__(b"u")
        self.act = act

    def challengeResponse(self, secret: bytes, challenge: bytes) -> bytes:
        self.act()
        return super().challengeResponse(secret, challenge)


class Finishing(Command):
    act: Callable[..., None]

    def finish(self, lastLine: Any, unusedCallback: Any) -> None:
        self.act()
        super().finish(lastLine, unusedCallback)


class File(BytesIO):
    act: Callable[..., None]

    def read(self, size: int | None = -1) -> bytes:
        if size:
            self.act()
        return super().read(size)


def finishing(client: Any, scene: Scene) -> Deferred[Any]:
    command = Finishing(b"X")
    command.act = scene.act
    return client.sendCommand(command)


def continuing(client: Any, scene: Scene) -> Deferred[Any]:
    def more(text: bytes) -> None:
        scene.act()
        client.sendLine(b"more")

    return client.sendCommand(Command(b"XMORE", None, (), more))


def append_in_scene(client: Any, scene: Scene) -> Deferred[Any]:
    file = File(b"abc")
    file.act = scene.act
    return client.append("x", file)


def fetch_in_scene(client: Any, scene: Scene) -> Deferred[Any]:
    return client.fetchMessage("1")


First = Callable[[Any, Scene], Deferred[Any]]
FIRST: dict[str, First] = {
    "callback": lambda client, scene: client.noop().addCallback(scene.act),
    "errback": lambda client, scene: client.select("x").addErrback(scene.act),
    "finish": finishing,
    "continuation": continuing,
    "challengeResponse": lambda client, scene: client.authenticate(b"s"),
    "read": append_in_scene,
}
# Called for each line, as an attribute of the client.
TRACED = {"trace": 1, "trace later": 3, "trace at last": 9}

PLACES = [*FIRST, *sorted(HOOKS), *LATER, *TRACED]


def _raise(kind: type[BaseException]) -> Callable[[Scene], None]:
    def action(scene: Scene) -> None:
        raise kind

    return action


def _loseTwice(scene: Scene) -> None:
    scene.lose()
    scene.client.connectionLost(scene.lost)


def _drop(scene: Scene) -> None:
    """Forget the client, as a transport does that is done with it."""
    scene.client, scene.waiting = weakref.proxy(scene.client), []
    gc.collect()


def _resume(scene: Scene) -> None:
    scene.client.pauseProducing()
    scene.client.resumeProducing()


def _trace(scene: Scene) -> None:
    """Take the other way from here."""
    scene.client.lineReceived = scene.client.lineReceived


def _untrace(scene: Scene) -> None:
    """Take it for a moment."""
    _trace(scene)
    scene.client.dataReceived(b"")
    del scene.client.lineReceived


def _cancel(which: slice) -> Callable[[Scene], None]:
    def action(scene: Scene) -> None:
        for d in scene.waiting[which]:
            d.cancel()

    return action


Action = Callable[[Scene], object]
ACTIONS: dict[str, Action] = {
    "nothing": lambda scene: None,
    "raise": _raise(ZeroDivisionError),
    "interrupt": _raise(KeyboardInterrupt),
    "send": lambda scene: scene.issue(calling("noop")),
    "logout": lambda scene: scene.issue(calling("logout")),
    "close": lambda scene: scene.transport.loseConnection(),
    "lose": lambda scene: scene.lose(),
    "lose twice": _loseTwice,
    "feed": lambda scene: scene.client.dataReceived(b"* 77 EXISTS\r\n"),
    "feed nothing": lambda scene: scene.client.dataReceived(b""),
    "pause": lambda scene: scene.client.pauseProducing(),
    "resume": _resume,
    "cancel the first": _cancel(slice(0, 1)),
    "cancel the others": _cancel(slice(1, None)),
    "cancel all": _cancel(slice(None)),
    "startTLS": lambda scene: scene.issue(calling("startTLS")),
    "trace": _trace,
    "untrace": _untrace,
    "time out": lambda scene: scene.client.timeoutConnection(),
    "drop": _drop,
    "collect": lambda scene: gc.collect(),
}


# ---- The matrix ------------------------------------------------------------

IN_THE_MATRIX = [action for action in ACTIONS if action != "drop"]

# The listeners among the places: told what they are being told when it is lost.
LISTENERS = {"newMessages", "flagsChanged", "modeChanged", "expunged", "serverGreeting"}

# These end the connection, wherever they are done.
CLOSING = {"interrupt", "logout", "close", "lose", "lose twice", "time out"}

# Where an exception is logged, and harms nobody else.
FORGIVING = {
    "callback", "errback", "newMessages", "flagsChanged", "modeChanged", "expunged", "_cbFetch",
    "connectionLost", "sendCommand", "makeTag", "sendLine", *LATER, *TRACED,
}  # fmt: skip

# Octets before the greeting, or in the middle of a literal.
SENSELESS = {
    ("connectionMade", "feed"), ("dataReceived", "feed"), ("messageFile", "feed"),
    ("rawDataReceived", "feed"), ("trace later", "feed"),
}  # fmt: skip


def played(cls: Any, place: str, action: str, cut: int | None = None) -> Scene:
    """
    @raise KeyboardInterrupt: where it gets out of a call of the program's own.
    """
    logged()
    scene = Scene(cls, place, action)
    scene.play(cut)
    assert scene.countdown <= 0, "the place was not met"
    return scene


def outcomes(scene: Scene) -> list[str]:
    """Of each call: "result", "failure" or "raised"."""
    return [firings[0][0] for firings in scene.calls]


def check_scene(scene: Scene, place: str, action: str) -> None:
    """Each Deferred once; all that came later is there, or the connection is not."""
    assert [len(firings) for firings in scene.calls] == [1] * len(scene.calls)
    assert scene.clock.getDelayedCalls() == []
    errors = [type(e) for e in logged()]
    assert errors in ([], [ZeroDivisionError] if action == "raise" else [])
    told = [entry[1] for entry in scene.journal if entry[0] == "new" and entry[1] != 77]
    if scene.wasOpen and (place, action) != ("newMessages", "raise"):
        assert told == scene.server.said
    behind = [e for e in scene.journal[scene.toldBefore :] if e[0] != "fired"]
    assert len(behind) <= (place in LISTENERS), behind
    if place in ("timeoutConnection", "connectionLost") or (place, action) in SENSELESS:
        return
    if action == "raise" and place not in FORGIVING:
        assert not scene.wasOpen
    elif action not in CLOSING:
        assert scene.wasOpen
        failures = [value for firings in scene.calls for kind, value in firings if kind != "result"]
        assert all(isinstance(e, (CancelledError, ZeroDivisionError)) for e in failures)


@pytest.mark.parametrize("place", PLACES)
def test_matrix(ours: Any, place: str) -> None:
    """Whatever is done, wherever: in one piece, and byte by byte."""
    for action in IN_THE_MATRIX:
        for cut in (None, 1):
            try:
                check_scene(played(ours, place, action, cut), place, action)
            except KeyboardInterrupt:
                assert action == "interrupt" and place in ("makeTag", "sendLine", "sendCommand")
            except AssertionError as e:
                raise AssertionError(f"{action}, {cut or 'whole'}: {e}") from e
        gc.collect()
        assert logged() == [], action


# ---- As Twisted ------------------------------------------------------------

# Where a row of the table of differences says that it is called at another time.
OTHERWISE = {
    "newMessages", "flagsChanged", "modeChanged", "expunged", "_cbFetch", "timeoutConnection",
    "rawDataReceived", "messageFile", *TRACED,
}  # fmt: skip

# Twisted writes two commands there, and forgets which one it waits for.
BETWEEN = {"_flushQueue", "makeTag", "sendLine", *LATER}
SENDING = {"send", "logout", "startTLS", "raise"}


def sane(scene: Scene, action: str) -> bool:
    """Whether what Twisted's client did is what a program may count on."""
    errors = [type(e) for e in logged()]
    return (
        all(len(firings) == 1 for firings in scene.calls)
        and "raised" not in outcomes(scene)
        and errors in ([], [ZeroDivisionError] if action == "raise" else [])
    )


@pytest.mark.parametrize("place", [place for place in PLACES if place not in OTHERWISE])
def test_as_twisted(ours: Any, place: str) -> None:
    """The same commands in the same order, the same outcomes, open or closed."""
    compared = 0
    for action in IN_THE_MATRIX:
        if (place in BETWEEN and action in SENDING) or (place, action) in SENSELESS:
            continue
        if action in ("interrupt", "time out"):
            # It cannot time out twice, and swallows an interrupt.
            continue
        theirs = played(TheirClient, place, action)
        if sane(theirs, action):
            mine = played(ours, place, action)
            assert outcomes(mine) == outcomes(theirs), action
            assert mine.wasOpen == theirs.wasOpen, action
            # A cancelled one is not sent.
            assert mine.written == theirs.written or "cancel" in action, action
            compared += 1
    assert compared > 8
    # What Twisted leaves behind is its own affair.
    gc.collect()
    logged()


# ---- The last reference ----------------------------------------------------


@pytest.mark.parametrize("place", [*FIRST, "newMessages", "modeChanged", "sendLine later"])
def test_last_reference(ours: Any, place: str) -> None:
    """Dropped in mid-call: what was called goes on, and then the client is gone."""
    scene = Scene(ours, place, "drop")
    received = scene.client.dataReceived
    received(TurnServer.GREETING)
    scene.client.state = "auth"
    scene.issue(lambda c: FIRST.get(scene.place, fetch_in_scene)(c, scene))
    scene.issue(calling("noop"))
    scene.client.setTimeout(None)
    gone = weakref.ref(scene.client)
    wire = scene.server.turn(scene.written) + b"0002 OK x\r\n* 7 EXISTS\r\n* OK [X]\r\n"
    received(wire)
    del received
    if scene.countdown > 0:
        # Behind a +.
        wire = scene.server.turn(scene.written)
        scene.client.dataReceived(wire)
    assert scene.countdown <= 0
    gc.collect()
    assert gone() is None
    assert all(len(firings) <= 1 for firings in scene.calls)
