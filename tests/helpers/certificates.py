"""
Certificates for servers of tests: from an authority of our own, good and bad ones,
and one from no authority at all.
"""

from __future__ import annotations

import datetime
import os
from tempfile import NamedTemporaryFile
from typing import Any
from unittest import mock

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet import ssl
from twisted.trial.unittest import TestCase

#: What a client sees of a certificate that it does not take: OpenSSL does not like
#: it (which has no time or authority for it), or it is for another name.
REFUSALS = (SSL.Error, VerificationError)

_PAST = datetime.datetime(2001, 1, 1)
_FUTURE = datetime.datetime(2999, 1, 1)


class ServerCertificate:
    """
    What a server needs.

    @ivar key: the private key, in PEM.
    @ivar pem: the certificate, in PEM.
    """

    def __init__(self, key: bytes, pem: bytes) -> None:
        self.key = key
        self.pem = pem

    def options(self) -> ssl.CertificateOptions:
        """For a server of Twisted's."""
        return ssl.PrivateCertificate.loadPEM(self.key + self.pem).options()

    def trusting(self, name: str = "localhost") -> Any:
        """What a client takes that knows this very certificate."""
        return trusting(self.pem, name)


class Authority:
    """
    An authority that nobody trusts who was not told to.

    @ivar pem: its certificate, in PEM.
    """

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self.pem = self._authority.cert_pem.bytes()

    def issue(self, *names: str, **options: Any) -> ServerCertificate:
        """For these names or addresses; for localhost when not told."""
        leaf = self._authority.issue_cert(*(names or ("localhost",)), **options)
        return ServerCertificate(leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes())

    def expired(self) -> ServerCertificate:
        """It was for localhost, for a day."""
        return self.issue(not_before=_PAST, not_after=_PAST + datetime.timedelta(1))

    def premature(self) -> ServerCertificate:
        """It will be for localhost."""
        return self.issue(not_before=_FUTURE, not_after=_FUTURE + datetime.timedelta(1))

    def trusting(self, name: str = "localhost") -> Any:
        """What a client takes that trusts this authority for this name."""
        return trusting(self.pem, name)


def trusting(pem: bytes, name: str) -> Any:
    """The one line of a program that has an authority of its own."""
    return ssl.optionsForClientTLS(name, trustRoot=ssl.Certificate.loadPEM(pem))


def trusted_by_the_system(case: TestCase, pem: bytes) -> None:
    """Have OpenSSL take this for what the system trusts, until the case ends."""
    file = NamedTemporaryFile()
    case.addCleanup(file.close)
    file.write(pem)
    file.flush()
    patched = mock.patch.dict(os.environ, SSL_CERT_FILE=file.name)
    patched.start()
    case.addCleanup(patched.stop)


def self_signed(name: str = "localhost") -> ServerCertificate:
    """As C{openssl req -x509} makes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_PAST)
        .not_valid_after(_FUTURE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return ServerCertificate(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )
