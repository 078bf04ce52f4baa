"""
Ask an IMAP server what it can do.

    python capabilities.py mail.example.org 143
"""

import argparse
import signal
import sys

from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectionClosed
from twisted.logger import globalLogBeginner

from twisted_imapc import IMAP4Client, connect


class CapabilitiesClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60


async def show(options):
    """
    @return: What went wrong; None for nothing.
    """
    server = HostnameEndpoint(reactor, options.host, options.port)
    try:
        client = await connect(server, CapabilitiesClient)
    except Exception as e:
        # It names the server itself.
        return f"failed: {e}"
    try:
        # Its greeting may have listed some already; this asks for all.
        capabilities = await client.getCapabilities(useCache=False)
        for name, values in sorted(capabilities.items()):
            line = name.decode("ascii")
            if values:
                # None stands for the name alone, beside one with a value.
                line += ": " + b", ".join(filter(None, values)).decode("ascii")
            print("".join(c if c.isprintable() else "?" for c in line))
        await client.logout()
    except ConnectionClosed:
        return f"failed: {options.host}:{options.port}: the server closed the connection"
    except Exception as e:
        return f"failed: {options.host}:{options.port}: {e}"
    finally:
        client.transport.loseConnection()


def main():
    # Ctrl-C and SIGTERM end the program at once, without another word.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description="Ask an IMAP server what it can do.")
    parser.add_argument("host")
    parser.add_argument("port", type=int, nargs="?", default=143)
    options = parser.parse_args()

    outcome = []

    def begin():
        d = ensureDeferred(show(options))
        d.addBoth(outcome.append)
        d.addBoth(lambda _: reactor.stop())

    # What goes wrong is said below, once and in one line.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    sys.exit(outcome[0])


if __name__ == "__main__":
    main()
