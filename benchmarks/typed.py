"""
Typed records: what they take, in time and kept in memory.

    python benchmarks/typed.py [--write] [--quick]

A million messages' UID and FLAGS, from the parser to batches that are read; and
envelopes that are kept, beside the dicts of fetchEnvelope(), with the collector as it is
in most programs and without.  With --write, the figures go to typed.json; with --quick
there is a hundredth of the data.  CPU time, the best of five rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from twisted_imapc._imapc import Parser, ranges  # noqa: E402

FILE = ROOT / "benchmarks" / "typed.json"
CHUNK = 64 * 1024
ROUNDS = 5
UID, FLAGS, ENVELOPE = 1, 2, 32

ONE_ENVELOPE = (
    '* {n} FETCH (ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg {n} summary '
    'and minutes of the meeting" (("Terry Gray" NIL "gray{n}" "cac.washington.edu")) '
    '(("Terry Gray" NIL "gray{n}" "cac.washington.edu")) (("Terry Gray" NIL "gray{n}" '
    '"cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" '
    '"CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL '
    '"<B27397-01000{n}@cac.washington.edu>") UID {n})\r\n'
)


def pieces(lines: Any) -> list[bytes]:
    """As they come from a transport."""
    wire = "".join(lines).encode("ascii")
    return [wire[at : at + CHUNK] for at in range(0, len(wire), CHUNK)]


def batches(chunks: list[bytes], mask: int) -> Any:
    parser = Parser()
    parser.typed = True
    parser.want(mask, ranges("1:*"))
    for chunk in chunks:
        parser.feed(chunk)
        while (event := parser.next()) is not None:
            yield event[1]


def readFlags(chunks: list[bytes]) -> int:
    read = 0
    for batch in batches(chunks, UID | FLAGS):
        for message in batch:
            assert message.uid and message.flags
        read += len(batch)
    return read


def keepRecords(chunks: list[bytes]) -> list[Any]:
    return [message for batch in batches(chunks, ENVELOPE) for message in batch]


def keepDicts(chunks: list[bytes]) -> Any:
    parser = Parser()
    parser.expect("fetch")
    for chunk in chunks:
        parser.feed(chunk)
        while parser.next() is not None:
            pass
    return parser.take()[0]


def seconds(run: Callable[[list[bytes]], object], chunks: list[bytes]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        started = time.process_time()
        kept = run(chunks)
        best = min(best, time.process_time() - started)
        del kept
    return best


def octets(run: Callable[[list[bytes]], object], chunks: list[bytes]) -> int:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = run(chunks)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del kept
    return grown


def measured(messages: int, envelopes: int) -> dict[str, float]:
    flags = pieces(f"* {n} FETCH (UID {n * 3} FLAGS (\\Seen))\r\n" for n in range(1, messages + 1))
    figures = {f"seconds for {messages:,} UID FLAGS": seconds(readFlags, flags)}
    chunks = pieces(ONE_ENVELOPE.format(n=n) for n in range(1, envelopes + 1))
    for collector, switch in (("with", gc.enable), ("without", gc.disable)):
        switch()
        for name, run in (("record", keepRecords), ("dict", keepDicts)):
            each = seconds(run, chunks) / envelopes * 1e6
            figures[f"microseconds for an envelope's {name}, {collector} collector"] = each
    gc.enable()
    for name, run in (("record", keepRecords), ("dict", keepDicts)):
        figures[f"octets of an envelope's {name}"] = octets(run, chunks) / envelopes
    return {name: round(figure, 3) for name, figure in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    part = 100 if options.quick else 1
    figures = measured(1_000_000 // part, 50_000 // part)
    print(json.dumps(figures, indent=1))
    if options.write:
        FILE.write_text(json.dumps(figures, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
