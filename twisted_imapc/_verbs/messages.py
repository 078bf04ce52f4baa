"""
Messages of the mailbox that is selected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.compat import networkString

from .. import _encode
from .._section import bodyItem
from ..types import Answer, Numbers, SequenceSet, SpecificItem
from .base import Verbs, mailboxOf, perform, valueOf


class Messages(Verbs):
    """
    What is done with messages.
    """

    def search(self, *queries: str, uid: bool | int = False) -> Deferred[Numbers]:
        """
        SEARCH or UID SEARCH (RFC 9051, sections 6.4.4 and 6.4.9).

        >>> await client.search(Query(unseen=True))
        [2]

        @param queries: what Query, Or and Not return; all of them have to be true.
        @raise ValueError: for what cannot be sent.
        @return: fires with a list of numbers, or of UIDs if C{uid} is true (ints).
            Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        command = b"UID SEARCH" if uid else b"SEARCH"
        pieces = _encode.searchProgram(queries)
        d = perform(self, command, *pieces, shape="search", want=(command,))
        return d.addCallback(valueOf)

    def fetchSpecific(
        self,
        messages: SequenceSet,
        uid: bool | int = 0,
        headerType: str | None = None,
        headerNumber: int | Iterable[int] | None = None,
        headerArgs: Iterable[str] | None = None,
        peek: bool | int | None = None,
        offset: int | None = None,
        length: int | None = None,
    ) -> Deferred[dict[int, list[SpecificItem]]]:
        r"""
        FETCH BODY[section] (RFC 9051, section 6.4.5): the whole message, or a section
        of it, or some octets of either.

        >>> await client.fetchSpecific("1", peek=True)
        {1: [['BODY', [], 'Date: Mon, 13 Nov 2023 10:00:00 +0000\r\n...See you.\r\n']]}
        >>> await client.fetchSpecific("2", headerNumber=1, peek=True)
        {2: [['BODY', ['1'], 'Here it is.']]}
        >>> await client.fetchSpecific("1", headerType="HEADER.FIELDS",
        ...     headerArgs=["Subject"], peek=True, uid=True)
        {1: [['BODY', ['HEADER.FIELDS', ['Subject']], 'Subject: Minutes\r\n', 'UID', '1']]}

        With C{uid=True} the list has UID, too, and the server chooses where: Dovecot
        and many others begin with it, so that the rest is two places further on, as in
        C{['UID', '1', 'BODY', [], 'the text']}.

        @param messages: numbers, or UIDs if C{uid} is true.
        @param headerType: HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or
            TEXT, in any case; None for all of the message or part.
        @param headerNumber: the part, an int or a sequence of them.
        @param headerArgs: the names for HEADER.FIELDS and HEADER.FIELDS.NOT; without
            one of these two it does not count.
        @param peek: leave C{\Seen} as it is, which is set otherwise.
        @param offset: the octet to begin at; it wants C{length}, too.
        @param length: how many octets, at most; without C{offset} it does not count.
        @raise ValueError: for arguments that cannot be sent, and for what is none of
            these sections, parts, names and octets.
        @return: fires with a dict: for each message's number, also if C{uid} is true, a
            list with one list, of C{"BODY"}, the section as a list, with C{offset} the
            origin, such as C{"<0>"}, and the text (str with a character for each octet;
            where the message has no such part, None or empty, as the server has it).  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        item = bodyItem(headerType, headerNumber, headerArgs, peek, offset, length)
        d = perform(
            self,
            b"UID FETCH" if uid else b"FETCH",
            _encode.messageSet(messages),
            item,
            shape="fetch-flat",
            want=(b"FETCH",),
        )
        return d.addCallback(valueOf)

    def _fetch(self, messages: Any, useUID: Any = 0, **terms: Any) -> Deferred[Any]:
        """
        FETCH of the items that the keywords name.
        """
        for short in ("rfc822text", "rfc822size", "rfc822header"):
            if short in terms:
                # To the end, where Twisted writes it.
                del terms[short]
                terms[f"{short[:6]}.{short[6:]}"] = True
        items = [networkString(term).upper() for term in terms]
        for item in items:
            _encode.refuse(item, "terms")
        d = perform(
            self,
            b"UID FETCH" if useUID else b"FETCH",
            _encode.messageSet(messages),
            b"(%b)" % b" ".join(items),
            shape="fetch-flags" if b"FLAGS" in items else "fetch",
            want=(b"FETCH",),
            terms=[term.upper() for term in terms],
        )
        return d.addCallback(valueOf)

    def _store(
        self, messages: Any, cmd: bytes, silent: Any, flags: Iterable[str], uid: Any
    ) -> Deferred[Any]:
        """
        STORE (RFC 9051, section 6.4.6); C{cmd} is FLAGS, +FLAGS or -FLAGS.
        """
        d = perform(
            self,
            b"UID STORE" if uid else b"STORE",
            _encode.messageSet(messages),
            cmd + b".SILENT" if silent else cmd,
            _encode.flagList(flags),
            shape="fetch" if silent else "fetch-flags",
            want=(b"FETCH",),
            terms=() if silent else ("FLAGS",),
        )
        return d.addCallback(valueOf)

    def copy(
        self, messages: SequenceSet, mailbox: str | bytes, uid: bool | int
    ) -> Deferred[Answer]:
        """
        COPY or UID COPY (RFC 9051, sections 6.4.7 and 6.4.9).

        >>> await client.copy("1:2", "ARCHIVE", uid=False)
        ([], b'OK COPY completed')

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} and a name that cannot be sent.
        @return: fires with the server's answer.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return perform(
            self,
            b"UID COPY" if uid else b"COPY",
            _encode.messageSet(messages),
            mailboxOf(self, mailbox, "mailbox"),
        )
