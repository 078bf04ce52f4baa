"""
The session: octets, tags, the queue, timeouts, cancellation, and the end of
the connection.  It knows no verb but those that the connection itself hangs
on.

What the parser hands over is passed on by L{Session._imapcHandle}, to the command
that waits or to a listener.  A subclass owns all names that Twisted's client does
not have: those of ours begin with _imapc.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from twisted.internet import defer, error
from twisted.internet.interfaces import ISSLTransport, ITransport
from twisted.internet.protocol import connectionDone
from twisted.protocols import basic, policies
from twisted.python.failure import Failure

from . import _commands, _encode
from ._commands import IllegalServerResponse, IMAP4Exception, ResponseTooLarge, illegal
from ._imapc import Parser
from ._logger import ConnectionLogger
from ._trace import Conversation, callee

_log = ConnectionLogger()

_MiB = 1024 * 1024

# Answers with tags that are answered already, or not ours.
_MAX_STRAY_ANSWERS = 100

# Tags as makeTag() makes them.
_OWN_TAG = re.compile(rb"[0-9A-F]{4,}")


class Session(basic.LineReceiver, policies.TimeoutMixin):
    """
    One connection to a server: commands go out one at a time, and each gets
    what the parser collected for it.

    @cvar maxLineLength: octets of one line; more close the connection with
        L{ResponseTooLarge}, as do the next two.
    @cvar maxLiteralSize: octets of one literal.
    @cvar maxResponseSize: octets of one response.
    @cvar maxDepth: nesting of parentheses; more fail the command, as do the
        next two.
    @cvar maxListsPerResponse: lists in one response.
    @cvar maxElementsPerResponse: elements in one response.
    @cvar tlsHostname: the name (str) that the server's certificate has to be
        for, when startTLS() or login() begin TLS.  With None nothing is
        verified, unless startTLS() or __init__() are given a context.
    @cvar requireTLS: without TLS no command is sent but CAPABILITY, NOOP,
        LOGOUT and STARTTLS, and no listener is told anything.  C{tlsHostname}
        implies it.
    @cvar trace: called with C{"C"} or C{"S"}, for client or server, and one
        line of bytes that was said; None for nobody.  Passwords and literals
        are left out: see L{twisted_imapc._trace}.  It may be a function of
        these two or a method, on the class or on the instance.
    """

    maxLineLength = 32 * _MiB
    maxLiteralSize = 256 * _MiB
    maxResponseSize = 512 * _MiB
    maxDepth = 128
    maxListsPerResponse = 250_000
    maxElementsPerResponse = 5_000_000

    tlsHostname: str | None = None
    requireTLS = False

    trace: Callable[[str, bytes], object] | None = None

    transport: Any

    # Those of imap4.IMAP4Client that are used here.
    tags: dict[bytes, Any] | None
    queued: list[Any] | None
    waiting: bytes | None
    tagID: int
    state: str | None
    timeout: float
    startedTLS: bool
    _capCache: dict[bytes, Any] | None
    _lastCmd: Any
    _extraInfo: Callable[..., Any]
    serverGreeting: Callable[..., Any]
    makeTag: Callable[[], bytes]

    # Fires with this client after its greeting, or fails with the cause.
    _imapcGreetingDeferred: defer.Deferred[Any] | None = None

    def _imapcSetUp(self) -> None:
        """
        Everything that a session starts with.
        """
        self._imapcParser = Parser()
        # The command that the parser collects for.
        self._imapcClaimed: Any = None
        # Why we close, or why the server said that it would.
        self._imapcCause: BaseException | None = None
        self._imapcContinuationRaised = False
        self._imapcGoodbye: IMAP4Exception | None = None
        self._imapcEnded: Failure | None = None
        # Whether nobody is to hear what comes of that.
        self._imapcUnheard = False
        self._imapcStrayAnswers = 0
        self._imapcAnsweredAhead: deque[bytes] = deque(maxlen=256)
        self._imapcTransfer: defer.Deferred[Any] | None = None
        self._imapcConversation = Conversation()
        # What modeChanged() is told when the command is done.
        self._imapcModes: list[bool] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """
        See to it that the Deferreds fire also where a connectionLost() does
        not call that of its base, in C{cls} or in a mixin.
        """
        super().__init_subclass__(**kwargs)
        theirs = inspect.getattr_static(cls, "connectionLost")
        if not getattr(theirs, "_endsSession", False):
            cls.connectionLost = _endingSession(theirs)  # type: ignore[method-assign]

    # Octets

    def makeConnection(self, transport: ITransport) -> None:
        """
        Connect to C{transport}; the limits are those of this moment.
        """
        if not hasattr(self, "_imapcParser"):
            # A subclass has called the __init__() of Twisted's class.
            self._imapcSetUp()
        elif self._imapcEnded is not None:
            # This is not its first connection.
            self._imapcSetUp()
            self._capCache = None
        self._imapcSetLimits()
        super().makeConnection(transport)
        # connectionMade() is where programs set MAX_LENGTH.
        self._imapcSetLimits()
        if self._imapcEnded is not None:
            # Lost there, and then the timeout began.
            self.setTimeout(None)

    def _imapcSetLimits(self) -> None:
        parser = self._imapcParser
        parser.maxLineLength = max(self.maxLineLength, self.MAX_LENGTH)
        parser.maxResponseSize = max(self.maxResponseSize, self.MAX_LENGTH)
        parser.maxLiteralSize = self.maxLiteralSize
        parser.maxDepth = self.maxDepth
        parser.maxListsPerResponse = self.maxListsPerResponse
        parser.maxElementsPerResponse = self.maxElementsPerResponse

    def dataReceived(self, data: bytes) -> None:
        """
        Take octets from the server.

        @raise IllegalServerResponse: where framing is lost; the connection is
            closed, and each Deferred will fail with this exception.  One that
            fails with L{ResponseTooLarge} is not raised here.
        """
        if self._imapcOver():
            # The transport may go on for a while; nobody reads it any more.
            return
        if data:
            self._imapcParser.feed(data)
            if self.timeout > 0:
                self.resetTimeout()
        if self._busyReceiving:
            return
        self._busyReceiving = True
        try:
            while not self.paused and self._imapcMayGoOn():
                self._imapcClaim()
                if self.trace is None:
                    handOver = self._imapcParser.next(self.state is None)
                else:
                    handOver = self._imapcNextTraced()
                if handOver is None:
                    break
                self._imapcHandle(handOver)
                if self._imapcClosing():
                    break
        finally:
            self._busyReceiving = False

    def _imapcNextTraced(self) -> tuple[Any, ...] | None:
        texts: list[bytes] = []
        handOver = self._imapcParser.next(self.state is None, texts)
        if texts and handOver is not None and handOver[0] == "error":
            # Where framing is lost, what follows came along.
            texts[-1] = texts[-1].partition(b"\n")[0].rstrip(b"\r")
        self._imapcTraced("S", texts)
        return handOver

    def _imapcTraced(self, who: str, texts: Iterable[bytes]) -> None:
        """
        Tell trace what was said.
        """
        trace = None if self.trace is None else callee(self.trace, self)
        for text in texts:
            # A line break in quotes is one all the same.
            for line in text.splitlines() if b"\n" in text else (text,):
                # One of the calls before may have ended it.
                if trace is not None and self.trace is not None:
                    try:
                        trace(who, line)
                    except Exception:
                        _log.failure("trace() raised")

    def sendLine(self, line: bytes) -> None:
        """
        Write one line, and what ends it.
        """
        octets = line + self.delimiter
        self._imapcTraced("C", self._imapcConversation.sent(line))
        self.transport.write(octets)

    def _imapcOver(self) -> bool:
        """
        Whether nothing more is to be parsed.
        """
        return self._imapcCause is not None or self._imapcEnded is not None

    def _imapcMayGoOn(self) -> bool:
        """
        Whether the next response is to be parsed, here and now.
        """
        return not self._imapcOver()

    def _imapcClosing(self) -> bool:
        return bool(getattr(self.transport, "disconnecting", False))

    def _imapcWaits(self) -> Any:
        """
        The command whose answer comes next; None if nobody waits.
        """
        tags = self.tags
        return tags.get(self.waiting) if tags and self.waiting else None

    def _imapcClaim(self) -> None:
        """
        Let the parser collect for the command that waits now; a user's own
        sendCommand() or _flushQueue() may have sent it.
        """
        command = self._imapcWaits()
        if command is not self._imapcClaimed:
            self._imapcClaimed = command
            self._imapcParser.expect(self._imapcShapeOf(command))

    # What the parser hands over

    def _imapcHandle(self, handOver: tuple[Any, ...]) -> None:
        """
        Pass one hand-over on.
        """
        if self._imapcEnded is not None:
            # Lost by what was called with it: trace(), lineReceived().
            return
        if handOver[0] == "error":
            self._imapcFramingLost(*handOver[1:])
            return
        try:
            self._imapcHandlers[handOver[0]](self, *handOver[1:])
        except Exception as e:
            # Nothing of ours raises, but what a subclass overrides may.
            _log.failure("{event} raised; the connection is closed", event=handOver[0])
            self._imapcAbort(e)

    def _imapcFramingLost(self, code: str, message: str, wire: bytes, offset: int) -> None:
        """
        Close.  Only what breaks the protocol is raised, as in Twisted: a reactor
        would log a traceback for each server that exceeds a limit.
        """
        kind = ResponseTooLarge if code == "too large" else IllegalServerResponse
        problem = illegal(message, wire, offset, kind=kind)
        self._imapcAbort(problem)
        if kind is not ResponseTooLarge:
            raise problem
        self.lineLengthExceeded(wire)

    def _imapcGreeted(
        self, status: bytes | None, capabilities: dict[bytes, Any] | None, text: bytes
    ) -> None:
        if status == b"OK":
            self.state = "unauth"
        elif status == b"PREAUTH":
            if self._imapcLacksTLS():
                # RFC 9051, section 11.1: STARTTLS is too late now.
                problem = "TLS is required, and the server's PREAUTH rules STARTTLS out"
                self._imapcAbort(IMAP4Exception(problem))
                return
            self.state = "auth"
        elif status == b"BYE":
            self._imapcAbort(IMAP4Exception(text))
            return
        else:
            self._imapcAbort(illegal("not a greeting", text[:200], 0))
            return
        if capabilities is not None:
            self._capCache = capabilities
        self._imapcWelcome(capabilities)

    def _imapcWelcome(self, capabilities: dict[bytes, Any] | None) -> None:
        """
        The user may begin.
        """
        self.serverGreeting(capabilities)
        d, self._imapcGreetingDeferred = self._imapcGreetingDeferred, None
        if d is not None:
            d.callback(self)

    def _imapcIsSecure(self) -> bool:
        return self.startedTLS or ISSLTransport(self.transport, None) is not None

    def _imapcLacksTLS(self) -> bool:
        """
        Whether there has to be TLS, and is none.
        """
        return (self.requireTLS or self.tlsHostname is not None) and not self._imapcIsSecure()

    def _imapcForget(self) -> None:
        """
        TLS has begun: what was said in the clear does not count any more.
        """
        self._capCache = None
        self._imapcModes.clear()

    def _imapcTagged(self, tag: bytes, status: bytes, text: bytes, answer: bytes) -> None:
        self._imapcConversation.answered(tag)
        command = self.tags.get(tag) if self.tags else None
        if command is None:
            self._imapcStrayAnswer(tag, answer)
        elif status == b"OK" and self._imapcPlaintextLeft(command):
            self._imapcAbort(illegal("octets in the clear after the STARTTLS OK", answer[:200], 0))
        else:
            self._imapcComplete(command, status, text, answer)
            self._imapcAnswered(tag)

    def _imapcComplete(self, command: Any, status: bytes, text: bytes, answer: bytes) -> None:
        """
        Fire the Deferred of a command that has its answer.
        """
        value, flags, problem = self._imapcCollected(command)
        if flags:
            self._imapcTell("flagsChanged", flags)
        own = isinstance(command, _commands.Command)
        if not own:
            # Behind these is what a handler of the program's put there.
            command.lines[:0] = value
        if status != b"OK":
            self._imapcRefused(command, value)
            _commands.fail(command, IMAP4Exception(text))
        elif problem is not None:
            message, wire, offset = problem
            _commands.fail(command, illegal(message, wire, offset, value))
        elif own:
            try:
                result = self._imapcResult(command, value, answer)
            except Exception:
                _commands.fail(command, Failure())
            else:
                _commands.succeed(command, (result, answer))
        else:
            _commands.finishForeign(command, answer, self._imapcParser, self._extraInfo)

    def _imapcShapeOf(self, command: Any) -> str | None:
        """
        In which shape the responses to C{command} are wanted.
        """
        return _commands.shapeOf(command)

    def _imapcResult(self, command: Any, value: Any, answer: bytes) -> Any:
        """
        What a command of ours gets out of what the parser collected.
        """
        return value

    def _imapcRefused(self, command: Any, value: Any) -> None:
        """
        What was collected for a command to which the server said NO or BAD.
        """
        # Twisted's listeners hear of no mode then.
        self._imapcModes.clear()
        flags = _commands.flagsAskedFor(self._imapcShapeOf(command), value)
        if flags:
            self._imapcTell("flagsChanged", flags)

    def _imapcCollected(self, command: Any) -> tuple[Any, Any, Any]:
        """
        What the parser collected for C{command}.
        """
        if command is self._imapcClaimed:
            self._imapcClaimed = None
            collected = self._imapcParser.take()
            self._imapcParser.expect(None)
            return collected
        # It never was the one that waited, so it has the shape of nothing.
        parser = Parser()
        parser.expect(self._imapcShapeOf(command))
        return parser.take()

    def _imapcPlaintextLeft(self, command: Any) -> bool:
        return _commands.endsPlaintext(command) and self._imapcUnparsed()

    def _imapcUnparsed(self) -> bool:
        """
        Whether there are octets that nobody has looked at.
        """
        return self._imapcParser.pending > 0

    def _imapcAnswered(self, tag: bytes) -> None:
        """
        A command is done: send the next.
        """
        modes, self._imapcModes = self._imapcModes, []
        for writeable in modes:
            self._imapcTell("modeChanged", writeable)
        if self.tags is None:
            # Lost while its Deferred fired.
            return
        self.tags.pop(tag, None)
        if _OWN_TAG.fullmatch(tag) and int(tag, 16) >= self.tagID:
            self._imapcAnsweredAhead.append(tag)
        if self._imapcGoodbye is not None:
            self._imapcAbort(self._imapcGoodbye)
        elif self.waiting in self.tags:
            # A program that sends two at once: the other one still waits.
            pass
        elif self._imapcTransfer is not None:
            # An APPEND was answered while its message goes out; the next
            # command must not get into it.
            self._imapcTransfer.addCallback(self._imapcNext).addErrback(
                self._imapcContinuationFailed
            )
        else:
            self._imapcNext(True)

    def _imapcNext(self, sent: bool) -> None:
        """
        Nobody waits any more.

        @param sent: whether all of the last command went out.
        """
        self.waiting = None
        if sent and self.tags is not None and self._imapcCause is None:
            self._flushQueue()

    def _imapcStrayAnswer(self, tag: bytes, answer: bytes) -> None:
        """
        Nobody waits for this answer.
        """
        line = b"%b %b" % (tag, answer)
        self._imapcStrayAnswers += 1
        if (
            _OWN_TAG.fullmatch(tag)
            and int(tag, 16) >= self.tagID
            and tag not in self._imapcAnsweredAhead
        ):
            self._imapcAbort(illegal("an answer to a command not sent yet", line[:200], 0))
        elif self._imapcStrayAnswers > _MAX_STRAY_ANSWERS:
            self._imapcAbort(illegal("too many answers to no command", line[:200], 0))
        else:
            _log.info("Answer to no command dropped: {wire!r}", wire=line[:200])

    def _imapcStrayLine(self, word: bytes, rest: bytes) -> None:
        command = self.tags.get(word) if self.tags else None
        if command is None:
            _log.info("Line that is no response dropped: {wire!r}", wire=rest[:200])
            return
        problem = illegal("unknown status", rest[:200], 0)
        _commands.fail(command, problem)
        self._imapcAbort(problem)

    def _imapcContinue(self, text: bytes) -> None:
        command = self._imapcWaits()
        if (
            command is None
            or self._imapcTransfer is not None
            or not _commands.wantsContinuation(command)
        ):
            _log.info("Continuation request that nobody waits for ignored")
            return
        try:
            command.continuation(text)
        except Exception:
            self._imapcContinuationFailed(Failure())

    def _imapcSending(self, transfer: defer.Deferred[Any]) -> defer.Deferred[Any]:
        """
        Something longer is being sent: until it is through, nothing else is.
        """
        self._imapcTransfer = transfer
        return transfer.addCallbacks(self._imapcTransferred, self._imapcContinuationFailed)

    def _imapcTransferred(self, result: object) -> bool:
        self._imapcTransfer = None
        return True

    def _imapcContinuationFailed(self, failure: Failure) -> bool:
        self._imapcTransfer = None
        if failure.check(_commands.TransferStopped):
            # The connection is lost, and says so itself.
            return False
        _log.failure("A continuation failed; the connection is closed", failure)
        self._imapcContinuationRaised = self._imapcCause is None
        self._imapcAbort(failure.value or error.ConnectionDone())
        return False

    def _imapcBye(self, text: bytes) -> None:
        """
        The server will close.
        """
        command = self._imapcWaits()
        if command is None:
            self._imapcAbort(IMAP4Exception(text))
        elif _commands.expectsBye(command):
            _commands.byeCame(command)
        elif self._imapcGoodbye is None:
            self._imapcGoodbye = IMAP4Exception(text)

    def _imapcTell(self, listener: str, *args: object) -> None:
        """
        Call a listener; one that raises harms nobody else.
        """
        if self._imapcEnded is not None or self._imapcLacksTLS():
            # Who is between us and the server may have said it.
            return
        try:
            getattr(self, listener)(*args)
        except Exception:
            _log.failure("{listener}() raised", listener=f"{type(self).__name__}.{listener}")

    def _imapcCounts(self, exists: int | None, recent: int | None) -> None:
        if not _commands.selects(self._imapcClaimed):
            self._imapcTell("newMessages", exists, recent)

    def _imapcMode(self, writeable: bool) -> None:
        """
        During a command, modeChanged() is told behind its Deferred, as in
        Twisted.
        """
        if self._imapcClaimed is None:
            self._imapcTell("modeChanged", writeable)
        else:
            self._imapcModes.append(writeable)

    def _imapcUnhandled(self, wire: bytes) -> None:
        _log.info("Unhandled unsolicited response: {wire!r}", wire=wire)

    def _imapcMalformed(self, message: str, wire: bytes, offset: int) -> None:
        _log.warn(
            "Malformed response dropped: {wire!r}: {message} at {offset}",
            wire=wire,
            message=message,
            offset=offset,
        )

    _imapcHandlers: ClassVar[dict[str, Callable[..., None]]] = {
        "greeting": _imapcGreeted,
        "tagged": _imapcTagged,
        "stray": _imapcStrayLine,
        "+": _imapcContinue,
        "exists": lambda self, n: self._imapcCounts(n, None),
        "recent": lambda self, n: self._imapcCounts(None, n),
        "expunge": lambda self, n: self._imapcTell("expunged", n),
        "flags": lambda self, flags: self._imapcTell("flagsChanged", flags),
        "mode": _imapcMode,
        "bye": _imapcBye,
        "unhandled": _imapcUnhandled,
        "bad": _imapcMalformed,
    }

    # Commands

    def sendCommand(self, cmd: Any) -> defer.Deferred[Any]:
        """
        Send C{cmd}, or queue it while another one waits for its answer.

        @type cmd: L{imap4.Command}
        @raise ValueError: where C{cmd.args} holds CR, LF or NUL outside of a
            literal.
        @return: fires with what the command's C{finish} gives it; fails with
            L{imap4.IMAP4Exception} for NO and BAD (RFC 9051, section 7.1),
            L{imap4.IllegalServerResponse} for an answer that breaks the
            protocol, and with the cause when the connection is lost.
        """
        if self._imapcOver():
            # The transport may take its time, or for ever, to be lost.
            return defer.fail(self._imapcReason())
        if not isinstance(cmd, _commands.Command):
            _encode.checkRaw(cmd.command, "command")
            _encode.checkRaw(cmd.args, "args")
        d: defer.Deferred[Any] = defer.Deferred(functools.partial(self._imapcCancelled, cmd))
        cmd.defer = d
        if self.waiting:
            assert self.queued is not None
            # What waits for TLS may be queued already.
            first = _commands.endsPlaintext(cmd) and self._imapcLacksTLS()
            self.queued.insert(0 if first else len(self.queued), cmd)
        else:
            self._imapcSend(cmd)
        return d

    def _imapcSend(self, command: Any) -> None:
        """
        Give C{command} a tag and write it.
        """
        if self._imapcLacksTLS() and _commands.verb(command) not in _commands.BEFORE_TLS:
            name = _commands.verb(command).decode("latin-1")
            problem = f"{name} is not sent: TLS is required, and this connection has none"
            _commands.fail(command, IMAP4Exception(problem))
            return
        tag = self.makeTag()
        line = command.format(tag)
        if self.tags is None:
            # makeTag() may do what it likes.
            _commands.fail(command, self._imapcReason())
            return
        if self.waiting:
            # It has sent one, and maybe announced a literal.
            assert self.queued is not None
            self.queued.insert(0, command)
            return
        # A transport may answer before sendLine() returns.
        self.tags[tag] = command
        self.waiting = tag
        self._lastCmd = command
        try:
            self.sendLine(line)
        except BaseException:
            if self.tags is not None:
                self.tags.pop(tag, None)
            if self.waiting == tag:
                self.waiting = None
            raise

    def _flushQueue(self) -> None:
        """
        Send the next command that is queued.
        """
        while self.queued and not self.waiting:
            command = self.queued.pop(0)
            try:
                self._imapcSend(command)
            except Exception:
                # Its caller is gone; the others need not suffer from it.
                _commands.fail(command, Failure())
            except BaseException:
                # It is in no queue any more.
                _commands.fail(command, Failure())
                raise

    def _imapcCancelled(self, command: Any, d: defer.Deferred[Any]) -> None:
        """
        Never send it if it is queued; otherwise its answer finds no Deferred.
        """
        command.defer = _commands.nobodysDeferred(command)
        if self.queued:
            self.queued[:] = [one for one in self.queued if one is not command]
        if _commands.endsPlaintext(command) and command in (self.tags or {}).values():
            # The server will speak TLS, and nobody will begin it here.
            self._imapcAbort(defer.CancelledError())

    def timeoutConnection(self) -> None:
        """
        The server was silent for C{timeout} seconds.
        """
        # Not imap4.TIMEOUT_ERROR: once raised, that would keep this client.
        self._imapcCause = self._imapcCause or self._imapcGoodbye or error.TimeoutError()
        for command in [*(self.tags or {}).values(), *(self.queued or ())]:
            if command is not None:
                _commands.end(command, self._imapcReason())
        self._imapcHangUp()

    # The end

    def _imapcAbort(self, cause: BaseException) -> None:
        """
        Close; C{cause} is for every Deferred that has not fired by then.
        """
        if self._imapcCause is None:
            self._imapcCause = cause
        if self.transport is not None:
            self._imapcHangUp()

    def _imapcHangUp(self) -> None:
        """
        Close for a bad reason.
        """
        if ISSLTransport(self.transport, None) is None and self._imapcTransfer is None:
            self.transport.loseConnection()
        elif self._imapcEnded is None:
            # loseConnection() would wait for the server's end of TLS, or for
            # all of a message to be sent, and a server that hears nothing any
            # more lets it wait for ever.
            abort = getattr(self.transport, "abortConnection", self.transport.loseConnection)
            abort()

    def connectionLost(self, reason: Any) -> None:  # type: ignore[override]
        """
        The connection is gone: every Deferred fails with the cause.
        """
        self._imapcEndSession(reason)

    connectionLost._endsSession = True  # type: ignore[attr-defined]

    def _imapcEndSession(self, reason: Any, unheard: bool = False) -> None:
        """
        @param unheard: this is for a program that never saw its Deferreds fire
            here, and so need not be ready for it.
        """
        if self._imapcEnded is not None:
            return
        # Twisted's tests give a bare exception.
        self._imapcEnded = reason if isinstance(reason, Failure) else Failure(reason)
        # Tracebacks would keep this client.
        self._imapcEnded.cleanFailure()
        if self._imapcCause is not None:
            self._imapcCause.__traceback__ = None
        if self.timeOut is not None:
            self.setTimeout(None)
        queued, self.queued = self.queued, None
        tags, self.tags = self.tags, None
        self._imapcClaimed = None
        self._imapcUnheard = unheard
        with _unreported() if unheard else contextlib.nullcontext():
            for command in [*(queued or ()), *(tags or {}).values()]:
                if command is not None:
                    _commands.end(command, self._imapcReason())
        d, self._imapcGreetingDeferred = self._imapcGreetingDeferred, None
        if d is not None:
            d.errback(self._imapcReason())

    def _imapcReason(self) -> Failure:
        """
        The cause of the end, for one more Deferred.
        """
        if self._imapcContinuationRaised:
            done = error.ConnectionDone()
            done.__cause__ = self._imapcCause
            return Failure(done)
        cause = self._imapcCause or self._imapcGoodbye
        if cause is not None:
            return Failure(cause)
        assert self._imapcEnded is not None
        return self._imapcEnded


class _UnreportedInfo(defer.DebugInfo):
    """
    What reports a failure that nobody took, and here does not.
    """

    def __del__(self) -> None:
        pass


@contextlib.contextmanager
def _unreported() -> Iterator[None]:
    """
    Deferreds that fail in here, and that nobody handles, are not reported.

    A Deferred that fires fires others, of which we know nothing: those that wait
    for it in a chain, in coroutines, in a program's callbacks.  So it is not done
    with an errback, which would also hide the failure from who asks for it later.
    """
    theirs = defer.DebugInfo
    defer.DebugInfo = _UnreportedInfo  # type: ignore[misc]
    try:
        yield
    finally:
        defer.DebugInfo = theirs  # type: ignore[misc]


def _endingSession(theirs: Any) -> Callable[..., Any]:
    """
    A connectionLost() that ends the session after C{theirs}, which may be
    whatever a class can have for a method.
    """

    @functools.wraps(theirs)
    def connectionLost(self: Session, *args: Any, **keywords: Any) -> Any:
        bind = getattr(theirs, "__get__", None)
        try:
            return (bind(self, type(self)) if bind else theirs)(*args, **keywords)
        finally:
            reason = next(iter((*args, *keywords.values())), connectionDone)
            self._imapcEndSession(reason, unheard=True)

    connectionLost._endsSession = True  # type: ignore[attr-defined]
    return connectionLost
