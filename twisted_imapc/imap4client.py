"""
L{IMAP4Client}: a protocol that has a L{Session}, with the methods of Twisted's
client over it.

C{_IMAP4Client__cb...} names of Twisted's that take a Command's result are Twisted's,
for programs that give them one; the methods here do not need them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.mail.imap4 import Command

from . import _bookkeeping, _lines
from ._bookkeeping import Kept, OwnSession, endsSession
from ._connection import Limits
from ._inherited import Inherited, TwistedClient
from ._listeners import Listeners
from ._session import Session
from ._verbs import Access, Fetches, Mailboxes, Messages


class IMAP4Client(
    Access, Mailboxes, Messages, _lines.LineHooks, Listeners, Fetches, Limits, Inherited
):
    """
    A drop-in for L{twisted.mail.imap4.IMAP4Client}.

    All methods raise L{ValueError}, before anything is written, for arguments
    with CR, LF or NUL, or that would be something else on the wire, and L{TypeError}
    for those of another type.  The Deferreds that they return fail with
    L{imap4.IMAP4Exception} for NO and BAD, which has C{.status}, C{.code} and
    C{.text} then (see L{twisted_imapc._errors.refusal}); with
    L{imap4.IllegalServerResponse}, which has C{.wire}, C{.offset} and
    C{.result}, where a response breaks RFC 9051; and with the cause when the
    connection is lost.  They can be cancelled.  (Both classes are Twisted's, so
    that a typed program asks for C{getattr(e, "wire", b"")}.)

    What they take and give has names in L{twisted_imapc.types}.  In the examples
    C{client} is a client of the server in L{twisted_imapc.testing}, logged in where it
    has to be, with an INBOX of two messages selected.

    @cvar timeout: seconds of silence after which the connection closes, and each
        Deferred fails with C{twisted.internet.error.TimeoutError}; 0 for never.
    @cvar maxLineLength: octets of one line; more close the connection with
        L{ResponseTooLarge<twisted_imapc.ResponseTooLarge>}, as do the next two.
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

    tlsHostname: str | None = None
    requireTLS = False

    # The second is a method as its class has it.
    trace: Callable[[str, bytes], object] | Callable[[Any, str, bytes], object] | None = None

    # Twisted's.  Of what kind the first two are, the program knows.
    transport: Any
    factory: Any
    timeout: float  # type: ignore[assignment]

    # All that is ours is in there.
    _imapc: Session = OwnSession({})  # type: ignore[assignment]

    tags: Kept = Kept("tags", None)
    queued: Kept = Kept("queued", None)
    waiting: Kept = Kept("waiting", None)
    tagID: Kept = Kept("tagID", 1)
    _lastCmd: Kept = Kept("lastCommand", None)
    _capCache: Kept = Kept("capabilities", None)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bookkeeping.keepOfSubclass(cls)
        _bookkeeping.endSessionAfter(cls)

    def __getstate__(self) -> dict[str, Any]:
        return _bookkeeping.stateOf(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        _bookkeeping.setState(self, state)

    def __init__(self, contextFactory: Any = None) -> None:
        """
        @param contextFactory: the TLS context for startTLS() and login(), as
            C{twisted.internet.ssl.optionsForClientTLS} returns it.
        """
        TwistedClient.__init__(self, contextFactory)

    # The connection

    def makeConnection(self, transport: ITransport) -> None:
        """
        Connect to C{transport}; the limits are those of this moment.
        """
        session = self._imapc
        if session.ended is not None:
            session = _bookkeeping.beginAgain(self)
        _bookkeeping.keepOfInstance(self)
        # The class and the client may have got hooks since __init__().
        _lines.lookAtClass(session, type(self))
        _lines.choose(self)
        session.limit(session.parser)
        super().makeConnection(transport)
        # connectionMade() is where programs set MAX_LENGTH.
        _bookkeeping.keepOfInstance(self)
        if session.ended is None:
            session.limit(session.parser)
        else:
            # connectionMade() lost the connection, and then set a timeout.
            self.setTimeout(None)

    def dataReceived(self, data: bytes) -> Any:
        """
        Take octets from the server, by the connection or by the line path.

        @raise IllegalServerResponse: where framing is lost; the connection is
            closed, and each Deferred will fail with this exception.
        """
        session = self._imapc
        if getattr(self.transport, "disconnecting", False):
            _lines.takeLines(self)
        why = (session.reader or session).receive(data)
        while session.interrupted:
            _lines.choose(self)
            why = (session.reader or session).receive(b"")
        return why

    def sendLine(self, line: bytes) -> None:
        """
        Write one line, and what ends it.
        """
        session = self._imapc
        if session.ended is None:
            session.write(line)
        else:
            # As in Twisted, writing to a lost transport does nothing.
            super().sendLine(line)

    def sendCommand(self, cmd: Command) -> Deferred[Any]:
        """
        Send C{cmd}, or queue it while another one waits for its answer (RFC 9051,
        section 2.2.1): for commands that have no method here.

        >>> await client.sendCommand(Command(b"STATUS", b"INBOX (UNSEEN)", (b"STATUS",)))
        ([[b'STATUS', b'INBOX', [b'UNSEEN', b'1']]], b'OK STATUS complete')

        @raise ValueError: where C{cmd.args} holds CR, LF or NUL outside of a
            literal.
        @return: fires with what the command's C{finish} gives it: with Twisted's, the
            responses that the command chose, and the server's answer.  Fails with
            L{imap4.IMAP4Exception} for NO and BAD (RFC 9051, section 7.1),
            L{imap4.IllegalServerResponse} for an answer that breaks the
            protocol, and with the cause when the connection is lost.
        """
        return self._imapc.sendCommand(cmd)

    def _flushQueue(self) -> None:
        """
        Send the next command that is queued.
        """
        self._imapc.flushQueue()

    def timeoutConnection(self) -> None:
        """
        The server was silent for C{timeout} seconds.
        """
        self._imapc.timedOut()

    @endsSession
    def connectionLost(self, reason: Any) -> None:
        """
        The connection is gone: every Deferred fails with the cause.
        """
        self._imapc.end(reason)
