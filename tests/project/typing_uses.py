"""
What a typed program does with the package.  C{check_types.py} runs the type checkers over
it, as strict as they are.
"""

from __future__ import annotations

from io import BytesIO

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from twisted_imapc import (
    Command,
    IMAP4Client,
    IMAP4ClientFactory,
    MessageSet,
    Not,
    Or,
    PLAINAuthenticator,
    Query,
    ResponseTooLarge,
    __version__,
    connect,
    memory_cast,
)
from twisted_imapc.types import (
    Address,
    BodyStructure,
    Capabilities,
    Envelope,
    FlagsItem,
    Nested,
    SelectedMailbox,
    SequenceSet,
    SpecificItem,
    StatusItems,
)


class TypedProgram(IMAP4Client):
    """It overrides what programs override."""

    timeout = 60
    maxLineLength = 1024
    tlsHostname = "mail.example.org"
    greeted = False

    def makeConnection(self, transport: ITransport) -> None:
        super().makeConnection(transport)
        self.setTimeout(1.5)
        self.resetTimeout()

    def connectionMade(self) -> None:
        super().connectionMade()
        self.registerAuthenticator(PLAINAuthenticator(b"user"))

    def serverGreeting(self, capabilities: Capabilities | None) -> None:
        super().serverGreeting(capabilities)
        self.greeted = capabilities is not None and b"IDLE" in capabilities
        self.factory.clientIsReady(self)

    def newMessages(self, exists: int | None, recent: int | None) -> None:
        self.noop().addCallback(print)

    def flagsChanged(self, byNumber: dict[int, list[str]]) -> None:
        for number, flags in byNumber.items():
            print(number + 1, ", ".join(flags))

    def modeChanged(self, writeable: bool) -> None:
        super().modeChanged(writeable)

    def expunged(self, number: int) -> None:
        print(number + 1)

    def lineReceived(self, line: bytes) -> None:
        super().lineReceived(line.rstrip())

    def sendLine(self, line: bytes) -> None:
        super().sendLine(line)

    def messageFile(self, octets: int) -> BytesIO:
        return BytesIO(bytes(octets))

    def timeoutConnection(self) -> None:
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)


def seen(items: dict[int, FlagsItem]) -> list[int]:
    return [number for number, item in items.items() if "\\Seen" in item["FLAGS"]]


def mailboxOf(address: Address) -> str:
    name, route, mailbox, host = address
    return f"{mailbox}@{host}"


def depth(structure: BodyStructure) -> int:
    return 1 + max((depth(part) for part in structure if isinstance(part, list)), default=0)


async def access(client: IMAP4Client) -> Capabilities:
    capabilities = await client.getCapabilities()
    methods: list[bytes | None] | None = capabilities.get(b"AUTH")
    if not methods:
        return await client.startTLS()
    lines, answer = await client.login("user", b"secret")
    first: list[Nested] = lines
    print(first, answer.decode("ascii"), (await client.authenticate(b"secret"))[1])
    return capabilities


async def mailboxes(client: IMAP4Client) -> int:
    for attributes, delimiter, name in await client.list("", "*"):
        print(", ".join(attributes), delimiter or "", name.upper())
    personal, others, shared = await client.namespace()
    prefix: str | None = personal[0][0]
    info: SelectedMailbox = await client.select("INBOX")
    if "UIDNEXT" in info and info["READ-WRITE"]:
        print(prefix, info["UIDNEXT"] + info["EXISTS"])
    status: StatusItems = await client.status("INBOX", "MESSAGES", "UIDVALIDITY")
    validity = int(status["UIDVALIDITY"])
    await client.append(b"ARCHIVE", b"Subject: x\r\n\r\n")
    await client.append(b"INBOX", BytesIO(b""), ["\\Seen"], date="17-Jul-1996 02:44:25 -0700")
    gone: list[int] = await client.expunge()
    return validity + status["MESSAGES"] + sum(gone)


async def messages(client: IMAP4Client, which: SequenceSet = "1:*") -> None:
    found = await client.search(Or(Query(seen=True), Not("DRAFT")), uid=True)
    uids = MessageSet()
    for uid in found:
        uids.add(uid)
    for number, item in (await client.fetchAll(uids, uid=True)).items():
        envelope: Envelope = item["ENVELOPE"]
        subject = (envelope[1] or "").lower()
        senders = envelope[2] or []
        print(number, subject, [mailboxOf(sender) for sender in senders], int(item["UID"]))
        print(int(item["RFC822.SIZE"]), item["INTERNALDATE"].split())
        date, *rest = envelope
        print(date, len(rest))
    text = (await client.fetchMessage(which))[1]["RFC822"]
    if text is not None:
        print(text.encode("latin-1"))
    print(depth((await client.fetchBodyStructure(3))[3]["BODYSTRUCTURE"]))
    sections = await client.fetchSpecific(b"1", headerNumber=(1, 2), peek=True)
    only: SpecificItem = sections[1][0]
    body = only[2]
    assert isinstance(body, str)
    print(body.upper(), seen(await client.addFlags("1", ("\\Seen",), silent=False)))
    await client.copy("1", "ARCHIVE", uid=False)


async def program() -> None:
    client = await connect("imaps://mail.example.org", TypedProgram)
    print(client.greeted, client.state, __version__, memory_cast)
    client.trace = lambda who, line: print(who, line.decode("latin-1"))
    try:
        await access(client)
        await messages(client)
        print(await mailboxes(client))
        print(await client.sendCommand(Command(b"XTHING", b"", wantResponse=(b"ANY",))))
    except ResponseTooLarge as problem:
        print(problem)
    done: Deferred[None] = client.logout()
    await done


factory = IMAP4ClientFactory("user", "secret", "mail.example.org", TypedProgram)
factory.deferred.addCallback(lambda client: client.logout())
