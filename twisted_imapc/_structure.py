"""
What typed records decode when it is looked at: never while a response is parsed.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """
    What was malformed in a response.

    @ivar item: the name of the item, or None where the list of items itself is broken.
    @ivar message: what is wrong.
    @ivar wire: at most 200 octets, from where the malformed value begins.
    """

    item: str | None
    message: str
    wire: bytes


def problems(raw: tuple[tuple[str | None, str, bytes], ...]) -> tuple[Problem, ...]:
    """
    Problems of the tuples that the parser kept.
    """
    return tuple(Problem(*each) for each in raw)


def internalDate(
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int
) -> datetime:
    """
    An aware datetime; C{offset} is in minutes.
    """
    zone = timezone(timedelta(minutes=offset)) if offset else timezone.utc
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def reprMessage(message: Any) -> str:
    """
    Number, UID, flags and the names of the other items.
    """
    words = [f"<Message {message.number}"]
    if message.uid is not None:
        words.append(f"uid={message.uid}")
    if message.flags is not None:
        words.append(f"flags={sorted(message.flags)}")
    words += [key for key in message.keys() if key not in ("UID", "FLAGS")]
    if message.problems:
        words.append(f"problems={len(message.problems)}")
    return " ".join(words) + ">"


class Part:
    """
    One part of a message's structure, made of the tuples that the parser kept.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: tuple[Any, ...]) -> None:
        self._raw = raw
