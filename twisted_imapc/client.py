"""
The IMAP client that Twisted never had: typed, streaming, pipelined, keyed by UID,
safe by default::

    async def main(reactor):
        async with await Client.connect("imaps://mail.example.org") as client:
            await client.login("joe", "secret")
            await client.select("INBOX")
            async for message in client.fetch("1:*", "FLAGS", "ENVELOPE"):
                print(message.uid, message.envelope.subject)

    task.react(lambda reactor: Deferred.fromCoroutine(main(reactor)))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, TypeVar, overload

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IStreamClientEndpoint

from . import _encode
from ._access import Authenticate, Capability, Login, Logout
from ._answers import STATUS_ITEMS, List, Search, StatusOf, Store, named
from ._command import fire
from ._connecting import establish
from ._criteria import Raw, inParts, kept
from ._errors import (
    AlreadyExists,
    AuthenticationFailed,
    Bad,
    Bye,
    CommandFailed,
    ConnectionGone,
    IMAPError,
    Insecure,
    MalformedAnswer,
    MessageGone,
    No,
    NoPermission,
    NotFound,
    OverLimit,
    Overrun,
    ResponseTooLarge,
    Silent,
    Stale,
    TryLater,
    Unsupported,
)
from ._events import Announcer, Audible, Events
from ._fetch import Fetch
from ._imapc import Address, Envelope, Message
from ._items import Items
from ._mailbox import Mailbox, Select, Unselect
from ._order import Command
from ._pipeline import Pipeline
from ._place import Endpoint
from ._records import (
    Alert,
    Exists,
    Expunged,
    Fetched,
    Flags,
    Listed,
    MailboxInfo,
    Malformed,
    Missed,
    Mode,
    Notice,
    Recent,
    SearchResult,
    Status,
    StatusChanged,
    Stored,
    Unknown,
    Vanished,
)
from ._sasl import External, Mechanism, OAuth, Plain
from ._sets import Chosen, Messages, Numbers, UIDSet
from ._settings import Settings
from ._several import allFound, allStored, changeOf, together, withStatuses
from ._structure import Part, Problem
from ._wire import Wire

__all__ = [
    "Address",
    "Alert",
    "AlreadyExists",
    "AuthenticationFailed",
    "Bad",
    "Bye",
    "Client",
    "CommandFailed",
    "ConnectionGone",
    "Envelope",
    "Events",
    "Exists",
    "Expunged",
    "External",
    "Fetch",
    "Fetched",
    "Flags",
    "IMAPError",
    "Insecure",
    "Listed",
    "Mailbox",
    "MailboxInfo",
    "Malformed",
    "MalformedAnswer",
    "Mechanism",
    "Message",
    "MessageGone",
    "Missed",
    "Mode",
    "No",
    "NoPermission",
    "NotFound",
    "Notice",
    "Numbers",
    "OAuth",
    "OverLimit",
    "Overrun",
    "Part",
    "Plain",
    "Problem",
    "Raw",
    "Recent",
    "ResponseTooLarge",
    "SearchResult",
    "Silent",
    "Stale",
    "Status",
    "StatusChanged",
    "Stored",
    "TryLater",
    "UIDSet",
    "Unknown",
    "Unsupported",
    "Vanished",
]

# Seconds that leaving an C{async with} waits for the server.
_PARTING = 10

_Self = TypeVar("_Self", bound="Client")


class Client(Settings, Audible):
    """
    A connection to a server; L{connect} makes it.

    Arguments are checked before anything is written, with L{ValueError} and
    L{TypeError}.  The Deferreds fail with L{No} and L{Bad}, and subclasses of
    these, for what the server refuses; with L{MalformedAnswer} for an answer that
    breaks RFC 9051; and with L{ConnectionGone}, once each, at the end of the
    connection.  They can be cancelled, and have C{addTimeout}: the connection stays.

    What can be set, on a class or one client, is in L{Settings}: times, limits, trace.
    """

    def __init__(self, wire: Wire) -> None:
        """
        Call L{connect}.
        """
        self._check()
        wire.client = self
        self._announcer = Announcer(wire)
        self._pipeline = Pipeline(wire, self._announcer.unasked, Capability)
        self._pipeline.endings.append(self._announcer.end)
        wire.pipeline = self._pipeline

    # The connection

    @classmethod
    def connect(
        cls: type[_Self],
        url_or_endpoint: str | IStreamClientEndpoint | Endpoint,
        *,
        tls: Any = None,
        reactor: Any = None,
        timeout: float = 30,
        plaintext: bool = False,
    ) -> Deferred[_Self]:
        """
        Connect to a server.

        @param url_or_endpoint: C{imaps://host[:port]} for TLS from the start,
            C{imap://host[:port]} for STARTTLS before anything else; in both the
            certificate is verified.  Or an C{IStreamClientEndpoint}, which is used
            as it is.
        @param tls: what verifies the certificate in place of
            C{optionsForClientTLS(host)}.
        @param timeout: seconds for all of it.
        @param plaintext: passwords may be sent without TLS.
        @return: fires with the client after the greeting and TLS.
        """
        if reactor is None:
            from twisted.internet import reactor
        wire = Wire(reactor)
        client = cls(wire)
        if plaintext:
            client.plaintext = True
        return establish(client, wire, url_or_endpoint, tls, timeout)

    def login(
        self,
        user: str | bytes,
        password: str | bytes | None = None,
        *,
        token: str | Callable[[], str | Deferred[str]] | None = None,
    ) -> Deferred[None]:
        """
        Log in, by PLAIN where that is offered, else by LOGIN; with a token by
        OAUTHBEARER or XOAUTH2.  What was refused is not tried another way.

        @param token: the OAuth token, or a function that returns it or a Deferred
            of it, called once.
        """
        if (password is None) is (token is None):
            raise TypeError("login() takes a password or a token")
        if token is not None:
            return self.authenticate(OAuth(_encode.asText(user), token))
        assert password is not None
        return self._send(Login(user, password))

    def authenticate(self, mechanism: Mechanism) -> Deferred[None]:
        """
        Log in with a SASL mechanism: L{Plain}, L{OAuth}, L{External}, or your own.
        """
        return self._send(Authenticate(mechanism))

    def refresh(self) -> Deferred[frozenset[str]]:
        """
        Ask for the server's capabilities.
        """
        return self._send(Capability())

    def logout(self) -> Deferred[None]:
        """
        Log out, after all that is queued, and close the connection.

        @return: fires when it is closed, whoever did that, and whatever the server
            said to it.
        """
        if self._pipeline.isOver():
            return self.disconnected().addCallback(lambda _: None)
        d = self._send(Logout())
        return d.addCallback(lambda _: self.disconnected()).addCallback(lambda _: None)

    def abort(self) -> None:
        """
        Close the connection at once.
        """
        self._pipeline.abort(ConnectionGone("The connection was aborted by this side"))

    def disconnected(self) -> Deferred[BaseException | None]:
        """
        @return: fires at the end of the connection, with its cause, or with None
            after logout().
        """
        endings = self._pipeline.endings

        def forget(d: Deferred[BaseException | None]) -> None:
            # It is not there any more where it is about to fire.
            if ending in endings:
                endings.remove(ending)

        d: Deferred[BaseException | None] = Deferred(forget)
        ending = partial(fire, d)
        self._pipeline.whenOver(ending)
        return d

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if value is None and not self._pipeline.isOver():
            d = self.logout().addTimeout(_PARTING, self._pipeline.owner().reactor)
            await d.addErrback(lambda _: None)
        if not self._pipeline.isOver():
            self.abort()
        if kind is not GeneratorExit:
            # A coroutine that was dropped cannot wait.
            await self.disconnected()

    @property
    def capabilities(self) -> frozenset[str]:
        """
        What the server offers, in upper case, as far as it has told.
        """
        return self._pipeline.capabilities

    @property
    def enabled(self) -> frozenset[str]:
        """
        What is enabled, in upper case.
        """
        return self._pipeline.enabled

    @property
    def state(self) -> str:
        """
        C{"unauthenticated"}, C{"authenticated"}, C{"selected"} or C{"closed"}.
        """
        return self._pipeline.state

    @property
    def secure(self) -> bool:
        """
        Whether there is TLS.
        """
        return self._pipeline.owner() is not None and self._pipeline.isSecure()

    # Mailboxes

    @property
    def mailbox(self) -> Mailbox | None:
        """
        The mailbox that is selected.
        """
        return self._pipeline.mailbox

    def select(
        self, mailbox: str, *, readOnly: bool = False, condstore: bool = False
    ) -> Deferred[Mailbox]:
        """
        Select a mailbox; where that fails none is selected.

        @param readOnly: EXAMINE: nothing is changed by looking.
        @param condstore: have modification sequences (RFC 7162).
        """
        encoded = self._encoded(mailbox)
        told = self._announcer.unasked
        return self._send(Select(mailbox, encoded, readOnly, condstore, told))

    def unselect(self, *, expunge: bool = False) -> Deferred[None]:
        """
        Have no mailbox selected.

        @param expunge: remove what is marked as deleted (CLOSE).
        """
        return self._send(Unselect(expunge))

    def list(
        self,
        pattern: str = "*",
        reference: str = "",
        *,
        subscribed: bool = False,
        status: Iterable[str] = (),
    ) -> Deferred[list[MailboxInfo]]:
        """
        The mailboxes whose names match.

        @param subscribed: only those that are subscribed to.
        @param status: items of L{status} to tell of each.
        """
        known = self._pipeline.parser.names
        items = named(status, "status")
        command = List(
            _encode.pattern(pattern, "pattern", known),
            _encode.pattern(reference, "reference", known),
            subscribed,
            items,
        )
        return self._send(command).addCallback(withStatuses, self, command, items)

    def status(self, mailbox: str, *items: str) -> Deferred[Status]:
        """
        What STATUS tells of a mailbox.

        @param items: such as C{"MESSAGES"}; without any messages, unseen, uidNext
            and uidValidity.
        """
        asked = named(items or STATUS_ITEMS, "items")
        return self._send(StatusOf(mailbox, self._encoded(mailbox), asked))

    def noop(self) -> Deferred[None]:
        """
        Give the server a chance to tell events.
        """
        return self._send(Command("NOOP"))

    # Messages

    @overload
    def search(self, *criteria: Any, returning: None = None) -> Deferred[UIDSet]: ...

    @overload
    def search(self, *criteria: Any, returning: Iterable[str]) -> Deferred[SearchResult]: ...

    def search(self, *criteria: Any, returning: Iterable[str] | None = None) -> Deferred[Any]:
        """
        Search, by words of RFC 9051's grammar and their values::

            search("UNSEEN", "SINCE", date(2024, 1, 1), "NOT", ("FROM", "joe"))

        A set that is too long for one command is split, unless it stands behind NOT or
        OR or in parentheses, or C{returning} is given.

        @param criteria: a str where a key wants one is never taken for a key.
        @param returning: of C{"MIN"}, C{"MAX"}, C{"COUNT"}, C{"ALL"}, C{"SAVE"}.
        @return: fires with a L{UIDSet}, or with a L{SearchResult} where
            C{returning} is given.
        """
        words = kept(criteria)
        parts = [words]
        if returning is None:
            parts = inParts(words, self.maxCommandLength - 80)
        commands = [Search(part, returning) for part in parts]
        return together([self._send(one) for one in commands], allFound)

    def store(
        self,
        messages: Messages,
        add: Iterable[str] | None = None,
        remove: Iterable[str] | None = None,
        replace: Iterable[str] | None = None,
        *,
        unchangedSince: int | None = None,
        silent: bool = True,
        item: str = "FLAGS",
    ) -> Deferred[Stored]:
        """
        Change flags: exactly one of C{add}, C{remove} and C{replace}.

        @param unchangedSince: leave alone what was changed behind this modseq.
        @param silent: do not tell how they are now.
        @param item: C{"FLAGS"}, or a name such as C{"X-GM-LABELS"}.
        @return: fires with what was changed.  A set that is too long for one command
            goes out as several; where some of these fail, C{.result} of the exception
            has what the others gave.
        """
        if unchangedSince is not None:
            _encode.unsigned(unchangedSince, "unchangedSince")
        chosen = Chosen(messages)
        change = changeOf(add, remove, replace, silent, item)
        room = self.maxCommandLength - len(change) - 80
        if not chosen:
            return succeed(Stored({}, UIDSet()))
        commands = [
            Store(chosen, text, change, unchangedSince, silent) for text in chosen.texts(room)
        ]
        return together([self._send(one) for one in commands], allStored)

    def fetch(
        self,
        messages: Messages,
        *items: str,
        changedSince: int | None = None,
        window: int | None = None,
    ) -> Fetch:
        """
        Fetch messages, however many::

            async for message in client.fetch("1:*", "FLAGS", "BODY.PEEK[]"):
                ...

        @param messages: UIDs: an int, a L{UIDSet}, ints, text; or L{Numbers}.
        @param items: as RFC 9051 has them, such as C{"ENVELOPE"}.
        @param changedSince: only what was changed behind this modseq.
        @param window: in place of C{windowOctets}.
        """
        asked = Items(items, modseq=changedSince is not None)
        if changedSince is not None:
            _encode.unsigned(changedSince, "changedSince")
        aim = self.windowOctets if window is None else _encode.unsigned(window, "window")
        return Fetch(self._pipeline, Chosen(messages), asked, changedSince, aim)

    def fetchOne(self, uid: int, *items: str) -> Deferred[Message | None]:
        """
        Fetch one message; None where there is none with this UID.
        """
        if not isinstance(uid, int):
            raise TypeError(f"fetchOne() takes the UID of one message, not {uid!r}")
        d = self.fetch(uid, *items).all()
        return d.addCallback(lambda found: found[-1] if found else None)

    # Helpers

    def _send(self, command: Command) -> Deferred[Any]:
        return self._pipeline.send(command)

    def _encoded(self, mailbox: str) -> bytes:
        return _encode.mailbox(mailbox, "mailbox", self._pipeline.parser.names)
