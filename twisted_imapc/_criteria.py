"""
What search() takes: words of RFC 9051's C{search-key}, and their values.

A word that is no key, and a value that is not of the key's kind, is refused, so
that no value is ever taken for syntax.
"""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from operator import length_hint
from typing import Any

from . import _encode
from ._sets import Chosen, Numbers, UIDSet, cut

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


def kept(words: Iterable[Any]) -> tuple[Any, ...]:
    """
    The same words, to be read more than once: what only an iterator has is kept.
    """
    return tuple(map(_kept, words))


def _kept(word: Any) -> Any:
    if isinstance(word, (tuple, list)):
        return kept(word)
    return tuple(word) if isinstance(word, Iterator) else word


class Raw:
    """
    A search key that is not in our table, with its values: str, int, date or a
    set::

        search("UNSEEN", Raw("X-NEW", "value"))
    """

    __slots__ = ("name", "values")

    def __init__(self, name: str, *values: Any) -> None:
        """
        @raise ValueError: for a name that is none.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"search: {name[:100]!r} cannot be a key")
        self.name: str = name
        self.values: tuple[Any, ...] = kept(values)


def _text(key: str, value: Any) -> bytes:
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"search: {key} wants a str, not {value!r}")
    return _encode.astring(value, f"search: {key}")


def _number(key: str, value: Any) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"search: {key} wants an int, not {value!r}")
    if not 0 <= value < 2**64:
        raise ValueError(f"search: {key} {value} is too large, or less than 0")
    return b"%d" % value


def _date(key: str, value: Any) -> bytes:
    if not isinstance(value, datetime.date):
        raise TypeError(f"search: {key} wants a date, not {value!r}")
    return _encode.searchDate(value)


def _flag(key: str, value: Any) -> bytes:
    return _encode.flag(value)


def _set(key: str, value: Any) -> bytes:
    chosen = Chosen(value)
    if chosen.numbers is not None:
        raise TypeError(f"search: {key} wants UIDs, not sequence numbers")
    if not chosen:
        raise ValueError(f"search: {key} wants at least one message")
    (text,) = chosen.texts(sys.maxsize)
    return text


def _id(key: str, value: Any) -> bytes:
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z0-9_-]{1,255}", value):
        raise ValueError(f"search: {key} wants an object's identifier, not {value!r}")
    return value.encode("ascii")


_Encoder = Callable[[str, Any], bytes]

_KEYS: dict[str, tuple[_Encoder, ...]] = {
    **dict.fromkeys(
        (
            "ALL ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT"
            " UNFLAGGED UNSEEN SAVEDATESUPPORTED"
        ).split(),
        (),
    ),
    **dict.fromkeys("BCC BODY CC FROM SUBJECT TEXT TO X-GM-RAW X-GM-LABELS".split(), (_text,)),
    **dict.fromkeys(
        ("BEFORE ON SINCE SENTBEFORE SENTON SENTSINCE SAVEDBEFORE SAVEDON SAVEDSINCE").split(),
        (_date,),
    ),
    **dict.fromkeys(
        "LARGER SMALLER OLDER YOUNGER MODSEQ X-GM-MSGID X-GM-THRID".split(), (_number,)
    ),
    **dict.fromkeys(("KEYWORD", "UNKEYWORD"), (_flag,)),
    **dict.fromkeys(("EMAILID", "THREADID"), (_id,)),
    "HEADER": (_text, _text),
    "UID": (_set,),
}


def _values(key: str, encoders: Iterable[_Encoder], words: Iterator[Any]) -> Iterator[bytes]:
    for encode in encoders:
        try:
            value = next(words)
        except StopIteration:
            raise ValueError(f"search: {key} wants another value") from None
        yield b" "
        yield encode(key, value)


def _anyValue(key: str, value: Any) -> bytes:
    """
    A value of L{Raw}, by its type.
    """
    if isinstance(value, (str, bytes)):
        return _text(key, value)
    if isinstance(value, datetime.date):
        return _date(key, value)
    return _number(key, value) if isinstance(value, int) else _set(key, value)


def _key(word: Any, words: Iterator[Any]) -> Iterator[bytes]:
    """
    One C{search-key}, which begins with C{word}.
    """
    if isinstance(word, (tuple, list)):
        yield b"("
        yield from _keys(word)
        yield b")"
    elif isinstance(word, Raw):
        yield word.name.encode("ascii")
        for value in word.values:
            yield b" "
            yield _anyValue(word.name, value)
    elif isinstance(word, UIDSet):
        yield b"UID "
        yield _set("UID", word)
    elif isinstance(word, Numbers):
        yield str(word).encode("ascii")
    elif isinstance(word, str):
        yield from _named(word.upper(), words)
    else:
        raise TypeError(f"search: {word!r} stands where a key should")


def _named(name: str, words: Iterator[Any]) -> Iterator[bytes]:
    """
    A key that has a name.
    """
    if name not in _KEYS and name not in ("NOT", "OR"):
        raise ValueError(f"search: {name[:100]!r} is no key; there is Raw() for new ones")
    yield name.encode("ascii")
    if name in _KEYS:
        yield from _values(name, _KEYS[name], words)
        return
    for _ in range(1 if name == "NOT" else 2):
        try:
            word = next(words)
        except StopIteration:
            raise ValueError(f"search: {name} wants another key") from None
        yield b" "
        yield from _key(word, words)


def _keys(criteria: Iterable[Any]) -> Iterator[bytes]:
    words = iter(criteria)
    empty = True
    for word in words:
        if not empty:
            yield b" "
        empty = False
        yield from _key(word, words)
    if empty:
        raise ValueError("search: there is no key in these parentheses")


def criteria(words: tuple[Any, ...], *, mayNameCharset: bool = True) -> list[bytes]:
    """
    The keys of a search, in pieces that are to be written one behind the other.

    @param mayNameCharset: not behind UTF8=ACCEPT or IMAP4rev2: there it is UTF-8
        anyway (RFC 6855, section 3).
    @raise ValueError: for a word that is no key, and a value that cannot be sent.
    @raise TypeError: for a value of another type than the key's.
    """
    pieces = list(_keys(words or ("ALL",)))
    if mayNameCharset and not all(piece.isascii() for piece in pieces):
        pieces.insert(0, b"CHARSET UTF-8 ")
    return pieces


def inParts(words: tuple[Any, ...], octets: int) -> list[tuple[Any, ...]]:
    """
    One search as several, which find together what that one finds, with so many octets each,
    literals apart.  What is cut is a set in which all has to be that is found: behind NOT or
    OR it is none.  Where there is none, or it is the others that are too long, it stays one.
    """
    total = start = end = 0
    text = b""
    left = iter(words)
    for word in left:
        before = len(words) - length_hint(left) - 1
        pieces = list(_key(word, left))
        total += 1 + sum(len(one) for one in pieces if not isinstance(one, _encode.Literal))
        isSet = isinstance(word, UIDSet) or (isinstance(word, str) and word.upper() == "UID")
        if isSet and len(pieces[-1]) > len(text):
            text, start, end = pieces[-1], before, len(words) - length_hint(left)
    room = octets - (total - len(text))
    if total <= octets or room <= 0 or not text:
        return [words]
    return [(*words[:start], "UID", part.decode("ascii"), *words[end:]) for part in cut(text, room)]


def numbersIn(words: Iterable[Any]) -> list[Numbers]:
    """
    The sequence numbers among these.
    """
    found = []
    for word in words:
        if isinstance(word, Numbers):
            found.append(word)
        elif isinstance(word, (tuple, list)):
            found += numbersIn(word)
    return found
