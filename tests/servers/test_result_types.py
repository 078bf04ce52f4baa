"""
What comes from a real server with odd mail is what the methods are annotated with.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint

from tests.helpers import dovecot
from tests.helpers.cases import FETCHES
from tests.helpers.coroutines import CoroutineTestCase
from tests.helpers.examples import fired_type, misfits
from twisted_imapc import connect
from twisted_imapc.types import Address

#: Each method that Dovecot answers, with its arguments.
ASKED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("getCapabilities", (0,), {}),
    ("namespace", (), {}),
    ("create", ("Entwürfe",), {}),
    ("subscribe", ("Entwürfe",), {}),
    ("list", ("", "*"), {}),
    ("lsub", ("", "*"), {}),
    ("status", ("INBOX", "MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN"), {}),
    ("examine", ("INBOX",), {}),
    ("select", ("INBOX",), {}),
    ("noop", (), {}),
    *((name, ("1:*",), {"uid": uid}) for name in FETCHES for uid in (False, True)),
    ("fetchSpecific", ("1:*",), {"peek": True}),
    ("fetchSpecific", ("1:*",), {"headerNumber": 7, "uid": True}),
    ("fetchSpecific", ("1:*",), {"headerType": "HEADER.FIELDS", "headerArgs": ["To"]}),
    ("fetchSpecific", ("1:*",), {"offset": 2, "length": 3}),
    ("search", ("ALL",), {"uid": True}),
    ("append", ("Entwürfe", BytesIO(b"Subject: x\r\n\r\n"), ["\\Draft"]), {}),
    ("copy", ("1", "Entwürfe", False), {}),
    ("addFlags", ("1:2", ["\\Deleted", "$x"]), {"silent": False}),
    ("removeFlags", ("1:2", ["$x"]), {"silent": False, "uid": True}),
    ("setFlags", ("3", ["$x"]), {}),
    ("check", (), {}),
    ("expunge", (), {}),
    ("close", (), {}),
    ("unsubscribe", ("Entwürfe",), {}),
    ("rename", ("Entwürfe", "Drafts"), {}),
    ("delete", ("Drafts",), {}),
    # From here on Dovecot adds MODSEQ to what is fetched.
    ("status", ("INBOX", "HIGHESTMODSEQ"), {}),
    ("logout", (), {}),
]


class ResultTypeTests(CoroutineTestCase):
    timeout = 60
    server: dovecot.Dovecot
    users = 0

    @pytest.fixture(autouse=True)
    def _server(self, server: dovecot.Dovecot) -> None:
        self.server = server

    async def logged_in(self) -> Any:
        ResultTypeTests.users += 1
        user = self.server.user(f"typed{self.users}")
        client: Any = await connect(TCP4ClientEndpoint(reactor, self.server.host, self.server.port))
        self.addCleanup(client.transport.abortConnection)
        answer = await client.login(user, self.server.password)
        assert list(misfits(answer, fired_type("login"))) == []
        return client

    async def test_all(self) -> None:
        client = await self.logged_in()
        for name, arguments, options in ASKED:
            value = await getattr(client, name)(*arguments, **options)
            assert list(misfits(value, fired_type(name))) == [], name

    async def test_fields_of_envelopes(self) -> None:
        """Which of them are lists of addresses: as the type checkers are told."""
        client = await self.logged_in()
        await client.examine("INBOX")
        seen = set()
        for item in (await client.fetchEnvelope("1:*")).values():
            assert len(item["ENVELOPE"]) == 10
            for index, field in enumerate(item["ENVELOPE"]):
                kind = list[Address] | None if 2 <= index <= 7 else str | None
                assert list(misfits(field, kind)) == []
                seen.add(type(field))
        assert seen == {str, list, type(None)}

    async def test_sections(self) -> None:
        """What the documentation of fetchSpecific() says of UID, of origins, of no part."""
        client = await self.logged_in()
        await client.select("INBOX")
        octets = {"offset": 0, "length": 3, "peek": True}
        (item,) = (await client.fetchSpecific("1", **octets))[1]
        assert item == ["BODY", [], "<0>", item[3]] and len(item[3]) == 3
        (item,) = (await client.fetchSpecific("1", uid=True, **octets))[1]
        assert item[:5] == ["UID", item[1], "BODY", [], "<0>"] and item[1].isdigit()
        assert await client.fetchSpecific("1", headerNumber=7) == {1: [["BODY", ["7"], ""]]}
