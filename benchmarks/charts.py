"""
Draw the charts of the README and the documentation from rates.json and compare.json.

    python benchmarks/charts.py [FOLDER]      docs/charts, if none is given

They are SVG without a ground of their own, in colours that can be read on a light one
and on a dark one.  The same figures give the same octets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks.tables import number  # noqa: E402

#: Each as far from white as from a dark page.
TEXT = "#797979"
OURS = "#2f81f7"
FLOOR = "#9a9a9a"
OTHERS = "#c0783c"

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "twisted_imapc",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
}

PLACES = {
    "dovecot": ("Dovecot: ", "Dovecot, in the clear"),
    "dovecot_tls": ("Dovecot, TLS 1.3: ", "Dovecot, TLS 1.3"),
    "prepared": ("prepared answers: ", "A server that sends prepared answers at memory speed"),
}


def colour(client: str) -> str:
    return {"twisted_imapc": OURS, "discard": FLOOR}.get(client, OTHERS)


def bars(
    axes: Any, names: Sequence[str], values: Sequence[float], texts: Sequence[str], low: float
) -> None:
    """
    Bars from C{low} on, the first on top, on a logarithmic scale, each with its label.
    """
    places = range(len(names))
    high = max(values)
    lengths = [value - low for value in values]
    axes.barh(places, lengths, left=low, color=[colour(name) for name in names], height=0.75)
    axes.set_xscale("log")
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    for place, value, text in zip(places, values, texts, strict=True):
        axes.annotate(text, (value, place), xytext=(3, 0), textcoords="offset points", va="center")
    # With room for the labels.
    axes.set_xlim(low, high * (high / low) ** 0.25)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def ofPlace(prefix: str, title: str, rows: dict[str, Any]) -> Any:
    """
    A panel for each kind of work at one place.
    """
    found = {name: row for name, row in rows.items() if name.startswith(prefix)}
    columns = 2
    lines = -(-len(found) // columns)
    figure, panels = plt.subplots(lines, columns, figsize=(9, 0.4 + 2.1 * lines), squeeze=False)
    for axes, (name, row) in zip(panels.flat, found.items(), strict=False):
        walls = {
            client: figures["wall_ms"]
            for client, figures in row["clients"].items()
            if "wall_ms" in figures
        }
        # A logarithmic scale has no zero: the lowest, too, has to have a bar.
        low = min(walls.values()) / 2.5
        texts = [number(wall) for wall in walls.values()]
        bars(axes, list(walls), list(walls.values()), texts, low)
        missing = [client for client in row["clients"] if client not in walls]
        without = f", without {', '.join(missing)}" if missing else ""
        axes.set_title(f"{name.removeprefix(prefix)}, {row['count']:,}{without}", loc="left")
        axes.set_xlabel("milliseconds (logarithmic)")
    for axes in panels.flat[len(found) :]:
        axes.set_visible(False)
    figure.suptitle(f"{title}: from the command to its result", x=0.01, ha="left")
    return figure


def inMemory(rows: dict[str, Any]) -> Any:
    """
    Times Twisted's speed, parsing alone.
    """
    prefix = "in memory: "
    times = {
        name.removeprefix(prefix): row["times_twisted"]
        for name, row in rows.items()
        if name.startswith(prefix)
    }
    figure, axes = plt.subplots(figsize=(9, 3.6))
    texts = [f"{number(one)} x" for one in times.values()]
    bars(axes, list(times), list(times.values()), texts, low=1)
    for bar in axes.patches:
        bar.set_color(OURS)
    axes.set_xlabel("times the speed of Twisted's client (logarithmic)")
    axes.set_title("In memory, parsing alone", loc="left")
    return figure


def draw(folder: Path, rates: dict[str, Any], compared: dict[str, Any]) -> None:
    """
    Write all charts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        charts = {"in_memory": inMemory(rates["rows"])}
        for name, (prefix, title) in PLACES.items():
            charts[name] = ofPlace(prefix, title, compared["rows"])
        for name, figure in charts.items():
            figure.set_layout_engine("tight")
            figure.savefig(
                folder / f"{name}.svg",
                transparent=True,
                metadata={"Date": None, "Creator": "benchmarks/charts.py"},
            )
            plt.close(figure)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "charts"
    rates, compared = (
        json.loads((ROOT / "benchmarks" / name).read_text(encoding="ascii"))
        for name in ("rates.json", "compare.json")
    )
    draw(folder, rates, compared)


if __name__ == "__main__":
    main()
