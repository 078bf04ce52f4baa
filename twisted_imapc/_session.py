"""
The session: Twisted's order of things.  A greeting, then one command at a time,
each with its tag, and a queue behind it; cancellation and timeouts.

Of verbs it names only those that may be sent before TLS.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from twisted.internet import defer, error
from twisted.python.failure import Failure

from . import _encode
from ._command import Handler, fail, spentDeferred, verb
from ._errors import IMAP4Exception, illegal, refusal
from ._foreign import handlerOf
from ._imapc import Parser, hasAny
from ._listeners import Telling
from ._logger import ConnectionLogger
from ._starttls import SharedTLS
from ._stray import StrayAnswers
from ._unreported import unreported
from ._upload import TransferStopped

_log = ConnectionLogger()

# What may be said before there is TLS, where that is required: nothing of it is
# about the user or a mailbox.
_BEFORE_TLS = frozenset((b"CAPABILITY", b"LOGOUT", b"NOOP", b"STARTTLS"))

# The states of Twisted's client; a program may add others, with a response_*.
STATES = ("unauth", "auth", None)


class Session(Telling):
    """
    A connection of Twisted's client, which is its owner.

    @ivar tags: the commands that were sent and have no answer, by their tags;
        None behind the end, as with C{queued}.
    @ivar waiting: the tag of the command whose answer comes next.
    @ivar tagID: the number of the next tag.
    @ivar lastCommand: the command that was sent last.
    @ivar capabilities: as the server told them last, None if it did not.
    @ivar tlsFirst: serverGreeting() is called after STARTTLS, not before.
    @ivar greeted: fires with the owner after its greeting, or fails with the
        cause.
    @ivar overridden: the hooks of the line path that the owner's class has of
        its own.
    @ivar reader: the line path, while it reads; None: the connection itself does.
    @ivar isUnheard: failures at the end are not logged.
    @ivar handlerOf: makes the L{Handler} of a command.
    """

    __slots__ = (
        "_lines",
        "_makeLines",
        "_stops",
        "_strayAnswers",
        "_transfer",
        "capabilities",
        "greeted",
        "handlerOf",
        "isUnheard",
        "lastCommand",
        "overridden",
        "queued",
        "reader",
        "sharedTLS",
        "tagID",
        "tags",
        "tlsFirst",
        "waiting",
    )

    def __init__(
        self, owner: Any, stops: tuple[str, ...], makeLines: Callable[[Session], Any]
    ) -> None:
        """
        @param stops: what, in the owner's own dict, may mean that the line path
            is wanted.
        @param makeLines: makes the line path.
        """
        super().__init__(owner)
        self._stops = stops
        self._makeLines = makeLines
        self._lines: Any = None
        self.overridden: frozenset[str] = frozenset()
        self.reader: Any = None
        self.handlerOf: Callable[[Any], Handler] = handlerOf
        self.tags: dict[bytes, Any] | None = {}
        self.queued: list[Any] | None = []
        self.waiting: bytes | None = None
        self.tagID = 1
        self.lastCommand: Any = None
        self.capabilities: dict[bytes, Any] | None = None
        self._strayAnswers = StrayAnswers()
        self._transfer: defer.Deferred[Any] | None = None
        self.sharedTLS: SharedTLS | None = None
        self.tlsFirst = False
        self.greeted: defer.Deferred[Any] | None = None
        self.isUnheard = False

    @property
    def lines(self) -> Any:
        """
        The line path, made when it is first needed; also for lineReceived() and
        the like that a program calls by hand.
        """
        if self._lines is None:
            self._lines = self._makeLines(self)
        return self._lines

    def prepare(self, owner: Any) -> bool:
        """
        Let the parser collect for the command that waits now, unless a hook
        was put in place meanwhile that wants lines.
        """
        if (
            hasAny(owner.__dict__, self._stops) or owner.state not in STATES
        ) and self.lines.areWanted():
            self.interrupted = True
            return False
        self.claimWaiting()
        return True

    def claimWaiting(self) -> None:
        """
        Let the parser collect for the command that waits now; a user's own
        sendCommand() or _flushQueue() may have sent it.
        """
        tags, waiting = self.tags, self.waiting
        command = tags.get(waiting) if tags and waiting else None
        if command is not self.claimed:
            self.claim(command)

    def claim(self, command: Any) -> None:
        """
        Let the parser collect for C{command}, or for nobody.
        """
        handler = None
        if command is not None:
            handler = self.handlerOf(command)
            self._strayAnswers.remember(self.waiting, self.tagID)
        self.parser.expect(None if handler is None else handler.shape)
        self.claimed, self.claimedHandler = command, handler

    # Events

    def _greeting(
        self, status: bytes | None, capabilities: dict[bytes, Any] | None, text: bytes
    ) -> None:
        owner = self.owner()
        if status == b"OK":
            owner.state = "unauth"
        elif status == b"PREAUTH":
            if self.lacksTLS():
                # RFC 9051, section 11.1: STARTTLS is too late now.
                problem = "TLS is required, and the server's PREAUTH rules STARTTLS out"
                self.abort(IMAP4Exception(problem))
                return
            owner.state = "auth"
        elif status == b"BYE":
            self.abort(IMAP4Exception(text))
            return
        else:
            self.abort(illegal("not a greeting", text[:200], 0))
            return
        if capabilities is not None:
            self.capabilities = capabilities
        first, self.tlsFirst = self.tlsFirst, False
        if not first or self.isSecure():
            self._welcome(capabilities)
            return
        d = owner.startTLS()
        d.addCallback(self._welcomeUnderTLS)
        # Who waits for the greeting gets it at the end of the connection.
        d.addErrback(lambda failure: self.abort(failure.value))

    def _welcome(self, capabilities: dict[bytes, Any] | None) -> None:
        """
        Call serverGreeting(), and fire the Deferred of who waits for the greeting.
        """
        owner = self.owner()
        owner.serverGreeting(capabilities)
        d, self.greeted = self.greeted, None
        if d is not None:
            d.callback(owner)

    def _welcomeUnderTLS(self, capabilities: dict[bytes, Any]) -> None:
        if not self.isSecure():
            raise IMAP4Exception("startTLS() has begun no TLS")
        self._welcome(capabilities)

    def _tagged(self, tag: bytes, status: bytes, text: bytes, answer: bytes) -> None:
        if self.conversation is not None and self.conversation.isOpen:
            self.conversation.answered(tag)
        command = self.tags.get(tag) if self.tags else None
        if command is None:
            stray = self._strayAnswers.judge(tag, answer, self.tagID)
            if stray is not None:
                self.abort(stray)
            return
        claimed = command is self.claimed
        if claimed:
            handler = self.claimedHandler
        else:
            handler = self.handlerOf(command)
            self._strayAnswers.remember(tag, self.tagID)
        if status == b"OK" and handler.endsPlaintext and self.unparsed():
            self.abort(illegal("octets in the clear after the STARTTLS OK", answer[:200], 0))
            return
        self.complete(handler, claimed, status, text, answer)
        self._answered(tag)

    def complete(
        self, handler: Handler, claimed: bool, status: bytes, text: bytes, answer: bytes
    ) -> None:
        """
        End a command that has its tagged answer.

        @param claimed: whether the parser has collected for it.
        """
        parser = self.parser
        if claimed:
            self.claimed = self.claimedHandler = None
        else:
            # While another one waited: nothing was collected for it.
            parser = Parser()
            parser.expect(handler.shape)
        value, flags, problem = parser.take()
        parser.expect(None)
        if flags:
            self.tell("flagsChanged", flags)
        if status != b"OK":
            # Twisted's listeners hear of no mode then.
            self._modes = ()
            handler.refuse(self, value, refusal(status, text))
        elif problem is not None:
            handler.spoil(self, value, problem)
        else:
            handler.succeed(self, value, answer)

    def finishByHand(self, command: Any, answer: bytes, unusedCallback: Any) -> None:
        """
        End a command of ours, for a program that routes answers by itself.
        """
        self.lines.delivery.finishByHand(command, answer, unusedCallback)

    def _answered(self, tag: bytes) -> None:
        """
        A command is done: send the next.
        """
        if self._modes:
            modes, self._modes = self._modes, ()
            for writeable in modes:
                self.tell("modeChanged", writeable)
        tags = self.tags
        if self.ended is not None or tags is None:
            # Lost while its Deferred fired.
            return
        tags.pop(tag, None)
        if self.goodbye is not None:
            self.abort(self.goodbye)
        elif self.waiting in tags:
            # A program that sends two at once: the other one still waits.
            pass
        elif self._transfer is not None:
            # An APPEND was answered while its message goes out; the next
            # command must not get into it.
            self._transfer.addCallback(self._next).addErrback(self._continuationFailed)
        else:
            self._next(True)

    def _next(self, sent: bool) -> None:
        """
        No command waits: send the next.

        @param sent: whether all of the last command went out.
        """
        self.waiting = None
        if sent and self.ended is None and self.cause is None:
            self.owner()._flushQueue()

    def _stray(self, word: bytes, text: bytes) -> None:
        command = self.tags.get(word) if self.tags else None
        if command is None:
            _log.info("Line that is no response dropped: {wire!r}", wire=text[:200])
            return
        problem = illegal("unknown status", text[:200], 0)
        fail(command, problem)
        self.abort(problem)

    def _continueReq(self, text: bytes) -> None:
        handler = self.claimedHandler
        if handler is None or self._transfer is not None or not handler.wantsContinuation:
            _log.info("Continuation request that nobody waits for ignored")
            return
        try:
            handler.continuation(text)
        except Exception:
            self._continuationFailed(Failure())

    def _bye(self, text: bytes) -> None:
        """
        The server will close.
        """
        handler = self.claimedHandler
        if handler is None:
            self.abort(IMAP4Exception(text))
        elif not handler.takeBye() and self.goodbye is None:
            self.goodbye = IMAP4Exception(text)

    def _unhandled(self, wire: bytes) -> None:
        """
        Nobody has a use for this response.
        """
        _log.info("Unhandled unsolicited response: {wire!r}", wire=wire)

    def malformed(self, message: str, wire: bytes, offset: int) -> None:
        """
        Nobody collects this response, so nobody fails of it.
        """
        _log.warn(
            "Malformed response dropped: {wire!r}: {message} at {offset}",
            wire=wire,
            message=message,
            offset=offset,
        )

    handlers = {
        "greeting": _greeting,
        "tagged": _tagged,
        "stray": _stray,
        "+": _continueReq,
        "exists": Telling._exists,
        "recent": Telling._recent,
        "expunge": Telling._expunge,
        "flags": Telling._flags,
        "mode": Telling._mode,
        "bye": _bye,
        "unhandled": _unhandled,
        "malformed": malformed,
    }

    # Commands

    def lastVerb(self) -> bytes:
        """
        The verb of the command that was sent last.
        """
        return b"" if self.lastCommand is None else verb(self.lastCommand)

    def sendCommand(self, command: Any) -> defer.Deferred[Any]:
        """
        Send C{command}, or queue it while another one waits for its answer.
        """
        if self.isOver():
            # The transport may take its time, or for ever, to be lost.
            return defer.fail(self.reason())
        handler = self.handlerOf(command)
        if handler.isRaw:
            _encode.checkRaw(command.command, "command")
            _encode.checkRaw(command.args, "args")
        d: defer.Deferred[Any] = defer.Deferred(functools.partial(self._cancelled, command))
        command.defer = d
        if self.waiting:
            assert self.queued is not None
            # What waits for TLS may be queued already.
            first = handler.endsPlaintext and self.lacksTLS()
            self.queued.insert(0 if first else len(self.queued), command)
        else:
            self._send(command)
        return d

    def _send(self, command: Any) -> None:
        """
        Give C{command} a tag and write it.
        """
        if self.lacksTLS() and verb(command) not in _BEFORE_TLS:
            name = verb(command).decode("latin-1")
            problem = f"{name} is not sent: TLS is required, and this connection has none"
            fail(command, IMAP4Exception(problem))
            return
        owner = self.owner()
        tag = owner.makeTag()
        line = command.format(tag)
        if self.tags is None:
            # A program's makeTag() may have ended the connection.
            fail(command, self.reason())
            return
        if self.waiting:
            # A program's makeTag() or format() sent a command, and maybe announced
            # a literal.
            assert self.queued is not None
            self.queued.insert(0, command)
            return
        # A transport may answer before sendLine() returns.
        self.tags[tag] = command
        self.waiting = tag
        self.lastCommand = command
        try:
            owner.sendLine(line)
        except BaseException:
            if self.tags is not None:
                self.tags.pop(tag, None)
            if self.waiting == tag:
                self.waiting = None
            raise

    def flushQueue(self) -> None:
        """
        Send the next command that is queued.
        """
        while self.queued and not self.waiting:
            command = self.queued.pop(0)
            try:
                self._send(command)
            except Exception:
                # Its caller is gone; the others need not suffer from it.
                fail(command, Failure())
            except BaseException:
                # It is in no queue any more.
                fail(command, Failure())
                raise

    def _cancelled(self, command: Any, d: defer.Deferred[Any]) -> None:
        """
        Never send it if it is queued; otherwise its answer finds no Deferred.
        """
        command.defer = spentDeferred()
        if self.queued:
            self.queued[:] = [one for one in self.queued if one is not command]
        if self.handlerOf(command).endsPlaintext and command in (self.tags or {}).values():
            # The server will speak TLS, and nobody will begin it here.
            self.abort(defer.CancelledError())

    # Continuations that take their time

    def isSending(self) -> bool:
        """
        Whether a message is on its way out.
        """
        return self._transfer is not None

    def sending(self, transfer: defer.Deferred[Any]) -> defer.Deferred[Any]:
        """
        A message is being sent: until it is through, nothing else is.
        """
        self._transfer = transfer
        return transfer.addCallbacks(self._transferred, self._continuationFailed)

    def _transferred(self, result: object) -> bool:
        self._transfer = None
        return True

    def _continuationFailed(self, failure: Failure) -> bool:
        self._transfer = None
        if failure.check(TransferStopped):
            # The connection is lost, and says so itself.
            return False
        _log.failure("A continuation failed; the connection is closed", failure)
        self._continuationRaised = self.cause is None
        self.abort(failure.value or error.ConnectionDone())
        return False

    # TLS

    def forget(self) -> None:
        """
        TLS has begun: what was said in the clear does not count any more.
        """
        self.capabilities = None
        self._modes = ()
        if self.reader is not None:
            self.reader.forget()

    def unparsed(self) -> bool:
        """
        Whether there are octets that nobody has looked at.
        """
        return super().unparsed() or (self.reader is not None and self.reader.holdsOctets())

    # The end

    def timedOut(self) -> None:
        """
        The server was silent for too long.
        """
        # Not imap4.TIMEOUT_ERROR: once raised, that would keep the owner.
        self.cause = self.cause or self.goodbye or error.TimeoutError()
        self._failAll([*(self.tags or {}).values(), *(self.queued or ())])
        self.hangUp()

    def end(self, reason: Any, unheard: bool = False) -> bool:
        """
        The connection is gone: every Deferred fails with the cause.

        @param unheard: connectionLost() is overridden without a call of its base.
            Twisted would not fire the Deferreds then, so that failures of their
            callbacks are not logged.
        """
        if not super().end(reason):
            return False
        owner = self.owner()
        if owner.timeOut is not None:
            owner.setTimeout(None)
        queued, self.queued = self.queued, None
        tags, self.tags = self.tags, None
        greeted, self.greeted = self.greeted, None
        self.claimed = self.claimedHandler = self._lines = self.reader = None
        self.handlerOf = handlerOf
        self.isUnheard = unheard
        with unreported() if unheard else nullcontext():
            self._failAll([*(queued or ()), *(tags or {}).values()])
        if greeted is not None:
            greeted.errback(self.reason())
        return True

    def _failAll(self, commands: Iterable[Any]) -> None:
        for command in commands:
            # A program may have put None there.
            if command is not None:
                self.handlerOf(command).end(self.reason())
