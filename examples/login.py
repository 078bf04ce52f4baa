"""
Log in to an IMAP server.

    python login.py mail.example.org 143 alice

The password is asked for, and goes over the network in clear: try this with a
server on your own machine.
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

from twisted_imapc import IMAP4Client, InsecureConnectionWarning, connect

# The text above says it already.
warnings.simplefilter("ignore", InsecureConnectionWarning)


class LoginClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60


async def logIn(options):
    """
    @return: What went wrong; None for nothing.
    """
    server = HostnameEndpoint(reactor, options.host, options.port)
    try:
        client = await connect(server, LoginClient)
    except Exception as e:
        # It names the server itself.
        return f"failed: {e}"
    try:
        await client.login(options.user, options.password)
        print("logged in as", options.user)
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
    parser = argparse.ArgumentParser(description="Log in to an IMAP server.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("user")
    parser.add_argument("password", nargs="?", help="asked for when it is not given")
    options = parser.parse_args()
    if options.password is None:
        options.password = getpass.getpass(f"Password of {options.user}: ")

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
