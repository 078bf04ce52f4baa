"""
What the clients connect to: a server that sends what was prepared at memory speed, and
a real one.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import trustme

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.peers.measuring import NAME
from tests.helpers.dovecot import Dovecot, find
from twisted_imapc.testing._replay import replaying

#: What is asked of a server that sends what was prepared.
REPLAYED = [
    cases.FLAGS,
    cases.ENVELOPE,
    cases.ALL,
    cases.BODYSTRUCTURE,
    cases.LIST,
    cases.SEARCH,
    cases.SMALL_BODIES,
    cases.BODIES,
]

#: What is asked of Dovecot, and of which of its users.
ASKED = {
    "small": [
        case.of(10_000)
        for case in (cases.FLAGS, cases.ENVELOPE, cases.BODYSTRUCTURE, cases.SMALL_BODIES)
    ],
    "large": [cases.LARGER_BODIES.of(400)],
}

SIZES = {"small": 4_000, "large": 200_000}


@dataclass(frozen=True)
class Place:
    """
    Where one command can be given, after LOGIN and SELECT INBOX.
    """

    port: int
    user: str
    password: str
    authority: str = ""


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


@contextmanager
def replay(case: Case) -> Iterator[Place]:
    recorded = case.wire().rpartition(b"0001")[0]
    word = case.words[0] if case.words[0] in ("LIST", "SEARCH") else "FETCH"
    exists = b"* %d EXISTS\r\n" % case.count
    with replaying({word: recorded, "SELECT": exists}) as port:
        yield Place(port, "user", "secret")


def lacking() -> str | None:
    """
    Why there is no Dovecot.
    """
    if find() is None:
        return "Dovecot 2.3 is not installed (Debian: apt-get install dovecot-imapd)"
    return None


def dovecotVersion() -> str:
    """
    The version of the Dovecot that L{dovecot} starts.
    """
    program = find()
    assert program is not None
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


@contextmanager
def dovecot(quick: bool, tls: bool) -> Iterator[list[tuple[Case, Place]]]:
    """
    What is asked, and where.  In the clear there is no STARTTLS either, which some
    clients would use unasked.
    """
    authority = trustme.CA()
    leaf = authority.issue_cert(NAME)
    chain, key = leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
    starting = Dovecot(chain, key, minimum="TLSv1.3") if tls else Dovecot()
    with authority.cert_pem.tempfile() as path, starting as server:
        port = server.tls_port if tls else server.port
        found = []
        for user, asked in ASKED.items():
            if quick:
                asked = [case.of(case.count // 10) for case in asked]
            server.user(user, messages(asked[0].count, SIZES[user]))
            place = Place(port, user, server.password, path if tls else "")
            found += [(case, place) for case in asked]
        yield found
