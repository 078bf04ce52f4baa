"""
Twisted's own server, over mail in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.cred import checkers, portal
from twisted.mail import imap4
from zope.interface import implementer

from .loopback import LoopbackServer
from .mail import MemoryMailbox, generateMessages


class _Account(imap4.MemoryAccount):
    """
    Twisted's account, which leaves it to us what a new mailbox is.
    """

    def _emptyMailbox(self, name: str, number: int) -> MemoryMailbox:
        return MemoryMailbox(uidValidity=number + 1)


@implementer(portal.IRealm)
class _Realm:
    """
    Everyone who knows the password gets the same account.
    """

    def __init__(self, account: _Account) -> None:
        self._account = account

    def requestAvatar(self, avatarId: Any, mind: Any, *wanted: Any) -> Any:
        return imap4.IAccount, self._account, lambda: None


class _EmbeddedProtocol(imap4.IMAP4Server):
    """
    Twisted's server, known to the factory that has to be able to stop it.
    """

    factory: EmbeddedServer

    def connectionMade(self) -> None:
        self.factory._made(self)
        # An answer is often more than one small write, and Nagle's algorithm
        # would have the second wait for the client's acknowledgement.
        transport: Any = self.transport
        transport.setTcpNoDelay(True)
        super().connectionMade()

    def connectionLost(self, reason: Any = None) -> None:
        super().connectionLost(reason)
        self.factory._lost(self)


class EmbeddedServer(LoopbackServer):
    """
    An IMAP server with one account, whose INBOX is full of generated mail.

    LOGIN, AUTHENTICATE LOGIN and AUTHENTICATE PLAIN are offered, TLS is not.

    @ivar inbox: The L{MemoryMailbox} behind INBOX, to look at and to change.
    @ivar account: The L{MemoryAccount<imap4.MemoryAccount>}.
    """

    def __init__(
        self,
        messages: int | Sequence[bytes] = 100,
        user: str = "user",
        password: str = "secret",
        *,
        seed: int = 0,
        mailboxes: Mapping[str, Sequence[bytes]] | None = None,
        reactor: Any = None,
    ) -> None:
        """
        @param messages: What is in INBOX: how many messages to generate, or
            the messages themselves.
        @param user: Who may log in.
        @param password: The password for that.
        @param seed: Which messages L{generateMessages} makes.
        @param mailboxes: More mailboxes, each with its messages.  The account
            spells names in upper case.
        @param reactor: The reactor, if it is not the usual one.
        """
        super().__init__(reactor)
        self.user = user
        self.password = password
        self.inbox: MemoryMailbox = MemoryMailbox(
            generateMessages(messages, seed) if isinstance(messages, int) else messages
        )
        self.account: imap4.MemoryAccount = _Account(user)
        self.account.addMailbox("INBOX", self.inbox)
        for number, (name, content) in enumerate((mailboxes or {}).items(), 2):
            self.account.addMailbox(name, MemoryMailbox(content, uidValidity=number))
        self._portal = portal.Portal(_Realm(self.account), [self._makeChecker()])

    def _makeChecker(self) -> checkers.InMemoryUsernamePasswordDatabaseDontUse:
        checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
        checker.addUser(self.user.encode("utf-8"), self.password.encode("utf-8"))
        return checker

    def buildProtocol(self, addr: Any) -> Any:
        """
        Serve one connection.
        """
        protocol: Any = _EmbeddedProtocol(
            {b"LOGIN": imap4.LOGINCredentials, b"PLAIN": imap4.PLAINCredentials}
        )
        protocol.portal = self._portal
        protocol.factory = self
        return protocol
