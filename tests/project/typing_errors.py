"""
What a typed program does wrong.  C{check_types.py} sees to it that the type checkers
report each line that ends in C{# wrong}, and no other.  Nobody runs this.
"""

from __future__ import annotations

import twisted_imapc
from twisted_imapc import Client, IMAP4Client, connect
from twisted_imapc.client import Exists, Expunged
from twisted_imapc.types import Address, FlagsItem, Section


def hear(event: Exists) -> None:
    print(event.count)


class WrongProgram(IMAP4Client):
    def newMessages(self, exists: str, recent: str) -> None:  # wrong
        pass


async def wrong(client: IMAP4Client) -> None:
    messages = await client.fetchFlags("1:2")
    messages["x"]  # wrong
    item = messages[1]
    item["NOPE"]  # wrong
    item["FLAGS"].lower()  # wrong
    item["FLAGS"] = "\\Seen"  # wrong

    sizes = await client.fetchSize("1:2")
    sizes[1]["RFC822.SIZE"] + 1  # wrong
    sizes[1]["FLAGS"]  # wrong

    full = (await client.fetchFull("1"))[1]
    full["BODYSTRUCTURE"]  # wrong
    full["ENVELOPE"][1].lower()  # wrong
    full["ENVELOPE"][2].lower()  # wrong
    sender: Address = full["ENVELOPE"][1]  # wrong

    sections = await client.fetchSpecific("1")
    sections[1][0][2].encode("latin-1")  # wrong
    section: Section = sections[1][0]  # wrong

    (await client.select("INBOX"))["NOPE"]  # wrong
    (await client.status("INBOX", "UIDNEXT"))["UIDNEXT"] + 1  # wrong
    (await client.search("ALL"))[0].lower()  # wrong
    (await client.list("", "*"))[0]["flags"]  # wrong
    (await client.getCapabilities())["IDLE"]  # wrong
    b" ".join((await client.getCapabilities())[b"AUTH"] or [])  # wrong
    (await client.login("user", "secret")).lower()  # wrong
    flags: dict[str, FlagsItem] = await client.setFlags("1", ["\\Seen"])  # wrong

    client.fetchFlags("1", uids=True)  # wrong
    client.fetchFlags(1.5)  # wrong
    client.addFlags("1", 5)  # wrong
    client.append("INBOX", "text")  # wrong
    client.select(5)  # wrong
    client.registerAuthenticator(client)  # wrong
    client.sendCommand(b"NOOP")  # wrong
    client.trace = lambda line: print(line)  # wrong
    client.noSuchMethod()  # wrong
    client.flagsChanged({"1": []})  # wrong

    other = await connect("imaps://mail.example.org", WrongProgram)
    other.noSuchMethod()  # wrong
    print(twisted_imapc.noSuchName)  # wrong
    print(sender, section, flags)


async def wrongOfClient(client: Client) -> None:
    (await client.fetchOne(7, "ENVELOPE")).keys()  # wrong
    async for message in client.fetch("1:*", "ENVELOPE"):
        print(message.envelope.subject)  # wrong
        message.uid.lower()  # wrong
    (await client.status("INBOX", "UIDNEXT")).uidNext + 1  # wrong
    (await client.status("INBOX"))["UIDNEXT"]  # wrong
    (await client.select("INBOX")).exists.lower()  # wrong
    (await client.list("*"))[0]["flags"]  # wrong

    client.fetch(1.5, "FLAGS")  # wrong
    client.fetch("1:*", "FLAGS", uid=True)  # wrong
    client.store("1:*", add=5)  # wrong
    client.login("user", 5)  # wrong
    client.listen("Exists")  # wrong
    client.mailbox.newest(1)  # wrong
    print((await client.search("ALL")).count)  # wrong
    print((await client.search("ALL", returning=["COUNT"])).ranges)  # wrong
    client.listen(hear, Exists)
    client.listen(hear, Expunged)  # wrong
    client.listen(hear, Exists, Expunged)  # wrong
    async for event in client.events(Expunged):
        print(event.number)  # wrong
    Client.connect(7)  # wrong
    client.noSuchMethod()  # wrong
