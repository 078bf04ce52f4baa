"""A Client over a transport in memory, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import alsoProvides

from tests.helpers.rig import logged
from twisted_imapc._wire import Wire
from twisted_imapc.client import Client

#: What a server of today offers.
OFFERS = (
    b"IMAP4rev1 SASL-IR LITERAL+ ESEARCH UNSELECT LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE"
    b" AUTH=PLAIN AUTH=OAUTHBEARER"
)

SELECTS = (
    b"* FLAGS (\\Answered \\Seen)\r\n* %d EXISTS\r\n* 0 RECENT\r\n"
    b"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n"
    b"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n"
)


class LocalClock(Clock):
    """Takes calls from other threads, too, as a reactor does."""

    def callFromThread(self, function: Any, *arguments: Any) -> None:
        self.callLater(0, function, *arguments)


class LocalTransport(StringTransport):
    """Tells whether it was closed in the hard way."""

    aborted = False

    def abortConnection(self) -> None:
        self.aborted = True
        self.loseConnection()

    def startTLS(self, context: Any) -> None:
        alsoProvides(self, ISSLTransport)


class Conversing:
    """
    One Client and what is said to it.

    @ivar size: octets of a piece; None for all at once.
    """

    def __init__(
        self,
        offers: bytes = OFFERS,
        greeting: bytes | None = None,
        size: int | None = None,
        **settings: Any,
    ) -> None:
        logged()
        self.clock = LocalClock()
        self.transport = LocalTransport()
        self.wire = Wire(self.clock)
        self.client = Client(self.wire)
        self.client.plaintext = True
        for name, value in settings.items():
            setattr(self.client, name, value)
        self.size = size
        self._unsaid = b""
        self.isLost = False
        self.wire.makeConnection(self.transport)
        self.say(greeting or b"* OK [CAPABILITY %b] hi\r\n" % offers)

    def say(self, octets: bytes) -> None:
        """What the server says; it is read as long as the client reads."""
        self._unsaid += octets
        self.listen()

    def listen(self) -> None:
        """Read what is unsaid, and see the end of the connection."""
        while self._unsaid and not self.isLost and self.transport.producerState == "producing":
            size = self.size or len(self._unsaid)
            piece, self._unsaid = self._unsaid[:size], self._unsaid[size:]
            self.wire.dataReceived(piece)
            self.look()
        self.look()

    def look(self) -> None:
        # Who gives the reactor a turn gets it.
        self.clock.advance(0)
        if self.transport.disconnecting:
            self.lose()

    @property
    def unsaid(self) -> int:
        """Octets that the client does not read."""
        return len(self._unsaid)

    def lose(self, reason: Exception | None = None) -> None:
        if not self.isLost:
            self.isLost = True
            self.wire.connectionLost(Failure(reason or ConnectionDone()))

    def heard(self) -> list[bytes]:
        """The lines that the client has said since the last call."""
        self.look()
        octets = self.transport.value()
        self.transport.clear()
        return octets.split(b"\r\n")[:-1]

    def answer(self, before: bytes = b"", tail: bytes = b"OK done") -> list[bytes]:
        """Answer all commands that were said since the last call."""
        lines = self.heard()
        tags = [line.split(b" ")[0] for line in lines]
        self.say(before + b"".join(b"%b %b\r\n" % (tag, tail) for tag in tags))
        return [line.partition(b" ")[2] for line in lines]

    def select(self, exists: int = 3, uidNext: int = 10, name: str = "INBOX") -> Any:
        """Have a mailbox selected."""
        firings = fired(self.client.select(name))
        self.answer(SELECTS % (exists, uidNext), b"OK [READ-WRITE] done")
        return firings[0]


def fired(d: Deferred[Any]) -> list[Any]:
    """What a Deferred fires with: a value or an exception; empty until then."""
    firings: list[Any] = []
    d.addCallbacks(firings.append, lambda failure: firings.append(failure.value))
    return firings


def running(coroutine: Any) -> list[Any]:
    """What a coroutine returns or raises; empty as long as it runs."""
    return fired(Deferred.fromCoroutine(coroutine))


class Stepping:
    """
    Runs a coroutine as L{running} does, but not by Twisted's means: those of older versions
    leave a cycle behind, however it ends.
    """

    def __init__(self, coroutine: Any) -> None:
        self.done: list[Any] = []
        self._coroutine = coroutine
        self._step(None)

    def _step(self, outcome: Any) -> None:
        try:
            if isinstance(outcome, Failure):
                d = self._coroutine.throw(outcome.value)
            else:
                d = self._coroutine.send(outcome)
        except StopIteration as e:
            self.done.append(e.value)
        except Exception as e:
            self.done.append(e)
        else:
            d.addBoth(self._step)


def flag_lines(uids: Iterable[int], flags: bytes = b"\\Seen") -> bytes:
    """FETCH responses with FLAGS."""
    return b"".join(b"* %d FETCH (UID %d FLAGS (%b))\r\n" % (uid, uid, flags) for uid in uids)
