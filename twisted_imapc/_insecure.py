"""
What a program does that others on the network may profit from: told to the log, and
as a Python warning for those who look at no log.
"""

from __future__ import annotations

import warnings
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
    if text not in told:
        warnings.warn(f"{type(client).__name__}: {text}", InsecureConnectionWarning, stacklevel=3)
        # Where warnings are errors, this is not reached.
        told.add(text)
