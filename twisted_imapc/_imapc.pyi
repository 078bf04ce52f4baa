"""
The C extension: one L{Parser} for each connection.

Bytes go in by L{Parser.feed}; L{Parser.next} returns events.  An event is one
tuple whose first member names it:

``("greeting", status, capabilities, rest)``
    Only when C{next(True)} was called.  C{status} is C{b"OK"}, C{b"PREAUTH"},
    C{b"BYE"}, or None where the line is no greeting; C{capabilities} is a dict
    of the ``CAPABILITY`` shape, or None where the greeting names none; C{rest}
    is the text behind the status, or the whole line (bytes).
``("tagged", tag, status, text, rest)``
    C{status} is C{b"OK"}, C{b"NO"} or C{b"BAD"}; C{rest} is all that followed
    the tag, C{text} all that followed the status (bytes).  What the command
    collected is fetched with L{Parser.take}.
``("stray", word, rest)``
    A line that is no response; C{word} is its first word (a known tag, if the
    status is an unknown one).
``("+", text)``
``("exists", n)``, ``("recent", n)``, ``("expunge", n)``
``("flags", {n: [flag, ...]})``  an unsolicited FETCH with FLAGS, flags as str
``("mode", writeable)``          ``* [READ-ONLY]`` or ``* [READ-WRITE]`` alone
``("bye", text)``
``("unhandled", wire)``          a response that nobody asked for, to be logged
``("malformed", message, wire, offset)``
    A malformed response that no command fails of, to be logged.
``("error", code, message, wire, offset)``
    Framing is lost; C{code} is C{"framing"} or C{"too large"}.  Sticky: each
    later C{next()} returns it again.

C{wire} is at most 200 octets of the response, C{offset} is counted from its start.

A typed parser (L{Parser.typed}) tells of C{"stray"}, C{"+"}, C{"exists"}, C{"recent"},
C{"expunge"}, C{"malformed"} and C{"error"} as above, and of all else so:

``("greeting", status, text, code)``
    Only when C{next(True)} was called.  C{status} is C{"OK"}, C{"PREAUTH"},
    C{"BYE"}, or None where the line is no greeting, of which C{text} then has all.
``("tagged", tag, status, text, code)``
    C{tag} is bytes, C{status} C{"OK"}, C{"NO"} or C{"BAD"}.  C{text} (str: UTF-8, else
    latin-1) is what stands behind the code; C{code} is None or C{(NAME, values)},
    where C{NAME} is upper-case.  Where the code's values cannot be parsed they are
    C{()}, and C{text} has the code, too.
``("state", status, text, code)``
    An untagged OK, NO, BAD, BYE or PREAUTH; of a bare ``* [CODE]`` the status is None.
``("messages", [Message, ...], octets)``
    FETCH responses that L{Parser.want} asked for, at most 256; C{octets} is what they
    had on the wire.  Told when there are so many, when all octets are used up, and
    before any other event, which then comes next.
``("fetch", Message)``
    Any other FETCH response.
``("list", flags, delimiter, name, extended)``, ``("lsub", ...)``
    C{flags} is a frozenset in which those that RFCs know are spelled as there;
    C{extended} has names and values in turn, such as C{("CHILDINFO", ("SUBSCRIBED",))}.
``("status", name, {"MESSAGES": 3, ...})``
``("search", ranges, modseq)``, ``("sort", [n, ...], modseq)``
    C{ranges} as L{ranges()} has them; C{modseq} is None where there is none.
``("vanished", earlier, ranges)``
``("other", NAME, number, values)``
    Any other response; C{number} is None or stands before its name.

Values are a tuple of C{str} (atoms and quoted strings, latin-1), C{int} (atoms of
digits), C{bytes} (literals), None (NIL) and tuples of these; in NAMESPACE the strings
are names of mailboxes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, final, overload

from ._structure import Part, Problem

_T = TypeVar("_T")
_D = TypeVar("_D")

@final
class Parser:
    typed: bool
    """For good, and only to be set before the first octet is fed."""

    maxLineLength: int
    maxLiteralSize: int
    maxResponseSize: int
    maxDepth: int
    maxListsPerResponse: int
    maxElementsPerResponse: int

    @property
    def pending(self) -> int:
        """Octets that were fed and are not parsed yet."""

    @property
    def names(self) -> dict[str, bytes]:
        """
        Mailbox names met so far (in LIST, LSUB and a typed parser's STATUS) that encoding would not
        turn back into what the server sent, with what it sent: at most 65,536.
        """

    def __init__(self) -> None: ...
    def feed(self, data: bytes, /) -> None:
        """Append octets; nothing is parsed yet."""

    def literal(self, data: bytes, /) -> bool:
        """
        L{feed} and L{next} in one, for octets that are all of the literal that is being
        read, which goes on behind them.  False for any others; nothing has changed then.
        """

    def next(self, greeting: bool = False, lines: list[bytes] = ..., /) -> tuple[Any, ...] | None:
        """
        Parse up to the next event; None when more octets are needed.
        With C{greeting} the next response is taken for the server's greeting.
        C{lines} gets the text of each response that is read, or of what broke
        framing: cut at its literals, and with C{[5 octets]} in place of one.
        """

    def expect(self, shape: str | None, /) -> None:
        """
        Say what the command now waiting collects, and forget what an earlier
        one collected: None, C{"raw"}, C{"nested"},
        C{"noop"} (the same; FETCH FLAGS are told as well), C{"capability"},
        C{"fetch"} (dicts; FLAGS that nobody asked for go to C{flags}),
        C{"fetch-flags"} (dicts; FLAGS stay), C{"fetch-flat"}, C{"list"},
        C{"lsub"}, C{"search"}, C{"status"}, C{"namespace"}, C{"expunge"},
        C{"select"}.
        """

    def want(
        self, mask: int, ranges: bytes | None, *, numbers: bool = False, drop: bool = False
    ) -> None:
        """
        Of a typed parser: which FETCH responses come in batches.  They have one of the
        items of C{mask}: UID 1, FLAGS 2, MODSEQ 4, RFC822.SIZE 8, INTERNALDATE 16,
        ENVELOPE 32, BODYSTRUCTURE or BODY 64, any other 128; a malformed one counts.
        And their UID is in C{ranges}; with C{numbers} the number of the message is;
        with None any is.  Mask 0: none.

        With C{drop} these are not even built, and literals of any FETCH response are
        skipped, with the response that has them.
        """

    def take(self) -> tuple[Any, dict[int, Any] | None, tuple[str, bytes, int] | None]:
        """
        What was collected since L{expect}: C{(value, flags, error)}.  C{flags}
        are the FLAGS that a fetch did not ask for; C{error} is
        C{(message, wire, offset)} of the first malformed response.  The
        collection is empty afterwards.
        """

    def line(self, line: bytes, /) -> int | None:
        """
        Framing alone, for one line without its end: the octets of the literal
        that comes next; None when the response is whole with this line; -1
        when the next line decides; -2 when the response held back by -1 ended
        before this line, which is then to be given again.
        Raises ValueError(message, code) where framing is lost.
        """

    def checkLine(self, octets: bytes | bytearray | memoryview, /) -> None:
        """
        Judge what stands before a line's LF, or what has come of it so far: a
        CR at its end is not counted.  Raises ValueError(message, code) where
        it is longer than L{maxLineLength}.
        """

    def response(
        self, tag: bytes | None, rest: bytes, greeting: bool = False
    ) -> tuple[Any, ...] | None:
        """
        The grammar alone: one whole response, literals inside, as
        dispatchCommand gets it; with None its tag stands in C{rest}.  Its event, or
        None when it was collected.
        """

    def untagged(self, line: bytes, greeting: bool, /) -> tuple[Any, ...] | None | Literal[False]:
        """
        L{line} and L{response} in one, for a line that is a whole untagged
        response, as nearly all are.  False where it is not, or where L{line}
        would raise; nothing has changed then.
        """

    def values(self, rest: bytes, /) -> list[Any]:
        """
        The generic nested list of one response without its tag.  Raises
        ValueError(message, offset).
        """

    def drain(self) -> bytes:
        """
        Take out the octets that were fed and not parsed, those of an
        unfinished response first.
        """

def codeOf(text: bytes, /) -> bytes | None:
    """
    The inside of the brackets that a C{resp-text} begins with; None where it begins
    with none, or they do not end.
    """

def typeVersion(cls: type, /) -> int:
    """
    A number that C{cls} has until it, or a base of it, is changed, and then never
    again; 0 where that is not known.
    """

def hasAny(keys: dict[str, Any], names: tuple[str, ...], /) -> bool:
    """
    Whether one of these names is a key.
    """

@final
class Message:
    """
    What one FETCH response says of a message.  Each attribute but C{number} and
    C{problems} is None where the item was not in the response, or was malformed.

    An item is also found by its name, in any case, as it was asked for: ``.PEEK``, quotes
    and the length of a partial do not matter.  Sections and RFC822 are bytes, or None for
    NIL; items without an attribute are values as in events.
    """

    @property
    def number(self) -> int:
        """The message's sequence number when the response came."""

    @property
    def uid(self) -> int:
        """Each message of a fetch has one.  None in an event where the server left it out."""
    @property
    def flags(self) -> frozenset[str] | None:
        """System flags are spelled as in the RFC."""

    @property
    def size(self) -> int | None: ...
    @property
    def modseq(self) -> int | None: ...
    @property
    def internalDate(self) -> datetime | None:
        """Aware."""

    @property
    def envelope(self) -> Envelope | None: ...
    @property
    def structure(self) -> Part | None: ...
    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was malformed; no other item suffers from it."""

    def __getitem__(self, name: str, /) -> Any: ...
    def __contains__(self, name: object, /) -> bool: ...
    @overload
    def get(self, name: str, /) -> Any: ...
    @overload
    def get(self, name: str, default: _D, /) -> Any | _D: ...
    def keys(self) -> tuple[str, ...]:
        """The names of all items that are there."""

@final
class Envelope:
    """
    What a message says of itself.  What is missing or does not fit is None, or an empty
    tuple; addresses that are equal on the wire are one tuple.

    Strings are decoded: encoded words (RFC 2047), else UTF-8, else latin-1.  C{rawDate}
    and C{rawSubject} are as they came, as latin-1.
    """

    @property
    def date(self) -> datetime | None:
        """Aware; one without a zone is taken for UTC."""

    @property
    def subject(self) -> str | None: ...
    @property
    def from_(self) -> tuple[Address, ...]: ...
    @property
    def sender(self) -> tuple[Address, ...]: ...
    @property
    def replyTo(self) -> tuple[Address, ...]: ...
    @property
    def to(self) -> tuple[Address, ...]: ...
    @property
    def cc(self) -> tuple[Address, ...]: ...
    @property
    def bcc(self) -> tuple[Address, ...]: ...
    @property
    def inReplyTo(self) -> str | None: ...
    @property
    def messageId(self) -> str | None: ...
    @property
    def rawDate(self) -> str | None: ...
    @property
    def rawSubject(self) -> str | None: ...

@final
class Address:
    """
    An address; or the beginning of a group, whose name is C{mailbox} and which has no
    C{host}; or a group's end, which has neither.  C{rawName} is the name as it came, as
    latin-1.
    """

    @property
    def name(self) -> str | None: ...
    @property
    def mailbox(self) -> str | None: ...
    @property
    def host(self) -> str | None: ...
    @property
    def route(self) -> str | None: ...
    @property
    def address(self) -> str | None:
        """C{mailbox@host}, or None without both."""

    @property
    def rawName(self) -> str | None: ...

@final
class Batches(Generic[_T]):
    """
    An asynchronous iterator over the items of lists.

    Where a list is used up C{refill} is called; what it returns is awaited, and its
    result is the next item.  So C{refill} is to be a coroutine function that ends with
    C{return batches.load(more)}.
    """

    def __new__(cls, refill: Callable[[], Awaitable[_T]], /) -> Batches[_T]: ...
    def load(self, items: list[_T], /) -> _T:
        """
        Take the items out of a list, in whose place it leaves None.
        Returns the first; raises StopAsyncIteration where there is none.
        """

    def close(self) -> None:
        """
        Drop what is left of the list.  Whoever has asked for an item of it comes to
        the end.
        """

    def __aiter__(self) -> AsyncIterator[_T]: ...
    def __anext__(self) -> Awaitable[_T]: ...

def envelope(values: tuple[Any, ...], /) -> Envelope:
    """
    The Envelope of a part that is a message, of the values that the parser kept.
    """

def ranges(source: Iterable[int] | str, /) -> bytes:
    """
    A set of numbers from 1 to 2^32 - 1: pairs of native 32-bit numbers, first and last
    of each range, sorted and merged.  A str is a sequence-set, in which C{*} is the
    highest number that there can be.
    """

def in_ranges(ranges: bytes, number: int, /) -> bool:
    """
    Whether the number is in one of them.
    """

def joinRanges(*sets: bytes) -> bytes:
    """
    All numbers that are in any of these sets, each as L{ranges} gives it.
    """

def subtractRanges(ours: bytes, theirs: bytes, /) -> bytes:
    """
    The numbers of the first set that are not in the second.
    """

def countRanges(ranges: bytes, begin: int, end: int, /) -> int:
    """
    How many numbers are in the ranges from one index up to another.
    """
