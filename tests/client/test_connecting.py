"""From a URL or an endpoint to a client; with TLS: test_dovecot_tls."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest
from twisted.internet import error, reactor as _reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, serverFromString
from twisted.internet.protocol import Factory, Protocol

from tests.helpers.clients import Conversing
from tests.helpers.server_case import GREETS, ServerTestCase
from twisted_imapc.client import Bye, Client, ConnectionGone, Insecure, Silent
from twisted_imapc.testing import TAG, Drop, ExpectCommand, Pause, Send

reactor: Any = _reactor


class ConnectingTests(ServerTestCase):
    def endpoint(self, server: Any) -> Any:
        return HostnameEndpoint(reactor, server.host, server.port)

    def url(self, server: Any) -> str:
        return f"imap://{server.host}:{server.port}"

    async def test_an_endpoint_is_used_as_it_is(self) -> None:
        server = await self.scripted(GREETS)
        client = await Client.connect(self.endpoint(server))
        assert (client.state, client.secure) == ("unauthenticated", False)
        client.abort()
        assert isinstance(await client.disconnected(), ConnectionGone)

    async def test_a_subclass(self) -> None:
        class Mine(Client):
            timeout = 7

        server = await self.scripted(GREETS)
        client = await Mine.connect(self.endpoint(server))
        assert type(client) is Mine and client.timeout == 7
        client.abort()
        await client.disconnected()

    async def test_no_starttls(self) -> None:
        """Nothing goes on in the clear, whatever the server says."""
        for script in (
            [Send(b"* PREAUTH hi\r\n")],
            [Send(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")],
            [GREETS, ExpectCommand(b"STARTTLS"), Send(TAG + b" NO no\r\n")],
            [GREETS, ExpectCommand(b"STARTTLS"), Send(TAG + b" BAD no\r\n")],
        ):
            server = await self.scripted(*script)
            with pytest.raises(Insecure):
                await Client.connect(self.url(server))
            assert len(server.received) == len(script) // 2

    async def test_octets_behind_starttls(self) -> None:
        evil = Send(TAG + b" OK go\r\n* OK evil\r\n")
        server = await self.scripted(GREETS, ExpectCommand(b"STARTTLS"), evil)
        with pytest.raises(ConnectionGone):
            await Client.connect(self.url(server))

    async def test_bye(self) -> None:
        server = await self.scripted(Send(b"* BYE [INUSE] too many\r\n"), Drop())
        with pytest.raises(Bye) as caught:
            await Client.connect(self.endpoint(server))
        assert (caught.value.code, caught.value.text) == ("INUSE", "too many")

    async def test_no_greeting(self) -> None:
        for octets in (b"", b"* OK", b"HTTP/1.1 200\r\n", b"* NO\r\n"):
            server = await self.scripted(Send(octets), Drop())
            with pytest.raises(ConnectionGone) as caught:
                await Client.connect(self.endpoint(server))
            assert ": greeting: " in str(caught.value) and caught.value.cause is not None

    async def test_silence(self) -> None:
        for script in ([Pause(20)], [GREETS, ExpectCommand(b"STARTTLS")]):
            server = await self.scripted(*script)
            place = self.endpoint(server) if len(script) == 1 else self.url(server)
            with pytest.raises(Silent) as caught:
                await Client.connect(place, timeout=0.2)
            assert "no answer within 0.2 seconds" in str(caught.value)
            assert str(server.port) in str(caught.value)

    async def test_refused(self) -> None:
        server = await self.scripted(GREETS)
        port = server.port
        await server.stop()
        with pytest.raises(ConnectionGone) as caught:
            await Client.connect(f"imaps://127.0.0.1:{port}")
        assert isinstance(caught.value.cause, error.ConnectError)
        assert str(caught.value).startswith(
            f"127.0.0.1:{port}: connecting: connection refused; check the host"
        )

    async def test_cancelled(self) -> None:
        server = await self.scripted(Pause(20))
        d = Client.connect(self.endpoint(server))
        reactor.callLater(0.1, d.cancel)
        with pytest.raises(CancelledError):
            await d

    async def test_a_unix_socket_is_as_good_as_tls(self) -> None:
        """Nobody listens in between."""
        asked: Deferred[bytes] = Deferred()

        class Greeter(Protocol):
            def connectionMade(self) -> None:
                assert self.transport is not None
                self.transport.write(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")

            def dataReceived(self, data: bytes) -> None:
                asked.callback(data)

        path = os.path.join(tempfile.mkdtemp(), "socket")
        listening = await serverFromString(reactor, f"unix:{path}").listen(
            Factory.forProtocol(Greeter)
        )
        self.addCleanup(listening.stopListening)
        client = await Client.connect(UNIXClientEndpoint(reactor, path))
        client.login("joe", "secret").addErrback(lambda _: None)
        assert b"LOGIN" in await asked
        client.abort()
        await client.disconnected()


@pytest.mark.parametrize(
    ("place", "options", "kind"),
    [
        ("mail.example.org", {}, ValueError),
        ("pop://mail.example.org", {}, ValueError),
        ("imaps://joe:secret@mail.example.org", {}, ValueError),
        ("imaps://mail.example.org", {"tls": object()}, TypeError),
        ("imaps://mail.example.org", {"timeout": 0}, ValueError),
        ("imaps://mail.example.org", {"timeout": -1}, ValueError),
        ("imaps://mail.example.org", {"timeout": float("nan")}, ValueError),
        ("imaps://mail.example.org", {"timeout": True}, TypeError),
        ("imaps://mail.example.org", {"timeout": None}, TypeError),
        ("imaps://mail.example.org", {"timeout": "30"}, TypeError),
        (7, {}, TypeError),
    ],
)
def test_what_is_no_place(place: Any, options: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        Client.connect(place, **options)
    assert "secret" not in str(caught.value)


def test_tls_is_for_urls() -> None:
    with pytest.raises(ValueError):
        Client.connect(HostnameEndpoint(reactor, "localhost", 1), tls=object())


@pytest.mark.parametrize("name", ["timeout", "idleRenewal"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (-1, ValueError),
        (float("nan"), ValueError),
        (float("-inf"), ValueError),
        (True, TypeError),
        (False, TypeError),
        ("300", TypeError),
        (b"", TypeError),
    ],
)
def test_what_is_no_time(name: str, value: Any, kind: type[Exception]) -> None:
    """It is said where it is set, and on a class before anything is done."""
    client = Conversing().client
    before = getattr(client, name)
    with pytest.raises(kind, match=f"^{name}: a number of seconds is wanted"):
        setattr(client, name, value)
    assert getattr(client, name) == before
    wrong: Any = type("Wrong", (Client,), {name: value})
    with pytest.raises(kind, match=f"^{name}: a number of seconds is wanted"):
        wrong.connect("imaps://mail.example.org")


def test_times_without_an_end() -> None:
    client: Any = Conversing().client
    for value in (None, 0, 0.0, 0.5, float("inf")):
        client.timeout = value
        assert client.timeout is value
    for none in (None, 0):
        with pytest.raises((TypeError, ValueError), match="idleRenewal"):
            client.idleRenewal = none


@pytest.mark.parametrize(
    ("name", "least"),
    [("pipelineDepth", 1), ("windowOctets", 0), ("maxBacklog", 0), ("maxCommandLength", 100)],
)
def test_a_setting_makes_sense(name: str, least: int) -> None:
    """Else nothing would ever be sent, or everything would overrun, without a word."""
    client = Conversing().client
    for value, kind in ((least - 1, ValueError), (2**63, ValueError), (8.5, TypeError),
                        ("8", TypeError), (None, TypeError), (True, TypeError)):  # fmt: skip
        with pytest.raises(kind, match=name):
            setattr(client, name, value)
        odd: Any = type("Odd", (Client,), {name: value})
        with pytest.raises(kind, match=name):
            odd.connect("imaps://mail.example.org")
    setattr(client, name, least)
    assert getattr(client, name) == least
