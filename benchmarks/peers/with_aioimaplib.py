"""
aioimaplib, for asyncio: as imaplib, it gives lines and literals.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

import aioimaplib  # noqa: E402

from benchmarks.peers.measuring import HOST, NAME, Stopwatch, Task, tell  # noqa: E402

#: Nothing is ended before whoever started this ends it.
TIMEOUT = 3600


def counted(task: Task, lines: list[bytes]) -> int:
    """
    How many messages, mailboxes or numbers are in what it gives.
    """
    if task.verb == "SEARCH":
        return len(lines[0].split())
    if task.verb == "LIST":
        return sum(line.startswith(b"(\\Has") for line in lines)
    if task.words[0].startswith("BODY."):
        return sum(isinstance(line, bytearray) and len(line) > 0 for line in lines)
    wanted = re.compile(rb"\d+ FETCH \(.*\b%b " % re.escape(task.words[-1].encode("ascii")))
    return sum(wanted.match(line) is not None for line in lines)


# It calls itself for each line of what it read at once.
sys.setrecursionlimit(1 << 20)


async def run(task: Task) -> None:
    client: Any
    if task.authority:
        context = task.context()
        client = aioimaplib.IMAP4_SSL(NAME, task.port, timeout=TIMEOUT, ssl_context=context)
    else:
        client = aioimaplib.IMAP4(HOST, task.port, timeout=TIMEOUT)
    await client.wait_hello_from_server()
    await client.login(task.user, task.password)
    await client.select("INBOX")
    watch = Stopwatch()
    if task.verb == "SEARCH":
        status, lines = await client.uid_search("ALL")
    elif task.verb == "LIST":
        status, lines = await client.list('""', "*")
    else:
        status, lines = await client.fetch("1:*", f"({' '.join(task.words)})")
    figures = watch.stop()
    tell(figures, counted(task, lines) if status == "OK" else 0)


if __name__ == "__main__":
    asyncio.run(run(Task.told()))
