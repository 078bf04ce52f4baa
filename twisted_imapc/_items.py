"""
What fetch() asks for: items of FETCH, as they are written, and what follows from
them.
"""

from __future__ import annotations

import re

_QUOTED = r'"(?:[^"\\\r\n\0]|\\["\\])*"'
_LIST = rf'\((?:[^()"\r\n\0]|{_QUOTED})*\)'

# RFC 9051: fetch-att, with whatever an extension may put into brackets.
_ATT = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9._-]*)"
    rf'(?P<section>\[(?:[^][()"\r\n\0]|{_QUOTED}|{_LIST})*\])?'
    r"(?:<[0-9]{1,10}\.(?P<octets>[0-9]{1,10})>)?"
    rf"(?: {_LIST})?"
)

_MACROS = {
    "FAST": "FLAGS INTERNALDATE RFC822.SIZE",
    "ALL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE",
    "FULL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY",
}

# The bit of Parser.want(), and about how many octets its answer has.
_KNOWN = {
    "UID": (1, 0),
    "FLAGS": (2, 40),
    "MODSEQ": (4, 20),
    "RFC822.SIZE": (8, 20),
    "INTERNALDATE": (16, 45),
    "ENVELOPE": (32, 450),
    "BODY": (64, 600),
    "BODYSTRUCTURE": (64, 600),
}

_OTHER = 128
_UID_FLAGS_MODSEQ = 7

_SETS_SEEN = re.compile(r"(BODY|BINARY)\[.*|RFC822(\.TEXT)?", re.DOTALL)
_HEADER = re.compile(r"BODY(\.PEEK)?\[[0-9.]*HEADER.*|RFC822\.HEADER", re.DOTALL)
_CONTENT = re.compile(r"(BODY|BINARY)(\.PEEK)?\[.*|RFC822(\.TEXT)?", re.DOTALL)


class Items:
    """
    The items of one fetch.

    @ivar text: as they are written, UID first.
    @ivar mask: which of them make a FETCH response ours, for C{Parser.want}.
    @ivar reads: whether flags are asked for.
    @ivar changes: whether it sets \\Seen.
    @ivar octets: about how many octets the answer for one message has; None where
        nobody can know.
    """

    def __init__(self, items: tuple[str, ...], *, modseq: bool = False) -> None:
        """
        @param modseq: MODSEQ comes in any case.
        @raise ValueError: for what is no item, and for none at all.
        """
        self.text: bytes = b""
        self.reads: bool = False
        self.changes: bool = False
        self.octets: int | None = 40
        asked = 4 if modseq else 0
        # Each once: a macro has some that may be asked for beside it.
        texts = {"UID": "UID"}
        for item in items:
            for found in _split(item):
                name = found.group().upper()
                if name not in texts:
                    texts[name] = found.group()
                    asked |= self._learn(found)
        if not items:
            raise ValueError("items: there is nothing to fetch")
        self.text = b"(%b)" % " ".join(texts.values()).encode("ascii")
        self.mask: int = asked & ~_UID_FLAGS_MODSEQ or asked & ~1 or 1

    def _learn(self, found: re.Match[str]) -> int:
        """
        What follows from one item.

        @return: its bit.
        """
        text = found.group().upper()
        self.reads |= text == "FLAGS"
        self.changes |= _SETS_SEEN.fullmatch(text) is not None
        bit, octets = _OTHER, 50
        if found["section"] is None:
            bit, octets = _KNOWN.get(text, (_OTHER, 50))
        if found["octets"] is not None:
            octets = int(found["octets"])
        elif _HEADER.fullmatch(text):
            octets = 1000
        elif _CONTENT.fullmatch(text):
            self.octets = None
        if self.octets is not None:
            self.octets += octets
        return bit


def _split(item: str) -> list[re.Match[str]]:
    """
    The items in one text: nearly always one.  Beside others a server takes no macro.
    """
    if not isinstance(item, str):
        raise TypeError(f"items: {item!r} is no str")
    parts = []
    at = 0
    while True:
        found = _ATT.match(item, at) if item.isascii() else None
        if found is None or item[found.end() : found.end() + 1] not in ("", " "):
            raise ValueError(f"items: {item[:100]!r} is no item of FETCH")
        macro = _MACROS.get(found.group().upper())
        parts += [found] if macro is None else _split(macro)
        at = found.end() + 1
        if at > len(item):
            return parts
