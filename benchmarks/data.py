"""
A server's answers, made up, in the form in which Dovecot sends them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: What a TCP transport reads at once.
PIECE = 64 * 1024

_WORDS = (
    b"harbour winter copper letter engine garden signal river candle market window bridge "
    b"meadow violin paper stone lantern orchard thunder velvet report invoice"
).split()

_NAMES = (b"Ada Brook", b"=?utf-8?q?J=C3=B6rg_M=C3=BCller?=", b"Okafor, Chidi", b"Mei Lin", None)


def _flags(chance: random.Random, number: int) -> bytes:
    flags = [
        flag
        for flag, odds in ((b"\\Seen", 0.8), (b"\\Answered", 0.2), (b"$Forwarded", 0.05))
        if chance.random() < odds
    ]
    return b"* %d FETCH (FLAGS (%b))\r\n" % (number, b" ".join(flags))


def _address(chance: random.Random) -> bytes:
    name = chance.choice(_NAMES)
    shown = b"NIL" if name is None else b'"%b"' % name
    return b'(%b NIL "%b.%d" "mail%d.example.org")' % (
        shown,
        chance.choice(_WORDS),
        chance.randrange(1000),
        chance.randrange(50),
    )


def _addresses(chance: random.Random, most: int) -> bytes:
    return b"(%b)" % b"".join(_address(chance) for _ in range(chance.randint(1, most)))


def _envelope(chance: random.Random, number: int) -> bytes:
    sender = b"(%b)" % _address(chance)
    subject = b" ".join(chance.choices(_WORDS, k=chance.randint(2, 8)))
    answers = b'"<%012x@mail.example.org>"' % chance.getrandbits(48)
    return b'* %d FETCH (ENVELOPE ("%b" "%b" %b %b %b %b %b NIL %b "<%016x@example.org>"))\r\n' % (
        number,
        b"Tue, %02d Nov 2023 %02d:13:20 +0100" % (chance.randint(1, 28), chance.randrange(24)),
        subject.capitalize(),
        sender,
        sender,
        sender,
        _addresses(chance, 3),
        _addresses(chance, 2) if chance.random() < 0.3 else b"NIL",
        answers if chance.random() < 0.4 else b"NIL",
        chance.getrandbits(64),
    )


def _text(chance: random.Random, subtype: bytes) -> bytes:
    return b'("text" "%b" ("charset" "utf-8") NIL NIL "quoted-printable" %d %d NIL NIL NIL NIL)' % (
        subtype,
        chance.randint(300, 30000),
        chance.randint(10, 900),
    )


def _alternative(chance: random.Random) -> bytes:
    return b'(%b%b "alternative" ("boundary" "=_%016x") NIL NIL NIL)' % (
        _text(chance, b"plain"),
        _text(chance, b"html"),
        chance.getrandbits(64),
    )


def _attachment(chance: random.Random) -> bytes:
    name = b"%b-%d.pdf" % (chance.choice(_WORDS), chance.randrange(1000))
    return (
        b'("application" "pdf" ("name" "%b") "<%08x@example.org>" NIL "base64" %d NIL '
        b'("attachment" ("filename" "%b")) NIL NIL)'
        % (name, chance.getrandbits(32), chance.randint(9000, 900000), name)
    )


def _bodyStructure(chance: random.Random, number: int) -> bytes:
    kind = chance.random()
    if kind < 0.25:
        structure = _text(chance, b"plain")
    elif kind < 0.7:
        structure = _alternative(chance)
    else:
        files = b"".join(_attachment(chance) for _ in range(chance.randint(1, 3)))
        structure = b'(%b%b "mixed" ("boundary" "=_%016x") NIL ("en") NIL)' % (
            _alternative(chance),
            files,
            chance.getrandbits(64),
        )
    return b"* %d FETCH (BODYSTRUCTURE %b)\r\n" % (number, structure)


def _list(chance: random.Random, number: int) -> bytes:
    # A name with a space is quoted, another is not.
    name = b"Lists/%b-%d" % (chance.choice(_WORDS), number)
    if chance.random() < 0.3:
        name = b'"Archive/%d %b"' % (number, chance.choice(_WORDS))
    children = b"\\HasChildren" if chance.random() < 0.2 else b"\\HasNoChildren"
    return b'* LIST (%b) "/" %b\r\n' % (children, name)


def _lines(line: Callable[[random.Random, int], bytes]) -> Callable[[int], bytes]:
    """
    An answer of one response for each number.
    """

    def make(count: int) -> bytes:
        chance = random.Random(20231114)
        lines = [line(chance, number) for number in range(1, count + 1)]
        return b"".join([*lines, b"0001 OK Completed (0.004 + 0.000 secs).\r\n"])

    return make


def _search(count: int) -> bytes:
    chance = random.Random(20231114)
    numbers = b" ".join(b"%d" % number for number in sorted(chance.sample(range(10**6), count)))
    return b"* SEARCH %b\r\n0001 OK Search completed (0.004 + 0.000 secs).\r\n" % numbers


def _literal(count: int) -> bytes:
    line = b"The quick brown fox jumps over the lazy dog, and 42 times again.\r\n"
    text = (line * (count // len(line) + 1))[:count]
    return b"* 1 FETCH (BODY[] {%d}\r\n%b)\r\n0001 OK Fetch completed.\r\n" % (count, text)


@dataclass(frozen=True)
class Case:
    """
    One command and the answer to it.

    C{count} is what the answer is made with, C{units} what it is measured in.
    """

    name: str
    call: Callable[[Any], Any]
    make: Callable[[int], bytes]
    count: int
    unit: str = "messages/s"
    kind: type = dict
    units: Callable[[int, bytes], int] = lambda count, wire: count


CASES = [
    Case("fetchFlags", lambda client: client.fetchFlags("1:*"), _lines(_flags), 10_000),
    Case("fetchEnvelope", lambda client: client.fetchEnvelope("1:*"), _lines(_envelope), 3_000),
    Case(
        "fetchBodyStructure",
        lambda client: client.fetchBodyStructure("1:*"),
        _lines(_bodyStructure),
        2_000,
    ),
    Case(
        "list",
        lambda client: client.list("", "*"),
        _lines(_list),
        5_000,
        unit="mailboxes/s",
        kind=list,
    ),
    Case(
        "search",
        lambda client: client.search("ALL", uid=True),
        _search,
        50_000,
        unit="numbers/s",
        kind=list,
    ),
    Case(
        "10 MB literal",
        lambda client: client.fetchSpecific("1", peek=1),
        _literal,
        10_000_000,
        unit="MB/s",
        units=lambda count, wire: count // 10**6,
    ),
]
