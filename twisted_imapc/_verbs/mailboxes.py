"""
Mailboxes as a whole: their names, their state, and new messages in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from twisted.internet.defer import Deferred

from .. import _encode
from .._command import makeCommand
from .._errors import IllegalServerResponse
from .._logger import ConnectionLogger
from .._upload import Message, MessageSender, opened
from .base import Verbs, mailboxOf, perform, valueOf

_log = ConnectionLogger()

_SELECT_WANTS = (b"FLAGS", b"EXISTS", b"RECENT", b"UNSEEN", b"PERMANENTFLAGS", b"UIDVALIDITY")


class Mailboxes(Verbs):
    """
    What is done with mailboxes.
    """

    STATUS_TRANSFORMATIONS: Any
    _statusNames: Any

    def namespace(self) -> Deferred[Any]:
        """
        NAMESPACE (RFC 9051, section 6.3.10).

        @return: fires with three lists, of personal, others' and shared
            namespaces, each a list of prefix and delimiter (str).
        """

        def named(result: tuple[Any, bytes]) -> Any:
            if result[0] is None:
                _log.critical("The server did not name its namespaces")
                return [[], [], []]
            return result[0]

        d = perform(self, b"NAMESPACE", shape="namespace", want=(b"NAMESPACE",))
        return d.addCallback(named)

    def select(self, mailbox: str | bytes) -> Deferred[dict[str, Any]]:
        """
        SELECT (RFC 9051, section 6.3.2).

        @return: fires with a dict: READ-WRITE (true or false) and, as far as
            the server told them, FLAGS and PERMANENTFLAGS (tuples of str),
            EXISTS, RECENT, UNSEEN, UIDVALIDITY and UIDNEXT (ints).
        """
        return _select(self, b"SELECT", mailbox, 1)

    def examine(self, mailbox: str | bytes) -> Deferred[dict[str, Any]]:
        """
        EXAMINE (RFC 9051, section 6.3.3): select() without the right to write.
        """
        return _select(self, b"EXAMINE", mailbox, 0)

    def create(self, name: str | bytes) -> Deferred[Any]:
        """
        CREATE (RFC 9051, section 6.3.4).
        """
        return perform(self, b"CREATE", mailboxOf(self, name, "name"))

    def delete(self, name: str | bytes) -> Deferred[Any]:
        """
        DELETE (RFC 9051, section 6.3.5).
        """
        return perform(self, b"DELETE", mailboxOf(self, name, "name"))

    def rename(self, oldname: str | bytes, newname: str | bytes) -> Deferred[Any]:
        """
        RENAME (RFC 9051, section 6.3.6).
        """
        return perform(
            self,
            b"RENAME",
            mailboxOf(self, oldname, "oldname"),
            mailboxOf(self, newname, "newname"),
        )

    def subscribe(self, name: str | bytes) -> Deferred[Any]:
        """
        SUBSCRIBE (RFC 9051, section 6.3.7).
        """
        return perform(self, b"SUBSCRIBE", mailboxOf(self, name, "name"))

    def unsubscribe(self, name: str | bytes) -> Deferred[Any]:
        """
        UNSUBSCRIBE (RFC 9051, section 6.3.8).
        """
        return perform(self, b"UNSUBSCRIBE", mailboxOf(self, name, "name"))

    def list(self, reference: str | bytes, wildcard: str | bytes) -> Deferred[Any]:
        """
        LIST (RFC 9051, section 6.3.9).

        @return: fires with a list of tuples: flags (tuple of str), delimiter
            (str or None), name (str).
        """
        return _list(self, b"LIST", "list", reference, wildcard)

    def lsub(self, reference: str | bytes, wildcard: str | bytes) -> Deferred[Any]:
        """
        LSUB (RFC 3501, section 6.3.9): list() of what is subscribed to.
        """
        return _list(self, b"LSUB", "lsub", reference, wildcard)

    def status(self, mailbox: str | bytes, *names: str) -> Deferred[dict[str, Any]]:
        """
        STATUS (RFC 9051, section 6.3.11).

        @param names: of MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, DELETED,
            SIZE, HIGHESTMODSEQ, APPENDLIMIT, DELETED-STORAGE and MAILBOXID.
        @return: fires with a dict of the names, with ints, but bytes for
            UIDNEXT, UIDVALIDITY and MAILBOXID; APPENDLIMIT is None where the
            mailbox has none.
        """
        known = {**_MORE_NAMES, **self._statusNames}
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
    ) -> Deferred[Any]:
        """
        APPEND (RFC 9051, section 6.3.12).

        @param message: bytes, or a file opened for bytes, with CR LF at its lines'
            ends.
        @param date: in the format of C{date-time}.
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

    def check(self) -> Deferred[Any]:
        """
        CHECK (RFC 3501, section 6.4.1).
        """
        return perform(self, b"CHECK")

    def close(self) -> Deferred[Any]:
        """
        CLOSE (RFC 9051, section 6.4.1): expunge, and select nothing.
        """
        return perform(self, b"CLOSE")

    def expunge(self) -> Deferred[Any]:
        """
        EXPUNGE (RFC 9051, section 6.4.3).

        @return: fires with the list of the numbers that went; each is also
            told to expunged().
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


def _statusOf(result: tuple[Any, bytes], client: Any, asked: Iterable[str]) -> dict[str, Any]:
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
