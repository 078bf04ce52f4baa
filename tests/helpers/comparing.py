"""When two values are the same, and two failures."""

from __future__ import annotations

import marshal
from typing import Any

from tests.helpers.rig import Entry


def exact(value: Any) -> bytes:
    """
    Equal for equal values of equal types, all the way down: True is not 1, a str
    not bytes, and no subclass is taken for its base (marshal knows exact types
    only).  The order of a dict counts.
    """
    return marshal.dumps(value, 0)


def in_order(value: Any) -> Any:
    """The value with every dict in the order of its keys."""
    if type(value) is dict:
        items = sorted(value.items(), key=lambda item: repr(item[0]))
        return {key: in_order(item) for key, item in items}
    if type(value) in (list, tuple):
        return type(value)(map(in_order, value))
    return value


def same(one: Any, other: Any) -> bool:
    """Equal with types, whatever the order of dicts."""
    return exact(one) == exact(other) or exact(in_order(one)) == exact(in_order(other))


def described(entry: Entry) -> Entry:
    """A firing with its exception as (type, args), for messages and comparison."""
    if entry[0] in ("failure", "raised"):
        return (entry[0], type(entry[1]).__name__, entry[1].args)
    return entry
