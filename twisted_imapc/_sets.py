"""
Sets of messages: L{UIDSet} and L{Numbers}, and what commands make of them.

A set is kept as pairs of unsigned 32-bit numbers, first and last of each range,
sorted, with a gap between one and the next.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from twisted.mail.imap4 import MessageSet

from ._imapc import countRanges, joinRanges, ranges, subtractRanges

#: What C{*} is in a set that is asked for: no UID is greater.
LAST = 2**32 - 1

# Tells what came before what: the making of Numbers, and EXPUNGEs.
clock = itertools.count(1)


def _octetsOf(messages: Any, *, star: bool) -> bytes:
    """
    Whatever stands for some messages, as it is kept.

    @param star: whether there may be a C{*}.
    @raise ValueError: for what is no set.
    """
    if isinstance(messages, UIDSet):
        return messages.octets
    if isinstance(messages, MessageSet):
        messages = str(messages)
    if isinstance(messages, str):
        if "*" in messages and not star:
            raise ValueError(f"only the server knows the end of {messages[:100]!r}")
        return ranges(messages) if messages else b""
    if isinstance(messages, int) and not isinstance(messages, bool):
        messages = (messages,)
    elif isinstance(messages, (bytes, bytearray)) or not isinstance(messages, Iterable):
        raise TypeError(f"messages: {type(messages).__name__} is no set of messages")
    if isinstance(messages, range) and messages.step == 1 and len(messages):
        # It may be large.
        return ranges(f"{messages[0]}:{messages[-1]}")
    return ranges(messages)


class UIDSet:
    """
    A set of UIDs: immutable, sorted, eight octets a range.

    C{str()} is a C{sequence-set}.
    """

    __slots__ = ("_ends", "_octets")

    def __init__(self, messages: Any = ()) -> None:
        """
        @param messages: ints, text such as C{"1,4:7"}, another set.
        @raise ValueError: for what is no set, C{"1:*"} included: only the server
            knows where that ends.
        """
        self._keep(_octetsOf(messages, star=False))

    def _keep(self, octets: bytes) -> None:
        self._octets = octets
        self._ends = memoryview(octets).cast("I")

    @classmethod
    def ofOctets(cls, octets: bytes) -> UIDSet:
        """
        The set that C keeps so.
        """
        made = cls.__new__(cls)
        made._keep(octets)
        return made

    @classmethod
    def union(cls, sets: Iterable[UIDSet]) -> UIDSet:
        """
        All that is in any of these: there may be thousands.
        """
        return cls.ofOctets(joinRanges(*(each.octets for each in sets)))

    @property
    def octets(self) -> bytes:
        """
        As C keeps it.
        """
        return self._octets

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """
        First and last UID of each range.
        """
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """
        The ranges one by one: there may be a million.
        """
        return zip(self._ends[::2], self._ends[1::2], strict=True)

    @property
    def first(self) -> int | None:
        """
        The lowest UID; None in an empty set.
        """
        return self._ends[0] if self._octets else None

    @property
    def last(self) -> int | None:
        """
        The highest UID; None in an empty set.
        """
        return self._ends[-1] if self._octets else None

    def __len__(self) -> int:
        return countRanges(self._octets, 0, len(self._ends))

    def __bool__(self) -> bool:
        return bool(self._octets)

    def __iter__(self) -> Iterator[int]:
        return itertools.chain.from_iterable(range(a, b + 1) for a, b in self._pairs())

    def __contains__(self, uid: object) -> bool:
        if not isinstance(uid, int):
            return False
        at = bisect_right(self._ends[::2], uid)
        return at > 0 and uid <= self._ends[2 * at - 1]

    def __eq__(self, other: object) -> bool:
        return self._octets == other._octets if isinstance(other, UIDSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._octets)

    def __or__(self, other: UIDSet) -> UIDSet:
        if not isinstance(other, UIDSet):
            return NotImplemented
        return UIDSet.union((self, other))

    def __and__(self, other: UIDSet) -> UIDSet:
        if not isinstance(other, UIDSet):
            return NotImplemented
        others = subtractRanges(self._octets, other._octets)
        return UIDSet.ofOctets(subtractRanges(self._octets, others))

    def __sub__(self, other: UIDSet) -> UIDSet:
        if not isinstance(other, UIDSet):
            return NotImplemented
        return UIDSet.ofOctets(subtractRanges(self._octets, other._octets))

    def __str__(self) -> str:
        return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in self._pairs())

    def __repr__(self) -> str:
        text = str(self)
        return f"UIDSet({text if len(text) <= 60 else text[:57] + '...'!r})"

    def __reduce__(self) -> Any:
        return UIDSet, (str(self),)


class Numbers:
    """
    Sequence numbers, for those who must.

    They change with each EXPUNGE: a command with these is not sent behind one.

    @ivar mailbox: the one that they are of; None where that was not said.
    """

    __slots__ = ("end", "made", "mailbox", "numbers")

    def __init__(self, messages: Any) -> None:
        """
        @param messages: ints, or text such as C{"1:10"} or C{"7:*"}.
        @raise ValueError: for what is no set.
        """
        self.numbers: UIDSet = UIDSet.ofOctets(_octetsOf(messages, star=True))
        self.made: int = next(clock)
        self.mailbox: object = None
        self.end: str = endOf(messages)

    def __str__(self) -> str:
        return textOf(self.numbers, self.end)

    def __repr__(self) -> str:
        return f"Numbers({str(self)!r})"


Messages = int | str | UIDSet | Numbers | MessageSet | Iterable[int]

#: All there is, where only the server knows what that is.
_ALL = UIDSet.ofOctets(ranges("1:*"))


def endOf(messages: Messages) -> str:
    """
    What L{LAST} is in these: C{*} where they have one, else itself.  The two are not
    the same: to a server C{*} is its last message, which nobody may have asked for.
    """
    if isinstance(messages, Numbers):
        return messages.end
    text = str(messages) if isinstance(messages, (str, MessageSet)) else ""
    last = str(LAST)
    # From the last number on, there is that alone.
    hasStar = "*" in text and any("*" in one and last not in one for one in text.split(","))
    return "*" if hasStar else last


def textOf(uids: UIDSet, end: str) -> str:
    """
    A C{sequence-set} in which L{LAST} is C{end}.
    """
    text = str(uids)
    if not text.endswith(str(LAST)):
        return text
    return text[: -len(str(LAST))] + end


class Chosen:
    """
    The messages that a command is for.

    @ivar uids: all that may be answered; L{LAST} stands for C{*}.
    @ivar isWhole: it cannot be cut: sequence numbers, C{$}, C{*} by itself.
    @ivar numbers: the sequence numbers that these are; None for UIDs.
    @ivar end: how L{LAST} is written; see L{endOf}.
    """

    __slots__ = ("_text", "end", "isWhole", "numbers", "uids")

    uids: UIDSet

    def __init__(self, messages: Messages) -> None:
        self.numbers: Numbers | None = messages if isinstance(messages, Numbers) else None
        self._text: str | None = None
        self.end: str = endOf(messages)
        if isinstance(messages, Numbers):
            self._text, self.uids = str(messages), messages.numbers
        elif isinstance(messages, str) and messages == "$":
            self._text, self.uids = messages, _ALL
        else:
            self.uids = UIDSet.ofOctets(_octetsOf(messages, star=True))
        if self.end == "*" and LAST - 1 not in self.uids:
            # The last message, whatever its UID.
            self._text = textOf(self.uids, self.end)
            self.uids = _ALL
        self.isWhole: bool = self._text is not None

    def __bool__(self) -> bool:
        return bool(self._text or self.uids)

    def texts(self, octets: int) -> list[bytes]:
        """
        As C{sequence-set}s of at most so many octets each; only one of sequence
        numbers, of whatever length.
        """
        if self._text is not None:
            return [self._text.encode("ascii")]
        return cut(textOf(self.uids, self.end).encode("ascii"), octets)


def cut(text: bytes, octets: int) -> list[bytes]:
    """
    A C{sequence-set} in pieces of at most so many octets.
    """
    pieces = []
    # Less than nothing would be counted from the end.
    octets = max(0, octets)
    while len(text) > octets:
        at = text.rfind(b",", 0, octets + 1)
        if at < 0:
            at = text.find(b",")
            if at < 0:
                break
        pieces.append(text[:at])
        text = text[at + 1 :]
    return [*pieces, text]
