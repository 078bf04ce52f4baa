"""
The line path: for programs that override, or rebind, what Twisted's client
does with single lines.

Nothing else knows of it, but for a Command that a program ends by hand.
L{LineHooks} stands before L{Session} and takes the octets away from it as long
as somebody wants lines; it frames them with C{Parser.line()}, calls the hooks
with what Twisted would give them, and lets
C{Parser.response()} do the grammar.  The parts of an unfinished response are
in C{_tag} and C{_parts}, as in Twisted.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twisted.mail import imap4

from . import _commands
from ._commands import IllegalServerResponse, Response
from ._imapc import Parser
from ._logger import ConnectionLogger
from ._session import Session

_log = ConnectionLogger()

# What only the line path calls.  A class that overrides one of them, or any
# response_*, has its lines framed here.
_HOOKS = (
    "lineReceived",
    "rawDataReceived",
    "_regularDispatch",
    "_setupForLiteral",
    "setRawMode",
    "setLineMode",
    "messageFile",
    "dispatchCommand",
    "_defaultHandler",
    "response_UNAUTH",
    "response_AUTH",
    "_extraInfo",
    "_cbFetch",
    "_parseFetchPairs",
)
_HOOK_NAMES = frozenset(_HOOKS)

# Those between which and the parser no other hook lies.
_OUTERMOST = frozenset(("lineReceived", "rawDataReceived"))

# Those that see a literal come.
_RAW = frozenset(("rawDataReceived", "setRawMode", "setLineMode"))

# The hand-overs that Twisted has no use for in a command, and tells _extraInfo.
_UNUSED = frozenset(("mode", "unhandled", "bye"))

# The states of Twisted's client; a program may add others, with a response_*.
_STATES = (None, "unauth", "auth")

# What Parser.line() returns besides octets and None.
_NEXT_LINE_DECIDES = -1
_ENDED_BEFORE = -2

# What _imapcFrame() returns besides: a limit is exceeded.
_CLOSED = -3


class LineHooks(Session):
    """
    The hooks of Twisted's client, and the loop that calls them.
    """

    # Those of imap4.IMAP4Client that are used here.
    _tag: bytes | None
    _parts: list[bytes] | None
    _pendingBuffer: Any
    _pendingSize: int
    messageFile: Callable[[int], Any]

    def _imapcSetUp(self) -> None:
        super()._imapcSetUp()
        # What is not parsed yet: the rest of _imapcText behind _imapcAt, where lines are
        # taken from, and then _imapcBuffer (not bytes, as in LineReceiver, since a
        # line may come in many pieces), searched for LF up to _imapcSearched.
        self._imapcText = b""
        self._imapcAt = 0
        self._imapcBuffer: Any = bytearray()
        self._imapcSearched = 0
        self._imapcOnLines = False
        self._imapcUnused: list[Response] = []
        # What trace is told in place of the literal before the next line.
        self._imapcInPlace = b""
        self._imapcLookForHooks()

    # The choice between the two ways

    def makeConnection(self, transport: Any) -> None:
        """
        Connect to C{transport}.
        """
        # The class may have been patched since __init__().
        self._imapcLookForHooks()
        super().makeConnection(transport)

    def _imapcLookForHooks(self) -> None:
        self._imapcOverridden = _overriddenBy(type(self))
        # Whether the class has no hook between lineReceived() and the grammar.
        self._imapcDirect = self._imapcOverridden <= _OUTERMOST

    def _imapcHooked(self, name: str) -> bool:
        """
        Whether somebody has put a hook of their own in place of ours.
        """
        return name in self._imapcOverridden or name in self.__dict__

    def _imapcWantsLines(self) -> bool:
        """
        Whether the next octets are for the line path.
        """
        return bool(
            self._imapcOverridden
            or self._parts is not None
            or not self.line_mode
            or not _HOOK_NAMES.isdisjoint(self.__dict__)
            or (self.state is not None and f"response_{self.state.upper()}" in self.__dict__)
        )

    def _imapcChoose(self) -> None:
        """
        Go the way that is wanted now, with what is not parsed yet.
        """
        wanted = self._imapcWantsLines()
        if wanted and not self._imapcOnLines:
            self._imapcOnLines = True
            self._imapcBuffer[:0] = self._imapcParser.drain()
            self._imapcSearched = 0
        elif self._imapcOnLines and not wanted:
            unparsed = self.clearLineBuffer()
            self._imapcOnLines = False
            if unparsed:
                self._imapcParser.feed(unparsed)

    def _imapcMayGoOn(self) -> bool:
        if self._imapcCause is not None or self._imapcEnded is not None:
            return False
        return (
            self._imapcOnLines
            if self._imapcOverridden
            else self._imapcWantsLines() is self._imapcOnLines
        )

    def dataReceived(self, data: bytes) -> Any:
        """
        Take octets from the server, in the way that is wanted.
        """
        if self._imapcOver():
            return None
        if self._busyReceiving:
            if self._imapcOnLines:
                self._imapcBuffer += data
            else:
                super().dataReceived(data)
            return None
        while True:
            self._imapcChoose()
            if self._imapcOnLines:
                self._imapcBuffer += data
                why = self._imapcReceiveLines()
            else:
                why = super().dataReceived(data)
            data = b""
            if (
                self._imapcWantsLines() is self._imapcOnLines
                or self.paused
                or self._imapcClosing()
                or self._imapcOver()
            ):
                return why

    # LineReceiver, with LF as the end of a line and our limits

    def _imapcReceiveLines(self) -> Any:
        self._busyReceiving = True
        try:
            while not self.paused and self._imapcMayGoOn():
                if not self.line_mode:
                    data = self.clearLineBuffer()
                    why: Any = self.rawDataReceived(data) if data else None  # type: ignore
                elif self._imapcTakeText():
                    why = self._imapcLinesOfText()
                    if self._imapcClosing():
                        return why
                else:
                    return None
                if why or not (self._imapcBuffer or self._imapcText):
                    return why
            return None
        finally:
            self._imapcPutBack()
            self._busyReceiving = False

    def _imapcTakeText(self) -> bool:
        """
        Have at least one whole line in C{_imapcText}; False if there is none.
        """
        self._imapcPutBack()
        end = self._imapcBuffer.find(b"\n", self._imapcSearched)
        if end < 0:
            length = self._imapcSearched = len(self._imapcBuffer)
            self._imapcCheckLength(length - self._imapcBuffer.endswith(b"\r"), self._imapcBuffer)
            return False
        self._imapcText = bytes(self._imapcBuffer)
        self._imapcBuffer.clear()
        self._imapcSearched = 0
        return True

    def _imapcPutBack(self) -> None:
        """
        Have everything in C{_imapcBuffer} again.
        """
        if self._imapcText:
            self._imapcBuffer[:0] = self._imapcText[self._imapcAt :]
            self._imapcText = b""
            self._imapcAt = self._imapcSearched = 0

    def _imapcCheckLength(self, length: int, start: bytes) -> bool:
        """
        Close, and return False, where a line is too long.
        """
        if length <= self._imapcParser.maxLineLength:
            return True
        self._imapcFramingLost("too large", "line too long", bytes(start[:200]), 0)
        return False

    def _imapcLinesOfText(self) -> Any:
        """
        Give out the lines of C{_imapcText}, as far as somebody wants them.
        """
        # This loop is most of what a tracer costs.
        text, at = self._imapcText, self._imapcAt
        long = len(text) > self._imapcParser.maxLineLength
        while (end := text.find(b"\n", at)) >= 0:
            line = text[at : end - (end > at and text[end - 1] == 13)]
            self._imapcAt = end + 1
            if long and not self._imapcCheckLength(len(line), line):
                return None
            why: Any = self.lineReceived(line)  # type: ignore[func-returns-value]
            if (
                why
                or self.paused
                or self._imapcText is not text
                or getattr(self.transport, "disconnecting", False)
                or self._imapcCause is not None
                or self._imapcEnded is not None
                or not (self._imapcOverridden or self._imapcWantsLines())
                or not (self.line_mode or self._imapcLiteralOfText())
            ):
                return why
            at = self._imapcAt
        return None

    def _imapcLiteralOfText(self) -> bool:
        """
        Take the literal that comes next, where C{_imapcText} has all of it: so what
        follows it need not go through rawDataReceived(), which would copy it,
        if nobody overrides that.
        """
        if (
            self._parts is None
            or self._pendingBuffer is None
            or self._pendingSize > len(self._imapcText) - self._imapcAt
            or not self._imapcOverridden.isdisjoint(_RAW)
            or not self.__dict__.keys().isdisjoint(_RAW)
        ):
            return False
        start, self._imapcAt = self._imapcAt, self._imapcAt + self._pendingSize
        self.rawDataReceived(self._imapcText[start : self._imapcAt])
        return True

    def clearLineBuffer(self) -> bytes:
        """
        Take out, and return, the octets that are not parsed yet.
        """
        if not hasattr(self, "_imapcParser"):
            # A subclass begins with the __init__() of Twisted's class.
            self._imapcSetUp()
        if not self._imapcOnLines:
            return self._imapcParser.drain()
        self._imapcPutBack()
        unparsed = bytes(self._imapcBuffer)
        self._imapcBuffer.clear()
        self._imapcSearched = 0
        return unparsed

    def _imapcUnparsed(self) -> bool:
        return super()._imapcUnparsed() or bool(
            self._imapcBuffer or self._imapcText[self._imapcAt :]
        )

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
        if self._imapcOnLines:
            self._imapcBuffer += octets
        else:
            self._imapcParser.feed(octets)

    # The hooks, from the outside in

    def lineReceived(self, line: bytes) -> None:
        """
        Take one line, without its end; also by hand, between octets that came
        by dataReceived().

        @raise IllegalServerResponse: where framing is lost.
        """
        if self.timeout > 0:
            self.resetTimeout()
        if self.trace is not None:
            self._imapcTraced("S", (self._imapcInPlace + line,))
        if not self._imapcOnLines:
            self._imapcOnLines = True
            self._imapcBuffer[:0] = self._imapcParser.drain()
            try:
                self._imapcLine(line)
            finally:
                self._imapcChoose()
        elif self._imapcNothingBetween():
            # The way of nearly all lines of a tracer.
            self._imapcClaim()
            handOver = self._imapcParser.untagged(line, self.state is None)
            if handOver is False:
                self._imapcLine(line)
            elif handOver is not None:
                self._imapcHandle(handOver)
        else:
            self._imapcLine(line)

    def _imapcLine(self, line: bytes) -> None:
        # All lines behind a literal come here.
        self._imapcInPlace = b""
        self._imapcClaim()
        octets = self._imapcFrame(line)
        if octets is None and self._parts is None:
            # Servers send blank lines, and NULs in place of them.
            if line.strip(b"\0 \t\r"):
                self._regularDispatch(line)
        elif octets is None and self._parts is not None:
            self._parts.append(line)
            self._imapcEndOfResponse()
        elif octets == _ENDED_BEFORE:
            self._imapcEndOfResponse()
            if not self._imapcOver():
                self._imapcLine(line)
        elif octets is not None and octets != _CLOSED:
            text = line
            if self._parts is None:
                self._tag, text = _split(line)
            if octets >= 0:
                self._imapcInPlace = b"[%d octets]" % octets
            if octets == _NEXT_LINE_DECIDES:
                self._parts = self._parts or []
                self._parts.append(text)
            else:
                self._setupForLiteral(text, octets)

    def _imapcNothingBetween(self) -> bool:
        """
        Whether a line can go straight to the grammar.
        """
        bound = self.__dict__
        # One by one, for each line: isdisjoint() takes twice as long.
        return (
            self._imapcDirect
            and self.state in _STATES
            and "response_UNAUTH" not in bound
            and "response_AUTH" not in bound
            and "_defaultHandler" not in bound
            and "dispatchCommand" not in bound
            and "_regularDispatch" not in bound
            and "_extraInfo" not in bound
            and "_parseFetchPairs" not in bound
        )

    def _imapcFrame(self, line: bytes) -> int | None:
        try:
            return self._imapcParser.line(line)
        except ValueError as e:
            message, code = e.args
        # Not in there, where its context would be e, and keep these frames.
        self._imapcFramingLost(code, message, line[:200], 0)
        return _CLOSED

    def _imapcEndOfResponse(self) -> None:
        assert self._tag is not None and self._parts is not None
        tag, text = self._tag, b"".join(self._parts)
        self._tag = self._parts = None
        self.dispatchCommand(tag, text)

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
            self._pendingBuffer = self._pendingSize = None  # type: ignore[assignment]
            file.seek(0, 0)
            self._parts.append(file.read())
            self.setLineMode(rest)

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
            self._imapcAbort(e)

    def response_UNAUTH(self, tag: bytes, rest: bytes) -> None:
        """
        A response before authentication, the greeting first of all.
        """
        if self.state is None:
            self._imapcRespond(tag, rest, True)
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
        self._imapcClaim()
        if tag == b"*" and (
            self._imapcHooked("_extraInfo") or self._imapcHooked("_parseFetchPairs")
        ):
            self._imapcRespondWithExtraInfo(rest)
        else:
            self._imapcRespond(tag, rest, False)

    def _imapcRespond(self, tag: bytes, rest: bytes, greeting: bool) -> None:
        handOver = self._imapcParser.response(tag, rest, greeting)
        if handOver is not None:
            self._imapcHandle(handOver)

    # _extraInfo

    def _imapcRespondWithExtraInfo(self, rest: bytes) -> None:
        """
        An untagged response, where C{_extraInfo} has to be told what neither
        a command nor a listener gets directly.
        """
        if self._imapcClaimed is not None:
            # Twisted tells these when the command is done.
            self._imapcUnused += self._imapcCollect(self._imapcClaimed, rest)
            return
        values = self._imapcValues(rest)
        if values and not self._imapcLacksTLS():
            self._extraInfo(values)
        if rest[:4].upper() in (b"BYE", b"BYE "):
            self._imapcRespond(b"*", rest, False)

    def _imapcFinishByHand(self, command: Any, answer: bytes, unusedCallback: Any) -> None:
        """
        End a command of ours, for a program that routes answers by itself.
        """
        unused = self._imapcCollectLines(command)
        # SELECT looks at its tagged answer too.
        self._imapcParser.response(b"A", answer)
        self._imapcComplete(command, b"OK", b"", answer)
        if unused:
            unusedCallback(unused)

    def _imapcComplete(self, command: Any, status: bytes, text: bytes, answer: bytes) -> None:
        if isinstance(command, _commands.Command) and command.lines:
            self._imapcUnused += self._imapcCollectLines(command)
        super()._imapcComplete(command, status, text, answer)

    def _imapcCollectLines(self, command: Any) -> list[Response]:
        """
        Let the parser collect what a program kept in C{lines} of a command of
        ours, where Twisted keeps it.

        @return: what the command has no use for.
        """
        unused: list[Response] = []
        if command is not self._imapcClaimed:
            self._imapcParser.expect(self._imapcShapeOf(command))
            self._imapcClaimed = command
        lines, command.lines = command.lines, []
        for response in lines:
            unused += self._imapcCollect(command, response)
        return unused

    def _imapcCollect(self, command: Any, rest: bytes) -> list[Response]:
        """
        Let the parser collect one response for C{command}, which waits.

        @return: what it has no use for.
        """
        handOver = self._imapcParser.response(b"*", rest)
        if handOver is None:
            return []
        unused = handOver[0] in _UNUSED and isinstance(command, _commands.Command)
        if not unused or handOver[0] == "bye":
            self._imapcHandle(handOver)
        return self._imapcUnwanted(command, rest) if unused else []

    def _imapcValues(self, rest: bytes) -> list[Response]:
        """
        One response as a nested list; none if it is malformed.
        """
        try:
            return [self._imapcParser.values(rest)]
        except ValueError as e:
            self._imapcMalformed(e.args[0], rest[:200], e.args[1])
            return []

    def _imapcUnwanted(self, command: Any, rest: bytes) -> list[Response]:
        """
        One response, unless C{command} would have collected it in Twisted.
        """
        return [one for one in self._imapcValues(rest) if not _commands.wanted(command, one)]

    def _imapcForget(self) -> None:
        super()._imapcForget()
        self._imapcUnused.clear()

    def _imapcAnswered(self, tag: bytes) -> None:
        unused, self._imapcUnused = self._imapcUnused, []
        if unused and not self._imapcLacksTLS():
            self._extraInfo(unused)
        super()._imapcAnswered(tag)

    def _extraInfo(self, lines: Iterable[Response]) -> None:
        """
        Tell the listeners what responses without a command say.
        """
        flags: dict[int, list[str]] = {}
        exists = recent = None
        for response in lines:
            kind = _kind(response)
            if kind == b"READ-ONLY" or kind == b"READ-WRITE":
                self._imapcTell("modeChanged", kind == b"READ-WRITE")
            elif kind == b"EXISTS":
                exists = int(response[0])
            elif kind == b"RECENT":
                recent = int(response[0])
            elif kind == b"EXPUNGE":
                self._imapcTell("expunged", int(response[0]))
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
            self._imapcTell("flagsChanged", flags)
        if exists is not None or recent is not None:
            self._imapcTell("newMessages", exists, recent)

    # FETCH, for who overrides _cbFetch or _parseFetchPairs

    def _imapcShapeOf(self, command: Any) -> str | None:
        shape = super()._imapcShapeOf(command)
        if shape is not None and shape.startswith("fetch"):
            command.forCbFetch = self._imapcHooked("_cbFetch") or self._imapcHooked(
                "_parseFetchPairs"
            )
            return "raw" if command.forCbFetch else shape
        return shape

    def _imapcResult(self, command: Any, value: Any, answer: bytes) -> Any:
        if not getattr(command, "forCbFetch", False):
            return super()._imapcResult(command, value, answer)
        send, unused, problem = _commands.sortOut(command, value, self._imapcParser)
        if problem is not None:
            raise problem
        self._imapcUnused += _commands.withoutDelivered(unused)
        return self._cbFetch((send, answer), command.terms, command.shape != "fetch-flat")

    def _imapcRefused(self, command: Any, value: Any) -> None:
        super()._imapcRefused(command, value)
        self._imapcUnused.clear()
        if getattr(command, "forCbFetch", False):
            # Its flags are news all the same.
            parser = Parser()
            parser.expect(command.shape)
            for response in value:
                parser.response(b"*", response)
            collected, flags, _ = parser.take()
            flags = flags or _commands.flagsAskedFor(command.shape, collected)
            if flags:
                self._imapcTell("flagsChanged", flags)

    def _cbFetch(
        self, result: tuple[list[Response], bytes], requestedParts: Any, structured: Any
    ) -> Any:
        """
        Make the result of a fetch method out of FETCH responses.
        """
        items: dict[int, list[Any]] = {}
        for response in result[0]:
            if len(response) == 3 and _upper(response[1]) == b"FETCH":
                number = self._intOrRaise(response[0], response)  # type: ignore[attr-defined]
                items.setdefault(number, []).extend(response[2])
        structuredResult: dict[int, dict[Any, Any]] = {}
        flatResult: dict[int, list[list[Any]]] = {}
        flagChanges: dict[int, Any] = {}
        for number, pairs in items.items():
            values, flat = self._parseFetchPairs(pairs)
            if "FLAGS" in values and "FLAGS" not in requestedParts:
                flagChanges[number] = values.pop("FLAGS")
                at = flat.index("FLAGS")
                flat[at : at + 2] = []
                if values:
                    structuredResult[number] = values
            else:
                structuredResult[number] = values
            flatResult[number] = [flat]
        if flagChanges:
            self._imapcTell("flagsChanged", flagChanges)
        return structuredResult if structured else flatResult

    def _parseFetchPairs(
        self, fetchResponseList: Sequence[Any]
    ) -> tuple[dict[Any, Any], list[Any]]:
        """
        The items of a FETCH response as a dict, and as a flat list.
        """
        return _commands.fetchItems(fetchResponseList)


# What is ours, against which classes are compared.
_OURS = {name: vars(LineHooks).get(name) or getattr(imap4.IMAP4Client, name) for name in _HOOKS}

# Nobody looks for a response_* there.
_WITHOUT_RESPONSES = frozenset(LineHooks.__mro__)


def _overriddenBy(cls: type) -> frozenset[str]:
    """
    The hooks that a class has of its own, in itself or in a mixin.
    """
    # Looked at for each client: programs patch classes, and put them right again.
    hooks = [name for name in _HOOKS if getattr(cls, name, None) is not _OURS[name]]
    hooks += sorted(
        name
        for base in cls.__mro__
        if base not in _WITHOUT_RESPONSES
        for name in base.__dict__
        if name[:9] == "response_" and name not in _HOOK_NAMES
    )
    if hooks and cls.__dict__.get("_imapcLogged") != hooks:
        cls._imapcLogged = hooks  # type: ignore[attr-defined]
        _log.info(
            "{cls} has its responses parsed line by line, which is slower, because of"
            " {places}; to see what is sent and received, trace= does without",
            cls=f"{cls.__module__}.{cls.__qualname__}",
            places=", ".join(_place(cls, name) for name in hooks),
        )
    return frozenset(hooks)


def _place(cls: type, name: str) -> str:
    """
    A hook with the place of its definition.
    """
    hook = inspect.getattr_static(cls, name)
    code = getattr(inspect.unwrap(getattr(hook, "func", hook)), "__code__", None)
    return name if code is None else f"{name} ({code.co_filename}:{code.co_firstlineno})"


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
