"""What a real server makes of our arguments, and what its NO and BAD say."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.mail.imap4 import CramMD5ClientAuthenticator, IMAP4Exception, MessageSet, Not, Or
from twisted.python.failure import Failure

from tests.helpers import dovecot
from tests.helpers.classes import WAYS
from tests.helpers.coroutines import CoroutineTestCase
from twisted_imapc import Query

pytestmark = pytest.mark.slow

RESUME = 'Subject: =?utf-8?q?r=C3=A9sum=C3=A9?=\r\n\r\n受信箱 \\ "q"\r\n'.encode()
PLAIN = b'Subject: plain {5}\r\nX-Odd: say "hi" \\ UNSEEN\r\n\r\nbody\r\n'


class DovecotArgumentsTests(CoroutineTestCase):
    """One server; each test on both ways in."""

    timeout = 60
    server: dovecot.Dovecot
    users = 0

    @pytest.fixture(autouse=True)
    def _server(self, server: dovecot.Dovecot) -> None:
        self.server = server

    async def connected(self, way: str) -> Any:
        """A client, whose end is waited for, that is not logged in."""
        base: Any = WAYS[way]
        ended: Deferred[None] = Deferred()

        class Client(base):
            def connectionLost(self, reason: Failure) -> None:
                super().connectionLost(reason)
                ended.callback(None)

        endpoint = TCP4ClientEndpoint(reactor, self.server.host, self.server.port)
        client: Any = await connectProtocol(endpoint, Client())

        def hang_up() -> Deferred[None]:
            client.transport.abortConnection()
            return ended

        self.addCleanup(hang_up)
        return client

    def user(self, *mail: bytes) -> str:
        """A new one, with these in the INBOX."""
        DovecotArgumentsTests.users += 1
        return self.server.user(f"arguing{DovecotArgumentsTests.users}", list(mail))

    async def logged_in(self, way: str, *mail: bytes) -> Any:
        client = await self.connected(way)
        await client.login(self.user(*mail), self.server.password)
        return client

    async def refusal(self, waiting: Any) -> tuple[Any, ...]:
        """What NO or BAD was it?"""
        try:
            await waiting
        except IMAP4Exception as e:
            problem: Any = e
            assert type(e) is IMAP4Exception
            return problem.status, problem.code, problem.text
        raise AssertionError("it was not refused")

    @pytest.mark.row("status() knows five items")
    async def test_status(self) -> None:
        """Those of Dovecot 2.3; to the others it is Dovecot that says BAD."""
        for way in WAYS:
            client = await self.logged_in(way, RESUME, PLAIN)
            found = await client.status("INBOX", "MESSAGES", "SIZE", "HIGHESTMODSEQ", "UIDNEXT")
            sequence = found.pop("HIGHESTMODSEQ")
            size = len(RESUME + PLAIN)
            assert found == {"MESSAGES": 2, "SIZE": size, "UIDNEXT": b"3"}, found
            assert type(sequence) is int and sequence > 0
            for name in ("DELETED", "APPENDLIMIT", "DELETED-STORAGE", "MAILBOXID"):
                status, _, text = await self.refusal(client.status("INBOX", name))
                assert status == "BAD" and name in text

    @pytest.mark.row("Query(subject='\" UNSEEN TEXT \"') becomes other search keys")
    async def test_search(self) -> None:
        """Not ASCII, quotes and backslashes; by LITERAL+, and asking for each literal."""
        for way in WAYS:
            client = await self.logged_in(way, RESUME, PLAIN)
            await client.examine("INBOX")
            for capabilities in (client._capCache, {b"IMAP4rev1": None}):
                client._capCache = capabilities
                for query, found in (
                    (Query(subject="résumé"), [1]),
                    (Query(subject="Résumé", body="受信"), [1]),
                    (Query(body='箱 \\ "q"'), [1]),
                    (Or(Query(body="受信"), Query(subject="{5}")), [1, 2]),
                    (Not(Query(text="é")), [2]),
                    (Query(text="ü"), []),
                    (Query(header=("X-Odd", 'say "hi" \\ UNSEEN')), [2]),
                    (Query(header=("X-Odd", '"say \\"hi\\" \\\\"')), [2]),
                    (Query(subject='" UNSEEN TEXT "'), []),
                    (Query(uid=MessageSet(2, None), larger=1, smaller="1000"), [2]),
                    ('SUBJECT "résumé" UNSEEN', [1]),
                    ('CHARSET UTF-8 SUBJECT "r\xc3\xa9sum\xc3\xa9"', [1]),
                ):
                    for uid in (False, True):
                        self.assertEqual(await client.search(query, uid=uid), found, query)

    @pytest.mark.row("CR, LF and NUL in an argument go out as they are")
    async def test_arguments(self) -> None:
        """What is no argument is not written, and the connection is as it was."""
        for way in WAYS:
            client = await self.logged_in(way, PLAIN)
            await client.append("INBOX", RESUME, ["\\Flagged", "$Odd"])
            await client.select("INBOX")
            for call in (
                lambda c: c.search("TEXT {5}"),
                lambda c: c.fetchUID(MessageSet()),
                lambda c: c.addFlags("1", ["\\Seen \\Deleted"]),
            ):
                self.assertRaises(ValueError, call, client)
            self.assertRaises(TypeError, client.addFlags, "1", "Seen")
            self.assertRaises(TypeError, client.append, "INBOX", "text")
            flags = await client.fetchFlags(b"2")
            assert set(flags[2]["FLAGS"]) - {"\\Recent"} == {"\\Flagged", "$Odd"}
            fetched = await client.fetchMessage("2")
            assert fetched[2]["RFC822"].encode("latin-1") == RESUME

    @pytest.mark.row("The exception of a NO or BAD tells nothing apart")
    async def test_refusals(self) -> None:
        for way in WAYS:
            client = await self.connected(way)
            user = self.user()
            problem = await self.refusal(client.login(user, "wrong"))
            assert problem == ("NO", "AUTHENTICATIONFAILED", "Authentication failed."), problem
            await client.login(user, self.server.password)
            await client.create("a")
            for waiting, expected in (
                (client.delete("none"), ("NO", "NONEXISTENT")),
                (client.create("a"), ("NO", "ALREADYEXISTS")),
                (client.append("none", b"x"), ("NO", "TRYCREATE")),
                (client.search(Query(text="x")), ("BAD", None)),
            ):
                problem = await self.refusal(waiting)
                assert problem[:2] == expected and problem[2][:1].isalpha(), problem
            await client.select("INBOX")
            problem = await self.refusal(client.search("CHARSET KLINGON TEXT x"))
            assert problem[:2] == ("NO", "BADCHARSET"), problem

    @pytest.mark.row("The exception of a NO or BAD tells nothing apart")
    async def test_authenticate(self) -> None:
        for way in WAYS:
            client = await self.connected(way)
            client.registerAuthenticator(CramMD5ClientAuthenticator(self.user().encode()))
            problem = await self.refusal(client.authenticate(b"wrong"))
            assert problem[:2] == ("NO", "AUTHENTICATIONFAILED"), problem
