"""
Failures that are not logged where nothing handles them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from twisted.internet import defer


class _UnreportedInfo(defer.DebugInfo):
    """
    Twisted's DebugInfo, without its report.
    """

    def __del__(self) -> None:
        pass


@contextlib.contextmanager
def unreported() -> Iterator[None]:
    """
    Deferreds that fail in here, and that nobody handles, are not reported.

    A Deferred that fires fires others, of which we know nothing: those that wait
    for it in a chain, in coroutines, in a program's callbacks.  So it is not done
    with an errback, which would also hide the failure from who asks for it later.
    """
    theirs = defer.DebugInfo
    defer.DebugInfo = _UnreportedInfo  # type: ignore[misc]
    try:
        yield
    finally:
        defer.DebugInfo = theirs  # type: ignore[misc]
