"""
Where the tests' own things are: one looks for a test in one folder, and a helper has one
home and one meaning.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))
FOLDERS = {"core", "parser", "drop_in", "client", "life", "tls", "servers", "vectors", "project",
           "helpers"}  # fmt: skip


def label(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported anywhere in a file, in the middle of it, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names)


def defined(path: Path) -> Iterator[str]:
    """Functions, classes and fixtures of a file, without the tests."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not node.name.startswith("test_"):
                yield node.name


def test_every_test_is_in_a_folder() -> None:
    tests = {path.parent.relative_to(TESTS).as_posix() for path in FILES if "test_" in path.name}
    assert tests <= FOLDERS - {"core", "helpers"}
    assert {path.name for path in TESTS.iterdir() if path.is_dir()} - {"__pycache__"} == FOLDERS


@pytest.mark.parametrize("path", FILES, ids=label)
def test_nothing_is_imported_from_a_test(path: Path) -> None:
    names = list(imported(ast.parse(path.read_text())))
    assert [name for name in names if ".test_" in name and name.startswith(("tests", "."))] == []


def test_one_name_one_meaning() -> None:
    """Nor does a helper have the name of a class of the package."""
    homes = Counter(name for path in FILES for name in defined(path) if name != "main")
    assert [name for name, count in homes.items() if count > 1] == []
    package = {
        name
        for path in (TESTS.parent / "twisted_imapc").rglob("*.py")
        for name in defined(path)
        if name[0].isupper()
    }
    assert package & set(homes) == set()
