"""
Log in to an IMAP server; ask again for name and password when it says no, up
to three times.

    python login_retry.py mail.example.org 143

The password goes over the network in clear: try this with a server on your own
machine.
"""

import argparse
import getpass
import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory
from twisted.mail.imap4 import IMAP4Exception

from twisted_imapc import IMAP4Client


class RetryClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60

    triesLeft = 3
    lost = False

    def serverGreeting(self, capabilities):
        d = self.tryLogin()
        d.addCallbacks(self.factory.succeeded, self.factory.failed)
        d.addBoth(lambda _: self.transport.loseConnection())

    def tryLogin(self):
        self.triesLeft -= 1
        # Nothing else happens in this program while it waits for the user.
        user, password = self.factory.ask()
        d = self.login(user, password)
        d.addCallbacks(self.loggedIn, self.refused, callbackArgs=(user,))
        return d

    def loggedIn(self, result, user):
        print("logged in as", user)
        return self.logout()

    def refused(self, failure):
        # A connection that is gone is no reason to ask for another password.
        failure.trap(IMAP4Exception)
        if self.lost or not self.triesLeft:
            return failure
        print("The server said:", failure.getErrorMessage())
        return self.tryLogin()

    def connectionLost(self, reason):
        self.lost = True
        super().connectionLost(reason)


class RetryFactory(ClientFactory):
    noisy = False
    protocol = RetryClient
    exitCode = None

    def __init__(self, ask):
        self.ask = ask

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
    parser = argparse.ArgumentParser(description="Log in to an IMAP server, in three tries.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument(
        "--answer",
        nargs=2,
        action="append",
        metavar=("NAME", "PASSWORD"),
        help="use this instead of asking; may be given once for each try",
    )
    options = parser.parse_args()

    def ask():
        if options.answer:
            return options.answer.pop(0)
        return input("Name: "), getpass.getpass("Password: ")

    factory = RetryFactory(ask)
    reactor.connectTCP(options.host, options.port, factory)
    reactor.run()
    sys.exit(factory.exitCode)


if __name__ == "__main__":
    main()
