"""
What a server tells without being asked: one stream of events, for any number of
listeners.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, overload

from twisted.internet.defer import Deferred

from ._answers import infoOf, statusOf
from ._command import fire
from ._connection import Event
from ._errors import ConnectionGone, shown
from ._logger import ConnectionLogger
from ._mailbox import Mailbox
from ._records import Alert, Fetched, Listed, Malformed, Missed, Notice, StatusChanged, Unknown

if TYPE_CHECKING:
    # What has a default may be left out by whoever names the class.
    from typing_extensions import TypeVar

    _Told = TypeVar("_Told", default=Any)
else:
    from typing import TypeVar

    _Told = TypeVar("_Told")

_Kind = TypeVar("_Kind")
_Other = TypeVar("_Other")

_log = ConnectionLogger()

# How many events wait for one who reads slowly.
_MOST = 10_000


class Events(Generic[_Told]):
    """
    The events of some kinds, one after the other::

        async for event in client.events(Exists, Expunged):
            ...

    It ends with logout(), and raises L{ConnectionGone} at any other end.
    """

    def __init__(self, announcer: Announcer, kinds: tuple[type, ...]) -> None:
        self._announcer = announcer
        self._kinds = kinds
        self._queue: deque[_Told] = deque()
        self._missed = 0
        self._waiting: Deferred[None] | None = None
        self._isOver = False
        self._gone: ConnectionGone | None = None

    def __aiter__(self) -> Events[_Told]:
        return self

    async def __anext__(self) -> _Told:
        """
        The next event; L{Missed} where some were dropped.
        """
        while True:
            if self._missed:
                missed, self._missed = self._missed, 0
                event: Any = Missed(missed)
                return event
            if self._queue:
                return self._queue.popleft()
            if self._gone is not None:
                raise self._gone.again(False)
            if self._isOver:
                raise StopAsyncIteration
            await self._wait()

    def _wait(self) -> Deferred[None]:
        if self._waiting is not None:
            raise RuntimeError("This iterator is waited for already")
        d: Deferred[None] = Deferred(self._cancelled)
        self._waiting = d
        # Who waits may be known to nobody else.
        self._announcer.waiting.add(self)
        return d

    def _cancelled(self, d: Deferred[Any]) -> None:
        self._stopWaiting()

    def _stopWaiting(self) -> Deferred[None] | None:
        self._announcer.waiting.discard(self)
        d, self._waiting = self._waiting, None
        return d

    def _wake(self) -> None:
        d = self._stopWaiting()
        if d is not None:
            fire(d, None)

    def wants(self, event: object) -> bool:
        """
        Whether it is of these kinds.
        """
        return not self._kinds or isinstance(event, self._kinds)

    def add(self, event: Any) -> None:
        """
        One more.
        """
        if len(self._queue) == _MOST:
            self._queue.popleft()
            self._missed += 1
        self._queue.append(event)
        self._wake()

    def end(self, gone: ConnectionGone | None) -> None:
        """
        No more will come.
        """
        self._isOver, self._gone = True, gone
        self._wake()


class Announcer:
    """
    Makes events of what no command owns, and tells them.

    @ivar waiting: the iterators that somebody waits for.
    """

    def __init__(self, wire: Any) -> None:
        """
        @param wire: whose pipeline knows the mailbox that is selected.
        """
        self._wire = weakref.ref(wire)
        self._listeners: dict[object, tuple[Callable[[Any], object], tuple[type, ...]]] = {}
        self._iterators: list[weakref.ref[Events[Any]]] = []
        self.waiting: set[Events[Any]] = set()
        self._isOver = False
        self._gone: ConnectionGone | None = None

    def listen(self, function: Callable[[Any], object], kinds: tuple[type, ...]) -> Any:
        """
        @return: a function that stops it.
        """
        if not callable(function):
            raise TypeError(f"listen() takes a function, not {type(function).__name__}")
        _checkKinds(kinds)
        key = object()
        self._listeners[key] = (function, kinds)

        def stop() -> None:
            self._listeners.pop(key, None)

        return stop

    def events(self, kinds: tuple[type, ...]) -> Events[Any]:
        """
        An iterator, which has all events from now on.
        """
        _checkKinds(kinds)
        made: Events[Any] = Events(self, kinds)
        self._iterators.append(weakref.ref(made, self._iterators.remove))
        if self._isOver:
            made.end(self._gone)
        return made

    def tell(self, event: Any) -> None:
        """
        Tell one event to all who want it.
        """
        isTold = False
        for function, kinds in list(self._listeners.values()):
            if not kinds or isinstance(event, kinds):
                isTold = True
                try:
                    function(event)
                except Exception:
                    _log.failure("A listener raised for {event}", event=type(event).__name__)
        for one in list(self._iterators):
            iterator = one()
            if iterator is not None and iterator.wants(event):
                isTold = True
                iterator.add(event)
        if isinstance(event, Alert) and not isTold:
            # Users must see it (RFC 9051, section 7.1), also where it comes before there
            # is anybody who could listen.
            _log.warn("Alert of the server: {text}", text=shown(event.text, 500))

    def unasked(self, event: Event) -> None:
        """
        Tell an event of the parser's that no command owns.
        """
        record = self._recordOf(event)
        if record is not None:
            self.tell(record)

    def end(self, gone: ConnectionGone | None) -> None:
        """
        The connection is gone.

        @param gone: why; None after logout().
        """
        self._isOver, self._gone = True, gone
        self._listeners.clear()
        for one in list(self._iterators):
            iterator = one()
            if iterator is not None:
                iterator.end(gone)

    def _recordOf(self, event: Event) -> Any:
        wire: Any = self._wire()
        mailbox = wire.pipeline.mailbox or Mailbox("")
        noted = mailbox.note(event)
        if noted is not None:
            return noted
        kind, *values = event
        if kind == "fetch":
            return Fetched(*values)
        if kind == "status":
            return StatusChanged(statusOf(*values))
        if kind in ("list", "lsub"):
            return Listed(infoOf(event, None))
        if kind == "state":
            return _stateOf(*values)
        if kind == "malformed":
            _log.warn("Malformed response dropped: {wire!r}: {why}", why=values[0], wire=values[1])
            return Malformed(*values)
        if kind == "other":
            if values[0] == "CAPABILITY":
                return None
            made = Unknown(values[0], values[1], tuple(values[2]))
        else:
            made = Unknown(kind.upper(), None, tuple(values))
        _log.info("Response that nobody asked for: {name}", name=made.name)
        return made


class Audible:
    """
    How a client's events are heard.
    """

    _announcer: Announcer

    @overload
    def listen(self, function: Callable[[Any], object]) -> Callable[[], None]: ...

    @overload
    def listen(
        self, function: Callable[[_Kind], object], kind: type[_Kind], /
    ) -> Callable[[], None]: ...

    @overload
    def listen(
        self,
        function: Callable[[_Kind | _Other], object],
        kind: type[_Kind],
        other: type[_Other],
        /,
    ) -> Callable[[], None]: ...

    @overload
    def listen(
        self, function: Callable[[Any], object], a: type, b: type, c: type, /, *kinds: type
    ) -> Callable[[], None]: ...

    def listen(self, function: Callable[[Any], object], *kinds: type) -> Callable[[], None]:
        """
        Call C{function} with each event of these kinds, or with each.

        @return: a function that stops it.
        """
        return self._announcer.listen(function, kinds)

    @overload
    def events(self) -> Events[Any]: ...

    @overload
    def events(self, kind: type[_Kind], /) -> Events[_Kind | Missed]: ...

    @overload
    def events(
        self, kind: type[_Kind], other: type[_Other], /
    ) -> Events[_Kind | _Other | Missed]: ...

    @overload
    def events(self, a: type, b: type, c: type, /, *kinds: type) -> Events[Any]: ...

    def events(self, *kinds: type) -> Events[Any]:
        """
        Iterate over the events of these kinds, or over all, from now on.
        """
        return self._announcer.events(kinds)


def _checkKinds(kinds: tuple[type, ...]) -> None:
    for kind in kinds:
        if not isinstance(kind, type):
            raise TypeError(f"{kind!r} is no class of events")


def _stateOf(status: str | None, text: str, code: Event | None) -> Alert | Notice:
    name, arguments = code or (None, ())
    if name == "ALERT":
        return Alert(text)
    return Notice(status, name, arguments, text)
