"""
Capabilities, TLS, login and logout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.internet.ssl import ClientContextFactory
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from .. import _encode, _insecure, _login
from .._command import makeCommand
from .._errors import IllegalServerResponse, IMAP4Exception
from .._logger import ConnectionLogger
from .._session import Session
from .._starttls import SharedTLS, canStartTLS, contextProblem, verifierOf
from ..types import Answer, Capabilities, Nested
from .base import Verbs, perform, valueOf

_log = ConnectionLogger()


class Access(Verbs):
    """
    The way to a mailbox, and back.
    """

    context: Any
    startedTLS: bool
    tlsHostname: str | None
    requireTLS: bool
    authenticators: Any

    # Any state

    def getCapabilities(self, useCache: bool | int = 1) -> Deferred[Capabilities]:
        """
        CAPABILITY (RFC 9051, section 6.1.1).

        >>> await client.getCapabilities()
        {b'IMAP4rev1': None, b'AUTH': [b'LOGIN', b'PLAIN'], b'NAMESPACE': None,
        b'IDLE': None}

        @param useCache: ask only if the server has not said so already since login
            and TLS.
        @return: fires with a dict: None for a plain capability, the list of its values
            for one such as C{AUTH=PLAIN}, and for one that is both, such as C{SORT} and
            C{SORT=DISPLAY}, a list with None in it.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        if useCache and self._capCache is not None:
            return defer.succeed(self._capCache)

        def keep(result: tuple[Any, bytes]) -> Any:
            self._capCache = result[0]
            return self._capCache

        d = perform(self, b"CAPABILITY", shape="capability", want=(b"CAPABILITY",))
        return d.addCallback(keep)

    def logout(self) -> Deferred[None]:
        """
        LOGOUT (RFC 9051, section 6.1.3), and close the connection.

        >>> await client.logout()

        @return: fires with None; also where the connection ends after the
            server's BYE, in whatever way, without a tagged answer.  Without a BYE it
            fails with the cause.
        """

        def loggedOut(result: object) -> None:
            if self._imapc.ended is None:
                self.transport.loseConnection()

        return perform(self, b"LOGOUT", want=(b"BYE",)).addCallback(loggedOut)

    def noop(self) -> Deferred[list[Nested]]:
        """
        NOOP (RFC 9051, section 6.1.2): an occasion for the server to tell what is new.

        >>> server.inbox.addMessage(BytesIO(b"Subject: new")) and None
        >>> await client.noop()
        [[b'3', b'EXISTS']]

        @return: fires with the untagged responses, as lists of bytes; what they
            say of counts and flags is told to the listeners, too.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"NOOP", shape="noop").addCallback(valueOf)

    # Not authenticated

    def startTLS(self, contextFactory: Any = None) -> Deferred[Capabilities]:
        """
        STARTTLS (RFC 9051, section 6.2.1), TLS, and then CAPABILITY.

        >>> await client.startTLS(optionsForClientTLS("localhost", trustRoot=authority))
        {b'IMAP4rev1': None, b'AUTH': [b'LOGIN', b'PLAIN'], b'NAMESPACE': None,
        b'IDLE': None}

        @param contextFactory: in place of that of C{_getContextFactory}.  With
            C{tlsHostname} it has to be what
            C{twisted.internet.ssl.optionsForClientTLS} returns.
        @raise AssertionError: under TLS.
        @return: fires with the capabilities under TLS; fails with
            L{imap4.IMAP4Exception} where TLS is impossible, with what the transport
            says where the handshake fails, and as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        underWay = self._imapc.sharedTLS is not None
        assert underWay or not self.startedTLS, "The connection is under TLS already"
        try:
            context = self._getContextFactory() if contextFactory is None else contextFactory
        except _insecure.InsecureConnectionWarning:
            return defer.fail()
        problem = contextProblem(context, self.tlsHostname)
        if problem is not None:
            return defer.fail(problem)
        if self._capCache is None:
            d = self.getCapabilities()
            return d.addCallback(lambda _: _startTLS(self, context, contextFactory))
        return _startTLS(self, context, contextFactory)

    def _getContextFactory(self) -> Any:
        """
        What startTLS() uses when it is given nothing; None if there is none.
        """
        if self.context is not None:
            return self.context
        if self.tlsHostname is not None:
            return verifierOf(self.tlsHostname, "tlsHostname")
        if self.requireTLS:
            return None
        text = "STARTTLS verifies no certificate: set tlsHostname to the server's name"
        _insecure.warn(self, LogLevel.warn, text)
        # As in Twisted, of which older versions insist on TLS 1.0 here.
        return ClientContextFactory()

    def _startedTLS(self, result: Any, context: Any) -> Any:
        """
        The server is ready for TLS.
        """
        try:
            self.transport.startTLS(context)
        except Exception as e:
            # The server will speak TLS, and nobody else.
            self._imapc.abort(e)
            raise
        self._imapc.forget()
        self.startedTLS = True
        return result

    def login(self, username: str | bytes, password: str | bytes) -> Deferred[Answer]:
        """
        LOGIN (RFC 9051, section 6.2.3), after STARTTLS where both sides can.

        >>> await client.login("user", "secret")
        ([], b'OK LOGIN succeeded')

        @param username: str is sent as UTF-8.
        @raise ValueError: for what cannot be sent.
        @return: fires with the server's answer; fails with L{imap4.IMAP4Exception}
            also where the server takes no password in the clear, and as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        _encode.credential(username, "username")
        _encode.credential(password, "password")
        d = defer.maybeDeferred(self.getCapabilities)
        return d.addCallback(self._IMAP4Client__cbLoginCaps, username, password)

    def _IMAP4Client__cbLoginCaps(
        self, capabilities: Any, username: str | bytes, password: str | bytes
    ) -> Deferred[Any]:
        if (
            not self._imapc.isSecure()
            and _login.offered(capabilities, b"STARTTLS") is not None
            and canStartTLS(self.transport)
        ):
            d = self.startTLS()
            return d.addCallbacks(
                self._IMAP4Client__cbLoginTLS,
                self._IMAP4Client__ebLoginTLS,
                callbackArgs=(username, password),
            )
        problem = _login.loginProblem(capabilities)
        return _logIn(self, username, password) if problem is None else defer.fail(problem)

    def _IMAP4Client__cbLoginTLS(
        self, result: object, username: str | bytes, password: str | bytes
    ) -> Deferred[Any]:
        return _logIn(self, username, password)

    def _IMAP4Client__ebLoginTLS(self, failure: Failure) -> Failure:
        if not self._imapc.isUnheard:
            _log.failure("STARTTLS before login() failed", failure)
        return failure

    def authenticate(self, secret: bytes) -> Deferred[Answer]:
        """
        AUTHENTICATE (RFC 9051, section 6.2.2) with the first mechanism of the
        server's for which there is an authenticator, after STARTTLS if there
        is none without.

        >>> client.registerAuthenticator(PLAINAuthenticator(b"user"))
        >>> await client.authenticate(b"secret")
        ([], b'OK Authentication successful')

        @param secret: for the C{challengeResponse} of the authenticator; mostly the
            password.
        @return: fires with the server's answer; fails with
            L{imap4.NoSupportedAuthentication} if nothing fits, and as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        d = self.getCapabilities() if self._capCache is None else defer.succeed(self._capCache)
        return d.addCallback(self._IMAP4Client__cbAuthenticate, secret)

    def _IMAP4Client__cbAuthenticate(self, caps: Any, secret: bytes) -> Deferred[Any]:
        scheme = _login.mechanism(caps, self.authenticators)
        session = self._imapc
        if scheme is not None and not session.lacksTLS():
            return _authenticate(self, scheme, self._IMAP4Client__cbContinueAuth, secret)
        problem = _login.nothingSupported(caps, self.authenticators.keys())
        if session.isSecure():
            return defer.fail(problem)

        def noTLS(failure: Failure) -> Failure:
            failure.trap(IMAP4Exception)
            return failure if scheme is not None else Failure(problem)

        d = self.startTLS()
        d.addErrback(noTLS)
        d.addCallback(lambda _: self.getCapabilities())
        return d.addCallback(self._IMAP4Client__cbAuthTLS, secret)

    def _IMAP4Client__cbAuthTLS(self, caps: Any, secret: bytes) -> Deferred[Any]:
        scheme = _login.mechanism(caps, self.authenticators)
        if scheme is None:
            raise _login.nothingSupported(caps, self.authenticators.keys())
        return _authenticate(self, scheme, self._IMAP4Client__cbContinueAuth, secret)

    def _IMAP4Client__cbContinueAuth(self, rest: bytes, scheme: bytes, secret: bytes) -> None:
        try:
            challenge = _login.challengeOf(rest)
        except IllegalServerResponse:
            self.sendLine(b"*")
            raise
        answer = self.authenticators[scheme.upper()].challengeResponse(secret, challenge)
        self.sendLine(_login.answerOf(answer))


def _startTLS(client: Any, context: Any, given: Any) -> Deferred[Any]:
    """
    @param given: C{context}, if the caller of startTLS() has said which.
    """
    session = client._imapc
    shared = session.sharedTLS
    if shared is not None or client.startedTLS:
        # While the server was asked what it can, or another one waits.
        if shared is None:
            return client.getCapabilities()
        if given is not None and given is not shared.context:
            return defer.fail(IMAP4Exception("STARTTLS was sent already, for another context"))
        return shared.share()
    if _login.offered(client._capCache, b"STARTTLS") is None:
        return defer.fail(
            IMAP4Exception("Server does not support secure communication via TLS / SSL")
        )
    if not canStartTLS(client.transport):
        return defer.fail(
            IMAP4Exception("IMAP4Client transport does not implement interfaces.ITLSTransport")
        )
    command = makeCommand(client, b"STARTTLS")
    command.endsPlaintext = True
    shared = session.sharedTLS = SharedTLS(context)
    mine = shared.share()
    try:
        d = client.sendCommand(command)
    except BaseException:
        session.sharedTLS = None
        raise
    shared.begin(d)
    d.addCallback(client._startedTLS, context)
    d.addCallback(lambda _: client.getCapabilities())
    d.addBoth(_settleTLS, session, shared)
    return mine


def _settleTLS(outcome: Any, session: Session, shared: SharedTLS) -> None:
    session.sharedTLS = None
    shared.settle(outcome)


def _logIn(client: Any, username: str | bytes, password: str | bytes) -> Deferred[Any]:
    """
    LOGIN on the connection as it is.
    """
    _warnOfPlaintext(client, "login()")
    d = perform(
        client,
        b"LOGIN",
        _encode.credential(username, "username"),
        _encode.credential(password, "password"),
    )
    return d.addCallback(_authenticated, client)


def _warnOfPlaintext(client: Any, verb: str) -> None:
    """
    What C{verb} sends can be read, unless it is not sent because TLS is required.
    """
    if not (client._imapc.isSecure() or client._imapc.lacksTLS()):
        text = "without TLS: the password goes out in the clear; requireTLS = True forbids it"
        _insecure.warn(client, LogLevel.info, f"{verb} {text}")


def _authenticate(
    client: Any, scheme: bytes, continuation: Callable[..., object], secret: bytes
) -> Deferred[Any]:
    name = _encode.mechanism(scheme)
    if scheme.upper() in _login.REVEALING:
        _warnOfPlaintext(client, "authenticate()")
    d = perform(client, b"AUTHENTICATE", name, continuation=continuation, contArgs=(scheme, secret))
    return d.addCallback(_authenticated, client)


def _authenticated(result: Any, client: Any) -> Any:
    # RFC 9051, section 6.2.2: a server may offer others from here on.
    client._capCache = None
    return result
