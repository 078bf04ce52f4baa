"""
A message that APPEND sends: what was announced of it, and no octet more.
"""

from __future__ import annotations

from io import BytesIO, UnsupportedOperation
from typing import Any

from twisted.protocols import basic
from twisted.python.failure import Failure


class TransferStopped(Exception):
    """
    The connection was lost in the middle of a message that was being sent.
    """


def opened(message: Any) -> Any:
    """
    The message that append() was given, as a file.

    @raise TypeError: where it is neither bytes nor a file that gives bytes and has a
        start to go back to.
    """
    if isinstance(message, bytes):
        return BytesIO(message)
    if not (_givesBytes(message) and _isSeekable(message)):
        kind = type(message).__name__
        raise TypeError(f"message: bytes or a seekable file of bytes is wanted, not {kind}")
    return message


def _givesBytes(message: Any) -> bool:
    try:
        return hasattr(message, "read") and isinstance(message.read(0), bytes)
    except UnsupportedOperation:
        return False
    except OSError:
        # A disk that fails: dealt with when the message is sent.
        return True


def _isSeekable(message: Any) -> bool:
    # Files of a program's own may have no seekable().
    return (
        hasattr(message, "seek")
        and hasattr(message, "tell")
        and bool(getattr(message, "seekable", lambda: True)())
    )


class Message:
    """
    A file from its start, as many octets as were announced.

    @raise EOFError: from C{read()}, where the file has become shorter.
    """

    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._left = size
        self._begun = False

    def read(self, size: int) -> Any:
        """
        The next octets; empty behind the last.
        """
        if not self._begun:
            # Another APPEND may have read the same file.
            self._begun = True
            self._file.seek(0, 0)
        if not self._left:
            return b""
        octets = self._file.read(min(size, self._left))
        if not octets:
            raise EOFError(f"The message is {self._left} octets shorter than it was")
        octets = octets[: self._left]
        self._left -= len(octets)
        return octets


class MessageSender(basic.FileSender):
    """
    Sends a message; tells a lost connection from a file that fails.
    """

    def resumeProducing(self) -> None:
        """
        Write the next piece.
        """
        try:
            super().resumeProducing()
        except Exception:
            self.consumer.unregisterProducer()
            self._fail(Failure())

    def stopProducing(self) -> None:
        """
        The connection is lost.
        """
        self._fail(Failure(TransferStopped("The connection was lost in mid-message")))

    def _fail(self, failure: Failure) -> None:
        d, self.deferred = self.deferred, None
        if d is not None:
            d.errback(failure)
