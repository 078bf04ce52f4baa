"""
What a program can set on a Client.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _encode
from ._connection import Limits
from ._pipeline import Pipeline

_MiB = 1024 * 1024

_LIMITS = {
    "maxLineLength",
    "maxLiteralSize",
    "maxResponseSize",
    "maxDepth",
    "maxListsPerResponse",
    "maxElementsPerResponse",
}

# Whether there may be no end of it.
_TIMES = {"timeout": True, "idleRenewal": False}

# The least that makes sense: a command line has room for one range of UIDs.
_LEAST = {"pipelineDepth": 1, "windowOctets": 0, "maxBacklog": 0, "maxCommandLength": 100}


def _checkSetting(name: str, value: Any) -> None:
    if name in _TIMES:
        _encode.seconds(value, name, mayBeEndless=_TIMES[name])
    elif name in _LEAST and _encode.unsigned(value, name) < _LEAST[name]:
        raise ValueError(f"{name}: {_LEAST[name]} or more is wanted, not {value}")


class Settings(Limits):
    """
    Attributes of L{Client<twisted_imapc.Client>}, of a subclass, or of one client.

    @cvar timeout: seconds of the server's silence, while a command waits for its
        answer, behind which the connection ends with L{Silent}; 0 or None for no end.
    @cvar pipelineDepth: commands in flight at most; with 1 each waits for the
        answer to the one before.
    @cvar windowOctets: about how much a fetch asks for at a time; 0: all of it.
    @cvar maxBacklog: octets that a fetch keeps unread for the sake of a command
        that waits behind it.
    @cvar maxCommandLength: octets of a command; longer sets are split.
    @cvar idleRenewal: seconds behind which a server that waits for us hears of us.
    @cvar trace: called with C{"C"} or C{"S"} and a line, without secrets and
        literals.
    @cvar maxLineLength: octets of one line; more end the connection, as do the next
        two.
    @cvar maxLiteralSize: octets of one literal.
    @cvar maxResponseSize: octets of one response.
    @cvar maxDepth: nesting of parentheses; a response with more is malformed, as with
        the next two.
    @cvar maxListsPerResponse: lists in one response.
    @cvar maxElementsPerResponse: elements in one response.
    """

    timeout: float | None = 300
    pipelineDepth = 64
    windowOctets = 2 * _MiB
    maxBacklog = 64 * _MiB
    maxCommandLength = 8000
    idleRenewal: float = 540

    trace: Callable[[str, bytes], object] | None = None

    plaintext = False

    _pipeline: Pipeline

    def _check(self) -> None:
        """
        @raise ValueError: for a setting of this class that makes no sense.
        @raise TypeError: for one that is no number.
        """
        for name in (*_TIMES, *_LEAST):
            _checkSetting(name, getattr(self, name))

    def __setattr__(self, name: str, value: object) -> None:
        """
        A limit counts from now on.

        @raise ValueError: for what makes no sense.
        @raise TypeError: for what is no number and should be.
        """
        _checkSetting(name, value)
        object.__setattr__(self, name, value)
        if name in _LIMITS:
            self._pipeline.limit(self._pipeline.parser)
