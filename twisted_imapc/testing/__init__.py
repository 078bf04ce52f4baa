"""
IMAP servers for tests and trials: in this process, on 127.0.0.1, on a port
that the system chooses.

L{EmbeddedServer} is Twisted's L{IMAP4Server<imap4.IMAP4Server>} over mail that
is kept in memory::

    server = await EmbeddedServer(messages=20).start()
    endpoint = HostnameEndpoint(reactor, server.host, server.port)
    ...
    await server.stop()

L{ScriptedServer} knows no IMAP: it waits for the lines that it was told to
wait for, and sends the octets that it was told to send, in pieces of any size,
up to a point where it may drop the connection::

    server = await ScriptedServer([
        Send(b"* OK ready\\r\\n"),
        ExpectCommand(b"NOOP"),
        Send(b"* 3 EXISTS\\r\\n" + TAG + b" OK done\\r\\n"),
        Drop(),
    ], chunkSize=1).start()

Each C{start} and C{stop} returns a L{Deferred}; after C{stop} nothing is left
in the reactor.
"""

from __future__ import annotations

from .embedded import EmbeddedServer
from .mail import MemoryMailbox, MemoryMessage, generateMessages
from .scripted import (
    TAG,
    Drop,
    ExpectCommand,
    ExpectLine,
    ExpectOctets,
    Pause,
    ScriptedServer,
    ScriptMismatch,
    Send,
    Step,
)

__all__ = [
    "Drop",
    "EmbeddedServer",
    "ExpectCommand",
    "ExpectLine",
    "ExpectOctets",
    "MemoryMailbox",
    "MemoryMessage",
    "Pause",
    "ScriptMismatch",
    "ScriptedServer",
    "Send",
    "Step",
    "TAG",
    "generateMessages",
]
