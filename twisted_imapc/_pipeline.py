"""
The pipeline: commands in one queue, as many of them in flight as cannot be
confused with each other (RFC 9051, section 5.5), and each response to the one
command that it belongs to, or to nobody.

It knows no verb.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, ClassVar

from twisted.internet import defer

from . import _encode
from ._connection import Connection, Event
from ._errors import (
    Bye,
    ConnectionGone,
    IllegalServerResponse,
    IMAP4Exception,
    Insecure,
    MalformedAnswer,
    ResponseTooLarge,
    Silent,
    Unsupported,
    illegal,
)
from ._logger import ConnectionLogger
from ._order import Command, Stream, claimantOf, disturb, takerOf
from ._stray import StrayAnswers

_log = ConnectionLogger()


class Pipeline(Connection):
    """
    A connection of a Client's.

    @ivar capabilities: as the server told them last, in upper case; empty when
        C{isKnown} is False.
    @ivar withoutAsking: the size up to which a literal needs no C{+}.
    @ivar enabled: what ENABLE has brought, in upper case.
    @ivar state: C{"unauthenticated"}, C{"authenticated"}, C{"selected"} or
        C{"closed"}.
    @ivar mailbox: what is selected.
    @ivar greeted: fires at the greeting.
    @ivar streams: the fetches that go on.
    """

    goodbye: IMAP4Exception | None

    def __init__(
        self, owner: Any, unasked: Callable[[Event], None], ask: Callable[[], Command]
    ) -> None:
        """
        @param unasked: is called with each event of the parser's that no command
            owns.
        @param ask: makes the command that asks for the capabilities.
        """
        super().__init__(owner)
        self.parser.typed = True
        self._unasked = unasked
        self._ask = ask
        # No deque: whichever is cancelled leaves at once.
        self._queue: OrderedDict[Command, None] = OrderedDict()
        self._flying: dict[bytes, Command] = {}
        self._writer: Command | None = None
        self._wanted: object = None
        self._asking: Command | None = None
        self._isPumping = False
        self._tagID = 1
        self._strayAnswers = StrayAnswers()
        self.capabilities: frozenset[str] = frozenset()
        self.isKnown: bool = False
        self.withoutAsking: int = -1
        self.enabled: frozenset[str] = frozenset()
        self.state: str = "unauthenticated"
        self.mailbox: Any = None
        self.greeted: defer.Deferred[None] | None = None
        self.streams: list[Stream] = []
        self.endings: list[Callable[[ConnectionGone | None], None]] = []
        self.leaves: bool = False

    # Commands

    def send(self, command: Command) -> defer.Deferred[Any]:
        """
        Send C{command}, or queue it as long as it may not be written.
        """
        if self.isOver():
            return defer.fail(self.gone(False))
        d: defer.Deferred[Any] = defer.Deferred(lambda _: self.cancel(command))
        command.deferred = d
        self._queue[command] = None
        self.pump()
        return d

    def pump(self) -> None:
        """
        Write what may be written.
        """
        if self._isPumping:
            return
        self._isPumping = True
        try:
            self._writeAll()
            for stream in list(self.streams):
                while not self._queue and not self.isOver() and stream.advance():
                    self._writeAll()
        finally:
            self._isPumping = False
        self.adjust()

    def _writeAll(self) -> None:
        while self._queue and not self.isOver():
            head = next(iter(self._queue))
            if head.needs and not self.isKnown and self._mayTell(head):
                if self._asking is not None:
                    break
                self._asking = head = self._ask()
                self._queue[head] = None
                self._queue.move_to_end(head, last=False)
            head.prepare(self)
            if head not in self._queue:
                # A program's code ran, which has cancelled it.
                continue
            if not self._mayWrite(head):
                break
            del self._queue[head]
            self._write(head)

    def _mayWrite(self, head: Command) -> bool:
        """
        Whether the first command of the queue may be written.
        """
        return (
            self._writer is None
            and self.goodbye is None
            and not self.leaves
            and head.isReady
            and len(self._flying) < self.owner().pipelineDepth
            and not any(disturb(head, other) for other in self._flying.values())
        )

    def _write(self, command: Command) -> None:
        try:
            if not self._mayTell(command):
                raise Insecure(f"{command.name} is not sent: this connection has no TLS")
            first, *command.rest = command.lines(self)
        except Exception as e:
            command.fire(e)
            return
        tag = b"%04X" % self._tagID
        self._tagID += 1
        self._flying[tag] = command
        command.written = True
        if command.isWriting():
            self._writer = command
        if "fetch" in command.claims and command.owner is not self._wanted:
            self._want(command)
        self.write(tag + b" " + first)

    def demand(self, command: str, *names: str) -> None:
        """
        @raise Unsupported: where none of these capabilities is offered.
        """
        if self.capabilities.isdisjoint(names):
            raise Unsupported(command, names[0])

    def mayTellSecrets(self) -> bool:
        """
        Whether passwords may be sent.
        """
        return self.owner().mayTellSecrets(self.isSecure())

    def _mayTell(self, command: Command) -> bool:
        return not command.secret or self.mayTellSecrets()

    def _want(self, command: Command | None) -> None:
        """
        Let the parser make records for C{command}, or for nobody.
        """
        if command is None:
            self._wanted = None
            self.parser.want(0, None)
        else:
            mask, ranges, numbers = command.wants
            self._wanted = command.owner
            self.parser.want(mask, ranges, numbers=numbers, drop=command.given)

    def cancel(self, command: Command) -> None:
        """
        Nobody waits for C{command} any more.
        """
        command.deferred = None
        command.given = True
        isQueued = command in self._queue
        if isQueued:
            del self._queue[command]
        command.dropped()
        if isQueued:
            self.pump()
        elif not command.written:
            return
        elif command.endsPlaintext:
            # The server will speak TLS, and nobody would begin it here.
            self.abort(defer.CancelledError())
        elif "fetch" in command.claims and command.owner is self._wanted:
            self._want(command)

    def adjust(self) -> None:
        """
        Read, or leave it to the server to wait; watch the time, or do not.
        """
        owner = self.owner()
        if owner is None or self.isOver():
            return
        full = [stream for stream in self.streams if stream.isFull]
        rests = bool(full) and all(
            command.owner in full for command in chain(self._flying.values(), self._queue)
        )
        owner.rest(rests)
        owner.watch(bool(self._flying) and not rests)

    # Events

    def handle(self, event: Event) -> None:
        """
        Give one event to its handler, or to the command that it belongs to.
        """
        isOther = event[0] not in self.handlers and event[0] != "error"
        super().handle(("route", event) if isOther else event)

    def framingLost(self, code: str, message: str, wire: bytes, offset: int) -> None:
        """
        Nobody knows where the next response begins.
        """
        kind = ResponseTooLarge if code == "too large" else IllegalServerResponse
        self.abort(illegal(message, self._shown(wire), offset, kind=kind))

    def _shown(self, wire: bytes) -> bytes:
        """
        What an error may tell of a response.  During a login that is nothing: it is cut,
        and nobody finds a secret of which the end is missing.
        """
        hasSecret = any(command.secret for command in self._flying.values())
        return b"[hidden]" if hasSecret else wire[:200]

    def _greeting(self, status: str | None, text: str, code: Event | None) -> None:
        if status == "BYE":
            self.abort(Bye(text, code[0] if code else None))
            return
        if status not in ("OK", "PREAUTH"):
            self.abort(illegal("not a greeting", text.encode("utf-8", "replace")[:200], 0))
            return
        self.owner().state = "greeted"
        if status == "PREAUTH":
            self.state = "authenticated"
        self.learn(code)
        self._alert(text, code)
        d, self.greeted = self.greeted, None
        if d is not None:
            d.callback(None)

    def _tagged(self, tag: bytes, status: str, text: str, code: Event | None) -> None:
        command = self._flying.get(tag)
        if self.conversation is not None and self.conversation.isOpen:
            self.conversation.answered(tag)
        if command is None:
            answer = self._shown(f"{status} {text}".encode())
            stray = self._strayAnswers.judge(tag, answer, self._tagID)
            if stray is not None:
                self.abort(stray)
            return
        if status == "OK" and command.endsPlaintext and self.unparsed():
            self.abort(illegal("octets in the clear after the STARTTLS OK", text.encode()[:200], 0))
            return
        said = command.discreet(text, code)
        self._alert(*said)
        outcome = self._outcome(command, status, said, code)
        del self._flying[tag]
        if command is self._asking:
            # Whatever came of it: it is asked for once.
            self._asking, self.isKnown = None, True
        if self._writer is command:
            # Refused before all of it was sent.
            self._writer = None
        if command.owner is self._wanted and not any(
            other.owner is command.owner for other in self._flying.values()
        ):
            self._want(None)
        command.fire(outcome)
        if self.goodbye is not None and not self._flying and not self.leaves:
            self.abort(self.goodbye)
        self.pump()

    def _outcome(
        self, command: Command, status: str, said: tuple[str, Event | None], code: Event | None
    ) -> Any:
        """
        @param said: the text and the code as they may be told.
        """
        text = said[0]
        if status != "OK":
            return command.refused(self, status, *said)
        if command.rest:
            why = "the answer came before all of the command was sent"
            return MalformedAnswer(why, text.encode()[:200], 0)
        try:
            result = command.finish(self, text, code)
        except Exception as e:
            return e
        if not command.endsPlaintext:
            self.learn(code)
        if command.problem is not None:
            command.problem.result = result
            return command.problem
        return result

    def learn(self, code: Event | None) -> None:
        """
        Keep the capabilities that a code brings.
        """
        if code is not None and code[0] == "CAPABILITY":
            self.know(code[1])

    def _alert(self, text: str, code: Event | None) -> None:
        """
        Users must see it, wherever it stands (RFC 9051, section 7.1).
        """
        if code is not None and code[0] == "ALERT":
            self._unasked(("state", "OK", text, code))

    def know(self, capabilities: Iterable[object]) -> None:
        """
        These are the server's capabilities.
        """
        self.capabilities = frozenset(str(one).upper() for one in capabilities)
        self.isKnown = True
        self.withoutAsking = _encode.sizeWithoutAsking(
            one.encode("latin-1", "replace") for one in self.capabilities
        )

    def forget(self) -> None:
        """
        What was said of capabilities does not count any more.
        """
        self.capabilities = frozenset()
        self.isKnown = False
        self.withoutAsking = -1

    def _continueReq(self, text: Any) -> None:
        writer = self._writer
        if writer is None:
            _log.info("Continuation request that nobody waits for ignored")
            return
        writer.continued(self, text)
        if not writer.isWriting() and self._writer is writer:
            self._writer = None
            self.pump()

    def _stray(self, word: bytes, text: bytes) -> None:
        if word in self._flying:
            self.abort(illegal("unknown status", self._shown(text), 0))
        else:
            _log.info("Line that is no response dropped: {wire!r}", wire=self._shown(text))

    def _messages(self, messages: list[Any], octets: int) -> None:
        command = claimantOf(self._flying, "fetch")
        if command is not None:
            command.take(("messages", messages, octets))

    def _state(self, status: str | None, text: str, code: Event | None) -> None:
        said = text, code
        for command in self._flying.values():
            said = command.discreet(*said)
        if status == "BYE":
            self._bye(*said)
            return
        self.learn(code)
        self._route(("state", status, *said))

    def _bye(self, text: str, code: Event | None) -> None:
        """
        The server will close.  Who waits for an answer may still get it.
        """
        if self.goodbye is None:
            self.goodbye = Bye(text, code[0] if code else None)
        if not self._flying:
            self.abort(self.goodbye)

    def malformed(self, message: str, wire: bytes, offset: int) -> None:
        """
        A response that breaks RFC 9051: the command to which it would have
        belonged fails at its answer.
        """
        words = wire.split(None, 3)[1:3]
        word = b"".join(words[:1] if words and not words[0].isdigit() else words[1:])
        wire = self._shown(wire)
        command = claimantOf(self._flying, word.decode("latin-1").lower())
        if command is None or not command.claims or word.upper() == b"FETCH":
            self._unasked(("malformed", message, wire, offset))
        elif command.problem is None:
            command.problem = MalformedAnswer(message, wire, offset)

    def _route(self, event: Event) -> None:
        """
        Give an event to the command that claims it, or to nobody.
        """
        if event[0] == "other" and event[1].lower() == "capability":
            self.know(event[3])
        command = takerOf(self._flying, event)
        if command is None or not command.take(event):
            self._unasked(event)

    handlers: ClassVar[Mapping[str, Callable[..., None]]] = {
        "greeting": _greeting,
        "tagged": _tagged,
        "stray": _stray,
        "+": _continueReq,
        "messages": _messages,
        "state": _state,
        "malformed": malformed,
        "route": _route,
    }

    # The end

    def hangUp(self) -> None:
        """
        Close without waiting for the server.
        """
        owner = self.owner()
        if owner is not None and owner.transport is not None and self.ended is None:
            owner.hangUp()

    def timedOut(self) -> None:
        """
        The server was silent for too long.
        """
        self.abort(Silent("The server does not answer any more"))

    def leave(self) -> None:
        """
        All is said.
        """
        self.leaves = True
        super().hangUp()

    def gone(self, written: bool) -> ConnectionGone:
        """
        What one more Deferred fails with at the end.
        """
        cause: BaseException | None = self.cause or self.goodbye
        if cause is None and self.ended is not None:
            cause = self.ended.value
        if not isinstance(cause, ConnectionGone):
            cause = ConnectionGone(f"The connection is gone: {cause}", cause)
        return cause.again(written)

    def whenOver(self, function: Callable[[ConnectionGone | None], None]) -> None:
        """
        Call C{function} at the end, with the cause; with None after a logout.
        """
        if self.ended is None:
            self.endings.append(function)
        else:
            function(None if self.leaves else self.gone(False))

    def end(self, reason: Any) -> bool:
        """
        The connection is gone: every Deferred fails with the cause.
        """
        if not super().end(reason):
            return False
        self.state = "closed"
        if self.mailbox is not None:
            self.mailbox.selected, self.mailbox = False, None
        self.owner().watch(False)
        commands = [*self._flying.values(), *self._queue]
        streams, self.streams = self.streams, []
        greeted, self.greeted = self.greeted, None
        self._flying, self._writer, self._wanted = {}, None, None
        self._queue.clear()
        self.leaves |= any(command.saysGoodbye and command.written for command in commands)
        for command in commands:
            command.fire(None if command.saysGoodbye else self.gone(command.written))
        for stream in streams:
            stream.ended(self.gone(True))
        if greeted is not None:
            greeted.errback(self.gone(False))
        while self.endings:
            # One by one: what is called may forget another.
            self.endings.pop(0)(None if self.leaves else self.gone(False))
        return True
