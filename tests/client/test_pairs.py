"""
Which commands may be in flight together (RFC 9051, section 5.5): every pair of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.clients import OFFERS, Conversing
from twisted_imapc.client import Numbers

COMMANDS: dict[str, Callable[[Any], Any]] = {
    "noop": lambda c: c.noop(),
    "capability": lambda c: c.refresh(),
    "login": lambda c: c.login("joe", "secret"),
    "select": lambda c: c.select("other"),
    "unselect": lambda c: c.unselect(),
    "close": lambda c: c.unselect(expunge=True),
    "logout": lambda c: c.logout(),
    "status a": lambda c: c.status("a"),
    "status b": lambda c: c.status("b"),
    "list": lambda c: c.list(),
    "list status": lambda c: c.list(status=["MESSAGES"]),
    "search": lambda c: c.search("SEEN"),
    "search numbers": lambda c: c.search(Numbers("1:2")),
    "store": lambda c: c.store(1, add=["x"]),
    "store since": lambda c: c.store(1, add=["x"], unchangedSince=7),
    "store and tell": lambda c: c.store(1, add=["x"], silent=False),
    "store numbers": lambda c: c.store(Numbers(1), add=["x"]),
    "fetch flags": lambda c: c.fetch(1, "FLAGS").all(),
    "fetch size": lambda c: c.fetch(1, "RFC822.SIZE").all(),
    "fetch body": lambda c: c.fetch(1, "BODY[]").all(),
    "fetch peek": lambda c: c.fetch(1, "BODY.PEEK[]").all(),
    "fetch numbers": lambda c: c.fetch(Numbers(1), "UID").all(),
}

ALONE = {"login", "select", "unselect", "close", "logout",
         "search numbers", "store numbers", "fetch numbers"}  # fmt: skip

# Whoever of these is first, the other waits for its answer.
FETCHING = {"store since", "store and tell", "fetch flags", "fetch size", "fetch body",
            "fetch peek"}  # fmt: skip
READING = {"search", "fetch flags"}
CHANGING = {"store", "store since", "store and tell", "fetch body"}
SAME = [
    {"capability"},
    {"status a", "list status"},
    {"status b", "list status"},
    {"list", "list status"},
    {"list status"},
    FETCHING,
]


def may_fly(one: str, other: str) -> bool:
    if one in ALONE or other in ALONE:
        return False
    if any(one in group and other in group for group in SAME):
        return False
    return not ((one in READING and other in CHANGING) or (one in CHANGING and other in READING))


def said(offers: bytes, one: str, other: str) -> tuple[int, int]:
    """Lines before the first answer, and behind it."""
    talk = Conversing(offers)
    talk.select()
    for name in (one, other):
        # What is in flight at the end is nobody's failure.
        COMMANDS[name](talk.client).addErrback(lambda _: None)
    before = talk.heard()
    talk.say(before[0].split(b" ")[0] + b" OK done\r\n")
    return len(before), len(talk.heard())


@pytest.mark.parametrize("one", [name for name in COMMANDS if name != "logout"])
def test_each_pair(one: str) -> None:
    for other in COMMANDS:
        wanted = (2, 0) if may_fly(one, other) else (1, 1)
        assert said(OFFERS, one, other) == wanted, other


def test_the_same_status_twice_waits() -> None:
    assert said(OFFERS, "status a", "status a") == (1, 1)


def test_old_search_has_no_tag() -> None:
    """Without ESEARCH two of them could not be told apart."""
    assert said(OFFERS, "search", "search") == (2, 0)
    assert said(OFFERS.replace(b"ESEARCH", b"X"), "search", "search") == (1, 1)


def test_behind_logout_nothing_is_said() -> None:
    talk = Conversing()
    talk.client.logout()
    talk.client.noop().addErrback(lambda _: None)
    assert len(talk.heard()) == 1


def test_depth_one_is_one_by_one() -> None:
    talk = Conversing(pipelineDepth=1)
    talk.select()
    for name in "abc":
        talk.client.status(name)
    assert len(talk.heard()) == 1


def test_the_depth_is_kept() -> None:
    talk = Conversing(pipelineDepth=5)
    firings = [talk.client.noop() for _ in range(20)]
    assert len(talk.answer()) == 5
    assert len(talk.answer()) == 5
    assert [d.called for d in firings] == [True] * 10 + [False] * 10


def test_nobody_overtakes() -> None:
    """NOOP could go out, but the one before it waits."""
    talk = Conversing()
    talk.select()
    talk.client.fetch(1, "FLAGS").all()
    talk.client.store(1, add=["x"])
    talk.client.noop()
    assert [line.split(b" ")[1] for line in talk.heard()] == [b"UID"]
