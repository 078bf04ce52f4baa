"""
The methods of Twisted's client, a few lines each: they encode their arguments,
name the shape of what they collect, and take the value out of its result.

Those that a subclass may reach for by C{_IMAP4Client__cb...} have such names,
which belong to the class IMAP4Client.
"""

from __future__ import annotations

from .access import Access
from .fetches import Fetches
from .mailboxes import Mailboxes
from .messages import Messages

__all__ = ["Access", "Fetches", "Mailboxes", "Messages"]
