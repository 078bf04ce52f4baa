"""STATUS: the items that came behind RFC 3501, and a program's own beside them."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.mail.imap4 import IllegalServerResponse

from tests.helpers.classes import TheirClient
from tests.helpers.comparing import exact
from tests.helpers.rig import Outcome, calling, drive

pytestmark = pytest.mark.row("status() knows five items")

TWISTED_KNOWS = {"MESSAGES": 3, "RECENT": 0, "UIDNEXT": b"4", "UIDVALIDITY": b"5", "UNSEEN": 6}

#: An item, what servers send, and what it comes to.
MORE: list[tuple[str, bytes, Any]] = [
    ("DELETED", b"7", 7),
    ("SIZE", b"18446744073709551615", 2**64 - 1),
    ("HIGHESTMODSEQ", b"0", 0),
    ("HIGHESTMODSEQ", b"9223372036854775807", 2**63 - 1),
    ("APPENDLIMIT", b"257890", 257890),
    ("APPENDLIMIT", b"NIL", None),
    ("DELETED-STORAGE", b"8", 8),
    ("MAILBOXID", b"(F2212ea87-6097-4256-9d51-71338625)", b"F2212ea87-6097-4256-9d51-71338625"),
]


def asked(cls: Any, wire: bytes, *names: str) -> Outcome:
    line = b"* STATUS x (%b)\r\n0001 OK done\r\n" % wire
    return drive(cls, calling("status", "x", *names), line)


@pytest.mark.parametrize(("name", "wire", "value"), MORE)
def test_each_item(ours: Any, name: str, wire: bytes, value: Any) -> None:
    theirs = asked(TheirClient, b"", name)
    assert theirs.firing[0] == "raised" and isinstance(theirs.firing[1], ValueError)
    for sent in (name, name.lower()):
        mine = asked(ours, b"%b %b" % (sent.encode(), wire), name)
        assert mine.written == b"0001 STATUS x (%b)\r\n" % name.encode()
        assert exact(mine.firing) == exact(("result", {name: value}))


def test_all_at_once(ours: Any) -> None:
    """Those of Twisted's users as they know them."""
    values = {**TWISTED_KNOWS, **{name: value for name, _, value in MORE}}
    wire = (
        b"MESSAGES 3 RECENT 0 UIDNEXT 4 UIDVALIDITY 5 UNSEEN 6 DELETED 7 APPENDLIMIT NIL"
        b" SIZE 18446744073709551615 HIGHESTMODSEQ 9223372036854775807 DELETED-STORAGE 8"
        b" MAILBOXID (F2212ea87-6097-4256-9d51-71338625)"
    )
    mine = asked(ours, wire, *values)
    assert mine.written == b"0001 STATUS x (%b)\r\n" % " ".join(values).encode()
    assert mine.firing[0] == "result"
    assert exact(dict(sorted(mine.firing[1].items()))) == exact(dict(sorted(values.items())))


def test_not_asked_for(ours: Any) -> None:
    """What a server adds of its own accord: as in Twisted."""
    expected = {"MESSAGES": 3, "SIZE": b"9", "X-OF-ITS-OWN": b"4", "APPENDLIMIT": None}
    for cls in (TheirClient, ours):
        mine = asked(cls, b"MESSAGES 3 SIZE 9 X-OF-ITS-OWN 4 APPENDLIMIT NIL", "MESSAGES")
        assert exact(mine.firing[1]) == exact(expected)


@pytest.mark.parametrize("name", ["size", "NONSENSE", "X-GUID", "SIZE)", "", "SIZE UNSEEN"])
def test_any_other_name(ours: Any, name: str) -> None:
    """Twisted's ValueError, which names them, and nothing is written."""
    theirs, mine = (asked(cls, b"", "MESSAGES", name) for cls in (TheirClient, ours))
    assert mine.firing[0] == "raised" and isinstance(mine.firing[1], ValueError)
    assert mine.firing[1].args == theirs.firing[1].args
    assert mine.written == b""


@pytest.mark.parametrize(
    "wire",
    [b"SIZE x", b"SIZE NIL", b"SIZE -1", b"DELETED (1)", b"HIGHESTMODSEQ 1_0", b"APPENDLIMIT x",
     b"MAILBOXID NIL", b"MAILBOXID ()", b"MAILBOXID (a b)", b"MAILBOXID ((a))", b"MAILBOXID F"],
)  # fmt: skip
def test_what_the_server_should_not_send(ours: Any, wire: bytes) -> None:
    mine = asked(ours, wire, wire.split()[0].decode())
    assert mine.firing[0] == "failure" and not mine.closed
    assert isinstance(mine.firing[1], IllegalServerResponse)


def test_what_a_program_adds(ours: Any) -> None:
    """By Twisted's two attributes, also where they name one of these items."""

    class Program(ours):
        _statusNames = {**TheirClient._statusNames, "X-GUID": b"X-GUID"}
        STATUS_TRANSFORMATIONS = {"SIZE": None, "DELETED": lambda value: -int(value)}

    mine = asked(Program, b"X-GUID a SIZE 3 DELETED 4 MESSAGES 5", "X-GUID", "SIZE", "DELETED")
    assert mine.written == b"0001 STATUS x (X-GUID SIZE DELETED)\r\n"
    expected = {"X-GUID": b"a", "SIZE": b"3", "DELETED": -4, "MESSAGES": b"5"}
    assert exact(mine.firing[1]) == exact(expected)
