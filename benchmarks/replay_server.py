"""
A server that parses nothing: it waits for a line and sends what was prepared, as
fast as the socket takes it.

    python benchmarks/replay_server.py CASE COUNT

It prints its port, serves one connection after the other, and ends with its input.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.cases import CASES  # noqa: E402


def serve(listening: socket.socket, recorded: memoryview, end: bytes) -> None:
    """
    Answer each line with C{recorded}, its own tag and C{end}.
    """
    while True:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(b"* OK ready\r\n")
            for line in lines:
                tag = line.partition(b" ")[0]
                connection.sendall(recorded)
                connection.sendall(tag + end)


def main() -> None:
    name, count = sys.argv[1:]
    wire = CASES[name].of(int(count)).wire()
    recorded, tag, end = wire.rpartition(b"0001")
    assert tag
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listening, memoryview(recorded), end), daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
