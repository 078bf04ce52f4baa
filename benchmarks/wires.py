"""
A server's answers, made up, in the form in which Dovecot sends them.
"""

from __future__ import annotations

import random
from collections.abc import Callable

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


def _envelopeItem(chance: random.Random) -> bytes:
    sender = b"(%b)" % _address(chance)
    subject = b" ".join(chance.choices(_WORDS, k=chance.randint(2, 8)))
    answers = b'"<%012x@mail.example.org>"' % chance.getrandbits(48)
    return b'ENVELOPE ("%b" "%b" %b %b %b %b %b NIL %b "<%016x@example.org>")' % (
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


def _envelope(chance: random.Random, number: int) -> bytes:
    return b"* %d FETCH (%b)\r\n" % (number, _envelopeItem(chance))


def _all(chance: random.Random, number: int) -> bytes:
    date = b"%02d-Nov-2023 %02d:13:20 +0100" % (chance.randint(1, 28), chance.randrange(24))
    size = chance.randint(900, 90000)
    head = b'* %d FETCH (FLAGS (\\Seen) INTERNALDATE "%b" RFC822.SIZE %d' % (number, date, size)
    return b"%b %b)\r\n" % (head, _envelopeItem(chance))


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


def search(count: int) -> bytes:
    """
    So many numbers in one line.
    """
    chance = random.Random(20231114)
    numbers = b" ".join(b"%d" % number for number in sorted(chance.sample(range(10**7), count)))
    return b"* SEARCH %b\r\n0001 OK Search completed (0.004 + 0.000 secs).\r\n" % numbers


_LINE = b"The quick brown fox jumps over the lazy dog, and 42 times again.\r\n"


def bodies(size: int) -> Callable[[int], bytes]:
    """
    An answer of one body of C{size} octets for each number, all of them alike.
    """
    text = (_LINE * (size // len(_LINE) + 1))[:size]

    def make(count: int) -> bytes:
        responses = [
            b"* %d FETCH (BODY[] {%d}\r\n%b)\r\n" % (number, size, text)
            for number in range(1, count + 1)
        ]
        return b"".join([*responses, b"0001 OK Fetch completed.\r\n"])

    return make


def nested(depth: int) -> Callable[[int], bytes]:
    """
    Messages in messages, C{depth} levels of them, for each number.
    """

    def line(chance: random.Random, number: int) -> bytes:
        inner = b'("text" "plain" NIL NIL NIL "7bit" 10 1)'
        for _ in range(depth):
            inner = b'(%b "mixed")' % inner
        return b"* %d FETCH (BODY %b)\r\n" % (number, inner)

    return _lines(line)


#: Each makes an answer for so many messages or mailboxes.
flags = _lines(_flags)
envelope = _lines(_envelope)
everything = _lines(_all)
bodyStructure = _lines(_bodyStructure)
mailboxes = _lines(_list)
