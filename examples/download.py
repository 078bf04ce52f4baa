"""
Download the INBOX of an IMAP account into an mbox file.

    python download.py mail.example.org 143 alice inbox.mbox

The password is asked for, and goes over the network in clear: try this with a
server on your own machine.
"""

import argparse
import email
import getpass
import mailbox
import os
import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory

from twisted_imapc import IMAP4Client


class DownloadClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60

    def serverGreeting(self, capabilities):
        d = self.login(self.factory.user, self.factory.password)
        d.addCallback(lambda _: self.examine("INBOX"))
        d.addCallback(self.examined)
        d.addCallback(self.save)
        d.addCallback(lambda _: self.logout())
        d.addCallbacks(self.factory.succeeded, self.factory.failed)
        d.addBoth(lambda _: self.transport.loseConnection())

    def examined(self, info):
        # "1:*" names at least one message, so there has to be one.
        if info["EXISTS"] == 0:
            return {}
        return self.fetchSpecific("1:*", peek=1)

    def save(self, messages):
        mbox = mailbox.mbox(self.factory.path)
        for number in sorted(messages):
            value = messages[number]
            # The message comes as a str in which each character stands for one
            # octet.  The email package wants octets above 127 as surrogates
            # instead; then it writes them back as they were.  Without this,
            # mailbox cannot write a message with 8-bit text at all.
            text = value[0][2].encode("latin-1").decode("ascii", "surrogateescape")
            # What changes in the file is what mbox asks for: lines end with LF,
            # and mailbox puts ">" before a line of the body that begins with
            # "From ", where otherwise the next message would seem to begin.
            mbox.add(email.message_from_string(text))
        mbox.close()
        print(f"{len(messages)} messages in {self.factory.path}")


class DownloadFactory(ClientFactory):
    noisy = False
    protocol = DownloadClient
    exitCode = None

    def __init__(self, user, password, path):
        self.user = user
        self.password = password
        self.path = path

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
    parser = argparse.ArgumentParser(description="Download an INBOX into an mbox file.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("user")
    parser.add_argument("file", help="the mbox file to make")
    parser.add_argument("--password", help="asked for when it is not given")
    options = parser.parse_args()
    if os.path.exists(options.file):
        # mailbox would add to it, and a second download would double the mail.
        parser.error(f"{options.file} is there already")
    if options.password is None:
        options.password = getpass.getpass(f"Password of {options.user}: ")

    factory = DownloadFactory(options.user, options.password, options.file)
    reactor.connectTCP(options.host, options.port, factory)
    reactor.run()
    sys.exit(factory.exitCode)


if __name__ == "__main__":
    main()
