"""What is asked of each message, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from twisted_imapc._items import Items


@pytest.mark.parametrize(
    ("items", "text", "mask", "octets"),
    [
        (["FLAGS"], b"(UID FLAGS)", 2, 80),
        (["flags", "UID"], b"(UID flags)", 2, 80),
        (["UID"], b"(UID)", 1, 40),
        (["MODSEQ", "FLAGS"], b"(UID MODSEQ FLAGS)", 6, 100),
        (["RFC822.SIZE", "FLAGS"], b"(UID RFC822.SIZE FLAGS)", 8, 100),
        (["FAST"], b"(UID FLAGS INTERNALDATE RFC822.SIZE)", 24, 145),
        (["FULL"], b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)", 120, 1195),
        (["BODYSTRUCTURE"], b"(UID BODYSTRUCTURE)", 64, 640),
        (["BODY.PEEK[]<0.2048>"], b"(UID BODY.PEEK[]<0.2048>)", 128, 2088),
        (["BODY[1.HEADER]"], b"(UID BODY[1.HEADER])", 128, 1040),
        (["BODY.PEEK[HEADER.FIELDS (A \"b)\")]"], b'(UID BODY.PEEK[HEADER.FIELDS (A "b)")])',
         128, 1040),
        (["BODY[]", "FLAGS"], b"(UID BODY[] FLAGS)", 128, None),
        (["RFC822"], b"(UID RFC822)", 128, None),
        (["X-GM-LABELS", "PREVIEW (LAZY)"], b"(UID X-GM-LABELS PREVIEW (LAZY))", 128, 140),
        (["FLAGS ENVELOPE"], b"(UID FLAGS ENVELOPE)", 32, 530),
    ],
)  # fmt: skip
def test_items(items: Any, text: bytes, mask: int, octets: int | None) -> None:
    made = Items(tuple(items))
    assert (made.text, made.mask, made.octets) == (text, mask, octets)


@pytest.mark.parametrize(
    ("item", "reads", "changes"),
    [
        ("FLAGS", True, False),
        ("BODY[]", False, True),
        ("BODY.PEEK[]", False, False),
        ("BINARY[1]", False, True),
        ("BINARY.SIZE[1]", False, False),
        ("RFC822", False, True),
        ("RFC822.TEXT", False, True),
        ("RFC822.HEADER", False, False),
        ("RFC822.SIZE", False, False),
    ],
)
def test_flags_are_read_or_changed(item: str, reads: bool, changes: bool) -> None:
    made = Items((item,))
    assert (made.reads, made.changes) == (reads, changes)


@pytest.mark.parametrize(
    "item",
    ["", " ", "FLAGS)", "(FLAGS)", "BODY[", "BODY[]]", "BODY[(]", 'BODY["]', "BODY[\r\n]", "A\0",
     "FLAGS  UID", "é", "1", "BODY[]<1>x", "FLAGS\r\nA1 LOGOUT", 'BODY[HEADER.FIELDS ("a\r\n")]'],
)  # fmt: skip
def test_what_is_no_item(item: str) -> None:
    with pytest.raises(ValueError):
        Items((item,))


@pytest.mark.parametrize(
    ("items", "text", "mask", "octets"),
    [
        (["ALL FLAGS"], b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)", 56, 595),
        (["X-GM-MSGID fast"], b"(UID X-GM-MSGID FLAGS INTERNALDATE RFC822.SIZE)", 152, 195),
        (["FAST", "ALL BODY[1]<0.9>"],
         b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY[1]<0.9>)", 184, 604),
        (["PREVIEW (ALL) BODY[HEADER.FIELDS (FULL)]"],
         b"(UID PREVIEW (ALL) BODY[HEADER.FIELDS (FULL)])", 128, 1090),
    ],
)  # fmt: skip
def test_a_macro_is_spelled_out_wherever_it_stands(
    items: Any, text: bytes, mask: int, octets: int | None
) -> None:
    """To a server a macro is all of what is asked for, or nothing that it knows."""
    made = Items(tuple(items))
    assert (made.text, made.mask, made.octets) == (text, mask, octets)


def test_what_is_no_text() -> None:
    with pytest.raises(TypeError):
        Items((b"FLAGS",))  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Items(())
    assert Items(("UID",), modseq=True).mask == 4
