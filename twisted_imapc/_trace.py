"""
What C{trace} is told: each line that goes out or comes in, but for what is
secret or long.

A literal is C{[5 octets]}, in front of the text that follows it; whatever
belongs to LOGIN and AUTHENTICATE is C{[hidden]}.  Lines that came in are told
when the response that they belong to is whole, and before anybody else hears of
it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, cast

from ._encode import LITERAL_HEADER

# RFC 9051, sections 6.2.2 and 6.2.3: the tag, and what may be seen of the rest.
_CREDENTIALS = re.compile(
    rb"\s*(?:(\S+)\s+)?(?:LOGIN|AUTHENTICATE(?:\s+[^\s{]+)?)(?=\s|\Z)", re.IGNORECASE
)


# One for all: an empty set takes as much memory as one with four.
_NOTHING: frozenset[bytes] = frozenset()


class Conversation:
    """
    What has to be remembered from one line that is sent to the next.
    """

    __slots__ = ("_literal", "_secrets", "_tag", "isOpen")

    def __init__(self) -> None:
        # The tags of LOGIN and AUTHENTICATE that have no answer yet.
        self._secrets = _NOTHING
        # The tag of the last command.
        self._tag = b""
        # The octets of the literal that what is sent next begins with.
        self._literal: int | None = None
        # Whether answered() has something to clear.
        self.isOpen: bool = False

    def sent(self, octets: bytes) -> list[bytes]:
        """
        The lines to tell of what was given to sendLine(), which may be more
        than one where the server has LITERAL+.
        """
        lines = []
        start = 0
        while start >= 0:
            # Fewer octets may follow: the message of an APPEND goes another way.
            behind = self._literal
            start += behind or 0
            end = octets.find(b"\r\n", start)
            line = octets[start:] if end < 0 else octets[start:end]
            start = end if end < 0 else end + 2
            announced = LITERAL_HEADER.search(line)
            self._literal = int(announced[1]) if announced else None
            lines.append(self._told(line, behind))
        self.isOpen = self._literal is not None or bool(self._secrets)
        return lines

    def _told(self, line: bytes, behind: int | None) -> bytes:
        found = _CREDENTIALS.match(line) if behind is None else None
        if behind is None:
            self._tag = line.split(None, 1)[0] if line.strip() else b""
        if found is not None:
            if found[1]:
                self._secrets |= {found[1]}
            return found[0] + b" [hidden]"
        if self._secrets:
            return b"[hidden]"
        return line if behind is None else b"[%d octets]" % behind + line

    def answered(self, tag: bytes) -> None:
        """
        A command is done.
        """
        self._secrets = self._secrets - {tag} or _NOTHING
        if tag == self._tag:
            # If it was refused, no literal comes.
            self._literal = None
        self.isOpen = self._literal is not None or bool(self._secrets)


def callee(trace: Any, client: object) -> Callable[..., object] | None:
    """
    What to call with direction and line; None where C{trace} of C{client} is
    something else that a program has under this name.

    A function of these two that was made a class attribute is not meant to be
    a method.
    """
    bound = getattr(trace, "__func__", None)
    if bound is None or trace.__self__ is not client:
        return trace if callable(trace) else None
    function = inspect.unwrap(bound)
    code = getattr(function, "__code__", None)
    if code is None:
        return cast(Callable[..., object], bound)
    names = code.co_varnames[: code.co_argcount]
    needed = len(names) - len(function.__defaults__ or ())
    if needed == 2 and names[0] != "self":
        return cast(Callable[..., object], bound)
    takesAny = bool(code.co_flags & inspect.CO_VARARGS)
    return trace if needed <= 3 and (takesAny or len(names) >= 3) else None
