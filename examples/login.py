"""
Log in to an IMAP server.

    python login.py mail.example.org 143 alice

The password is asked for, and goes over the network in clear: try this with a
server on your own machine.
"""

import argparse
import getpass
import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory

from twisted_imapc import IMAP4Client


class LoginClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60

    def serverGreeting(self, capabilities):
        d = self.login(self.factory.user, self.factory.password)
        d.addCallback(self.loggedIn)
        d.addCallbacks(self.factory.succeeded, self.factory.failed)
        d.addBoth(lambda _: self.transport.loseConnection())

    def loggedIn(self, result):
        print("logged in as", self.factory.user)
        return self.logout()


class LoginFactory(ClientFactory):
    noisy = False
    protocol = LoginClient
    exitCode = None

    def __init__(self, user, password):
        self.user = user
        self.password = password

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
    parser = argparse.ArgumentParser(description="Log in to an IMAP server.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("user")
    parser.add_argument("password", nargs="?", help="asked for when it is not given")
    options = parser.parse_args()
    if options.password is None:
        options.password = getpass.getpass(f"Password of {options.user}: ")

    factory = LoginFactory(options.user, options.password)
    reactor.connectTCP(options.host, options.port, factory)
    reactor.run()
    sys.exit(factory.exitCode)


if __name__ == "__main__":
    main()
