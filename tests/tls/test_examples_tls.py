"""The examples that go over verified TLS, each run as a user would run it."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import twisted_imapc
from tests.helpers import dovecot
from tests.helpers.certificates import Authority

pytestmark = pytest.mark.slow

SIGNER = Authority()
FAR = "127.0.0.2"
SHOWN = Path(__file__).parents[2] / "examples"

WRITTEN = [
    b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nx",
    b"From: ada@example.org\r\nSubject: \x1b[31mred\r\n\r\nx",
    b"\r\nno header",
]


@pytest.fixture(scope="module")
def verified(missing: Callable[[str], Any]) -> Iterator[dovecot.Dovecot]:
    if dovecot.find() is None:
        missing("Dovecot 2.3 is not installed")
    certificate = SIGNER.issue(FAR)
    with dovecot.Dovecot(certificate.pem, certificate.key, FAR) as one:
        yield one


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """In which the system trusts our authority."""
    (tmp_path / "authority.pem").write_bytes(SIGNER.pem)
    package = str(Path(twisted_imapc.__file__).resolve().parent.parent)
    return {
        **os.environ,
        "PYTHONPATH": package,
        "PYTHONIOENCODING": "utf-8",
        "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
        "TZ": "UTC",
    }


def run_shown(name: str, *arguments: str, **options: Any) -> Any:
    return subprocess.run(
        [sys.executable, str(SHOWN / name), *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        **options,
    )


def urls(server: dovecot.Dovecot) -> list[str]:
    return [f"imaps://{FAR}:{server.tls_port}", f"imap://{FAR}:{server.port}"]


@contextmanager
def answering(folder: Path, answers: dict[str, list[str]]) -> Iterator[str]:
    """
    A server under TLS that says what Dovecot does not: for each command the next of its
    answers, the last one again and again.

    @return: its URL.
    """
    certificate = SIGNER.issue(FAR)
    (folder / "server.pem").write_bytes(certificate.key + certificate.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    listener = socket.create_server((FAR, 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            # Who hangs up ends its own conversation alone.
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as secured:
                converse(secured.makefile("rw", encoding="ascii", newline=""))

    def converse(file: Any) -> None:
        print("* OK [CAPABILITY IMAP4rev1] hi", end="\r\n", file=file, flush=True)
        for line in file:
            tag, command, *_ = line.split()
            told = answers.get(command, ["OK done"])
            *before, last = (told.pop(0) if len(told) > 1 else told[0]).split("\r\n")
            text = "".join(f"{one}\r\n" for one in [*before, f"{tag} {last}"])
            print(text, end="", file=file, flush=True)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"imaps://{FAR}:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def test_unread_without_a_date(environment: dict[str, str], tmp_path: Path) -> None:
    """Such as 31 February; all that can be told is told, and it is the last."""
    lines = [
        f'* {n} FETCH (UID {n} INTERNALDATE "{date} 00:00:00 +0000"'
        f" ENVELOPE (NIL {subject} NIL NIL NIL NIL NIL NIL NIL NIL))"
        for n, date, subject in ((1, "31-Feb-2020", "odd"), (2, "29-Feb-2020", "even"))
    ]
    answers = {"UID": ["* SEARCH 1 2\r\nOK", "\r\n".join([*lines, "OK"])]}
    with answering(tmp_path, answers) as url:
        done = run_shown("unread.py", url, "joe", "--password", "x", env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "2020-02-29 00:00  (nobody)                  even",
        "(no date)         (nobody)                  odd",
        "2 unread in INBOX",
    ]


def test_reconnecting_where_the_login_is_off(environment: dict[str, str], tmp_path: Path) -> None:
    """It tries again, but not with a password that is wrong."""
    answers = {"LOGIN": ["NO [UNAVAILABLE] later", "NO [AUTHENTICATIONFAILED] wrong"]}
    with answering(tmp_path, answers) as url:
        done = run_shown("reconnect.py", url, "joe", "--password", "x", env=environment)
    assert done.stdout == "LOGIN: NO [UNAVAILABLE] later; again in 1 s\n"
    assert done.returncode == 1
    assert done.stderr == "failed: LOGIN: NO [AUTHENTICATIONFAILED] wrong\n"


def test_unread(verified: dovecot.Dovecot, environment: dict[str, str]) -> None:
    user = verified.user("unread", WRITTEN)
    for url in urls(verified):
        done = run_shown("unread.py", url, user, "--password", verified.password, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "2001-09-09 01:46  (nobody)                  (none)",
            "2001-09-09 01:46  ada@example.org           ?[31mred",
            "2001-09-09 01:46  Jörg                      Grüße",
            "3 unread in INBOX",
        ]


@pytest.mark.parametrize("name", ["unread.py", "reconnect.py"])
def test_a_wrong_password(
    name: str, verified: dovecot.Dovecot, environment: dict[str, str]
) -> None:
    done = run_shown(name, urls(verified)[0], "joe", "--password", "wrong", env=environment)
    assert done.returncode == 1 and done.stderr.startswith("failed: AUTHENTICATE: NO ")


def test_a_server_that_nobody_trusts(
    verified: dovecot.Dovecot, environment: dict[str, str]
) -> None:
    del environment["SSL_CERT_FILE"]
    done = run_shown("unread.py", urls(verified)[0], "joe", "--password", "x", env=environment)
    assert done.returncode == 1 and "is not trusted here" in done.stderr
    assert done.stderr.count("\n") == 1


def test_asyncio(verified: dovecot.Dovecot, environment: dict[str, str]) -> None:
    user = verified.user("asyncio", WRITTEN)
    done = run_shown(
        "with_asyncio.py", urls(verified)[0], user, "--password", verified.password,
        env=environment,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "INBOX 3\n")


def test_reconnecting(environment: dict[str, str]) -> None:
    """The server goes away and comes back."""
    certificate = SIGNER.issue(FAR)
    with dovecot.Dovecot(certificate.pem, certificate.key, FAR) as server:
        user = server.user("again", WRITTEN)
        program = subprocess.Popen(
            [sys.executable, str(SHOWN / "reconnect.py"), urls(server)[0], user,
             "--password", server.password],
            stdout=subprocess.PIPE, encoding="utf-8", env=environment,
        )  # fmt: skip
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == "connected: 3 messages\n"
            server.restart()
            assert program.stdout.readline().endswith("; again in 1 s\n")
            assert program.stdout.readline() == "connected: 3 messages\n"
        finally:
            program.kill()
            program.stdout.close()
            program.wait()
