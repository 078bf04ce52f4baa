"""
Ask an IMAP server what it can do.

    python capabilities.py mail.example.org 143
"""

import argparse
import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory

from twisted_imapc import IMAP4Client


class CapabilitiesClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60

    def connectionMade(self):
        super().connectionMade()
        # One need not wait for the server's greeting to give a command.
        d = self.getCapabilities()
        d.addCallback(self.gotCapabilities)
        d.addCallbacks(self.factory.succeeded, self.factory.failed)
        d.addBoth(lambda _: self.transport.loseConnection())

    def gotCapabilities(self, capabilities):
        for name, values in sorted(capabilities.items()):
            line = name.decode("ascii")
            if values:
                line += ": " + b", ".join(values).decode("ascii")
            print(line)
        return self.logout()


class CapabilitiesFactory(ClientFactory):
    noisy = False
    protocol = CapabilitiesClient
    exitCode = None

    def succeeded(self, result):
        self.exitCode = 0

    def failed(self, reason):
        # When something goes wrong, it is the first message that tells what.
        if self.exitCode is None:
            print("failed:", reason.getErrorMessage(), file=sys.stderr)
            self.exitCode = 1

    def clientConnectionFailed(self, connector, reason):
        self.failed(reason)
        reactor.stop()

    def clientConnectionLost(self, connector, reason):
        self.failed(reason)
        reactor.stop()


def main():
    parser = argparse.ArgumentParser(description="Ask an IMAP server what it can do.")
    parser.add_argument("host")
    parser.add_argument("port", type=int, nargs="?", default=143)
    options = parser.parse_args()

    factory = CapabilitiesFactory()
    reactor.connectTCP(options.host, options.port, factory)
    reactor.run()
    sys.exit(factory.exitCode)


if __name__ == "__main__":
    main()
