"""Client with real servers: Dovecot, and Twisted's own."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint

from tests.helpers.coroutines import CoroutineTestCase
from tests.helpers.dovecot import ODD_MAIL, Dovecot
from twisted_imapc.client import (
    AuthenticationFailed,
    Client,
    Exists,
    Expunged,
    Fetched,
    No,
    Numbers,
    UIDSet,
)
from twisted_imapc.testing import EmbeddedServer

pytestmark = pytest.mark.slow


class RealServerTestCase(CoroutineTestCase):
    timeout = 60

    async def client_of(self, server: Any, user: str = "", password: str = "") -> Client:
        endpoint = HostnameEndpoint(reactor, server.host, server.port)
        client = await Client.connect(endpoint, plaintext=True)

        def end() -> Deferred[Any]:
            if client.state != "closed":
                client.abort()
            return client.disconnected()

        self.addCleanup(end)
        if user:
            await client.login(user, password)
        return client


class DovecotClientTests(RealServerTestCase):
    server: Dovecot
    users = 0

    @pytest.fixture(autouse=True)
    def _server(self, server: Dovecot) -> None:
        self.server = server

    async def user(self, mail: list[bytes] | None = None) -> tuple[Client, str]:
        DovecotClientTests.users += 1
        name = self.server.user(f"client{self.users}", mail)
        return await self.client_of(self.server, name, self.server.password), name

    async def test_everything_in_a_row(self) -> None:
        client, _ = await self.user()
        assert client.state == "authenticated" and "UIDPLUS" in client.capabilities
        inbox = await client.select("INBOX")
        assert inbox.exists == len(ODD_MAIL) and inbox.uidNext == len(ODD_MAIL) + 1
        assert not inbox.readOnly and inbox.anyFlag
        boxes = await client.list(status=["MESSAGES", "UNSEEN"])
        assert [(box.name, box.status and box.status.messages) for box in boxes] == [
            ("INBOX", len(ODD_MAIL))
        ]
        assert (await client.status("INBOX")).uidNext == inbox.uidNext
        found = await client.search("SUBJECT", "syntax", "NOT", "SEEN")
        assert found == UIDSet([13, 14])
        stored = await client.store(found, add=["\\Seen", "$Mine"], silent=False)
        assert set(stored.messages) == {13, 14}
        assert stored.messages[13].flags is not None and "$Mine" in stored.messages[13].flags
        assert await client.search("KEYWORD", "$Mine") == found
        result = await client.search("SEEN", returning=["MIN", "MAX", "COUNT"])
        assert (result.min, result.max, result.count, result.uids) == (13, 14, 2, None)
        message = await client.fetchOne(13, "FLAGS")
        assert message is not None and message.flags is not None and "\\Seen" in message.flags
        assert await client.fetchOne(99, "FLAGS") is None
        newest = await client.fetch(inbox.newest(2), "UID")
        assert [one.uid for one in newest] == [len(ODD_MAIL) - 1, len(ODD_MAIL)]
        await client.unselect()
        assert client.state == "authenticated"
        await client.logout()

    async def test_odd_mail(self) -> None:
        """Octets are those of the files; envelopes are what Python's email reads."""
        client, _ = await self.user()
        await client.select("INBOX", readOnly=True)
        seen = 0
        items = ("BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE")
        async for message in client.fetch("1:*", *items, "BODY.PEEK[HEADER.FIELDS (Subject)]"):
            assert message.uid is not None and message.problems == ()
            whole = ODD_MAIL[message.uid - 1]
            # Dovecot's way with NUL.
            wanted = whole.replace(b"\r\n", b"\n").replace(b"\0", b"\x80")
            assert message["BODY[]"].replace(b"\r\n", b"\n") == wanted
            assert message.size == len(message["BODY[]"])
            assert message.internalDate is not None
            assert message.internalDate.timestamp() == 1000000000 + seen
            parsed = email.message_from_bytes(whole, policy=email.policy.compat32)
            subject = parsed["Subject"]
            if subject is not None and str(subject).isascii():
                told = (message.envelope and message.envelope.subject) or ""
                assert told.split() == str(subject).split(), whole
            assert message.structure is not None
            seen += 1
        assert seen == len(ODD_MAIL)

    async def test_what_is_refused(self) -> None:
        client, name = await self.user()
        for call in (client.status, client.select):
            with pytest.raises(No) as caught:
                await call("No such mailbox")
            assert 'No such mailbox": NO ' in str(caught.value)
        assert client.mailbox is None
        other = await self.client_of(self.server)
        with pytest.raises(AuthenticationFailed):
            await other.login(name, "wrong")
        await other.login(name, self.server.password)

    async def test_twenty_thousand_messages(self) -> None:
        """While a second client changes flags and expunges."""
        count = 20_000
        client, name = await self.user([b"Subject: %d\r\n\r\nx\r\n" % n for n in range(count)])
        client.windowOctets = 64 * 1024
        other = await self.client_of(self.server, name, self.server.password)
        inbox = await client.select("INBOX")
        await other.select("INBOX")
        events: list[Any] = []
        client.listen(events.append, Fetched, Expunged, Exists)
        got: list[int] = []
        commands = 0
        async for message in client.fetch("1:*", "RFC822.SIZE"):
            assert message.size is not None and message.uid is not None
            got.append(message.uid)
            if len(got) == 1000:
                await other.store("15000:15999", add=["\\Flagged"])
                await other.store("19001:20000", add=["\\Deleted"])
                await other.unselect(expunge=True)
            if len(got) % 4000 == 0:
                commands += 1
                await client.noop()
        assert got[:19_000] == list(range(1, 19_001)) and commands >= 4
        await client.noop()
        assert inbox.exists == 19_000
        flagged = {one.message.number for one in events if isinstance(one, Fetched)}
        assert set(range(15_000, 16_000)) <= flagged
        assert sum(isinstance(one, Expunged) for one in events) == 1000

    async def test_a_store_inside_the_loop(self) -> None:
        client, _ = await self.user(
            [b"Subject: %d\r\n\r\n%b" % (n, b"x" * 5000) for n in range(400)]
        )
        client.windowOctets = 100_000
        await client.select("INBOX")
        got: list[int] = []
        async for message in client.fetch("1:*", "BODY.PEEK[]", "FLAGS"):
            assert message.uid is not None
            got.append(message.uid)
            if message.uid % 20 == 0:
                await client.store(message.uid, add=["\\Seen"])
        assert got == list(range(1, 401))
        assert len(await client.search("SEEN")) == 20

    async def test_leaving_the_loop(self) -> None:
        client, _ = await self.user(
            [b"Subject: %d\r\n\r\n%b" % (n, b"x" * 5000) for n in range(400)]
        )
        client.windowOctets = 100_000
        await client.select("INBOX")
        async for message in client.fetch("1:*", "BODY.PEEK[]"):
            if message.uid == 30:
                break
        assert (await client.status("INBOX")).messages == 400
        inner = [one.uid async for one in client.fetch("390:*", "UID")]
        assert inner == list(range(390, 401))

    async def test_many_at_once(self) -> None:
        client, _ = await self.user(ODD_MAIL[:3])
        await client.select("INBOX")
        asked: list[Deferred[Any]] = [client.status("INBOX") for _ in range(100)]
        asked += [client.search("ALL") for _ in range(100)]
        answers = await gatherResults(asked)
        assert [one.messages for one in answers[:100]] == [3] * 100
        assert answers[100:] == [UIDSet("1:3")] * 100
        numbers = await client.fetch(Numbers("2:*"), "FLAGS")
        assert [one.number for one in numbers] == [2, 3]

    async def test_a_search_of_more_than_a_line_takes(self) -> None:
        """Dovecot's are of 64 KiB."""
        client, _ = await self.user(ODD_MAIL[:3])
        await client.select("INBOX")
        odd = UIDSet(range(1, 40_000, 2))
        assert len(str(odd)) > 100_000
        assert await client.search("ALL", odd) == UIDSet([1, 3])


class EmbeddedClientTests(RealServerTestCase):
    """Old IMAP: no UIDPLUS, no ESEARCH, no UNSELECT, no SASL-IR."""

    async def test_the_same_verbs(self) -> None:
        server = await EmbeddedServer(30, mailboxes={"OTHER": [b"Subject: x\r\n\r\ny"]}).start()
        self.addCleanup(server.stop)
        client = await self.client_of(server, "user", "secret")
        inbox = await client.select("INBOX")
        assert inbox.exists == 30
        messages = await client.fetch("1:*", "FLAGS", "ENVELOPE")
        assert [one.uid for one in messages] == list(range(1, 31))
        assert all(one.envelope and one.envelope.from_ for one in messages)
        assert await client.search("UNSEEN") == UIDSet("1:30")
        await client.store("3:4", add=["\\Seen"])
        assert await client.search("SEEN") == UIDSet("3:4")
        names = {box.name for box in await client.list(status=["MESSAGES"])}
        assert names == {"INBOX", "OTHER"}
        bodies = [one["BODY[]"] async for one in client.fetch([1, 2], "BODY.PEEK[]")]
        assert bodies == [server.inbox.messages[0].raw, server.inbox.messages[1].raw]
        await client.unselect(expunge=True)
        await client.logout()
