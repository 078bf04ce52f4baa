"""
A server that parses nothing, in a process of its own: it sends what was recorded, as
fast as the socket takes it, so that the time is the client's.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: What is answered to these where nothing else was recorded.
_OPENING = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"LOGIN": b"",
    b"SELECT": b"* 1 EXISTS\r\n* 0 RECENT\r\n",
    b"LOGOUT": b"* BYE so long\r\n",
}


@contextmanager
def replaying(answers: Mapping[str, bytes]) -> Iterator[int]:
    """
    Start the server; gives its port on 127.0.0.1.

    @param answers: The untagged responses to each command that has this word in it;
        of several the first counts.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None and server.stdout is not None
    try:
        sizes = [[word, len(octets)] for word, octets in answers.items()]
        server.stdin.write(json.dumps(sizes).encode("ascii") + b"\n")
        for octets in answers.values():
            server.stdin.write(octets)
        server.stdin.flush()
        yield int(server.stdout.readline())
    finally:
        # Its sign to end; whoever is connected by then is not waited for.
        server.stdin.close()
        server.stdout.close()
        server.wait()


def _answer(line: bytes, answers: Mapping[bytes, bytes]) -> bytes:
    """
    What goes before the tagged OK.
    """
    for word, octets in answers.items():
        if word in line:
            return octets
    return b""


def _serve(listening: socket.socket, answers: Mapping[bytes, bytes]) -> None:
    """
    One connection after the other.
    """
    while True:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(b"* OK ready\r\n")
            try:
                for line in lines:
                    tag, _, command = line.partition(b" ")
                    connection.sendall(_answer(command, answers))
                    connection.sendall(tag + b" OK done\r\n")
            except ConnectionError:
                continue  # the client has seen enough


def _main() -> None:
    """
    Be told the answers, say the port, and serve until the end of the input.
    """
    read = sys.stdin.buffer
    sizes: list[tuple[str, int]] = json.loads(read.readline())
    answers = {word.encode("ascii"): read.read(size) for word, size in sizes}
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listening, _OPENING | answers), daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    read.read()


if __name__ == "__main__":
    _main()
