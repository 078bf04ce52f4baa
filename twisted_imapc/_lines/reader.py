"""
Octets to lines, for LineReceiver's methods: with LF as the end of a line, and
with our limits.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .delivery import Delivery

if TYPE_CHECKING:
    from .._session import Session

# The hooks that are called first: a class that has only these never needs the others.
_OUTERMOST = frozenset(("lineReceived", "rawDataReceived"))

# Those that see a literal come.
_RAW = frozenset(("rawDataReceived", "setRawMode", "setLineMode"))

_CR = 13


class LineReader:
    """
    Reads in place of the connection as long as somebody wants lines.

    @ivar isDirect: the class has no hook between lineReceived() and the grammar.
    @ivar inPlace: what trace is told in place of the literal before the next
        line.
    """

    def __init__(self, session: Session, areWanted: Callable[[Any], bool]) -> None:
        # The session holds this reader.
        self._session: Session = weakref.proxy(session)
        self._areLinesWanted = areWanted
        self.delivery = Delivery(self._session)
        self.isDirect = False
        self.inPlace = b""
        # What is not parsed yet: the rest of _text behind _at, where lines are
        # taken from, and then _buffer (not bytes, as in LineReceiver, since a
        # line may come in many pieces), searched for LF up to _searched.
        self._text = b""
        self._at = 0
        self._buffer = bytearray()
        self._searched = 0

    def areWanted(self) -> bool:
        """
        Whether the next octets are for us.
        """
        return self._areLinesWanted(self._session.owner())

    def takeOver(self) -> None:
        """
        Read from here on, beginning with what is not parsed yet.
        """
        session = self._session
        self._buffer[:0] = session.parser.drain()
        self._searched = 0
        self.isDirect = session.overridden <= _OUTERMOST
        session.reader = self
        self.delivery.takeOver()

    def giveBack(self) -> None:
        """
        Let the connection read again.
        """
        session = self._session
        unparsed = self.takeOctets()
        session.reader = None
        self.delivery.giveBack()
        if unparsed:
            session.parser.feed(unparsed)

    def receive(self, data: bytes) -> Any:
        """
        Take octets from the server, and give out their lines.

        @return: why to close, as from LineReceiver.
        @raise IllegalServerResponse: where framing is lost.
        """
        session, client = self._session, self._session.owner()
        if session.cause is not None or session.ended is not None:
            return None
        if client.line_mode or session.isReceiving:
            self._buffer += data
            data = b""
        if session.isReceiving:
            return None
        session.isReceiving = True
        try:
            while not client.paused and self._mayGoOn():
                if not client.line_mode:
                    # Most of a literal goes by without a copy in _buffer.
                    octets, data = self.takeOctets() + data, b""
                    why: Any = client.rawDataReceived(octets) if octets else None
                elif self._takeText():
                    why = self._linesOfText()
                    if getattr(client.transport, "disconnecting", False):
                        return why
                else:
                    return None
                if why or not (self._buffer or self._text):
                    return why
            return None
        finally:
            self._putBack()
            self._buffer += data
            session.isReceiving = False

    def catchUp(self) -> None:
        """
        Take the lines of a response that is not whole yet, although the transport closes.
        """
        left = -1
        while self._buffer and len(self._buffer) != left:
            left = len(self._buffer)
            self.receive(b"")

    def _mayGoOn(self) -> bool:
        session = self._session
        if session.cause is not None or session.ended is not None:
            return False
        session.interrupted = not (session.overridden or self.areWanted())
        return not session.interrupted

    def _takeText(self) -> bool:
        """
        Have at least one whole line in C{_text}; False if there is none.
        """
        self._putBack()
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            self._isWithinLimit(self._buffer)
            return False
        self._text = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        return True

    def _putBack(self) -> None:
        """
        Have everything in C{_buffer} again.
        """
        if self._text:
            self._buffer[:0] = self._text[self._at :]
            self._text = b""
            self._at = self._searched = 0

    def _isWithinLimit(self, line: bytes | bytearray) -> bool:
        """
        Whether a line, or what has come of it, may be so long; the connection is
        closed if not.
        """
        try:
            self._session.parser.checkLine(line)
        except ValueError as e:
            message, code = e.args
        else:
            return True
        # Outside of except: else __context__ would keep these frames.
        self._session.framingLost(code, message, bytes(line[:200]), 0)
        return False

    def _linesOfText(self) -> Any:
        """
        Give out the lines of C{_text}, as far as somebody wants them.
        """
        # This loop is most of what a tracer costs.
        session, client = self._session, self._session.owner()
        text, at = self._text, self._at
        long = len(text) > session.parser.maxLineLength
        while (end := text.find(b"\n", at)) >= 0:
            line = text[at : end - (end > at and text[end - 1] == _CR)]
            self._at = end + 1
            if long and not self._isWithinLimit(text[at:end]):
                return None
            why: Any = client.lineReceived(line)
            if (
                why
                or client.paused
                or self._text is not text
                or getattr(client.transport, "disconnecting", False)
                or session.cause is not None
                or session.ended is not None
                or not (session.overridden or self.areWanted())
                or not (client.line_mode or self._literalOfText())
            ):
                return why
            at = self._at
        return None

    def _literalOfText(self) -> bool:
        """
        Take the literal that comes next, where C{_text} has all of it: so what
        follows it need not go through rawDataReceived(), which would copy it,
        if nobody overrides that.
        """
        client = self._session.owner()
        if (
            client._parts is None
            or client._pendingBuffer is None
            or client._pendingSize > len(self._text) - self._at
            or not self._session.overridden.isdisjoint(_RAW)
            or not _RAW.isdisjoint(client.__dict__)
        ):
            return False
        start, self._at = self._at, self._at + client._pendingSize
        client.rawDataReceived(self._text[start : self._at])
        return True

    # What is not parsed yet

    def takeOctets(self) -> bytes:
        """
        Take out the octets that nobody has looked at.
        """
        self._putBack()
        unparsed = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        return unparsed

    def putOctets(self, octets: bytes) -> None:
        """
        Have more octets behind those that nobody has looked at.
        """
        self._buffer += octets

    def holdsOctets(self) -> bool:
        """
        Whether there are any.
        """
        return bool(self._buffer or self._text[self._at :])

    def forget(self) -> None:
        """
        What was said in the clear does not count any more.
        """
        self.delivery.forget()
