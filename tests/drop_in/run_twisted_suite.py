"""
Run Twisted's own tests of IMAP, no line changed, over our client.

    python tests/drop_in/run_twisted_suite.py [--way fast|lines|twisted] [trial's options]

Twisted's tests take the client from C{imap4.IMAP4Client} at the moment they use
it, so replacing that name is all there is to do.  C{lines} is a subclass that
overrides lineReceived and rawDataReceived and so takes the other way in;
C{twisted} leaves the name alone, to see what Twisted itself comes to.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from typing import Any

from twisted.mail import imap4
from twisted.scripts import trial

SUITE = "twisted.mail.test.test_imap"


def replacement(way: str) -> Any:
    """
    The class that the tests are to find under Twisted's name.
    """
    if way == "twisted":
        return imap4.IMAP4Client

    from twisted_imapc import IMAP4Client as Ours

    if way == "fast":
        return Ours

    class IMAP4Client(Ours):
        def lineReceived(self, line: bytes) -> None:
            Ours.lineReceived(self, line)

        def rawDataReceived(self, data: bytes) -> None:
            Ours.rawDataReceived(self, data)

    return IMAP4Client


def main() -> None:
    parser = argparse.ArgumentParser(description="Run Twisted's own tests over our client.")
    parser.add_argument("--way", choices=("fast", "lines", "twisted"), default="fast")
    options, rest = parser.parse_known_args()

    cls = replacement(options.way)
    imap4.IMAP4Client = cls  # type: ignore[misc]
    where = sys.modules[cls.__mro__[1 if options.way == "lines" else 0].__module__].__file__
    print(f"{SUITE} over {where} ({options.way})", flush=True)

    # trial leaves a folder with a log behind, which goes with this one.
    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["trial", "--reporter=text", "--temp-directory", os.path.join(folder, "trial")]
        sys.argv += rest or [SUITE]
        trial.run()


if __name__ == "__main__":
    main()
