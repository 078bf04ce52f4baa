"""
What C has for the look at hooks: the number by which it is known that nobody has patched a
class, and the names in a client's own dict.
"""

from __future__ import annotations

from typing import Any

import pytest

from twisted_imapc._imapc import hasAny, typeVersion


class Above:
    """A base that is patched."""


class Below(Above):
    """What a change of its base changes, too."""


def version(cls: type) -> int:
    """Looked at as hooks are: a lookup gives a class its number."""
    getattr(cls, "anything", None)
    return typeVersion(cls)


def test_it_is_another_one_after_each_change() -> None:
    seen = {version(Below)}
    for name, value in (("hook", 1), ("hook", 2), ("other", None)):
        setattr(Above, name, value)
        assert typeVersion(Below) not in seen - {0}
        seen.add(version(Below))
    del Above.hook, Above.other  # type: ignore[attr-defined]
    assert typeVersion(Below) not in seen - {0}
    for _ in range(3):
        assert version(Below) == version(Below)


@pytest.mark.parametrize("what", [None, 1, Below(), "Below"])
def test_it_is_a_classs(what: Any) -> None:
    with pytest.raises(TypeError, match="takes a class"):
        typeVersion(what)


def test_names_in_a_dict() -> None:
    for names in ((), ("a",), ("b", "a"), ("b", "c")):
        assert hasAny({"a": None, "d": 1}, names) is ("a" in names)
        assert hasAny({}, names) is False


@pytest.mark.parametrize("arguments", [(), ({},), ({}, ["a"]), ([], ("a",)), ({}, (), ())])
def test_a_dict_and_a_tuple(arguments: Any) -> None:
    with pytest.raises(TypeError, match="takes a dict and a tuple"):
        hasAny(*arguments)


def test_a_name_that_is_no_key() -> None:
    with pytest.raises(TypeError):
        hasAny({"a": 1}, ([],))  # type: ignore[arg-type]
