"""
Where a URL or an endpoint leads to, for either client.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Protocol

from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint

from . import _encode
from ._starttls import verifierOf, verifiesName

# What connect() understands of RFC 5092: authentication and mailboxes are for
# methods.
_URL = re.compile(
    r"(?P<scheme>imaps?)://"
    r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^\s/:@?#\[\]]+))"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)


class Endpoint(Protocol):
    """
    An L{IStreamClientEndpoint}, for type checkers that know nothing of zope.interface.
    """

    def connect(self, protocolFactory: Any, /) -> Any:
        """
        Connect.
        """


class Place(NamedTuple):
    """
    @ivar endpoint: under TLS for C{imaps://}.
    @ivar host: None where an endpoint was given.
    @ivar context: what verifies the host; for C{imap://} it is for STARTTLS.
    @ivar url: with the port.  Of an endpoint its host and port without a scheme, or
        nothing, where one cannot tell.
    """

    endpoint: Any
    host: str | None
    context: Any
    url: str


def placeOf(urlOrEndpoint: Any, tls: Any, reactor: Any, timeout: float) -> Place:
    """
    @param tls: what verifies the host in place of C{optionsForClientTLS(host)}.
    @param timeout: of the whole attempt, which TCP alone may take.
    @raise ValueError: for a URL that is none of ours, for C{tls} with an endpoint, and
        for a C{timeout} that is not more than 0.
    @raise TypeError: for what is neither, for a C{tls} that does not verify, for a
        C{timeout} that is no number, and for a C{reactor} that is none.
    """
    _encode.seconds(timeout, "timeout")
    if not callable(getattr(reactor, "callLater", None)):
        raise TypeError(f"reactor: a reactor is wanted, not {reactor!r:.200}")
    if isinstance(urlOrEndpoint, str):
        return _ofURL(urlOrEndpoint, tls, reactor, timeout)
    if not IStreamClientEndpoint.providedBy(urlOrEndpoint):
        kind = type(urlOrEndpoint).__name__
        raise TypeError(f"connect() wants a URL (str) or an IStreamClientEndpoint, not {kind}")
    if tls is not None:
        raise ValueError("tls is for URLs; for an endpoint there is wrapClientTLS()")
    named = re.fullmatch("<HostnameEndpoint (.*)>", repr(urlOrEndpoint))
    return Place(urlOrEndpoint, None, None, named[1] if named else "")


def peerOf(transport: Any) -> Any:
    """
    The address of the other side; None for a process, of which nobody knows where it
    leads to.
    """
    try:
        return transport.getPeer()
    except NotImplementedError:
        return None


def _ofURL(url: str, tls: Any, reactor: Any, timeout: float) -> Place:
    found = _URL.fullmatch(url)
    port = int(found["port"] or 1) if found else 0
    if found is None or not 0 < port < 65536:
        # Not quoted: there may be a password in it.
        raise ValueError(
            "The URL has to be imaps://host, imaps://host:port, imap://host or imap://host:port;"
            " the name, the password and the mailbox are for login() and select()"
        )
    if tls is not None and not verifiesName(tls):
        raise TypeError("tls has to be what twisted.internet.ssl.optionsForClientTLS() returns")
    host = found["address"] or found["name"]
    scheme = found["scheme"].lower()
    context = tls or verifierOf(host, "The URL")
    if found["port"] is None:
        port = 993 if scheme == "imaps" else 143
    # A second more, so that the caller's own timeout is the one that is told.
    endpoint: Any = HostnameEndpoint(reactor, host, port, timeout=timeout + 1)
    if scheme == "imaps":
        endpoint = wrapClientTLS(context, endpoint)
    shown = f"[{host}]" if ":" in host else host
    return Place(endpoint, host, context, f"{scheme}://{shown}:{port}")
