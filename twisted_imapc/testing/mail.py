"""
Mail for the embedded server of L{twisted_imapc.testing}: generated, and kept in
memory in the way that Twisted's IMAP4Server wants it.
"""

from __future__ import annotations

import email
import email.utils
import random
from collections.abc import Sequence
from email.message import Message
from io import BytesIO
from typing import IO, Any

from twisted.internet.defer import Deferred, succeed
from twisted.mail import imap4
from zope.interface import implementer

_PEOPLE = (
    ("Ada Brook", "ada@example.org"),
    ("=?utf-8?q?J=C3=B6rg_M=C3=BCller?=", "joerg@example.net"),
    ('"Okafor, Chidi"', "chidi@example.com"),
    ("Mei Lin", "mei.lin@mail.example.org"),
    ('"The \\"Night\\" Watch"', "watch@example.net"),
    ("", "robot@example.com"),
)

_SUBJECTS = (
    "Minutes of the meeting",
    "Re: the pump on deck {two}",
    "=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=",
    "[build] 12 tests (3 new) passed",
    'a "quoted" word and a back\\slash',
    "Fwd: invoice 2041",
)

_WORDS = (
    "harbour winter copper letter engine garden signal river candle market window bridge "
    "meadow violin paper stone lantern orchard thunder velvet"
).split()


def generateMessages(count: int, seed: int = 0) -> list[bytes]:
    """
    Make mail: plain, multipart, with 8-bit bodies, with attachments, with lines
    that begin with C{From}.  The same arguments give the same octets, with
    every version of Python.

    @param count: How many messages.
    @param seed: Which messages.
    @return: Each message with CR LF at the end of each line.
    """
    return [_generateMessage(random.Random(seed * 1_000_003 + n), n) for n in range(1, count + 1)]


def _generateMessage(chance: random.Random, number: int) -> bytes:
    """
    Make the message with this C{number}, whose kind depends on the number.
    """
    sender, receiver = chance.choice(_PEOPLE), chance.choice(_PEOPLE)
    # A fixed moment, and then one message each 37 minutes.
    date = email.utils.formatdate(1_700_000_000 + number * 37 * 60)
    headers = [
        f"Received: from mx{number % 7}.example.net by mail.example.org\r\n\twith ESMTP; {date}",
        f"Date: {date}",
        f"From: {sender[0]} <{sender[1]}>".replace(":  <", ": <"),
        f"To: {receiver[0]} <{receiver[1]}>".replace(":  <", ": <"),
        f"Subject: {chance.choice(_SUBJECTS)}",
        f"Message-ID: <{number}.{chance.getrandbits(48):x}@example.org>",
        "MIME-Version: 1.0",
    ]
    make = (_plainBody, _alternativeBody, _plainBody, _eightBitBody, _attachmentBody)[number % 5]
    more, body = make(chance)
    return "\r\n".join([*headers, *more, "", body]).encode("utf-8")


def _paragraphs(chance: random.Random, count: int) -> str:
    """
    Some lines of text, one of which begins with the C{From} that mbox fears.
    """
    lines = []
    for number in range(count * 4):
        words = [chance.choice(_WORDS) for _ in range(11)]
        lines.append(" ".join(words).capitalize() if number % 4 else "")
    lines.append("From here on, nothing more.")
    return "\r\n".join(lines) + "\r\n"


def _plainBody(chance: random.Random) -> tuple[list[str], str]:
    headers = ["Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 7bit"]
    return headers, _paragraphs(chance, chance.randint(2, 12))


def _eightBitBody(chance: random.Random) -> tuple[list[str], str]:
    headers = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return headers, "Zażółć gęślą jaźń — {12}\r\n" + _paragraphs(chance, chance.randint(2, 12))


def _part(headers: str, body: str) -> str:
    return f"{headers}\r\n\r\n{body}"


def _multipart(kind: str, boundary: str, parts: Sequence[str]) -> tuple[list[str], str]:
    """
    Put C{parts} between boundaries.
    """
    between = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return [f'Content-Type: multipart/{kind}; boundary="{boundary}"'], (
        f"{between}--{boundary}--\r\n"
    )


def _alternativeBody(chance: random.Random) -> tuple[list[str], str]:
    text = _paragraphs(chance, chance.randint(1, 5))
    return _multipart(
        "alternative",
        f"=_{chance.getrandbits(64):016x}",
        [
            _part("Content-Type: text/plain; charset=us-ascii", text),
            _part("Content-Type: text/html; charset=us-ascii", f"<pre>\r\n{text}</pre>\r\n"),
        ],
    )


def _attachmentBody(chance: random.Random) -> tuple[list[str], str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    rows = ("".join(chance.choices(alphabet, k=76)) for _ in range(chance.randint(10, 60)))
    headers = (
        "Content-Type: application/octet-stream; name=data.bin\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=data.bin"
    )
    return _multipart(
        "mixed",
        f"=_{chance.getrandbits(64):016x}",
        [
            _part("Content-Type: text/plain; charset=us-ascii", _paragraphs(chance, 2)),
            _part(headers, "\r\n".join(rows) + "\r\n"),
        ],
    )


@implementer(imap4.IMessagePart)
class _MessagePart:
    """
    A part of a message; the server asks for it when it is to describe one.
    """

    def __init__(self, parsed: Message) -> None:
        self._parsed = parsed

    def getHeaders(self, negate: bool, *names: bytes | str) -> dict[str, str]:
        """
        The headers that are among C{names}, or those that are not.
        """
        wanted = {_asText(name).lower() for name in names}
        found: dict[str, str] = {}
        for name, value in self._parsed.raw_items():
            name = name.lower()
            if (name in wanted) is not bool(negate):
                found.setdefault(name, _asciiOnly(str(value)))
        return found

    def getBodyFile(self) -> IO[bytes]:
        """
        What follows the headers.
        """
        payload: Any = self._parsed.get_payload()
        if isinstance(payload, list):
            payload = "".join(part.as_string() for part in payload)
        return BytesIO(str(payload).encode("ascii", "surrogateescape"))

    def getSize(self) -> int:
        """
        The octets of the body.
        """
        return len(self.getBodyFile().read())

    def isMultipart(self) -> bool:
        """
        Whether L{getSubPart} can be called.
        """
        return self._parsed.is_multipart()

    def getSubPart(self, part: int) -> _MessagePart:
        """
        One part, counted from 0.
        """
        if not self.isMultipart():
            raise TypeError("the message has no parts")
        payload: Any = self._parsed.get_payload()
        return _MessagePart(payload[part])


@implementer(imap4.IMessage, imap4.IMessageFile)
class MemoryMessage(_MessagePart):
    """
    A message: its octets, and what a mailbox knows about it.

    @ivar raw: The octets.
    @ivar uid: Its number for good in the mailbox.
    @ivar flags: Such as C{"\\\\Seen"}.
    """

    def __init__(
        self, raw: bytes, uid: int, flags: Sequence[str] = (), date: str | None = None
    ) -> None:
        super().__init__(email.message_from_bytes(raw))
        self.raw = raw
        self.uid = uid
        self.flags: list[str] = list(flags)
        self._date = date

    def getUID(self) -> int:
        """
        The unique identifier.
        """
        return self.uid

    def getFlags(self) -> list[str]:
        """
        The flags that are set.
        """
        return self.flags

    def getInternalDate(self) -> str:
        """
        When it came into the mailbox: as APPEND said, else as its header says.
        """
        fixed = "Tue, 14 Nov 2023 22:13:20 +0000"
        return self._date or str(self._parsed.get("Date", fixed))

    def getBodyFile(self) -> IO[bytes]:
        """
        What follows the headers, octet for octet.
        """
        return BytesIO(self.raw.partition(b"\r\n\r\n")[2])

    def getSize(self) -> int:
        """
        The octets of the whole message.
        """
        return len(self.raw)

    def open(self) -> IO[bytes]:
        """
        The whole message: what C{BODY[]} sends.
        """
        return BytesIO(self.raw)


def _asText(name: bytes | str) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name


def _asciiOnly(value: str) -> str:
    """
    The server can send nothing but ASCII in a header that it took apart.
    """
    return value.encode("ascii", "surrogateescape").decode("ascii", "backslashreplace")


@implementer(imap4.IMailbox)
class MemoryMailbox:
    """
    A list of messages that the server can show, change and search.

    @ivar messages: The L{MemoryMessage}s.
    """

    def __init__(self, messages: Sequence[bytes] = (), uidValidity: int = 1) -> None:
        self.messages: list[MemoryMessage] = [
            MemoryMessage(raw, uid) for uid, raw in enumerate(messages, 1)
        ]
        self._listeners: list[Any] = []
        self._uidNext = len(self.messages) + 1
        self._uidValidity = uidValidity

    def getFlags(self) -> list[str]:
        """
        The flags that a message here can have.
        """
        return ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"]

    def getHierarchicalDelimiter(self) -> str:
        """
        What stands between the names of a mailbox and of one inside it.
        """
        return "/"

    def getUIDValidity(self) -> int:
        """
        A number that would change if UIDs were given out anew.
        """
        return self._uidValidity

    def getUIDNext(self) -> int:
        """
        The UID of the next message to come.
        """
        return self._uidNext

    def getUID(self, message: int) -> int:
        """
        The UID of the message with this number, counted from 1.
        """
        return self.messages[message - 1].uid

    def getMessageCount(self) -> int:
        """
        How many messages there are.
        """
        return len(self.messages)

    def getRecentCount(self) -> int:
        """
        How many messages nobody was told of: none, we do not keep a record.
        """
        return 0

    def getUnseenCount(self) -> int:
        """
        How many messages nobody has read.
        """
        return sum("\\Seen" not in message.flags for message in self.messages)

    def isWriteable(self) -> bool:
        """
        Whether messages can be changed.
        """
        return True

    def destroy(self) -> None:
        """
        The mailbox was deleted.
        """
        self.messages.clear()

    def requestStatus(self, names: Sequence[Any]) -> dict[Any, int]:
        """
        Answer STATUS.
        """
        answer: dict[Any, int] = imap4.statusRequestHelper(self, names)
        return answer

    def addListener(self, listener: Any) -> bool:
        """
        Tell C{listener} of new messages from now on.
        """
        self._listeners.append(listener)
        return True

    def removeListener(self, listener: Any) -> bool:
        """
        Tell C{listener} no more.
        """
        self._listeners.remove(listener)
        return True

    def addMessage(
        self, message: IO[bytes], flags: Sequence[str] = (), date: Any = None
    ) -> Deferred[int]:
        """
        Add a message at the end.
        """
        uid = self._uidNext
        self._uidNext += 1
        when = None if date is None else _rfc2822Date(_asText(date))
        self.messages.append(MemoryMessage(message.read(), uid, flags, when))
        for listener in list(self._listeners):
            listener.newMessages(len(self.messages), None)
        return succeed(uid)

    def expunge(self) -> list[int]:
        """
        Remove what is marked as deleted.

        @return: The numbers to tell, the highest first, so that each is right
            when it is read.
        """
        gone = [
            number
            for number, message in enumerate(self.messages, 1)
            if "\\Deleted" in message.flags
        ]
        for number in reversed(gone):
            del self.messages[number - 1]
        return gone[::-1]

    def fetch(
        self, messages: imap4.MessageSet, uid: bool = False
    ) -> list[tuple[int, MemoryMessage]]:
        """
        The messages of a set, each with its number.
        """
        if not self.messages:
            return []
        if messages.last is messages._empty:
            messages.last = self.messages[-1].uid if uid else len(self.messages)
        return [
            (number, message)
            for number, message in enumerate(self.messages, 1)
            if (message.uid if uid else number) in messages
        ]

    def store(
        self, messages: imap4.MessageSet, flags: Sequence[str], mode: int, uid: bool = False
    ) -> dict[int, list[str]]:
        """
        Set, add (C{mode} 1) or take away (C{mode} -1) flags.
        """
        result = {}
        for number, message in self.fetch(messages, uid):
            if mode == 0:
                message.flags = list(flags)
            elif mode > 0:
                message.flags += [flag for flag in flags if flag not in message.flags]
            else:
                message.flags = [flag for flag in message.flags if flag not in flags]
            result[number] = message.flags
        return result


def _rfc2822Date(date: str) -> str:
    """
    IMAP's C{14-Nov-2023 22:13:20 +0000} in the form that the server reads.
    """
    return date.strip().replace("-", " ", 2)
