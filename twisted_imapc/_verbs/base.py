"""
What the methods have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from twisted.internet.defer import Deferred

from .. import _encode
from .._command import makeCommand
from .._session import Session


class Verbs:
    """
    What a class with methods of the client has of the client.
    """

    _imapc: Session
    _capCache: Any
    transport: Any
    sendCommand: Callable[[Any], Deferred[Any]]
    sendLine: Callable[[bytes], None]


# What the parser built, without the tagged answer.
valueOf = itemgetter(0)


def perform(client: Any, command: bytes, *pieces: _encode.Piece, **keywords: Any) -> Deferred[Any]:
    """
    Send a command; fires with C{(value as the shape has it, tagline)}.

    @param pieces: the arguments, encoded already.
    @param keywords: those of L{makeCommand}.
    """
    d: Deferred[Any] = client.sendCommand(makeCommand(client, command, *pieces, **keywords))
    return d


def mailboxOf(client: Any, name: str | bytes, argument: str) -> bytes:
    """
    A C{mailbox} as the server knows it.
    """
    return _encode.mailbox(name, argument, client._imapc.parser.names)
