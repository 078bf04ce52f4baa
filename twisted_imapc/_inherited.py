"""
Twisted's methods that are used as they are, with the types and the documentation that
they lack.

Each calls what comes behind it: that is Twisted's method, or one of another base of a
subclass.  So what a program puts in the place of Twisted's is called as it would be
without these; L{twisted_imapc._lines.choice} looks through them for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

from twisted.mail import imap4

from .types import SASLAuthenticator

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall

# Twisted's class, whatever its name in imap4 stands for later.
TwistedClient = imap4.IMAP4Client


class Inherited(TwistedClient):
    """
    The protocol's own methods; those for messages are in L{twisted_imapc._verbs.fetches}.
    """

    # The connection

    def connectionMade(self) -> None:
        """
        There is a connection, and the server's greeting will come.  It is no error to
        give commands before that.  One that overrides this need not call it, unless
        C{timeout} is to count from here.
        """
        super().connectionMade()

    def registerAuthenticator(self, auth: SASLAuthenticator) -> None:
        """
        Let authenticate() use a mechanism (RFC 9051, section 6.2.2): that of the last
        one that was registered, where two have the same name.

        >>> client.registerAuthenticator(PLAINAuthenticator(b"user"))
        >>> list(client.authenticators)
        [b'PLAIN']

        @param auth: an L{imap4.IClientAuthentication}, such as
            L{PLAINAuthenticator<twisted_imapc.PLAINAuthenticator>}.
        """
        super().registerAuthenticator(auth)

    def makeTag(self) -> bytes:
        """
        The tag of the next command (RFC 9051, section 2.2.1).

        >>> IMAP4Client().makeTag()
        b'0001'
        """
        tag: bytes = super().makeTag()
        return tag

    def logPrefix(self) -> str:
        """
        How the log names this client: by its class.

        >>> client.logPrefix()
        'IMAP4Client'
        """
        prefix: str = super().logPrefix()
        return prefix

    # Time

    def setTimeout(self, period: float | None) -> float | None:
        """
        Call timeoutConnection() after so many seconds of silence, or never, if it is
        None.  Mostly it is enough to set C{timeout}, on the class or before the
        connection is made.

        >>> client.setTimeout(60)
        >>> client.setTimeout(None)
        60

        @return: the seconds until now, or None.
        """
        before: float | None = super().setTimeout(period)
        return before

    def resetTimeout(self) -> None:
        """
        Count the seconds of setTimeout() anew.
        """
        super().resetTimeout()

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """
        Call C{func} after C{period} seconds, for setTimeout(); a test may put a
        C{twisted.internet.task.Clock}'s in place of it.
        """
        call: IDelayedCall = super().callLater(period, func)
        return call

    # Flow

    def pauseProducing(self) -> None:
        """
        Have nothing more delivered, until resumeProducing().
        """
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """
        Go on, with what has come in already first of all.
        """
        super().resumeProducing()

    def stopProducing(self) -> None:
        """
        Read nothing more, ever.
        """
        super().stopProducing()

    # Lines: whoever overrides one of the next three has responses parsed line by line

    def messageFile(self, octets: int) -> BinaryIO:
        """
        A file for a literal of so many octets, which is written and then read; called
        only where a class overrides something of the line path.

        >>> client.messageFile(5).read()
        b''
        """
        file: BinaryIO = super().messageFile(octets)
        return file

    def setLineMode(self, extra: bytes = b"") -> Any:
        """
        Give lines to lineReceived() from here on, C{extra} first of all.
        """
        return super().setLineMode(extra)

    def setRawMode(self) -> None:
        """
        Give octets to rawDataReceived() from here on.
        """
        super().setRawMode()

    def lineLengthExceeded(self, line: bytes) -> Any:
        """
        A line is longer than C{maxLineLength} octets: close the connection.

        @param line: what there is of it.
        """
        return super().lineLengthExceeded(line)
