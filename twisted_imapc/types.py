"""
What the methods of L{IMAP4Client<twisted_imapc.IMAP4Client>} take and give, for
annotations.  When a program runs, all of it is plain dict, list, tuple, str and bytes.

Text of a message is str with one character for each octet (latin-1): C{.encode("latin-1")}
gives the octets.  Numbers that FETCH sends are str, as in Twisted.

An item of FETCH is a dict with what was asked for, and with UID where the method was
given C{uid=True}; for a message that nobody asked for, a server may send less, and with
an extension, such as CONDSTORE with its MODSEQ, more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, SupportsIndex, TypeAlias, TypedDict, overload

from twisted.mail.imap4 import MessageSet

__all__ = [
    "Address",
    "AllItem",
    "Answer",
    "BodyItem",
    "BodyStructure",
    "BodyStructureItem",
    "Capabilities",
    "Envelope",
    "EnvelopeItem",
    "FastItem",
    "FlagsItem",
    "FullItem",
    "HeadersItem",
    "InternalDateItem",
    "ListedMailbox",
    "MessageItem",
    "Namespace",
    "Nested",
    "Numbers",
    "SASLAuthenticator",
    "Section",
    "SelectedMailbox",
    "SequenceSet",
    "SizeItem",
    "SpecificItem",
    "StatusItems",
    "TextItem",
    "UIDItem",
]

SequenceSet = str | bytes | int | MessageSet
"""Numbers of messages or UIDs: C{"2,4:7"}, C{"1:*"}, C{3}, C{MessageSet(3, 9)}."""


class SASLAuthenticator(Protocol):
    """
    What registerAuthenticator() takes: an L{imap4.IClientAuthentication}, such as
    L{PLAINAuthenticator<twisted_imapc.PLAINAuthenticator>}.
    """

    def getName(self) -> bytes: ...
    def challengeResponse(self, secret: bytes, chal: bytes, /) -> bytes: ...


Capabilities = dict[bytes, list[bytes | None] | None]
"""C{{b"IDLE": None, b"AUTH": [b"LOGIN", b"PLAIN"]}}: None where nothing is behind C{=}.  Of
C{SORT SORT=DISPLAY} comes C{{b"SORT": [None, b"DISPLAY"]}}."""

Numbers = list[int]
"""Numbers of messages, or UIDs."""

ListedMailbox = tuple[tuple[str, ...], str | None, str]
"""Attributes, hierarchy delimiter, name: C{(("\\\\HasNoChildren",), "/", "INBOX")}."""

Namespace = list[str | None]
"""Prefix and hierarchy delimiter: C{["", "/"]}."""

Address = list[str | None]
"""Name, source route, mailbox, host: C{["Ada", None, "ada", "example.org"]}."""

Section = list[str | list[str]]
"""C{[]}, C{["TEXT"]}, C{["HEADER.FIELDS", ["SUBJECT"]]}."""

SpecificItem = list[str | Section | None]
"""C{["BODY", [], "the text"]}; see L{IMAP4Client.fetchSpecific}."""


if TYPE_CHECKING:
    Nested: TypeAlias = "list[bytes | None | Nested]"
    BodyStructure: TypeAlias = "list[str | None | BodyStructure]"

    class Envelope(list[str | list[Address] | None]):
        """
        Ten fields: date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to
        and message-id, each None where the message has none.
        """

        # No checker likes what says more of some indices than list of any.
        @overload  # type: ignore[override]
        def __getitem__(self, index: Literal[0, 1, 8, 9, -1, -2]) -> str | None: ...
        @overload
        def __getitem__(self, index: Literal[2, 3, 4, 5, 6, 7]) -> list[Address] | None: ...
        @overload
        def __getitem__(self, index: SupportsIndex) -> str | list[Address] | None: ...
        @overload
        def __getitem__(self, index: slice) -> list[str | list[Address] | None]: ...
        def __getitem__(self, index: object) -> object: ...  # pyright: ignore
else:
    # Recursion, and what is at which index, only type checkers understand.
    Nested = BodyStructure = Envelope = list

Answer = tuple[list[Nested], bytes]
"""The untagged responses, and the tagged one without its tag: C{([], b"OK done")}."""


class UIDItem(TypedDict):
    """
    C{{"UID": "17"}}
    """

    UID: str


class FlagsItem(UIDItem):
    """
    C{{"FLAGS": ["\\\\Seen"]}}
    """

    FLAGS: list[str]


class InternalDateItem(UIDItem):
    """
    C{{"INTERNALDATE": "13-Nov-2023 10:00:00 +0000"}}
    """

    INTERNALDATE: str


class EnvelopeItem(UIDItem):
    """
    An L{Envelope}.
    """

    ENVELOPE: Envelope


class BodyStructureItem(UIDItem):
    """
    A structure with RFC 9051's extension data.
    """

    BODYSTRUCTURE: BodyStructure


class BodyItem(UIDItem):
    """
    A structure without extension data.
    """

    BODY: BodyStructure


# These have names that no attribute has.
_Headers = TypedDict("_Headers", {"RFC822.HEADER": str | None})
_Text = TypedDict("_Text", {"RFC822.TEXT": str | None})
_Size = TypedDict("_Size", {"RFC822.SIZE": str})


class MessageItem(UIDItem):
    """
    A whole message.
    """

    RFC822: str | None


class HeadersItem(_Headers, UIDItem):
    """
    The headers of a message, and the empty line behind them.
    """


class TextItem(_Text, UIDItem):
    """
    What is behind the headers of a message.
    """


class SizeItem(_Size, UIDItem):
    """
    C{{"RFC822.SIZE": "154"}}, in octets.
    """


class FastItem(FlagsItem, InternalDateItem, SizeItem):
    """
    Flags, date and size.
    """


class AllItem(FastItem, EnvelopeItem):
    """
    Flags, date, size and envelope.
    """


class FullItem(AllItem, BodyItem):
    """
    Flags, date, size, envelope and structure.
    """


_Mode = TypedDict("_Mode", {"READ-WRITE": int})


class _ToldMailbox(TypedDict, total=False):
    RECENT: int
    UNSEEN: int
    PERMANENTFLAGS: tuple[str, ...]
    UIDVALIDITY: int
    UIDNEXT: int


class SelectedMailbox(_Mode, _ToldMailbox):
    """
    What SELECT and EXAMINE tell.  READ-WRITE is true or false.  UNSEEN is the number of
    the first unseen message; it, RECENT, PERMANENTFLAGS, UIDVALIDITY and UIDNEXT are
    there if the server sends them.
    """

    EXISTS: int
    FLAGS: tuple[str, ...]


_DeletedStorage = TypedDict("_DeletedStorage", {"DELETED-STORAGE": int})


class StatusItems(_DeletedStorage):
    """
    What STATUS was asked for, and no more than that.
    """

    MESSAGES: int
    RECENT: int
    UIDNEXT: bytes
    UIDVALIDITY: bytes
    UNSEEN: int
    DELETED: int
    SIZE: int
    HIGHESTMODSEQ: int
    APPENDLIMIT: int | None
    MAILBOXID: bytes
