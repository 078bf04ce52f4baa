"""
Twisted's IMAP client on a parser in C.

C{from twisted_imapc import IMAP4Client} takes the place of
C{from twisted.mail.imap4 import IMAP4Client}.  All other public names of imap4 are
here too, as Twisted's own objects, but for L{Query}, which escapes its values.

L{Client} is the other client: typed, streaming, pipelined; what goes with it is in
L{twisted_imapc.client}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.mail import imap4 as _imap4
from twisted.mail.imap4 import (
    IAccount,
    IClientAuthentication,
    ICloseableMailbox,
    IllegalClientResponse,
    IllegalIdentifierError,
    IllegalMailboxEncoding,
    IllegalOperation,
    IllegalQueryError,
    IllegalServerResponse,
    IMailbox,
    IMailboxInfo,
    IMailboxListener,
    IMAP4Exception,
    IMAP4Server,
    IMessage,
    IMessageCopier,
    IMessageFile,
    IMessagePart,
    INamespacePresenter,
    ISearchableMailbox,
    LOGINCredentials,
    MailboxCollision,
    MailboxException,
    MemoryAccount,
    MismatchedNesting,
    MismatchedQuoting,
    NegativeResponse,
    NoSuchMailbox,
    NoSupportedAuthentication,
    PLAINCredentials,
    ReadOnlyMailbox,
    UnhandledResponse,
    statusRequestHelper,
)

from ._errors import ResponseTooLarge
from ._insecure import InsecureConnectionWarning
from ._query import Query
from ._twisted import (
    Command,
    CramMD5ClientAuthenticator,
    LOGINAuthenticator,
    MessageSet,
    Not,
    Or,
    PLAINAuthenticator,
)
from .client import Client
from .factory import IMAP4ClientFactory, connect
from .imap4client import IMAP4Client

if TYPE_CHECKING:
    # For type checkers; when a program runs, __getattr__() gives these, and whatever
    # another version of Twisted has.
    from collections.abc import Callable

    from twisted.mail.imap4 import (
        TIMEOUT_ERROR as TIMEOUT_ERROR,
        DontQuoteMe as DontQuoteMe,
        FileProducer as FileProducer,
        LiteralFile as LiteralFile,
        LiteralString as LiteralString,
        MemoryAccountWithoutNamespaces as MemoryAccountWithoutNamespaces,
        MessageProducer as MessageProducer,
        StreamReader as StreamReader,
        StreamWriter as StreamWriter,
        WriteBuffer as WriteBuffer,
        collapseNestedLists as collapseNestedLists,
        collapseStrings as collapseStrings,
        decoder as decoder,
        encoder as encoder,
        getBodyStructure as getBodyStructure,
        getEnvelope as getEnvelope,
        getLineCount as getLineCount,
        imap4_utf_7 as imap4_utf_7,
        iterateInReactor as iterateInReactor,
        modified_base64 as modified_base64,
        modified_unbase64 as modified_unbase64,
        parseAddr as parseAddr,
        parseIdList as parseIdList,
        parseNestedParens as parseNestedParens,
        parseTime as parseTime,
        splitOn as splitOn,
        splitQuoted as splitQuoted,
        subparts as subparts,
        unquote as unquote,
        wildcardToRegexp as wildcardToRegexp,
    )

    memory_cast: Callable[..., Any]

# Said once: pyproject.toml has it from here.
__version__ = "0.1.0"

__all__ = [
    "Client",
    "Command",
    "CramMD5ClientAuthenticator",
    "IAccount",
    "IClientAuthentication",
    "ICloseableMailbox",
    "IMAP4Client",
    "IMAP4ClientFactory",
    "IMAP4Exception",
    "IMAP4Server",
    "IMailbox",
    "IMailboxInfo",
    "IMailboxListener",
    "IMessage",
    "IMessageCopier",
    "IMessageFile",
    "IMessagePart",
    "INamespacePresenter",
    "ISearchableMailbox",
    "IllegalClientResponse",
    "IllegalIdentifierError",
    "IllegalMailboxEncoding",
    "IllegalOperation",
    "IllegalQueryError",
    "IllegalServerResponse",
    "InsecureConnectionWarning",
    "LOGINAuthenticator",
    "LOGINCredentials",
    "MailboxCollision",
    "MailboxException",
    "MemoryAccount",
    "MessageSet",
    "MismatchedNesting",
    "MismatchedQuoting",
    "NegativeResponse",
    "NoSuchMailbox",
    "NoSupportedAuthentication",
    "Not",
    "Or",
    "PLAINAuthenticator",
    "PLAINCredentials",
    "Query",
    "ReadOnlyMailbox",
    "ResponseTooLarge",
    "UnhandledResponse",
    "connect",
    "statusRequestHelper",
]


if not TYPE_CHECKING:
    # Type checkers would believe of any name whatever that it is here.

    def __getattr__(name: str) -> Any:
        """
        A public name of C{twisted.mail.imap4} that is not ours.
        """
        if name.startswith("_") or not hasattr(_imap4, name):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_imap4, name)


def __dir__() -> list[str]:
    theirs = (name for name in dir(_imap4) if not name.startswith("_"))
    return sorted({*globals(), *theirs})
