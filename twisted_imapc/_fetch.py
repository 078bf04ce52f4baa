"""
A fetch that goes on as long as somebody reads: windows, backpressure, and the ways
to use it.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from ._answers import checkFresh
from ._command import fire
from ._errors import ConnectionGone, Overrun, Stale, afresh
from ._fetch_commands import Look, Window
from ._imapc import Batches, Message
from ._items import Items
from ._order import Command
from ._sets import Chosen
from ._windows import Fixed, Windows

if TYPE_CHECKING:
    from ._pipeline import Pipeline

_uidOf, _numberOf = attrgetter("uid"), attrgetter("number")

# What may be unread before reading stops.
_RECORDS = 512
_OCTETS = 1024 * 1024

# Seconds after which the reactor gets a turn.
_TURN = 0.005


class Fetch:
    """
    What Client.fetch() returns.  Nothing is sent before it is used, in one of these
    ways, and once::

        async for message in fetch: ...
        async for batch in fetch.batches(): ...
        messages = await fetch
        count = await fetch.each(function)

    @ivar last: the highest UID that was handed over; None before the first.  From
        a loop messages are taken in lots of up to 256.
    @ivar isFull: it wants no more messages for now.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        chosen: Chosen,
        items: Items,
        changedSince: int | None,
        aim: int,
    ) -> None:
        """
        @param aim: octets of a window; 0 for one window.
        """
        self.chosen = chosen
        self.items = items
        self.last: int | None = None
        self.isFull: bool = False
        self._pipeline = pipeline
        self._after = b"" if changedSince is None else b" (CHANGEDSINCE %d)" % changedSince
        self._aim = aim
        self._mailbox: Any = None
        self._uidValidity: int | None = None
        self._windows: Windows | Fixed | None = None
        self._commands: list[Command] = []
        self._isUsed = self._isLeft = self._isOver = False
        self._failure: Exception | None = None
        self._parts: deque[tuple[list[Message], int, int]] = deque()
        self._unread = self._unreadOctets = 0
        self._kept: list[Message] | None = None
        self._waiting: Deferred[None] | None = None
        self._reader: weakref.ref[Any] | None = None

    # Ways to use it

    def __aiter__(self) -> AsyncIterator[Message]:
        """
        One message after the other.
        """
        self._use()
        made: Any = Batches(self._refill)
        self._reader = weakref.ref(made, self._left)
        self._start()
        return made

    def batches(self) -> AsyncIterator[list[Message]]:
        """
        Lists of up to 256.
        """
        self._use()
        made = _Lists(self._next)
        self._reader = weakref.ref(made, self._left)
        self._start()
        return made

    def all(self) -> Deferred[list[Message]]:
        """
        All of them.

        @return: fires with the messages; a failure has what came until then in
            C{.value.result}.  Cancelling it closes this, and the other way round:
            where this is closed, it fails with C{CancelledError}.
        """
        self._use()
        d: Deferred[list[Message]] = Deferred(lambda _: self.close())
        self._kept = []
        self._wait().addCallback(lambda _: self._fireAll(d))
        self._start()
        return d

    def __await__(self) -> Generator[Any, Any, list[Message]]:
        """
        As L{all}.
        """
        return self.all().__await__()

    def each(self, function: Callable[[Message], object]) -> Deferred[int]:
        """
        Call C{function} with each message; where it returns a Deferred or is C{async},
        wait for what comes of that.

        @return: fires with how many there were.
        """

        async def run() -> int:
            count = 0
            async for message in self:
                result = function(message)
                if result is not None and isinstance(result, Awaitable):
                    await result
                count += 1
            return count

        return Deferred.fromCoroutine(run())

    def close(self) -> None:
        """
        No more is wanted, and no more is handed over: a loop ends behind the message
        that it has.  What is on its way is read and dropped; the connection stays.
        """
        self._isUsed = True
        isWaitedFor = self._kept is not None
        self._failure = CancelledError("The fetch was closed") if isWaitedFor else None
        reader: Any = self._reader and self._reader()
        if isinstance(reader, Batches):
            reader.close()
        self._parts.clear()
        self._unread = self._unreadOctets = 0
        self._stop()
        self._wake()

    def _left(self, _: object) -> None:
        """
        Nobody has the iterator any more.  That may be told in the middle of anything,
        and in any thread: it may be the collector that has found out.
        """
        wire = self._pipeline.owner()
        if not self._isOver and wire is not None:
            self._isLeft = True
            wire.reactor.callFromThread(self.close)

    # What is asked for

    def _use(self) -> None:
        if self._isUsed:
            raise RuntimeError("A fetch can be used once; call fetch() again")
        self._isUsed = True

    def _start(self) -> None:
        if not self.chosen:
            self._isOver = True
            self._wake()
        elif self._pipeline.isOver():
            self.ended(self._pipeline.gone(False))
        else:
            self._pipeline.streams.append(self)
            self._pipeline.pump()

    def advance(self) -> bool:
        """
        Nobody else's command waits: send the next window, if it is time for that.

        @return: whether one was sent.
        """
        if self._isOver or self._isLeft or self._unread > _RECORDS:
            return False
        if any(isinstance(one, Look) for one in self._commands):
            return False
        if self._windows is not None and not self._windows.isHungry():
            return False
        window = Window(self)
        self._commands.append(window)
        d = self._pipeline.send(window)
        d.addCallbacks(
            lambda _: self._answered(window), lambda failure: self._refused(window, failure)
        )
        return True

    def lineOf(self, window: Window) -> list[bytes]:
        """
        The line of a window that is written now.
        """
        pipeline = self._pipeline
        verb = b"FETCH" if window.alone else b"UID FETCH"
        if self._windows is None:
            self._begin(pipeline)
        assert self._windows is not None
        self.checkMailbox(pipeline)
        checkFresh(pipeline, [self.chosen.numbers], "FETCH")
        text, window.upTo = self._windows.next(self._room())
        return [b"%b %b %b%b" % (verb, text, self.items.text, self._after)]

    def checkMailbox(self, pipeline: Pipeline) -> None:
        """
        @raise Stale: where the UIDs would mean something else.
        """
        if pipeline.mailbox is not self._mailbox:
            raise Stale("FETCH is not sent: another mailbox is selected now")
        if self._mailbox is not None and self._mailbox.uidValidity != self._uidValidity:
            raise Stale("FETCH is not sent: the mailbox has changed its UIDs")

    def _room(self) -> int:
        return int(self._pipeline.owner().maxCommandLength) - len(self.items.text) - 80

    def _begin(self, pipeline: Pipeline) -> None:
        self._mailbox = mailbox = pipeline.mailbox
        self._uidValidity = None if mailbox is None else mailbox.uidValidity
        if self.chosen.isWhole:
            self._windows = Fixed(self.chosen.texts(self._room()))
        else:
            chosen = self.chosen
            self._windows = Windows(chosen.uids, self.items.octets, self._aim, chosen.end)
        self._windows.begin(*(mailbox.exists, mailbox.uidKnown) if mailbox else (0, 1))

    def _answered(self, window: Window) -> None:
        if window in self._commands:
            self._commands.remove(window)
        if self._isOver:
            return
        assert self._windows is not None
        self._windows.answered(window.upTo)
        self._goOn()

    def _goOn(self) -> None:
        """
        No window is out, and no look: which of these is next?
        """
        assert self._windows is not None
        if self._commands:
            return
        lostFrom = self._windows.lostFrom()
        if self._windows.isAsked:
            self._finish(None)
        elif lostFrom is not None and not self._after:
            self._look(Look(self, self._pipeline, lostFrom))

    def _look(self, look: Look) -> None:
        def found(uid: int | None) -> None:
            assert isinstance(self._windows, Windows)
            self._windows.skipTo(uid)

        def over(_: object) -> None:
            # Where nothing was found out the windows become wider, as they would.
            self._commands.remove(look)
            self._goOn()
            self._pipeline.pump()

        self._commands.append(look)
        self._pipeline.send(look).addCallback(look.found).addCallback(found).addBoth(over)

    def _refused(self, window: Window, failure: Failure) -> None:
        if window in self._commands:
            self._commands.remove(window)
        if not self._isOver and not isinstance(failure.value, ConnectionGone):
            # ended() is called, too, where the connection is gone.
            failure.cleanFailure()
            self._finish(failure.value)  # type: ignore[arg-type]

    def _finish(self, failure: Exception | None) -> None:
        """
        Nothing more will be delivered.
        """
        self._failure = failure
        self._stop()
        self._wake()

    def _stop(self) -> None:
        self._isOver = True
        self.isFull = False
        pipeline = self._pipeline
        if self in pipeline.streams:
            pipeline.streams.remove(self)
        commands, self._commands = self._commands, []
        for command in commands:
            pipeline.cancel(command)
        if not pipeline.isOver():
            pipeline.pump()

    def ended(self, gone: ConnectionGone) -> None:
        """
        The connection is gone.
        """
        if not self._isOver:
            self._isOver = True
            gone.written = self._windows is not None
            self._failure = gone
            self._commands = []
            self._wake()

    # What is delivered

    def deliver(self, messages: list[Message], octets: int) -> None:
        """
        Messages have come.
        """
        if self._isOver or self._isLeft:
            return
        assert self._windows is not None
        messages, again = self._sorted(messages)
        # With sequence numbers the server may leave UIDs out.
        uids = map(_uidOf, messages)
        found = list(filter(None, uids) if self.chosen.numbers else uids)
        highest = self._windows.came(found, octets)
        if self._kept is not None:
            self._kept += messages
            self._hand(highest)
        elif messages:
            self._parts.append((messages, octets, highest))
            self._unread += len(messages)
            self._unreadOctets += octets
            self._wake()
            self._measure()
        for message in again:
            self._pipeline.unasked(("fetch", message))
        if not self._isOver:
            self._pipeline.pump()

    def _sorted(self, messages: list[Message]) -> tuple[list[Message], list[Message]]:
        """
        Messages, and those of them that have come before only because C{*} is the last
        message of all: what is new of them is told, as of all that nobody has asked for.
        """
        windows, mailbox = self._windows, self._mailbox
        if not isinstance(windows, Windows) or mailbox is None or not windows.mayRepeat():
            return messages, []
        if mailbox.exists not in map(_numberOf, messages):
            return messages, []
        fresh: list[Message] = []
        again: list[Message] = []
        for message in messages:
            isLast = message.number == mailbox.exists
            (again if isLast and windows.repeats(message.uid) else fresh).append(message)
        return fresh, again

    def _measure(self) -> None:
        """
        How full is it, after all that the reader has taken?
        """
        if self._unread > _RECORDS or self._unreadOctets > _OCTETS:
            if self._unreadOctets > self._pipeline.owner().maxBacklog:
                self._finish(Overrun("Too much of a fetch that nobody reads has piled up"))
            self.isFull = not self._isOver

    def _hand(self, highest: int) -> None:
        self.last = max(self.last or 0, highest) or None

    # Who reads

    def _wait(self) -> Deferred[None]:
        if self._waiting is not None:
            raise RuntimeError("This fetch is waited for already")
        d: Deferred[None] = Deferred(lambda _: self._forgetReader())
        self._waiting = d
        return d

    def _forgetReader(self) -> None:
        self._waiting = None

    def _wake(self) -> None:
        if self._kept is not None and not self._isOver:
            return
        d, self._waiting = self._waiting, None
        if d is not None:
            fire(d, None)

    def _fireAll(self, d: Deferred[list[Message]]) -> None:
        kept, self._kept = self._kept or [], None
        if self._failure is not None:
            self._failure.result = kept  # type: ignore[attr-defined]
            fire(d, Failure(self._failure))
        else:
            fire(d, kept)

    async def _next(self) -> list[Message]:
        """
        The next list; empty at the end.
        """
        wire = self._pipeline.owner()
        if wire is not None and time.perf_counter() - wire.turn > _TURN:
            await wire.nextTurn()
        while not self._parts:
            if self._isOver:
                failure, self._failure = self._failure, None
                if failure is not None:
                    raise afresh(failure)
                return []
            await self._wait()
        messages, octets, highest = self._parts.popleft()
        self._unread -= len(messages)
        self._unreadOctets -= octets
        self._hand(highest)
        if self.isFull and not self._parts:
            self.isFull = False
            self._pipeline.pump()
        return messages

    async def _refill(self) -> Message:
        messages = await self._next()
        reader: Any = self._reader and self._reader()
        return reader.load(messages)


class _Lists:
    """
    An iterator over lists, which may be dropped at any time.
    """

    def __init__(self, following: Callable[[], Any]) -> None:
        self._following = following

    def __aiter__(self) -> _Lists:
        return self

    async def __anext__(self) -> list[Message]:
        messages: list[Message] = await self._following()
        if not messages:
            raise StopAsyncIteration
        return messages
