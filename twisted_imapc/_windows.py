"""
A set of messages in windows: how much is asked for at a time, so that the answer
has about as many octets as one wants, and when.

Servers answer the tags of commands that come together late and together, so that
nothing is measured by tags.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from math import ceil

from ._imapc import countRanges
from ._sets import LAST, UIDSet

# Windows that have no answer yet.
_MOST_UNANSWERED = 8

# How much wider than the one before a window may be.
_GROWTH = 16

# No set is thinner: however many windows had nothing, a float must not come to 0.
_THINNEST = 1 / LAST

# How many messages the first window has where nobody knows their size, and how many the
# aim has room for as long as that is so.
_FIRST, _USUAL = 8, 100

# How many times the aim one window may turn out to have.
_MUCH = 3

# How many of the newest messages are remembered: all but one of them may go while they are
# fetched.
_NEWEST = 16

# How many ranges tell how dense a set is: there may be a million.
_HEAD = 1000


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
        # The first and last UID of each range, and how many ranges are asked for
        # before an end that is open; the last of them goes up to C{_last}.
        self._uids = uids.octets
        self._ends = memoryview(self._uids).cast("I")
        self._count = len(self._ends) // 2
        self._last = LAST
        self._isOpen = self._isEmpty = False
        self._tail = ""
        # Where the last window begins, if it goes up to what may still come and is sent;
        # and the highest UIDs that were delivered.
        self._openFrom = 0
        self._newest: list[int] = []
        # How many messages there may still be, and the UID that none of them has yet.
        self._left = 0
        self._uidKnown = 1
        self._width = 0
        self.isAsked = False
        self.unanswered = 0
        # How far we are: UIDs of the set that were asked for, that no answer can
        # have any more, and those up to the highest that was delivered.
        self._asked = self._passed = self._delivered = 0
        # The range that is asked for next, but for the UIDs below this one; the range
        # that is delivered, and how many UIDs of the set are below that.
        self._index = self._from = 0
        self._at = self._below = 0
        self._samples: deque[tuple[int, int, int]] = deque()
        self._sums = [0, 0, 0]

    def begin(self, exists: int, uidKnown: int) -> None:
        """
        Take what is known of the mailbox.

        @param uidKnown: no UID below this one is still to come.
        """
        self._left, self._uidKnown = exists, uidKnown
        if self._count and self._ends[-1] == LAST:
            # What may still come is asked for last.
            self._isOpen = True
            first, _ = self._range(self._count - 1)
            if first < uidKnown:
                self._last = uidKnown - 1
            else:
                self._count -= 1
                self._tail = f"{first}:{self._end}"
        head = [self._range(index) for index in range(min(self._count, _HEAD))]
        if uidKnown > 1 and exists and head:
            thin = exists / (uidKnown - 1)
            close = len(head) / sum(last - first + 1 for first, last in head)
            self._density = min(1.0, max(thin, close))

    def _range(self, index: int) -> tuple[int, int]:
        return self._ends[2 * index], min(self._ends[2 * index + 1], self._last)

    def _goBy(self, uid: int, most: int) -> None:
        """
        Leave ranges behind: those that end at this UID or before, and that are whole among
        so many UIDs of the set.
        """
        while self._at < self._count:
            first, last = self._range(self._at)
            below = self._below + last - first + 1
            if uid < last or below > most:
                break
            self._below = below
            self._at += 1

    def _position(self, uid: int) -> int:
        """
        How many UIDs that were asked for are not above this one, or one before.
        """
        self._goBy(uid, self._asked)
        if self._at == self._count:
            return min(self._below, self._asked)
        first, _ = self._range(self._at)
        return min(self._below + max(0, uid - first + 1), self._asked)

    def _rest(self, most: int) -> Iterator[tuple[int, int]]:
        """
        What is to be asked for next, in so many ranges at most.
        """
        ends = self._ends[2 * self._index : 2 * min(self._count, self._index + most)].tolist()
        if ends:
            ends[0] = max(ends[0], self._from)
            ends[-1] = min(ends[-1], self._last)
        return zip(ends[::2], ends[1::2], strict=True)

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

    def _wish(self) -> int:
        """
        How many UIDs the next window had best have.
        """
        if not self._aim:
            return LAST
        if self._octets is None:
            width = ceil(_FIRST / self._density)
        else:
            width = ceil(self._aim / (self._octets * self._density))
        return max(1, min(width, _GROWTH * self._width) if self._width else width)

    def next(self, room: int) -> tuple[bytes, int]:
        """
        The next window.

        @param room: octets that its text may have.
        @return: the text, and how far that goes, for L{answered}.
        """
        wanted = width = self._wish()
        texts: list[str] = []
        length = 0
        # A range has two octets at least.
        for start, last in self._rest(1 + max(0, room) // 2):
            end = min(last, start + width - 1)
            text = str(start) if start == end else f"{start}:{end}"
            length += len(text) + 1
            if texts and length > room:
                break
            texts.append(text)
            width -= end - start + 1
            self._from = end + 1
            self._index += end == last
            if not width:
                break
        # The line may not have had room for more: then nothing is known of more.
        self._width = max(1, wanted - width)
        self._asked += wanted - width
        self.isAsked = self._index == self._count
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
        self._openFrom = int(texts[0].partition(":")[0])

    def mayRepeat(self) -> bool:
        """
        Whether the last message of the mailbox may come where nobody has asked for it:
        servers have it in the answer to C{7:*}, too, if none is beyond it.
        """
        return self._openFrom > 1

    def repeats(self, uid: int) -> bool:
        """
        The last message of the mailbox has come.

        @return: whether it was delivered before, for an earlier window.
        """
        if uid >= self._openFrom:
            return False
        if uid in self._newest:
            return True
        # It may come for both in one lot.
        self._newest.append(uid)
        return False

    def came(self, uids: list[int], octets: int) -> int:
        """
        Messages have come.  Those that no window has asked for yet tell nothing of how far
        we are: somebody has changed their flags.

        @return: the highest UID of the others; 0 where there are none.
        """
        highest = max(uids, default=0)
        if not self.isAsked and highest >= self._from:
            asked = [uid for uid in uids if uid < self._from]
            return self.came(asked, octets * len(asked) // len(uids))
        if uids:
            self.delivered(highest, len(uids), octets)
            # Most servers go from the lowest to the highest.
            self._newest = sorted({*self._newest, *uids[-_NEWEST:], highest})[-_NEWEST:]
        return highest

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
        self._left -= records
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
        self._isEmpty = self._delivered <= self._passed
        if self._isEmpty:
            # The next may be wider.
            self._density = max(_THINNEST, self._density / _GROWTH)
        self._passed = max(self._passed, upTo)
        # Now: thousands of windows may be empty before something is delivered.
        self._goBy(LAST, self._passed)

    def lostFrom(self) -> int | None:
        """
        Nothing has come of the last window, and far too much may come of one that is
        wider: it is better to find out which is the next message.

        @return: from which UID on; None where it does not matter, or was told already.
        """
        wasEmpty, self._isEmpty = self._isEmpty, False
        if not wasEmpty or self._index == self._count:
            return None
        octets = self._octets or self._aim / _USUAL
        if min(self._wish(), self._left) * octets <= _MUCH * self._aim:
            return None
        return max(self._from, self._ends[2 * self._index])

    def _begun(self) -> int:
        """
        How many UIDs of the range that is asked for next are done with.
        """
        if self._index == self._count:
            return 0
        return max(0, self._from - self._range(self._index)[0])

    def _skip(self, uid: int) -> None:
        """
        Go on with this UID.  There may be a million ranges before it.
        """
        start = self._index
        self._asked -= self._begun()
        self._index = bisect_left(self._ends[1 : 2 * self._count : 2], uid, start)
        self._asked += countRanges(self._uids, start, self._index)
        self._at, self._below = self._index, self._asked
        self._from = max(self._from, uid)
        self._asked += self._begun()
        if self._index < self._count and self._from > self._range(self._index)[1]:
            # The last one ends before what stands for an open end.
            self._index += 1

    def skipTo(self, uid: int | None) -> None:
        """
        No message has a UID below this one, of those that were not asked for; with None
        no message has one.
        """
        if uid is None or uid > self._last:
            uid = self._last + 1
        if self._isOpen and not self._tail:
            # The last one is asked for with what may still come.
            uid = min(uid, self._last)
        self._skip(uid)
        # Nothing of it tells how close together the others are.
        self._passed = self._delivered = self._asked
        self.isAsked = self._index == self._count and not self._isOpen
        if uid < self._uidKnown:
            close = self._left / (self._uidKnown - uid)
            self._density = min(1.0, max(close, self._density))


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

    def came(self, uids: list[int], octets: int) -> int:
        """
        @return: the highest.
        """
        return max(uids, default=0)

    def answered(self, upTo: int) -> None:
        """
        Nothing follows from it.
        """

    def lostFrom(self) -> None:
        """
        Nor is anything looked for.
        """
