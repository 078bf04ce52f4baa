"""
Tell when mail comes, for ever: where the connection is lost, connect again, a little
later each time.

    python reconnect.py imaps://mail.example.org alice
"""

import argparse
import getpass

from twisted.internet import task
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from twisted_imapc.client import AuthenticationFailed, Client, Exists, IMAPError, TryLater

# Seconds between two attempts, and between two questions.
FIRST, MOST = 1, 300
ASK = 30


async def connected(options, password):
    """
    A client that is logged in, and whose listener is told of each new message.
    """
    client = await Client.connect(options.url)
    client.listen(lambda event: print(event.count, "messages", flush=True), Exists)
    try:
        await client.login(options.user, password)
        inbox = await client.select("INBOX", readOnly=True)
    except BaseException:
        client.abort()
        raise
    print("connected:", inbox.exists, "messages", flush=True)
    return client


async def ask(reactor, client):
    """
    Have the server tell what is new.  It ends with the connection.
    """
    while True:
        await client.noop()
        await deferLater(reactor, ASK, lambda: None)


async def forever(reactor, options, password):
    pause = FIRST
    while True:
        try:
            client = await connected(options, password)
        except TryLater as e:
            # The server cannot now; this may come of a login, too.
            why = e
        except AuthenticationFailed as e:
            # That would not be another one the next time.
            raise SystemExit(f"failed: {e}") from None
        except IMAPError as e:
            why = e
        else:
            pause = FIRST
            asking = Deferred.fromCoroutine(ask(reactor, client))
            asking.addErrback(lambda _: None)
            why = await client.disconnected()
            asking.cancel()
        print(f"{why}; again in {pause} s", flush=True)
        await deferLater(reactor, pause, lambda: None)
        pause = min(2 * pause, MOST)


def main():
    parser = argparse.ArgumentParser(description="Tell when mail comes.")
    parser.add_argument("url", help="imaps://host or imap://host (STARTTLS), with :port or not")
    parser.add_argument("user")
    parser.add_argument("--password", help="asked for when it is not given")
    options = parser.parse_args()
    password = options.password or getpass.getpass(f"Password of {options.user}: ")
    task.react(lambda reactor: Deferred.fromCoroutine(forever(reactor, options, password)))


if __name__ == "__main__":
    main()
