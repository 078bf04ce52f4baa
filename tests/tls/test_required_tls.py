"""
Required TLS, by requireTLS or a host name: nothing of the user's goes out without it, and
nothing that came without it is believed, whatever the program and the server do.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from twisted.internet import defer, interfaces, ssl
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone
from twisted.mail.imap4 import Command, IMAP4Exception, PLAINAuthenticator
from zope.interface import implementer

from tests.helpers.rig import MemoryTransport, TLSMemoryTransport
from twisted_imapc import Client, IMAP4ClientFactory, connect

STARTTLS = b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi\r\n"
STRIPPED = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n"


@implementer(interfaces.IOpenSSLClientConnectionCreator)
class Verifying:
    """A context, as far as anybody looks."""

    def clientConnectionForTLS(self, protocol: Any) -> Any:
        raise AssertionError("no TLS in memory")


def required(base: Any, name: str = "requireTLS") -> Any:
    """A subclass that requires TLS, in this way."""
    value = True if name == "requireTLS" else "mail.example.org"
    return type("Required", (base,), {name: value})


@pytest.fixture(params=["requireTLS", "tlsHostname"])
def strict(request: pytest.FixtureRequest, ours: Any) -> Any:
    """Both ways in, and both ways to ask for it."""
    return required(ours, request.param)


def securable(cls: Any, *wire: bytes, context: Any = None) -> Any:
    client = cls(context or Verifying())
    client.makeConnection(TLSMemoryTransport())
    for octets in wire:
        client.dataReceived(octets)
    return client


def verbs(client: Any) -> list[bytes]:
    """What was written, without tags and arguments."""
    return [(line.split() + [b""])[1] for line in client.transport.value().splitlines()]


def failed_with(d: Any) -> Any:
    """The exception that this has failed with."""
    failures: list[Any] = []
    d.addErrback(failures.append)
    assert failures, "not failed"
    return failures[0].value


def test_stripped_login(strict: Any) -> None:
    client = securable(strict, STRIPPED)
    e = failed_with(client.login("joe", "secret"))
    assert isinstance(e, IMAP4Exception)
    assert "LOGIN is not sent" in str(e)
    assert client.transport.value() == b""


@pytest.mark.parametrize("greeting", [STRIPPED, STARTTLS])
def test_authenticate(strict: Any, greeting: bytes) -> None:
    client = securable(strict, greeting)
    client.registerAuthenticator(PLAINAuthenticator(b"joe"))
    d = client.authenticate(b"secret")
    if greeting == STRIPPED:
        failed_with(d)
    else:
        d.addErrback(lambda f: None)
    client.dataReceived(b"+ \r\n")
    assert set(verbs(client)) <= {b"STARTTLS"}


@pytest.mark.parametrize("name", ["startTLS", "_startedTLS"])
def test_tls_that_a_subclass_does_not_start(strict: Any, name: str) -> None:
    """Then there is none, and neither login() nor authenticate() go on."""

    class Without(strict):
        pass

    setattr(Without, name, lambda self, *args: defer.succeed(None))
    for log_in in (lambda c: c.login("joe", "secret"), lambda c: c.authenticate(b"secret")):
        client = securable(Without, STARTTLS)
        client.registerAuthenticator(PLAINAuthenticator(b"joe"))
        d = log_in(client)
        client.dataReceived(b"0001 OK\r\n")
        client.dataReceived(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n0002 OK\r\n")
        assert isinstance(failed_with(d), IMAP4Exception)
        assert b"LOGIN" not in verbs(client) and b"AUTHENTICATE" not in verbs(client)


def test_commands_of_the_program(strict: Any) -> None:
    """What says nothing of the user may go out."""
    client = securable(strict, STRIPPED)
    for command in (b"LOGIN", b"login", b"SELECT", b"X"):
        e = failed_with(client.sendCommand(Command(command, b"joe secret")))
        assert command.upper().decode() in str(e)
    failed_with(client.select("private"))
    failed_with(client.append("private", io.BytesIO(b"private")))
    assert client.transport.value() == b""
    client.noop()
    client.dataReceived(b"0001 OK\r\n")
    client.logout()
    assert verbs(client) == [b"NOOP", b"LOGOUT"]


def test_what_is_queued_waits_for_tls(strict: Any) -> None:
    """STARTTLS overtakes it, also where the server has to be asked first."""
    client = securable(strict, b"* OK hi\r\n")
    client.startTLS()
    client.select("private")
    client.dataReceived(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n0001 OK\r\n")
    assert verbs(client) == [b"CAPABILITY", b"STARTTLS"]
    client.dataReceived(b"0002 OK\r\n")
    assert verbs(client)[2:] == [b"", b"SELECT"]


def test_before_the_greeting(strict: Any) -> None:
    client = securable(strict)
    failed_with(client.select("private"))
    assert client.transport.value() == b""


def test_preauth(strict: Any) -> None:
    client = securable(strict, b"* PREAUTH hi\r\n")
    assert client.transport.disconnecting


@pytest.mark.parametrize("begin", [lambda c: c.startTLS(), lambda c: c.login("joe", "secret")])
def test_cancelled_starttls(ours: Any, begin: Any) -> None:
    """The server has begun TLS, so that nothing can follow in the clear."""
    client = securable(ours, STARTTLS)
    d, queued = begin(client), client.select("private")
    d.addErrback(lambda f: None)
    d.cancel()
    client.dataReceived(b"0001 OK begin\r\n")
    assert verbs(client) == [b"STARTTLS"]
    assert client.transport.disconnecting
    client.connectionLost(ConnectionDone())
    assert isinstance(failed_with(queued), CancelledError)


def test_context_that_does_not_verify(ours: Any) -> None:
    """The name is not forgotten for it; startTLS() says so."""
    for context in (ssl.ClientContextFactory(), ssl.CertificateOptions()):
        client = securable(required(ours, "tlsHostname"), STARTTLS, context=context)
        e = failed_with(client.startTLS())
        assert "mail.example.org" in str(e)
        assert "optionsForClientTLS" in str(e)
        assert isinstance(failed_with(client.login("joe", "secret")), IMAP4Exception)
        assert isinstance(failed_with(client.startTLS(context)), IMAP4Exception)
        assert client.transport.value() == b""


@pytest.mark.parametrize("name", ["a..b", "", "x" * 64 + ".org", "a b", "\u2603.example"])
def test_a_name_that_no_host_can_have(ours: Any, name: str) -> None:
    """It is said which argument that was; until TLS nobody looks at tlsHostname."""
    cls = type("Named", (ours,), {"tlsHostname": name})
    client = securable(cls, STARTTLS)
    client.context = None
    with pytest.raises(ValueError, match="^tlsHostname: .* can be no name of a host"):
        client.startTLS()
    e = failed_with(client.login("joe", "secret"))
    assert isinstance(e, ValueError) and "mail.example.org" in str(e)
    assert client.transport.value() == b""
    with pytest.raises(ValueError, match="^hostname: .* can be no name of a host"):
        IMAP4ClientFactory(hostname=name)
    if name and " " not in name:
        for make in (connect, Client.connect):
            with pytest.raises(ValueError, match="^The URL: .* can be no name of a host"):
                make(f"imaps://{name}")


def test_a_name_that_is_no_str(ours: Any) -> None:
    client = securable(type("Named", (ours,), {"tlsHostname": b"localhost"}), STARTTLS)
    client.context = None
    with pytest.raises(TypeError, match="tlsHostname: .* not bytes"):
        client.startTLS()
    with pytest.raises(TypeError, match="hostname: .* not bytes"):
        IMAP4ClientFactory(hostname=b"localhost")  # type: ignore[arg-type]


def test_connect_wants_a_context_that_verifies() -> None:
    for tls in (ssl.CertificateOptions(), ssl.ClientContextFactory(), True):
        with pytest.raises(TypeError, match="optionsForClientTLS"):
            connect("imaps://localhost", tls=tls)


def test_listeners(strict: Any) -> None:
    """Somebody in the middle may say what they like; under TLS all of it counts."""
    told: list[Any] = []

    class Listening(strict):
        def newMessages(self, exists: Any, recent: Any) -> None:
            told.append((exists, recent))

        def flagsChanged(self, flags: Any) -> None:
            told.append(flags)

        def modeChanged(self, writeable: Any) -> None:
            told.append(writeable)

        def expunged(self, number: int) -> None:
            told.append(number)

    news = b"* 4 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n* 1 FETCH (FLAGS (a))\r\n* [READ-ONLY]\r\n"
    client = securable(Listening, STARTTLS, news)
    client.startTLS()
    client.dataReceived(news + b"0001 OK\r\n")
    assert told == []
    assert client.startedTLS
    client.dataReceived(b"0002 OK\r\n" + news)
    assert told == [(4, None), (None, 1), 2, {1: ["a"]}, False]


def test_extra_info(strict: Any) -> None:
    """The hook of the line path in the listeners' place."""
    told: list[Any] = []

    class Hooked(strict):
        def _extraInfo(self, lines: Any) -> None:
            told.extend(lines)

    client = securable(Hooked, STARTTLS, b"* 4 EXISTS\r\n")
    client.startTLS()
    client.dataReceived(b"* 5 X\r\n* [READ-ONLY]\r\n0001 OK\r\n")
    assert told == []
    client.dataReceived(b"0002 OK\r\n* 6 EXISTS\r\n")
    assert told == [[b"6", b"EXISTS"]]


def test_mode_before_tls(ours: Any) -> None:
    """Told behind STARTTLS, it would look as if it had come through it."""
    told: list[Any] = []
    client = securable(ours, STARTTLS)
    client.modeChanged = told.append
    client.startTLS()
    client.dataReceived(b"* [READ-ONLY]\r\n0001 OK\r\n")
    assert told == []


def test_two_at_once(ours: Any) -> None:
    """One STARTTLS serves all who want it."""
    client = securable(ours, STARTTLS)
    fired: list[Any] = []
    for begin in (lambda c: c.startTLS(), lambda c: c.startTLS(), lambda c: c.login("u", "p")):
        begin(client).addBoth(fired.append)
    client.dataReceived(b"0001 OK\r\n")
    assert verbs(client) == [b"STARTTLS", b"", b"CAPABILITY"]
    client.dataReceived(b"* CAPABILITY IDLE\r\n0002 OK\r\n")
    assert verbs(client)[3:] == [b"LOGIN"]
    client.dataReceived(b"0003 OK\r\n")
    assert fired[:2] == [{b"IDLE": None}] * 2
    assert len(fired) == 3


def test_two_at_once_refused(ours: Any) -> None:
    client = securable(ours, STARTTLS)
    both = [client.startTLS(), client.startTLS()]
    client.dataReceived(b"0001 NO not today\r\n")
    assert [type(failed_with(d)) for d in both] == [IMAP4Exception] * 2
    third = client.startTLS()
    client.dataReceived(b"0002 NO not now\r\n")
    assert "not now" in str(failed_with(third))


def test_asked_twice_before_the_capabilities_are_known(ours: Any) -> None:
    """The second finds TLS begun by the first."""
    client = securable(ours, b"* OK hi\r\n")
    fired: list[Any] = []
    for _ in range(2):
        client.startTLS().addBoth(fired.append)
    for number in range(1, 9):
        if number <= client.transport.value().count(b"\r\n"):
            answer = b"* CAPABILITY STARTTLS\r\n%04X OK\r\n" % number
            client.dataReceived(answer if not client.waiting == b"" else b"")
    assert fired == [{b"STARTTLS": None}] * 2
    assert verbs(client).count(b"STARTTLS") == 1


def test_factory_greets_under_tls_only(ours: Any) -> None:
    """Also where a subclass starts none."""

    class Without(ours):
        def startTLS(self, contextFactory: Any = None) -> Any:
            return defer.succeed({})

    factory = IMAP4ClientFactory(hostname="localhost", protocol=Without)
    client: Any = factory.buildProtocol(None)
    client.makeConnection(TLSMemoryTransport())
    client.dataReceived(STARTTLS)
    assert client.transport.disconnecting
    client.connectionLost(ConnectionDone())
    assert "no TLS" in str(failed_with(factory.deferred))


def test_factory_without_our_client() -> None:
    """It could not do what is wanted, and would do it without a word."""
    from twisted.mail import imap4

    factory = IMAP4ClientFactory(protocol=lambda: imap4.IMAP4Client())  # type: ignore
    with pytest.raises(TypeError, match="IMAP4Client"):
        factory.buildProtocol(None)


def test_cancel_without_abort() -> None:
    """Not all transports have abortConnection()."""

    class Plain(MemoryTransport):
        abortConnection = property()

    factory = IMAP4ClientFactory()
    client: Any = factory.buildProtocol(None)
    client.makeConnection(Plain())
    factory.deferred.cancel()
    assert isinstance(failed_with(factory.deferred), CancelledError)
    assert client.transport.disconnecting


@pytest.mark.parametrize(
    "give",
    [
        lambda cls: cls().login("joe", "s3cret\n"),
        lambda cls: cls().login("joe", b"s3cret\r"),
        lambda cls: cls().login("joe", "s3cret\0"),
        lambda cls: cls().login("joe", "s3cret\udc00"),
        lambda cls: IMAP4ClientFactory("joe", "s3cret\n"),
        lambda cls: cls().sendCommand(Command(b"LOGIN", b"joe s3cret\n")),
        lambda cls: connect(b"imaps://joe:s3cret@host"),
        lambda cls: connect("imaps://joe:s3cret@host"),
    ],
)
def test_errors_quote_no_password(ours: Any, give: Any) -> None:
    """A file's last line end is enough to meet one."""
    with pytest.raises((ValueError, TypeError)) as raised:
        give(ours)
    chain = [raised.value, raised.value.__cause__]
    assert "s3cret" not in "".join(map(repr, chain))


# ---- One STARTTLS for all ---------------------------------------------------


def test_starttls_that_is_not_sent(ours: Any) -> None:
    """The next one does not wait for it."""

    class Program(ours):
        bad = True

        def sendLine(self, line: bytes) -> None:
            if self.bad and b"STARTTLS" in line:
                self.bad = False
                raise OSError("not now")
            ours.sendLine(self, line)

    client = securable(Program, STARTTLS)
    assert isinstance(failed_with(client.login("u", "p")), OSError)
    d = client.login("u", "p")
    assert verbs(client) == [b"STARTTLS"]
    client.connectionLost(ConnectionDone())
    assert isinstance(failed_with(d), ConnectionDone)


def test_one_of_two_cancelled(ours: Any) -> None:
    """The other one goes on; when both have given up, so do we."""
    client = securable(ours, STARTTLS)
    one, other = client.startTLS(), client.startTLS()
    one.cancel()
    assert isinstance(failed_with(one), CancelledError)
    client.dataReceived(b"0001 OK\r\n")
    client.dataReceived(b"* CAPABILITY IDLE\r\n0002 OK\r\n")
    fired: list[Any] = []
    other.addCallback(fired.append)
    assert fired == [{b"IDLE": None}]

    client = securable(ours, STARTTLS)
    both = [client.startTLS(), client.startTLS()]
    for d in both:
        assert not client.transport.disconnecting
        d.cancel()
        assert isinstance(failed_with(d), CancelledError)
    assert client.transport.disconnecting


def test_cancelled_before_it_is_sent(ours: Any) -> None:
    """Then nothing has happened yet."""
    client = securable(ours, STARTTLS)
    client.noop()
    failure_of = client.startTLS()
    failure_of.cancel()
    assert isinstance(failed_with(failure_of), CancelledError)
    client.dataReceived(b"0001 OK done\r\n")
    assert verbs(client) == [b"NOOP"]
    assert not client.transport.disconnecting


def test_other_context(ours: Any) -> None:
    """It does not verify what its caller wants; the same one does."""
    client = securable(ours, STARTTLS)
    context = Verifying()
    one = client.startTLS(context)
    assert isinstance(failed_with(client.startTLS(Verifying())), IMAP4Exception)
    same = client.startTLS(context)
    client.dataReceived(b"0001 OK\r\n")
    behind = client.startTLS()
    client.dataReceived(b"* CAPABILITY IDLE\r\n0002 OK\r\n")
    client.dataReceived(b"* CAPABILITY IDLE\r\n0003 OK\r\n")
    fired: list[Any] = []
    for d in (one, same, behind):
        d.addCallback(fired.append)
    assert fired == [{b"IDLE": None}] * 3
    with pytest.raises(AssertionError):
        client.startTLS()


def test_transport_that_starts_no_tls(ours: Any) -> None:
    """The server speaks TLS by now: what is queued is not for its ears."""

    class Transport(TLSMemoryTransport):
        def startTLS(self, ctx: Any, normal: Any = None) -> None:
            raise TypeError("a bad context")

    client = ours(Verifying())
    client.makeConnection(Transport())
    client.dataReceived(STARTTLS)
    d, queued = client.startTLS(), client.select("private")
    client.dataReceived(b"0001 OK\r\n")
    assert isinstance(failed_with(d), TypeError)
    assert verbs(client) == [b"STARTTLS"]
    assert client.transport.disconnecting
    client.connectionLost(ConnectionDone())
    assert isinstance(failed_with(queued), TypeError)


def test_second_connection(strict: Any) -> None:
    """That the first one had TLS is no help."""

    class Program(strict):
        def connectionMade(self) -> None:
            state: dict[str, Any] = {"tags": {}, "queued": [], "waiting": None, "state": None}
            self.__dict__.update(state, tagID=1)

    client = Program(Verifying())
    for _ in range(2):
        client.makeConnection(TLSMemoryTransport())
        assert not client.startedTLS
        client.dataReceived(b"* OK hi\r\n")
        client.login("u", "p").addErrback(lambda f: None)
        client.dataReceived(b"* CAPABILITY STARTTLS\r\n0001 OK\r\n")
        client.dataReceived(b"0002 OK\r\n")
        client.dataReceived(b"* CAPABILITY IDLE\r\n0003 OK\r\n")
        assert verbs(client) == [b"CAPABILITY", b"STARTTLS", b"", b"CAPABILITY", b"LOGIN"]
        client.connectionLost(ConnectionDone())


def test_arguments_of_other_types(strict: Any) -> None:
    """A second line in them would pass for a command of its own."""
    client = securable(strict, STRIPPED)
    for kind in (bytes, bytearray, memoryview):
        with pytest.raises(ValueError):
            client.sendCommand(Command(b"NOOP", kind(b"\r\n0002 LOGIN joe secret")))
    assert client.transport.value() == b""
