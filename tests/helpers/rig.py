"""
A client over a transport in memory, driven call by call and cut by cut, with
everything that it did written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITLSTransport
from twisted.internet.testing import StringTransport
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

Call = Callable[[Any], Any]
Entry = tuple[Any, ...]


def calling(name: str, *args: Any, **options: Any) -> Call:
    """The call of a client's method."""
    return lambda client: getattr(client, name)(*args, **options)


class MemoryTransport(StringTransport):
    """A StringTransport that serves pull producers, as a real transport does."""

    aborted = False

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        super().registerProducer(producer, streaming)
        while not streaming and self.producer is not None:
            self.producer.resumeProducing()

    def abortConnection(self) -> None:
        self.aborted = True
        self.loseConnection()


class SlowTransport(StringTransport):
    """Asks for the next piece only when told to; lost as a real one is."""

    producer: Any

    def unregisterProducer(self) -> None:
        self.producer = None

    def pump(self, pieces: int) -> None:
        while self.producer is not None and pieces:
            self.producer.resumeProducing()
            pieces -= 1


@implementer(ITLSTransport)
class TLSMemoryTransport(MemoryTransport):  # type: ignore[misc]  # as far as clients look
    """Could be turned into TLS; tells of it in what was written."""

    def startTLS(self, ctx: Any, normal: Any = None) -> None:
        self.write(b"<TLS>\r\n")


@cache
def recording(cls: Any) -> Any:
    """A subclass of cls whose listener methods write into C{client.journal}."""

    class Recorder(cls):
        journal: list[Entry]

        def serverGreeting(self, caps: Any) -> None:
            self.journal.append(("greeting", caps))

        def modeChanged(self, writeable: bool) -> None:
            self.journal.append(("mode", writeable))

        def flagsChanged(self, newFlags: Any) -> None:
            self.journal.append(("flags", newFlags))

        def newMessages(self, exists: int | None, recent: int | None) -> None:
            self.journal.append(("new", exists, recent))

        def expunged(self, number: int) -> None:
            self.journal.append(("expunged", number))

    return Recorder


_errors: list[Failure] = []


def _observe(event: dict[str, Any]) -> None:
    if event.get("isError") and "failure" in event:
        _errors.append(event["failure"])


log.addObserver(_observe)


def logged() -> list[BaseException]:
    """What was logged as an error since the last call."""
    values: list[Any] = [failure.value for failure in _errors]
    _errors.clear()
    return values


class Rig:
    """
    One client on one MemoryTransport.

    C{journal} has, in order, the listener calls ("greeting", "mode", "flags",
    "new", "expunged") and the firings ("fired", number of the call).
    """

    def __init__(
        self,
        cls: Any,
        greeting: bytes | None = b"* OK hi\r\n",
        state: str | None = "auth",
        transport: StringTransport | None = None,
        prepare: Callable[[Any], object] | None = None,
        record: bool = True,
    ) -> None:
        logged()
        self.journal: list[Entry] = []
        self.calls: list[list[Entry]] = []
        self.escaped: BaseException | None = None
        self.lost: Failure | None = None
        self.transport = transport or MemoryTransport()
        self.client = (recording(cls) if record else cls)()
        self.client.journal = self.journal
        if prepare is not None:
            prepare(self.client)
        self.client.makeConnection(self.transport)
        if greeting is not None:
            self.client.dataReceived(greeting)
            self.client.state = state
            self.journal.clear()

    @property
    def written(self) -> bytes:
        return bytes(self.transport.value())

    @property
    def closed(self) -> bool:
        return self.lost is not None or bool(self.transport.disconnecting)

    def call(self, call: Call) -> list[Entry]:
        """Issue one command; returns the list that gets its firings."""
        firings: list[Entry] = []
        number = len(self.calls)
        self.calls.append(firings)

        def fired(kind: str, value: Any) -> None:
            firings.append((kind, value))
            self.journal.append(("fired", number))

        try:
            waiting = call(self.client)
        except Exception as e:
            fired("raised", e)
            return firings
        if isinstance(waiting, Deferred):
            waiting.addCallbacks(
                lambda value: fired("result", value), lambda f: fired("failure", f.value)
            )
        return firings

    def feed(self, wire: bytes, cuts: Iterable[int] = ()) -> None:
        """Deliver wire in pieces, as a reactor would: not after the end."""
        start = 0
        for end in (*cuts, len(wire)):
            if end > start:
                self._piece(wire[start:end])
                start = end

    def _piece(self, data: bytes) -> None:
        if self.lost is not None:
            return
        try:
            self.client.dataReceived(data)
        except Exception as e:
            # A reactor logs it and takes it for the reason of the loss.
            self.escaped = e
            self.lose(Failure(e))
        if self.transport.disconnecting:
            self.lose()

    def lose(self, reason: Failure | None = None) -> None:
        """The transport is gone, once."""
        if self.lost is None:
            self.lost = reason or Failure(ConnectionDone())
            self.client.connectionLost(self.lost)

    def outcome(self) -> Outcome:
        return Outcome(self.calls, self.journal, self.written, self.closed, self.escaped, logged())


@dataclass
class Outcome:
    """What a client made of its calls and bytes."""

    calls: list[list[Entry]]
    journal: list[Entry]
    written: bytes
    closed: bool
    escaped: BaseException | None = None
    errors: list[BaseException] = field(default_factory=list)

    @property
    def firing(self) -> Entry:
        """What the first call came to: ("pending",) when it did not."""
        return self.calls[0][0] if self.calls and self.calls[0] else ("pending",)

    @property
    def events(self) -> list[Entry]:
        return [entry for entry in self.journal if entry[0] not in ("fired", "greeting")]

    def only(self, *kinds: str) -> list[Entry]:
        """The journal's entries of these kinds."""
        return [entry for entry in self.journal if entry[0] in kinds]


def drive(
    cls: Any,
    calls: Call | Iterable[Call],
    wire: bytes,
    cuts: Iterable[int] = (),
    **options: Any,
) -> Outcome:
    """Issue calls on a fresh client, give it wire in these cuts, and tell."""
    one = Rig(cls, **options)
    for call in [calls] if callable(calls) else calls:
        one.call(call)
    one.feed(wire, cuts)
    return one.outcome()
