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
from typing import Any

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


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("true", r"/true' is no Python"),
        ("env echo", r"/env echo. is no Python"),
        ("cat", r"/cat' \(of no known version\) does not run: .*invalid option"),
    ],
)
def test_python_is_something_else(scratch: Path, program: str, words: str) -> None:
    command, *options = program.split()
    given = " ".join([str(shutil.which(command)), *options])
    done = run_make(scratch, "extension", f"PYTHON={given}")
    assert_said(done, f"{words}.*; say which Python .*make PYTHON=")


def test_python_that_says_much(scratch: Path) -> None:
    """
    As Perl does, whose -V is a page about its configuration.
    """
    talker = made_script(
        scratch / "talker", 'test "$1" != -V || { seq 9; exit; }; echo no >&2; exit 2'
    )
    done = run_make(scratch, "extension", f"PYTHON={talker}")
    assert_said(done, r"/talker' \(of no known version\) does not run: no; say which ")


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
    assert (scratch / ".venv" / ".made-by-make").exists()


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


def users_folder(folder: Path) -> Path:
    """
    A folder of the user's, with something in it.
    """
    folder.mkdir(parents=True)
    (folder / "precious").write_text("mine")
    return folder


def unlinked(scratch: Path) -> None:
    """
    Without the links, which lead make clean to the real tree.
    """
    for path in scratch.iterdir():
        if path.is_symlink():
            path.unlink()


def users_environment(folder: Path) -> Path:
    """
    A virtual environment of the user's own, with what make may have left in it.
    """
    venv = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(venv, check=True)
    (folder / ".python").touch()
    (folder / "precious").write_text("mine")
    return folder


#: What make says of a folder that it did not make.
NOT_OURS = "{}' was not made by this make and stays as it is; "


@pytest.mark.parametrize("made", [users_folder, users_environment])
@pytest.mark.parametrize("target", ["extension", "clean"])
def test_folder_of_somebody_else(
    scratch: Path, tmp_path_factory: pytest.TempPathFactory, target: str, made: Any
) -> None:
    """
    It is not removed, neither for another Python nor by make clean.
    """
    folder = made(tmp_path_factory.mktemp("users") / "folder")
    other = pretended(scratch / "other", (3, 10, 2))
    unlinked(scratch)
    (scratch / "build").mkdir()
    done = run_make(scratch, target, f"VENV={folder}", f"PYTHON={other}")
    assert_said(done, NOT_OURS.format(folder))
    assert (folder / "precious").read_text() == "mine"
    # It is said before anything is done.
    assert (scratch / "build").is_dir()


@pytest.mark.parametrize("target", ["extension", "clean"])
def test_venv_of_an_older_checkout(scratch: Path, target: str) -> None:
    """
    It serves as before; whoever wants to be rid of it is told how.
    """
    unlinked(scratch)
    users_environment(scratch / ".venv")
    os.utime(scratch / "pyproject.toml", (0, 0))
    done = run_make(scratch, ".venv/.python", f"PYTHON={sys.executable}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run_make(scratch, target, f"PYTHON={pretended(scratch / 'other', (3, 10, 2))}")
    assert_said(done, NOT_OURS.format(".venv") + "remove it by hand")
    assert (scratch / ".venv" / "precious").exists()


def test_venv_of_the_shell(scratch: Path, tmp_path: Path) -> None:
    """
    A variable of that name in the environment may be meant for another program.
    """
    folder = tmp_path / "elsewhere"
    done = run_make(scratch, "--dry-run", "clean", "ctest", "demo", VENV=str(folder))
    assert done.returncode == 0
    assert str(folder) not in done.stdout


def test_clean(tmp_path: Path) -> None:
    """
    What make made goes, with what it has put into the tree's folders; all else stays.
    """
    shutil.copy(ROOT / "Makefile", tmp_path)
    gone = [".venv", "other", "build", "dist", "tests/__pycache__", "twisted_imapc/a/__pycache__"]
    for name in [*gone, "benchmarks", "examples", "users/__pycache__"]:
        (tmp_path / name).mkdir(parents=True)
    for name in (".venv", "other"):
        (tmp_path / name / ".made-by-make").touch()
    (tmp_path / "twisted_imapc" / "_imapc.so").touch()
    done = run_make(tmp_path, "clean", "VENV=other")
    assert (done.returncode, done.stderr) == (0, "")
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert left == {
        *("Makefile", "benchmarks", "examples", "tests", "twisted_imapc", "twisted_imapc/a"),
        *("users", "users/__pycache__"),
    }


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
