"""
C{python -m twisted_imapc demo}: see it work, without an account anywhere.

The demo starts the server of L{twisted_imapc.testing} in this process, and
downloads its mailbox over a real connection into an mbox file, with the calls
that any program would use; then it has Twisted's client and ours read the same.
"""

from __future__ import annotations

import argparse
import contextlib
import email
import mailbox
import os
import stat
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from twisted.internet import task
from twisted.internet.defer import Deferred, ensureDeferred

from . import __version__
from ._insecure import InsecureConnectionWarning
from ._side_by_side import sideBySide
from .factory import IMAP4ClientFactory
from .imap4client import IMAP4Client
from .testing import EmbeddedServer, generateMessages

DESCRIPTION = "A fast IMAP client for Twisted."

DEFAULT_FILE = "twisted_imapc-demo.mbox"

# Of sysexits.h, which os has not everywhere.
EX_USAGE = 64
EX_CANTCREAT = 73
EX_IOERR = 74

# What a shell says of a program that SIGPIPE has ended.
EX_PIPE = 141

# All messages are in memory several times, some KB each.
MOST = 100_000


class DemoClient(IMAP4Client):
    """
    A client that does not wait for ever.
    """

    timeout: float = 60


async def download(reactor: Any, server: EmbeddedServer) -> dict[int, Any]:
    """
    Fetch all that is in INBOX.

    @return: Twisted's shape: number of a message -> its parts, of which there
        is one, the whole message.
    """
    factory = IMAP4ClientFactory(protocol=DemoClient)
    factory.noisy = False
    reactor.connectTCP(server.host, server.port, factory)
    client: Any = await factory.deferred
    try:
        await client.login(server.user, server.password)
        info = await client.examine("INBOX")
        if info["EXISTS"] == 0:
            return {}
        messages: dict[int, Any] = await client.fetchSpecific("1:*", peek=1)
        await client.logout()
        return messages
    finally:
        client.transport.loseConnection()


def save(messages: dict[int, Any], path: str) -> int:
    """
    Write the messages into an mbox file, in place of what is in it.

    @return: How many octets the messages have.
    """
    octets = 0
    with open(path, "wb"):
        pass  # mailbox would add to it
    # Also behind a failure: from CPython 3.13 on a file that is left open says so itself.
    with contextlib.closing(mailbox.mbox(path)) as mbox:
        for number in sorted(messages):
            text = messages[number][0][2]
            octets += len(text)
            # One character for one octet; the email package has octets above 127
            # as surrogates, and writes those back as they were.
            text = text.encode("latin-1").decode("ascii", "surrogateescape")
            mbox.add(email.message_from_string(text))
    return octets


def fail(code: int, text: str) -> NoReturn:
    """
    End, and say why in one line.
    """
    print(f"twisted_imapc: {text}", file=sys.stderr)
    sys.exit(code)


def tell(text: str) -> None:
    """
    Print, at once; where that cannot be there is nothing else to do.
    """
    try:
        print(text, flush=True)
    except OSError as e:
        # The interpreter would try the same once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(e, BrokenPipeError):
            sys.exit(EX_PIPE)
        fail(EX_IOERR, f"standard output cannot be written: {e.strerror}")


def claim(path: str) -> None:
    """
    See to it that the demo may write to C{path}, and can.
    """
    try:
        if os.path.lexists(path) and not isEarlierDemos(path):
            fail(1, f"{path} is there already, and no earlier demo's; --output names another file")
        # What the system has to say against it, it says here.
        with open(path, "ab"):
            pass
    except OSError as e:
        fail(EX_CANTCREAT, f"{path or repr(path)} cannot be written: {e.strerror}")


def isEarlierDemos(path: str) -> bool:
    """
    Whether a file is empty, or begins with the demo's first message.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        return False
    headers = generateMessages(1)[0].partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n")
    with open(path, "rb") as file:
        # The separator has the time at which it was written.
        separator = file.readline(200)
        return not separator or (separator[:5] == b"From " and file.read(len(headers)) == headers)


async def demo(reactor: Any, count: int, path: str) -> None:
    """
    Start the server, download, save, and tell.
    """
    server = await EmbeddedServer(count, reactor=reactor).start()
    tell(f"An IMAP server with {count} generated messages listens on {server.host}:{server.port}.")
    try:
        start = time.perf_counter()
        messages = await download(reactor, server)
        downloaded = time.perf_counter()
        try:
            octets = save(messages, path)
        except OSError as e:
            fail(EX_IOERR, f"{path} cannot be written: {e.strerror}")
        saved = time.perf_counter()
    finally:
        await server.stop()
    tell(f"messages: {len(messages)}")
    tell(f"bytes:    {octets}")
    tell(f"seconds:  {downloaded - start:.3f} (and {saved - downloaded:.3f} to write the file)")
    tell(f"file:     {os.path.abspath(path)}\n")
    tell((await sideBySide(reactor, count)).rstrip("\n"))


def count(text: str) -> int:
    """
    A number of messages; argparse has this function's name in what it says of others.
    """
    number = int(text)
    if number < 0:
        raise ValueError("less than none")
    if number > MOST:
        raise argparse.ArgumentTypeError(f"the demo holds {MOST:,} in memory at the most")
    return number


class Parser(argparse.ArgumentParser):
    """
    Its own status for a wrong command line would be 2.
    """

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EX_USAGE, f"{self.prog}: error: {message}\n")


def parseArguments(arguments: Sequence[str]) -> argparse.Namespace:
    """
    Read the command line.
    """
    parser = Parser(prog="python -m twisted_imapc", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"twisted_imapc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "demo", help="download the mailbox of an embedded server into an mbox file"
    )
    command.add_argument("--messages", type=count, default=500, help="how many (default: 500)")
    command.add_argument(
        "--output", default=DEFAULT_FILE, help=f"the file to write (default: {DEFAULT_FILE})"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command that the command line names.
    """
    options = parseArguments(sys.argv[1:] if arguments is None else arguments)

    def run(reactor: Any) -> Deferred[None]:
        return ensureDeferred(demo(reactor, options.messages, options.output))

    claim(options.output)
    # Both ends of the connection are in this process.
    warnings.simplefilter("ignore", InsecureConnectionWarning)
    task.react(run)


if __name__ == "__main__":
    main()
