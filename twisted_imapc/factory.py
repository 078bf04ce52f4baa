"""
Ways to a client that can be used: a factory that tells when it is ready (Twisted
has none), and L{connect}.

A protocol is built as soon as TCP is connected, but an IMAP client is of no
use before the server's greeting, and the greeting may be a BYE, or never come.
L{IMAP4ClientFactory} turns all of that, TLS and the login into one L{Deferred}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
)
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from . import _encode, _reasons
from ._attempt import Attempt, openSSL
from ._command import fire
from ._logger import ConnectionLogger
from ._place import placeOf
from ._starttls import verifierOf
from .imap4client import IMAP4Client

__all__ = ["IMAP4ClientFactory", "connect"]

_log = ConnectionLogger()


class IMAP4ClientFactory(ClientFactory):
    """
    Builds IMAP clients, and says when each of them can be used::

        factory = IMAP4ClientFactory("joe", "secret", "mail.example.org")
        reactor.connectTCP("mail.example.org", 143, factory)
        factory.deferred.addCallbacks(begin, giveUp)

    It serves one attempt to connect after another.  To use it for two at the
    same time, make two of them: there would be one C{deferred} for both.

    @ivar deferred: Fires with the client after its greeting, and after
        STARTTLS and login if these are wanted, or fails with the cause: the
        attempt was refused, the connection was lost too early, the greeting was
        a BYE, TLS cannot be had or its certificate is not the server's, or the
        server said NO to the login
        (L{IMAP4Exception<twisted.mail.imap4.IMAP4Exception>} with the server's
        text).  The next attempt replaces it as it begins; until then the one
        of the last attempt stays here.  Cancelling it gives the attempt up.

    @cvar protocol: What to call, without arguments, for a new client.  A
        subclass may set it, or override C{buildProtocol} and call the base's.
    """

    protocol: Callable[[], IMAP4Client] = IMAP4Client

    # For whom TLS is wanted, and its context; None for no TLS of ours.
    _hostname: str | None = None
    _context: Any = None

    # What the attempt now under way has to fire; None once it did.
    _pending: Deferred[IMAP4Client] | None = None

    # How to give up the attempt now under way, as far as one can.
    _giveUp: Callable[[], Any] | None = None

    # Whose attempt it is; None with an endpoint.
    _connector: IConnector | None = None

    # That of connect(), which explains why it fails.
    _attempt: Attempt | None = None

    def __init__(
        self,
        username: str | bytes | None = None,
        password: str | bytes | None = None,
        hostname: str | None = None,
        protocol: Callable[[], IMAP4Client] = IMAP4Client,
    ) -> None:
        """
        @param username: With C{password}, for a LOGIN (RFC 9051, section
            6.2.3) as soon as the server has greeted, unless that was PREAUTH.
        @param hostname: The name that the server's certificate has to be for.
            With it, nothing is done before STARTTLS (section 6.2.1), unless
            the transport is under TLS already: then what made the transport
            has to verify.
        @param protocol: A class derived from L{IMAP4Client}, or whatever else
            returns a new client when it is called without arguments.
        @raise ValueError: for a name without a password or the reverse, for
            CR, LF or NUL in one of them, and for what can be no C{hostname}.
        @raise TypeError: for a C{hostname} that is no str, and for a C{protocol}
            that cannot be called, or is another class.
        """
        if (username is None) != (password is None):
            raise ValueError("username and password go together")
        if username is not None and password is not None:
            _encode.credential(username, "username")
            _encode.credential(password, "password")
        if not callable(protocol):
            kind = type(protocol).__name__
            raise TypeError(f"protocol: a class of clients is wanted, or a function, not {kind}")
        if isinstance(protocol, type) and not issubclass(protocol, IMAP4Client):
            raise TypeError(f"{protocol!r} is not derived from twisted_imapc.IMAP4Client")
        self._username = username
        self._password = password
        if protocol is not IMAP4Client:
            self.protocol = protocol
        if hostname is not None:
            self._useTLS(hostname, verifierOf(hostname, "hostname"))
        self._begin()

    def _useTLS(self, hostname: str, context: Any) -> None:
        self._hostname = hostname
        self._context = context

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
        # Not by the base's, which sets the attribute of whatever it is.
        client: Any = self.protocol()
        if not isinstance(client, IMAP4Client):
            raise TypeError(f"protocol gave {client!r}, which is no twisted_imapc.IMAP4Client")
        client.factory = self
        self._watch(client)
        return client

    def _connect(self, endpoint: Any) -> Deferred[IMAP4Client]:
        """
        Begin an attempt by way of C{endpoint}.
        """
        pending = self._pending
        attempt = endpoint.connect(self)
        if self._giveUp is None:
            self._giveUp = attempt.cancel
        attempt.addErrback(lambda failure: self._fire(pending, failure))
        return self.deferred

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

    def _watch(self, client: Any) -> None:
        """
        Fire this attempt's Deferred when C{client} has seen its greeting, and
        is logged in if that is wanted.
        """
        if self._hostname is not None:
            client.tlsHostname = self._hostname
            client.requireTLS = True
            client.context = self._context
            client._imapc.tlsFirst = True
        # One Deferred is the client's to fire and another the user's: between
        # the two is what has to be done before the user may have the client,
        # and the user may cancel his without the client's knowing.
        attempt = self._pending
        greeted: Deferred[IMAP4Client] = Deferred()
        greeted.addCallback(self._logIn)
        greeted.addBoth(lambda outcome: self._fire(attempt, outcome, client))
        client._imapc.greeted = greeted
        if self._attempt is not None:
            self._attempt.connection = client._imapc

        def giveUp() -> None:
            client._imapc.hangUp()

        self._giveUp = giveUp

    def _logIn(self, client: IMAP4Client) -> Any:
        if self._username is None or self._password is None or client.state == "auth":
            return client

        def refused(failure: Failure) -> Failure:
            # Nobody but us has the client.
            client._imapc.hangUp()
            return failure

        d = client.login(self._username, self._password)
        return d.addCallbacks(lambda _: client, refused)

    def _fire(
        self,
        attempt: Deferred[IMAP4Client] | None,
        outcome: IMAP4Client | Failure,
        client: Any = None,
    ) -> None:
        """
        End C{attempt}, unless it has ended or was cancelled.
        """
        if attempt is None or attempt is not self._pending:
            return
        self._pending = self._giveUp = None
        if isinstance(outcome, Failure):
            if self._hostname is not None and outcome.check(*_reasons.REFUSED):
                self._tell(outcome.value, client)
        fire(attempt, outcome)

    def _tell(self, e: Any, client: Any) -> None:
        """
        Say what the exception of a failed handshake, which only has OpenSSL's
        words, does not.
        """
        _log.error(
            "No TLS with {host}: {reason}{remedy}",
            host=self._hostname,
            reason=_reasons.tlsReason(e, client and openSSL(client.transport)),
            remedy=_reasons.remedy(e, _reasons.HANDSHAKE),
        )

    def _cancel(self, attempt: Deferred[IMAP4Client]) -> None:
        """
        The user does not want the client any more.
        """
        giveUp = self._giveUp
        self._pending = self._giveUp = None
        if giveUp is not None:
            giveUp()


_Client = TypeVar("_Client", bound=IMAP4Client)


@overload
def connect(
    url_or_endpoint: Any, *, tls: Any = None, reactor: Any = None, timeout: float = 30
) -> Deferred[IMAP4Client]: ...


@overload
def connect(
    url_or_endpoint: Any,
    protocol: Callable[[], _Client],
    *,
    tls: Any = None,
    reactor: Any = None,
    timeout: float = 30,
) -> Deferred[_Client]: ...


def connect(
    url_or_endpoint: Any,
    protocol: Callable[[], Any] = IMAP4Client,
    *,
    tls: Any = None,
    reactor: Any = None,
    timeout: float = 30,
) -> Any:
    """
    Connect to a server::

        client = await connect("imaps://mail.example.org")

    @param url_or_endpoint: C{imaps://host[:port]} for TLS from the start (port
        993, RFC 8314), C{imap://host[:port]} for STARTTLS before anything else
        (port 143; RFC 9051, section 6.2.1): in both the certificate has to be
        the host's, and be signed by one whom this system trusts.  Or an
        L{IStreamClientEndpoint}, which is used as it is.
    @param protocol: A class derived from L{IMAP4Client}, or whatever else
        returns a new client when it is called without arguments.
    @param tls: What verifies the certificate in place of
        C{twisted.internet.ssl.optionsForClientTLS(host)}: for an authority of
        your own, C{optionsForClientTLS(host, trustRoot=certificate)}.
    @param reactor: In place of the global one.
    @param timeout: Seconds for all of it: the name's address, TCP, TLS, the
        greeting, STARTTLS.
    @return: Fires with the client after its greeting, for C{imap://} under
        TLS; fails as C{deferred} of L{IMAP4ClientFactory} does, and with
        L{twisted.internet.error.TimeoutError}.  The text of the exception
        names the server, the step that failed, why, and what can be done; the
        exception as it came is its C{__cause__}.  Cancelling it gives the
        attempt up.
    @raise ValueError: for a URL that is none of these, for C{tls} with an
        endpoint, and for a timeout that is not more than 0.
    @raise TypeError: for what is neither a URL nor an endpoint, for a C{tls}
        that does not verify, for a C{protocol} that cannot be called, for a
        timeout that is no number, and for a C{reactor} that is none.
    """
    if reactor is None:
        from twisted.internet import reactor
    factory = IMAP4ClientFactory(protocol=protocol)
    where = placeOf(url_or_endpoint, tls, reactor, timeout)
    if where.host is not None:
        factory._useTLS(where.host, where.context)
    factory._attempt = Attempt(where.url, timeout, reactor)
    return factory._attempt.watch(factory._connect(where.endpoint))
