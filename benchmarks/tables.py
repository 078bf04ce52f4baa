"""
Figures of the JSON as tables to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """
    Columns under each other: the first to the left, the others to the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def number(value: float) -> str:
    """
    Three digits are more than a measurement is worth.
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def comparison(name: str, row: dict[str, Any]) -> str:
    """
    One kind of work: all clients, those that are ahead of ours, too.
    """
    clients: dict[str, dict[str, Any]] = row["clients"]
    ours = clients["twisted_imapc"]["wall_ms"]
    floor = clients["discard"]["wall_ms"]
    rows = [["", "wall, ms", "/ ours", "/ discard", "CPU, ms", "memory, MiB", "rounds"]]
    reasons = []
    for client, figures in clients.items():
        if "left_out" in figures:
            reasons.append(f"{client}: {figures['left_out']}")
            continue
        wall = figures["wall_ms"]
        rows.append(
            [
                client,
                number(wall),
                f"{wall / ours:.2f}",
                f"{wall / floor:.2f}",
                number(figures["cpu_ms"]),
                f"{figures['grown_mib']:.1f}",
                str(len(figures["walls_ms"])),
            ]
        )
    title = f"\n{name}: {row['count']:,}, in {row['octets'] / 1e6:,.2f} MB"
    return "\n".join([title, aligned(rows), *reasons])


def comparisons(measured: dict[str, Any]) -> str:
    """
    All tables of compare.json.
    """
    return "\n".join(comparison(name, row) for name, row in measured["rows"].items())


def figures(rows: dict[str, dict[str, Any]]) -> str:
    """
    The rows of rates.json: those that have the same figures in one table.
    """
    tables: list[list[list[str]]] = []
    for name, row in rows.items():
        head = ["", *(key.replace("_", " ") for key in row)]
        if not tables or tables[-1][0] != head:
            tables.append([head])
        cells = [value if isinstance(value, str) else number(value) for value in row.values()]
        tables[-1].append([name, *cells])
    return "\n\n".join(aligned(table) for table in tables)
