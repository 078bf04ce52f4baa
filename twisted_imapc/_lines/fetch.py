"""
FETCH as Twisted's C{_parseFetchPairs} and C{_cbFetch} have it, for programs
that override one of them: nested lists to items, items to results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from twisted.python.compat import nativeString

from .._errors import illegal

Items = tuple[dict[Any, Any], list[Any]]

# These come out in upper case, however the server spells them.
_KEYS = frozenset(
    "BINARY BINARY.PEEK BINARY.SIZE BODY BODY.PEEK BODYSTRUCTURE ENVELOPE FLAGS INTERNALDATE"
    " MODSEQ RFC822 RFC822.HEADER RFC822.SIZE RFC822.TEXT UID".split()
)

# These may have a section.
_SECTIONED = frozenset("BINARY BINARY.PEEK BINARY.SIZE BODY BODY.PEEK".split())


def itemsOf(response: Sequence[Any]) -> Items:
    """
    The items of one FETCH response, as a dict and as a flat list.

    @param response: its nested list, in which a string "<5>" behind a section
        looks like an origin.
    @raise IllegalServerResponse: where a name has no value.
    """
    items = list(response)
    values: dict[Any, Any] = {}
    flat: list[Any] = []

    def take() -> Any:
        if not items:
            raise illegal("not enough arguments", repr(response)[:200].encode("ascii"), 0)
        return items.pop(0)

    while items:
        key: Any = nativeString(items.pop(0))
        if key.upper() in _KEYS:
            key = key.upper()
        flat.append(key)
        value = take()
        if key in _SECTIONED and _isSection(value):
            section = _text(value)
            if section:
                section[0] = section[0].upper()
            flat.append(section)
            key = (key, tuple(tuple(e) if isinstance(e, list) else e for e in section))
            value = take()
            if _isOrigin(value) and (not items or len(items) % 2):
                flat.append(nativeString(value))
                key = (*key, flat[-1])
                value = take()
        values[key] = _text(value)
        flat.append(values[key])
    return values, flat


def _isSection(value: Any) -> bool:
    """
    Whether what follows such a name is a section, and not a body structure.
    """
    return (
        isinstance(value, list) and len(value) <= 2 and not (value and isinstance(value[0], list))
    )


def _isOrigin(value: Any) -> bool:
    """
    Whether this is the C{<n>} of a partial FETCH.
    """
    return isinstance(value, bytes) and re.fullmatch(rb"<[0-9]+>", value) is not None


def _text(value: Any) -> Any:
    """
    Bytes as str with a character for each octet, in lists too.
    """
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list):
        return [_text(one) for one in value]
    return None


def resultOf(
    pairs: dict[int, list[Any]],
    asked: Any,
    structured: Any,
    parse: Callable[[Sequence[Any]], Items],
) -> tuple[Any, dict[int, Any]]:
    """
    The result of a fetch method, and the FLAGS that it did not ask for.

    @param pairs: for each message what its responses say, joined.
    @param asked: the names of the items that were asked for.
    @param structured: whether the result has dicts, and not flat lists.
    @param parse: C{_parseFetchPairs} of the client.
    """
    dicts: dict[int, dict[Any, Any]] = {}
    lists: dict[int, list[list[Any]]] = {}
    flagChanges: dict[int, Any] = {}
    for number, response in pairs.items():
        values, flat = parse(response)
        if "FLAGS" in values and "FLAGS" not in asked:
            flagChanges[number] = values.pop("FLAGS")
            at = flat.index("FLAGS")
            flat[at : at + 2] = []
            if values:
                dicts[number] = values
        else:
            dicts[number] = values
        lists[number] = [flat]
    return dicts if structured else lists, flagChanges
