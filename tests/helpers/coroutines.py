"""
A test case whose tests are coroutines, also with a Twisted so old that trial
would take a coroutine for a result, and the test for passed, without running it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import TestCase


def _returningDeferred(test: Callable[..., Any]) -> Callable[..., Deferred[Any]]:
    @functools.wraps(test)
    def run(self: Any) -> Deferred[Any]:
        return ensureDeferred(test(self))

    return run


class CoroutineTestCase(TestCase):
    """
    Each C{async def test_...} of a subclass, or of its mixins, is run.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in [name for name in dir(cls) if name.startswith("test_")]:
            test = getattr(cls, name)
            if inspect.iscoroutinefunction(test):
                setattr(cls, name, _returningDeferred(test))
