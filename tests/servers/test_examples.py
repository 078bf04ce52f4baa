"""
The programs in examples/, and the demo, each run as a user would run it: as a
process of its own.  What they have to stand is a good server, a refused
connection, a NO, and a server that drops the connection wherever it likes.
"""

from __future__ import annotations

import email
import mailbox
import operator
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.internet.utils import getProcessOutputAndValue

import twisted_imapc
from tests.helpers import dovecot
from tests.helpers.server_case import ServerTestCase
from twisted_imapc.testing import (
    TAG,
    Drop,
    ExpectCommand,
    Send,
    generateMessages,
)

pytestmark = pytest.mark.slow

EXAMPLES_FOLDER = Path(__file__).resolve().parents[2] / "examples"
PACKAGE = Path(twisted_imapc.__file__).resolve().parent.parent


class ProgramTestCase(ServerTestCase):
    timeout = 60

    async def run_program(self, *arguments: Any) -> tuple[str, str, int]:
        """
        Run Python with these arguments; what it printed, its errors, its code.
        """
        out, err, code = await getProcessOutputAndValue(
            sys.executable,
            [str(argument) for argument in arguments],
            env={**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONIOENCODING": "utf-8"},
            path=str(self.folder()),
        )
        return out.decode(), err.decode(), code

    def folder(self) -> Path:
        # mktemp() makes its folders in the current one, which trial changes and
        # pytest does not.
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        return Path(folder).resolve()

    async def refusing_port(self) -> int:
        """
        A port that nobody listens on.
        """
        listening = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory())
        port: int = listening.getHost().port
        await listening.stopListening()
        return port

    def assertFailed(self, outcome: tuple[str, str, int], words: str) -> None:
        """
        It said why in one line, and told the shell.
        """
        out, err, code = outcome
        self.assertEqual(code, 1, outcome)
        self.assertRegex(err, rf"\Afailed: .*{words}.*\n\Z")


# With capabilities, or login() would ask for them.
GREETS_REV1 = Send(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
LETS_IN = (ExpectCommand(re.compile(rb"LOGIN .*")), Send(TAG + b" OK in\r\n"))
LOGOUT = (ExpectCommand(b"LOGOUT"), Send(b"* BYE ciao\r\n" + TAG + b" OK bye\r\n"), Drop())
REFUSED = (ExpectCommand(re.compile(rb"LOGIN .*")), Send(TAG + b" NO who are you\r\n"))


class AnyProgram:
    """
    What each of the programs has to stand.
    """

    # What is told of a BYE for a greeting: a Deferred would get the text, but
    # most programs have given no command by then.
    bye = "closed"

    def arguments(self, port: int) -> list[Any]:
        raise NotImplementedError

    async def start(self: Any, port: int) -> tuple[str, str, int]:
        outcome: tuple[str, str, int] = await self.run_program(*self.arguments(port))
        return outcome

    async def test_refused(self: Any) -> None:
        self.assertFailed(await self.start(await self.refusing_port()), "refused")

    async def test_drop(self: Any) -> None:
        """
        The server closes before, in and after its greeting.
        """
        for octets in (0, 3, 12):
            script = [Send(b"* OK ready\r\n"[:octets]), Drop()]
            server = await self.scripted(*script)
            self.assertFailed(await self.start(server.port), "closed")

    async def test_reset(self: Any) -> None:
        server = await self.scripted(GREETS_REV1, ExpectCommand(), Drop(abort=True))
        self.assertFailed(await self.start(server.port), "lost|closed|reset")

    async def test_bye(self: Any) -> None:
        server = await self.scripted(Send(b"* BYE too many of you\r\n"), Drop())
        self.assertFailed(await self.start(server.port), self.bye)

    async def test_saysWho(self: Any) -> None:
        """
        Whatever the server does: who it was, what it did, and nothing of Twisted's log.
        """
        for words, *script in (
            ('this is no IMAP server: it said "SSH-2.0-OpenSSH"', Send(b"SSH-2.0-OpenSSH\r\n")),
            ("the server closed the connection with BYE: full", Send(b"* BYE full\r\n"), Drop()),
            ("size", GREETS_REV1, ExpectCommand(), Send(b"* LIST () NIL {-1}\r\n")),
            ("not sent yet", GREETS_REV1, ExpectCommand(), Send(b"FFFF OK done\r\n")),
            ("closed", GREETS_REV1, ExpectCommand(), Drop()),
        ):
            server = await self.scripted(*script)
            outcome = await self.start(server.port)
            self.assertFailed(outcome, words)
            self.assertTrue(outcome[1].startswith(f"failed: 127.0.0.1:{server.port}: "), outcome)
        port = await self.refusing_port()
        _, err, _ = await self.start(port)
        self.assertTrue(err.startswith(f"failed: 127.0.0.1:{port}: connecting: "), err)

    async def test_closedInWords(self: Any) -> None:
        """
        Not in those of Twisted's exceptions.
        """
        for abort in (False, True):
            server = await self.scripted(GREETS_REV1, ExpectCommand(), Drop(abort=abort))
            told = f"failed: 127.0.0.1:{server.port}: the server closed the connection\n"
            self.assertEqual(await self.start(server.port), ("", told, 1))

    async def test_printable(self: Any) -> None:
        """
        A terminal is told nothing by the server's text.
        """
        for text in (b"* BYE \xe9\x1b[31mgo\r\n", TAG + b" NO [X] \xe9\x1b[31mbad\r\n"):
            server = await self.scripted(GREETS_REV1, ExpectCommand(), Send(text), Drop())
            outcome = await self.start(server.port)
            self.assertFailed(outcome, "go|bad|closed")
            self.assertTrue("".join(outcome[:2]).replace("\n", "").isprintable(), outcome)

    async def test_signals(self: Any) -> None:
        """
        It dies of them, without a word, also while it waits.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            server = await self.scripted()
            process = subprocess.Popen(
                [sys.executable, *map(str, self.arguments(server.port))],
                env={**os.environ, "PYTHONPATH": str(PACKAGE)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            while not server._open:
                await deferLater(reactor, 0.02)
            process.send_signal(number)
            while process.poll() is None:
                await deferLater(reactor, 0.02)
            self.assertEqual((*process.communicate(), process.returncode), (b"", b"", -number))


class CapabilitiesTests(AnyProgram, ProgramTestCase):
    bye = "too many of you"

    def arguments(self, port: int) -> list[Any]:
        return [EXAMPLES_FOLDER / "capabilities.py", "127.0.0.1", port]

    async def test_capabilities(self) -> None:
        server = await self.embedded(1)
        out, err, code = await self.start(server.port)
        self.assertEqual((err, code), ("", 0))
        self.assertIn("AUTH: LOGIN, PLAIN\n", out)
        self.assertIn("IMAP4rev1\n", out)

    async def test_oddCapability(self) -> None:
        server = await self.scripted(
            GREETS_REV1,
            ExpectCommand(b"CAPABILITY"),
            Send(b"* CAPABILITY IMAP4rev1 X\x1b[31m\r\n" + TAG + b" OK done\r\n"),
            *LOGOUT,
        )
        self.assertEqual(await self.start(server.port), ("IMAP4rev1\nX?[31m\n", "", 0))

    async def test_dropAtLogout(self) -> None:
        server = await self.scripted(
            GREETS_REV1,
            ExpectCommand(b"CAPABILITY"),
            Send(b"* CAPABILITY IMAP4rev1 XYZZY\r\n" + TAG + b" OK done\r\n"),
            ExpectCommand(b"LOGOUT"),
            Drop(),
        )
        outcome = await self.start(server.port)
        self.assertFailed(outcome, "closed")
        self.assertEqual(outcome[0], "IMAP4rev1\nXYZZY\n")

    async def test_withAndWithoutValues(self) -> None:
        """
        Dovecot has both SORT and SORT=DISPLAY.
        """
        server = await self.scripted(
            GREETS_REV1,
            ExpectCommand(b"CAPABILITY"),
            Send(b"* CAPABILITY SORT SORT=DISPLAY\r\n" + TAG + b" OK done\r\n"),
            *LOGOUT,
        )
        outcome = await self.start(server.port)
        self.assertEqual(outcome, ("SORT: DISPLAY\n", "", 0))


class LoginProgramTests(AnyProgram, ProgramTestCase):
    def arguments(self, port: int) -> list[Any]:
        return [EXAMPLES_FOLDER / "login.py", "127.0.0.1", port, "user", "secret"]

    async def test_login(self) -> None:
        server = await self.embedded(1)
        outcome = await self.start(server.port)
        self.assertEqual(outcome, ("logged in as user\n", "", 0))

    async def test_no(self) -> None:
        server = await self.embedded(1, password="another")
        self.assertFailed(await self.start(server.port), "")

    async def test_eightBit(self) -> None:
        server = await self.embedded(1, "jörg", "geheim ß")
        arguments = [*self.arguments(server.port)[:3], "jörg", "geheim ß"]
        outcome = await self.run_program(*arguments)
        self.assertEqual(outcome, ("logged in as jörg\n", "", 0))


class LoginRetryTests(AnyProgram, ProgramTestCase):
    answers = ["--answer", "a", "1", "--answer", "b", "2", "--answer", "c", "3"]

    def arguments(self, port: int) -> list[Any]:
        return [EXAMPLES_FOLDER / "login_retry.py", "127.0.0.1", port, *self.answers]

    async def test_first(self) -> None:
        server = await self.scripted(GREETS_REV1, *LETS_IN, *LOGOUT)
        self.assertEqual(await self.start(server.port), ("logged in as a\n", "", 0))

    async def test_third(self) -> None:
        server = await self.scripted(GREETS_REV1, *REFUSED, *REFUSED, *LETS_IN, *LOGOUT)
        out, err, code = await self.start(server.port)
        self.assertEqual((err, code), ("", 0))
        self.assertEqual(out.count("who are you"), 2)
        self.assertTrue(out.endswith("logged in as c\n"))

    async def test_serversWords(self) -> None:
        """As text, without its code."""
        server = await self.embedded(1, "b", "2")
        out, err, code = await self.start(server.port)
        self.assertEqual(out, "The server said: LOGIN failed\nlogged in as b\n")

    async def test_serversWordsArePrintable(self) -> None:
        odd = Send(TAG + b" NO [X] \xe9\x1b[31mbad\r\n")
        server = await self.scripted(GREETS_REV1, REFUSED[0], odd, *LETS_IN, *LOGOUT)
        said = "The server said: \u00e9?[31mbad\nlogged in as b\n"
        self.assertEqual(await self.start(server.port), (said, "", 0))

    async def test_thirdNo(self) -> None:
        server = await self.scripted(GREETS_REV1, *REFUSED, *REFUSED, *REFUSED, ExpectCommand())
        outcome = await self.start(server.port)
        self.assertFailed(outcome, "who are you")
        self.assertEqual(len(server.received), 3)

    async def test_dropAfterNo(self) -> None:
        """
        A connection that is gone is no reason to ask again.
        """
        server = await self.scripted(GREETS_REV1, *REFUSED, ExpectCommand(), Drop())
        outcome = await self.start(server.port)
        self.assertFailed(outcome, "closed")
        self.assertEqual(outcome[0].count("\n"), 1)

    async def test_byeAfterNo(self) -> None:
        server = await self.scripted(
            GREETS_REV1, *REFUSED, ExpectCommand(), Send(b"* BYE enough\r\n"), Drop()
        )
        outcome = await self.start(server.port)
        self.assertFailed(outcome, "enough")
        self.assertEqual(outcome[0].count("\n"), 1)

    async def test_embedded(self) -> None:
        server = await self.embedded(1, "b", "2")
        out, err, code = await self.start(server.port)
        self.assertEqual((err, code), ("", 0))


def unmangled(octets: bytes) -> bytes:
    """
    A message from an mbox file as it was before mailbox put it there.
    """
    return octets.replace(b"\n>From ", b"\nFrom ").replace(b"\n", b"\r\n")


EXAMINED = (
    GREETS_REV1,
    *LETS_IN,
    ExpectCommand(),
    Send(b"* 3 EXISTS\r\n* 0 RECENT\r\n" + TAG + b" OK [READ-ONLY] done\r\n"),
    ExpectCommand(re.compile(rb"FETCH 1:\* \(?BODY\.PEEK\[\]\)?")),
)


class DownloadTests(AnyProgram, ProgramTestCase):
    def arguments(self, port: int) -> list[Any]:
        self.path = self.folder() / "inbox.mbox"
        script = EXAMPLES_FOLDER / "download.py"
        return [script, "127.0.0.1", port, "user", self.path, "--password", "secret"]

    async def download(self, messages: Any) -> list[bytes]:
        server = await self.embedded(messages)
        out, err, code = await self.start(server.port)
        self.assertEqual((err, code), ("", 0))
        self.assertIn(f"{server.inbox.getMessageCount()} messages", out)
        mbox = mailbox.mbox(self.path)
        self.addCleanup(mbox.close)
        return [mbox.get_bytes(key) for key in mbox.keys()]

    async def test_generated(self) -> None:
        saved = await self.download(60)
        self.assertEqual([unmangled(octets) for octets in saved], generateMessages(60))

    async def test_anyOctet(self) -> None:
        """
        8-bit text in a header and without a declared charset stays as it was.
        """
        octets = bytes(set(range(256)) - {0x0A, 0x0D})
        messages = [
            b"Subject: caf\xc3\xa9 \xe9\r\n\r\nbody " + octets + b"\r\n",
            b"Subject: " + b"long " * 100 + b"\r\n\r\n" + b"x" * 5000 + b"\r\n",
            b"\r\nno header at all\r\n",
        ]
        saved = await self.download(messages)
        self.assertEqual([unmangled(one) for one in saved], messages)

    async def test_from(self) -> None:
        message = b"Subject: x\r\n\r\nFrom me\r\n>From me\r\n"
        saved = await self.download([message, message])
        self.assertEqual(len(saved), 2)
        self.assertIn(b"\n>From me\n", saved[0])

    async def test_empty(self) -> None:
        self.assertEqual(await self.download(0), [])

    async def test_no(self) -> None:
        server = await self.embedded(1, password="another")
        self.assertFailed(await self.start(server.port), "")

    async def test_withoutText(self) -> None:
        """
        A message of which no text comes is named; the others are there.
        """
        server = await self.scripted(
            *EXAMINED,
            Send(
                b"* 1 FETCH (BODY[] NIL)\r\n* 2 FETCH ()\r\n"
                b"* 3 FETCH (UID 5 BODY[] {16}\r\nSubject: x\r\n\r\nhi)\r\n" + TAG + b" OK done\r\n"
            ),
            *LOGOUT,
        )
        told = f"failed: 127.0.0.1:{server.port}: no text came of messages 1, 2\n"
        out, err, code = await self.start(server.port)
        self.assertEqual((out, err, code), (f"1 messages in {self.path}\n", told, 1))
        with closing(mailbox.mbox(self.path)) as mbox:
            self.assertEqual([mbox.get_bytes(key) for key in mbox.keys()], [b"Subject: x\n\nhi\n"])

    async def test_dropInMessage(self) -> None:
        server = await self.scripted(
            *EXAMINED,
            Send(b"* 1 FETCH (BODY[] {500}\r\nSubject: x\r\n\r\n"),
            Drop(),
        )
        self.assertFailed(await self.start(server.port), "closed")
        self.assertFalse(self.path.exists())

    async def test_fullDisk(self) -> None:
        server = await self.embedded(20)
        program, *arguments = self.arguments(server.port)
        outcome = await self.run_program(
            "-c",
            "import resource, runpy, sys\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
            "sys.argv.pop(0)\n"
            "runpy.run_path(sys.argv[0], run_name='__main__')",
            program,
            *arguments,
        )
        self.assertFailed(outcome, "File too large")
        # It would stand in the way of the next try.
        self.assertFalse(self.path.exists())

    async def test_fileExists(self) -> None:
        arguments = self.arguments(1)
        self.path.write_text("precious")
        out, err, code = await self.run_program(*arguments)
        self.assertEqual(code, 2)
        self.assertIn("is there already", err)
        self.assertEqual(self.path.read_text(), "precious")


class DemoTests(ProgramTestCase):
    async def test_demo(self) -> None:
        path = self.folder() / "demo.mbox"
        command = ["-m", "twisted_imapc", "demo", "--messages", "50", "--output", path]
        # Twice: the second must not add to the first's file.
        for _ in range(2):
            out, err, code = await self.run_program(*command)
            self.assertEqual((err, code), ("", 0))
        octets = sum(map(len, generateMessages(50)))
        self.assertRegex(out, rf"messages: 50\nbytes: +{octets}\nseconds: +\d+\.\d+ ")
        self.assertIn(f"file:     {path}\n", out)
        self.assertEqual(path.read_bytes().count(b"\nFrom MAILER-DAEMON "), 49)
        # The end is both clients beside each other, and what is in the times.
        milliseconds = r" +\d+ +[\d.]+ ms +[\d.]+ ms +[\d.]+\n"
        rows = "".join(
            name + milliseconds for name in ("flags", "envelope", "bodystructure", "bodies")
        )
        self.assertRegex(out, rf"Twisted +twisted_imapc +times\n{rows}Medians of .*\n(.+\n)+\Z")
        self.assertIn("for 50 messages", out)

    async def test_nothing(self) -> None:
        path = self.folder() / "demo.mbox"
        command = ["-m", "twisted_imapc", "demo", "--messages", "0", "--output", path]
        out, err, code = await self.run_program(*command)
        self.assertEqual((err, code), ("", 0))
        self.assertIn("for 0 messages", out)

    async def assertRefused(self, path: Any, code: int, words: str) -> None:
        """It says so in one line, before it does anything, and nothing has changed."""
        outcome = await self.run_program(
            "-m", "twisted_imapc", "demo", "--messages", "2", "--output", path
        )
        self.assertEqual(outcome, ("", f"twisted_imapc: {path} {words}\n", code))

    async def test_fileOfSomebodyElse(self) -> None:
        """Whatever it is, unless an earlier demo wrote it."""
        there = "is there already, and no earlier demo's; --output names another file"
        folder = self.folder()
        for number, octets in enumerate(
            [
                b"precious",
                b"\n",
                b"From MAILER-DAEMON Thu Nov 26 17:35:40 2026\n",
                b"From MAILER-DAEMON Thu Nov 26 17:35:40 2026\nSubject: mine\n\nhello\n",
                b"From a\n" + generateMessages(2)[1].replace(b"\r\n", b"\n"),
                b"precious\n" + generateMessages(1)[0].replace(b"\r\n", b"\n"),
            ]
        ):
            path = folder / f"{number}.mbox"
            path.write_bytes(octets)
            await self.assertRefused(path, 1, there)
            self.assertEqual(path.read_bytes(), octets)
        await self.assertRefused(folder, 1, there)
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        await self.assertRefused(pipe, 1, there)

    async def test_earlierDemos(self) -> None:
        """Also one of another length, an empty file, and by way of a link."""
        folder = self.folder()
        path, link = folder / "demo.mbox", folder / "link"
        link.symlink_to(path)
        path.touch()
        for count, output in ((3, path), (0, path), (2, path), (1, link)):
            out, err, code = await self.run_program(
                "-m", "twisted_imapc", "demo", "--messages", count, "--output", output
            )
            self.assertEqual((err, code), ("", 0))
            with closing(mailbox.mbox(path)) as mbox:
                self.assertEqual(len(mbox), count)
        self.assertTrue(link.is_symlink())

    async def test_folder(self) -> None:
        folder = self.folder()
        (folder / "file").touch()
        for name, words in (
            ("gone/demo.mbox", "No such file or directory"),
            ("file/demo.mbox", "Not a directory"),
        ):
            await self.assertRefused(folder / name, 73, f"cannot be written: {words}")

    async def test_noName(self) -> None:
        """Such as that of a variable of the shell which is not set."""
        outcome = await self.run_program("-m", "twisted_imapc", "demo", "--output", "")
        told = "twisted_imapc: '' cannot be written: No such file or directory\n"
        self.assertEqual(outcome, ("", told, 73))

    async def test_lessThanNone(self) -> None:
        path = self.folder() / "demo.mbox"
        for count in ("-1", "many"):
            out, err, code = await self.run_program(
                "-m", "twisted_imapc", "demo", "--messages", count, "--output", path
            )
            self.assertEqual((out, code), ("", 64))
            self.assertIn(f"argument --messages: invalid count value: '{count}'", err)
        self.assertFalse(path.exists())

    async def test_fullDisk(self) -> None:
        path = self.folder() / "demo.mbox"
        out, err, code = await self.run_program(
            "-c",
            "import resource, runpy, sys\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
            "runpy.run_module('twisted_imapc', run_name='__main__')",
            *("demo", "--messages", "20", "--output", path),
        )
        self.assertEqual(
            (err, code), (f"twisted_imapc: {path} cannot be written: File too large\n", 74)
        )

    async def test_tooMany(self) -> None:
        path = self.folder() / "demo.mbox"
        for count in ("100001", "9" * 30):
            out, err, code = await self.run_program(
                "-m", "twisted_imapc", "demo", "--messages", count, "--output", path
            )
            self.assertEqual(out, "")
            self.assertEqual(code, 64)
            told = "argument --messages: the demo holds 100,000 in memory at the most\n"
            self.assertTrue(err.endswith(told), err)
        self.assertFalse(path.exists())

    def redirected(self, redirection: str) -> list[str]:
        """
        What bash says on stderr, and the demo's own status.
        """
        path = self.folder() / "demo.mbox"
        demo = f"{sys.executable} -m twisted_imapc demo --messages 3 --output {path}"
        done = subprocess.run(
            ["bash", "-c", f"{demo} {redirection}; echo ${{PIPESTATUS[0]}} >&2"],
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        return done.stderr.splitlines()

    async def test_nobodyReads(self) -> None:
        """
        It ends as programs that know nothing of SIGPIPE do, without a word.
        """
        for reader in ("true", "head -n 1"):
            self.assertEqual(self.redirected(f"| {reader}"), ["141"])

    async def test_fullOutput(self) -> None:
        told = "twisted_imapc: standard output cannot be written: No space left on device"
        self.assertEqual(self.redirected("> /dev/full"), [told, "74"])

    async def test_usage(self) -> None:
        outcomes = await gatherResults(
            [self.ensure("-m", "twisted_imapc"), self.ensure("-m", "twisted_imapc", "--help")]
        )
        self.assertEqual([code for _, _, code in outcomes], [64, 0])

    def ensure(self, *arguments: Any) -> Any:
        from twisted.internet.defer import ensureDeferred

        return ensureDeferred(self.run_program(*arguments))


# -- The same programs and a real server. Nothing here needs the reactor. -------


def run_example(name: str, server: dovecot.Dovecot, *arguments: Any) -> str:
    """
    Run one of the programs, which has to succeed; what it printed.
    """
    done = subprocess.run(
        [
            sys.executable,
            EXAMPLES_FOLDER / name,
            server.host,
            str(server.port),
            *map(str, arguments),
        ],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_dovecot_capabilities(server: dovecot.Dovecot) -> None:
    assert "IMAP4rev1\n" in run_example("capabilities.py", server)


def test_dovecot_login(server: dovecot.Dovecot) -> None:
    user = server.user("login")
    assert run_example("login.py", server, user, server.password) == "logged in as login\n"


def test_dovecot_login_retry(server: dovecot.Dovecot) -> None:
    user = server.user("retry")
    out = run_example(
        "login_retry.py", server, "--answer", user, "wrong", "--answer", user, server.password
    )
    assert out.startswith("The server said: ")
    assert out.endswith("logged in as retry\n")


def test_dovecot_download(server: dovecot.Dovecot, tmp_path: Path) -> None:
    """
    Odd mail, too, is in the file as it was on the server, but for what the
    email package mends in it, such as a body without a line's end.
    """
    user, path = server.user("download"), tmp_path / "got"
    out = run_example("download.py", server, user, path, "--password", server.password)
    assert out == f"{len(dovecot.ODD_MAIL)} messages in {path}\n"

    # What the email package makes of the same octets without any network; the
    # server ends each line with CR LF, and sends no NUL.
    sent = [
        re.sub(rb"(?<!\r)\n", b"\r\n", message).replace(b"\0", b"\x80")
        for message in dovecot.ODD_MAIL
    ]
    with closing(mailbox.mbox(tmp_path / "expected")) as expected:
        for message in sent:
            expected.add(email.message_from_bytes(message))
        with closing(mailbox.mbox(path)) as got:
            assert [got.get_bytes(key) for key in got.keys()] == [
                expected.get_bytes(key) for key in expected.keys()
            ]
            saved = [unmangled(got.get_bytes(key)) for key in got.keys()]
    assert sum(map(operator.eq, saved, sent)) >= len(sent) - 8
