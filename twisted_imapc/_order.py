"""
What a command is to the pipeline, which commands may be in flight together, and to
which of them a response belongs (RFC 9051, section 5.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from . import _encode
from ._command import fire
from ._connection import Event
from ._errors import ConnectionGone, MalformedAnswer, kindOfRefusal
from ._imapc import Parser

if TYPE_CHECKING:
    from ._pipeline import Pipeline

# Up to the end of a mailbox's name, or to where a literal with so many octets begins.
_MAILBOX = re.compile(rb'\* STATUS (?:"(?:[^"\\]|\\.)*"|\{(\d{1,4})\}\r\n|[^ "{(]+)', re.I | re.S)

# A kind of response, or a kind with what tells one of that kind from others.
Claim = str | tuple[str, object]


class Stream(Protocol):
    """
    A fetch that goes on, command after command.

    @ivar isFull: it wants no more records for now.
    """

    isFull: bool

    def advance(self) -> bool:
        """
        Nobody else's command waits: send the next, if it is time for that.

        @return: whether one was sent.
        """

    def ended(self, gone: ConnectionGone) -> None:
        """
        The connection is gone.
        """


class Command:
    """
    A command: what is written, what it claims, and what comes of it.

    @ivar name: for errors.
    @ivar about: the mailbox that it is about, for errors.
    @ivar pieces: what is written, to be joined by SP.
    @ivar claims: the responses that are this command's and nobody else's.
    @ivar alone: nothing else is in flight meanwhile.
    @ivar reads: the answer depends on flags.
    @ivar changes: it changes flags.
    @ivar needs: what is written depends on the server's capabilities.
    @ivar ownedBy: whose it is; two commands of the same owner do not disturb each
        other.
    @ivar wants: what C{Parser.want} takes, for who claims C{"fetch"}.
    @ivar written: it has gone out, or begun to.
    @ivar given: nobody waits for it any more.
    @ivar isAnswered: all that it claims has come; what comes under another name is not
        for it.
    @ivar problem: a response of its own was malformed.
    @ivar saysGoodbye: BYE is no surprise.
    @ivar endsPlaintext: TLS begins behind it.
    @ivar secret: there is something in it that goes out under TLS alone.
    @ivar isReady: what is to be written is there.
    """

    alone = False
    reads = False
    changes = False
    needs = False
    saysGoodbye = False
    endsPlaintext = False
    secret = False
    isReady = True

    def __init__(
        self, name: str, *pieces: bytes, claims: Iterable[Claim] = (), about: str | None = None
    ) -> None:
        self.name = name
        self.about = about
        self.pieces: tuple[bytes, ...] = pieces or (name.encode("ascii"),)
        self.claims: frozenset[Claim] = frozenset(claims)
        self.ownedBy: object = None
        self.wants: tuple[int, bytes | None, bool] = (0, None, False)
        self.written = False
        self.given = False
        self.isAnswered: bool = False
        self.problem: MalformedAnswer | None = None
        self.deferred: Deferred[Any] | None = None
        self.rest: list[bytes] = []

    @property
    def owner(self) -> object:
        """
        Whose it is: its own, where it is nobody else's.
        """
        return self if self.ownedBy is None else self.ownedBy

    def prepare(self, pipeline: Pipeline) -> None:
        """
        It comes next: what depends on capabilities is known now.
        """

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        What is to be written: up to each C{+} that has to be waited for.

        @raise Exception: it cannot be sent now, and fails with this.
        """
        return _encode.segments(self.pieces, pipeline.withoutAsking)

    def continued(self, pipeline: Pipeline, text: bytes) -> None:
        """
        The server wants the next line.
        """
        pipeline.write(self.rest.pop(0))

    def isWriting(self) -> bool:
        """
        Whether more is to be written.
        """
        return bool(self.rest)

    def take(self, event: Event) -> bool:
        """
        Take an event of the parser's that may be this command's.

        @return: whether it is.
        """
        return False

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> Any:
        """
        The server has said OK.

        @return: what the Deferred fires with.
        """
        return None

    def refused(self, pipeline: Pipeline, status: str, text: str, code: Event | None) -> Exception:
        """
        The server has said NO or BAD.

        @return: what the Deferred fails with.
        """
        word, arguments = code or (None, ())
        kind = kindOfRefusal(status, word, self.name)
        return kind(self.name, self.about, word, arguments, text)

    def blame(self, problem: MalformedAnswer, claim: Claim) -> None:
        """
        A response of its own is malformed: the first is told.

        @param claim: which it would have been.
        """
        # Of one mailbox there is no other.
        self.isAnswered |= kindOf(claim) == "status" and "status" not in self.claims
        self.problem = self.problem or problem

    def dropped(self) -> None:
        """
        Nobody waits for it any more.
        """

    def discreet(self, text: str, code: Event | None) -> tuple[str, Event | None]:
        """
        What the server says to people, without the secrets of this command.
        """
        return text, code

    def partly(self) -> Any:
        """
        What there is of a result, for who wants it in spite of an error.
        """
        return None

    def fire(self, outcome: Any) -> None:
        """
        Fire the Deferred, once.
        """
        d, self.deferred = self.deferred, None
        if d is not None:
            if isinstance(outcome, Exception):
                # A traceback would keep the connection.
                outcome = Failure(outcome.with_traceback(None))
            fire(d, outcome)


def isInbox(name: str) -> str:
    """
    C{name}; INBOX in any case is the same.
    """
    return "INBOX" if name.upper() == "INBOX" else name


def kindOf(claim: Claim) -> object:
    """
    The kind of response that is claimed.
    """
    return claim if isinstance(claim, str) else claim[0]


def _collide(ours: Iterable[Claim], theirs: frozenset[Claim]) -> bool:
    """
    Whether a response may belong to both: C{"status"} is every C{("status", name)}.
    """
    return any(
        one in theirs
        or any(
            kindOf(one) == kindOf(other) and (isinstance(one, str) or isinstance(other, str))
            for other in theirs
        )
        for one in ours
    )


def disturb(one: Command, other: Command) -> bool:
    """
    Whether these two may not be in flight together.
    """
    if one.alone or other.alone:
        return True
    if one.owner is other.owner:
        return False
    return (
        _collide(one.claims, other.claims)
        or (one.reads and other.changes)
        or (one.changes and other.reads)
    )


def claimantOf(flying: Mapping[bytes, Command], claim: Claim) -> Command | None:
    """
    The command in flight to which such a response belongs: for want of one with
    just this claim, the oldest with one of this kind that still waits for it.

    @param flying: the commands by their tags, the oldest first.
    """
    # Some answer RETURN as if it were not there.
    kinds = ("search", "esearch") if claim == "search" else (kindOf(claim),)
    oldest = None
    for command in flying.values():
        if command.alone or claim in command.claims:
            return command
        if (
            oldest is None
            and not command.isAnswered
            and any(kindOf(one) in kinds for one in command.claims)
        ):
            oldest = command
    return oldest


def takerOf(flying: Mapping[bytes, Command], event: Event) -> Command | None:
    """
    The command in flight that an event is offered to.
    """
    kind = event[0]
    if kind == "other":
        kind = event[1].lower()
    if kind == "status":
        return claimantOf(flying, (kind, isInbox(event[1])))
    tag = _tagIn(event[3]) if kind == "esearch" else b""
    return flying.get(tag) if tag else claimantOf(flying, kind)


def claimOf(wire: bytes) -> Claim:
    """
    What kind of response a malformed one would have been, and of which mailbox, where that
    can be read.
    """
    words = wire.split(None, 3)[1:3]
    word = b"".join(words[:1] if words and not words[0].isdigit() else words[1:]).lower()
    if word == b"status" and (name := _mailboxIn(wire)) is not None:
        return "status", isInbox(name)
    return word.decode("latin-1")


def _mailboxIn(wire: bytes) -> str | None:
    """
    The mailbox of a STATUS of which the rest is malformed.
    """
    found = _MAILBOX.match(wire)
    end = found.end() + int(found[1] or 0) if found else 0
    if wire[end : end + 1] != b" ":
        return None
    parser = Parser()
    parser.typed = True
    parser.feed(wire[:end] + b" ()\r\n")
    event = parser.next(False)
    return event[1] if event is not None and event[0] == "status" else None


def _tagIn(values: tuple[Any, ...]) -> bytes:
    """
    The tag of the command to which an ESEARCH belongs; empty where it has none.
    """
    correlator = values[0] if values else None
    if isinstance(correlator, tuple) and len(correlator) == 2:
        # The parser takes digits for a number.
        tag = correlator[1]
        return (f"{tag:04d}" if isinstance(tag, int) else str(tag)).encode("latin-1", "replace")
    return b""
