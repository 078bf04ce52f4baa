"""
A mailbox of any size that is nowhere: each message is made when it is asked for.

    python benchmarks/virtual_server.py COUNT SIZE

It knows just enough of IMAP for one mailbox of COUNT messages of SIZE octets, prints
its port, and ends with its input.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator

OFFERS = b"IMAP4rev1 SASL-IR LITERAL+ ESEARCH UNSELECT"

_BLOCK = 50

_FETCH = re.compile(rb"UID FETCH (\S+) \((.*)\)", re.IGNORECASE)

_ENVELOPE = (
    b'ENVELOPE ("Mon, 26 Nov 2026 12:34:56 +0000" "Re: [list] The subject of message %d"'
    b' (("Ada Brook" NIL "ada" "example.org")) (("Ada Brook" NIL "ada" "example.org"))'
    b' (("Ada Brook" NIL "ada" "example.org")) (("Chidi Okafor" NIL "chidi" "example.com"))'
    b' NIL NIL "<%d.1@example.com>" "<%d.2@example.org>")'
)


class Mailbox:
    """
    COUNT messages of SIZE octets.
    """

    def __init__(self, count: int, size: int) -> None:
        self.count = count
        line = b"0123456789abcdef" * 4 + b"\r\n"
        self.body = (line * (size // len(line) + 1))[:size]
        # What is small is made before anybody measures.
        self._flags = [] if size else [
            b"".join(self.message(uid, b"FLAGS") for uid in range(first, first + _BLOCK))
            for first in range(1, count + 1, _BLOCK)
        ]  # fmt: skip

    def message(self, uid: int, items: bytes) -> bytes:
        parts = [b"UID %d" % uid]
        if b"FLAGS" in items:
            parts.append(b"FLAGS (\\Seen)")
        if b"ENVELOPE" in items:
            parts.append(_ENVELOPE % (uid, uid, uid))
        if b"BODY" in items:
            parts.append(b"BODY[] {%d}\r\n%b" % (len(self.body), self.body))
        return b"* %d FETCH (%b)\r\n" % (uid, b" ".join(parts))

    def runs(self, text: bytes) -> Iterator[range]:
        """
        The UIDs of a set, up to the end of a block at a time.
        """
        for part in text.split(b","):
            first, _, last = part.partition(b":")
            uid = int(first)
            end = self.count if last == b"*" else min(self.count, int(last or first))
            while uid <= end:
                stop = min(end, (uid - 1) // _BLOCK * _BLOCK + _BLOCK) + 1
                yield range(uid, stop)
                uid = stop

    def fetched(self, text: bytes, items: bytes) -> Iterator[bytes]:
        """
        Responses, some at a time.
        """
        for run in self.runs(text):
            if items == b"UID FLAGS" and self._flags and len(run) == _BLOCK:
                yield self._flags[run.start // _BLOCK]
            else:
                yield b"".join(self.message(uid, items) for uid in run)

    def answers(self, command: bytes) -> Iterator[bytes]:
        """
        What comes before the tagged OK.
        """
        found = _FETCH.fullmatch(command)
        verb = command.split(b" ")[0].upper()
        if found:
            yield from self.fetched(found[1], found[2])
        elif verb in (b"SELECT", b"EXAMINE"):
            yield b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n" % self.count
            yield b"* OK [UIDNEXT %d] x\r\n" % (self.count + 1)
        elif verb == b"STATUS":
            yield b"* STATUS %b (MESSAGES %d)\r\n" % (command.split(b" ")[1], self.count)
        elif verb == b"CAPABILITY":
            yield b"* CAPABILITY %b\r\n" % OFFERS
        elif verb == b"LOGOUT":
            yield b"* BYE bye\r\n"


def converse(connection: socket.socket, mailbox: Mailbox) -> None:
    with connection, connection.makefile("rb") as lines:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"* PREAUTH [CAPABILITY %b] ready\r\n" % OFFERS)
        try:
            for line in lines:
                tag, _, command = line.strip().partition(b" ")
                for octets in mailbox.answers(command):
                    connection.sendall(octets)
                connection.sendall(tag + b" OK done\r\n")
        except OSError:
            pass


def serve(listening: socket.socket, mailbox: Mailbox) -> None:
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=converse, args=(connection, mailbox), daemon=True).start()


def main() -> None:
    count, size = map(int, sys.argv[1:])
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listening, Mailbox(count, size)), daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
