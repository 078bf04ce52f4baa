"""
TLS: what verifies a server, whether STARTTLS may be, and one of it for all who ask.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import interfaces
from twisted.internet.defer import Deferred
from twisted.internet.ssl import optionsForClientTLS

from ._command import fire
from ._errors import IMAP4Exception


def verifierOf(hostname: str, argument: str) -> Any:
    """
    The TLS context for one server, whose certificate has to be for C{hostname}.

    @param argument: where the name was given, for the exceptions.
    @raise ValueError: for what can be no name of a host.
    @raise TypeError: for what is no str.
    """
    if not isinstance(hostname, str):
        kind = type(hostname).__name__
        raise TypeError(f"{argument}: the name of a host is wanted, a str, not {kind}")
    try:
        return optionsForClientTLS(hostname)
    except ValueError as e:
        raise ValueError(
            f"{argument}: {hostname[:100]!r} can be no name of a host ({str(e)[:100]});"
            " give the one that the server's certificate is for, such as 'mail.example.org'"
        ) from None


def verifiesName(context: object) -> bool:
    """
    Whether C{context} is for connections to one server, whose name it
    verifies: what makes contexts for any server cannot know the name.
    """
    creates = interfaces.IOpenSSLClientConnectionCreator.providedBy(context)
    return creates and not interfaces.IOpenSSLContextFactory.providedBy(context)


def contextProblem(context: object, hostname: str | None) -> IMAP4Exception | None:
    """
    Why TLS cannot begin with C{context}.

    @param hostname: the name that it has to verify, if there is one.
    """
    if context is None:
        return IMAP4Exception(
            "IMAP4Client requires a TLS context to initiate the STARTTLS handshake:"
            " set tlsHostname to the server's name"
        )
    if hostname is not None and not verifiesName(context):
        return IMAP4Exception(
            f"This TLS context does not verify that the server is {hostname}:"
            " give what optionsForClientTLS() returns, or none"
        )
    return None


def canStartTLS(transport: object) -> bool:
    """
    Whether a transport can go over to TLS.
    """
    return interfaces.ITLSTransport(transport, None) is not None


class SharedTLS:
    """
    One STARTTLS for all who want TLS in the meantime, each with a Deferred of
    its own.  It is given up when none of these is left.

    @ivar context: with which TLS will begin.
    """

    def __init__(self, context: Any) -> None:
        self.context = context
        self._sharers: list[Deferred[Any]] = []
        self._starting: Deferred[Any] | None = None

    def share(self) -> Deferred[Any]:
        """
        A Deferred for one more.
        """
        d: Deferred[Any] = Deferred(self._unshare)
        self._sharers.append(d)
        return d

    def _unshare(self, d: Deferred[Any]) -> None:
        if d in self._sharers:
            self._sharers.remove(d)
            if not self._sharers and self._starting is not None:
                self._starting.cancel()

    def begin(self, starting: Deferred[Any]) -> None:
        """
        It is under way: C{starting} is the Deferred of the command.
        """
        self._starting = starting

    def settle(self, outcome: Any) -> None:
        """
        Tell all what came of it.
        """
        sharers, self._sharers = self._sharers, []
        self._starting = None
        for d in sharers:
            fire(d, outcome)
