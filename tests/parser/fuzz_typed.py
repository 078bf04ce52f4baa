"""
The binding of a typed parser on random damage, for longer than the tests take.

    python tests/parser/fuzz_typed.py [--runs 100000 | --seconds 20] [--seed 1]

Whatever comes in, there is no exception, and the records are the same however it was
cut.  Best with an extension that is built with TWISTED_IMAPC_SANITIZE=1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parents[2])

from tests.helpers.typed import cutApart, eventsOf, plainEvents, typedParser  # noqa: E402
from tests.helpers.vectors import VECTORS, wire_of  # noqa: E402
from twisted_imapc._imapc import in_ranges, ranges  # noqa: E402

RECORDS = [
    b'* 3 FETCH (UID 5 FLAGS (\\Seen a) ENVELOPE ("d" "s" (("n" NIL "m" "h")) (("n" NIL "m" "h")) '
    b'NIL ((NIL NIL "g" NIL)(NIL NIL NIL NIL)) NIL x {2}\r\nab "i") MODSEQ (7))\r\n',
    b'* 3 FETCH (BODYSTRUCTURE (("text" "plain" ("a*0*" "u\'\'x") NIL NIL "b" 1 2)("message" '
    b'"rfc822" NIL NIL NIL NIL 5 ("d" "s" ((a b c d))) ("a" "b") 1) "mixed" ("b" "c") NIL e))\r\n',
    b'* 4 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[HEADER.FIELDS ("A" b)]<0> {3}\r\n'
    b"abc RFC822 NIL X-GM-LABELS (a (b) {1}\r\nc 5) BINARY.SIZE[1] 5)\r\n",
    b'* LIST (\\noselect x) "/" "&AOk-" (CHILDINFO ("SUBSCRIBED"))\r\n* LSUB () NIL {1}\r\na\r\n',
    b"* STATUS a&b (MESSAGES 5 X (y z))\r\n* SEARCH 3 1 2 9 (MODSEQ 5)\r\n* SORT 5 4 (A 3)\r\n",
    b"* VANISHED (EARLIER) 3:5,9\r\n* NAMESPACE ((a /)) NIL NIL\r\n* OK [X (a 5)] t\r\n* 5 X y\r\n",
    b"A1 OK [COPYUID 1 2:3 4:5] done\r\n* ESEARCH (TAG {1}\r\na) UID ALL 1:3\r\n* BYE x\r\n+ g\r\n",
]  # fmt: skip
SEEDS = RECORDS * 8 + [wire for wire in map(wire_of, VECTORS) if len(wire) < 1000]
BITS = [b"(", b")", b'"', b"\\", b"[", b"]", b"{1}\r\n", b" ", b"\r\n", b"NIL", b"0", b"\xff",
        b"\0", b"99999999999999999999", b"18446744073709551616", b"4294967296", b"BODY[", b"<0>",
        b"*", b",", b":", b"((", b"))", b"UID ", b"FLAGS ", b"ENVELOPE ", b"BODY "]  # fmt: skip


def damage(rng: random.Random, wire: bytes) -> bytes:
    """Octets out, bits in, or a piece of another wire."""
    for _ in range(rng.randint(0, 5)):
        at = rng.randint(0, len(wire))
        put = rng.choice(BITS) if rng.random() < 0.6 else rng.randbytes(rng.randint(0, 3))
        if rng.random() < 0.15:
            other = rng.choice(SEEDS)
            start = rng.randint(0, len(other))
            put = other[start : start + rng.randint(1, 60)]
        wire = wire[:at] + put + wire[at + rng.choice((0, 0, 1, 2, 9)) :]
    return wire


def recordsOf(wire: bytes, cuts: Any, options: dict[str, int], mask: int) -> list[Any]:
    parser = typedParser(mask, None)
    for name, limit in options.items():
        setattr(parser, name, limit)
    return plainEvents(eventsOf(parser, *cutApart(wire, cuts)))


def tryOne(rng: random.Random) -> None:
    wire = damage(rng, b"".join(rng.choices(SEEDS, k=rng.randint(1, 3))))
    options = {}
    if rng.random() < 0.3:
        limit = rng.choice(["maxDepth", "maxListsPerResponse", "maxElementsPerResponse"])
        options[limit] = rng.randint(0, 40)
    mask = rng.choice((0, 1, 0x55, 255))
    whole = recordsOf(wire, (), options, mask)
    cuts = [rng.randint(0, len(wire)) for _ in range(rng.randint(1, 5))]
    for places in (cuts, range(len(wire))):
        if recordsOf(wire, places, options, mask) != whole:
            raise AssertionError(f"{wire!r} cut at {places} with {options}, mask {mask}")
    eventsOf(typedParser(mask, None, drop=True), *cutApart(wire, cuts))
    text = damage(rng, b"1:3,7,9:*").decode("latin-1")
    try:
        assert in_ranges(ranges(text), 1) in (True, False)
    except ValueError:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    started = time.monotonic()
    runs = 0
    while runs < options.runs if options.runs else time.monotonic() - started < options.seconds:
        tryOne(rng)
        runs += 1
    print(f"{runs} runs in {time.monotonic() - started:.0f} s, seed {options.seed}")


if __name__ == "__main__":
    main()
