"""
Why an attempt to connect failed, and what can be done, in words.

Some of the words are a server's, or of whoever is in its place: these are quoted,
short, and made printable.
"""

from __future__ import annotations

from cryptography import x509
from OpenSSL import SSL, crypto
from service_identity import VerificationError
from twisted.internet import error

from ._errors import IllegalServerResponse, IMAP4Exception, shown

# The steps of an attempt.
CONNECTING = "connecting"
HANDSHAKE = "TLS handshake"
GREETING = "greeting"
STARTTLS = "STARTTLS"
CAPABILITY = "CAPABILITY"

# OpenSSL's words for octets that are no TLS.
_NO_TLS = ("wrong version number", "http request", "unknown protocol", "packet length too long")

# OpenSSL's numbers for what is wrong with a certificate (X509_V_ERR_...).
_CERTIFICATE = {
    **dict.fromkeys((2, 19, 20, 21), "it is signed by an authority that is not trusted here"),
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
}

_TRUST = "for an authority of your own, give connect() tls=optionsForClientTLS(host, trustRoot=...)"
_NAME = "connect to a name that it is for, or give connect() tls=optionsForClientTLS(that name)"

_WITHOUT = "for one that begins with TLS, use imaps://; to go without, connect(endpoint)"

# There is no TLS with this server.
REFUSED = (SSL.Error, VerificationError)

# Whoever is there, if anybody, closed or said nothing.
SILENCE = (error.ConnectError, error.ConnectionClosed)


def reason(e: BaseException, step: str, tls: SSL.Connection | None) -> str | None:
    """
    Why an attempt failed with C{e}.

    @param tls: what OpenSSL knows of the connection.
    @return: None for what is no matter of the connection.
    """
    if isinstance(e, REFUSED):
        return tlsReason(e, tls)
    if isinstance(e, (error.TimeoutError, error.TCPTimedOutError)):
        # Ours says how long that was; a client and an endpoint may have limits of their own.
        return str(e.args[0] or "no answer in time")
    if isinstance(e, error.ConnectionRefusedError):
        return "connection refused"
    if isinstance(e, error.DNSLookupError):
        return "no address is known for this name"
    if isinstance(e, error.ConnectError):
        return str(e).rstrip(".")
    if isinstance(e, error.ConnectionClosed):
        return "the server closed the connection"
    if isinstance(e, IllegalServerResponse):
        what = "this is no IMAP server" if step == GREETING else str(e)
        return what + quoted(getattr(e, "wire", b""))
    if isinstance(e, IMAP4Exception):
        text = e.args[0] if e.args else ""
        if not isinstance(text, bytes):
            return str(text)
        if step == GREETING:
            return f"the server closed the connection with BYE: {printable(text)}"
        said = f"the server said {getattr(e, 'status', 'NO')}"
        return f"{said}: {printable(text)}" if text else said
    return None


def remedy(e: BaseException, step: str, scheme: str = "", place: str = "") -> str:
    """
    What can be done, with what stands before it; empty where nobody knows.

    @param scheme: of the URL, which an endpoint has not.
    @param place: the URL without it.
    """
    if isinstance(e, VerificationError):
        return f"; {_NAME}"
    if isCertificate(e):
        return f"; {_TRUST}"
    if step == STARTTLS and isinstance(e, IMAP4Exception):
        return f"; {_WITHOUT}"
    if step == CONNECTING:
        return "; check the host and the port, and what may block them in between"
    if step == HANDSHAKE and scheme == "imaps" and (isinstance(e, SILENCE) or _isNoTLS(e)):
        return f"; for a server that begins in the clear, use imap://{place}"
    if step == GREETING and isinstance(e, SILENCE):
        if scheme == "imap":
            return f"; for a server that speaks TLS from the start, use imaps://{place}"
        if not scheme:
            return "; for a server that speaks TLS from the start, there is wrapClientTLS()"
    return ""


def tlsReason(e: BaseException, tls: SSL.Connection | None) -> str:
    """
    Why there is no TLS, also where C{e} has no more than OpenSSL's words.
    """
    if isinstance(e, VerificationError):
        whose = ", ".join(_names(tls)) or "it names none"
        return f"the certificate is for another host ({whose})"
    words = _openSSLWords(e)
    if isCertificate(e):
        return ": ".join(filter(None, (words, _certificateProblem(tls))))
    return f"the server speaks no TLS here ({words})" if _isNoTLS(e) else words


def isCertificate(e: BaseException) -> bool:
    """
    Whether the certificate was the cause.
    """
    return isinstance(e, VerificationError) or _openSSLWords(e) == "certificate verify failed"


def _isNoTLS(e: BaseException) -> bool:
    return _openSSLWords(e) in _NO_TLS


def _openSSLWords(e: BaseException) -> str:
    """
    The words of the first error in OpenSSL's queue, which is the cause of the others.
    """
    if not isinstance(e, SSL.Error):
        return ""
    queue = e.args[0] if e.args else ""
    return str(queue[0][-1]) if queue and isinstance(queue, list) else str(e)


def _certificateProblem(tls: SSL.Connection | None) -> str:
    """
    What is wrong with the certificate.  pyOpenSSL does not tell why it was
    refused, so that it is verified once more.
    """
    chain = None if tls is None else tls.get_peer_cert_chain()
    store = None if tls is None else tls.get_context().get_cert_store()
    if not chain or store is None:
        return ""
    try:
        crypto.X509StoreContext(store, chain[0], chain[1:]).verify_certificate()
    except crypto.X509StoreContextError as e:
        number, _, words = e.errors
        return _CERTIFICATE.get(number, words)
    return ""


def _names(tls: SSL.Connection | None) -> list[str]:
    """
    For whom the server's certificate is: a few of them.
    """
    chain = None if tls is None else tls.get_peer_cert_chain()
    if not chain:
        return []
    extensions = chain[0].to_cryptography().extensions
    try:
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [printable(str(name.value).encode()) for name in list(found.value)[:3]]


def quoted(octets: bytes) -> str:
    """
    The first line of what a server said, with what stands before it; empty for
    nothing.
    """
    line = octets.lstrip().partition(b"\n")[0].rstrip()
    return f': it said "{printable(line)}"' if line else ""


def printable(octets: bytes) -> str:
    """
    Words of a server, cut.
    """
    text = shown(octets[:200].decode("utf-8", "backslashreplace"))
    return text if len(text) <= 80 else f"{text[:80]}..."
