"""
C{python -m twisted_imapc demo}: see it work, without an account anywhere.

The demo starts the server of L{twisted_imapc.testing} in this process, and
downloads its mailbox over a real connection into an mbox file, with the calls
that any program would use; then it has Twisted's client and ours read the same.
"""

from __future__ import annotations

import argparse
import email
import mailbox
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred, ensureDeferred

from ._side_by_side import sideBySide
from .factory import IMAP4ClientFactory
from .imap4client import IMAP4Client
from .testing import EmbeddedServer

DESCRIPTION = "A fast IMAP client for Twisted."

DEFAULT_FILE = "twisted_imapc-demo.mbox"


class DemoClient(IMAP4Client):
    """
    A client that does not wait for ever.
    """

    timeout = 60


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
    Write the messages into a new mbox file.

    @return: How many octets the messages have.
    """
    octets = 0
    if os.path.exists(path):
        os.unlink(path)  # an earlier demo's; mailbox would add to it
    mbox = mailbox.mbox(path)
    for number in sorted(messages):
        text = messages[number][0][2]
        octets += len(text)
        # One character for one octet; the email package has octets above 127
        # as surrogates, and writes those back as they were.
        text = text.encode("latin-1").decode("ascii", "surrogateescape")
        mbox.add(email.message_from_string(text))
    mbox.close()
    return octets


async def demo(reactor: Any, count: int, path: str) -> None:
    """
    Start the server, download, save, and tell.
    """
    server = await EmbeddedServer(count, reactor=reactor).start()
    print(f"An IMAP server with {count} generated messages listens on {server.host}:{server.port}.")
    try:
        start = time.perf_counter()
        messages = await download(reactor, server)
        downloaded = time.perf_counter()
        octets = save(messages, path)
        saved = time.perf_counter()
    finally:
        await server.stop()
    print(f"messages: {len(messages)}")
    print(f"bytes:    {octets}")
    print(f"seconds:  {downloaded - start:.3f} (and {saved - downloaded:.3f} to write the file)")
    print(f"file:     {os.path.abspath(path)}\n")
    print(await sideBySide(reactor, count), end="")


def parseArguments(arguments: Sequence[str]) -> argparse.Namespace:
    """
    Read the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m twisted_imapc", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "demo", help="download the mailbox of an embedded server into an mbox file"
    )
    command.add_argument("--messages", type=int, default=500, help="how many (default: 500)")
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

    task.react(run)


if __name__ == "__main__":
    main()
