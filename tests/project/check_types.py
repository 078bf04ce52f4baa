"""
What mypy and pyright, as strict as a user may have them, say of the package: nothing of
programs that use it well (the README's, and C{typing_uses.py}), each wrong line of
C{typing_errors.py} and no other, and that all that is public has a type.

C{make lint} runs it; pytest does not, for both come with the extra C{lint} alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "types"

#: What a checker said, by file and line.
Reports = dict[tuple[str, int], str]


def run_outside(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Outside of the tree, where a user's programs are; neither is to colour or wrap."""
    known = {**os.environ, "PATH": f"{WORK / 'user' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [str(one) for one in command], cwd=WORK, env=known, capture_output=True, text=True
    )


def install() -> Path:
    """
    An environment with the package as a user has it: in a folder of Python's path, where
    mypy says nothing of the package itself.
    """
    venv.create(WORK / "user", clear=True, symlinks=True)
    (folder,) = (WORK / "user").glob("lib/python3*/site-packages")
    paths = [ROOT, *(path for path in sys.path if path.endswith("site-packages"))]
    (folder / "package.pth").write_text("".join(f"{path}\n" for path in paths))
    return WORK / "user" / "bin" / "python"


def mypy(python: Path, *files: Path) -> Reports:
    """What C{mypy --strict} reports."""
    done = run_outside(
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary",
        "--hide-error-context", "--cache-dir", WORK / "cache", "--python-executable", python,
        *files,
    )  # fmt: skip
    if done.stderr or done.returncode not in (0, 1):
        sys.exit(f"mypy: {done.stderr or done.stdout}")
    found = re.findall(r"^(.+?):(\d+): error: (.*)", done.stdout, re.MULTILINE)
    return {(Path(name).name, int(line)): words for name, line, words in found}


def pyright(python: Path, *files: Path) -> Reports:
    """What pyright reports, as it comes: its strictest asks for more than types."""
    done = run_outside(
        sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", python, *files
    )
    if done.returncode not in (0, 1):
        sys.exit(f"pyright: {done.stderr or done.stdout}")
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1): one["message"]
        for one in json.loads(done.stdout)["generalDiagnostics"]
        if one["severity"] == "error"
    }


def programs() -> list[Path]:
    """The README's, each in a file."""
    text = (ROOT / "README.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"^\.\. code-block:: python\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    files = []
    for number, block in enumerate(blocks, 1):
        files.append(WORK / f"readme_{number}.py")
        files[-1].write_text(re.sub(r"^    ", "", block, flags=re.MULTILINE), encoding="utf-8")
    return files


def marked_wrong(path: Path) -> set[tuple[str, int]]:
    """The lines that are wrong."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {(path.name, n) for n, line in enumerate(lines, 1) if line.endswith("# wrong")}


def completeness() -> float:
    """How much of what is public has a type, of 1."""
    done = run_outside(
        sys.executable, "-m", "pyright", "--outputjson", "--ignoreexternal",
        "--verifytypes", "twisted_imapc",
    )  # fmt: skip
    told = json.loads(done.stdout)["typeCompleteness"]
    for symbol in told["symbols"]:
        if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]:
            print(f"{symbol['name']}: {symbol['diagnostics']}")
    score: float = told["completenessScore"]
    return score


def problems_of(checker: Callable[..., Reports], python: Path) -> Iterator[str]:
    """What a checker does not say, or says too much."""
    right, wrong = [*programs(), HERE / "typing_uses.py"], HERE / "typing_errors.py"
    print(f"{checker.__name__}:", *(path.name for path in (*right, wrong)))
    reports, expected = checker(python, *right, wrong), marked_wrong(wrong)
    assert expected and len(right) > 1, "There is nothing to check"
    for file, line in sorted(expected - reports.keys()):
        yield f"{checker.__name__} lets {file}:{line} pass, which is wrong"
    for file, line in sorted(reports.keys() - expected):
        yield f"{checker.__name__}: {file}:{line}: {reports[file, line]}"


def main() -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    python = install()
    problems = [*problems_of(mypy, python), *problems_of(pyright, python)]
    score = completeness()
    print(f"pyright: {score:.1%} of what is public has a type")
    if score < 1:
        problems.append("not all that is public has a type")
    sys.exit("\n".join(problems) or None)


if __name__ == "__main__":
    main()
