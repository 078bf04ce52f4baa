"""
What a client is told that it has not asked for: its methods for that, and the part of
a session that calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from ._connection import Connection
from ._logger import ConnectionLogger
from .types import Capabilities

_log = ConnectionLogger()


_Client = TypeVar("_Client")
_First = TypeVar("_First")
_Second = TypeVar("_Second")


@overload
def _listener(
    method: Callable[[_Client, _First], None],
) -> Callable[[_Client, _First], None]: ...
@overload
def _listener(
    method: Callable[[_Client, _First, _Second], None],
) -> Callable[[_Client, _First, _Second], None]: ...
def _listener(method: Any) -> Any:
    """
    For type checkers: a subclass may give the parameters other names, since nobody
    calls the method with those.
    """
    return method


class Listeners:
    """
    The methods that a subclass overrides.  They do nothing; Twisted's, or those of a
    class of a program's that derives from Twisted's, come behind them.
    """

    @_listener
    def serverGreeting(self, caps: Capabilities | None) -> None:
        r"""
        The server has greeted (RFC 9051, sections 7.1.1 and 7.1.4): C{caps} are the
        capabilities that it named, in the shape of getCapabilities(), or None.  With
        PREAUTH C{self.state} is C{"auth"}, else C{"unauth"}.  Override me.

        >>> client = IMAP4Client()
        >>> client.serverGreeting = print
        >>> client.makeConnection(StringTransport())
        >>> client.dataReceived(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
        {b'IMAP4rev1': None, b'AUTH': [b'PLAIN']}
        """
        super().serverGreeting(caps)  # type: ignore[misc]

    @_listener
    def modeChanged(self, writeable: bool) -> None:
        r"""
        The mailbox can be written to, or no longer: the server said C{* [READ-WRITE]}
        or C{* [READ-ONLY]} (RFC 9051, section 7.1).  During a command it is told
        behind its Deferred.  Override me.

        >>> client.modeChanged = print
        >>> client.dataReceived(b"* [READ-ONLY]\r\n")
        False
        """
        super().modeChanged(writeable)  # type: ignore[misc]

    @_listener
    def flagsChanged(self, newFlags: dict[int, list[str]]) -> None:
        r"""
        Messages have other flags, all of which are told: by the number of the message
        (RFC 9051, section 7.5.2, and 2.3.2 on flags).  Flags that fetchFlags() and the
        like have asked for are in their results instead; where such a command ends in
        NO they are told, once, before its Deferred fails.  Override me.

        >>> client.flagsChanged = print
        >>> client.dataReceived(b"* 2 FETCH (FLAGS (\\Seen $Junk))\r\n")
        {2: ['\\Seen', '$Junk']}
        """
        super().flagsChanged(newFlags)  # type: ignore[misc]

    @_listener
    def newMessages(self, exists: int | None, recent: int | None) -> None:
        r"""
        The mailbox has so many messages now (RFC 9051, section 7.4.1), or so many that
        are recent (RFC 3501, section 7.3.2); the other number is None.  The counts
        that select() and examine() bring are in their results instead.  Override me.

        >>> client.newMessages = print
        >>> client.dataReceived(b"* 3 EXISTS\r\n* 1 RECENT\r\n")
        3 None
        None 1
        """
        super().newMessages(exists, recent)  # type: ignore[misc]

    @_listener
    def expunged(self, number: int) -> None:
        r"""
        The message with this sequence number is gone; the numbers above it are now
        one less (RFC 9051, section 7.5.1).  Override me.

        >>> client.expunged = print
        >>> client.dataReceived(b"* 2 EXPUNGE\r\n")
        2
        """


class Telling(Connection):
    """
    A connection that tells the listeners of its owner.

    @ivar claimed: the command that the parser collects for.
    @ivar claimedHandler: its L{Handler<twisted_imapc._command.Handler>}.
    """

    __slots__ = ("_modes", "claimed", "claimedHandler")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.claimed: Any = None
        self.claimedHandler: Any = None
        # What modeChanged() is told when the command is done.
        self._modes: tuple[bool, ...] = ()

    def tell(self, listener: str, *args: object) -> None:
        """
        Call a listener; one that raises harms nobody else.
        """
        owner = self.owner()
        if self.ended is not None:
            return
        # lacksTLS() the other way round: most programs have neither, and are spared
        # two calls for each event.
        if (owner.requireTLS or owner.tlsHostname is not None) and not self.isSecure():
            # A man in the middle may have sent it.
            return
        try:
            getattr(owner, listener)(*args)
        except Exception:
            _log.failure("{listener}() raised", listener=f"{type(owner).__name__}.{listener}")

    def _exists(self, number: int) -> None:
        if self.claimed is None or not self.claimedHandler.countsAreItsResult:
            self.tell("newMessages", number, None)

    def _recent(self, number: int) -> None:
        if self.claimed is None or not self.claimedHandler.countsAreItsResult:
            self.tell("newMessages", None, number)

    def _expunge(self, number: int) -> None:
        self.tell("expunged", number)

    def _flags(self, flags: dict[int, list[str]]) -> None:
        self.tell("flagsChanged", flags)

    def _mode(self, writeable: bool) -> None:
        """
        During a command, modeChanged() is told behind its Deferred, as in
        Twisted.
        """
        if self.claimed is None:
            self.tell("modeChanged", writeable)
        else:
            self._modes += (writeable,)
