"""
What C has for the look at hooks: the number by which it is known that nobody has patched a
class, and the names in a client's own dict.
"""

from __future__ import annotations

from collections.abc import Callable
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


class Holder:
    """Its attributes are set by all ways there are."""


def test_names_in_a_dict_that_changes() -> None:
    """Whatever was found before; also where it is as long as it was."""
    holder = Holder()
    own, names = holder.__dict__, ("a", "line_mode")
    holder.other = 1  # type: ignore[attr-defined]
    ways: list[Callable[[], object]] = [
        lambda: setattr(holder, "a", 1),
        lambda: holder.__dict__.update(a=1),
        lambda: own.setdefault("line_mode", 1),
        lambda: own.__setitem__("line_mode", 1),
        lambda: own.__ior__({"a": 1}),
    ]
    for change in ways:
        for _ in range(3):
            assert hasAny(own, names) is False
        own.pop("other", None)
        change()
        for _ in range(3):
            assert hasAny(own, names) is True
        for name in names:
            own.pop(name, None)
        holder.other = 1  # type: ignore[attr-defined]


def test_other_names_in_the_same_dict() -> None:
    own = {"a": 1}
    for _ in range(2):
        assert hasAny(own, ("b",)) is False
        assert hasAny(own, ("b", "a")) is True
        assert hasAny(own, ("c",)) is False


def test_names_in_many_dicts() -> None:
    """More than anyone remembers, and some where another one was."""
    names = ("a", "b")
    for _ in range(3):
        dicts = [{"a" if n % 3 == 0 else "c": n} for n in range(500)]
        for _ in range(2):
            assert [hasAny(one, names) for one in dicts] == [n % 3 == 0 for n in range(500)]


def test_names_in_a_dict_that_changes_meanwhile() -> None:
    """In a comparison: what was seen before that is not remembered."""

    class Same(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            own["a"] = 1
            return False

        __hash__ = str.__hash__

    own: dict[str, int] = {"a": 1, Same("b"): 1}
    del own["a"]
    names = ("a", "b")
    assert hasAny(own, names) is False
    assert hasAny(own, names) is True


@pytest.mark.parametrize("arguments", [(), ({},), ({}, ["a"]), ([], ("a",)), ({}, (), ())])
def test_a_dict_and_a_tuple(arguments: Any) -> None:
    with pytest.raises(TypeError, match="takes a dict and a tuple"):
        hasAny(*arguments)


def test_a_name_that_is_no_key() -> None:
    with pytest.raises(TypeError):
        hasAny({"a": 1}, ([],))  # type: ignore[arg-type]
