"""
The standard library's imaplib: it finds lines and literals, and parses neither.
"""

from __future__ import annotations

import imaplib
import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.peers.measuring import HOST, NAME, Stopwatch, Task, tell  # noqa: E402

# Nor would it read a line that is longer than this.
imaplib._MAXLINE = 1 << 40  # type: ignore[attr-defined]


def counted(task: Task, data: list[Any]) -> int:
    """
    How many messages, mailboxes or numbers are in what it gives.
    """
    if task.verb == "SEARCH":
        return len(data[0].split())
    if task.verb == "LIST":
        return sum(line.startswith(b"(\\Has") for line in data)
    if task.words[0].startswith("BODY."):
        return sum(isinstance(item, tuple) and len(item[1]) > 0 for item in data)
    item = task.words[-1].encode("ascii") + b" "
    return sum(item in line for line in data)


def main() -> None:
    task = Task.told()
    client: Any
    if task.authority:
        client = imaplib.IMAP4_SSL(NAME, task.port, ssl_context=task.context())
    else:
        client = imaplib.IMAP4(HOST, task.port)
    client.login(task.user, task.password)
    client.select("INBOX", readonly=False)
    watch = Stopwatch()
    if task.verb == "SEARCH":
        status, data = client.uid("SEARCH", "ALL")
    elif task.verb == "LIST":
        status, data = client.list("", "*")
    else:
        status, data = client.fetch("1:*", f"({' '.join(task.words)})")
    figures = watch.stop()
    tell(figures, counted(task, data) if status == "OK" else 0)


if __name__ == "__main__":
    main()
