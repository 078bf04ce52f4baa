"""
Programs over both classes: what a program is, how it is played, and a day of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from tests.helpers.classes import OurClient, TheirClient
from tests.helpers.comparing import described, exact
from tests.helpers.rig import Call, Rig, calling, logged

Program = Callable[[Any], Any]

#: What a program does and gets: calls of its methods, and octets of the server.
Script = Iterable[Call | bytes]

GREETING = b"* OK ready\r\n"


def at_lines(wire: bytes) -> list[int]:
    return [place + 1 for place, octet in enumerate(wire) if octet == 10]


CUTS: dict[str, Callable[[bytes], Iterable[int]]] = {
    "whole": lambda wire: (),
    "lines": at_lines,
    "octets": lambda wire: range(len(wire)),
}


def play(cls: Any, script: Script, cuts: Any, record: bool = True, **options: Any) -> Any:
    """
    Everything that came of it: what was called and fired, the Deferreds, what was
    written, whether it closed, what was logged as an error.
    """
    session = Rig(cls, greeting=None, record=record, **options)
    for step in script:
        if isinstance(step, bytes):
            session.feed(step, cuts(step))
        else:
            session.call(step)
    calls = [[described(entry) for entry in firings] for firings in session.calls]
    errors = [type(error).__name__ for error in logged()]
    return [session.journal, calls, session.written, session.closed, errors]


def agreed(program: Program, script: Script, cuts: Any, **options: Any) -> Any:
    """
    The outcome that both classes come to.
    """
    script = list(script)
    theirs = play(program(TheirClient), script, cuts, **options)
    mine = play(program(OurClient), script, cuts, **options)
    assert mine == theirs
    assert exact(mine) == exact(theirs)
    return mine


def results(outcome: Any) -> list[Any]:
    """
    What the Deferreds fired with.
    """
    return [value for firings in outcome[1] for _, value, *_ in firings]


LOGIN: list[Call | bytes] = [
    calling("login", b"user", b"word"),
    b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\n0001 OK done\r\n",
    b"0002 OK logged in\r\n",
]

DAY: list[Call | bytes] = [
    GREETING,
    b"* 3 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* [READ-ONLY]\r\n",
    *LOGIN,
    calling("select", "inbox"),
    b"* 2 EXISTS\r\n* 1 RECENT\r\n* OK [UIDNEXT 7] next\r\n* FLAGS (\\Seen \\Draft)\r\n"
    b"0003 OK [READ-WRITE] done\r\n",
    calling("fetchMessage", "1:2"),
    calling("fetchEnvelope", "1"),
    calling("fetchSpecific", "1", headerType="HEADER.FIELDS", headerArgs=["SUBJECT"]),
    b"* 1 FETCH (RFC822 {9}\r\nab\r\ncd\r\n{ FLAGS (\\Seen))\r\n"
    b"* 2 FETCH (RFC822 {0}\r\n)\r\n0004 OK done\r\n"
    b'* 1 FETCH (ENVELOPE ("d" {3}\r\nsub (("n" NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<i>"))\r\n'
    b"0005 OK done\r\n"
    b"* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {7}\r\nSubject)\r\n0006 OK done\r\n",
    calling("search", "ALL"),
    calling("list", "", "*"),
    b'* SEARCH 1 2\r\n0007 OK done\r\n* LIST (\\X) "/" "a b"\r\n* LIST () "/" INBOX\r\n'
    b"0008 OK done\r\n",
    calling("setFlags", "1", ["\\Deleted"], silent=0),
    b"* 1 FETCH (FLAGS (\\Deleted))\r\n0009 OK done\r\n",
    calling("append", "x", BytesIO(b"message")),
    b"+ go\r\n",
    b"000A OK done\r\n",
    calling("status", "x", "MESSAGES", "UNSEEN"),
    b"* STATUS x (MESSAGES 3 UNSEEN 1)\r\n000B NO it is gone\r\n",
    calling("noop"),
    calling("logout"),
    b"* SEARCH 5\r\n* [READ-WRITE]\r\n000C OK done\r\n* BYE bye\r\n000D OK done\r\n",
]
