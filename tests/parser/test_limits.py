"""
Every limit one below, at, and one above; what a byte limit closes, and what the
others only fail.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from twisted.mail.imap4 import IllegalServerResponse

import twisted_imapc
from tests.helpers.classes import OurClient, TheirClient
from tests.helpers.comparing import described
from tests.helpers.growth import printed_alone
from tests.helpers.rig import Outcome, Rig, drive

OK = b"0001 OK done\r\n"
N = 40


def limited(cls: Any, **limits: int) -> Any:
    """A subclass with these limits; MAX_LENGTH is a lower bound of the byte limits."""
    return type("Limited", (cls,), {"MAX_LENGTH": 1, **limits})


def too_large(outcome: Outcome) -> bool:
    """
    Closed, the Deferred failed with ResponseTooLarge, and nothing left dataReceived;
    or open and a result.
    """
    assert outcome.escaped is None and outcome.errors == []
    if outcome.firing[0] == "result":
        assert not outcome.closed
        return False
    assert outcome.firing[0] == "failure"
    assert isinstance(outcome.firing[1], twisted_imapc.ResponseTooLarge), outcome.firing
    assert outcome.closed
    return True


def failed_alone(outcome: Outcome) -> bool:
    """Open, the command failed with IllegalServerResponse; or open and a result."""
    assert not outcome.closed, (outcome.escaped, outcome.errors)
    if outcome.firing[0] == "result":
        return False
    assert isinstance(outcome.firing[1], IllegalServerResponse), outcome.firing
    assert not isinstance(outcome.firing[1], twisted_imapc.ResponseTooLarge)
    return True


def limit_of(reached: Callable[[int], bool], most: int) -> int:
    """The largest n that is not too much; each larger one is."""
    judged = [reached(n) for n in range(most)]
    first = judged.index(True)
    assert all(judged[first:])
    return first - 1


def test_defaults() -> None:
    """The limits that the README names."""
    mib = 1024 * 1024
    assert OurClient.maxLineLength == 32 * mib
    assert OurClient.maxLiteralSize == 256 * mib
    assert OurClient.maxResponseSize == 512 * mib
    assert OurClient.maxDepth == 128
    assert OurClient.maxListsPerResponse == 250_000
    assert OurClient.maxElementsPerResponse == 5_000_000


# ---- Octets: the connection closes -----------------------------------------


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize(("length", "closes"), [(N - 1, False), (N, False), (N + 1, True)])
def test_line(ours: Any, length: int, closes: bool, end: bytes) -> None:
    """Without its end, whatever that is and however it is cut."""
    cls = limited(ours, maxLineLength=N)
    wire = b"* OK " + b"x" * (length - 5) + end + OK
    cuts: Any
    for cuts in ([], [length], [length + 1], range(len(wire))):
        outcome = drive(cls, lambda c: c.noop(), wire, cuts)
        assert too_large(outcome) is closes, (length, cuts, described(outcome.firing))


def test_line_without_an_end(ours: Any) -> None:
    """It need not be whole to be too long."""
    cls = limited(ours, maxLineLength=N)
    assert drive(cls, lambda c: c.noop(), b"* OK ".ljust(N, b"x")).firing == ("pending",)
    assert too_large(drive(cls, lambda c: c.noop(), b"* OK ".ljust(N + 2, b"x")))


def test_line_behind_a_literal(ours: Any) -> None:
    """Each line of a response counts alone."""
    cls = limited(ours, maxLineLength=N)
    for rest, closes in ((N - 1, False), (N, False), (N + 1, True)):
        wire = b"* 1 FETCH (RFC822 {50}\r\n" + b"x" * 50
        wire += b" UID " + b"5" * (rest - 6) + b")\r\n" + OK
        assert too_large(drive(cls, lambda c: c.fetchMessage("1"), wire)) is closes


def test_max_length_raises_the_limit(ours: Any) -> None:
    """At least the class's MAX_LENGTH, also where connectionMade() sets it."""

    class Set(ours):
        maxLineLength = N

        def connectionMade(self) -> None:
            self.MAX_LENGTH = 2 * N
            super().connectionMade()

    for cls in (limited(ours, maxLineLength=N, MAX_LENGTH=2 * N), Set):
        for length, closes in ((2 * N, False), (2 * N + 1, True)):
            wire = b"* OK " + b"x" * (length - 5) + b"\r\n" + OK
            assert too_large(drive(cls, lambda c: c.noop(), wire)) is closes


@pytest.mark.parametrize(("size", "closes"), [(N - 1, False), (N, False), (N + 1, True)])
def test_literal(ours: Any, size: int, closes: bool) -> None:
    """Judged at the brace."""
    cls = limited(ours, maxLiteralSize=N)
    head = b"* 1 FETCH (RFC822 {%d}\r\n" % size
    outcome = drive(cls, lambda c: c.fetchMessage("1"), head)
    if closes:
        assert too_large(outcome)
    else:
        assert outcome.firing == ("pending",)
    wire = head + b"x" * size + b")\r\n" + OK
    for every in (False, True):
        cuts = range(len(wire)) if every else ()
        assert too_large(drive(cls, lambda c: c.fetchMessage("1"), wire, cuts)) is closes


def test_literal_of_the_default_limit(ours: Any) -> None:
    for size, closed in ((256 * 1024 * 1024, False), (256 * 1024 * 1024 + 1, True)):
        outcome = drive(ours, lambda c: c.fetchMessage("1"), b"* 1 FETCH (RFC822 {%d}\r\n" % size)
        assert outcome.closed is closed


def test_response(ours: Any) -> None:
    """Its text and its literals together, each of them small."""
    cls = limited(ours, maxResponseSize=200)
    texts = b"* 1 FETCH (RFC822 {%d}\r\n RFC822.TEXT {%d}\r\n)\r\n"

    def reached(octets: int) -> bool:
        one, other = octets // 2, octets - octets // 2
        wire = b"* 1 FETCH (RFC822 {%d}\r\n" % one + b"x" * one
        wire += b" RFC822.TEXT {%d}\r\n" % other + b"x" * other + b")\r\n" + OK
        return too_large(drive(cls, lambda c: c.fetchMessage("1"), wire))

    most = limit_of(reached, 210)
    assert 200 - len(texts) - 4 <= most <= 200


def test_every_command_gets_the_cause(ours: Any) -> None:
    """The waiting one and the queued ones; connectionLost as well."""
    session = Rig(limited(ours, maxLineLength=N))
    firings = [session.call(lambda c: c.noop()) for _ in range(3)]
    session.feed(b"* OK " + b"x" * 100)
    for each in firings:
        assert [kind for kind, _ in each] == ["failure"]
        assert isinstance(each[0][1], twisted_imapc.ResponseTooLarge)
    assert len(each[0][1].wire) <= 200


TOO_LARGE = {
    "line": b"* OK " + b"x" * (N + 1) + b"\r\n",
    "no end": b"* OK " + b"x" * (N + 1),
    "literal": b"* 1 FETCH (RFC822 {%d}\r\n" % (2 * N),
    "response": b"* 1 FETCH (RFC822 {%d}\r\n%b UID 1)\r\n" % (N, b"x" * N),
    "all of it": b"* 1 FETCH (RFC822 {1}\r\nx RFC822.TEXT {%d}\r\n" % N,
}


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_a_byte_limit_is_told_by_the_deferreds_alone(ours: Any, kind: str, cuts: Any) -> None:
    """
    The transport is closed, lineLengthExceeded() called, nothing raised and nothing
    logged; the Deferreds fire in connectionLost(), and what follows is not read.
    """
    journal: list[Any] = []

    class Limited(ours):
        MAX_LENGTH = 1
        maxLineLength = N
        maxLiteralSize = N
        maxResponseSize = N + 10

        def lineLengthExceeded(self, line: bytes) -> Any:
            journal.append((bytes(line), self.transport.disconnecting))
            return super().lineLengthExceeded(line)

    session = Rig(Limited)
    firings = [session.call(lambda c: c.fetchMessage("1")), session.call(lambda c: c.noop())]
    wire = TOO_LARGE[kind]
    start = 0
    for end in [*cuts(wire), len(wire)]:
        session.client.dataReceived(wire[start:end])
        start = end
    session.client.dataReceived(b"\r\n* 3 EXISTS\r\n" + OK)
    assert len(journal) == 1
    told, closing = journal[0]
    assert closing and len(told) <= 200 and told[:10] in wire
    assert firings == [[], []]
    session.lose()
    for each in firings:
        assert [type(value) for _, value in each] == [twisted_imapc.ResponseTooLarge]
    assert firings[0][0][1] is firings[1][0][1]
    assert session.outcome().errors == []
    assert session.outcome().events == []


def test_a_byte_limit_by_hand(ours: Any) -> None:
    """Lines that a program gives to lineReceived() itself, and what it makes of them."""
    for line in (b"* 1 FETCH (RFC822 {%d}" % (N + 1), b"* 1 FETCH (" + b"x" * 2 * N + b")"):
        session = Rig(limited(ours, maxLiteralSize=N, maxResponseSize=2 * N))
        firings = session.call(lambda c: c.noop())
        session.client.lineReceived(line)
        assert session.transport.disconnecting
        session.client.dataReceived(OK)
        session.lose()
        assert [type(value) for _, value in firings] == [twisted_imapc.ResponseTooLarge]
        assert session.outcome().errors == []


def test_a_response_by_hand(ours: Any) -> None:
    """dispatchCommand() would log and close for what is raised in it."""
    session = Rig(limited(ours, maxLiteralSize=N))
    firings = session.call(lambda c: c.noop())
    session.client.dispatchCommand(b"*", b"X {%d}\r\n" % (N + 1) + b"x" * (N + 1))
    assert session.transport.disconnecting
    session.lose()
    assert [type(value) for _, value in firings] == [twisted_imapc.ResponseTooLarge]
    assert session.outcome().errors == []


def test_broken_framing_is_raised(ours: Any, cuts: Any) -> None:
    """As in Twisted; lineLengthExceeded() has nothing to do with it."""

    class Counting(ours):
        exceeded = 0

        def lineLengthExceeded(self, line: bytes) -> None:
            self.exceeded += 1

    for cls in (TheirClient, Counting):
        wire = b"* X {x}\r\n" if cls is TheirClient else b"* X {+5}\r\n"
        session = Rig(cls)
        firings = session.call(lambda c: c.noop())
        session.feed(wire, cuts(wire))
        assert isinstance(session.escaped, IllegalServerResponse)
        assert isinstance(firings[0][1], IllegalServerResponse)
    assert firings[0][1] is session.escaped
    assert session.client.exceeded == 0


def test_line_length_exceeded_that_raises(ours: Any) -> None:
    """What a program raises there is its own, and leaves dataReceived, as in Twisted."""
    wire = b"* OK " + b"x" * 20_000
    base: Any
    for base in (TheirClient, ours):

        class Raising(base):
            maxLineLength = MAX_LENGTH = 16_384

            def lineLengthExceeded(self, line: bytes) -> None:
                raise ZeroDivisionError

        session = Rig(Raising)
        session.feed(wire)
        assert isinstance(session.escaped, ZeroDivisionError)


# ---- Objects: that command fails -------------------------------------------


@pytest.mark.parametrize("depth", [2, 5, 128])
def test_depth(ours: Any, depth: int) -> None:
    """A msg-att's own parentheses are level 1."""
    cls = limited(ours, maxDepth=depth)
    for levels, fails in ((depth - 1, False), (depth, False), (depth + 1, True)):
        nested = b"(" * (levels - 1) + b"x" + b")" * (levels - 1)
        wire = b"* 1 FETCH (BODYSTRUCTURE %b)\r\n" % nested + OK
        assert failed_alone(drive(cls, lambda c: c.fetchBodyStructure("1"), wire)) is fails
        assert failed_alone(drive(cls, lambda c: c.fetchSpecific("1"), wire)) is fails
        plain = b"* LIST (%b)\r\n" % nested + OK
        assert failed_alone(drive(cls, lambda c: c.noop(), plain)) is fails


@pytest.mark.parametrize(("count", "fails"), [(N - 1, False), (N, False), (N + 1, True)])
def test_lists(ours: Any, count: int, fails: bool) -> None:
    cls = limited(ours, maxListsPerResponse=N)
    wire = b"* LIST" + b" ()" * count + b"\r\n" + OK
    assert failed_alone(drive(cls, lambda c: c.noop(), wire)) is fails
    # The msg-att and the list of flags are lists as well.
    wire = b"* 1 FETCH (FLAGS (" + b"()" * (count - 2) + b"))\r\n" + OK
    assert failed_alone(drive(cls, lambda c: c.fetchFlags("1"), wire)) is fails


def test_lists_are_counted_for_each_response(ours: Any) -> None:
    cls = limited(ours, maxListsPerResponse=N)
    wire = (b"* LIST" + b" ()" * N + b"\r\n") * 5 + OK
    assert not failed_alone(drive(cls, lambda c: c.noop(), wire))


@pytest.mark.parametrize(
    ("call", "wire"),
    [
        (lambda c: c.noop(), lambda n: b"* LIST" + b" x" * n),
        (lambda c: c.noop(), lambda n: b"* LIST" + b" NIL" * n),
        (lambda c: c.noop(), lambda n: b"* LIST" + b' "a b"' * n),
        (lambda c: c.search("ALL"), lambda n: b"* SEARCH" + b" 1" * n),
        (lambda c: c.fetchFlags("1"), lambda n: b"* 1 FETCH (FLAGS (" + b"a " * n + b"))"),
        (lambda c: c.fetchBodyStructure("1"),
         lambda n: b"* 1 FETCH (BODYSTRUCTURE (" + b"NIL " * n + b"))"),
        (lambda c: c.getCapabilities(), lambda n: b"* CAPABILITY" + b" X" * n),
    ],
)  # fmt: skip
def test_elements(ours: Any, call: Any, wire: Any) -> None:
    """Strings, NILs and lists; the names and lists around them may count."""
    cls = limited(ours, maxElementsPerResponse=N)
    most = limit_of(lambda n: failed_alone(drive(cls, call, wire(n) + b"\r\n" + OK)), N + 5)
    assert N - 4 <= most <= N


def test_literals_are_elements(ours: Any) -> None:
    """However many come, they cost no more than the limit allows."""
    cls = limited(ours, maxElementsPerResponse=N)

    def reached(n: int) -> bool:
        wire = b"* 1 FETCH (BODYSTRUCTURE (" + b"{1}\r\nx " * n + b"))\r\n" + OK
        return failed_alone(drive(cls, lambda c: c.fetchBodyStructure("1"), wire))

    assert N - 4 <= limit_of(reached, N + 5) <= N


def test_what_is_too_much_does_not_harm_the_next(ours: Any) -> None:
    session = Rig(limited(ours, maxDepth=3))
    first = session.call(lambda c: c.fetchBodyStructure("1"))
    second = session.call(lambda c: c.fetchBodyStructure("1"))
    session.feed(b"* 1 FETCH (BODYSTRUCTURE ((((x)))))\r\n* 2 FETCH (BODYSTRUCTURE (x))\r\n" + OK)
    session.feed(b"* 1 FETCH (BODYSTRUCTURE (x))\r\n0002 OK done\r\n")
    assert [kind for kind, _ in first] == ["failure"]
    assert first[0][1].result == {2: {"BODYSTRUCTURE": ["x"]}}
    assert second == [("result", {1: {"BODYSTRUCTURE": ["x"]}})]


# ---- Digits ----------------------------------------------------------------


def test_digits_of_a_number(ours: Any) -> None:
    """20, as 2**64 has."""
    for digits, fails in ((19, False), (20, False), (21, True)):
        wire = b"* SEARCH " + b"1" * digits + b"\r\n" + OK
        assert failed_alone(drive(ours, lambda c: c.search("ALL"), wire)) is fails
        session = Rig(ours)
        session.feed(b"* " + b"1" * digits + b" EXISTS\r\n")
        assert not session.closed
        assert bool(session.journal) is not fails


def test_digits_of_a_literal_size(ours: Any) -> None:
    for digits, closes in ((19, False), (20, False), (21, True)):
        wire = b"* 1 FETCH (RFC822 {%b}\r\nx)\r\n" % b"1".rjust(digits, b"0") + OK
        outcome = drive(ours, lambda c: c.fetchMessage("1"), wire)
        assert outcome.closed is closes


# ---- Tags that nobody waits for --------------------------------------------


@pytest.mark.parametrize("tag", [b"ZZZZ", b"002", b"x0001", b"0001", b"0002x", b"ffff", b"A1"])
def test_foreign_answers(ours: Any, tag: bytes) -> None:
    """A hundred are dropped, one more closes; the answered 0001 is one of them."""
    for count, closes in ((99, False), (100, False), (101, True)):
        session = Rig(ours)
        session.call(lambda c: c.noop())
        session.feed(OK)
        pending = session.call(lambda c: c.noop())
        session.feed(b"%b OK whose\r\n" % tag * count)
        assert session.closed is closes, count
        if closes:
            assert isinstance(pending[0][1], IllegalServerResponse)
        else:
            session.feed(b"0002 OK done\r\n")
            assert pending == [("result", [])]


@pytest.mark.parametrize("status", [b"OK", b"NO", b"BAD"])
@pytest.mark.parametrize("tag", [b"0003", b"FFFF", b"10000", b"ABCDEF0"])
def test_answer_to_a_command_not_sent_yet(ours: Any, tag: bytes, status: bytes) -> None:
    """Closes at once: it could be an answer prepared by somebody else."""
    session = Rig(ours)
    first, queued = session.call(lambda c: c.noop()), session.call(lambda c: c.noop())
    session.feed(OK + b"%b %b x\r\n" % (tag, status))
    assert first == [("result", [])]
    assert session.closed
    assert isinstance(queued[0][1], IllegalServerResponse)


@pytest.mark.parametrize("line", [b"0003 MAYBE x", b"FFFF", b"hello there", b"A1 what"])
def test_lines_that_are_no_response_are_not_counted(ours: Any, line: bytes) -> None:
    session = Rig(ours)
    pending = session.call(lambda c: c.noop())
    session.feed((line + b"\r\n") * 500 + OK)
    assert pending == [("result", [])]
    assert not session.closed


# ---- Memory ----------------------------------------------------------------

SILENT = """
import re
from tests.helpers.classes import WAYS
from tests.helpers.rig import Rig

def memory():
    status = open("/proc/self/status").read()
    return [int(re.search(name + r":\\s+(\\d+) kB", status)[1]) for name in ("VmSize", "VmRSS")]

def silent():
    session = Rig(WAYS[{way!r}])
    session.call(lambda c: c.fetchMessage("1"))
    session.feed(b"* 1 FETCH (RFC822 {{268435456}}\\r\\n" + b"x" * {octets})
    assert not session.closed
    return session

first = silent()
before = memory()
sessions = [silent() for _ in range(1000)]
print(*(after - was for after, was in zip(memory(), before)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("octets", [0, 1, 1000])
@pytest.mark.parametrize("way", ["fast", "lines"])
def test_announced_and_never_sent(way: str, octets: int, missing: Any) -> None:
    """A thousand connections that announce 256 MiB and fall silent: under 100 MiB."""
    virtual, resident = printed_alone(SILENT.format(way=way, octets=octets), missing)
    # Here Twisted's messageFile opens a file for each, whose buffer is of 8 KiB,
    # from CPython 3.14 on of 128; a debug build touches all memory that it gives.
    buffers = 1000 * io.DEFAULT_BUFFER_SIZE // 1024 if way == "lines" else 0
    touched = buffers if hasattr(sys, "gettotalrefcount") else 0
    assert virtual < 100 * 1024 + buffers, f"{virtual} kB of virtual memory"
    assert resident < 100 * 1024 + touched, f"{resident} kB resident"
