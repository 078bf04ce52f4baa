"""
What a typed program does with the package.  C{check_types.py} runs the type checkers over
it, as strict as they are.
"""

from __future__ import annotations

from io import BytesIO

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint, ITransport
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.python.failure import Failure

from twisted_imapc import (
    Client,
    Command,
    CramMD5ClientAuthenticator,
    IllegalServerResponse,
    IMAP4Client,
    IMAP4ClientFactory,
    LOGINAuthenticator,
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
from twisted_imapc.client import (
    ConnectionGone,
    Events,
    Exists,
    Expunged,
    Mailbox,
    MailboxInfo,
    Message,
    Missed,
    No,
    SearchResult,
    Status,
    Stored,
    UIDSet,
    Vanished,
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
        self.registerAuthenticator(LOGINAuthenticator(b"user"))
        self.registerAuthenticator(CramMD5ClientAuthenticator(b"user"))

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


class Traced(IMAP4Client):
    """Has a method for what others assign."""

    def trace(self, who: str, line: bytes) -> None:
        print(who, line.decode("latin-1"))


class TracedByFunction(IMAP4Client):
    """Has a function that is no method."""

    trace = print


def broken(error: IllegalServerResponse) -> bytes:
    print(getattr(error, "offset", 0), getattr(error, "result", None))
    wire: bytes = getattr(error, "wire", b"")
    return wire


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


class TypedClient(Client):
    """It has settings of its own."""

    timeout = 60
    windowOctets = 64 * 1024


async def changeFlags(client: Client) -> Stored:
    found: UIDSet = await client.search("UNSEEN", "NOT", ("FROM", "joe"))
    print(found.first or 0, found.ranges[0][0], [uid + 1 for uid in found | UIDSet("1:7")])
    stored = await client.store(found, add=["\\Seen"], unchangedSince=7)
    for uid, message in stored.messages.items():
        print(uid + 1, "\\Seen" in (message.flags or ()), stored.modified - found)
    return stored


async def fetchInWays(client: Client, mailbox: Mailbox) -> int:
    async for message in client.fetch(mailbox.newest(9), "ENVELOPE", "FLAGS", changedSince=1):
        envelope = message.envelope
        if envelope is not None and envelope.subject is not None:
            print(envelope.subject.upper(), [address.host for address in envelope.from_])
    async for batch in client.fetch("1:*", "RFC822.SIZE").batches():
        print(sum(message.size or 0 for message in batch))
    several: list[Message] = await client.fetch(UIDSet("1:7"), "BODY.PEEK[]")
    one: Message | None = await client.fetchOne(7, "BODY.PEEK[]")
    print(len(several), None if one is None else one["BODY[]"])
    return await client.fetch([1, 2], "FLAGS").each(print)


async def watchEvents(client: Client) -> None:
    stop = client.listen(print, Exists, Vanished)
    events: Events = client.events(Exists)
    async for event in events:
        print(event.count)
    stop()
    client.listen(lambda event: print(event.count + 1), Exists)
    client.listen(heard, Exists, Expunged)
    client.listen(print, Exists, Expunged, Vanished)
    client.listen(function=print)
    async for one in client.events(Exists, Expunged):
        if isinstance(one, Missed):
            print(one.count)
        else:
            heard(one)
    several: Events[Exists | Missed] = client.events(Exists)
    async for seen in several:
        print(seen.count + 1)
    async for anything in client.events():
        print(anything.number)


def heard(event: Exists | Expunged) -> None:
    print(event.count if isinstance(event, Exists) else event.number)


async def searchInWays(client: Client) -> int:
    uids = await client.search("UNSEEN", returning=None)
    told = await client.search("UNSEEN", returning=["MIN", "COUNT"])
    both: SearchResult = told
    return (both.min or 0) + (told.count or 0) + sum(uids.ranges[0])


async def connectInWays(endpoint: IStreamClientEndpoint) -> list[Client]:
    return [
        await Client.connect("imaps://mail.example.org", tls=optionsForClientTLS("name")),
        await Client.connect(endpoint),
        await Client.connect(HostnameEndpoint(reactor, "mail.example.org", 143)),
        await Client.connect(wrapClientTLS(optionsForClientTLS("name"), endpoint)),
    ]


async def clientProgram() -> None:
    async with await TypedClient.connect("imaps://mail.example.org", timeout=5.5) as client:
        connected: TypedClient = client
        connected.trace = lambda who, line: print(who, line.decode("latin-1"))
        await client.login("joe", token=lambda: "token")
        mailbox = await client.select("INBOX", readOnly=True)
        print(mailbox.exists + 1, mailbox.uidNext or 0, sorted(mailbox.permanentFlags))
        infos: list[MailboxInfo] = await client.list("*", status=["MESSAGES"])
        status: Status = await client.status(infos[0].name, "MESSAGES", "UIDNEXT")
        print(status.messages or 0, "IDLE" in client.capabilities, client.secure)
        try:
            print((await changeFlags(client)).modified, await fetchInWays(client, mailbox))
        except No as refused:
            print(refused.code, refused.text.upper())
        except ConnectionGone as gone:
            print(gone.written, gone.cause)
        await watchEvents(client)


factory = IMAP4ClientFactory("user", "secret", "mail.example.org", TypedProgram)
factory.deferred.addCallback(lambda client: client.logout())
