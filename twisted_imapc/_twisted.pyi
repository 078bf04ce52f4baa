"""
The types that Twisted's own have not, without which strict programs may not call them.
When a program runs, they are Twisted's objects, and no classes derived from them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from twisted.internet.defer import Deferred
from twisted.mail import imap4

class MessageSet(imap4.MessageSet):
    """
    A set of message numbers or UIDs; None is the last one, C{*}.
    """

    def __init__(
        self, start: int | imap4.MessageSet | None = ..., end: int | None = ...
    ) -> None: ...
    @property
    def last(self) -> int: ...
    @last.setter
    def last(self, value: int) -> None: ...
    def add(self, start: int | imap4.MessageSet | None, end: int | None = ...) -> None: ...
    def extend(self, other: int | imap4.MessageSet | tuple[int | None, int | None]) -> None: ...
    def clean(self) -> None: ...
    def __add__(
        self, other: int | imap4.MessageSet | tuple[int | None, int | None]
    ) -> MessageSet: ...
    def __contains__(self, value: int) -> bool: ...
    def __iter__(self) -> Iterator[int]: ...
    def __len__(self) -> int: ...

class Command(imap4.Command):
    """
    A command with the responses that it chooses.
    """

    command: bytes
    args: bytes | None
    wantResponse: Iterable[bytes]
    lines: list[bytes]
    defer: Deferred[Any] | None  # type: ignore[assignment]
    def __init__(
        self,
        command: bytes,
        args: bytes | None = None,
        wantResponse: Iterable[bytes] = (),
        continuation: Callable[..., object] | None = None,
        *contArgs: object,
        **contKw: object,
    ) -> None: ...
    def format(self, tag: bytes) -> bytes: ...
    def finish(self, lastLine: bytes, unusedCallback: Callable[..., object]) -> None: ...

class PLAINAuthenticator(imap4.PLAINAuthenticator):
    """
    SASL PLAIN (RFC 4616).
    """

    def __init__(self, user: bytes) -> None: ...
    def getName(self) -> bytes: ...
    def challengeResponse(self, secret: bytes, chal: bytes) -> bytes: ...

class LOGINAuthenticator(imap4.LOGINAuthenticator):
    """
    SASL LOGIN.
    """

    def __init__(self, user: bytes) -> None: ...
    def getName(self) -> bytes: ...
    def challengeResponse(self, secret: bytes, chal: bytes) -> bytes: ...

class CramMD5ClientAuthenticator(imap4.CramMD5ClientAuthenticator):
    """
    SASL CRAM-MD5 (RFC 2195).
    """

    def __init__(self, user: bytes) -> None: ...
    def getName(self) -> bytes: ...
    def challengeResponse(self, secret: bytes, chal: bytes) -> bytes: ...

def Or(*args: str) -> str:
    """
    Either of two queries, or of more.
    """

def Not(query: str) -> str:
    """
    The opposite of a query.
    """
