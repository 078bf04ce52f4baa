"""
Dovecot with 10,000 messages: the wall of our client over that of one that discards
the octets, each in a fresh process.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.end_to_end import Walls
from tests.helpers.dovecot import Dovecot, find

MESSAGES = 10_000
LARGE_MESSAGES = 200
ROUNDS = 7

#: Each command, with the user in whose INBOX it is given.
MEASURED: list[tuple[str, Case]] = [
    ("small", cases.FLAGS),
    ("small", cases.ENVELOPE),
    ("small", cases.BODYSTRUCTURE),
    ("small", cases.SMALL_BODIES),
    ("large", cases.LARGER_BODIES),
]


def messages(count: int, size: int) -> list[bytes]:
    """
    Mail of C{size} octets each; a third of it has an attachment.
    """
    chance = random.Random(20231114)
    made = []
    for number in range(count):
        text = b"The quick brown fox jumps over the lazy dog, %d times.\r\n" % number
        head = (
            b"From: Ada Brook <ada%d@mail.example.org>\r\nTo: list@mail.example.org\r\n"
            b"Subject: Harbour and lantern, number %d\r\nMessage-ID: <%016x@example.org>\r\n"
            b"Date: Tue, %02d Nov 2023 11:13:20 +0100\r\nMIME-Version: 1.0\r\n"
            % (chance.randrange(1000), number, chance.getrandbits(64), chance.randint(1, 28))
        )
        if chance.random() < 0.33:
            head += b'Content-Type: multipart/mixed; boundary="=_%d"\r\n' % number
            file = b"--=_%d\r\nContent-Type: application/pdf\r\n\r\n" % number
            text = b"--=_%d\r\nContent-Type: text/plain\r\n\r\n%b%b" % (number, text, file)
        lines = (size - len(head) - len(text)) // 68
        filling = b"".join(b"%066x\r\n" % chance.getrandbits(200) for _ in range(min(lines, 60)))
        made.append(head + b"\r\n" + text + filling * max(1, lines // 60))
    return made


def figures(walls: Callable[[str], float], rounds: int) -> dict[str, float]:
    found = {"discard": float("inf"), "ours": float("inf")}
    for _ in range(rounds):
        for client in found:
            found[client] = min(found[client], walls(client))
    return {
        "over_discarding": found["ours"] / found["discard"],
        "more_ms": (found["ours"] - found["discard"]) * 1e3,
        "our_ms": found["ours"] * 1e3,
    }


def measure(quick: bool) -> dict[str, Any]:
    if find() is None:
        return {"left_out": "Dovecot 2.3 is not installed (Debian: apt-get install dovecot-imapd)"}
    rows: dict[str, Any] = {}
    with Dovecot() as server:
        server.user("small", messages(MESSAGES // 10 if quick else MESSAGES, 4_000))
        server.user("large", messages(LARGE_MESSAGES // 10 if quick else LARGE_MESSAGES, 200_000))
        for user, case in MEASURED:
            walls = Walls(case, server.port, (user, server.password))
            # Nothing is recent any more, Dovecot has made its index, and both clients
            # come to the same.
            walls.seconds("discard")
            walls.seconds("twisted")
            found = figures(walls.seconds, 2 if quick else ROUNDS)
            rows |= {f"{case.name}: {name}": figure for name, figure in found.items()}
    return rows


ROWS = {"Dovecot, 10,000 messages": measure}
