"""
How fast, beside Twisted's client on the same octets, and at which price.

    python benchmarks/rates.py                      everything, into rates.json
    python benchmarks/rates.py --only flags         the rows with this in their name
    python benchmarks/rates.py --quick              less data and fewer rounds
    python benchmarks/rates.py --list               the names of the rows

Each row is measured in a process of its own.  What is compared takes turns, and the
lowest times count; in memory these are of the processor, else of the clock.  Results
are compared with those of Twisted's client before anything is timed.  Everything
takes about a quarter of an hour, --quick two minutes.

Twisted's MAX_LENGTH is raised for this, or a SEARCH answer over 16,384 octets would
drop its connection.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import twisted

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks import (  # noqa: E402
    chunks,
    dovecot,
    end_to_end,
    in_memory,
    memory,
    scaling,
    turns,
)

ROWS: dict[str, Callable[[bool], dict[str, Any]]] = {
    **in_memory.ROWS,
    **end_to_end.ROWS,
    **dovecot.ROWS,
    **chunks.ROWS,
    **scaling.ROWS,
    **turns.ROWS,
    **memory.ROWS,
}

FILE = ROOT / "benchmarks" / "rates.json"


def cpu() -> str:
    """
    What the processor calls itself.
    """
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def circumstances() -> dict[str, Any]:
    """
    What a figure means nothing without.
    """
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": platform.python_compiler(),
        "twisted": twisted.__version__,
    }


def measured(name: str, quick: bool) -> dict[str, Any]:
    """
    The figures of one row, from a process of its own.
    """
    command = [sys.executable, __file__, "--row", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{name}: failed")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def shown(figures: dict[str, Any]) -> str:
    """
    The figures of one row, to be read.
    """
    lines = []
    for name, figure in figures.items():
        text = figure if isinstance(figure, str) else f"{figure:,.4g}"
        lines.append(f"    {name.replace('_', ' ')}: {text}\n")
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rates beside those of Twisted's client.")
    parser.add_argument(
        "--only", metavar="TEXT", help="the rows with this in their name, in any case"
    )
    parser.add_argument("--quick", action="store_true", help="less data and fewer rounds")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        print(json.dumps(ROWS[options.row](options.quick)))
        return
    wanted = (options.only or "").lower()
    names = [name for name in ROWS if wanted in name.lower()]
    if not names:
        parser.error(f"no row has '{options.only}' in its name; --list has the names")
    if options.list:
        print("\n".join(names))
        return

    started = time.monotonic()
    known = circumstances()
    print(", ".join(f"{name} {value}" for name, value in known.items()), flush=True)
    rows = {}
    for name in names:
        rows[name] = measured(name, options.quick)
        print(f"{name}\n{shown(rows[name])}", end="", flush=True)
    known["seconds"] = round(time.monotonic() - started)
    print(f"{known['seconds']} seconds in all")
    if options.only is None and not options.quick:
        FILE.write_text(json.dumps({**known, "rows": rows}, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
