"""
The commands that ask, and what becomes of their answers: LIST, STATUS, SEARCH and
STORE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import _encode
from ._criteria import criteria, numbersIn
from ._errors import MalformedAnswer, Stale
from ._order import Command, isInbox
from ._records import MailboxInfo, SearchResult, Status, Stored
from ._sets import Chosen, Numbers, UIDSet

if TYPE_CHECKING:
    from ._connection import Event
    from ._pipeline import Pipeline

#: Of Parser.want().
UID, FLAGS, OTHER = 1, 2, 128

_ITEM = re.compile("[A-Za-z][A-Za-z0-9.-]*")


def named(items: Iterable[str], argument: str) -> list[bytes]:
    """
    Names of items, in upper case.
    """
    if isinstance(items, str):
        raise TypeError(f"{argument}: a str where several are wanted")
    found = []
    for item in items:
        if not isinstance(item, str) or not _ITEM.fullmatch(item):
            raise ValueError(f"{argument}: {item!r} is no item")
        found.append(item.upper().encode("ascii"))
    return found


def checkFresh(pipeline: Pipeline, numbers: Iterable[Numbers | None], command: str) -> None:
    """
    @raise Stale: where sequence numbers mean something else by now.
    """
    mailbox = pipeline.mailbox
    if mailbox is not None and not all(mailbox.isFresh(one) for one in numbers):
        why = "these numbers are of another mailbox, or older than an EXPUNGE"
        raise Stale(f"{command} is not sent: {why}")


# STATUS

_STATUS = {
    "MESSAGES": "messages",
    "RECENT": "recent",
    "UNSEEN": "unseen",
    "UIDNEXT": "uidNext",
    "UIDVALIDITY": "uidValidity",
    "HIGHESTMODSEQ": "highestModseq",
    "SIZE": "size",
    "DELETED": "deleted",
    "APPENDLIMIT": "appendLimit",
    "MAILBOXID": "mailboxId",
}

STATUS_ITEMS = ("MESSAGES", "UNSEEN", "UIDNEXT", "UIDVALIDITY")


def statusOf(name: str, items: dict[str, Any]) -> Status:
    """
    The record of a STATUS response.
    """
    known: dict[str, Any] = {}
    others = {}
    for item, value in items.items():
        attribute = _STATUS.get(item.upper())
        if attribute is None:
            others[item.upper()] = value
        elif attribute == "mailboxId":
            known[attribute] = str(value[0]) if isinstance(value, tuple) and value else None
        else:
            known[attribute] = value if isinstance(value, int) else None
    return Status(name, **known, others=others)


class StatusOf(Command):
    """
    STATUS of one mailbox.
    """

    def __init__(self, name: str, encoded: bytes, items: Iterable[bytes]) -> None:
        super().__init__(
            "STATUS",
            b"STATUS",
            encoded,
            b"(%b)" % b" ".join(items),
            claims=(("status", isInbox(name)),),
            about=name,
        )
        self._items: dict[str, Any] = {}

    def take(self, event: Event) -> bool:
        """
        Also under another name: servers have their own way of writing one.
        """
        if event[0] != "status":
            return False
        self._items.update(event[2])
        self.isAnswered = True
        return True

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> Status:
        """
        What was told.
        """
        return statusOf(self.about or "", self._items)


# LIST

_SPECIAL_USES = r"\All \Archive \Drafts \Flagged \Junk \Sent \Trash \Important".split()


def infoOf(event: Event, subscribed: bool | None) -> MailboxInfo:
    """
    The record of a LIST or LSUB response.

    @param subscribed: whether it was asked for subscriptions.
    """
    kind, flags, delimiter, name, extended = event
    children = None
    if r"\HasChildren" in flags:
        children = True
    elif not flags.isdisjoint((r"\HasNoChildren", r"\Noinferiors")):
        children = False
    return MailboxInfo(
        name,
        delimiter,
        flags,
        next((use for use in _SPECIAL_USES if use in flags), None),
        flags.isdisjoint((r"\Noselect", r"\NonExistent")),
        kind == "lsub" or (subscribed and r"\Subscribed" in flags),
        children,
        None,
        {str(key): value for key, value in zip(extended[::2], extended[1::2], strict=False)},
    )


class List(Command):
    """
    LIST with all that the server can tell (RFC 5258), or LSUB.

    @ivar lacksStatus: the server has no LIST-STATUS (RFC 5819); who wants it has
        to ask for each mailbox.
    """

    needs = True

    def __init__(
        self, pattern: bytes, reference: bytes, subscribed: bool, status: list[bytes]
    ) -> None:
        super().__init__("LIST")
        self._pattern = pattern
        self._reference = reference
        self._subscribed = subscribed
        self._status = status
        self._asks = False
        self._found: dict[str, Event] = {}
        self._statuses: dict[str, dict[str, Any]] = {}
        self.lacksStatus = False

    def prepare(self, pipeline: Pipeline) -> None:
        """
        With what it can be asked.
        """
        offered = pipeline.capabilities
        isNew = "IMAP4REV2" in offered
        options = []
        self._asks = isNew or "LIST-EXTENDED" in offered
        if self._asks:
            options = [b"SUBSCRIBED", b"CHILDREN"]
        if "SPECIAL-USE" in offered and self._asks:
            options.append(b"SPECIAL-USE")
        hasStatus = isNew or "LIST-STATUS" in offered
        if self._status and hasStatus:
            options.append(b"STATUS (%b)" % b" ".join(self._status))
        self.lacksStatus = bool(self._status) and not hasStatus
        verb = b"LIST"
        if self._subscribed:
            verb = b"LIST (SUBSCRIBED)" if self._asks else b"LSUB"
        returns = (b"RETURN (%b)" % b" ".join(options),) if options else ()
        self.pieces = (verb, self._reference, self._pattern, *returns)
        self.claims = frozenset({"lsub" if verb == b"LSUB" else "list"})
        if self._status and hasStatus:
            self.claims |= {"status"}

    def take(self, event: Event) -> bool:
        """
        A mailbox, or the status of one.
        """
        if event[0] == "status" and "status" in self.claims:
            self._statuses.setdefault(isInbox(event[1]), {}).update(event[2])
            return True
        if event[0] in ("list", "lsub"):
            self._found[isInbox(event[3])] = event
            return True
        return False

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> list[MailboxInfo]:
        """
        Each mailbox once.
        """
        return self._infos()

    def partly(self) -> list[MailboxInfo]:
        """
        Those that were told before an error.
        """
        return self._infos()

    def _infos(self) -> list[MailboxInfo]:
        infos = []
        for key, event in self._found.items():
            info = infoOf(event, True if self._asks else None)
            if key in self._statuses:
                info = withStatus(info, statusOf(info.name, self._statuses[key]))
            infos.append(info)
        return infos


def withStatus(info: MailboxInfo, status: Status | None) -> MailboxInfo:
    """
    C{info} with what STATUS told.
    """
    fields = {name: getattr(info, name) for name in MailboxInfo.__slots__}
    return MailboxInfo(**{**fields, "status": status})


# SEARCH

_RETURNS = re.compile(r"MIN|MAX|COUNT|ALL|SAVE|PARTIAL -?[0-9]{1,10}:-?[0-9]{1,10}")


def searchesExtended(pipeline: Pipeline) -> bool:
    """
    Whether SEARCH has the extended form.
    """
    return not pipeline.capabilities.isdisjoint(("ESEARCH", "IMAP4REV2"))


class Search(Command):
    """
    UID SEARCH, in the extended form where there is one (RFC 4731).
    """

    needs = True
    reads = True

    def __init__(self, words: tuple[Any, ...], returning: Iterable[str] | None) -> None:
        super().__init__("SEARCH")
        criteria(words)
        self._words = words
        self._numbers = numbersIn(words)
        self.alone = bool(self._numbers)
        self._returning: list[str] | None = None
        if returning is not None:
            if isinstance(returning, str):
                raise TypeError("returning: a str where several are wanted")
            self._returning = []
            for one in returning:
                if not isinstance(one, str):
                    raise TypeError(f"returning: {one!r} is no str")
                if not _RETURNS.fullmatch(one.upper()):
                    raise ValueError(f"returning: {one!r} is nothing that SEARCH can return")
                self._returning.append(one.upper())
        self._isExtended = False
        self._found: list[UIDSet] = []
        self._told: dict[str, Any] = {}

    def prepare(self, pipeline: Pipeline) -> None:
        """
        In which form it is asked.
        """
        self._isExtended = searchesExtended(pipeline)
        self.claims = frozenset({("esearch", object()) if self._isExtended else "search"})

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Unsupported: where the server has not what was asked for.
        @raise Stale: where its sequence numbers mean something else by now.
        """
        checkFresh(pipeline, self._numbers, self.name)
        if self._returning is not None:
            pipeline.demand(self.name, "ESEARCH", "IMAP4REV2")
            if "SAVE" in self._returning:
                pipeline.demand(self.name, "SEARCHRES", "IMAP4REV2")
            if any(one.startswith("PARTIAL") for one in self._returning):
                pipeline.demand(self.name, "PARTIAL", "CONTEXT=SEARCH")
        start = b"UID SEARCH "
        if self._isExtended:
            wanted = ["ALL"] if self._returning is None else self._returning
            start += b"RETURN (%b) " % " ".join(wanted).encode("ascii")
        isUTF8 = not pipeline.enabled.isdisjoint(("UTF8=ACCEPT", "IMAP4REV2"))
        pieces = (start, *criteria(self._words, mayNameCharset=not isUTF8))
        return _encode.segments([pieces], pipeline.withoutAsking)

    def take(self, event: Event) -> bool:
        """
        In either form.
        """
        if event[0] == "search":
            self._found.append(UIDSet.ofOctets(event[1]))
            if event[2] is not None:
                self._told["MODSEQ"] = event[2]
            return True
        if event[0] == "other" and event[1] == "ESEARCH":
            try:
                self._takeExtended(event[3])
            except ValueError as e:
                self.problem = self.problem or MalformedAnswer(str(e), b"ESEARCH", 0)
            return True
        return False

    def _takeExtended(self, values: tuple[Any, ...]) -> None:
        words = list(values)
        if words and isinstance(words[0], tuple):
            # The tag, which has done its work.
            del words[0]
        if words and str(words[0]).upper() == "UID":
            del words[0]
        if len(words) % 2:
            raise ValueError(f"ESEARCH: {words[-1]} has no value")
        for name, value in zip(words[::2], words[1::2], strict=True):
            self._learn(str(name).upper(), value)

    def _learn(self, name: str, value: Any) -> None:
        """
        One C{search-return-data}; what nobody knows may have any form.
        """
        if name == "PARTIAL":
            if not isinstance(value, tuple) or len(value) != 2:
                raise ValueError("ESEARCH: PARTIAL is no list of two")
            partial, value = value
            self._told[name] = str(partial)
            if value is not None:
                self._found.append(UIDSet(str(value)))
        elif name == "ALL":
            self._found.append(UIDSet(str(value)))
        elif name in ("MIN", "MAX", "COUNT", "MODSEQ"):
            if not isinstance(value, int):
                raise ValueError(f"ESEARCH: {name} is no number")
            self._told[name] = value

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> UIDSet | SearchResult:
        """
        What was found.
        """
        uids = self.partly()
        if self._returning is None:
            return uids
        told = self._told
        hasUids = any(one == "ALL" or one.startswith("PARTIAL") for one in self._returning)
        return SearchResult(
            uids if hasUids else None,
            told.get("MIN"),
            told.get("MAX"),
            told.get("COUNT"),
            told.get("PARTIAL"),
            told.get("MODSEQ"),
        )

    def partly(self) -> UIDSet:
        """
        What was found before an error.
        """
        return UIDSet.union(self._found)


# STORE


class Store(Command):
    """
    UID STORE (RFC 9051, section 6.4.6; RFC 7162, section 3.1.3).
    """

    changes = True

    def __init__(
        self, chosen: Chosen, text: bytes, change: bytes, unchangedSince: int | None, silent: bool
    ) -> None:
        """
        @param text: the part of C{chosen} that this command is for.
        @param change: such as C{+FLAGS.SILENT (\\Seen)}.
        """
        self._numbers = chosen.numbers
        verb = b"UID STORE" if self._numbers is None else b"STORE"
        condition = () if unchangedSince is None else (b"(UNCHANGEDSINCE %d)" % unchangedSince,)
        super().__init__("STORE", verb, text, *condition, change)
        self.alone = self._numbers is not None
        self._isSilent = silent
        if not silent or unchangedSince is not None:
            self.claims = frozenset({"fetch"})
            # What a silent one is told is no record; see take().
            mask = 0 if silent else FLAGS | OTHER
            self.wants = (mask, chosen.uids.octets, self._numbers is not None)
        self._messages: dict[int, Any] = {}

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Stale: where its sequence numbers mean something else by now.
        """
        checkFresh(pipeline, [self._numbers], self.name)
        return super().lines(pipeline)

    def take(self, event: Event) -> bool:
        """
        The messages as they are now.  A silent one is told their MODSEQs at most; with
        flags it is what somebody else has done.
        """
        if event[0] == "messages":
            for message in event[1]:
                key = message.uid if self._numbers is None else message.number
                self._messages[key] = message
            return True
        return self._isSilent and event[0] == "fetch" and event[1].flags is None

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> Stored:
        """
        What was changed, and what was left alone.
        """
        modified = UIDSet()
        if code is not None and code[0] == "MODIFIED":
            try:
                modified = UIDSet(str(code[1][0]))
            except (ValueError, IndexError):
                self.problem = MalformedAnswer("MODIFIED without a set", b"MODIFIED", 0)
        return Stored(self._messages, modified)
