"""
A factory that tells when a client is ready, which Twisted's own never could.

A protocol is built as soon as TCP is connected, but an IMAP client is of no
use before the server's greeting, and the greeting may be a BYE, or never come.
L{IMAP4ClientFactory} turns all of that into one L{Deferred}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConnector
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from .imap4client import IMAP4Client

__all__ = ["IMAP4ClientFactory"]


class IMAP4ClientFactory(ClientFactory):
    """
    Builds IMAP clients, and says when each of them can be used::

        factory = IMAP4ClientFactory()
        reactor.connectTCP("mail.example.org", 143, factory)
        factory.deferred.addCallbacks(begin, giveUp)

    It serves one attempt to connect after another.  To use it for two at the
    same time, make two of them: there would be one C{deferred} for both.

    @ivar deferred: Fires with the client after its greeting, or fails with
        the cause: the attempt was refused, the connection was lost before the
        greeting, or the greeting was a BYE
        (L{IMAP4Exception<twisted.mail.imap4.IMAP4Exception>} with the server's
        text).  The next attempt replaces it as it begins; until then the one
        of the last attempt stays here.  Cancelling it gives the attempt up.

    @cvar protocol: What to call, without arguments, for a new client.  A
        subclass may set it, or override C{buildProtocol} and call the base's.
    """

    protocol: Callable[[], IMAP4Client] = IMAP4Client

    # What the attempt now under way has to fire; None once it did.
    _pending: Deferred[IMAP4Client] | None = None

    # How to give up the attempt now under way, as far as one can.
    _giveUp: Callable[[], Any] | None = None

    # Whose attempt it is; None with an endpoint.
    _connector: IConnector | None = None

    def __init__(self, *, protocol: Callable[[], IMAP4Client] | None = None) -> None:
        """
        @param protocol: A class derived from L{IMAP4Client}, or whatever else
            returns a new client when it is called without arguments.
        """
        if protocol is not None:
            self.protocol = protocol
        self._begin()

    def startedConnecting(self, connector: IConnector) -> None:
        """
        An attempt of C{connectTCP} and its like begins.
        """
        self._begin()
        self._connector = connector
        self._giveUp = connector.disconnect
        super().startedConnecting(connector)

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """
        TCP is connected: make the client, and ask it to tell of its greeting.
        """
        # An endpoint does not call startedConnecting.
        self._begin()
        client = super().buildProtocol(addr)
        if client is not None:
            self._watch(cast(IMAP4Client, client))
        return client

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """
        The attempt was refused, timed out or was given up.
        """
        # First the Deferred, then the base: what listens to the Deferred may
        # say stopTrying() to a base that would reconnect.
        if connector is self._connector:
            self._fire(self._pending, reason)
        super().clientConnectionFailed(connector, reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """
        The connection is gone.  The client has told so already, unless a
        subclass built it without our C{buildProtocol}.
        """
        # An older connection of this factory may end during a new attempt.
        if connector is self._connector:
            self._fire(self._pending, reason)
        super().clientConnectionLost(connector, reason)

    def _begin(self) -> None:
        """
        Have an unfired C{deferred} for the attempt that begins.
        """
        if self._pending is None:
            self._giveUp = self._connector = None
            self.deferred: Deferred[IMAP4Client] = Deferred(self._cancel)
            self._pending = self.deferred

    def _watch(self, client: IMAP4Client) -> None:
        """
        Fire this attempt's Deferred when C{client} has seen its greeting.
        """
        # One Deferred is the client's to fire and another the user's: between
        # the two is the place for what has to be done before the user may have
        # the client, and the user may cancel his without the client's knowing.
        attempt = self._pending
        greeted: Deferred[IMAP4Client] = Deferred()
        greeted.addBoth(lambda outcome: self._fire(attempt, outcome))
        client._greetingDeferred = greeted

        def giveUp() -> None:
            transport: Any = client.transport
            if transport is not None:
                transport.abortConnection()

        self._giveUp = giveUp

    def _fire(self, attempt: Deferred[IMAP4Client] | None, outcome: IMAP4Client | Failure) -> None:
        """
        End C{attempt}, unless it has ended or was cancelled.
        """
        if attempt is None or attempt is not self._pending:
            return
        self._pending = self._giveUp = None
        if isinstance(outcome, Failure):
            attempt.errback(outcome)
        else:
            attempt.callback(outcome)

    def _cancel(self, attempt: Deferred[IMAP4Client]) -> None:
        """
        The user does not want the client any more.
        """
        giveUp = self._giveUp
        self._pending = self._giveUp = None
        if giveUp is not None:
            giveUp()
