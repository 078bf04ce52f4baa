"""
The commands that are measured, each with the answer to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import wires


@dataclass(frozen=True)
class Case:
    """
    One command and the answer to it.

    C{count} is what the answer is made with; C{unit} and C{units} are what it
    is measured in, and how many of them there are.  C{words} are the command, as
    other clients are told it: LIST, SEARCH, or the items of a FETCH.
    """

    name: str
    call: Callable[[Any], Any]
    make: Callable[[int], bytes]
    count: int
    unit: str = "messages/s"
    kind: type = dict
    unitsEach: float = 1
    words: tuple[str, ...] = ()

    @property
    def units(self) -> float:
        return self.count * self.unitsEach

    def wire(self) -> bytes:
        """
        The whole answer, to a command with the tag 0001.
        """
        return self.make(self.count)

    def of(self, count: int) -> Case:
        """
        The same with another amount of data.
        """
        return replace(self, count=count)

    def quick(self) -> Case:
        """
        The same with little data, where it would take long.
        """
        return self.of(max(1, self.count // 10) if self.count > 1000 else self.count)


def _bodies(name: str, size: int, count: int) -> Case:
    return Case(
        name,
        lambda client: client.fetchSpecific("1:*", peek=1),
        wires.bodies(size),
        count,
        "MB/s",
        unitsEach=size / 1e6,
        words=("BODY.PEEK[]",),
    )


def _search(name: str, count: int) -> Case:
    return Case(
        name,
        lambda client: client.search("ALL", uid=True),
        wires.search,
        count,
        "numbers/s",
        list,
        words=("SEARCH",),
    )


FLAGS = Case(
    "fetchFlags",
    lambda client: client.fetchFlags("1:*"),
    wires.flags,
    10_000,
    words=("FLAGS",),
)
ENVELOPE = Case(
    "fetchEnvelope",
    lambda client: client.fetchEnvelope("1:*"),
    wires.envelope,
    2_000,
    words=("ENVELOPE",),
)
ALL = Case(
    "fetchAll",
    lambda client: client.fetchAll("1:*"),
    wires.everything,
    2_000,
    words=("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
)
BODYSTRUCTURE = Case(
    "fetchBodyStructure",
    lambda client: client.fetchBodyStructure("1:*"),
    wires.bodyStructure,
    2_000,
    words=("BODYSTRUCTURE",),
)
LIST = Case(
    "list",
    lambda client: client.list("", "*"),
    wires.mailboxes,
    10_000,
    "mailboxes/s",
    list,
    words=("LIST",),
)
SEARCH = _search("search of 2,000", 2_000)
LARGE_SEARCH = _search("search of 1,000,000", 1_000_000)
SMALL_BODIES = _bodies("bodies of 4 KB", 4_000, 2_000)
BODIES = _bodies("bodies of 100 KB", 100_000, 200)
LARGER_BODIES = _bodies("bodies of 200 KB", 200_000, 200)
BODY = _bodies("body of 10 MB", 10_000_000, 1)
LARGE_BODY = _bodies("body of 50 MB", 50_000_000, 1)
NESTED = Case(
    "deep nesting", lambda client: client.fetchSimplifiedBody("1:*"), wires.nested(100), 1_000
)

CASES = {
    case.name: case
    for case in (
        FLAGS,
        ENVELOPE,
        ALL,
        BODYSTRUCTURE,
        LIST,
        SEARCH,
        LARGE_SEARCH,
        SMALL_BODIES,
        BODIES,
        LARGER_BODIES,
        BODY,
        LARGE_BODY,
        NESTED,
    )
}
