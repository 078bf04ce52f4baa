"""
Mailboxes as a whole: their names, their state, and new messages in them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from twisted.internet.defer import Deferred

from .. import _encode
from .._command import makeCommand
from .._errors import IllegalServerResponse
from .._logger import ConnectionLogger
from .._upload import Message, MessageSender, opened
from ..types import Answer, ListedMailbox, Namespace, Numbers, SelectedMailbox, StatusItems
from .base import Verbs, mailboxOf, perform, valueOf

_log = ConnectionLogger()

_SELECT_WANTS = (b"FLAGS", b"EXISTS", b"RECENT", b"UNSEEN", b"PERMANENTFLAGS", b"UIDVALIDITY")


class Mailboxes(Verbs):
    """
    What is done with mailboxes.
    """

    STATUS_TRANSFORMATIONS: Any
    _statusNames: Any

    def namespace(self) -> Deferred[builtins.list[builtins.list[Namespace]]]:
        """
        NAMESPACE (RFC 9051, section 6.3.10).

        >>> await client.namespace()
        [[['', '/']], [], []]

        @return: fires with three lists, of personal, others' and shared
            namespaces, each a list of prefix and delimiter (str; None for no
            hierarchy).  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """

        def named(result: tuple[Any, bytes]) -> Any:
            if result[0] is None:
                _log.critical("The server did not name its namespaces")
                return [[], [], []]
            return result[0]

        d = perform(self, b"NAMESPACE", shape="namespace", want=(b"NAMESPACE",))
        return d.addCallback(named)

    def select(self, mailbox: str | bytes) -> Deferred[SelectedMailbox]:
        r"""
        SELECT (RFC 9051, section 6.3.2).

        >>> await client.select("INBOX")
        {'READ-WRITE': True, 'EXISTS': 2, 'RECENT': 0, 'FLAGS': ('\\Seen', '\\Answered',
        '\\Flagged', '\\Deleted', '\\Draft'), 'UIDVALIDITY': 1}

        @raise ValueError: for a name that cannot be sent.
        @return: fires with a dict: READ-WRITE (true or false) and, as far as
            the server told them, FLAGS and PERMANENTFLAGS (tuples of str),
            EXISTS, RECENT, UNSEEN (the number of the first such message),
            UIDVALIDITY and UIDNEXT (ints).  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return _select(self, b"SELECT", mailbox, 1)

    def examine(self, mailbox: str | bytes) -> Deferred[SelectedMailbox]:
        r"""
        EXAMINE (RFC 9051, section 6.3.3): select() without the right to write.

        >>> await client.examine("ARCHIVE")
        {...'EXISTS': 1, ...'UIDVALIDITY': 2}

        @raise ValueError: for a name that cannot be sent.
        @return: fires with a dict as select() does, and fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return _select(self, b"EXAMINE", mailbox, 0)

    def create(self, name: str | bytes) -> Deferred[Answer]:
        """
        CREATE (RFC 9051, section 6.3.4).

        >>> await client.create("Entwürfe")
        ([], b'OK Mailbox created')

        @raise ValueError: for a name that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"CREATE", mailboxOf(self, name, "name"))

    def delete(self, name: str | bytes) -> Deferred[Answer]:
        """
        DELETE (RFC 9051, section 6.3.5): the mailbox and all that is in it.

        >>> await client.delete("ARCHIVE")
        ([], b'OK Mailbox deleted')

        @raise ValueError: for a name that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"DELETE", mailboxOf(self, name, "name"))

    def rename(self, oldname: str | bytes, newname: str | bytes) -> Deferred[Answer]:
        """
        RENAME (RFC 9051, section 6.3.6).

        >>> await client.rename("ARCHIVE", "OLD")
        ([], b'OK Mailbox renamed')

        @raise ValueError: for names that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(
            self,
            b"RENAME",
            mailboxOf(self, oldname, "oldname"),
            mailboxOf(self, newname, "newname"),
        )

    def subscribe(self, name: str | bytes) -> Deferred[Answer]:
        """
        SUBSCRIBE (RFC 9051, section 6.3.7).

        >>> await client.subscribe("ARCHIVE")
        ([], b'OK Subscribed')

        @raise ValueError: for a name that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"SUBSCRIBE", mailboxOf(self, name, "name"))

    def unsubscribe(self, name: str | bytes) -> Deferred[Answer]:
        """
        UNSUBSCRIBE (RFC 9051, section 6.3.8).

        >>> await client.unsubscribe("INBOX")
        ([], b'OK Unsubscribed')

        @raise ValueError: for a name that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"UNSUBSCRIBE", mailboxOf(self, name, "name"))

    def list(
        self, reference: str | bytes, wildcard: str | bytes
    ) -> Deferred[builtins.list[ListedMailbox]]:
        r"""
        LIST (RFC 9051, section 6.3.9).

        >>> await client.list("", "A*")
        [(('\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'), '/', 'ARCHIVE')]

        @param reference: mostly C{""}.
        @param wildcard: a name in which C{*} stands for anything, and C{%} for
            anything on one level.
        @raise ValueError: for what cannot be sent.
        @return: fires with a list of tuples: attributes (tuple of str), delimiter
            (str or None), name (str).  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return _list(self, b"LIST", "list", reference, wildcard)

    def lsub(
        self, reference: str | bytes, wildcard: str | bytes
    ) -> Deferred[builtins.list[ListedMailbox]]:
        r"""
        LSUB (RFC 3501, section 6.3.9): list() of what is subscribed to.

        >>> await client.lsub("", "*")
        [(('\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'), '/', 'INBOX')]

        @raise ValueError: for what cannot be sent.
        @raise UnicodeEncodeError: for a C{reference} that is not ASCII.
        @return: fires with a list of tuples as list() does, and fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return _list(self, b"LSUB", "lsub", reference, wildcard)

    def status(self, mailbox: str | bytes, *names: str) -> Deferred[StatusItems]:
        """
        STATUS (RFC 9051, section 6.3.11).

        >>> await client.status("INBOX", "MESSAGES", "UNSEEN", "UIDNEXT")
        {'MESSAGES': 2, 'UNSEEN': 1, 'UIDNEXT': b'3'}

        @param names: of MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, DELETED,
            SIZE, HIGHESTMODSEQ, APPENDLIMIT, DELETED-STORAGE and MAILBOXID.
        @raise ValueError: for other names, and for a mailbox that cannot be sent.
        @return: fires with a dict of the names, with ints, but bytes for
            UIDNEXT, UIDVALIDITY and MAILBOXID; APPENDLIMIT is None where the
            mailbox has none.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        known = {**_MORE_NAMES, **self._statusNames}
        for name in names:
            if isinstance(name, (list, set)):
                raise TypeError(f"names: each is an argument of its own, not {name!r:.200}")
        unknown = set(names) - set(known)
        if unknown:
            raise ValueError(f"Unknown names: {unknown!r}")
        items = b" ".join(known[name] for name in names)
        d = perform(
            self,
            b"STATUS",
            mailboxOf(self, mailbox, "mailbox"),
            b"(%b)" % items,
            shape="status",
            want=(b"STATUS",),
        )
        return d.addCallback(_statusOf, self, names)

    def append(
        self,
        mailbox: str | bytes,
        message: bytes | BinaryIO,
        flags: Iterable[str] = (),
        date: str | bytes | None = None,
    ) -> Deferred[Answer]:
        r"""
        APPEND (RFC 9051, section 6.3.12).

        >>> message = b"Subject: hello\r\n\r\nHello!\r\n"
        >>> await client.append("ARCHIVE", message, ["\\Seen"], "17-Jul-1996 02:44:25 -0700")
        ([[b'2', b'EXISTS']], b'OK APPEND complete')

        @param message: bytes, or a file opened for bytes, with CR LF at its lines'
            ends.
        @param flags: such as C{["\\Seen", "$Junk"]}.
        @param date: in the format of C{date-time}.
        @raise ValueError: for arguments that cannot be sent.
        @return: fires with the untagged responses and the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        file = opened(message)
        file.seek(0, 2)
        size = file.tell()
        file.seek(0, 0)
        pieces = [mailboxOf(self, mailbox, "mailbox"), _encode.flagList(flags)]
        if date:
            pieces.append(_encode.date(date))
        # Asking first lets the server refuse before the message is sent.
        pieces.append(b"{%d}" % size)
        command = makeCommand(
            self,
            b"APPEND",
            *pieces,
            continuation=self._IMAP4Client__cbContinueAppend,
            contArgs=(Message(file, size),),
        )
        command.continuesOnce = True
        return self.sendCommand(command)

    def _IMAP4Client__cbContinueAppend(self, lines: object, message: BinaryIO) -> Deferred[Any]:
        d = MessageSender().beginFileTransfer(message, self.transport, None)
        return self._imapc.sending(d.addCallback(self._IMAP4Client__cbFinishAppend))

    def _IMAP4Client__cbFinishAppend(self, foo: object) -> None:
        self.sendLine(b"")

    def check(self) -> Deferred[Answer]:
        """
        CHECK (RFC 3501, section 6.4.1): have the server put its house in order.

        >>> await client.check()
        ([], b'OK CHECK completed')

        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"CHECK")

    def close(self) -> Deferred[Answer]:
        """
        CLOSE (RFC 9051, section 6.4.1): expunge, and select nothing.  The connection
        stays; see logout().

        >>> await client.close()
        ([], b'OK CLOSE completed')

        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(self, b"CLOSE")

    def expunge(self) -> Deferred[Numbers]:
        r"""
        EXPUNGE (RFC 9051, section 6.4.3): remove what has the flag C{\Deleted}.

        >>> await client.addFlags("1:2", ["\\Deleted"])
        {}
        >>> await client.expunge()
        [2, 1]

        @return: fires with the list of the numbers that went, each as it was when
            those before it were gone; each is also told to expunged().  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        d = perform(self, b"EXPUNGE", shape="expunge", want=(b"EXPUNGE",))
        return d.addCallback(valueOf)


def _select(client: Any, command: bytes, mailbox: str | bytes, writeable: int) -> Deferred[Any]:
    name = mailboxOf(client, mailbox, "mailbox")
    d = perform(client, command, name, shape="select", want=_SELECT_WANTS)
    # Without a word from the server the command says what is allowed.
    return d.addCallback(lambda result: {"READ-WRITE": writeable, **result[0]})


def _list(
    client: Any,
    command: bytes,
    shape: str,
    reference: str | bytes,
    wildcard: str | bytes,
) -> Deferred[Any]:
    known = client._imapc.parser.names
    d = perform(
        client,
        command,
        _encode.pattern(reference, "reference", known, ascii=shape == "lsub"),
        _encode.pattern(wildcard, "wildcard", known),
        shape=shape,
        want=(command,),
    )
    return d.addCallback(valueOf)


def _number(value: Any) -> int:
    if not value.isdigit():
        raise ValueError("not a number")
    return int(value)


def _limit(value: Any) -> int | None:
    # RFC 7889, section 2: NIL, where only the server's own limit counts.
    return None if value is None else _number(value)


def _objectID(value: Any) -> bytes:
    # RFC 8474, section 4.2: in parentheses.
    (octets,) = value
    if not isinstance(octets, bytes):
        raise ValueError("not an objectid")
    return octets


# Beside Twisted's C{_statusNames} and C{STATUS_TRANSFORMATIONS}, which a program may
# have changed: what came to STATUS behind RFC 3501.
_MORE_TRANSFORMATIONS: dict[str, Callable[[Any], Any]] = {
    "DELETED": _number,
    "SIZE": _number,
    "HIGHESTMODSEQ": _number,
    "DELETED-STORAGE": _number,
    "APPENDLIMIT": _limit,
    "MAILBOXID": _objectID,
}
_MORE_NAMES = {name: name.encode("ascii") for name in _MORE_TRANSFORMATIONS}


def _statusOf(result: tuple[Any, bytes], client: Any, asked: Iterable[str]) -> Any:
    status: dict[str, Any] = result[0]
    # What a server adds of its own accord is octets, as in Twisted.
    ours = {name: _MORE_TRANSFORMATIONS.get(name) for name in asked}
    transformations = {**ours, **client.STATUS_TRANSFORMATIONS}
    for name, value in status.items():
        transform = transformations.get(name)
        if transform is None:
            continue
        try:
            status[name] = _number(value) if transform is int else transform(value)
        except Exception as e:
            raise IllegalServerResponse(f"({name} {value!r}): {e}") from e
    return status
