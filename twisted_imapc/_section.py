"""
What fetchSpecific() asks for: RFC 9051's C{section} and the octets of it, section 9.

Twisted checks nothing.  What it makes of its arguments, and is an item, is sent as it
makes it; what would be none, or another one, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from numbers import Integral

from ._encode import strings, unsigned

_NUMBER = "[1-9][0-9]{0,9}"
_PART = rf"{_NUMBER}(?:\.{_NUMBER})*"
_SECTION_PART = re.compile(_PART)

# Each an C{astring}, in quotes where whoever wrote it put it there; a bare ] might end
# the section for some.
_NAME = r'(?:[^\0-\x20\x7f-\U0010ffff(){%*"\\\]]+|"(?:[^\0\r\n\x7f-\U0010ffff"\\]|\\["\\])*")'
_NAMES = rf"(?:{_NAME}(?: {_NAME})*)?"
_FIELD_NAMES = re.compile(_NAMES)

# Programs may have written in it what else there is of a section: it went out as it was.
_SECTION_TEXT = re.compile(
    rf"|{_PART}|(?:{_PART}\.)?(?:TEXT|MIME|HEADER(?:\.FIELDS(?:\.NOT)?(?: \({_NAMES}\))?)?)",
    re.ASCII | re.IGNORECASE,
)


def bodyItem(
    headerType: str | None,
    headerNumber: int | Iterable[object] | None,
    headerArgs: Iterable[str] | None,
    peek: object,
    offset: int | None,
    length: int | None,
) -> bytes:
    """
    C{BODY[section]<partial>}; the arguments are those of fetchSpecific().
    """
    section = ".".join(filter(None, (_sectionPart(headerNumber), _sectionText(headerType))))
    if headerType and headerType.upper() in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
        section += f" ({_fieldNames(headerArgs)})"
    partial = ""
    if offset is not None:
        if length is None:
            raise TypeError("offset: length is wanted, too")
        partial = f"<{unsigned(offset, 'offset')}.{unsigned(length, 'length')}>"
    return f"BODY{'.PEEK' if peek else ''}[{section}]{partial}".encode("ascii")


def _sectionPart(number: int | Iterable[object] | None) -> str:
    """
    A C{section-part}; empty for none.
    """
    if number is None:
        return ""
    wanted = f"headerNumber: a part is wanted, such as 2 or (1, 2), not {number!r:.200}"
    parts = [number] if isinstance(number, int) else number
    # Of bytes the items are ints, but none that anybody means.
    if not isinstance(parts, Iterable) or isinstance(parts, (bytes, bytearray, memoryview)):
        raise TypeError(wanted)
    texts = []
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, (Integral, str)):
            raise TypeError(wanted)
        texts.append(part if isinstance(part, str) else str(int(part)))
    section = ".".join(texts)
    if section and not _SECTION_PART.fullmatch(section):
        raise ValueError(wanted)
    return section


def _sectionText(headerType: str | None) -> str:
    """
    A C{section-text}, without the names for HEADER.FIELDS; empty for none.
    """
    if headerType is None:
        return ""
    if not isinstance(headerType, str):
        raise TypeError(f"headerType: a str is wanted, not {headerType!r:.200}")
    if not _SECTION_TEXT.fullmatch(headerType):
        raise ValueError(
            "headerType: HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or TEXT is wanted,"
            f" not {headerType!r:.200}"
        )
    return headerType


def _fieldNames(headerArgs: Iterable[str] | None) -> str:
    """
    The inside of a C{header-list}, which may be empty, as in Twisted.
    """
    names = list(strings(headerArgs or (), "headerArgs"))
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"headerArgs: each is a str, not {name!r:.200}")
    joined = " ".join(names)
    if not _FIELD_NAMES.fullmatch(joined):
        raise ValueError(
            f"headerArgs: names of fields are wanted, such as ['Subject'], not {names!r:.200}"
        )
    return joined
