"""What fetchSpecific() may be given: sections, parts, names of fields, octets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import IntEnum
from numbers import Integral
from typing import Any

import pytest

from tests.helpers.classes import TheirClient
from tests.helpers.rig import calling, drive

row = pytest.mark.row("CR, LF and NUL in an argument go out as they are")

FIELDS = "HEADER.FIELDS"


class ChosenPart(IntEnum):
    TEXT = 1


@Integral.register
class Counted:
    """An integer that is no int, as numpy's are."""

    def __int__(self) -> int:
        return 3

    def __index__(self) -> int:
        return 3

    def __str__(self) -> str:
        return "3"

    def __le__(self, other: int) -> bool:
        return other >= 3

    def __lt__(self, other: int) -> bool:
        return other > 3

    def __ge__(self, other: int) -> bool:
        return other <= 3


#: Options, each as a function since an iterator is used up.
SAME: list[Callable[[], dict[str, Any]]] = [
    dict,
    lambda: {"headerType": ""},
    lambda: {"headerType": "text"},
    lambda: {"headerType": "Header", "headerNumber": 2},
    lambda: {"headerType": "MIME"},
    lambda: {"headerType": "MIME", "headerNumber": (2, 1, 3)},
    lambda: {"headerType": "1.TEXT"},
    lambda: {"headerType": "2.1"},
    lambda: {"headerType": "HEADER.FIELDS (Subject X-A)"},
    lambda: {"headerType": "TEXT", "headerArgs": "what does not count"},
    lambda: {"headerNumber": 1},
    lambda: {"headerNumber": 4294967295},
    lambda: {"headerNumber": ()},
    lambda: {"headerNumber": [1, "2"]},
    lambda: {"headerNumber": iter((1, 2))},
    lambda: {"headerNumber": "1"},
    lambda: {"headerNumber": ["1.2", 3]},
    lambda: {"headerNumber": [Counted()]},
    lambda: {"headerType": FIELDS},
    lambda: {"headerType": FIELDS, "headerArgs": []},
    lambda: {"headerType": f"{FIELDS}.NOT", "headerArgs": ["Subject", "X[a's"], "headerNumber": 1},
    lambda: {"headerType": FIELDS, "headerArgs": iter(["a", '"b \\"]"'])},
    lambda: {"headerType": FIELDS, "headerArgs": ["Subject From"]},
    lambda: {"offset": 0, "length": 0},
    lambda: {"offset": 2**63 - 1, "length": 1},
    lambda: {"offset": Counted(), "length": 5, "peek": 1},
    lambda: {"length": -1},
]


@pytest.mark.parametrize("options", SAME)
def test_what_is_sent_as_from_twisted(ours: Any, options: Callable[[], dict[str, Any]]) -> None:
    theirs = drive(TheirClient, calling("fetchSpecific", "1", **options()), b"")
    assert b" BODY" in theirs.written
    mine = drive(ours, calling("fetchSpecific", "1", **options()), b"")
    assert (mine.written, mine.firing) == (theirs.written, theirs.firing)


@row
@pytest.mark.parametrize(
    ("options", "section"),
    [
        ({"headerType": "header.fields", "headerArgs": ["a", "b"]}, b"header.fields (a b)"),
        ({"headerType": "Header.Fields.Not", "headerNumber": 2}, b"2.Header.Fields.Not ()"),
        ({"headerType": "", "headerNumber": 2}, b"2"),
        ({"headerNumber": [ChosenPart.TEXT]}, b"1"),
    ],
)
def test_what_twisted_makes_no_section_of(
    ours: Any, options: dict[str, Any], section: bytes
) -> None:
    """Or only some versions of Python."""
    outcome = drive(ours, calling("fetchSpecific", "1", **options), b"")
    assert outcome.written == b"0001 FETCH 1 BODY[%b]\r\n" % section


#: What Twisted sends, or raises without a word on the argument.
REFUSED: list[tuple[str, Any, type[Exception]]] = [
    *(("headerType", value, ValueError) for value in (
        "TEXT] BODY[HEADER", "] RFC822 BODY[", "TEXT]<0.1", "TEX", "TEXT ", "\xe9", "te\u017ft",
        "HEADER.FIELDS (a", "HEADER.FIELDS (a) BODY", "HEADER.FIELDS (a] TEXT [)", ".TEXT",
        "0.TEXT", "HEADER ()", "HEADER.FIELDS (a)] BODY[TEXT",
    )),
    *(("headerType", value, TypeError) for value in (b"TEXT", 1, True, ["TEXT"])),
    *(("headerNumber", value, ValueError) for value in (
        0, -1, [0], [1, -1], "1.2", [1, ""], ["1."], ["1] BODY[TEXT"], ["\u0661"], "a", ["01"],
        ["1 "], 10**10,
    )),
    *(("headerNumber", value, TypeError) for value in (
        True, False, [True], [None], [1.5], 1.5, b"1", bytearray(b"1"), memoryview(b"1"), [[1]],
    )),
    *(("headerArgs", value, ValueError) for value in (
        ["Subject)] BODY[TEXT"], ["a("], ["", "a"], ["a "], ["{3}"], ["a\\b"], ['"a'], ['"a\\b"'],
        ["\xe9"], ['"\xe9"'], ["*"], ["a]"], ["a\tb"], ['"a"b'],
    )),
    *(("headerArgs", value, TypeError) for value in ([b"Subject"], [None], "Subject", b"a", 5)),
    *(("offset", value, ValueError) for value in (-1, 2**63)),
    *(("offset", value, TypeError) for value in (date(2020, 1, 1), "5", 1.0, True)),
    *(("length", value, ValueError) for value in (-1, 2**63)),
    *(("length", value, TypeError) for value in (date(2020, 1, 1), "5", 1.0, False)),
]  # fmt: skip


@row
@pytest.mark.parametrize(("argument", "value", "kind"), REFUSED)
def test_what_would_be_another_item(
    ours: Any, argument: str, value: Any, kind: type[Exception]
) -> None:
    options = {"offset": 0, "length": 5, argument: value}
    if argument == "headerArgs":
        options["headerType"] = FIELDS
    outcome = drive(ours, calling("fetchSpecific", "1", **options), b"")
    assert outcome.firing[0] == "raised" and type(outcome.firing[1]) is kind
    assert outcome.written == b""
    assert str(outcome.firing[1]).startswith(f"{argument}: ")
