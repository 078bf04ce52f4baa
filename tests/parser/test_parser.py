"""The extension alone: what no client shows, and what a reviewer once broke."""

from __future__ import annotations

import gc
import importlib.util
import sys
import time
from typing import Any

import pytest

from twisted_imapc import _imapc
from twisted_imapc._imapc import Parser, codeOf


def parsed(wire: bytes, shape: str | None = None) -> tuple[list[Any], Any]:
    """The hand-overs of a wire, and what was collected."""
    parser = Parser()
    parser.expect(shape)
    parser.feed(wire)
    handovers = []
    while (handover := parser.next()) is not None and handover[0] != "error":
        handovers.append(handover)
    return handovers, parser.take()


def test_literal_cut_short_inside_a_whole_response() -> None:
    """response() got less than the literal announces: an error, not a crash."""
    handover = Parser().response(b"*", b"1 FETCH (RFC822 {50}\r\nabc)")
    assert handover is not None
    assert handover[:3] == ("error", "framing", "a literal is cut short")


def test_many_literals_are_linear() -> None:
    """The kind of a response is found once, and not for each of its literals."""

    def seconds(count: int) -> float:
        wire = b"* " + b"A" * (count * 10) + b"{0}\r\n" * count + b"\r\n"
        started = time.perf_counter()
        parsed(wire)
        return time.perf_counter() - started

    assert min(seconds(40_000) for _ in range(3)) < 1


def test_many_chunks_are_linear() -> None:
    """Neither reading one of many that wait nor asking for their size looks at the others."""
    parser = Parser()
    for _ in range(200_000):
        parser.feed(b"* 1 EXISTS\r\n")
    started = time.perf_counter()
    for left in range(200_000, 0, -1):
        assert parser.pending == left * 12
        assert parser.next() == ("exists", 1)
    assert parser.next() is None
    assert time.perf_counter() - started < 2


def test_drain_of_many_chunks() -> None:
    """In their order, behind what was read and is unfinished."""
    parser = Parser()
    chunks = [b"* 1 EXISTS\r\n", b"* 2 EX", *(b"%d " % number for number in range(200_000))]
    for chunk in chunks:
        parser.feed(chunk)
    assert parser.next() == ("exists", 1)
    started = time.perf_counter()
    assert parser.drain() == b"".join(chunks[1:])
    assert time.perf_counter() - started < 1
    assert parser.pending == 0
    parser.feed(b"* 3 EXISTS\r\n")
    assert parser.next() == ("exists", 3)


@pytest.mark.parametrize("leading", [b"\0", b"\0\0", b" ", b"\r"])
def test_leading_octets(leading: bytes) -> None:
    """NULs and space before a response mean nothing, on both ways in."""
    wire = leading + b"* 1 FETCH (RFC822 {5}\r\nhello)\r\n"
    assert parsed(wire, "fetch")[1][0] == {1: {"RFC822": "hello"}}
    assert Parser().line(leading + b"* 1 FETCH (RFC822 {5}") == 5


def test_braces_in_a_keyword() -> None:
    """Only digits between them can be meant for a literal."""
    assert parsed(b"* FLAGS ({work} \\Seen)\r\n", "select")[1][0] == {"FLAGS": ("{work}", "\\Seen")}
    assert parsed(b"* FLAGS ({5} \\Seen)\r\n", "select")[1][2] is not None


def test_code_directly_behind_the_status() -> None:
    """Without SP; the connection would be lost for it."""
    handovers, (value, _, _) = parsed(b"* OK[UIDNEXT 5] x\r\n0001 OK[READ-ONLY] x\r\n", "select")
    assert handovers[0][:3] == ("tagged", b"0001", b"OK")
    assert value == {"UIDNEXT": 5, "READ-WRITE": False}


def test_backslash_for_a_delimiter() -> None:
    """Unescaped, as some servers send it."""
    wire = b'* LIST () "\\" a\\b\r\n* LIST () "\\\\" c\r\n'
    assert parsed(wire, "list")[1][0] == [((), "\\", "a\\b"), ((), "\\", "c")]


def test_lowered_limit() -> None:
    """In the middle of a response it counts from there on."""
    parser = Parser()
    parser.feed(b"* X {100}\r\n" + b"x" * 50)
    assert parser.next() is None
    parser.maxResponseSize = 10
    parser.feed(b"x" * 50 + b"y" * 1000 + b"\r\n")
    handover = parser.next()
    assert handover is not None and handover[:2] == ("error", "too large")


def test_check_line() -> None:
    """One octet too many; the CR of a line's end is not one of the line's."""
    parser = Parser()
    parser.maxLineLength = 3
    for octets in (b"", b"\r", b"abc", b"abc\r", bytearray(b"abc"), memoryview(b"abc\r")):
        parser.checkLine(octets)
    for octets in (b"abcd", b"abcd\r", b"abc\r\r", bytearray(b"abcd")):
        with pytest.raises(ValueError) as raised:
            parser.checkLine(octets)
        assert raised.value.args == ("a line is longer than maxLineLength", "too large")
    with pytest.raises(TypeError):
        parser.checkLine("abc")  # type: ignore[arg-type]


def test_drain_of_a_held_response() -> None:
    """The end of the held line is in it, so that the next line stays apart."""
    parser = Parser()
    wire = b"* 1 FETCH (RFC822 {5}\r\nhello\r\n"
    parser.feed(wire)
    assert parser.next() is None
    assert parser.drain() == wire
    assert parser.pending == 0


def test_drain_in_a_literal() -> None:
    """Nothing that was fed is lost."""
    parser = Parser()
    parser.expect("fetch")
    parser.feed(b"* 1 FETCH (RFC822 {50}\r\nhel")
    assert parser.next() is None
    parser.feed(b"lo")
    assert parser.drain() == b"* 1 FETCH (RFC822 {50}\r\nhello"


def test_only_mailboxes_are_remembered() -> None:
    """A delimiter "&" is no mailbox."""
    parser = Parser()
    parser.expect("list")
    parser.feed(b'* LIST () "&" a\r\n* LIST () "/" "b&"\r\n')
    assert parser.next() is None
    assert parser.names == {"b&": b"b&"}


def test_names_are_not_kept_without_bound() -> None:
    """Each of 70,000 is told as it is; those that are kept first stay."""
    parser = Parser()
    parser.expect("list")
    for first in range(0, 70_000, 1000):
        parser.feed(b"".join(b"* LIST () NIL &%d\r\n" % n for n in range(first, first + 1000)))
        assert parser.next() is None
    assert len(parser.names) == 65_536
    assert parser.names["&0"] == b"&0" and "&69999" not in parser.names


def test_offset_in_a_code() -> None:
    """It counts from the start of what wire shows."""
    _, _, error = parsed(b"* OK [UIDNEXT x] foo\r\n", "select")[1]
    assert error is not None
    assert 13 <= error[2] <= 15


def test_same_head_parses_the_same() -> None:
    """The shortcut for flags and delimiter gives what the long way gives."""
    lines = [b'(\\A \\B) "/" a', b'(\\A \\B) "/" b', b'(\\A \\B) "/"', b'(\\A \\B) "/"x" c']
    lines += [b'(\\A \\B) "/" (d)', b'(\\A \\B) "/" "e e"', b'(\\A) "/" f', b"(\\A \\B) NIL g"]
    single = []
    for line in lines:
        single += parsed(b"* LIST " + line + b"\r\n", "list")[1][0]
    together = parsed(b"".join(b"* LIST " + line + b"\r\n" for line in lines), "list")
    assert together[1][0] == single
    assert len(single) == 7


@pytest.mark.parametrize(
    "line",
    [b"* 5 EXISTS", b"* 1 FETCH (FLAGS (a))", b"* SEARCH 1 2", b'* LIST () "/" {x', b"* OK x {3}",
     b"* 1 FETCH (", b"* [READ-ONLY]", b"* BYE"],
)  # fmt: skip
def test_untagged_is_line_and_response(line: bytes) -> None:
    """In one call, for what is whole."""
    apart, together = Parser(), Parser()
    for shape in (None, "fetch-flags", "search", "raw"):
        for parser in (apart, together):
            parser.expect(shape)
        assert apart.line(line) is None
        assert together.untagged(line, False) == apart.response(b"*", line[2:])
        assert together.take() == apart.take()
    assert together.untagged(b"* PREAUTH hi", True) == ("greeting", b"PREAUTH", None, b"hi")


@pytest.mark.parametrize("line", [b"0001 OK x", b"+ x", b"", b"* ", b"*", b"*  5 EXISTS", b"\0* X",
                                  b"* 1 FETCH (X {3}", b"* 1 FETCH (X {-3}"])  # fmt: skip
def test_untagged_leaves_the_rest_alone(line: bytes) -> None:
    """Also what belongs to a response that has begun."""
    parser = Parser()
    assert parser.untagged(line, False) is False
    assert parser.line(b"* 1 FETCH (X {3}") == 3
    assert parser.untagged(b"* 5 EXISTS", False) is False
    assert parser.line(b")") is None
    parser.maxResponseSize = 9
    assert parser.untagged(b"* 5 EXISTS", False) is False


@pytest.mark.parametrize("on", [True, False])
def test_collector(on: bool) -> None:
    """The cyclic collector waits while next() builds, and is as it was behind it."""
    ran: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        ran.append(phase)

    parser = Parser()
    parser.expect("fetch-flat")
    parser.feed(b"".join(b"* %d FETCH (X ((a)))\r\n" % n for n in range(1, 5001)))
    was, threshold = gc.isenabled(), gc.get_threshold()
    (gc.enable if on else gc.disable)()
    gc.set_threshold(100)
    gc.callbacks.append(note)
    try:
        event = parser.next()
    finally:
        gc.callbacks.remove(note)
        still = gc.isenabled()
        gc.set_threshold(*threshold)
        (gc.enable if was else gc.disable)()
    assert event is None
    assert still == on
    assert len(ran) <= 2 * on, "more than the one that comes between bytecodes"
    parser.feed(b"* 1 FETCH (X {9x}\r\n")
    event = parser.next()
    assert event is not None
    assert event[0] == "error"
    assert gc.isenabled() == was


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the collector comes after next()")
def test_collections_of_new_objects() -> None:
    """
    Older ones wait ten times as long as by count, and no longer.

    By count each third collection would look at them.
    """
    generations: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            generations.append(info["generation"])

    parser = Parser()
    parser.expect("fetch-flat")
    threshold = gc.get_threshold()
    gc.collect()
    gc.set_threshold(100, 2, 1000)
    gc.callbacks.append(note)
    try:
        for number in range(1, 41):
            parser.feed(b"* %d FETCH (X (%b))\r\n" % (number, b"(a)" * 300))
            parser.next()
            # The program goes on: a set comes from no free list.
            set().copy()
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*threshold)
    assert generations[:31] == [0] * 30 + [1]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the collector comes after next()")
@pytest.mark.parametrize("most", [0, 1_000_000])
def test_collections_that_are_not_due(most: int) -> None:
    """With a threshold of zero there are none, and below another none yet."""
    threshold = gc.get_threshold()
    parser = Parser()
    parser.expect("fetch-flat")
    parser.feed(b"* 1 FETCH (X (%b))\r\n" % (b"(a)" * 300))
    gc.collect()
    gc.set_threshold(most)
    try:
        parser.next()
        new, *_ = gc.get_count()
    finally:
        gc.set_threshold(*threshold)
    assert new > 300, "somebody has looked at them"


def looked(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[int]]:
    """The extension once more, and how often it asks for the collector's count."""
    looks: list[int] = []
    getCount = gc.get_count

    def count() -> tuple[int, int, int]:
        looks.append(1)
        return getCount()

    with monkeypatch.context() as patch:
        patch.setattr(gc, "get_count", count)
        spec = _imapc.__spec__
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module, looks


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the collector comes after next()")
def test_what_is_due_is_seldom_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not behind each octet, but soon enough that no more than a few objects wait for it."""
    module, looks = looked(monkeypatch)
    parser = module.Parser()
    parser.expect("fetch-flat")
    threshold = gc.get_threshold()
    waiting: list[int] = []
    gc.collect()
    gc.set_threshold(100, 1000, 1000)
    try:
        for number in range(1, 401):
            wire = b"* %d FETCH (X (%b))\r\n" % (number, b"(a)" * 9)
            for i in range(len(wire)):
                parser.feed(wire[i : i + 1])
                parser.next()
            waiting.append(gc.get_count()[0])
    finally:
        gc.set_threshold(*threshold)
    octets = 400 * len(wire)
    assert octets // 600 < len(looks) < octets // 400
    assert 100 < max(waiting) < 500


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the collector comes after next()")
def test_of_a_literal_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it ends in the chunk or not."""
    module, looks = looked(monkeypatch)
    parser = module.Parser()
    parser.expect("fetch-flat")
    for _ in range(100):
        parser.feed(b"* 1 FETCH (RFC822 {5000}\r\n" + b"x" * 2000)
        parser.next()
        parser.feed(b"x" * 3000 + b")\r\n")
        parser.next()
    assert 100 * 29 // 600 < len(looks) <= 100 * 29 // 500


@pytest.mark.parametrize("length", range(1, 34))
def test_short_strings_are_told_apart(length: int) -> None:
    """Those that differ in one octet, or in their length, whether kept or made anew."""
    plain = b"a" * length
    texts = [plain[:i] + octet + plain[i + 1 :] for i in range(length) for octet in (b"b", b"\xe9")]
    texts += [plain, plain + b"a", plain[1:]]
    parser = Parser()
    for _ in range(2):
        parser.expect("fetch")
        for text in texts:
            parser.feed(b'* 1 FETCH (X ("%b" %b))\r\n' % (text, text or b'""'))
            assert parser.next() is None
            value, _flags, error = parser.take()
            assert error is None
            assert value == {1: {"X": [text.decode("latin-1")] * 2}}
            parser.expect("fetch")


@pytest.mark.parametrize(
    ("wire", "line"),
    [
        (b"* 1 FETCH ({x}", b"* 1 FETCH ({x}"),
        (b"* 1 FETCH (A {1}\r\nx {x}", b" {x}"),
        (b"* 1 FETCH (A {2}\r\nxy B {3}\r\nabc C{x}", b" C{x}"),
    ],
)
def test_offset_where_framing_is_lost(wire: bytes, line: bytes) -> None:
    """From the start of the response to the line, with all that is between."""
    parser = Parser()
    parser.feed(wire + b"\r\n")
    event = parser.next()
    assert event is not None and event[:2] == ("error", "framing")
    assert wire[event[4] :] == line


def test_code_of_a_text() -> None:
    """Bytes alone; what is in the brackets at the start."""
    assert codeOf(b"[A (b)] c") == b"A (b)"
    assert codeOf(b"[] c") == b""
    assert codeOf(b"[A") is codeOf(b"A") is codeOf(b"") is None
    for what in ("[A]", None, bytearray(b"[A]")):
        with pytest.raises(TypeError):
            codeOf(what)  # type: ignore[arg-type]
