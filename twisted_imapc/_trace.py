"""
What C{trace} is told: each line that goes out or comes in, but for what is
secret or long.

A literal is C{[5 octets]}, in front of the text that follows it; whatever
belongs to LOGIN and AUTHENTICATE is C{[hidden]}.  Lines that came in are told
when the response that they belong to is whole, and before anybody else hears of
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast

# RFC 9051, sections 6.2.2 and 6.2.3: what may be seen of them.
_CREDENTIALS = re.compile(rb"\s*(\S+)\s+(?:LOGIN|AUTHENTICATE\s+[^\s{]+)", re.IGNORECASE)

# A literal announced, at the end of a line or, by a server that has LITERAL+, of
# a piece of it.
_ANNOUNCED = re.compile(rb"\{([0-9]{1,20})\+?\}(\r\n|\Z)")


class Conversation:
    """
    What has to be remembered from one line that is sent to the next.
    """

    def __init__(self) -> None:
        # The tag of a LOGIN or AUTHENTICATE that has no answer yet.
        self._secret: bytes | None = None
        # The literal that what is sent next begins with.
        self._literal: int | None = None

    def sent(self, octets: bytes) -> Iterator[bytes]:
        """
        The lines to tell of what was given to sendLine().
        """
        found = _CREDENTIALS.match(octets)
        if found is not None:
            self._secret = found[1]
            self._literal = None
            yield found[0] + b" [hidden]"
        elif self._secret is not None:
            yield b"[hidden]"
        else:
            yield from self._lines(octets)

    def _lines(self, octets: bytes) -> Iterator[bytes]:
        while True:
            before = b""
            if self._literal is not None:
                # It may be short: the message of an APPEND goes another way.
                before = b"[%d octets]" % self._literal
                octets = octets[self._literal :]
            found = _ANNOUNCED.search(octets)
            self._literal = int(found[1]) if found else None
            yield before + (octets[: found.start(2)] if found else octets)
            if not found or not found[2]:
                return
            octets = octets[found.end() :]

    def answered(self, tag: bytes) -> None:
        """
        A command is done.
        """
        # If it was refused, no literal comes.
        self._literal = None
        if tag == self._secret:
            self._secret = None


def unbound(trace: Callable[..., object]) -> Callable[..., object]:
    """
    What to call with direction and line: a function of these two that was made
    a class attribute is not meant to be a method.
    """
    code = getattr(trace, "__code__", None)
    function = getattr(trace, "__func__", None)
    if function is not None and code is not None and code.co_argcount == 2:
        return cast(Callable[..., object], function)
    return trace
