"""
How many instructions the C parser takes for a message, counted by valgrind: a figure
that does not depend on what else the machine does.

    python benchmarks/instructions.py [--write]

Compared with instructions.json, where Python and compiler are those it was written
with; more than 5 % above it is a failure.  Elsewhere nothing is compared, and it says
so.  With --write, the file is written anew.

TWISTED_IMAPC_CI=1   valgrind has to be there
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks import cases  # noqa: E402
from benchmarks.cases import Case  # noqa: E402
from twisted_imapc import _imapc  # noqa: E402

FILE = ROOT / "benchmarks" / "instructions.json"

#: Instructions are collected inside of this function alone.
FUNCTION = "parser_next"

#: A count may be so much higher than the one in the file.
TOLERANCE = 1.05

#: Each answer, with the shape that the parser is to expect.
TRANSCRIPTS: dict[str, tuple[Case, str]] = {
    "flags": (cases.FLAGS.of(2000), "fetch-flags"),
    "envelope": (cases.ENVELOPE.of(500), "fetch"),
    "bodystructure": (cases.BODYSTRUCTURE.of(500), "fetch"),
    "list": (cases.LIST.of(2000), "list"),
    "bodies of 4 KB": (cases.SMALL_BODIES.of(200), "fetch-flat"),
    "search, for a number": (cases.SEARCH.of(5000), "search"),
}


def extension() -> Path:
    found = _imapc.__file__
    assert found is not None
    return Path(found)


def compilers() -> Iterator[str]:
    """
    What the compilers have written into the extension about themselves.
    """
    named = rb"GCC: \([^)\0]*\) [\d.]+|[\w ]*clang version [^\0]*"
    for found in sorted(set(re.findall(named, extension().read_bytes()))):
        yield found.decode("ascii")


def versions() -> dict[str, str]:
    """
    What the counts depend on, besides our own code.
    """
    return {
        "machine": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python's compiler": platform.python_compiler(),
        "compiler": ", ".join(compilers()),
    }


def count(case: Case, shape: str) -> float:
    """
    Instructions for each message of one answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        wire, out = Path(folder, "wire"), Path(folder, "out")
        wire.write_bytes(case.wire())
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                f"--toggle-collect={FUNCTION}",
                f"--callgrind-out-file={out}",
                sys.executable,
                "-I",
                str(ROOT / "benchmarks" / "parse_once.py"),
                str(extension()),
                shape,
                str(wire),
            ],
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{case.name}: valgrind failed\n{done.stderr}")
        total = re.search(r"^totals: (\d+)$", out.read_text(), re.MULTILINE)
    if total is None or int(total[1]) == 0:
        raise SystemExit(f"{case.name}: nothing was counted; is {FUNCTION}() still its name?")
    return int(total[1]) / case.count


def judged(counts: dict[str, float], known: dict[str, float]) -> bool:
    """
    Print the counts beside those that are known; whether none is too high.
    """
    good = True
    for name, counted in counts.items():
        change = counted / known[name] - 1
        verdict = ""
        if counted > known[name] * TOLERANCE:
            verdict, good = "  TOO MANY", False
        elif counted * TOLERANCE < known[name]:
            verdict = "  fewer: write the file anew"
        print(f"{name:22}{counted:10,.0f}{known[name]:10,.0f}{change:+8.1%}{verdict}")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description="Instructions for each message.")
    parser.add_argument("--write", action="store_true", help="write instructions.json anew")
    options = parser.parse_args()

    if shutil.which("valgrind") is None:
        print("instructions: valgrind is missing (Debian: apt-get install valgrind)")
        print("instructions: compared nothing")
        sys.exit(os.environ.get("TWISTED_IMAPC_CI", "") not in ("", "0"))
    counts = {name: count(*transcript) for name, transcript in TRANSCRIPTS.items()}
    here = versions()
    if options.write:
        rounded = {name: round(counted) for name, counted in counts.items()}
        FILE.write_text(
            json.dumps({"versions": here, "instructions": rounded}, indent=1) + "\n",
            encoding="ascii",
        )
    kept = json.loads(FILE.read_text(encoding="ascii"))
    if kept["versions"] != here:
        for name, counted in counts.items():
            print(f"{name:22}{counted:10,.0f}")
        print(f"instructions: compared nothing: {here} is not {kept['versions']}")
        return
    print(f"{'instructions':22}{'now':>10}{'known':>10}")
    if not judged(counts, kept["instructions"]):
        sys.exit("instructions: more than 5 % above those in benchmarks/instructions.json")


if __name__ == "__main__":
    main()
