"""
L{IMAP4Client}: the methods of Twisted's client, over L{Session}.

Methods that are not here (fetchFlags and its like, setFlags and its like,
registerAuthenticator) are Twisted's own: they only call C{_fetch} and
C{_store}.  C{_IMAP4Client__cb...} names of Twisted's that take a Command's
result are Twisted's too, for programs that give them one; the methods here do
not need them.
"""

from __future__ import annotations

import binascii
from base64 import b64encode, decodebytes
from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO

from twisted.internet import defer, interfaces
from twisted.internet.defer import Deferred
from twisted.internet.ssl import ClientContextFactory, optionsForClientTLS
from twisted.mail import imap4
from twisted.python.compat import networkString
from twisted.python.failure import Failure

from . import _encode
from ._commands import Command, IllegalServerResponse, IMAP4Exception, Message, MessageSender
from ._hooks import LineHooks
from ._logger import ConnectionLogger
from ._session import Session

_log = ConnectionLogger()

# Twisted's class, whatever its name in imap4 stands for later.
TwistedClient = imap4.IMAP4Client


class IMAP4Client(LineHooks, Session, TwistedClient):  # type: ignore[misc]
    """
    A drop-in for L{twisted.mail.imap4.IMAP4Client}.

    All methods raise L{ValueError}, before anything is written, for arguments
    with CR, LF or NUL.  The Deferreds that they return fail with
    L{imap4.IMAP4Exception} for NO and BAD; with
    L{imap4.IllegalServerResponse}, which has C{.wire}, C{.offset} and
    C{.result}, where a response breaks RFC 9051; and with the cause when the
    connection is lost.  They can be cancelled.

    C{tlsHostname}, C{requireTLS}, C{trace} and the limits are explained in
    L{Session}.
    """

    def __init__(self, contextFactory: Any = None) -> None:
        """
        @param contextFactory: for startTLS() and login(); see
            C{_getContextFactory}.
        """
        TwistedClient.__init__(self, contextFactory)
        self._imapcSetUp()

    def _imapcSetUp(self) -> None:
        super()._imapcSetUp()
        # Those who wait for the STARTTLS that is under way, None where none is;
        # its Deferred, and its context.
        self._imapcSharers: Any = None
        self._imapcStarting: Any = None
        self._imapcContext: Any = None
        # Of an earlier connection.
        self.__dict__.pop("startedTLS", None)

    # Whether the user is greeted under TLS only.
    _imapcTlsFirst = False

    # Listeners; modeChanged, flagsChanged and newMessages are Twisted's.

    def expunged(self, number: int) -> None:
        """
        The message with this sequence number is gone; the numbers above it
        are now one less (RFC 9051, section 7.5.1).  Override me.
        """

    # How commands are made

    def _imapcCommand(
        self,
        command: bytes,
        *pieces: bytes,
        shape: str = "lines",
        want: Iterable[bytes] = (),
        continuation: Callable[..., object] | None = None,
        contArgs: tuple[object, ...] = (),
        terms: Sequence[str] = (),
    ) -> Command:
        """
        A command with the arguments C{pieces}, encoded already.
        """
        withoutAsking = _encode.withoutAsking(self._capCache or ())
        segments = _encode.segments(pieces, withoutAsking) if pieces else ()
        made = Command(command, segments, shape, self, tuple(want), continuation, *contArgs)
        made.terms = terms
        return made

    def _imapcPerform(self, command: bytes, *pieces: bytes, **keywords: Any) -> Deferred[Any]:
        """
        Send a command; fires with C{(value as the shape has it, tagline)}.
        """
        return self.sendCommand(self._imapcCommand(command, *pieces, **keywords))

    def _imapcMailbox(self, name: str | bytes, argument: str) -> bytes:
        return _encode.mailbox(name, argument, self._imapcParser.names)

    # Any state

    def getCapabilities(self, useCache: Any = 1) -> Deferred[Any]:
        """
        CAPABILITY (RFC 9051, section 6.1.1), from the cache if that is filled.

        @return: fires with a dict of bytes: None for a plain capability, the
            list of its values for one such as C{AUTH=PLAIN}.
        """
        if useCache and self._capCache is not None:
            return defer.succeed(self._capCache)
        d = self._imapcPerform(b"CAPABILITY", shape="capability", want=(b"CAPABILITY",))
        return d.addCallback(self._imapcGotCapabilities)

    def _imapcGotCapabilities(self, result: tuple[Any, bytes]) -> Any:
        self._capCache = result[0]
        return self._capCache

    def _imapcCapability(self, capabilities: Any, name: bytes) -> Any:
        """
        The values of a capability, in whatever case the server wrote it; None
        if it has none of this name.
        """
        for one, values in (capabilities or {}).items():
            if one is not None and one.upper() == name:
                return values or ()
        return None

    def logout(self) -> Deferred[None]:
        """
        LOGOUT (RFC 9051, section 6.1.3), and close the connection.

        @return: fires with None; also where the connection ends after the
            server's BYE, in whatever way, without a tagged answer.
        """
        return self._imapcPerform(b"LOGOUT", want=(b"BYE",)).addCallback(self._imapcLoggedOut)

    def _imapcLoggedOut(self, result: object) -> None:
        if self._imapcEnded is None:
            self.transport.loseConnection()

    def noop(self) -> Deferred[Any]:
        """
        NOOP (RFC 9051, section 6.1.2).

        @return: fires with the untagged responses, as lists of bytes; what they
            say of counts and flags is told to the listeners, too.
        """
        return self._imapcPerform(b"NOOP", shape="noop").addCallback(_value)

    # Not authenticated

    def _imapcWelcome(self, capabilities: dict[bytes, Any] | None) -> None:
        first, self._imapcTlsFirst = self._imapcTlsFirst, False
        if not first or self._imapcIsSecure():
            super()._imapcWelcome(capabilities)
            return
        d = self.startTLS()
        d.addCallback(self._imapcWelcomeUnderTLS)
        d.addErrback(self._imapcNoTLS)

    def _imapcWelcomeUnderTLS(self, capabilities: dict[bytes, Any]) -> None:
        if not self._imapcIsSecure():
            raise IMAP4Exception("startTLS() has begun no TLS")
        super()._imapcWelcome(capabilities)

    def _imapcNoTLS(self, failure: Failure) -> None:
        # _imapcGreetingDeferred gets it, at the end of the connection.
        self._imapcAbort(failure.value or IMAP4Exception("STARTTLS failed"))

    def startTLS(self, contextFactory: Any = None) -> Deferred[Any]:
        """
        STARTTLS (RFC 9051, section 6.2.1), TLS, and then CAPABILITY.

        @param contextFactory: in place of that of C{_getContextFactory}.  With
            C{tlsHostname} it has to be what
            C{twisted.internet.ssl.optionsForClientTLS} returns.
        @return: fires with the capabilities under TLS; fails with
            L{imap4.IMAP4Exception} where TLS is impossible.
        """
        underWay = self._imapcSharers is not None
        assert underWay or not self.startedTLS, "The connection is under TLS already"
        given = contextFactory
        if contextFactory is None:
            contextFactory = self._getContextFactory()
        if contextFactory is None:
            return defer.fail(
                IMAP4Exception(
                    "IMAP4Client requires a TLS context to initiate the STARTTLS handshake:"
                    " set tlsHostname to the server's name"
                )
            )
        if self.tlsHostname is not None and not verifiesName(contextFactory):
            return defer.fail(
                IMAP4Exception(
                    f"This TLS context does not verify that the server is {self.tlsHostname}:"
                    " give what optionsForClientTLS() returns, or none"
                )
            )
        if self._capCache is None:
            d = self.getCapabilities()
            return d.addCallback(lambda _: self._imapcStartTLS(contextFactory, given))
        return self._imapcStartTLS(contextFactory, given)

    def _imapcStartTLS(self, context: Any, given: Any) -> Deferred[Any]:
        """
        @param given: C{context}, if the caller of startTLS() has said which.
        """
        if self._imapcSharers is not None or self.startedTLS:
            # While the server was asked what it can, or another one waits.
            if given is not None and given is not self._imapcContext:
                return defer.fail(IMAP4Exception("STARTTLS was sent already, for another context"))
            return self.getCapabilities() if self._imapcSharers is None else self._imapcShareTLS()
        if self._imapcCapability(self._capCache, b"STARTTLS") is None:
            return defer.fail(
                IMAP4Exception("Server does not support secure communication via TLS / SSL")
            )
        if interfaces.ITLSTransport(self.transport, None) is None:
            return defer.fail(
                IMAP4Exception("IMAP4Client transport does not implement interfaces.ITLSTransport")
            )
        command = self._imapcCommand(b"STARTTLS")
        command.endsPlaintext = True
        self._imapcSharers = []
        self._imapcContext = context
        mine = self._imapcShareTLS()
        try:
            d = self._imapcStarting = self.sendCommand(command)
        except BaseException:
            self._imapcSharers = None
            raise
        d.addCallback(self._startedTLS, context)
        d.addCallback(lambda _: self.getCapabilities())
        d.addBoth(self._imapcSettleTLS)
        return mine

    # One STARTTLS is for all who want TLS in the meantime, each with a Deferred
    # of its own, and it is given up when none of these is left.

    def _imapcShareTLS(self) -> Deferred[Any]:
        d: Deferred[Any] = Deferred(self._imapcUnshareTLS)
        self._imapcSharers.append(d)
        return d

    def _imapcUnshareTLS(self, d: Deferred[Any]) -> None:
        self._imapcSharers.remove(d)
        if not self._imapcSharers:
            self._imapcStarting.cancel()

    def _imapcSettleTLS(self, outcome: Any) -> None:
        sharers, self._imapcSharers = self._imapcSharers, None
        self._imapcStarting = None
        for d in sharers:
            if isinstance(outcome, Failure):
                d.errback(outcome)
            else:
                d.callback(outcome)

    def _getContextFactory(self) -> Any:
        """
        What startTLS() uses when it is given nothing; None if there is none.
        """
        if self.context is not None:
            return self.context
        if self.tlsHostname is not None:
            return optionsForClientTLS(self.tlsHostname)
        if self.requireTLS:
            return None
        _log.warn("STARTTLS verifies no certificate: set tlsHostname to the server's name")
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
            self._imapcAbort(e)
            raise
        self._imapcForget()
        self.startedTLS = True
        return result

    def login(self, username: str | bytes, password: str | bytes) -> Deferred[Any]:
        """
        LOGIN (RFC 9051, section 6.2.3), after STARTTLS where both sides can.

        @param username: str is sent as UTF-8.
        @return: fires with a true value.
        """
        _encode.credential(username, "username")
        _encode.credential(password, "password")
        d = defer.maybeDeferred(self.getCapabilities)
        return d.addCallback(self.__cbLoginCaps, username, password)

    def __cbLoginCaps(
        self, capabilities: Any, username: str | bytes, password: str | bytes
    ) -> Deferred[Any]:
        if (
            not self._imapcIsSecure()
            and self._imapcCapability(capabilities, b"STARTTLS") is not None
            and interfaces.ITLSTransport(self.transport, None) is not None
        ):
            d = self.startTLS()
            return d.addCallbacks(
                self.__cbLoginTLS, self.__ebLoginTLS, callbackArgs=(username, password)
            )
        if self._imapcCapability(capabilities, b"LOGINDISABLED") is not None:
            # RFC 9051, section 6.2.3
            return defer.fail(IMAP4Exception("The server takes no LOGIN here: LOGINDISABLED"))
        return self._imapcLogin(username, password)

    def __cbLoginTLS(
        self, result: object, username: str | bytes, password: str | bytes
    ) -> Deferred[Any]:
        return self._imapcLogin(username, password)

    def __ebLoginTLS(self, failure: Failure) -> Failure:
        if not self._imapcUnheard:
            _log.failure("STARTTLS before login() failed", failure)
        return failure

    def _imapcLogin(self, username: str | bytes, password: str | bytes) -> Deferred[Any]:
        """
        LOGIN on the connection as it is.
        """
        if not (self._imapcIsSecure() or self._imapcLacksTLS()):
            _log.info("login() without TLS: the password goes out in the clear")
        d = self._imapcPerform(
            b"LOGIN",
            _encode.credential(username, "username"),
            _encode.credential(password, "password"),
        )
        return d.addCallback(self._imapcAuthenticated)

    def _imapcAuthenticated(self, result: Any) -> Any:
        # RFC 9051, section 6.2.2: a server may offer others from here on.
        self._capCache = None
        return result

    def authenticate(self, secret: bytes) -> Deferred[Any]:
        """
        AUTHENTICATE (RFC 9051, section 6.2.2) with the first mechanism of the
        server's for which there is an authenticator, after STARTTLS if there
        is none without.

        @return: fires with a true value; fails with
            L{imap4.NoSupportedAuthentication} if nothing fits.
        """
        d = self.getCapabilities() if self._capCache is None else defer.succeed(self._capCache)
        return d.addCallback(self.__cbAuthenticate, secret)

    def __cbAuthenticate(self, caps: Any, secret: bytes) -> Deferred[Any]:
        command = self._imapcAuthentication(caps, secret)
        if command is not None and not self._imapcLacksTLS():
            return self.sendCommand(command).addCallback(self._imapcAuthenticated)
        problem = self._imapcNothingSupported(caps)
        if self._imapcIsSecure():
            return defer.fail(problem)

        def noTLS(failure: Failure) -> Failure:
            failure.trap(IMAP4Exception)
            return failure if command is not None else Failure(problem)

        d = self.startTLS()
        d.addErrback(noTLS)
        d.addCallback(lambda _: self.getCapabilities())
        return d.addCallback(self.__cbAuthTLS, secret)

    def __cbAuthTLS(self, caps: Any, secret: bytes) -> Deferred[Any]:
        command = self._imapcAuthentication(caps, secret)
        if command is None:
            raise self._imapcNothingSupported(caps)
        return self.sendCommand(command).addCallback(self._imapcAuthenticated)

    def _imapcAuthentication(self, caps: Any, secret: bytes) -> Command | None:
        for scheme in self._imapcCapability(caps, b"AUTH") or ():
            if scheme is not None and scheme.upper() in self.authenticators:
                _encode.refuse(scheme, "mechanism")
                return self._imapcCommand(
                    b"AUTHENTICATE",
                    scheme,
                    continuation=self.__cbContinueAuth,
                    contArgs=(scheme, secret),
                )
        return None

    def _imapcNothingSupported(self, caps: Any) -> imap4.NoSupportedAuthentication:
        offered = self._imapcCapability(caps, b"AUTH") or ()
        return imap4.NoSupportedAuthentication(offered, self.authenticators.keys())

    def __cbContinueAuth(self, rest: bytes, scheme: bytes, secret: bytes) -> None:
        try:
            challenge = decodebytes(rest + b"\n")
        except binascii.Error as e:
            self.sendLine(b"*")
            raise IllegalServerResponse(rest) from e
        answer = self.authenticators[scheme.upper()].challengeResponse(secret, challenge)
        self.sendLine(b64encode(answer))

    # Authenticated

    def namespace(self) -> Deferred[Any]:
        """
        NAMESPACE (RFC 9051, section 6.3.10).

        @return: fires with three lists, of personal, others' and shared
            namespaces, each a list of prefix and delimiter (str).
        """
        d = self._imapcPerform(b"NAMESPACE", shape="namespace", want=(b"NAMESPACE",))
        return d.addCallback(self._imapcGotNamespace)

    def _imapcGotNamespace(self, result: tuple[Any, bytes]) -> Any:
        if result[0] is None:
            _log.critical("The server did not name its namespaces")
            return [[], [], []]
        return result[0]

    def select(self, mailbox: str | bytes) -> Deferred[dict[str, Any]]:
        """
        SELECT (RFC 9051, section 6.3.2).

        @return: fires with a dict: READ-WRITE (true or false) and, as far as
            the server told them, FLAGS and PERMANENTFLAGS (tuples of str),
            EXISTS, RECENT, UNSEEN, UIDVALIDITY and UIDNEXT (ints).
        """
        return self._imapcSelect(b"SELECT", mailbox, 1)

    def examine(self, mailbox: str | bytes) -> Deferred[dict[str, Any]]:
        """
        EXAMINE (RFC 9051, section 6.3.3): select() without the right to write.
        """
        return self._imapcSelect(b"EXAMINE", mailbox, 0)

    def _imapcSelect(self, command: bytes, mailbox: str | bytes, writeable: int) -> Deferred[Any]:
        d = self._imapcPerform(
            command, self._imapcMailbox(mailbox, "mailbox"), shape="select", want=_SELECT_WANTS
        )
        # Without a word from the server the command says what is allowed.
        return d.addCallback(lambda result: {"READ-WRITE": writeable, **result[0]})

    def create(self, name: str | bytes) -> Deferred[Any]:
        """
        CREATE (RFC 9051, section 6.3.4).
        """
        return self._imapcPerform(b"CREATE", self._imapcMailbox(name, "name"))

    def delete(self, name: str | bytes) -> Deferred[Any]:
        """
        DELETE (RFC 9051, section 6.3.5).
        """
        return self._imapcPerform(b"DELETE", self._imapcMailbox(name, "name"))

    def rename(self, oldname: str | bytes, newname: str | bytes) -> Deferred[Any]:
        """
        RENAME (RFC 9051, section 6.3.6).
        """
        return self._imapcPerform(
            b"RENAME",
            self._imapcMailbox(oldname, "oldname"),
            self._imapcMailbox(newname, "newname"),
        )

    def subscribe(self, name: str | bytes) -> Deferred[Any]:
        """
        SUBSCRIBE (RFC 9051, section 6.3.7).
        """
        return self._imapcPerform(b"SUBSCRIBE", self._imapcMailbox(name, "name"))

    def unsubscribe(self, name: str | bytes) -> Deferred[Any]:
        """
        UNSUBSCRIBE (RFC 9051, section 6.3.8).
        """
        return self._imapcPerform(b"UNSUBSCRIBE", self._imapcMailbox(name, "name"))

    def list(self, reference: str | bytes, wildcard: str | bytes) -> Deferred[Any]:
        """
        LIST (RFC 9051, section 6.3.9).

        @return: fires with a list of tuples: flags (tuple of str), delimiter
            (str or None), name (str).
        """
        return self._imapcList(b"LIST", "list", reference, wildcard)

    def lsub(self, reference: str | bytes, wildcard: str | bytes) -> Deferred[Any]:
        """
        LSUB (RFC 3501, section 6.3.9): list() of what is subscribed to.
        """
        return self._imapcList(b"LSUB", "lsub", reference, wildcard)

    def _imapcList(
        self, command: bytes, shape: str, reference: str | bytes, wildcard: str | bytes
    ) -> Deferred[Any]:
        known = self._imapcParser.names
        d = self._imapcPerform(
            command,
            _encode.pattern(reference, "reference", known, ascii=shape == "lsub"),
            _encode.pattern(wildcard, "wildcard", known),
            shape=shape,
            want=(command,),
        )
        return d.addCallback(_value)

    def status(self, mailbox: str | bytes, *names: str) -> Deferred[dict[str, Any]]:
        """
        STATUS (RFC 9051, section 6.3.11).

        @param names: of MESSAGES, RECENT, UIDNEXT, UIDVALIDITY and UNSEEN.
        @return: fires with a dict of the names; what C{STATUS_TRANSFORMATIONS}
            does not name stays bytes.
        """
        unknown = set(names) - set(self._statusNames)
        if unknown:
            raise ValueError(f"Unknown names: {unknown!r}")
        items = b" ".join(self._statusNames[name] for name in names)
        d = self._imapcPerform(
            b"STATUS",
            self._imapcMailbox(mailbox, "mailbox"),
            b"(%b)" % items,
            shape="status",
            want=(b"STATUS",),
        )
        return d.addCallback(self._imapcGotStatus)

    def _imapcGotStatus(self, result: tuple[Any, bytes]) -> dict[str, Any]:
        status: dict[str, Any] = result[0]
        for name, value in status.items():
            transform = self.STATUS_TRANSFORMATIONS.get(name)
            if transform is None:
                continue
            try:
                if transform is int and not value.isdigit():
                    raise ValueError("not a number")
                status[name] = transform(value)
            except Exception as e:
                raise IllegalServerResponse(f"({name} {value!r}): {e}") from e
        return status

    def append(
        self,
        mailbox: str | bytes,
        message: BinaryIO,
        flags: Iterable[str] = (),
        date: str | bytes | None = None,
    ) -> Deferred[Any]:
        """
        APPEND (RFC 9051, section 6.3.12).

        @param message: a file opened for bytes, with CR LF at its lines' ends.
        @param date: in the format of C{date-time}.
        """
        message.seek(0, 2)
        size = message.tell()
        message.seek(0, 0)
        pieces = [self._imapcMailbox(mailbox, "mailbox"), _encode.flagList(flags)]
        if date:
            pieces.append(_encode.date(date))
        # Asking first lets the server refuse before the message is sent.
        pieces.append(b"{%d}" % size)
        command = self._imapcCommand(
            b"APPEND",
            *pieces,
            continuation=self.__cbContinueAppend,
            contArgs=(Message(message, size),),
        )
        command.continuesOnce = True
        return self.sendCommand(command)

    def __cbContinueAppend(self, lines: object, message: BinaryIO) -> Deferred[Any]:
        d = MessageSender().beginFileTransfer(message, self.transport, None)
        return self._imapcSending(d.addCallback(self.__cbFinishAppend))

    def __cbFinishAppend(self, foo: object) -> None:
        self.sendLine(b"")

    # Selected

    def check(self) -> Deferred[Any]:
        """
        CHECK (RFC 3501, section 6.4.1).
        """
        return self._imapcPerform(b"CHECK")

    def close(self) -> Deferred[Any]:
        """
        CLOSE (RFC 9051, section 6.4.1): expunge, and select nothing.
        """
        return self._imapcPerform(b"CLOSE")

    def expunge(self) -> Deferred[Any]:
        """
        EXPUNGE (RFC 9051, section 6.4.3).

        @return: fires with the list of the numbers that went; each is also
            told to expunged().
        """
        d = self._imapcPerform(b"EXPUNGE", shape="expunge", want=(b"EXPUNGE",))
        return d.addCallback(_value)

    def search(self, *queries: str, uid: Any = False) -> Deferred[Any]:
        """
        SEARCH or UID SEARCH (RFC 9051, sections 6.4.4 and 6.4.9).

        @param queries: what Query, Or and Not return.
        @return: fires with a list of numbers or UIDs (ints).
        """
        command = b"UID SEARCH" if uid else b"SEARCH"
        keys = b" ".join([_encode.searchKey(query) for query in queries])
        return self._imapcPerform(command, keys, shape="search", want=(command,)).addCallback(
            _value
        )

    def fetchSpecific(
        self,
        messages: Any,
        uid: Any = 0,
        headerType: str | None = None,
        headerNumber: Any = None,
        headerArgs: Iterable[str] | None = None,
        peek: Any = None,
        offset: int | None = None,
        length: int | None = None,
    ) -> Deferred[Any]:
        """
        FETCH BODY[section] (RFC 9051, section 6.4.5).

        @param headerType: HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or
            TEXT.
        @param headerNumber: the part, an int or a sequence of them.
        @param headerArgs: the names for HEADER.FIELDS and HEADER.FIELDS.NOT.
        @param peek: leave C{\\Seen} as it is.
        @return: fires with a dict: for each message number a list with one
            list, of C{"BODY"}, the section as a list, maybe an origin such as
            C{"<0>"}, and the text (str with a character for each octet).
        """
        item = _encode.bodyItem(headerType, headerNumber, headerArgs, peek, offset, length)
        d = self._imapcPerform(
            b"UID FETCH" if uid else b"FETCH",
            _encode.messageSet(messages),
            item,
            shape="fetch-flat",
            want=(b"FETCH",),
        )
        return d.addCallback(_value)

    def _fetch(self, messages: Any, useUID: Any = 0, **terms: Any) -> Deferred[Any]:
        """
        FETCH of the items that the keywords name.
        """
        for short in ("rfc822text", "rfc822size", "rfc822header"):
            if short in terms:
                # To the end, where Twisted writes it.
                del terms[short]
                terms[f"{short[:6]}.{short[6:]}"] = True
        items = [networkString(term).upper() for term in terms]
        for item in items:
            _encode.refuse(item, "terms")
        d = self._imapcPerform(
            b"UID FETCH" if useUID else b"FETCH",
            _encode.messageSet(messages),
            b"(%b)" % b" ".join(items),
            shape="fetch-flags" if b"FLAGS" in items else "fetch",
            want=(b"FETCH",),
            terms=[term.upper() for term in terms],
        )
        return d.addCallback(_value)

    def _store(
        self, messages: Any, cmd: bytes, silent: Any, flags: Iterable[str], uid: Any
    ) -> Deferred[Any]:
        """
        STORE (RFC 9051, section 6.4.6); C{cmd} is FLAGS, +FLAGS or -FLAGS.
        """
        d = self._imapcPerform(
            b"UID STORE" if uid else b"STORE",
            _encode.messageSet(messages),
            cmd + b".SILENT" if silent else cmd,
            _encode.flagList(flags),
            shape="fetch" if silent else "fetch-flags",
            want=(b"FETCH",),
            terms=() if silent else ("FLAGS",),
        )
        return d.addCallback(_value)

    def copy(self, messages: Any, mailbox: str | bytes, uid: Any) -> Deferred[Any]:
        """
        COPY (RFC 9051, section 6.4.7).

        @return: fires with a true value.
        """
        return self._imapcPerform(
            b"UID COPY" if uid else b"COPY",
            _encode.messageSet(messages),
            self._imapcMailbox(mailbox, "mailbox"),
        )


def verifiesName(context: object) -> bool:
    """
    Whether C{context} is for connections to one server, whose name it
    verifies: what makes contexts for all and sundry cannot know the name.
    """
    creates = interfaces.IOpenSSLClientConnectionCreator.providedBy(context)
    return creates and not interfaces.IOpenSSLContextFactory.providedBy(context)


_SELECT_WANTS = (b"FLAGS", b"EXISTS", b"RECENT", b"UNSEEN", b"PERMANENTFLAGS", b"UIDVALIDITY")


def _value(result: tuple[Any, bytes]) -> Any:
    """
    What the parser built, without the tagged answer.
    """
    return result[0]
