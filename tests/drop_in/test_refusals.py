"""NO and BAD: Twisted's exception, which also tells one from another."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from twisted.mail import imap4
from twisted.mail.imap4 import Command, IMAP4Exception

from tests.helpers.cases import CASES
from tests.helpers.classes import TheirClient
from tests.helpers.rig import Call, Rig, TLSMemoryTransport, calling, drive

pytestmark = pytest.mark.row("The exception of a NO or BAD tells nothing apart")


def _authenticate(client: Any) -> Any:
    client.registerAuthenticator(imap4.PLAINAuthenticator(b"u"))
    client._capCache = {b"AUTH": [b"PLAIN"]}
    return client.authenticate(b"secret")


def _log_in(client: Any) -> Any:
    client._capCache = {b"IMAP4rev1": None}
    return client.login(b"u", b"p")


def _begin_tls(client: Any) -> Any:
    client._capCache = {b"STARTTLS": None}
    return client.startTLS(object())


FETCHES = {name: calling(name, "1") for name in CASES if name.startswith("fetch")}
STORES = {name: calling(name, "1", ["a"]) for name in CASES if name.endswith("Flags")}
ON_A_MAILBOX = {
    name: calling(name, "x")
    for name in ("select", "examine", "create", "delete", "subscribe", "unsubscribe")
}
BARE = {
    name: calling(name) for name in ("namespace", "noop", "check", "close", "expunge", "logout")
}

#: A call of each method that gives a command.
CALLS: dict[str, Call] = {
    **STORES,
    **FETCHES,
    **ON_A_MAILBOX,
    **BARE,
    "append": lambda c: c.append("x", BytesIO(b"m")),
    "authenticate": _authenticate,
    "copy": calling("copy", "1", "x", 0),
    "getCapabilities": calling("getCapabilities", useCache=0),
    "list": calling("list", "", "*"),
    "login": _log_in,
    "lsub": calling("lsub", "", "*"),
    "rename": calling("rename", "x", "y"),
    "search": calling("search", "ALL"),
    "sendCommand": lambda c: c.sendCommand(Command(b"X")),
    "startTLS": _begin_tls,
    "status": calling("status", "x", "MESSAGES"),
}


def distinguished(problem: Any) -> tuple[Any, ...]:
    return problem.status, problem.code, problem.text


def refusal_of(cls: Any, call: Call, answer: bytes) -> Any:
    """The exception for one command and its answer, on a connection that stays."""
    outcome = drive(cls, call, b"0001 " + answer + b"\r\n", transport=TLSMemoryTransport())
    assert outcome.firing[0] == "failure" and not outcome.closed
    return outcome.firing[1]


def test_these_are_all() -> None:
    assert set(CALLS) == set(CASES)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", ["NO", "BAD"])
def test_every_command(ours: Any, name: str, status: str) -> None:
    """The same class, args and str() as Twisted's, which says no more."""
    answer = b"%b [NONEXISTENT] no such thing" % status.encode()
    theirs = refusal_of(TheirClient, CALLS[name], answer)
    mine = refusal_of(ours, CALLS[name], answer)
    assert type(mine) is type(theirs) is IMAP4Exception
    assert (mine.args, str(mine)) == (theirs.args, str(theirs))
    assert mine.args == (b"[NONEXISTENT] no such thing",)
    assert vars(theirs) == {}
    assert distinguished(mine) == (status, "NONEXISTENT", "no such thing")


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (b"NO no such mailbox", None, "no such mailbox"),
        (b"no [alreadyexists] there is one", "ALREADYEXISTS", "there is one"),
        (b"NO [OVERQUOTA]", "OVERQUOTA", ""),
        (b"NO", None, ""),
        (b"NO []", None, ""),
        (b"NO [ ] x", None, "x"),
        (b'NO [BADCHARSET ("x]y" UTF-8)] not this one', "BADCHARSET", "not this one"),
        (b"NO text [THROTTLED]", None, "text [THROTTLED]"),
        (b"NO [INUSE is open", None, "[INUSE is open"),
        (b"NO [LIMIT] {12}", "LIMIT", "{12}"),
        (b"NO [X-A]behind it", "X-A", "behind it"),
        ("NO [CANNOT] für immer".encode(), "CANNOT", "für immer"),
        (b"NO [CANNOT] f\xfcr immer", "CANNOT", "f\xfcr immer"),
    ],
)
def test_code_and_text(ours: Any, answer: bytes, code: str | None, text: str) -> None:
    problem = refusal_of(ours, lambda c: c.delete("x"), answer)
    assert distinguished(problem) == ("NO", code, text)
    assert problem.args == (answer[2:].lstrip(),)


def test_each_has_its_own(ours: Any) -> None:
    """Also behind one another, in one piece."""
    session = Rig(ours)
    firings = [session.call(lambda c: c.noop()), session.call(lambda c: c.create("x"))]
    session.feed(b"0001 BAD [CLIENTBUG] a\r\n0002 NO [ALREADYEXISTS] b\r\n")
    assert [distinguished(each[0][1]) for each in firings] == [
        ("BAD", "CLIENTBUG", "a"), ("NO", "ALREADYEXISTS", "b")
    ]  # fmt: skip


def test_how_a_typed_program_reads_it(ours: Any) -> None:
    """Some say nothing of an answer, and have no code: this one was never sent."""
    problem: BaseException = refusal_of(ours, lambda c: c.delete("x"), b"NO [INUSE] x")
    code: str | None = getattr(problem, "code", None)
    assert code == "INUSE"

    def disabled(client: Any) -> Any:
        client._capCache = {b"LOGINDISABLED": None}
        return client.login("u", "p")

    outcome = drive(ours, disabled, b"")
    problem = outcome.firing[1]
    assert isinstance(problem, IMAP4Exception) and outcome.written == b""
    assert getattr(problem, "code", None) is None
