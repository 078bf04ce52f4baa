"""
What make says where the machine lacks something: one line, and what to do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What a make around this one, or a user, may have set.
UNSET = ("CC", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "PYTHONS", "TWISTED", "VENV")

VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture()
def scratch(tmp_path: Path) -> Path:
    """
    The Makefile and what it looks at, with none of what it makes.
    """
    for name in ("LICENSE", "Makefile", "README.rst", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("csrc", "docs", "tests", "twisted_imapc"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run_make(
    scratch: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    return subprocess.run(
        ["make", *arguments],
        cwd=scratch,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_said(done: subprocess.CompletedProcess[str], words: str) -> None:
    """
    One line of ours, and the one in which make says that it ends.
    """
    assert done.returncode == 2
    ours, make = done.stderr.splitlines()
    assert re.fullmatch(rf"twisted_imapc: .*{words}.*", ours), ours
    assert make.startswith("make: *** ")


def made_script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return path


def pretended(path: Path, version: tuple[int, int, int]) -> Path:
    """
    This Python, which believes that it is another version.
    """
    number = ".".join(map(str, version))
    change = (
        f"import sys; sys.version_info = {version}; sys.version = '{number} (pretended)'; "
        "exec(sys.argv.pop(1))"
    )
    return made_script(path, f'exec {sys.executable} -c "{change}" "${{@:2}}"')


def stamped(scratch: Path) -> None:
    """
    As if make had made the environment, and installed all packages a moment ago.
    """
    os.utime(scratch / "pyproject.toml", (0, 0))
    for name in (".made-by-make", ".python", ".runtime", ".test", ".lint", ".dist"):
        (scratch / ".venv" / name).touch()


@pytest.fixture()
def furnished(scratch: Path) -> Path:
    """
    With a virtual environment that has what this one has.
    """
    made_script(scratch / ".venv" / "bin" / "python", f'exec {sys.executable} "$@"')
    stamped(scratch)
    return scratch


#: Each of these asks for another kind of thing that needs a Python.
ASKS_FOR_PYTHON = ["extension", "demo", "test", "lint", "dist"]


@pytest.mark.parametrize("target", ASKS_FOR_PYTHON)
def test_python_is_missing(scratch: Path, target: str) -> None:
    done = run_make(scratch, target, "PYTHON=no-such-python")
    assert_said(done, "there is no 'no-such-python' on the PATH; .*make PYTHON=")


@pytest.mark.parametrize("target", ASKS_FOR_PYTHON)
def test_python_is_too_old(scratch: Path, target: str) -> None:
    old = pretended(scratch / "old", (3, 9, 1))
    assert_said(run_make(scratch, target, f"PYTHON={old}"), r"/old' is Python 3\.9\.1; .*3\.10 or ")


@pytest.mark.parametrize("target", ASKS_FOR_PYTHON)
def test_python_is_broken(scratch: Path, target: str) -> None:
    """
    As one whose library is gone: it can say its version, and no more.
    """
    text = (
        'test "$1" = -V && echo Python 3.12.1 || { echo no encodings >&2; echo more >&2; exit 1; }'
    )
    broken = made_script(scratch / "broken", text)
    done = run_make(scratch, target, f"PYTHON={broken}")
    assert_said(done, r"/broken' \(Python 3\.12\.1\) does not run: no encodings; ")


def test_python_is_a_shim(scratch: Path) -> None:
    """
    As pyenv has them on the PATH for versions that were not chosen.
    """
    shim = made_script(
        scratch / "shim", "echo 'pyenv: python3.12: command not found' >&2; exit 127"
    )
    done = run_make(scratch, "extension", f"PYTHON={shim}")
    words = r"/shim' \(of no known version\) does not run: pyenv: python3\.12: command not found"
    assert_said(done, words)


@pytest.mark.slow
def test_another_python(scratch: Path) -> None:
    """
    The environment is made anew with the Python that is asked for, and it is said.
    """
    pretended(scratch / ".venv" / "bin" / "python", (3, 10, 2))
    (scratch / ".venv" / "pyvenv.cfg").touch()
    stamped(scratch)
    # No packages are needed to see it.
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    done = run_make(scratch, ".venv/.python", f"PYTHON={sys.executable}", **closed)
    said = f".venv is made anew: it had Python 3.10.2, and {sys.executable} is {VERSION}"
    assert said in done.stdout.splitlines()
    asked = [str(scratch / ".venv/bin/python"), "-c", "import sys; print(sys.version)"]
    assert subprocess.check_output(asked, text=True).startswith(VERSION)


def test_the_same_python(scratch: Path) -> None:
    venv = [sys.executable, "-m", "venv", "--without-pip", str(scratch / ".venv")]
    subprocess.run(venv, check=True)
    stamped(scratch)
    for arguments in [(f"PYTHON={sys.executable}",), ()]:
        done = run_make(scratch, ".venv/.python", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_python_is_asked_for(scratch: Path) -> None:
    """
    What was chosen once stays, whichever Python make would choose.
    """
    pretended(scratch / ".venv" / "bin" / "python", (3, 10, 2))
    (scratch / ".venv" / "pyvenv.cfg").touch()
    stamped(scratch)
    done = run_make(scratch, ".venv/.python")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "target",
    ["extension", "demo", "test", "quick", "pytest", "twisted-suite", "bench", "instructions"]
    + ["lint", "dist", "ctest", "ctest-programs"],
)
def test_compiler_is_missing(furnished: Path, target: str) -> None:
    words = "'no-such-compiler' is not on the PATH.*apt-get install gcc"
    if target not in ("ctest", "ctest-programs"):
        # It is setup.py that says so.
        words = "no C compiler .*no-such-compiler.*apt-get install gcc"
    assert_said(run_make(furnished, target, "CC=no-such-compiler"), words)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("fuzz", "'clang' is not on the PATH; .*apt-get install clang"),
        ("portable", "'aarch64-linux-gnu-gcc' is not on the PATH; .*gcc-aarch64-linux-gnu"),
    ],
)
def test_other_compiler_is_missing(scratch: Path, target: str, words: str) -> None:
    """
    With nothing on the PATH but what any system has.
    """
    tools = scratch / "tools"
    tools.mkdir()
    for name in ("make", "mkdir", "cat", "cmp", "mv", "rm", "head"):
        (tools / name).symlink_to(str(shutil.which(name)))
    assert_said(run_make(scratch, target, PATH=str(tools)), words)


@pytest.mark.slow
def test_no_way_to_packages(scratch: Path) -> None:
    """
    Nothing listens at the index; what pip says of each retry is in its log.
    """
    done = run_make(
        scratch,
        "extension",
        f"PYTHON={sys.executable}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_FIND_LINKS="",
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_RETRIES="1",
        no_proxy="127.0.0.1",
    )
    assert_said(done, "pip finds no way to PyPI; .*https_proxy or PIP_INDEX_URL .*build/pip.log")
    assert "Connection refused" in (scratch / "build" / "pip.log").read_text()


def test_what_the_readme_installs() -> None:
    """
    All that a target for users needs on a bare Debian.
    """
    text = " ".join((ROOT / "README.rst").read_text().split())
    (packages,) = re.findall(r"``apt-get install ([^`]*)``", text)
    assert {"make", "gcc", "python3-dev", "python3-venv"} <= set(packages.split())
