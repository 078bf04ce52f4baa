"""Part: what BODYSTRUCTURE says, and what does not fit is None."""

from __future__ import annotations

import encodings
import time
from typing import Any

import pytest

from tests.helpers.typed import eventsOf, typedParser
from twisted_imapc._structure import Part, parameters, text

TEXT = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL "a =?utf-8?q?=C3=A9?=" "7BIT" 1152 23)'
PDF = (
    b'("APPLICATION" "PDF" ("NAME" "x.pdf") "<id@x>" NIL "BASE64" 4554 "md5" '
    b'("ATTACHMENT" ("FILENAME" "=?utf-8?q?=C3=A9?=.pdf")) ("en" "de") "loc" "more")'
)
ALTERNATIVE = (
    b'(("text" "plain" NIL NIL NIL "QP" 1 1)("text" "html" NIL NIL NIL "QP" 2 2) "ALTERNATIVE")'
)
MESSAGE = b'("message" "rfc822" NIL NIL NIL "7BIT" 100 (NIL "sub" NIL) %b 44 NIL ("inline" NIL))'
MIXED = b"(%b%b%b%b" % (TEXT, PDF, MESSAGE % ALTERNATIVE, MESSAGE % TEXT) + (
    b'"MIXED" ("BOUNDARY" "x") ("inline" NIL) "en" "loc")'
)


def structured(structure: bytes, name: bytes = b"BODYSTRUCTURE") -> Any:
    ((_, message),) = eventsOf(
        typedParser(), b"* 1 FETCH (" + name + b" " + structure + b" UID 5)\r\n"
    )
    assert message.uid == 5 and message.problems == ()
    return message.structure


def test_one_part() -> None:
    part = structured(TEXT)
    assert (part.type, part.subtype, part.contentType) == ("text", "plain", "text/plain")
    assert part.parameters == {"charset": "US-ASCII"}
    assert (part.id, part.description, part.encoding) == (None, "a \xe9", "7bit")
    assert (part.size, part.lines, part.md5, part.section) == (1152, 23, None, "1")
    assert (part.disposition, part.language, part.location) == (None, None, None)
    assert part.dispositionParameters == {} and part.filename is None
    assert part.parts == () and part.envelope is None and not part.isAttachment
    assert list(part.walk()) == [part] and part.find("1") is part
    assert repr(part) == "<Part '1' text/plain size=1152>"


def test_all_fields() -> None:
    part = structured(PDF)
    assert part.contentType == "application/pdf" and part.lines is None
    assert (part.id, part.md5, part.size) == ("<id@x>", "md5", 4554)
    assert part.disposition == "attachment" and part.isAttachment
    assert part.dispositionParameters == {"filename": "\xe9.pdf"}
    assert part.filename == "\xe9.pdf" and part.parameters == {"name": "x.pdf"}
    assert part.language == ("en", "de") and part.location == "loc"


def test_many_parts() -> None:
    root = structured(MIXED)
    assert root.contentType == "multipart/mixed" and root.section == ""
    assert root.parameters == {"boundary": "x"} and root.language == ("en",)
    assert (root.disposition, root.location) == ("inline", "loc")
    assert [root.size, root.lines, root.id, root.md5, root.encoding] == [None] * 5
    assert [(part.section, part.contentType) for part in root.walk()] == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "application/pdf"),
        ("3", "message/rfc822"),
        ("3.TEXT", "multipart/alternative"),
        ("3.1", "text/plain"),
        ("3.2", "text/html"),
        ("4", "message/rfc822"),
        ("4.1", "text/plain"),
    ]
    message = root.find("3")
    assert message.envelope.subject == "sub" and message.lines == 44
    assert message.disposition == "inline" and message.parts == (root.find("3.text"),)
    assert root.find("3.2").size == 2 and root.find("9") is None
    assert root.parts is root.parts


def test_a_message_that_is_the_whole() -> None:
    sections = [part.section for part in structured(MESSAGE % ALTERNATIVE).walk()]
    assert sections == ["1", "1.TEXT", "1.1", "1.2"]


def test_it_is_made_once_and_named_either_way() -> None:
    wire = b"* 1 FETCH (BODY " + TEXT + b")\r\n"
    ((_, message),) = eventsOf(typedParser(), wire)
    assert message.structure is message.structure is message["body"]
    assert message.keys() == ("BODY",) and "BODYSTRUCTURE" not in message
    assert structured(TEXT, b"BODYSTRUCTURE").contentType == "text/plain"


def test_the_one_that_says_more() -> None:
    """BODYSTRUCTURE, in whatever order they come; or the one that is not malformed."""
    for wire in (b"BODY (a b) BODYSTRUCTURE (c d)", b"BODYSTRUCTURE (c d) BODY (a b)"):
        ((_, message),) = eventsOf(typedParser(), b"* 1 FETCH (" + wire + b")\r\n")
        assert message.structure.contentType == "c/d"
        assert set(message.keys()) == {"BODY", "BODYSTRUCTURE"}
    ((_, message),) = eventsOf(typedParser(), b"* 1 FETCH (BODY (a b) BODYSTRUCTURE x)\r\n")
    assert message.structure.contentType == "a/b" and message.keys() == ("BODY",)


def test_what_is_no_structure() -> None:
    ((_, message),) = eventsOf(typedParser(), b'* 1 FETCH (BODYSTRUCTURE "x" UID 5)\r\n')
    assert message.structure is None and message.uid == 5
    assert [problem.item for problem in message.problems] == ["BODYSTRUCTURE"]


@pytest.mark.parametrize(
    "structure",
    [
        b"()", b"(())", b"((()))", b"(NIL)", b"(NIL NIL)", b'(("a" "b") ("c" "d"))', b"(1 2 3 4 5)",
        b'("text" "plain" x y z 1 "size" "lines" () ((a)) 7 8)', b'(() "mixed" "x" "y" ("z"))',
        b'("message" "rfc822" NIL NIL NIL "7bit" 5 () () x)', b'("text")', b'("text" "x" (a))',
        b'("message" "rfc822" NIL NIL NIL "7bit" 5 ((((a)))) ((b)) x)',
        b'("a" "b" (NIL "x" y NIL (z) "v"))',
        b'("message" "rfc822" NIL NIL NIL "7bit" 5 NIL NIL NIL "md5" ("inline") "de")',
        b"(((((((((((((((((((((((((((a)))))))))))))))))))))))))))",
    ],
)  # fmt: skip
def test_what_does_not_fit(structure: bytes) -> None:
    """Nothing raises, and each value is of its type."""
    kinds: dict[str, Any] = {
        **dict.fromkeys(("size", "lines"), int),
        **dict.fromkeys(("parameters", "dispositionParameters"), dict),
        **dict.fromkeys(("language", "parts"), tuple),
        "isAttachment": bool,
    }
    for part in structured(structure).walk():
        for name in dir(Part):
            value = getattr(part, name)
            if not name.startswith("_") and not callable(value) and name != "envelope":
                assert value is None or isinstance(value, kinds.get(name, str)), name
        if part.envelope is not None:
            assert isinstance(part.envelope.to, tuple) and repr(part.envelope)
        assert repr(part)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, {}),
        ("x", {}),
        (("A", "b", "A", "c", "d"), {"a": "b"}),
        (("a", None, None, "x", ("y",), "z"), {}),
        (("a", b"\xc3\xa9", "n", 5), {"a": "\xe9", "n": "5"}),
        (("a*", "utf-8'en'%c3%a9%20x"), {"a": "\xe9 x"}),
        (("a*", "%c3%a9"), {"a": "\xe9"}),
        (("a*", "nonsense''%E9"), {"a": "\xe9"}),
        (("a*", "''it's"), {"a": "it's"}),
        (("a", "x", "a*", "utf-8''y"), {"a": "y"}),
        (("A*1*", "%a9", "a*0*", "utf-8''%c3", "a*2", " %41", "a*4", "!"), {"a": "\xe9 %41"}),
        (("a*1", "x", "a*2", "y"), {"a": "xy"}),
        (("a*0", "x", "a*0", "y"), {"a": "x"}),
        (("a*x", "y", "*", "z", "a*99999999", "q"), {"a*x": "y", "*": "z", "a*99999999": "q"}),
        (("a", "=?utf-8?q?=C3=A9?="), {"a": "\xe9"}),
    ],
)
def test_parameters(raw: Any, expected: dict[str, str]) -> None:
    assert parameters(raw) == expected


def test_depth_is_no_matter() -> None:
    part: Any = Part(("text", "plain"))
    raw: Any = ("text", "plain")
    for _ in range(5000):
        raw = (raw, "mixed")
    part = Part(raw)
    assert sum(1 for _ in part.walk()) == 5001


@pytest.mark.parametrize(
    ("charset", "text"),
    [("punycode", "Mnchen-3ya"), ("PunyCode", "Mnchen-3ya"), ("idna", "xn--mnchen-3ya")],
)
def test_codecs_that_are_no_charsets(charset: str, text: str) -> None:
    """Nor are they linear: 400 KB of such a subject would take half a minute."""
    wire = f'* 1 FETCH (ENVELOPE (NIL "=?{charset}?q?{text}?=" {"NIL " * 7}NIL))\r\n'
    ((_, message),) = eventsOf(typedParser(), wire.encode())
    assert message.envelope.subject == text


def test_charsets_that_nobody_has() -> None:
    """
    Nothing is kept of the names that whoever sends a mail makes up, nor of the many spellings
    of one; nor are files looked for.
    """
    assert text("=?UTF--8?q?=C3=A9?= =?x-none?q?=C3=A9?=") == "\xe9\xe9"
    known = len(encodings._cache)
    made_up = " ".join(f"=?x{n}?q?a?= =?utf{'-' * (n % 500)}8?q?b?=" for n in range(20_000))
    started = time.process_time()
    assert len(text(made_up)) == 40_000
    assert time.process_time() - started < 3
    assert len(encodings._cache) <= known + 1


def test_charsets_in_their_spellings() -> None:
    """Python has one of its own for each."""
    for name in ("Windows-1252", "cp1252", "ISO-8859-15", "iso_8859-1:1987", "koi8-r", "gb2312"):
        assert text(f"=?{name}?q?=20=41?=") == " A"
    assert text("=?Shift_JIS?b?g2U=?= =?iso-2022-jp?b?GyRCJUYbKEI=?=") == "\u30c6\u30c6"


def test_long_headers_are_linear() -> None:
    """By the square, 15 MB would take minutes."""
    started = time.process_time()
    assert len(text(" ".join([f"=?utf-8?q?{'a' * 60}?="] * 200_000))) == 12_000_000
    pieces = [(f"name*{n}", "b" * 60) for n in range(100_000)]
    (value,) = parameters(tuple(each for piece in pieces for each in piece)).values()
    assert len(value) == 6_000_000
    assert time.process_time() - started < 6
