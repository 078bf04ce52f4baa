"""
The connection: octets to the parser, its events to whoever handles them, and
the end, which has one cause.

It is no Protocol, but belongs to one, its owner, and knows no command.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from twisted.internet import error
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure

from ._errors import IMAP4Exception, ResponseTooLarge, illegal
from ._imapc import Parser
from ._logger import ConnectionLogger
from ._trace import Conversation, callee

_log = ConnectionLogger()

Event = tuple[Any, ...]

_MiB = 1024 * 1024


class Limits:
    """
    What a server may send, as a client has it; each client says what they mean to it.
    """

    maxLineLength = 32 * _MiB
    maxLiteralSize = 256 * _MiB
    maxResponseSize = 512 * _MiB
    maxDepth = 128
    maxListsPerResponse = 250_000
    maxElementsPerResponse = 5_000_000


class Connection:
    """
    One connection to a server.

    Of its owner it reads C{transport}, C{state}, C{paused}, C{timeout},
    C{startedTLS}, C{trace}, C{tlsHostname}, C{requireTLS} and the limits, all
    of which a program may set at any time.

    @ivar owner: gives the protocol: a weak reference, since the protocol holds the
        connection.
    @ivar cause: why we close.
    @ivar goodbye: the BYE that came during a command.
    @ivar conversation: what was said, for trace(); None before anything was.
    @ivar ended: how the connection ended; None as long as it has not.
    @ivar isReceiving: C{receive()} is on the stack; what comes is for its loop.
    @ivar leftUnseen: C{receive()} stopped early: where else it leaves octets to the
        parser, these are the beginning of a response.
    @ivar interrupted: C{receive()} stopped, since what is left is for the other way
        of reading (the line path, or back from it).
    """

    # A dict would be most of what an idle connection holds.
    __slots__ = (
        "__weakref__",
        "_continuationRaised",
        "cause",
        "conversation",
        "ended",
        "goodbye",
        "interrupted",
        "isReceiving",
        "leftUnseen",
        "owner",
        "parser",
    )

    owner: Callable[[], Any]

    # What handles each event of the parser, by its name.
    handlers: ClassVar[Mapping[str, Callable[..., None]]] = {}

    def __init__(self, owner: Any) -> None:
        self.owner = weakref.ref(owner)
        self.parser: Parser = Parser()
        self.cause: BaseException | None = None
        self.goodbye: IMAP4Exception | None = None
        self.ended: Failure | None = None
        self.isReceiving: bool = False
        self.interrupted: bool = False
        self.leftUnseen: bool = False
        self._continuationRaised = False
        self.conversation: Conversation | None = None

    def limit(self, parser: Parser) -> None:
        """
        The limits of C{parser} are those that the owner has now.
        """
        owner = self.owner()
        parser.maxLineLength = max(owner.maxLineLength, owner.MAX_LENGTH)
        parser.maxResponseSize = max(owner.maxResponseSize, owner.MAX_LENGTH)
        parser.maxLiteralSize = owner.maxLiteralSize
        parser.maxDepth = owner.maxDepth
        parser.maxListsPerResponse = owner.maxListsPerResponse
        parser.maxElementsPerResponse = owner.maxElementsPerResponse

    # What comes in

    def receive(self, data: bytes) -> None:
        """
        Take octets from the server, and handle all events that they make.

        @raise IllegalServerResponse: where framing is lost.
        """
        owner, parser = self.owner(), self.parser
        if self.cause is not None or self.ended is not None:
            # The transport may go on for a while; nobody reads it any more.
            return
        if data:
            # Most pieces of a large literal need no more than that.
            isLiteral = not owner.paused and parser.literal(data)
            if not isLiteral:
                parser.feed(data)
            if owner.timeout > 0:
                owner.resetTimeout()
            if isLiteral:
                return
        if self.isReceiving:
            return
        self.isReceiving = True
        self.leftUnseen = False
        try:
            while (
                not owner.paused
                and self.cause is None
                and self.ended is None
                and self.prepare(owner)
            ):
                if owner.trace is None:
                    event = parser.next(owner.state is None)
                else:
                    event = self._nextTraced()
                if event is None:
                    break
                self.handle(event)
                if not parser.pending:
                    break
                if getattr(owner.transport, "disconnecting", False):
                    self.leftUnseen = True
                    break
            else:
                self.leftUnseen = True
        finally:
            self.isReceiving = False

    def prepare(self, owner: Any) -> bool:
        """
        Do what is to be done before the next event; False if C{receive()} is not to
        go on.
        """
        return True

    def handle(self, event: Event) -> None:
        """
        Give one event to its handler.
        """
        if self.ended is not None:
            # trace() or lineReceived() has ended the connection.
            return
        if event[0] == "error":
            self.framingLost(*event[1:])
            return
        try:
            self.handlers[event[0]](self, *event[1:])
        except Exception as e:
            # Nothing of ours raises, but what a subclass overrides may.
            _log.failure("{event} raised; the connection is closed", event=event[0])
            self.abort(e)

    def framingLost(self, code: str, message: str, wire: bytes, offset: int) -> None:
        """
        A limit of octets is exceeded, or nobody knows where the next response
        begins.

        @raise IllegalServerResponse: in the second case, as from Twisted's
            client.  In the first one the reactor would log a traceback for it.
        """
        owner = self.owner()
        if code == "too large":
            self.abort(illegal(message, wire, offset, kind=ResponseTooLarge))
            owner.lineLengthExceeded(wire)
        else:
            problem = illegal(message, wire, offset)
            self.abort(problem)
            raise problem

    def unparsed(self) -> bool:
        """
        Whether there are octets that nobody has looked at.
        """
        return self.parser.pending > 0

    # What goes out

    def lastVerb(self) -> bytes:
        """
        The verb of the command that was sent last; empty where nobody knows.
        """
        return b""

    def write(self, line: bytes) -> None:
        """
        Write one line, and what ends it.
        """
        owner = self.owner()
        octets = line + owner.delimiter
        if self.conversation is None:
            self.conversation = Conversation()
        told = self.conversation.sent(line)
        if owner.trace is not None:
            self.traced("C", told)
        owner.transport.write(octets)

    # trace()

    def _nextTraced(self) -> Event | None:
        texts: list[bytes] = []
        event = self.parser.next(self.owner().state is None, texts)
        if texts and event is not None and event[0] == "error":
            # Behind the line that broke framing is the rest of the chunk.
            texts[-1] = texts[-1].partition(b"\n")[0].rstrip(b"\r")
        self.traced("S", texts)
        return event

    def traced(self, who: str, texts: Iterable[bytes]) -> None:
        """
        Tell trace what was said.
        """
        owner = self.owner()
        trace = callee(owner.trace, owner)
        for text in texts:
            # A line break in quotes is one all the same.
            for line in text.splitlines() if b"\n" in text else (text,):
                # One of the calls before may have set trace to None.
                if trace is not None and owner.trace is not None:
                    try:
                        trace(who, line)
                    except Exception:
                        _log.failure("trace() raised")

    # TLS

    def isSecure(self) -> bool:
        """
        Whether there is TLS.
        """
        owner = self.owner()
        return owner.startedTLS or ISSLTransport(owner.transport, None) is not None

    def lacksTLS(self) -> bool:
        """
        Whether there has to be TLS, and is none.
        """
        owner = self.owner()
        return not self.isSecure() and (owner.requireTLS or owner.tlsHostname is not None)

    # The end

    def isOver(self) -> bool:
        """
        Whether nothing more is to be read or written.
        """
        return self.cause is not None or self.ended is not None

    def abort(self, cause: BaseException) -> None:
        """
        Close; C{cause} is for every Deferred that has not fired by then.
        """
        if self.cause is None:
            self.cause = cause
        self.hangUp()

    def hangUp(self) -> None:
        """
        Close without waiting for the server, or for what is not sent yet.
        """
        owner = self.owner()
        # Who cancels a Deferred may have dropped the owner.
        transport = None if owner is None else owner.transport
        if transport is None:
            return
        if ISSLTransport(transport, None) is None and not self.isSending():
            transport.loseConnection()
        elif self.ended is None:
            # loseConnection() would wait for the server's end of TLS, or for
            # all of a message to be sent, and a server that hears nothing any
            # more lets it wait for ever.
            getattr(transport, "abortConnection", transport.loseConnection)()

    def isSending(self) -> bool:
        """
        Whether a message is on its way out.
        """
        return False

    def end(self, reason: Any) -> bool:
        """
        The connection is gone.

        @return: False if that was said before.
        """
        if self.ended is not None:
            return False
        # Twisted's tests give a bare exception.
        self.ended = reason if isinstance(reason, Failure) else Failure(reason)
        # Tracebacks would keep the owner.
        self.ended.cleanFailure()
        if self.cause is not None:
            self.cause.__traceback__ = None
        return True

    def reason(self) -> Failure:
        """
        The cause of the end, for one more Deferred.
        """
        if self._continuationRaised:
            done = error.ConnectionDone()
            done.__cause__ = self.cause
            return Failure(done)
        cause = self.cause or self.goodbye
        if cause is not None:
            return Failure(cause)
        assert self.ended is not None
        return self.ended
