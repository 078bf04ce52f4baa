"""
FETCH and STORE by their many names.  As Twisted's methods, they only call C{_fetch} and
C{_store}, which a subclass may override; see L{twisted_imapc._inherited}.
"""

from __future__ import annotations

from collections.abc import Iterable

from twisted.internet.defer import Deferred

from .._inherited import TwistedClient
from ..types import (
    AllItem,
    BodyItem,
    BodyStructureItem,
    EnvelopeItem,
    FastItem,
    FlagsItem,
    FullItem,
    HeadersItem,
    InternalDateItem,
    MessageItem,
    SequenceSet,
    SizeItem,
    TextItem,
    UIDItem,
)


class Fetches(TwistedClient):
    """
    What the server has of messages, and their flags.
    """

    def fetchUID(self, messages: SequenceSet, uid: bool | int = 0) -> Deferred[dict[int, UIDItem]]:
        """
        FETCH UID (RFC 9051, sections 6.4.5 and 2.3.1.1).

        >>> await client.fetchUID("1:2")
        {1: {'UID': '1'}, 2: {'UID': '2'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchUID(messages, uid)

    def fetchFlags(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, FlagsItem]]:
        r"""
        FETCH FLAGS (RFC 9051, sections 6.4.5 and 2.3.2).

        >>> await client.fetchFlags("1:2")
        {1: {'FLAGS': ['\\Seen']}, 2: {'FLAGS': []}}
        >>> await client.fetchFlags("1", uid=True)
        {1: {'FLAGS': ['\\Seen'], 'UID': '1'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchFlags(messages, uid)

    def fetchInternalDate(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, InternalDateItem]]:
        """
        FETCH INTERNALDATE (RFC 9051, sections 6.4.5 and 2.3.3): when the server got
        the message, which need not be what its Date says.

        >>> await client.fetchInternalDate("2")
        {2: {'INTERNALDATE': '14-Nov-2023 11:00:00 +0000'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchInternalDate(messages, uid)

    def fetchEnvelope(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, EnvelopeItem]]:
        """
        FETCH ENVELOPE (RFC 9051, sections 6.4.5, 7.5.2 and 2.3.5): date, subject, from,
        sender, reply-to, to, cc, bcc, in-reply-to, message-id, as the message has them:
        nothing in them is decoded.  An address is name, source route, mailbox, host.

        >>> await client.fetchEnvelope("1")
        {1: {'ENVELOPE': ['Mon, 13 Nov 2023 10:00:00 +0000', 'Minutes',
        [['Ada', None, 'ada', 'example.org']], [['Ada', None, 'ada', 'example.org']],
        [['Ada', None, 'ada', 'example.org']], [[None, None, 'joe', 'example.net']],
        None, None, None, '<1@example.org>']}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchEnvelope(messages, uid)

    def fetchBodyStructure(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, BodyStructureItem]]:
        """
        FETCH BODYSTRUCTURE (RFC 9051, sections 6.4.5 and 7.5.2), with the extension
        data.  A part that is a list first has parts of its own; any other is type,
        subtype, parameters, id, description, encoding, size in octets, and for a text
        its lines.

        >>> await client.fetchBodyStructure("2")
        {2: {'BODYSTRUCTURE': [['text', 'plain', ['charset', 'utf-8'], None, None, None,
        '11', '1', None, None, None, None],
        ['image', 'png', None, None, None, 'base64', '8', None, None, None, None],
        'mixed', ['boundary', 'x'], None, None, None]}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchBodyStructure(messages, uid)

    def fetchSimplifiedBody(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, BodyItem]]:
        """
        FETCH BODY (RFC 9051, sections 6.4.5 and 7.5.2): fetchBodyStructure() without
        the extension data.

        >>> await client.fetchSimplifiedBody("2")
        {2: {'BODY': [['text', 'plain', ['charset', 'utf-8'], None, None, None, '11', '1'],
        ['image', 'png', None, None, None, 'base64', '8'], 'mixed']}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchSimplifiedBody(messages, uid)

    def fetchMessage(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, MessageItem]]:
        r"""
        FETCH RFC822 (RFC 3501, section 6.4.5): the whole message, with one character
        for each octet.  It gets the flag C{\Seen}; fetchSpecific() can do without.

        >>> await client.fetchMessage("1")
        {1: {'RFC822': 'Date: Mon, 13 Nov 2023 10:00:00 +0000\r\n...\r\nSee you.\r\n'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchMessage(messages, uid)

    def fetchHeaders(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, HeadersItem]]:
        r"""
        FETCH RFC822.HEADER (RFC 3501, section 6.4.5): the headers, as one str with a
        character for each octet.  Most servers end it with an empty line.

        >>> await client.fetchHeaders("1")
        {1: {'RFC822.HEADER': 'Date: Mon, 13 Nov 2023 10:00:00 +0000\r\n...\r\n'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchHeaders(messages, uid)

    def fetchBody(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, TextItem]]:
        r"""
        FETCH RFC822.TEXT (RFC 3501, section 6.4.5): what is behind the headers, as one
        str with a character for each octet.  The message gets the flag C{\Seen}.

        >>> await client.fetchBody("1")
        {1: {'RFC822.TEXT': 'See you.\r\n'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchBody(messages, uid)

    def fetchSize(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, SizeItem]]:
        """
        FETCH RFC822.SIZE (RFC 9051, sections 6.4.5 and 2.3.4), in octets.

        >>> await client.fetchSize("1:2")
        {1: {'RFC822.SIZE': '148'}, 2: {'RFC822.SIZE': '343'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchSize(messages, uid)

    def fetchFast(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, FastItem]]:
        r"""
        FETCH FLAGS INTERNALDATE RFC822.SIZE (RFC 9051, section 6.4.5); see fetchFlags(),
        fetchInternalDate() and fetchSize().

        >>> await client.fetchFast("1")
        {1: {'FLAGS': ['\\Seen'], 'INTERNALDATE': '13-Nov-2023 10:00:00 +0000',
        'RFC822.SIZE': '148'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchFast(messages, uid)

    def fetchAll(self, messages: SequenceSet, uid: bool | int = 0) -> Deferred[dict[int, AllItem]]:
        r"""
        FETCH FLAGS INTERNALDATE RFC822.SIZE ENVELOPE (RFC 9051, section 6.4.5):
        fetchFast() and fetchEnvelope() in one.

        >>> await client.fetchAll("1")
        {1: {'FLAGS': ['\\Seen'], 'INTERNALDATE': '13-Nov-2023 10:00:00 +0000',
        'ENVELOPE': ['Mon, 13 Nov 2023 10:00:00 +0000', 'Minutes', ...],
        'RFC822.SIZE': '148'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchAll(messages, uid)

    def fetchFull(
        self, messages: SequenceSet, uid: bool | int = 0
    ) -> Deferred[dict[int, FullItem]]:
        r"""
        FETCH FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY (RFC 9051, section 6.4.5):
        fetchAll() and fetchSimplifiedBody() in one.

        >>> await client.fetchFull("2")
        {2: {'FLAGS': [], 'INTERNALDATE': '14-Nov-2023 11:00:00 +0000',
        'ENVELOPE': ['Tue, 14 Nov 2023 11:00:00 +0000', 'Photo', ...],
        'BODY': [['text', 'plain', ...], ['image', 'png', ...], 'mixed'],
        'RFC822.SIZE': '343'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @raise ValueError: for C{messages} that cannot be sent.
        @return: fires with an item for each message, by its number, also if C{uid} is
            true.  Fails as L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().fetchFull(messages, uid)

    # STORE

    def setFlags(
        self,
        messages: SequenceSet,
        flags: Iterable[str],
        silent: bool | int = 1,
        uid: bool | int = 0,
    ) -> Deferred[dict[int, FlagsItem]]:
        r"""
        STORE FLAGS (RFC 9051, section 6.4.6): these flags, and no others.

        >>> await client.setFlags("1", ["\\Flagged"], silent=False)
        {1: {'FLAGS': ['\\Flagged']}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @param flags: such as C{["\\Seen", "$Junk"]}.
        @param silent: the server is not to tell what the flags are now.
        @raise ValueError: for C{messages} and C{flags} that cannot be sent.
        @return: fires with the flags of each message, by its number, also if C{uid} is
            true; with an empty dict if C{silent} is.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().setFlags(messages, flags, silent, uid)

    def addFlags(
        self,
        messages: SequenceSet,
        flags: Iterable[str],
        silent: bool | int = 1,
        uid: bool | int = 0,
    ) -> Deferred[dict[int, FlagsItem]]:
        r"""
        STORE +FLAGS (RFC 9051, section 6.4.6): these flags, besides those that are there.

        >>> await client.addFlags("1", ["\\Deleted"])
        {}
        >>> await client.addFlags("1", ["\\Flagged"], silent=False)
        {1: {'FLAGS': ['\\Seen', '\\Deleted', '\\Flagged']}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @param flags: such as C{["\\Seen", "$Junk"]}.
        @param silent: the server is not to tell what the flags are now.
        @raise ValueError: for C{messages} and C{flags} that cannot be sent.
        @return: fires with the flags of each message, by its number, also if C{uid} is
            true; with an empty dict if C{silent} is.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().addFlags(messages, flags, silent, uid)

    def removeFlags(
        self,
        messages: SequenceSet,
        flags: Iterable[str],
        silent: bool | int = 1,
        uid: bool | int = 0,
    ) -> Deferred[dict[int, FlagsItem]]:
        r"""
        STORE -FLAGS (RFC 9051, section 6.4.6): what flags are there, without these.

        >>> await client.removeFlags("1", ["\\Seen"], silent=False, uid=True)
        {1: {'FLAGS': [], 'UID': '1'}}

        @param messages: numbers, or UIDs if C{uid} is true.
        @param flags: such as C{["\\Seen", "$Junk"]}.
        @param silent: the server is not to tell what the flags are now.
        @raise ValueError: for C{messages} and C{flags} that cannot be sent.
        @return: fires with the flags of each message, by its number, also if C{uid} is
            true; with an empty dict if C{silent} is.  Fails as
            L{IMAP4Client<twisted_imapc.IMAP4Client>} says.
        """
        return super().removeFlags(messages, flags, silent, uid)
