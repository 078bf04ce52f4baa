"""
What a program does that others on the network may profit from: told to the log, and
as a Python warning for those who look at no log.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from twisted.logger import LogLevel

from ._logger import ConnectionLogger

_log = ConnectionLogger()

# The texts that each class of clients was warned with.
_told: WeakKeyDictionary[type, set[str]] = WeakKeyDictionary()


class InsecureConnectionWarning(UserWarning):
    """
    A password goes out without TLS, or TLS begins with whoever is there.
    """


def warn(client: Any, level: LogLevel, text: str) -> None:
    """
    Log each time; warn once for each class of clients.

    @raise InsecureConnectionWarning: where warnings are errors, each time.
    """
    _log.emit(level, text)
    told = _told.setdefault(type(client), set())
    message = f"{type(client).__name__}: {text}"
    # Once it was shown, it is for nobody; but only warn() knows whether it is an error now.
    with warnings.catch_warnings(record=True) if text in told else nullcontext():
        warnings.warn(message, InsecureConnectionWarning, stacklevel=_outside())
    # Where warnings are errors, this is not reached.
    told.add(text)


def _outside() -> int:
    """
    The C{stacklevel} for warn() of who has called us, or has made the reactor do so:
    the innermost frame that is neither ours nor Twisted's.
    """
    level, frame = 0, sys._getframe(1)
    while frame.f_back is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package not in ("twisted", "twisted_imapc"):
            break
        level, frame = level + 1, frame.f_back
    return level + 1
