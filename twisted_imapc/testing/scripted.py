"""
A server that says what it was told to say, cut as it was told to cut it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from .loopback import LoopbackServer

#: In what a script sends, this stands for the tag of the command that
#: L{ExpectCommand} met last.
TAG = b"\0TAG\0"

#: What a line has to be: these octets, a match of the whole of it, or anything.
Pattern = bytes | re.Pattern[bytes] | None


class ScriptMismatch(AssertionError):
    """
    The client sent something else than the script waits for.
    """


@dataclass(frozen=True)
class Send:
    """
    Send C{data}, in which L{TAG} is filled in.
    """

    data: bytes


@dataclass(frozen=True)
class ExpectCommand:
    """
    Wait for a line with a tag, and compare what follows the tag.
    """

    text: Pattern = None


@dataclass(frozen=True)
class ExpectLine:
    """
    Wait for a line without a tag, such as the answer to a challenge.
    """

    text: Pattern = None


@dataclass(frozen=True)
class ExpectOctets:
    """
    Wait for so many octets, such as a literal's.
    """

    count: int


@dataclass(frozen=True)
class Drop:
    """
    Close the connection once all was sent; with C{abort} at once, and so that
    the client sees a reset.
    """

    abort: bool = False


@dataclass(frozen=True)
class Pause:
    """
    Do nothing for so many seconds.
    """

    seconds: float


#: One entry of a script.
Step = Send | ExpectCommand | ExpectLine | ExpectOctets | Drop | Pause


class ScriptedServer(LoopbackServer):
    """
    Plays the same script to each client that connects.  When a script is over,
    the connection stays open until the client closes it.

    @ivar received: What clients sent, in order: each line without its end, and
        the octets of each L{ExpectOctets}.
    """

    def __init__(
        self,
        script: Sequence[Step],
        *,
        chunkSize: int | Sequence[int] | None = None,
        interval: float = 0,
        dropAfter: int | None = None,
        reactor: Any = None,
    ) -> None:
        """
        @param script: What to wait for and what to send.
        @param chunkSize: Write in pieces of this size, each in a turn of the
            reactor of its own; or of these sizes, from the first again when
            they are used up.  The kernel may join what was written within a
            moment; C{interval} gives the client time to read it.
        @param interval: Seconds between two pieces.
        @param dropAfter: Close the connection after so many octets were sent,
            wherever the script is then.
        @param reactor: The reactor, if it is not the usual one.
        """
        super().__init__(reactor)
        self.script: list[Step] = list(script)
        self.interval = interval
        self.dropAfter = dropAfter
        self.received: list[bytes] = []
        self._outcome: Failure | bool = False
        self._waiting: list[Deferred[None]] = []
        self._sizes = [chunkSize] if isinstance(chunkSize, int) else list(chunkSize or ())
        if any(size < 1 for size in self._sizes):
            raise ValueError("a piece has at least one octet")

    def buildProtocol(self, addr: Any) -> Any:
        """
        Play to one connection.
        """
        protocol = _ScriptedProtocol(self._reactor)
        protocol.factory = self
        return protocol

    def whenFinished(self) -> Deferred[None]:
        """
        @return: Fires when the script was played to its end for the first
            time, or fails: with L{ScriptMismatch}, or with the reason why the
            client closed the connection before.
        """
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        self._tell()
        return waiting

    def _end(self, outcome: Failure | bool = True) -> None:
        """
        One connection is through with the script; the first one counts.
        """
        self._outcome = self._outcome or outcome
        self._tell()

    def _tell(self) -> None:
        """
        Tell the outcome, if there is one, to all who asked.
        """
        while self._outcome and self._waiting:
            waiting = self._waiting.pop(0)
            if isinstance(self._outcome, Failure):
                waiting.errback(self._outcome)
            else:
                waiting.callback(None)


class _ScriptedProtocol(Protocol):
    """
    One connection of a L{ScriptedServer}: takes one step of the script after
    the other, and rests where it lacks octets or has to wait.
    """

    factory: ScriptedServer

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._buffer = b""
        self._tag = b""
        self._sent = 0
        self._position = 0
        self._pieces: Iterator[bytes] = iter(())
        self._delayed: Any = None
        self._closing = False

    def connectionMade(self) -> None:
        self.factory._made(self)
        transport: Any = self.transport
        transport.setTcpNoDelay(True)
        self._sizes = _cycle(self.factory._sizes)
        self._play()

    def dataReceived(self, data: bytes) -> None:
        self._buffer += data
        if self._delayed is None:
            self._play()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._closing = True
        if self._delayed is not None:
            self._delayed.cancel()
            self._delayed = None
        if self._position < len(self.factory.script):
            self.factory._end(reason)
        self.factory._lost(self)

    def _play(self) -> None:
        """
        Go on until there is something to wait for.
        """
        self._delayed = None
        try:
            while not self._closing and self._writePiece() and self._takeStep():
                pass
        except ScriptMismatch:
            self._position = len(self.factory.script)
            self._closing = True
            self.factory._end(Failure())
            self._abort()

    def _later(self, seconds: float) -> None:
        self._delayed = self._reactor.callLater(seconds, self._play)

    def _abort(self) -> None:
        transport: Any = self.transport
        transport.abortConnection()

    def _writePiece(self) -> bool:
        """
        Write the next piece of what is being sent.

        @return: Whether nothing is left to be sent.
        """
        piece = next(self._pieces, None)
        if piece is None:
            return True
        limit = self.factory.dropAfter
        if limit is not None and self._sent + len(piece) >= limit:
            piece = piece[: limit - self._sent]
            self._close()
        self._sent += len(piece)
        transport: Any = self.transport
        transport.write(piece)
        if self._closing:
            transport.loseConnection()
        else:
            self._later(self.factory.interval)
        return False

    def _close(self) -> None:
        """
        This is where the connection ends, on purpose.
        """
        self._closing = True
        self._position = len(self.factory.script)
        self.factory._end()

    def _takeStep(self) -> bool:
        """
        Take the next step of the script.

        @return: Whether to go on; if not, octets or time must pass first, or
            the script is over.
        """
        if self._position >= len(self.factory.script):
            self.factory._end()
            return False
        step = self.factory.script[self._position]
        if not self._fulfil(step):
            return False
        self._position += 1
        if isinstance(step, Pause):
            self._later(step.seconds)
            return False
        return True

    def _fulfil(self, step: Step) -> bool:
        """
        Do what one step says.

        @return: Whether it could be done with the octets that have come.
        """
        if isinstance(step, Send):
            data = step.data.replace(TAG, self._tag)
            self._pieces = _cut(data, self._sizes)
        elif isinstance(step, ExpectOctets):
            return self._takeOctets(step.count)
        elif isinstance(step, (ExpectCommand, ExpectLine)):
            return self._takeLine(step)
        elif isinstance(step, Drop):
            self._close()
            transport: Any = self.transport
            (transport.abortConnection if step.abort else transport.loseConnection)()
        return True

    def _takeOctets(self, count: int) -> bool:
        if len(self._buffer) < count:
            return False
        self.factory.received.append(self._buffer[:count])
        self._buffer = self._buffer[count:]
        return True

    def _takeLine(self, step: ExpectCommand | ExpectLine) -> bool:
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return False
        self._buffer = rest
        self.factory.received.append(line)
        text = line
        if isinstance(step, ExpectCommand):
            self._tag, _, text = line.partition(b" ")
        if not _matches(step.text, text):
            raise ScriptMismatch(f"step {self._position} of the script: {step!r} met {line!r}")
        return True


def _matches(pattern: Pattern, text: bytes) -> bool:
    """
    Whether C{text} is what C{pattern} asks for.
    """
    if pattern is None:
        return True
    if isinstance(pattern, bytes):
        return pattern == text
    return pattern.fullmatch(text) is not None


def _cycle(sizes: Sequence[int]) -> Callable[[], int | None]:
    """
    A function that returns one size after the other, without end; None where
    data is not to be cut.
    """
    position = -1

    def following() -> int | None:
        nonlocal position
        if not sizes:
            return None
        position = (position + 1) % len(sizes)
        return sizes[position]

    return following


def _cut(data: bytes, size: Callable[[], int | None]) -> Iterator[bytes]:
    """
    C{data} in pieces.
    """
    while data:
        length = size() or len(data)
        yield data[:length]
        data = data[length:]
