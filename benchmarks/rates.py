"""
How fast, beside Twisted's client on the same octets, and at which price.

    python benchmarks/rates.py                      everything, into rates.json
    python benchmarks/rates.py --only flags         the rows with this in their name
    python benchmarks/rates.py --quick              less data and fewer rounds
    python benchmarks/rates.py --list               the names of the rows

What other clients do, over a socket, is in compare.py; here all is in one process,
without any network, and a row has processes of its own.  Times are of the processor.
In memory and with small chunks they are medians of pyperf's values, in rounds in which
what is compared takes turns; elsewhere the lowest count.  Results are compared with
those of Twisted's client before anything is timed.

Twisted's MAX_LENGTH is raised for this, or a SEARCH answer over 16,384 octets would
drop its connection.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks import (  # noqa: E402
    chunks,
    in_memory,
    memory,
    scaling,
    turns,
)
from benchmarks.circumstances import circumstances  # noqa: E402
from benchmarks.tables import figures  # noqa: E402

ROWS: dict[str, Callable[[bool], dict[str, Any]]] = {
    **in_memory.ROWS,
    **chunks.ROWS,
    **scaling.ROWS,
    **turns.ROWS,
    **memory.ROWS,
}

FILE = ROOT / "benchmarks" / "rates.json"


def measured(name: str, quick: bool) -> dict[str, Any]:
    """
    The figures of one row, from a process of its own.
    """
    command = [sys.executable, __file__, "--row", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{name}: failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


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
        print(f"measuring {name}", flush=True)
        rows[name] = measured(name, options.quick)
    print(f"\n{figures(rows)}\n")
    known["seconds"] = round(time.monotonic() - started)
    print(f"{known['seconds']} seconds in all")
    if options.only is None and not options.quick:
        FILE.write_text(json.dumps({**known, "rows": rows}, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
