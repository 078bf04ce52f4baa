"""
To fire a Deferred that its holder may cancel at any time.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import AlreadyCalledError, Deferred


def fire(d: Deferred[Any], outcome: Any) -> None:
    """
    Fire C{d} with a result or a Failure, unless that was done already.

    To look at C{d.called} first is not enough: the collector may come wherever
    something is called, callback() included, and a finalizer may cancel.
    """
    try:
        d.callback(outcome)
    except AlreadyCalledError:
        # Not one of a callback's: what these raise is in the Deferred.
        pass
