"""
What programs make of Twisted's for a client of ours; C{_twisted.pyi} says with which
arguments.
"""

from __future__ import annotations

from twisted.mail.imap4 import (
    Command,
    CramMD5ClientAuthenticator,
    LOGINAuthenticator,
    MessageSet,
    Not,
    Or,
    PLAINAuthenticator,
)

__all__ = [
    "Command",
    "CramMD5ClientAuthenticator",
    "LOGINAuthenticator",
    "MessageSet",
    "Not",
    "Or",
    "PLAINAuthenticator",
]
