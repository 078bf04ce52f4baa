"""
Answers to no command: some servers send one too many, and an attacker answers
what was not asked yet.
"""

from __future__ import annotations

import re
from collections import deque

from ._errors import IllegalServerResponse, illegal
from ._logger import ConnectionLogger

_log = ConnectionLogger()

# Tags as makeTag() makes them.
_OWN_TAG = re.compile(rb"[0-9A-F]{4,}")

# How many are dropped before the connection closes.
_MOST = 100

# How many tags are remembered that are a program's own and look like ours to come.
_AHEAD = 256


class StrayAnswers:
    """
    Those of one connection.
    """

    __slots__ = ("_ahead", "_count")

    def __init__(self) -> None:
        self._count = 0
        self._ahead: deque[bytes] | None = None

    def remember(self, tag: bytes | None, tagID: int) -> None:
        """
        A command with this tag waits for its answer.

        @param tagID: the number of the next tag.
        """
        if tag is not None and _isToCome(tag, tagID):
            # A program makes tags of its own.
            if self._ahead is None:
                self._ahead = deque(maxlen=_AHEAD)
            self._ahead.append(tag)

    def judge(self, tag: bytes, answer: bytes, tagID: int) -> IllegalServerResponse | None:
        """
        Why an answer to no command ends the connection; None if it is dropped.
        """
        line = b"%b %b" % (tag, answer)
        self._count += 1
        if _isToCome(tag, tagID) and tag not in (self._ahead or ()):
            return illegal("an answer to a command not sent yet", line[:200], 0)
        if self._count > _MOST:
            return illegal("too many answers to no command", line[:200], 0)
        _log.info("Answer to no command dropped: {wire!r}", wire=line[:200])
        return None


def _isToCome(tag: bytes, tagID: int) -> bool:
    return _OWN_TAG.fullmatch(tag) is not None and int(tag, 16) >= tagID
