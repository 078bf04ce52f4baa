"""
IMAPClient, which parses what imaplib reads.
"""

from __future__ import annotations

import imaplib
import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from imapclient import IMAPClient  # noqa: E402

from benchmarks.peers.measuring import HOST, NAME, Stopwatch, Task, tell  # noqa: E402

imaplib._MAXLINE = 1 << 40  # type: ignore[attr-defined]


def counted(task: Task, result: Any) -> int:
    """
    How many messages, mailboxes or numbers are in what it gives.
    """
    if task.verb != "FETCH":
        return len(result)
    item = task.words[-1].encode("ascii").replace(b".PEEK", b"")
    return sum(bool(parts.get(item)) or parts.get(item) == () for parts in result.values())


def main() -> None:
    task = Task.told()
    if task.authority:
        client = IMAPClient(NAME, task.port, ssl=True, ssl_context=task.context(), use_uid=False)
    else:
        client = IMAPClient(HOST, task.port, ssl=False, use_uid=False)
    client.login(task.user, task.password)
    exists = client.select_folder("INBOX")[b"EXISTS"]
    watch = Stopwatch()
    result: Any
    if task.verb == "SEARCH":
        result = client.search()
    elif task.verb == "LIST":
        result = client.list_folders()
    else:
        # It takes no 1:*.
        result = client.fetch(list(range(1, exists + 1)), list(task.words))
    figures = watch.stop()
    tell(figures, counted(task, result))


if __name__ == "__main__":
    main()
