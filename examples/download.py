"""
Download the INBOX of an IMAP account into an mbox file.

    python download.py mail.example.org 143 alice inbox.mbox

The password is asked for, and goes over the network in clear: try this with a
server on your own machine.
"""

import argparse
import contextlib
import email
import getpass
import mailbox
import os
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


class DownloadClient(IMAP4Client):
    # A server that falls silent must not keep us for ever.
    timeout = 60


async def download(options):
    """
    @return: What went wrong; None for nothing.
    """
    server = HostnameEndpoint(reactor, options.host, options.port)
    try:
        client = await connect(server, DownloadClient)
    except Exception as e:
        # It names the server itself.
        return f"failed: {e}"
    try:
        await client.login(options.user, options.password)
        info = await client.examine("INBOX")
        # "1:*" names at least one message, so there has to be one.
        messages = await client.fetchSpecific("1:*", peek=1) if info["EXISTS"] else {}
        missing = save(messages, options.file)
        await client.logout()
        if missing:
            numbers = ", ".join(map(str, missing))
            return f"failed: {options.host}:{options.port}: no text came of messages {numbers}"
    except ConnectionClosed:
        return f"failed: {options.host}:{options.port}: the server closed the connection"
    except Exception as e:
        return f"failed: {options.host}:{options.port}: {e}"
    finally:
        client.transport.loseConnection()


def save(messages, path):
    """
    @return: The numbers of the messages that have no text.
    """
    texts = {number: textOf(value[0]) for number, value in sorted(messages.items())}
    missing = [number for number, text in texts.items() if text is None]
    mbox = mailbox.mbox(path)
    try:
        # Closed also where the disk is full: an open file would complain of it once more.
        with contextlib.closing(mbox):
            for text in texts.values():
                if text is not None:
                    add(mbox, text)
    except Exception:
        # Half of the mail would stand in the way of the next try.
        os.remove(path)
        raise
    print(f"{len(texts) - len(missing)} messages in {path}")
    return missing


def textOf(items):
    """
    The text among what has come of a message, where it stands behind "BODY" and [].

    @return: None for a message that another client has removed meanwhile, for instance.
    """
    return items[items.index("BODY") + 2] if "BODY" in items else None


def add(mbox, text):
    # The message comes as a str in which each character stands for one octet.  The
    # email package wants octets above 127 as surrogates instead; then it writes them
    # back as they were.  Without this, mailbox cannot write a message with 8-bit text
    # at all.
    text = text.encode("latin-1").decode("ascii", "surrogateescape")
    # What changes in the file is what mbox asks for: lines end with LF, and mailbox
    # puts ">" before a line of the body that begins with "From ", where otherwise the
    # next message would seem to begin.
    mbox.add(email.message_from_string(text))


def main():
    # Ctrl-C and SIGTERM end the program at once, without another word.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
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

    outcome = []

    def begin():
        d = ensureDeferred(download(options))
        d.addBoth(outcome.append)
        d.addBoth(lambda _: reactor.stop())

    # What goes wrong is said below, once and in one line.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    sys.exit(outcome[0])


if __name__ == "__main__":
    main()
