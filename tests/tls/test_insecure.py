"""
What is said to a program that sends a password in the clear, or begins TLS with
whoever is there: in the log each time, as a Python warning once for each class.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.mail.imap4 import CramMD5ClientAuthenticator, LOGINAuthenticator, PLAINAuthenticator

from tests.helpers.rig import MemoryTransport, TLSMemoryTransport
from twisted_imapc import IMAP4ClientFactory, InsecureConnectionWarning

IN_CLEAR = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n"
OFFERS_TLS = b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\n"

PLAINTEXT = "without TLS: the password goes out in the clear; requireTLS = True forbids it"
UNVERIFIED = "STARTTLS verifies no certificate: set tlsHostname to the server's name"

pytestmark = pytest.mark.row("No certificate is verified")


@pytest.fixture
def fresh(ours: Any) -> Any:
    """A class that nobody was warned of yet."""
    return type("Fresh", (ours,), {})


def greetedInClear(cls: Any, greeting: bytes = IN_CLEAR, transport: Any = MemoryTransport) -> Any:
    client = cls()
    client.makeConnection(transport())
    client.dataReceived(greeting)
    return client


def warned(act: Callable[[], Any]) -> list[str]:
    """What somebody without a log observer sees."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    assert all(one.category is InsecureConnectionWarning for one in caught)
    return [str(one.message) for one in caught]


def log_in(client: Any) -> Any:
    return client.login("joe", "s3cret")


def authenticatedBy(authenticator: Any) -> Callable[[Any], Any]:
    def call(client: Any) -> Any:
        client.registerAuthenticator(authenticator(b"joe"))
        return client.authenticate(b"s3cret")

    return call


# ---- What is told ----------------------------------------------------------


@pytest.mark.parametrize("greeting", [IN_CLEAR, b"* OK [CAPABILITY IMAP4rev1] hi\r\n"])
def test_login(fresh: Any, greeting: bytes) -> None:
    with capturedLogs() as events:
        told = warned(lambda: log_in(greetedInClear(fresh, greeting)))
    assert told == [f"Fresh: login() {PLAINTEXT}"]
    assert f"login() {PLAINTEXT}" in [formatEvent(event) for event in events]


@pytest.mark.parametrize("mechanism", [PLAINAuthenticator, LOGINAuthenticator])
def test_authenticate(fresh: Any, mechanism: Any) -> None:
    name = mechanism(b"joe").getName()
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=%s] hi\r\n" % name.lower()
    told = warned(lambda: authenticatedBy(mechanism)(greetedInClear(fresh, greeting)))
    assert told == [f"Fresh: authenticate() {PLAINTEXT}"]


def test_authenticate_without_revealing(fresh: Any) -> None:
    """CRAM-MD5 sends no password."""
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=CRAM-MD5] hi\r\n"
    client = greetedInClear(fresh, greeting)
    assert warned(lambda: authenticatedBy(CramMD5ClientAuthenticator)(client)) == []
    assert client.transport.value() == b"0001 AUTHENTICATE CRAM-MD5\r\n"


def test_starttls(fresh: Any) -> None:
    for begin in (lambda client: client.startTLS(), log_in):
        cls = type("Fresh", (fresh,), {})
        client = greetedInClear(cls, OFFERS_TLS, TLSMemoryTransport)
        with capturedLogs() as events:
            assert warned(lambda: begin(client)) == [f"Fresh: {UNVERIFIED}"]  # noqa: B023
        assert (LogLevel.warn, UNVERIFIED) in [(e["log_level"], formatEvent(e)) for e in events]


def test_nothing_to_tell(fresh: Any) -> None:
    """Where a name is verified, and where TLS is required."""
    named = type("Named", (fresh,), {"tlsHostname": "mail.example.org"})
    strict = type("Strict", (fresh,), {"requireTLS": True})
    assert warned(lambda: log_in(greetedInClear(named, OFFERS_TLS, TLSMemoryTransport))) == []
    for cls in (named, strict):
        failures: list[Any] = []
        assert warned(lambda: log_in(greetedInClear(cls)).addErrback(failures.append)) == []  # noqa: B023
        assert "TLS is required" in str(failures[0].value)


def test_factory_that_logs_in(fresh: Any) -> None:
    factory = IMAP4ClientFactory("joe", "s3cret", protocol=fresh)

    def run() -> None:
        client: Any = factory.buildProtocol(None)
        client.makeConnection(MemoryTransport())
        client.dataReceived(IN_CLEAR)

    assert warned(run) == [f"Fresh: login() {PLAINTEXT}"]


# ---- How often -------------------------------------------------------------


def test_once_for_each_class(fresh: Any) -> None:
    """The log has it each time."""
    other = type("Other", (fresh,), {})

    def run() -> None:
        for cls in (fresh, fresh, other, fresh, other):
            log_in(greetedInClear(cls))

    with capturedLogs() as events:
        assert warned(run) == [f"Fresh: login() {PLAINTEXT}", f"Other: login() {PLAINTEXT}"]
    assert [formatEvent(event) for event in events].count(f"login() {PLAINTEXT}") == 5


def test_each_matter(fresh: Any) -> None:
    def run() -> None:
        log_in(greetedInClear(fresh))
        greetedInClear(fresh, OFFERS_TLS, TLSMemoryTransport).startTLS()

    assert warned(run) == [f"Fresh: login() {PLAINTEXT}", f"Fresh: {UNVERIFIED}"]


# ---- Where warnings are errors ---------------------------------------------


@pytest.mark.parametrize(
    "greeting, act",
    [
        (IN_CLEAR, log_in),
        (IN_CLEAR, authenticatedBy(PLAINAuthenticator)),
        (OFFERS_TLS, log_in),
        (OFFERS_TLS, lambda client: client.startTLS()),
        (b"* OK hi\r\n", lambda client: client.startTLS()),
    ],
)
def test_errors(fresh: Any, greeting: bytes, act: Any) -> None:
    """The Deferred fails, each time, and not a byte is written."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            client = greetedInClear(fresh, greeting, TLSMemoryTransport)
            failures: list[Any] = []
            act(client).addErrback(failures.append)
            assert isinstance(failures[0].value, InsecureConnectionWarning)
            assert client.transport.value() == b""
            assert "s3cret" not in str(failures[0].value)
            client.noop()
            assert client.transport.value() == b"0001 NOOP\r\n"


def test_errors_of_a_class_that_was_warned(fresh: Any) -> None:
    """By a filter that shows or drops it; then it is shown no more, but is an error again."""
    quiet = type("Quiet", (fresh,), {})
    assert warned(lambda: log_in(greetedInClear(fresh))) != []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log_in(greetedInClear(quiet))
    for cls in (fresh, quiet):
        with pytest.warns(InsecureConnectionWarning):
            log_in(greetedInClear(type("Other", (fresh,), {})))
        for _ in range(2):
            assert warned(lambda: log_in(greetedInClear(cls))) == []  # noqa: B023
            test_errors(cls, IN_CLEAR, log_in)


# The line of the program is shown, from 3.13 on of one in -c, too.
PROGRAM = """
password = "s3cret"
from twisted.internet.testing import StringTransport
from twisted_imapc import IMAP4Client

for attempt in range(2):
    client = IMAP4Client()
    client.makeConnection(StringTransport())
    client.dataReceived(b"* OK [CAPABILITY IMAP4rev1] hi\\r\\n")
    client.login("joe", password)
"""


def test_seen_without_any_set_up() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.count(f"InsecureConnectionWarning: IMAP4Client: login() {PLAINTEXT}") == 1
    assert "s3cret" not in done.stderr


def test_where(fresh: Any) -> None:
    """A line of the program: that which gave the command, or gave octets."""
    for greeting in (IN_CLEAR, b"* OK hi\r\n"):
        for transport in (MemoryTransport, TLSMemoryTransport):
            client = greetedInClear(type("Fresh", (fresh,), {}), greeting, transport)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                client.login("joe", "s3cret")
                if not caught:
                    capability = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n0001 OK done\r\n"
                    client.dataReceived(capability)
            # Not one of ours or of Twisted's.
            (one,) = caught
            assert Path(one.filename).is_relative_to(Path(__file__).parents[1])


REACTING = """
from twisted.internet.task import deferLater, react
from twisted.internet.testing import StringTransport
from twisted_imapc import IMAP4Client

def main(reactor):
    client = IMAP4Client()
    client.makeConnection(StringTransport())
    client.dataReceived(b"* OK [CAPABILITY IMAP4rev1] hi\\r\\n")
    deferLater(reactor, 0, client.login, "joe", "s3cret")
    return deferLater(reactor, 0, lambda: None)

react(main)
"""


def test_where_the_reactor_calls() -> None:
    """The line that runs it."""
    done = subprocess.run(
        [sys.executable, "-c", REACTING], capture_output=True, text=True, timeout=60, check=True
    )
    line = REACTING.splitlines().index("react(main)") + 1
    assert f"<string>:{line}: InsecureConnectionWarning: " in done.stderr
