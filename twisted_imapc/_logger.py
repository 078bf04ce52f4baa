"""
A logger whose events say for which connection they were.
"""

from __future__ import annotations

from twisted.logger import Logger, LogLevel
from twisted.python import context
from twisted.python.log import ILogContext


class ConnectionLogger(Logger):
    """
    Takes the system, such as C{IMAP4Client,client}, from where the reactor puts it
    when it calls a transport.  L{twisted.python.log}, with which Twisted's client
    logs, does so; L{Logger} does not.
    """

    def emit(self, level: LogLevel, format: str | None = None, **values: object) -> None:
        """
        Emit one event.
        """
        values.setdefault("log_system", context.get(ILogContext).get("system", "-"))
        super().emit(level, format, **values)
