"""
What help() says of the client: each public method is ours, has types, and an example that
gives what it says, with the server of twisted_imapc.testing.
"""

from __future__ import annotations

import doctest
import inspect
import pydoc
from io import BytesIO
from typing import Any, get_type_hints

import pytest
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.internet.testing import StringTransport

import twisted_imapc
from tests.helpers.certificates import Authority
from tests.helpers.classes import TheirClient
from tests.helpers.examples import examples, fired_type, misfits, public_methods, try_example
from tests.helpers.server_case import QuietFactory, ServerTestCase
from twisted_imapc import IMAP4Client, types
from twisted_imapc.testing import EmbeddedServer

METHODS = public_methods()

#: Those that give a command, in one way or another.
COMMANDS = [
    name for name, method in METHODS.items()
    if "Deferred" in str(inspect.signature(method).return_annotation)
]  # fmt: skip

LISTENERS = ["serverGreeting", "modeChanged", "flagsChanged", "newMessages", "expunged"]

#: What is shown before login.
NEWCOMERS = ["authenticate", "getCapabilities", "login", "registerAuthenticator", "startTLS"]

MAIL = [
    b"Date: Mon, 13 Nov 2023 10:00:00 +0000\r\nFrom: Ada <ada@example.org>\r\n"
    b"To: joe@example.net\r\nSubject: Minutes\r\nMessage-ID: <1@example.org>\r\n\r\nSee you.\r\n",
    b"Date: Tue, 14 Nov 2023 11:00:00 +0000\r\nFrom: joe@example.net\r\n"
    b"To: Ada <ada@example.org>\r\nSubject: Photo\r\nMessage-ID: <2@example.net>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHere it is.\r\n"
    b"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
    b"--x--\r\n",
]


# ---- What is there ---------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_documented_by_us(name: str) -> None:
    method = METHODS[name]
    assert method.__module__.startswith("twisted_imapc."), method
    words = method.__doc__
    assert words and words != getattr(getattr(TheirClient, name, None), "__doc__", None)


@pytest.mark.parametrize("name", METHODS)
def test_annotated(name: str) -> None:
    method = METHODS[name]
    given = {one for one in inspect.signature(method).parameters if one != "self"}
    assert given | {"return"} <= method.__annotations__.keys()
    if name != "callLater":  # What it returns only type checkers import.
        assert get_type_hints(method)


@pytest.mark.parametrize("name", [*COMMANDS, *LISTENERS])
def test_says_all_there_is_to_say(name: str) -> None:
    """An example, the section of the RFC, and how it fails."""
    words = inspect.getdoc(METHODS[name]) or ""
    assert examples(name)
    assert "RFC 9051, section" in words or "RFC 3501, section" in words
    if name in COMMANDS:
        assert "@return: fires with" in words and "fails" in words.lower()


def test_no_result_is_any() -> None:
    """But that of a Command of one's own, whose finish() decides."""
    assert len(COMMANDS) > 35
    assert [name for name in COMMANDS if fired_type(name) is Any] == ["sendCommand"]


def test_help_reads_well() -> None:
    """Nothing in it is Twisted's own documentation, or has none."""
    text = pydoc.plain(pydoc.render_doc(IMAP4Client))
    assert "Override me" in text and "inherited from twisted" in text
    for theirs in ("@rtype", "Retrieve ", "This command is allowed", "lists of flags"):
        assert theirs not in text
    behind = text.partition("inherited from twisted.mail.imap4.IMAP4Client:")[2]
    assert "Methods" not in behind.partition("-----")[0]


# ---- These checks can fail -------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "problem"),
    [
        ({1: {"FLAGS": ["a"]}}, dict[int, types.FlagsItem], None),
        ({1: {"FLAGS": ["a"], "UID": "5"}}, dict[int, types.FlagsItem], None),
        ({1: {"FLAGS": "a"}}, dict[int, types.FlagsItem], "it[1]['FLAGS'] is 'a'"),
        ({"1": {"FLAGS": []}}, dict[int, types.FlagsItem], "it['1'] is '1'"),
        ({1: {}}, dict[int, types.FlagsItem], "it[1]['FLAGS'] is Ellipsis"),
        ({1: {"FLAGS": [], "NOPE": 1}}, dict[int, types.FlagsItem], "it[1]['NOPE'] is 1"),
        ({"MESSAGES": 1}, types.StatusItems, None),
        ({"UIDNEXT": 1}, types.StatusItems, "it['UIDNEXT'] is 1"),
        (([], b"OK"), types.Answer, None),
        (([],), types.Answer, "it[1] is Ellipsis"),
        ((["a"], None, "b"), types.ListedMailbox, "it[0] is ['a']"),
        ((("a",), None, "b"), types.ListedMailbox, None),
        ({b"A": [b"b", 5]}, types.Capabilities, "it[b'A'] is [b'b', 5]"),
        (5, None, "it is 5"),
    ],
)
def test_a_type_that_does_not_fit(value: Any, kind: Any, problem: str | None) -> None:
    found = [str(one) for one in misfits(value, kind)]
    assert len(found) == (problem is not None)
    assert problem is None or found[0].startswith(problem)


def test_an_example_that_is_wrong() -> None:
    for source, want, right in [
        ("1 + 1", "2", True),
        ("1 + 1", "3", False),
        ("print(5)", "", False),
        ("[1, 2, 3]", "[1, ...]", True),
    ]:
        tried = try_example(doctest.Example(source, want), {})
        with pytest.raises(StopIteration) as stopped:
            tried.send(None)
        assert (stopped.value.value[1] == "") is right


# ---- Examples --------------------------------------------------------------


class TLSServer(EmbeddedServer):
    """It offers STARTTLS, too."""

    context: Any = None

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.ctx = self.context
        return protocol


def example_test(name: str) -> Any:
    async def test(self: ExampleTests) -> None:
        namespace = await self.namespace(logged_in=name not in NEWCOMERS)
        if name == "startTLS":
            namespace = await self.under_tls()
        for example in examples(name):
            # Not from the inside of what is being received.
            await deferLater(reactor, 0)
            value, problem = await try_example(example, namespace)
            assert not problem, problem
            if example.source.startswith(f"await client.{name}("):
                assert list(misfits(value, fired_type(name))) == []

    return test


class ExampleTests(ServerTestCase):
    """One test for each method that has examples."""

    async def namespace(self, logged_in: bool, server: Any = None) -> dict[str, Any]:
        """What the names in the examples mean."""
        if server is None:
            server = await self.embedded(MAIL, mailboxes={"ARCHIVE": MAIL[:1]})
        server.inbox.messages[0].flags = ["\\Seen"]
        server.account.subscribe("INBOX")
        factory = QuietFactory()
        self.connect(server, factory)
        client: Any = await factory.deferred
        if logged_in:
            await client.login(server.user, server.password)
            await client.select("INBOX")
        names = vars(twisted_imapc)
        return {**names, "client": client, "server": server, "BytesIO": BytesIO,
                "StringTransport": StringTransport}  # fmt: skip

    async def under_tls(self) -> dict[str, Any]:
        authority = Authority()
        server = TLSServer(MAIL)
        server.context = authority.issue().options()
        await server.start()
        self.addCleanup(server.stop)
        names = await self.namespace(False, server)

        def trusting(name: str, trustRoot: Any) -> Any:
            return authority.trusting(name)

        return {**names, "optionsForClientTLS": trusting, "authority": authority}

    for _name in METHODS:
        if examples(_name):
            locals()[f"test_{_name}"] = example_test(_name)
    del _name
