"""
The methods of Twisted's client that deal with single lines, from the outside
in, for programs that override them or call them by hand.

The parts of an unfinished response are in C{_tag} and C{_parts}, as in Twisted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .._errors import IllegalServerResponse
from .._foreign import Response
from .._logger import ConnectionLogger
from .._session import STATES
from .fetch import Items, itemsOf, resultOf

if TYPE_CHECKING:
    from .._session import Session

_log = ConnectionLogger()

# What Parser.line() returns besides octets and None.
_NEXT_LINE_DECIDES = -1
_ENDED_BEFORE = -2


class LineHooks:
    """
    The line-based part of L{twisted_imapc.IMAP4Client}.
    """

    # Those of imap4.IMAP4Client that are used here.
    _imapc: Session
    _tag: bytes | None
    _parts: list[bytes] | None
    _pendingBuffer: Any
    _pendingSize: Any
    state: str | None
    timeout: float
    trace: Any
    messageFile: Callable[[int], Any]
    resetTimeout: Callable[[], None]
    setLineMode: Callable[..., Any]
    setRawMode: Callable[[], None]

    # LineReceiver's buffer

    def clearLineBuffer(self) -> bytes:
        """
        Take out, and return, the octets that are not parsed yet.
        """
        session = self._imapc
        return session.parser.drain() if session.reader is None else session.reader.takeOctets()

    @property
    def _buffer(self) -> bytes:
        """
        What is not parsed yet, for programs that take LineReceiver's attribute
        or call its dataReceived().
        """
        unparsed = self.clearLineBuffer()
        self._buffer = unparsed
        return unparsed

    @_buffer.setter
    def _buffer(self, octets: bytes) -> None:
        self.clearLineBuffer()
        session = self._imapc
        if session.reader is None:
            session.parser.feed(octets)
        else:
            session.reader.putOctets(octets)

    # Lines and literals

    def lineReceived(self, line: bytes) -> None:
        """
        Take one line, without its end; also by hand, between octets that came
        by dataReceived().

        @raise IllegalServerResponse: where framing is lost.
        """
        session = self._imapc
        if self.timeout > 0:
            self.resetTimeout()
        reader = session.reader
        if self.trace is not None:
            session.traced("S", (line if reader is None else reader.inPlace + line,))
            # It may have ended the connection.
            reader = session.reader
        if reader is None:
            _readByHand(self, line)
        elif line[:1] == b"*" and _isDirect(self):
            # The way of nearly all lines of a tracer.
            session.claimWaiting()
            event = session.parser.untagged(line, self.state is None)
            if event is False:
                _read(self, line)
            elif event is not None:
                session.handle(event)
        else:
            _read(self, line)

    def _setupForLiteral(self, rest: bytes, octets: int) -> None:
        """
        A literal of so many octets comes next.
        """
        self._pendingBuffer = self.messageFile(octets)
        self._pendingSize = octets
        if self._parts is None:
            self._parts = []
        self._parts += (rest, b"\r\n")
        self.setRawMode()

    def rawDataReceived(self, data: bytes) -> None:
        """
        Take octets of a literal, and maybe what follows it.
        """
        if self.timeout > 0:
            self.resetTimeout()
        file = getattr(self, "_pendingBuffer", None)
        if file is None or self._parts is None:
            self.setLineMode(data)
            return
        mine, rest = data[: self._pendingSize], data[self._pendingSize :]
        file.write(mine)
        self._pendingSize -= len(mine)
        if self._pendingSize == 0:
            self._pendingBuffer = self._pendingSize = None
            self._parts.append(_contents(file))
            self.setLineMode(rest)

    # Responses

    def _regularDispatch(self, line: bytes) -> None:
        """
        A response that is one line.
        """
        self.dispatchCommand(*_split(line))

    def dispatchCommand(self, tag: bytes, rest: bytes) -> None:
        """
        A whole response, literals inside: for the method that serves the
        state.
        """
        name = f"response_{'UNAUTH' if self.state is None else self.state.upper()}"
        handler = getattr(self, name, None)
        try:
            if handler is None:
                raise IllegalServerResponse(f"No {name}() for {tag!r} {rest[:200]!r}")
            handler(tag, rest)
        except Exception as e:
            _log.failure("{name}() raised; the connection is closed", name=name)
            self._imapc.abort(e)

    def response_UNAUTH(self, tag: bytes, rest: bytes) -> None:
        """
        A response before authentication, the greeting first of all.
        """
        if self.state is None:
            _respond(self._imapc, tag, rest, True)
        else:
            self._defaultHandler(tag, rest)

    def response_AUTH(self, tag: bytes, rest: bytes) -> None:
        """
        A response afterwards.
        """
        self._defaultHandler(tag, rest)

    def _defaultHandler(self, tag: bytes, rest: bytes) -> None:
        """
        Give a response to the command that waits, or to the listeners.
        """
        session = self._imapc
        delivery = (session.reader or session.lines).delivery
        session.claimWaiting()
        if tag == b"*" and (
            delivery.isHooked("_extraInfo") or delivery.isHooked("_parseFetchPairs")
        ):
            delivery.respond(rest)
            return
        command = session.tags.get(tag) if session.tags else None
        if getattr(command, "lines", None):
            delivery.gather(command)
        _respond(session, tag, rest, False)

    def _extraInfo(self, lines: Iterable[Response]) -> None:
        """
        Tell the listeners what responses without a command say.
        """
        session = self._imapc
        flags: dict[int, list[str]] = {}
        exists = recent = None
        for response in lines:
            kind = _kind(response)
            if kind == b"READ-ONLY" or kind == b"READ-WRITE":
                session.tell("modeChanged", kind == b"READ-WRITE")
            elif kind == b"EXISTS":
                exists = int(response[0])
            elif kind == b"RECENT":
                recent = int(response[0])
            elif kind == b"EXPUNGE":
                session.tell("expunged", int(response[0]))
            elif kind == b"FETCH":
                try:
                    values, _ = self._parseFetchPairs(response[2])
                except Exception:
                    _log.failure(
                        "Malformed FETCH dropped: {response}", response=repr(response)[:200]
                    )
                    continue
                if "FLAGS" in values:
                    flags.setdefault(int(response[0]), []).extend(values["FLAGS"])
            else:
                _log.info(
                    "Unhandled unsolicited response: {response}", response=repr(response)[:200]
                )
        if flags:
            session.tell("flagsChanged", flags)
        if exists is not None or recent is not None:
            session.tell("newMessages", exists, recent)

    # FETCH

    def _cbFetch(
        self, result: tuple[list[Response], bytes], requestedParts: Any, structured: Any
    ) -> Any:
        """
        Make the result of a fetch method out of FETCH responses.
        """
        pairs: dict[int, list[Any]] = {}
        for response in result[0]:
            if len(response) == 3 and _upper(response[1]) == b"FETCH":
                number = self._intOrRaise(response[0], response)  # type: ignore[attr-defined]
                pairs.setdefault(number, []).extend(response[2])
        value, flags = resultOf(pairs, requestedParts, structured, self._parseFetchPairs)
        if flags:
            self._imapc.tell("flagsChanged", flags)
        return value

    def _parseFetchPairs(self, fetchResponseList: Sequence[Any]) -> Items:
        """
        The items of a FETCH response as a dict, and as a flat list.
        """
        return itemsOf(fetchResponseList)


def _contents(file: Any) -> bytes:
    """
    All that was written to what messageFile() gave.
    """
    if type(file) is BytesIO:
        # read() would copy it.
        return file.getvalue()
    file.seek(0, 0)
    octets: bytes = file.read()
    return octets


def _isDirect(client: LineHooks) -> bool:
    """
    Whether neither the class nor the client's own dict has a hook between
    lineReceived() and the grammar.
    """
    bound = client.__dict__
    # One by one, for each line: isdisjoint() takes twice as long.
    return (
        client._imapc.reader.isDirect
        and client.state in STATES
        and "response_UNAUTH" not in bound
        and "response_AUTH" not in bound
        and "_defaultHandler" not in bound
        and "dispatchCommand" not in bound
        and "_regularDispatch" not in bound
        and "_extraInfo" not in bound
        and "_parseFetchPairs" not in bound
    )


def _readByHand(client: LineHooks, line: bytes) -> None:
    """
    A program gives a line, while the connection reads octets.
    """
    session = client._imapc
    lines = session.lines
    lines.takeOver()
    # Whoever is reading now is not to go on with what was taken over.
    session.interrupted = True
    try:
        _read(client, line)
    finally:
        if session.reader is lines and not lines.areWanted():
            lines.giveBack()


def _read(client: LineHooks, line: bytes) -> None:
    """
    Frame one line, and dispatch the response that it ends, if it ends one.
    """
    session = client._imapc
    session.reader.inPlace = b""
    try:
        octets = session.parser.line(line)
    except ValueError as e:
        message, code = e.args
    else:
        _takeFramed(client, line, octets)
        return
    # Outside of except: else __context__ would keep these frames.
    session.framingLost(code, message, line[:200], 0)


def _takeFramed(client: LineHooks, line: bytes, octets: int | None) -> None:
    """
    Do what Parser.line() says of a line: C{octets}.
    """
    if octets is None and client._parts is None:
        # Servers send blank lines, and NULs in place of them.
        if line.strip(b"\0 \t\r"):
            client._regularDispatch(line)
    elif octets is None:
        client._parts.append(line)  # type: ignore[union-attr]
        _dispatchParts(client)
    elif octets == _ENDED_BEFORE:
        _dispatchParts(client)
        if not client._imapc.isOver():
            _read(client, line)
    else:
        text = line
        if client._parts is None:
            client._tag, text = _split(line)
        if octets == _NEXT_LINE_DECIDES:
            client._parts = client._parts or []
            client._parts.append(text)
        else:
            client._imapc.reader.inPlace = b"[%d octets]" % octets
            client._setupForLiteral(text, octets)


def _dispatchParts(client: LineHooks) -> None:
    """
    A response with literals is whole.
    """
    assert client._tag is not None and client._parts is not None
    tag, parts = client._tag, client._parts
    client._tag = client._parts = None
    if tag == b"*" and _isDirect(client):
        # A large literal is joined once, and not copied for its tag again.
        client._imapc.claimWaiting()
        _respond(client._imapc, None, b"".join((b"* ", *parts)), client.state is None)
    else:
        client.dispatchCommand(tag, b"".join(parts))


def _respond(session: Session, tag: bytes | None, rest: bytes, greeting: bool) -> None:
    event = session.parser.response(tag, rest, greeting)
    if event is not None:
        session.handle(event)


def _split(line: bytes) -> tuple[bytes, bytes]:
    """
    The tag, and the response behind it.
    """
    words = line.lstrip(b"\0").split(None, 1)
    return words[0] if words else b"", words[1] if len(words) > 1 else b""


def _upper(value: Any) -> bytes:
    return value.upper() if isinstance(value, bytes) else b""


def _kind(response: Response) -> bytes:
    """
    The keyword of a response for the listeners; empty for any other.
    """
    if len(response) == 1 and isinstance(response[0], list) and len(response[0]) == 1:
        code = _upper(response[0][0])
        return code if code in (b"READ-ONLY", b"READ-WRITE") else b""
    if len(response) > 1 and isinstance(response[0], bytes) and response[0].isdigit():
        keyword = _upper(response[1])
        length = 3 if keyword == b"FETCH" else 2
        if len(response) == length:
            return keyword
    return b""
