"""Where the collector may come, and run a finalizer: wherever something is called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from twisted.internet.defer import Deferred


@contextmanager
def collected_at(number: int, act: Callable[[], object]) -> Iterator[list[Any]]:
    """
    A finalizer acts as the Deferred of this number, of those that we fire, is about to.

    Twisted's coroutines never end where that happens in them.  Gives a list that is empty
    as long as nothing acted.
    """
    acted: list[Any] = []
    count = 0

    def first(fire: Callable[..., None]) -> Callable[..., None]:
        def fires(self: Deferred[Any], *outcome: Any) -> None:
            nonlocal count
            count += sys._getframe(1).f_globals["__name__"].startswith("twisted_imapc")
            if count == number and not acted:
                acted.append(self)
                act()
            fire(self, *outcome)

        return fires

    with (
        patch.object(Deferred, "callback", first(Deferred.callback)),
        patch.object(Deferred, "errback", first(Deferred.errback)),
    ):
        yield acted
