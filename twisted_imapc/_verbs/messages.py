"""
Messages of the mailbox that is selected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.compat import networkString

from .. import _encode
from .base import Verbs, mailboxOf, perform, valueOf


class Messages(Verbs):
    """
    What is done with messages.
    """

    def search(self, *queries: str, uid: Any = False) -> Deferred[Any]:
        """
        SEARCH or UID SEARCH (RFC 9051, sections 6.4.4 and 6.4.9).

        @param queries: what Query, Or and Not return.
        @return: fires with a list of numbers or UIDs (ints).
        """
        command = b"UID SEARCH" if uid else b"SEARCH"
        pieces = _encode.searchProgram(queries)
        d = perform(self, command, *pieces, shape="search", want=(command,))
        return d.addCallback(valueOf)

    def fetchSpecific(
        self,
        messages: Any,
        uid: Any = 0,
        headerType: str | None = None,
        headerNumber: Any = None,
        headerArgs: Iterable[str] | None = None,
        peek: Any = None,
        offset: int | None = None,
        length: int | None = None,
    ) -> Deferred[Any]:
        """
        FETCH BODY[section] (RFC 9051, section 6.4.5).

        @param headerType: HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or
            TEXT.
        @param headerNumber: the part, an int or a sequence of them.
        @param headerArgs: the names for HEADER.FIELDS and HEADER.FIELDS.NOT.
        @param peek: leave C{\\Seen} as it is.
        @return: fires with a dict: for each message number a list with one
            list, of C{"BODY"}, the section as a list, maybe an origin such as
            C{"<0>"}, and the text (str with a character for each octet).
        """
        item = _encode.bodyItem(headerType, headerNumber, headerArgs, peek, offset, length)
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

    def copy(self, messages: Any, mailbox: str | bytes, uid: Any) -> Deferred[Any]:
        """
        COPY (RFC 9051, section 6.4.7).

        @return: fires with a true value.
        """
        return perform(
            self,
            b"UID COPY" if uid else b"COPY",
            _encode.messageSet(messages),
            mailboxOf(self, mailbox, "mailbox"),
        )
