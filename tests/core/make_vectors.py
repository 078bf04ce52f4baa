"""
The wires of tests/vectors as one plain file for the C tests: for each, the name's
size (1 octet), the name, the wire's size (4 octets, little-endian), the wire.

    python tests/core/make_vectors.py TARGET [MOST_OCTETS]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Larger ones take minutes in a program that checks every access.
MOST_OCTETS = 2 * 1024 * 1024


def main(target: str, most: int) -> None:
    tests = Path(__file__).parent.parent
    with open(target, "wb") as out:
        for path in sorted((tests / "vectors").glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                vector = json.loads(line)
                wire = eval(vector["wire"])
                if len(wire) <= most:
                    name = vector["name"].encode()
                    out.write(bytes([len(name)]) + name + len(wire).to_bytes(4, "little") + wire)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else MOST_OCTETS)
