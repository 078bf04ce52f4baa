"""
What is unread: who wrote what, the newest first.

    python unread.py imaps://mail.example.org alice

The password is asked for, and goes out under TLS alone; the certificate has to be the
server's.
"""

import argparse
import getpass

from twisted.internet import task
from twisted.internet.defer import Deferred

from twisted_imapc.client import Client, IMAPError


def columns(message):
    """
    What the table tells of one message, whatever its headers lack.
    """
    envelope = message.envelope
    sender = envelope.from_[0] if envelope and envelope.from_ else None
    name = (sender.name or sender.address) if sender else None
    subject = envelope.subject if envelope else None
    date = f"{message.internalDate:%Y-%m-%d %H:%M}" if message.internalDate else "(no date)"
    return date, name or "(nobody)", subject or "(none)"


def line(date, name, subject):
    """
    One line of the table, with nothing in it that a terminal would obey.
    """
    text = f"{date:16}  {name[:24]:24}  {subject[:60]}"
    return "".join(c if c.isprintable() else "?" for c in text)


def age(message):
    """
    For sorting: the newest first, and last what has no date.
    """
    return -message.internalDate.timestamp() if message.internalDate else float("inf")


async def unread(options, password):
    async with await Client.connect(options.url) as client:
        await client.login(options.user, password)
        await client.select(options.mailbox, readOnly=True)
        uids = await client.search("UNSEEN", "UNDELETED")
        messages = await client.fetch(uids, "INTERNALDATE", "ENVELOPE")
        messages.sort(key=age)
        for message in messages:
            print(line(*columns(message)))
        print(len(messages), "unread in", options.mailbox)


async def tell(options, password):
    try:
        await unread(options, password)
    except (IMAPError, ValueError) as e:
        raise SystemExit(f"failed: {e}") from None


def main():
    parser = argparse.ArgumentParser(description="Tell what is unread.")
    parser.add_argument("url", help="imaps://host or imap://host (STARTTLS), with :port or not")
    parser.add_argument("user")
    parser.add_argument("--mailbox", default="INBOX")
    parser.add_argument("--password", help="asked for when it is not given")
    options = parser.parse_args()
    password = options.password or getpass.getpass(f"Password of {options.user}: ")
    task.react(lambda reactor: Deferred.fromCoroutine(tell(options, password)))


if __name__ == "__main__":
    main()
