"""
Who is compared, how each is started, and which versions they are.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.cases import Case
from benchmarks.peers.places import Place

HERE = Path(__file__).parent

BUILT = HERE.parents[1] / "build" / "bench" / "with_libetpan"

#: A command that takes longer than these seconds is ended, and not given again.
LIMIT = 20.0


class LeftOut(Exception):
    """
    Why there is no figure.
    """


@cache
def libetpan() -> str:
    """
    The path of the program with libetpan, built anew.
    """
    source = HERE / "with_libetpan.c"
    remedy = "(Debian: apt-get install libetpan-dev pkg-config gcc)"
    if shutil.which("pkg-config") is None:
        raise LeftOut(f"pkg-config is missing {remedy}")
    asked = ["pkg-config", "--cflags", "--libs", "libetpan"]
    flags = subprocess.run(asked, capture_output=True, text=True)
    if flags.returncode:
        raise LeftOut(f"libetpan is missing {remedy}")
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    command = ["cc", "-O2", "-Wall", "-Wextra", str(source), *flags.stdout.split()]
    subprocess.run([*command, "-o", str(BUILT)], check=True)
    return str(BUILT)


def installed(distribution: str) -> str:
    """
    The version of what pip installs.
    """
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        raise LeftOut(f"{distribution} is not installed: pip install '.[bench]'") from None


def libetpanVersion() -> str:
    asked = subprocess.run([libetpan(), "--version"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def python(program: str, *arguments: str) -> Callable[[], list[str]]:
    return lambda: [sys.executable, str(HERE / program), *arguments]


@dataclass(frozen=True)
class Client:
    """
    A client that takes part.

    C{version} says which it is, or raises L{LeftOut}; C{command} starts it.
    """

    name: str
    version: Callable[[], str]
    command: Callable[[], list[str]]

    def run(self, case: Case, place: Place) -> dict[str, Any]:
        """
        Give one command in a fresh process.

        @return: The figures; it counted as many as there have to be.
        """
        self.version()
        told = [" ".join(case.words), str(place.port), place.authority, place.user, place.password]
        try:
            done = subprocess.run(
                [*self.command(), *told],
                capture_output=True,
                text=True,
                # Starting, connecting and SELECT are not in the figure.
                timeout=LIMIT + 5,
            )
        except subprocess.TimeoutExpired:
            raise LeftOut(f"more than {LIMIT:g} s") from None
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["without a word"]
            raise LeftOut(f"failed: {lines[-1][:200]}")
        figures: dict[str, Any] = json.loads(done.stdout)
        # It knows of octets alone.
        wanted = figures["count"] if self is DISCARD else case.count
        if figures["count"] != wanted or not wanted:
            raise LeftOut(f"came to {figures['count']} of {case.count}")
        if figures["wall"] > LIMIT:
            raise LeftOut(f"more than {LIMIT:g} s")
        return figures


TWISTED = "with_twisted.py"

DISCARD = Client("discard", lambda: "", python(TWISTED, "discard"))
OURS = Client("twisted_imapc", lambda: installed("twisted_imapc"), python(TWISTED, "twisted_imapc"))
THEIRS = Client("Twisted", lambda: installed("Twisted"), python(TWISTED, "Twisted"))

#: Those without which there is nothing to compare.
NEEDED = (DISCARD, OURS)

CLIENTS = (
    DISCARD,
    OURS,
    Client("libetpan", libetpanVersion, lambda: [libetpan()]),
    Client("imaplib", lambda: sys.version.split()[0], python("with_imaplib.py")),
    Client("IMAPClient", lambda: installed("IMAPClient"), python("with_imapclient.py")),
    THEIRS,
    Client("aioimaplib", lambda: installed("aioimaplib"), python("with_aioimaplib.py")),
)


def versions() -> dict[str, str]:
    """
    What takes part, and what does not, with its reason.
    """
    found = {}
    for client in CLIENTS:
        try:
            found[client.name] = client.version()
        except LeftOut as why:
            found[client.name] = f"left out: {why}"
    return {name: version for name, version in found.items() if version}
