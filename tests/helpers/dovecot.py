"""
A private Dovecot 2.3 on loopback, with odd mail in it.

As a script, C{python -m tests.helpers.dovecot}: starts one, says where, and stops it at
the end of its input.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

PASSWORD = 'pa"ss\\word'

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = {folder}
protocols = imap
listen = {host}
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
mail_max_userip_connections = 100
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot = {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot = {empty}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{tls}
"""


def find() -> str | None:
    """Dovecot 2.3's program; others (2.4) have another configuration language."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    program = shutil.which("dovecot", path=path)
    if program is None:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return program if version.startswith("2.3.") else None


def free_port(host: str) -> int:
    with socket.socket() as one:
        one.bind((host, 0))
        port: int = one.getsockname()[1]
        return port


class Dovecot:
    """
    Use it in a C{with}.  Any number of users, who share one password; L{user} fills
    an INBOX.
    """

    password = PASSWORD

    def __init__(
        self,
        certificate: bytes | None = None,
        key: bytes = b"",
        host: str = "127.0.0.1",
        minimum: str = "TLSv1.2",
    ) -> None:
        """
        @param certificate: in PEM; with it and its key there is TLS, on a port of
            its own and with STARTTLS, and no password is taken in the clear.
        @param host: where to listen.  To Dovecot a client with the same address is
            as good as under TLS; on another one of 127.0.0.0/8 it is not.
        @param minimum: the lowest version of TLS that it speaks.
        """
        self.host = host
        program = find()
        if program is None:
            raise RuntimeError(
                "Dovecot 2.3 is not installed (Debian: apt-get install dovecot-imapd)"
            )
        self.port = free_port(host)
        self.tls_port = free_port(host) if certificate else 0
        # Its processes run as other users, who must get to their files.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        root = os.getuid() == 0
        me = pwd.getpwuid(os.getuid())
        mail = pwd.getpwnam("nobody") if root else me
        self._owner = (mail.pw_uid, mail.pw_gid)
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir()
        for name in ("mail", "home"):
            os.chown(self.folder / name, *self._owner)
        tls = "ssl = no\ndisable_plaintext_auth = no"
        if certificate:
            (self.folder / "certificate").write_bytes(certificate)
            (self.folder / "key").write_bytes(key)
            tls = (
                "ssl = yes\ndisable_plaintext_auth = yes\n"
                f"ssl_cert = <{self.folder}/certificate\nssl_key = <{self.folder}/key\n"
                f"ssl_min_protocol = {minimum}"
            )
        (self.folder / "conf").write_text(
            CONFIGURATION.format(
                folder=self.folder,
                host=host,
                password=PASSWORD,
                internal="dovecot" if root else me.pw_name,
                login="dovenull" if root else me.pw_name,
                group="dovecot" if root else str(me.pw_gid),
                chroot="login" if root else "",
                empty="empty" if root else "",
                uid=mail.pw_uid,
                gid=mail.pw_gid,
                port=self.port,
                tls_port=self.tls_port,
                tls=tls,
            )
        )
        self._program = program
        self._start()
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self.folder / "conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def restart(self) -> None:
        """End all connections, and take new ones at the same place."""
        self._process.terminate()
        self._process.wait(10)
        self._start()
        self._wait()

    def _wait(self) -> None:
        """Until it listens."""
        for _ in range(200):
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        log = self.folder / "log"
        raise RuntimeError(log.read_text() if log.exists() else "Dovecot does not start")

    def user(self, name: str, mail: list[bytes] | None = None) -> str:
        """Make a user with this mail in the INBOX (ODD_MAIL when not told)."""
        maildir = self.folder / "mail" / name
        for part in ("", "cur", "new", "tmp"):
            (maildir / part).mkdir()
            os.chown(maildir / part, *self._owner)
        for number, message in enumerate(ODD_MAIL if mail is None else mail):
            path = maildir / "cur" / f"{1000000000 + number}.{number:06}.odd:2,"
            path.write_bytes(message)
            os.utime(path, (1000000000 + number, 1000000000 + number))
            os.chown(path, *self._owner)
        return name

    def stop(self) -> None:
        """End it and forget everything."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        # Its children need a moment to leave the folder.
        for _ in range(50):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(0.05)

    def __enter__(self) -> Dovecot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


# ---- Mail that servers and clients trip over -------------------------------


def _message(*lines: bytes, body: bytes = b"hello\r\n") -> bytes:
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _deep(levels: int) -> bytes:
    """A multipart in a multipart, and so on."""
    inner = b"Content-Type: text/plain\r\n\r\ninnermost\r\n"
    for level in range(levels):
        mark = b"level-%d" % level
        inner = (
            b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n' % mark
            + b"--%b\r\n%b\r\n--%b--\r\n" % (mark, inner, mark)
        )
    return b"Subject: deep\r\nMIME-Version: 1.0\r\n" + inner


def _nested(levels: int) -> bytes:
    """A message in a message, and so on."""
    inner = _message(b"Subject: innermost", b"From: a@b.example")
    for level in range(levels):
        inner = _message(
            b"Subject: around %d" % level,
            b"MIME-Version: 1.0",
            b"Content-Type: message/rfc822",
            body=inner,
        )
    return inner


ODD_MAIL: list[bytes] = [
    _message(b"From: A B <a@b.example>", b"To: c@d.example", b"Subject: plain"),
    _message(b'Subject: "quoted" and \\back\\slashed\\', b'From: "Q \\"uo\\" te" <q@b.example>'),
    _message(b"Subject: [brackets] (and parentheses) {12}", b"From: x@y.example"),
    _message(b"Subject: {12}", b"From: {5} <b@c.example>", b"Message-ID: <{3}>"),
    _message(b"Subject: 8-bit \xe9\xe8 \xff", b"From: \xc3\xa9 <e@f.example>"),
    _message(b"Subject:", b"From:", b"To:", b"Cc: ", b"Message-ID:"),
    _message(b"X-None-Of-These: 1"),
    b"\r\nno header at all\r\n",
    b"Subject: no body",
    _message(b"To: group: a@b.example, c@d.example;, e@f.example", b"Cc: empty:;"),
    _message(b"Subject: NIL", b"From: NIL <NIL@NIL>", b"In-Reply-To: NIL", body=b"NIL"),
    _message(b"Subject: folded", b"\tand again", b" and again", b"From: a@b.example (comment)"),
    _message(b"Subject: body that looks like syntax", body=b"<5>"),
    _message(b"Subject: more syntax", body=b")\r\n0001 OK done\r\n* 3 EXISTS\r\n{7}\r\n"),
    _message(b"Subject: no line end", body=b"x"),
    _message(b"Subject: empty body", body=b""),
    _message(b"Subject: bare\x0bcontrol\x7f\x01", body=b"\x00\x01\xff\n\r\r\n\n"),
    _message(b"Subject: " + b"long " * 4000, b"From: " + b", ".join([b"a@b.example"] * 500)),
    _message(
        b"Subject: parameters",
        b'Content-Type: text/plain; charset="utf-8"; name="a \\"b\\" c.txt"; x=[y]',
        b'Content-Disposition: attachment; filename="{4}"',
        b"Content-Language: en, de",
        b"Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
        b"Content-ID: <id@{3}>",
        b"Content-Description: (d)",
        b"Content-Location: http://example.com/",
    ),
    _message(
        b"Subject: multipart without parts",
        b'Content-Type: multipart/alternative; boundary="none"',
        body=b"there is no such boundary\r\n",
    ),
    _message(
        b"Subject: multipart with an empty part",
        b'Content-Type: multipart/mixed; boundary="b"',
        body=b"--b\r\n\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
    ),
    _nested(1),
    _nested(4),
    _deep(12),
    _message(
        b"Subject: message in a multipart",
        b'Content-Type: multipart/digest; boundary="d"',
        body=b"--d\r\n\r\n" + _nested(1) + b"\r\n--d--\r\n",
    ),
    _message(b"Subject: large", body=b"0123456789abcdef" * 8 * 1024 + b"\r\n"),
]


def main() -> None:
    with Dovecot() as server:
        user = server.user("user")
        print(f"imap://{server.host}:{server.port}, user {user}, password {server.password}")
        print(f"{len(ODD_MAIL)} messages; Ctrl-D ends it", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
