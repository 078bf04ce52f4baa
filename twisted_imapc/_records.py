"""
What a Client's Deferreds fire with, and the events that it tells: small frozen
records.

Those of messages (Message, Envelope, Address) are made in C.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._imapc import Message
    from ._sets import UIDSet


# Results


@dataclass(frozen=True, slots=True)
class Status:
    """
    What STATUS told of a mailbox (RFC 9051, section 6.3.11); None is what was not
    asked, or not told.

    @ivar others: items that have no attribute, by their names in upper case.
    """

    name: str
    messages: int | None = None
    recent: int | None = None
    unseen: int | None = None
    uidNext: int | None = None
    uidValidity: int | None = None
    highestModseq: int | None = None
    size: int | None = None
    deleted: int | None = None
    appendLimit: int | None = None
    mailboxId: str | None = None
    others: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    """
    A mailbox in the answer to LIST.

    @ivar flags: such as C{\\Noselect}, in the RFC's case.
    @ivar specialUse: C{\\All}, C{\\Archive}, C{\\Drafts}, C{\\Flagged}, C{\\Junk},
        C{\\Sent}, C{\\Trash} or C{\\Important}; None where the server says nothing.
    @ivar selectable: whether select() can work.
    @ivar subscribed: None where that was not asked.
    @ivar children: whether there are any; None where the server does not tell.
    @ivar status: what was asked with C{status=}.
    @ivar extended: what else the server told, by name.
    """

    name: str
    delimiter: str | None
    flags: frozenset[str]
    specialUse: str | None = None
    selectable: bool = True
    subscribed: bool | None = None
    children: bool | None = None
    status: Status | None = None
    extended: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """
    What came of store().

    @ivar messages: those that the server told of, by UID.
    @ivar modified: those that were left alone, since they had changed (RFC 7162,
        section 3.1.3).
    """

    messages: dict[int, Message]
    modified: UIDSet


@dataclass(frozen=True, slots=True)
class SearchResult:
    """
    What came of search(returning=...); None is what was not asked.

    @ivar uids: of ALL, or of PARTIAL.
    @ivar partial: the range that C{uids} is of, as the server tells it.
    @ivar modseq: the highest of all that was found (RFC 7162, section 3.1.10).
    """

    uids: UIDSet | None = None
    min: int | None = None
    max: int | None = None
    count: int | None = None
    partial: str | None = None
    modseq: int | None = None


# Events


@dataclass(frozen=True, slots=True)
class Exists:
    """
    The mailbox has this many messages now.
    """

    count: int
    previous: int


@dataclass(frozen=True, slots=True)
class Recent:
    """
    So many messages are recent.
    """

    count: int


@dataclass(frozen=True, slots=True)
class Expunged:
    """
    The message with this number is gone; those behind it have one less now.
    """

    number: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """
    These messages are gone (RFC 7162, section 3.2.10).

    @ivar earlier: before this mailbox was selected.
    """

    uids: UIDSet
    earlier: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    Data of a message that nobody asked for: mostly flags that were changed
    elsewhere.
    """

    message: Message


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """
    A STATUS that nobody asked for.
    """

    status: Status


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A LIST that nobody asked for.
    """

    info: MailboxInfo


@dataclass(frozen=True, slots=True)
class Flags:
    """
    The flags of the mailbox are others now.
    """

    flags: frozenset[str]
    permanent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mode:
    """
    The mailbox can be changed, or cannot any more.
    """

    readOnly: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """
    What people must be shown (RFC 9051, section 7.1).
    """

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """
    An OK, NO or BAD that answers no command.
    """

    status: str | None
    code: str | None
    arguments: tuple[Any, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """
    A response of another kind.
    """

    name: str
    number: int | None
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Malformed:
    """
    A response that breaks RFC 9051, and that no command fails of.

    @ivar wire: at most 200 octets of it.
    """

    message: str
    wire: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Missed:
    """
    So many events are lost to who reads too slowly.
    """

    count: int
