"""The classes that are tested: Twisted's, and ours on both ways in."""

from __future__ import annotations

import importlib
import os
from typing import Any

from twisted.mail import imap4

#: Twisted's class, the oracle.
TheirClient = imap4.IMAP4Client


def _class_under_test() -> Any:
    """
    Ours; TWISTED_IMAPC_TEST_CLASS=module:name puts another in its place, so that
    Twisted's class against itself can show that the tests of agreement are fair.
    """
    module, _, name = os.environ.get(
        "TWISTED_IMAPC_TEST_CLASS", "twisted_imapc:IMAP4Client"
    ).partition(":")
    return getattr(importlib.import_module(module), name)


OurClient: Any = _class_under_test()

#: Whether Twisted's class runs against itself: then no difference is expected.
AGAINST_ITSELF = OurClient is TheirClient


class LinesClient(OurClient):
    """Overrides the two hooks of a tracer, and so takes the other way in."""

    def lineReceived(self, line: bytes) -> None:
        OurClient.lineReceived(self, line)

    def rawDataReceived(self, data: bytes) -> None:
        OurClient.rawDataReceived(self, data)


#: Both ways into our client: the same results on both.
WAYS = {"fast": OurClient, "lines": LinesClient}
