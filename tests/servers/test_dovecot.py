"""
Every method against a real server with odd mail: our answers are Twisted's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator
from io import BytesIO
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.mail import imap4
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.helpers import dovecot
from tests.helpers.cases import FETCHES
from tests.helpers.classes import WAYS, OurClient, TheirClient
from tests.helpers.comparing import described, in_order
from tests.helpers.idlers import stateful_idler, unbinding_idler
from tests.helpers.rig import Call, calling

pytestmark = pytest.mark.slow

Steps = Generator[Deferred[Any], Any, None]


def greeted(cls: Any) -> Any:
    """A subclass with a Deferred for the greeting, which an endpoint does not wait for."""

    class Greeted(cls):
        # Twisted drops the connection for a longer line.
        MAX_LENGTH = 10_000_000

        def __init__(self) -> None:
            super().__init__()
            self.greeted: Deferred[Any] = Deferred()

        def serverGreeting(self, caps: Any) -> None:
            self.greeted.callback(caps)

    return Greeted


THEIRS = greeted(TheirClient)
OURS = {way: greeted(cls) for way, cls in WAYS.items()}

# ---- What is read ----------------------------------------------------------

SPECIFIC: list[dict[str, Any]] = [
    {},
    {"peek": True},
    {"headerType": "HEADER"},
    {"headerType": "TEXT", "peek": 1},
    {"headerType": "TEXT", "offset": 0, "length": 7},
    {"headerType": "HEADER.FIELDS", "headerArgs": ["Subject", "FROM"]},
    {"headerType": "HEADER.FIELDS.NOT", "headerArgs": ["Subject"]},
    {"headerNumber": 1},
    {"headerNumber": 1, "headerType": "MIME"},
]


def _of(part: bytes) -> set[int]:
    """The numbers of the odd messages that hold this."""
    return {n for n, message in enumerate(dovecot.ODD_MAIL, 1) if part in message}


#: Where Twisted goes wrong: the rows of DovecotTests.  What we make of it is asked below.
ESCAPES = _of(b"slashed")
ORIGIN = _of(b"<5>")
ENVELOPES = {"fetchEnvelope", "fetchFull", "fetchAll"}


def twisted_errs(method: str, options: dict[str, Any], number: int) -> bool:
    # Backslashes stay doubled.
    if method in ENVELOPES and number in ESCAPES:
        return True
    # A body that looks like an origin is taken for one.
    whole_body = options.get("headerType") == "TEXT" or options == {"headerNumber": 1}
    return method == "fetchSpecific" and number in ORIGIN and whole_body


#: A method, its arguments and options.
Step = tuple[str, tuple[Any, ...], dict[str, Any]]


def step(method: str, *args: Any, **options: Any) -> Step:
    return (method, args, options)


MAILBOXES = ['q"uote', "with space", "Entwürfe & mehr", "受信箱", "(parens)", "{5}", "sub/folder"]

# Backslashes stay doubled; brackets in atoms are not read (Dovecot does not quote them).
TWISTED_LOSES = ["back\\slash", "end\\", "[brackets]", "a]"]


def readings() -> Iterator[Step]:
    """What changes nothing, on every message."""
    calls: list[tuple[str, dict[str, Any]]] = [
        *((name, {"uid": uid}) for name in FETCHES for uid in (0, 1)),
        *(("fetchSpecific", options) for options in SPECIFIC),
        ("fetchSpecific", {"uid": 1, "headerType": "HEADER"}),
    ]
    for method, options in calls:
        for number in range(1, len(dovecot.ODD_MAIL) + 1):
            if not twisted_errs(method, options, number):
                yield step(method, str(number), **options)
    for method in FETCHES:
        if method not in ENVELOPES:
            yield step(method, "1:*")
    for query in (
        imap4.Query(all=1),
        imap4.Query(subject="brackets"),
        imap4.Or(imap4.Query(smaller=200), imap4.Query(larger=5000)),
        imap4.Not(imap4.Query(seen=1)),
        imap4.Query(header=("Message-ID", "3")),
        imap4.Query(seen=1),
    ):
        yield step("search", query)
        yield step("search", query, uid=True)
    for pattern in ("*", "%", "", "with*"):
        yield step("list", "", pattern)
        yield step("lsub", "", pattern)
    yield step("namespace")
    yield step("getCapabilities", useCache=0)
    yield step("noop")
    yield step("check")
    for name in MAILBOXES:
        yield step("status", name, "MESSAGES", "UIDNEXT", "UNSEEN", "RECENT")
        yield step("examine", name)
    yield step("examine", "no such mailbox")
    # Nothing is selected now.
    yield step("fetchUID", "1")


def writings() -> Iterator[Step]:
    """A session that changes the user's mail, from an INBOX of ODD_MAIL."""
    for name in MAILBOXES:
        yield step("create", name)
        yield step("subscribe", name)
    yield step("create", MAILBOXES[0])
    yield step("list", "", "*")
    yield step("lsub", "", "*")
    yield step("unsubscribe", "受信箱")
    yield step("lsub", "", "*")
    yield step("rename", "受信箱", "renamé")
    yield step("delete", "{5}")
    yield step("delete", "no such mailbox")
    yield step("select", "INBOX")
    for name in MAILBOXES[:3]:
        yield step("copy", "1:5", name, 0)
    yield step("copy", "6:*", "(parens)", 1)
    yield step("copy", "1", "no such mailbox", 0)
    for silent in (0, 1):
        for uid in (0, 1):
            yield step("setFlags", "1:3", ["\\Seen", "$Odd"], silent, uid)
            yield step("addFlags", "2:4", ["\\Flagged", "NIL"], silent, uid)
            yield step("removeFlags", "3:5", ["\\Seen"], silent, uid)
            yield step("setFlags", "6", [], silent, uid)
    yield step("fetchFlags", "1:*")
    yield step("addFlags", "2,4,6:8", ["\\Deleted"])
    yield step("expunge")
    yield step("fetchUID", "1:*")
    for number, message in enumerate(dovecot.ODD_MAIL):
        flags = (["\\Seen"], [], ["$Odd"])[number % 3]
        date = (None, "17-Jul-1996 02:44:25 -0700")[number % 2]
        yield step("append", "with space", BytesIO(message), flags, date)
    yield step("append", "no such mailbox", BytesIO(b"x"))
    yield step("select", "with space")
    yield step("fetchMessage", "1:*")
    yield step("fetchFast", "1:*")
    yield step("addFlags", "1:*", ["\\Deleted"], 0)
    yield step("close")
    yield step("status", "with space", "MESSAGES")


CHANGING = [
    # Dovecot's clock, and the time at which a mailbox was made.
    (re.compile(rb"\(\d+\.\d+ \+ \d+\.\d+(?: \+ \d+\.\d+)? secs\)"), b"(secs)"),
    (re.compile(rb"\b1[6-9]\d{8}\b"), b"<now>"),
]


def is_now(key: Any, value: Any) -> bool:
    """Whether this says when it was made; the mail of the tests is older."""
    return key == "UIDVALIDITY" or (key == "INTERNALDATE" and time.strftime("-%Y ") in value)


def steady(value: Any) -> Any:
    """The value without what is new each time."""
    if isinstance(value, bytes):
        for pattern, word in CHANGING:
            value = pattern.sub(word, value)
        return value
    if isinstance(value, dict):
        return {k: "<now>" if is_now(k, v) else steady(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(steady, value))
    return value


class Heard(list[Any]):
    """A program's journal that tells of new messages."""

    def __init__(self) -> None:
        super().__init__()
        self.news: Deferred[None] = Deferred()

    def append(self, entry: Any) -> None:
        super().append(entry)
        if b"EXISTS" in repr(entry).encode() and not self.news.called:
            self.news.callback(None)


@pytest.mark.row(
    "A line of more than 16,384 octets drops the connection",
    "Backslashes stay doubled",
    "Text that looks like syntax is taken for it",
    "Much of what real servers send fails or comes out wrong",
)
class DovecotTests(TestCase):
    """Clients of both kinds on one server."""

    timeout = 120
    server: dovecot.Dovecot
    users = 0

    @pytest.fixture(autouse=True)
    def _server(self, server: dovecot.Dovecot) -> None:
        self.server = server

    def user(self) -> str:
        """A new one, with odd mail."""
        DovecotTests.users += 1
        return self.server.user(f"user{DovecotTests.users}")

    @inlineCallbacks
    def connect(self, cls: Any) -> Generator[Deferred[Any], Any, Any]:
        """A client of this class, after its greeting."""
        endpoint = TCP4ClientEndpoint(reactor, self.server.host, self.server.port)
        client = yield connectProtocol(endpoint, cls())
        self.addCleanup(self.hang_up, client)
        yield client.greeted
        return client

    @inlineCallbacks
    def log_in(self, cls: Any, user: str) -> Generator[Deferred[Any], Any, Any]:
        client = yield self.connect(cls)
        yield client.login(user.encode(), self.server.password.encode())
        return client

    def hang_up(self, client: Any) -> Deferred[None]:
        """Close, and wait until it is closed."""
        gone: Deferred[None] = Deferred()
        lost = client.connectionLost

        def connectionLost(reason: Failure) -> None:
            lost(reason)
            gone.callback(None)

        if not client.transport.connected:
            gone.callback(None)
            return gone
        client.connectionLost = connectionLost
        client.transport.abortConnection()
        return gone

    @inlineCallbacks
    def outcome(self, call: Call, client: Any) -> Generator[Deferred[Any], Any, Any]:
        try:
            result = yield call(client)
        except Exception as e:
            return described(("failure", e))
        return ("result", result)

    @inlineCallbacks
    def compare(self, theirs: Any, mine: Any, steps: Iterator[Step]) -> Steps:
        """The same calls on both, one after the other: the same outcomes."""
        for method, args, options in steps:
            call, asked = calling(method, *args, **options), f"{method}(*{args}, **{options})"
            expected = yield self.outcome(call, theirs)
            got = yield self.outcome(call, mine)
            self.assertEqual(repr(in_order(steady(got))), repr(in_order(steady(expected))), asked)
            self.assertTrue(theirs.transport.connected, asked)

    @inlineCallbacks
    def _read(self, way: str) -> Steps:
        user = self.user()
        writer = yield self.log_in(THEIRS, user)
        for name in MAILBOXES:
            yield writer.create(name)
            yield writer.subscribe(name)
        theirs = yield self.log_in(THEIRS, user)
        mine = yield self.log_in(OURS[way], user)
        for client in (theirs, mine):
            # The first to look takes the \Recent flags.
            yield client.examine("INBOX")
        yield self.compare(theirs, mine, readings())

    def test_reading(self) -> Deferred[None]:
        """Every read method on every odd message of the same mailbox."""
        return self._read("fast")

    def test_reading_lines(self) -> Deferred[None]:
        return self._read("lines")

    @inlineCallbacks
    def _write(self, way: str) -> Steps:
        theirs = yield self.log_in(THEIRS, self.user())
        mine = yield self.log_in(OURS[way], self.user())
        yield self.compare(theirs, mine, writings())
        self.assertIsNone((yield mine.logout()))

    def test_writing(self) -> Deferred[None]:
        """Every write method, on two users with the same mail."""
        return self._write("fast")

    def test_writing_lines(self) -> Deferred[None]:
        return self._write("lines")

    @inlineCallbacks
    def test_what_twisted_cannot_read(self) -> Steps:
        """The values themselves, by the rows named above."""
        mine = yield self.log_in(OURS["fast"], self.user())
        yield mine.examine("INBOX")
        for number in ESCAPES:
            result = yield mine.fetchEnvelope(str(number))
            envelope = result[number]["ENVELOPE"]
            self.assertEqual(envelope[1], '"quoted" and \\back\\slashed\\')
            self.assertEqual(envelope[2], [['Q "uo" te', None, "q", "b.example"]])
        for number in ORIGIN:
            result = yield mine.fetchSpecific(str(number), headerType="TEXT")
            self.assertEqual(result[number], [["BODY", ["TEXT"], "<5>"]])
        for name in TWISTED_LOSES:
            yield mine.create(name)
            yield mine.subscribe(name)
            status = yield mine.status(name, "MESSAGES")
            self.assertEqual(status, {"MESSAGES": 0})
        for listing in (mine.list, mine.lsub):
            found = yield listing("", "*")
            self.assertEqual({each[2] for each in found} - {"INBOX"}, set(TWISTED_LOSES))

    @inlineCallbacks
    def test_authenticators(self) -> Steps:
        """authenticate() with each mechanism, and the wrong secret."""
        for make in (
            imap4.PLAINAuthenticator,
            imap4.LOGINAuthenticator,
            imap4.CramMD5ClientAuthenticator,
        ):
            outcomes = []
            user = self.user().encode()
            for cls in (THEIRS, OURS["fast"], OURS["lines"]):
                for secret in (self.server.password.encode(), b"wrong"):
                    client = yield self.connect(cls)
                    client.registerAuthenticator(make(user))
                    outcome = yield self.outcome(calling("authenticate", secret), client)
                    self.assertEqual(outcome[0], "failure" if secret == b"wrong" else "result")
                    outcomes.append(repr(outcome))
            self.assertEqual(outcomes[0:2], outcomes[2:4])
            self.assertEqual(outcomes[0:2], outcomes[4:6])

    @pytest.mark.row('login("name", "password") raises TypeError')
    @inlineCallbacks
    def test_login_with_str(self) -> Steps:
        client = yield self.connect(OURS["fast"])
        yield client.login(self.user(), self.server.password)
        result = yield client.select("INBOX")
        self.assertEqual(result["EXISTS"], len(dovecot.ODD_MAIL))

    @inlineCallbacks
    def test_login_refused_and_again(self) -> Steps:
        """NO fails that login() alone."""
        user = self.user()
        client = yield self.connect(OURS["fast"])
        yield self.assertFailure(client.login(user, "wrong"), imap4.IMAP4Exception)
        yield client.login(user, self.server.password)

    @inlineCallbacks
    def test_listener(self) -> Steps:
        """What another client does is told by the next noop()."""
        user = self.user()
        mine = yield self.log_in(OURS["fast"], user)
        yield mine.select("INBOX")
        told: list[Any] = []
        mine.newMessages = lambda *args: told.append(("new", *args))
        mine.expunged = lambda number: told.append(("expunged", number))
        other = yield self.log_in(THEIRS, user)
        yield other.select("INBOX")
        yield other.append("INBOX", BytesIO(b"Subject: new\r\n\r\n"))
        yield other.addFlags("3", ["\\Deleted"])
        yield other.expunge()
        yield mine.noop()
        self.assertIn(("expunged", 3), told)
        self.assertIn(("new", len(dovecot.ODD_MAIL), None), told)

    @inlineCallbacks
    def _idle(self, program: Any, base: Any) -> Generator[Deferred[Any], Any, Any]:
        """What a program that idles hears of, and what it fetches behind that."""
        user = self.user()
        cls = greeted(program(base))
        cls.journal = Heard()
        idler = yield self.log_in(cls, user)
        yield idler.select("INBOX")
        ended = idler.idle()
        other = yield self.log_in(THEIRS, user)
        yield other.append("INBOX", BytesIO(b"Subject: new\r\n\r\n"))
        yield cls.journal.news
        idler.done()
        yield ended
        size = yield idler.fetchSize(str(len(dovecot.ODD_MAIL) + 1))
        heard = [entry for entry in cls.journal if b"EXISTS" in entry[-1]]
        return heard, size, idler.state

    @inlineCallbacks
    def test_idle(self) -> Steps:
        """IDLE as programs have it, by a method bound for the time, and by a state."""
        for program in (unbinding_idler, stateful_idler):
            theirs = yield self._idle(program, TheirClient)
            mine = yield self._idle(program, OurClient)
            self.assertEqual(mine, theirs)
            self.assertEqual(
                mine[0], [("idling", b"*", b"%d EXISTS" % (len(dovecot.ODD_MAIL) + 1))]
            )
