"""
The mailbox that is selected, as far as the server tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ._order import Command
from ._records import Exists, Expunged, Flags, Mode, Recent, Vanished
from ._sets import Numbers, UIDSet, clock

if TYPE_CHECKING:
    from ._connection import Event
    from ._pipeline import Pipeline

_FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft \Recent \*".split()
_CANONICAL = {flag.lower(): flag for flag in _FLAGS}


def flagsOf(values: Iterable[Any]) -> frozenset[str]:
    """
    Flags, those of the system in the RFC's case.
    """
    return frozenset(_CANONICAL.get(flag.lower(), flag) for flag in map(str, values))


class Mailbox:
    """
    The state of a mailbox, live as long as it is C{selected}; then what it was.

    @ivar exists: how many messages there are.
    @ivar recent: how many are recent.
    @ivar flags: the flags that there are here.
    @ivar permanentFlags: those that can be changed for good.
    @ivar anyFlag: any others, too.
    @ivar uidNext: the UID that the next message gets; None where that is not
        known any more, since messages have come.
    @ivar unseen: the number of the first message that is not seen, at select().
    @ivar highestModseq: None where the server keeps none.
    """

    def __init__(self, name: str, readOnly: bool = False) -> None:
        self.name = name
        self.exists: int = 0
        self.recent: int = 0
        self.flags: frozenset[str] = frozenset()
        self._permanent: frozenset[str] | None = None
        self.uidValidity: int | None = None
        self.uidNext: int | None = None
        self.unseen: int | None = None
        self.highestModseq: int | None = None
        self.mailboxId: str | None = None
        self.readOnly: bool = readOnly
        self.selected = False
        # No UID below this one is still to come.
        self.uidKnown: int = 1
        # When numbers last changed, by the clock of Numbers.
        self.renumbered: int = 0

    def __repr__(self) -> str:
        return f"<Mailbox {self.name!r}: {self.exists} messages>"

    @property
    def permanentFlags(self) -> frozenset[str]:
        """
        All flags, where the server tells nothing of it (RFC 9051, section 7.1).
        """
        return self.flags if self._permanent is None else self._permanent - {r"\*"}

    @property
    def anyFlag(self) -> bool:
        """
        Whether new keywords can be made.
        """
        return self._permanent is not None and r"\*" in self._permanent

    def newest(self, count: int) -> Numbers:
        """
        The last messages, as sequence numbers.
        """
        numbers = Numbers(range(max(1, self.exists - count + 1), self.exists + 1))
        numbers.mailbox = self
        return numbers

    def isFresh(self, numbers: Numbers | None) -> bool:
        """
        Whether sequence numbers still mean what they did when they were made.
        """
        return numbers is None or (
            numbers.made > self.renumbered and numbers.mailbox in (None, self)
        )

    # What the server tells

    def note(self, event: Event) -> Any:
        """
        Take what C{event} says of this mailbox.

        @return: the record to tell of it, if it is about the mailbox.
        """
        kind = event[0]
        if kind in _COUNTS:
            return _COUNTS[kind](self, *event[1:])
        if kind == "other" and event[1] == "FLAGS" and event[3]:
            self.flags = flagsOf(_list(event[3]))
            return Flags(self.flags, self.permanentFlags)
        if kind == "state" and event[3] is not None:
            return self._code(*event[3])
        return None

    def _exists(self, count: int) -> Exists:
        previous, self.exists = self.exists, count
        if count > previous and self.selected:
            self.uidNext = None
        return Exists(count, previous)

    def _recent(self, count: int) -> Recent:
        self.recent = count
        return Recent(count)

    def _expunge(self, number: int) -> Expunged:
        self.exists = max(0, self.exists - 1)
        self.renumbered = next(clock)
        return Expunged(number)

    def _vanished(self, earlier: bool, ranges: bytes) -> Vanished:
        uids = UIDSet.ofOctets(ranges)
        if not earlier:
            self.exists = max(0, self.exists - len(uids))
            self.renumbered = next(clock)
        return Vanished(uids, earlier)

    def _code(self, name: str, values: tuple[Any, ...]) -> Any:
        if name == "PERMANENTFLAGS" and values:
            self._permanent = flagsOf(_list(values))
            return Flags(self.flags, self.permanentFlags)
        if name in ("READ-ONLY", "READ-WRITE"):
            self.readOnly = name == "READ-ONLY"
            return Mode(self.readOnly)
        if name == "NOMODSEQ":
            self.highestModseq = None
        elif name == "MAILBOXID" and values:
            found = _list(values)
            self.mailboxId = str(found[0]) if found else None
        elif name in _NUMBERS and values and isinstance(values[0], int):
            setattr(self, _NUMBERS[name], values[0])
            if name == "UIDNEXT":
                self.uidKnown = max(self.uidKnown, values[0])
        return None


# What changes with each of these, which are the mailbox's alone.
_COUNTS: dict[str, Callable[..., Any]] = {
    "exists": Mailbox._exists,
    "recent": Mailbox._recent,
    "expunge": Mailbox._expunge,
    "vanished": Mailbox._vanished,
}

_NUMBERS = {
    "UIDNEXT": "uidNext",
    "UIDVALIDITY": "uidValidity",
    "UNSEEN": "unseen",
    "HIGHESTMODSEQ": "highestModseq",
}

# Those of a mailbox: others that come meanwhile are not SELECT's.
_CODES = {*_NUMBERS, "PERMANENTFLAGS", "READ-ONLY", "READ-WRITE", "NOMODSEQ", "MAILBOXID"}


def _list(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """
    What is in the parentheses; also where a server left them out.  NIL is nothing.
    """
    if values == (None,):
        return ()
    return values[0] if values and isinstance(values[0], tuple) else values


class Select(Command):
    """
    SELECT or EXAMINE.

    What comes before C{* OK [CLOSED]} is about the mailbox that was selected
    until then (RFC 9051, section 7.1).
    """

    alone = True

    def __init__(
        self, name: str, encoded: bytes, readOnly: bool, condstore: bool, tell: Any
    ) -> None:
        """
        @param tell: is called with the events that are the old mailbox's.
        """
        verb = "EXAMINE" if readOnly else "SELECT"
        more = (b"(CONDSTORE)",) if condstore else ()
        super().__init__(verb, verb.encode("ascii"), encoded, *more, about=name)
        self._readOnly = readOnly
        self._tell = tell
        self._early: list[Event] = []
        self._mailbox = Mailbox(name, readOnly)

    def take(self, event: Event) -> bool:
        """
        The counts, flags and codes are the new mailbox's.
        """
        if event[0] == "state" and event[3] is not None and event[3][0] == "CLOSED":
            early, self._early = self._early, []
            self._mailbox = Mailbox(self._mailbox.name, self._readOnly)
            for one in early:
                self._tell(one)
            return True
        if event[0] == "state":
            isOurs = event[1] == "OK" and event[3] is not None and event[3][0] in _CODES
        else:
            isOurs = event[0] in _COUNTS or event[:2] == ("other", "FLAGS")
        if isOurs:
            self._early.append(event)
            self._mailbox.note(event)
            return True
        return False

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> Mailbox:
        """
        It is selected.
        """
        deselect(pipeline)
        self._early = []
        mailbox = self._mailbox
        if code is not None:
            mailbox.note(("state", "OK", text, code))
        mailbox.selected = True
        pipeline.mailbox, pipeline.state = mailbox, "selected"
        return mailbox

    def refused(self, pipeline: Pipeline, status: str, text: str, code: Event | None) -> Exception:
        """
        Nothing is selected now (RFC 9051, section 6.3.2).
        """
        deselect(pipeline)
        return super().refused(pipeline, status, text, code)


class Unselect(Command):
    """
    UNSELECT (RFC 9051, section 6.4.2), or CLOSE, which expunges.
    """

    alone = True
    needs = True

    def __init__(self, expunge: bool) -> None:
        super().__init__("CLOSE" if expunge else "UNSELECT")

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Unsupported: where there is no UNSELECT.
        """
        if self.name == "UNSELECT":
            pipeline.demand(self.name, "UNSELECT", "IMAP4REV2")
        return super().lines(pipeline)

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> None:
        """
        Nothing is selected now.
        """
        deselect(pipeline)


def deselect(pipeline: Pipeline) -> None:
    """
    Nothing is selected any more.
    """
    if pipeline.mailbox is not None:
        pipeline.mailbox.selected, pipeline.mailbox = False, None
    if pipeline.state == "selected":
        pipeline.state = "authenticated"
