"""The examples in the docstrings of the client's methods, run as they stand there."""

from __future__ import annotations

import ast
import doctest
import inspect
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import zip_longest
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from twisted.internet.defer import Deferred

from twisted_imapc import IMAP4Client
from twisted_imapc.types import StatusItems

#: White space as one likes, and C{...} for what is left out.
_OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def public_methods() -> dict[str, Any]:
    """Of the client, its bases included."""
    members = inspect.getmembers(IMAP4Client, inspect.isroutine)
    return {name: member for name, member in members if not name.startswith("_")}


def examples(name: str) -> list[doctest.Example]:
    """The examples of a method."""
    text = inspect.getdoc(getattr(IMAP4Client, name)) or ""
    return doctest.DocTestParser().get_examples(text, name)


async def result_of(source: str, namespace: dict[str, Any]) -> Any:
    """What one example gives; None for a statement."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    is_value = isinstance(ast.parse(source).body[-1], ast.Expr)
    code = compile(source, "<example>", "eval" if is_value else "exec", flags)
    value = eval(code, namespace)
    return await value if inspect.iscoroutine(value) else value


async def try_example(example: doctest.Example, namespace: dict[str, Any]) -> tuple[Any, str]:
    """
    Run one as it would run in a console that awaits.

    @return: the value, and what is wrong with it: nothing, mostly.
    """
    printed = StringIO()
    with redirect_stdout(printed):
        value = await result_of(example.source, namespace)
    got = printed.getvalue() + ("" if value is None else f"{value!r}\n")
    checker = doctest.OutputChecker()
    if checker.check_output(example.want, got, _OPTIONS):
        return value, ""
    return value, checker.output_difference(example, got, _OPTIONS)


# ---- Types -----------------------------------------------------------------


def fired_type(name: str) -> Any:
    """What the Deferred of a method fires with, as it is annotated."""
    told = get_type_hints(getattr(IMAP4Client, name))["return"]
    return get_args(told)[0] if get_origin(told) is Deferred else None


def misfits(value: Any, kind: Any, where: str = "it") -> Iterator[str]:
    """Where a value is of another type than it should be."""
    if kind is Any:
        return
    if get_origin(kind) in (Union, UnionType):
        if all(any(misfits(value, one)) for one in get_args(kind)):
            yield f"{where} is {value!r:.200}, not {kind}"
        return
    plain = dict if is_typeddict(kind) else get_origin(kind) or kind or NoneType
    if not isinstance(value, plain):
        yield f"{where} is {value!r:.200}, not {kind}"
        return
    for index, one, its in _members(value, kind):
        yield from misfits(one, its, f"{where}[{index!r}]")


def _members(value: Any, kind: Any) -> Iterator[tuple[Any, Any, Any]]:
    """What is in a value, at which index, and of which type that should be."""
    origin, args = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        # Of STATUS and UID that is there which was asked for.
        needed = set() if kind is StatusItems else kind.__required_keys__ - {"UID"}
        for key in value.keys() | needed:
            yield key, value.get(key, ...), get_type_hints(kind).get(key, NoneType)
    elif origin is dict:
        for key, one in value.items():
            yield key, key, args[0]
            yield key, one, args[1]
    elif origin is list:
        yield from ((index, one, args[0]) for index, one in enumerate(value))
    elif origin is tuple and args[-1] is ...:
        yield from ((index, one, args[0]) for index, one in enumerate(value))
    elif origin is tuple:
        for index, (one, its) in enumerate(zip_longest(value, args, fillvalue=...)):
            yield index, one, NoneType if its is ... else its
