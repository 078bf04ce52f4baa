"""
What a user gets before any code of ours runs: the sdist, setup.py's words where
it cannot build, the typing marker, the README.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

import twisted_imapc

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

#: What git has for a worktree, and what setuptools puts into an sdist of its own accord.
LEFT_BEHIND = (".git", "PKG-INFO", "setup.cfg")

# setup.py as build_ext's command line, with the world changed before it starts.
RUN_SETUP = """
import sys
{change}
sys.argv = ["setup.py", "--quiet", *{arguments!r}]
exec(compile(open("setup.py").read(), "setup.py", "exec"), {{"__name__": "__main__"}})
"""


@pytest.fixture()
def tree(tmp_path: Path) -> Path:
    """
    A copy of the tree as version control has it, more or less.
    """
    ignored = shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info")
    copy = tmp_path / "tree"
    copy.mkdir()
    for name in (".ci", "benchmarks", "csrc", "docs", "examples", "tests", "twisted_imapc"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix not in (".so", ".mbox") and path.name not in LEFT_BEHIND:
            shutil.copy(path, copy)
    return copy


def run_setup(
    tree: Path, *arguments: str, change: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """
    Run setup.py in C{tree}.
    """
    return subprocess.run(
        [sys.executable, "-c", RUN_SETUP.format(change=change, arguments=list(arguments))],
        cwd=tree,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    """
    It failed, and said why in one line and nothing else.
    """
    assert done.returncode != 0
    assert re.fullmatch(rf"twisted_imapc: .*{words}.*\n", done.stderr), done.stderr


def test_no_compiler(tree: Path) -> None:
    done = run_setup(tree, "build_ext", CC="no-such-compiler")
    assert_one_line(done, "no C compiler .*no-such-compiler.*install")


def test_no_headers(tree: Path) -> None:
    change = (
        "import os.path; exists = os.path.exists\n"
        "os.path.exists = lambda path: 'Python.h' not in str(path) and exists(path)"
    )
    done = run_setup(tree, "build_ext", change=change)
    assert_one_line(done, "Python.h of Python 3.* is missing.*python3.*-dev")


def test_not_cpython(tree: Path) -> None:
    change = "import platform; platform.python_implementation = lambda: 'PyPy'"
    assert_one_line(run_setup(tree, "build_ext", change=change), "PyPy is not supported")


def test_sdist(tree: Path) -> None:
    """
    Nothing that builds, tests or explains the package is left out.
    """
    done = run_setup(tree, "sdist", "--dist-dir", "out")
    assert done.returncode == 0, done.stderr
    (archive,) = (tree / "out").iterdir()
    with tarfile.open(archive) as tar:
        packed = {name.partition("/")[2] for name in tar.getnames()}
    wanted = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    wanted -= {path for path in wanted if path.partition("/")[0] in ("out", "build")}
    assert wanted - packed == set()
    assert [name for name in packed if name.endswith((".so", ".pyc", ".o"))] == []


def test_a_release_has_all_versions() -> None:
    """Cibuildwheel makes wheels for each Python that the metadata name."""
    text = (ROOT / "pyproject.toml").read_text()
    named = re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', text)
    assert re.findall(r'"cp3(\d+)-\*"', text) == named != []


def test_installed_files() -> None:
    package = Path(twisted_imapc.__file__).parent
    assert (package / "py.typed").exists()
    assert (package / "_imapc.pyi").exists()


def test_metadata() -> None:
    known = metadata.metadata("twisted_imapc")
    assert known["Requires-Python"] == ">=3.10"
    required = metadata.requires("twisted_imapc") or []
    needed = [one for one in required if "extra ==" not in one]
    assert [re.sub(r"\s|\[.*\]", "", one).lower() for one in needed] == ["twisted>=22.4"]
    changes = (ROOT / "CHANGES.rst").read_text()
    assert f"\n{metadata.version('twisted_imapc')} " in changes


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """
    Run some lines of Python in a process of their own.
    """
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(twisted_imapc.__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )


REPLACED = """
from twisted.mail import imap4
theirs = imap4.IMAP4Client
import twisted_imapc
imap4.IMAP4Client = twisted_imapc.IMAP4Client

# From here on a program that knows nothing of it.
from twisted.internet.testing import StringTransport
from twisted.mail.imap4 import IMAP4Client

class Program(IMAP4Client):
    pass

client = Program()
assert isinstance(client, (theirs, twisted_imapc.IMAP4Client))
assert theirs in Program.__mro__ and twisted_imapc.IMAP4Client in Program.__mro__
client.makeConnection(StringTransport())
client.dataReceived(b"* OK :) ready\\r\\n")
waiting = client.noop()
client.dataReceived(b"* 3 EXISTS\\r\\n0001 OK done (\\r\\n")
waiting.addCallback(print)
"""


def test_replaced_name() -> None:
    """
    The documented way for a program whose import cannot be changed.
    """
    lines = (ROOT / "docs" / "drop_in.rst").read_text()
    assert "\n    imap4.IMAP4Client = twisted_imapc.IMAP4Client\n" in lines
    done = run_python(REPLACED)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "EXISTS" in done.stdout


#: A server under TLS for the README's program, and an authority that it trusts.
README_SERVER = """
import functools
import trustme
from twisted.internet import ssl, task
from twisted.internet.defer import Deferred
from twisted.protocols.tls import TLSMemoryBIOFactory
import twisted_imapc
from twisted_imapc.testing import EmbeddedServer

authority = trustme.CA()
issued = authority.issue_cert("localhost")
pem = issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes()
options = ssl.PrivateCertificate.loadPEM(pem).options()
root = ssl.Certificate.loadPEM(authority.cert_pem.bytes())
twisted_imapc.connect = functools.partial(
    twisted_imapc.connect, tls=ssl.optionsForClientTLS("localhost", trustRoot=root)
)
react = task.react
password = "secret"

def served(main):
    async def run(reactor):
        ended = Deferred()
        class Server(EmbeddedServer):
            def buildProtocol(self, address):
                protocol = super().buildProtocol(address)
                lost = protocol.connectionLost
                def connectionLost(reason):
                    lost(reason)
                    ended.callback(None)
                protocol.connectionLost = connectionLost
                return protocol
        factory = TLSMemoryBIOFactory(options, False, Server(25))
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        sys.argv[1:] = [f"imaps://localhost:{port.getHost().port}", "user", password]
        try:
            await main(reactor)
        finally:
            await ended.addTimeout(10, reactor)
            await port.stopListening()
    react(lambda reactor: ensureDeferred(run(reactor)))

task.react = served
"""


def readme_program() -> str:
    """
    The README's short program as it stands there.
    """
    text = (ROOT / "README.rst").read_text()
    block = text.partition(".. code-block:: python\n\n")[2].partition("\n\nThe Deferred")[0]
    return "\n".join(line[4:] for line in block.splitlines())


def test_readme_program() -> None:
    done = run_python(README_SERVER + readme_program())
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    numbers = [int(line.split()[0]) for line in done.stdout.splitlines()]
    assert numbers == list(range(16, 26))


def test_readme_program_that_fails() -> None:
    """
    It ends with what the server said, and not before the server has seen the connection end.
    """
    done = run_python(README_SERVER + 'password = "other"\n' + readme_program())
    assert done.returncode == 1
    assert "IMAP4Exception" in done.stderr and "TimeoutError" not in done.stderr, done.stderr
    assert done.stdout == ""


def test_readme_figures() -> None:
    """
    The README's rates are those that were measured last.
    """
    if not (ROOT / "benchmarks" / "rates.json").exists():
        pytest.skip("nothing was measured yet")
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "readme_table.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_type_checkers_see_the_checkout() -> None:
    """
    A folder on the path has it, not just a hook of the import, which they do not run.
    """
    look = (
        "import pathlib, sys; "
        "sys.exit(not any((pathlib.Path(p) / 'twisted_imapc/py.typed').exists() for p in sys.path))"
    )
    # Without the current folder and PYTHONPATH.
    assert subprocess.run([sys.executable, "-I", "-c", look]).returncode == 0
