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
"""

from typing import Any, Literal, final

@final
class Parser:
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
        Mailbox names met so far (in LIST and LSUB) that encoding would not
        turn back into what the server sent, with what it sent.
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
