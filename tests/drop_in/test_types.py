"""
What type checkers know of the package's names.  C{make lint} runs mypy over this file: there
an import that is not known, and an ignored error that is none, are errors.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from twisted.mail import imap4

import twisted_imapc
from twisted_imapc import (
    TIMEOUT_ERROR,
    DontQuoteMe,
    FileProducer,
    LiteralFile,
    LiteralString,
    MemoryAccountWithoutNamespaces,
    MessageProducer,
    StreamReader,
    StreamWriter,
    WriteBuffer,
    collapseNestedLists,
    collapseStrings,
    decoder,
    encoder,
    getBodyStructure,
    getEnvelope,
    getLineCount,
    imap4_utf_7,
    iterateInReactor,
    memory_cast,
    modified_base64,
    modified_unbase64,
    parseAddr,
    parseIdList,
    parseNestedParens,
    parseTime,
    splitOn,
    splitQuoted,
    subparts,
    unquote,
    wildcardToRegexp,
)

#: What imap4 defines, and neither its C{__all__} nor ours has.
KNOWN = {
    "DontQuoteMe": DontQuoteMe,
    "FileProducer": FileProducer,
    "LiteralFile": LiteralFile,
    "LiteralString": LiteralString,
    "MemoryAccountWithoutNamespaces": MemoryAccountWithoutNamespaces,
    "MessageProducer": MessageProducer,
    "StreamReader": StreamReader,
    "StreamWriter": StreamWriter,
    "TIMEOUT_ERROR": TIMEOUT_ERROR,
    "WriteBuffer": WriteBuffer,
    "collapseNestedLists": collapseNestedLists,
    "collapseStrings": collapseStrings,
    "decoder": decoder,
    "encoder": encoder,
    "getBodyStructure": getBodyStructure,
    "getEnvelope": getEnvelope,
    "getLineCount": getLineCount,
    "imap4_utf_7": imap4_utf_7,
    "iterateInReactor": iterateInReactor,
    "memory_cast": memory_cast,
    "modified_base64": modified_base64,
    "modified_unbase64": modified_unbase64,
    "parseAddr": parseAddr,
    "parseIdList": parseIdList,
    "parseNestedParens": parseNestedParens,
    "parseTime": parseTime,
    "splitOn": splitOn,
    "splitQuoted": splitQuoted,
    "subparts": subparts,
    "unquote": unquote,
    "wildcardToRegexp": wildcardToRegexp,
}


def names_defined(tree: ast.AST) -> set[str]:
    """The public names that a module defines, and does not have from elsewhere."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, (ast.If, ast.Try)):
            names |= names_defined(node)
    return {name for name in names if not name.startswith("_")}


def test_all_are_known() -> None:
    """A new name of Twisted's fails here, until it is told to type checkers."""
    source = Path(imap4.__file__).read_text(encoding="utf-8")
    assert set(KNOWN) == names_defined(ast.parse(source)) - set(twisted_imapc.__all__)


@pytest.mark.parametrize("name", KNOWN)
def test_same_object(name: str) -> None:
    assert KNOWN[name] is getattr(imap4, name)


def test_names_have_types() -> None:
    """Of an Any no error would come, and the comment would be one."""
    function: int = parseNestedParens  # type: ignore[assignment]
    producer: int = twisted_imapc.MessageProducer  # type: ignore[assignment]

    class Producer(MessageProducer):
        """It can be a base."""

    assert function is imap4.parseNestedParens and producer is imap4.MessageProducer  # type: ignore
    assert issubclass(Producer, imap4.MessageProducer)


def test_other_names_are_not_known() -> None:
    mine: Any = None
    with pytest.raises(AttributeError):
        mine = twisted_imapc.noSuchName  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        from twisted_imapc import noSuchName  # type: ignore[attr-defined]

        mine = noSuchName
    assert mine is None
