"""
A set of messages in windows: how much is asked for at a time, so that the answer
has about as many octets as one wants, and when.

Servers answer the tags of commands that come together late and together, so that
nothing is measured by tags.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import accumulate
from math import ceil

from ._sets import LAST, UIDSet

# Windows that have no answer yet.
_MOST_UNANSWERED = 8

# How much wider than the one before a window may be.
_GROWTH = 16

# How many messages the first window has where nobody knows their size.
_FIRST = 8


class Windows:
    """
    Those of one fetch.

    @ivar isAsked: nothing is left to be asked for.
    """

    def __init__(self, uids: UIDSet, octets: int | None, aim: int, end: str = "*") -> None:
        """
        @param uids: what is asked for.
        @param octets: about how many a message has; None where nobody knows.
        @param aim: octets of a window; 0 for one window.
        @param end: how L{LAST} is written.
        """
        self._end = end
        self._aim = aim
        self._octets: float | None = octets
        self._density = 1.0
        self._body = list(uids.ranges)
        self._isOpen = False
        self._tail = ""
        self._width = 0
        self.isAsked = False
        self.unanswered = 0
        # How far we are: UIDs of the set that were asked for, that no answer can
        # have any more, and those up to the highest that was delivered.
        self._asked = self._passed = self._delivered = 0
        self._index = 0
        self._samples: deque[tuple[int, int, int]] = deque()
        self._sums = [0, 0, 0]

    def begin(self, exists: int, uidKnown: int) -> None:
        """
        Take what is known of the mailbox.

        @param uidKnown: no UID below this one is still to come.
        """
        body = self._body
        if body and body[-1][1] == LAST:
            # What may still come is asked for last.
            self._isOpen = True
            first = body.pop()[0]
            if first < uidKnown:
                body.append((first, uidKnown - 1))
            else:
                self._tail = f"{first}:{self._end}"
        self._lengths = [last - first + 1 for first, last in body]
        self._starts = [0, *accumulate(self._lengths)]
        self._firsts = [first for first, _ in body]
        total = self._starts[-1]
        if uidKnown > 1 and exists and total:
            thin = exists / (uidKnown - 1)
            self._density = min(1.0, max(thin, len(body) / total))

    def _position(self, uid: int) -> int:
        """
        How many UIDs of the set are not above this one.
        """
        at = bisect_right(self._firsts, uid) - 1
        if at < 0:
            return 0
        return self._starts[at] + min(uid - self._firsts[at] + 1, self._lengths[at])

    def isHungry(self) -> bool:
        """
        Whether it is time for the next window.
        """
        if self.isAsked or self.unanswered >= _MOST_UNANSWERED:
            return False
        if not self._asked or not self._aim:
            return True
        ahead = self._asked - max(self._delivered, self._passed)
        if self._octets is None:
            return ahead <= 0
        return ahead * self._density * self._octets < self._aim

    def next(self, room: int) -> tuple[bytes, int]:
        """
        The next window.

        @param room: octets that its text may have.
        @return: the text, and how far that goes, for L{answered}.
        """
        if not self._aim:
            width = self._starts[-1]
        elif self._octets is None:
            width = ceil(_FIRST / self._density)
        else:
            width = ceil(self._aim / (self._octets * self._density))
        if self._width and self._aim:
            width = min(width, _GROWTH * self._width)
        self._width = width = max(1, width)
        texts: list[str] = []
        length = 0
        while width > 0 and self._index < len(self._firsts):
            start = self._firsts[self._index] + self._asked - self._starts[self._index]
            count = min(width, self._starts[self._index + 1] - self._asked)
            text = str(start) if count == 1 else f"{start}:{start + count - 1}"
            length += len(text) + 1
            if texts and length > room:
                break
            texts.append(text)
            width -= count
            self._asked += count
            if self._asked == self._starts[self._index + 1]:
                self._index += 1
        self.isAsked = self._index == len(self._firsts)
        if self.isAsked and self._isOpen:
            self._open(texts)
        self.unanswered += 1
        return ",".join(texts).encode("ascii"), self._asked

    def _open(self, texts: list[str]) -> None:
        """
        The last window goes up to what may still come.
        """
        if self._tail:
            texts.append(self._tail)
        else:
            texts[-1] = f"{texts[-1].partition(':')[0]}:{self._end}"

    def delivered(self, uid: int, records: int, octets: int) -> None:
        """
        Messages have come.

        @param uid: the highest of them.
        """
        position = max(self._delivered, self._position(uid))
        sample = (octets, records, position - self._delivered)
        self._delivered = position
        self._samples.append(sample)
        self._sums = [a + b for a, b in zip(self._sums, sample, strict=True)]
        while len(self._samples) > 1 and self._sums[0] - self._samples[0][0] >= 2 * self._aim:
            old = self._samples.popleft()
            self._sums = [a - b for a, b in zip(self._sums, old, strict=True)]
        allOctets, allRecords, advance = self._sums
        if allRecords:
            self._octets = max(1.0, allOctets / allRecords)
            if advance:
                self._density = allRecords / advance

    def answered(self, upTo: int) -> None:
        """
        A window has its answer.

        @param upTo: how far it went.
        """
        self.unanswered -= 1
        if self._delivered <= self._passed:
            # Nothing of it is there: the next may be wider.
            self._density /= _GROWTH
        self._passed = max(self._passed, upTo)


class Fixed:
    """
    A set that is not cut by octets: sequence numbers, and the like.
    """

    def __init__(self, texts: list[bytes]) -> None:
        self._texts = texts
        self.isAsked = False
        self.unanswered = 0

    def begin(self, exists: int, uidKnown: int) -> None:
        """
        It does not depend on the mailbox.
        """

    def isHungry(self) -> bool:
        """
        Whether there is one more.
        """
        return not self.isAsked

    def next(self, room: int) -> tuple[bytes, int]:
        """
        The next text.
        """
        text = self._texts.pop(0)
        self.isAsked = not self._texts
        return text, 0

    def delivered(self, uid: int, records: int, octets: int) -> None:
        """
        Nothing follows from it.
        """

    def answered(self, upTo: int) -> None:
        """
        Nothing follows from it.
        """
