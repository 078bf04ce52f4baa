"""
Log in to an IMAP server; ask again for name and password when it says no, up
to three times.

    python login_retry.py mail.example.org 143

The password goes over the network in clear: try this with a server on your own
machine.
"""

import argparse
import getpass
import signal
import sys
import warnings

from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectionClosed
from twisted.logger import globalLogBeginner
from twisted.mail.imap4 import IMAP4Exception

from twisted_imapc import IMAP4Client, InsecureConnectionWarning, connect

# The text above says it already.
warnings.simplefilter("ignore", InsecureConnectionWarning)

TRIES = 3


class RetryClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60

    lost = False

    def connectionLost(self, reason):
        self.lost = True
        super().connectionLost(reason)


async def logIn(options):
    """
    @return: What went wrong; None for nothing.
    """
    server = HostnameEndpoint(reactor, options.host, options.port)
    try:
        client = await connect(server, RetryClient)
    except Exception as e:
        # It names the server itself.
        return f"failed: {e}"
    try:
        print("logged in as", await logInAs(client, options))
        await client.logout()
    except ConnectionClosed:
        return f"failed: {options.host}:{options.port}: the server closed the connection"
    except Exception as e:
        return f"failed: {options.host}:{options.port}: {e}"
    finally:
        client.transport.loseConnection()


async def logInAs(client, options):
    """
    @return: The name that the server has taken.
    """
    for number in range(1, TRIES + 1):
        # Nothing else happens in this program while it waits for the user.
        user, password = ask(options)
        try:
            await client.login(user, password)
            return user
        except IMAP4Exception as e:
            # A connection that is gone is no reason to ask for another password.
            if client.lost or number == TRIES:
                raise
            # An answer of the server has a text; str(e) has it as bytes, as in Twisted.
            print("The server said:", printable(str(getattr(e, "text", e))))


def printable(text):
    """
    A text of the server's, with nothing in it that a terminal would obey.
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def ask(options):
    if options.answer:
        return options.answer.pop(0)
    return input("Name: "), getpass.getpass("Password: ")


def main():
    # Ctrl-C and SIGTERM end the program at once, without another word.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
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

    outcome = []

    def begin():
        d = ensureDeferred(logIn(options))
        d.addBoth(outcome.append)
        d.addBoth(lambda _: reactor.stop())

    # What goes wrong is said below, once and in one line.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    sys.exit(outcome[0])


if __name__ == "__main__":
    main()
