"""
A client in an asyncio program: how many messages each mailbox has.

    python with_asyncio.py imaps://mail.example.org alice

Twisted's reactor runs on asyncio's loop.  A coroutine that awaits Deferreds is made a
Deferred, and that a Future: a Task cannot await Deferreds itself.
"""

import argparse
import asyncio
import getpass

from twisted.internet import asyncioreactor

loop = asyncio.new_event_loop()
asyncioreactor.install(loop)

from twisted.internet import reactor  # noqa: E402
from twisted.internet.defer import Deferred  # noqa: E402

from twisted_imapc.client import Client  # noqa: E402


async def mailboxes(url, user, password):
    """
    In here is Twisted: await Deferreds, and iterate over what a client has.
    """
    async with await Client.connect(url) as client:
        await client.login(user, password)
        return await client.list(status=["MESSAGES"])


async def program(options, password):
    """
    In here is asyncio.
    """
    found = Deferred.fromCoroutine(mailboxes(options.url, options.user, password))
    for box in await found.asFuture(loop):
        print(box.name, box.status.messages if box.status else "-")


def main():
    parser = argparse.ArgumentParser(description="Count the messages of each mailbox.")
    parser.add_argument("url", help="imaps://host or imap://host (STARTTLS), with :port or not")
    parser.add_argument("user")
    parser.add_argument("--password", help="asked for when it is not given")
    options = parser.parse_args()
    password = options.password or getpass.getpass(f"Password of {options.user}: ")
    running = loop.create_task(program(options, password))
    running.add_done_callback(lambda _: reactor.stop())
    reactor.run()
    running.result()


if __name__ == "__main__":
    main()
