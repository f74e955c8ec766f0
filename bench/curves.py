"""Pictures of the curves in a report of the matrix bench: processor time and memory along each axis.

Floor and wayvid are beside each other. A mark is the median of the rounds in which
the pictures came; its bar goes from the least to the most of them. A point without
such a round is a cross at the bottom. Nothing is measured here.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench import kept
from bench.axes import CENTRE_CLIP, CENTRE_SCREENS, CODEC_TITLES, Point, axis
from bench.matrix_table import Row, Spread, rows
from wayvid.errors import WayvidError
from wayvid.memtest.files import ResultFile
from wayvid.memtest.pictures import SETTINGS, check_plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Text as curves: what a picture looks like must not depend on the reader's fonts.
LOOKS = {"font.size": 9.5, "svg.fonttype": "path"}
SIZE_IN = (8.6, 3.5)
FLOOR_COLOUR = "#9a9a9a"
# By renderer, in the order in which they were measured; told apart without colours, too.
COLOURS, MARKS = ("#2e2458", "#d2691e", "#1f7a5c"), ("o", "s", "D")
STEP = 0.1  # from one curve's mark to the next one's, so that their bars do not hide each other
HEADROOM = 1.18
TITLES = {
    "screens": "More screens",
    "size": "Larger clips",
    "rate": "More pictures a second",
    "codec": "Other codecs",
}
SHOWN_ON = f"{CENTRE_SCREENS} screens of 1920x1080"
LABELS = {
    "screens": "screens of 1920x1080",
    "size": "height of the clip, pixels (16:9)",
    "rate": "pictures a second",
    "codec": "",
}


def picture_name(name: str) -> str:
    """The file of an axis."""
    return f"scaling-{name}.svg"


def tick(name: str, point: Point) -> str:
    """What an axis says under a point."""
    return {
        "screens": str(point.screens),
        "size": str(point.clip.height_px),
        "rate": str(point.clip.rate_hz),
        "codec": CODEC_TITLES[point.clip.codec],
    }[name]


def caption(name: str, report: Mapping[str, Any], found: Sequence[Row]) -> str:
    """What the picture is of."""
    fixed = {
        "screens": [CENTRE_CLIP.title],
        "size": [f"H.264, {CENTRE_CLIP.rate_hz} pictures a second", SHOWN_ON],
        "rate": [f"{CENTRE_CLIP.height_px}p H.264", SHOWN_ON],
        "codec": [f"{CENTRE_CLIP.height_px}p{CENTRE_CLIP.rate_hz}", SHOWN_ON],
    }[name]
    counts = sorted({row.n for row in found if row.n})
    n = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}" if counts else "n = 0"
    what = f"{', '.join(fixed)}; median and range, {n} rounds of {report['seconds']:g} s"
    machine = report["machine"]
    partial = f"; partial: {report['partial']}" if "partial" in report else ""
    return f"{what}\n{machine['cpu']}, mpv {machine.get('mpv', '?')}, {report['date'][:10]}{partial}"


def draw(name: str, report: Mapping[str, Any]) -> str:
    """An axis as SVG: processor time on the left, memory on the right.

    Args:
        name: of bench.axes.AXES.
        report: of the matrix bench.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    by_point = {row.point: row for row in rows(report)}
    renderers = list(dict.fromkeys(point.renderer for point in by_point))
    places = axis(name, renderers[0])
    found = [row for point, row in by_point.items() if point in {p for r in renderers for p in axis(name, r)}]
    with mpl.rc_context(SETTINGS | LOOKS):
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        left, right = figure.subplots(1, 2)
        for axes, key, title in ((left, "cpu", "processor time, % of one core"), (right, "pss", "memory (PSS), MB")):
            floor = [getattr(by_point[point], f"floor_{key}") if point in by_point else None for point in places]
            _curve(axes, floor, 0.0, FLOOR_COLOUR, "v", "" if name == "codec" else "--", "floor: mpv --vo=null")
            for number, renderer in enumerate(renderers):
                of = [by_point.get(point) for point in axis(name, renderer)]
                values = [getattr(row, key) if row else None for row in of]
                label = "wayvid" if len(renderers) == 1 else f"wayvid, {renderer}"
                colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
                _curve(axes, values, (number + 1) * STEP, colour, mark, "" if name == "codec" else "-", label)
                _crosses(axes, of, (number + 1) * STEP, colour)
            axes.set_title(title, fontsize=10, loc="left")
            axes.set_xticks(range(len(places)), [tick(name, point) for point in places])
            axes.set_xlim(-0.4, len(places) - 0.6 + STEP * len(renderers))
            axes.set_ylim(0, max(axes.dataLim.y1, 1.0) * HEADROOM)
            axes.set_xlabel(LABELS[name])
            axes.grid(visible=False, axis="x")
        handles = dict(zip(*reversed(left.get_legend_handles_labels()), strict=True))  # one for all crosses
        figure.legend(handles.values(), handles.keys(), frameon=False, loc="upper right", ncols=len(handles))
        figure.suptitle(TITLES[name], fontsize=13, x=0.01, ha="left")
        figure.supxlabel(caption(name, report, found), fontsize=8, color="#555555", x=0.01, ha="left")
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _curve(
    axes: Axes, values: Sequence[Spread | None], shift: float, colour: str, mark: str, line: str, label: str
) -> None:
    """One of the curves; where a point has no value the line has a gap."""
    middle = [value.median if value else math.nan for value in values]
    below = [value.median - value.low if value else math.nan for value in values]
    above = [value.high - value.median if value else math.nan for value in values]
    axes.errorbar(
        [number + shift for number in range(len(values))], middle, yerr=(below, above),
        color=colour, marker=mark, markersize=5, linestyle=line, linewidth=1.4, elinewidth=1.2, capsize=2.5,
        label=label,
    )  # fmt: skip


def _crosses(axes: Axes, found: Sequence[Row | None], shift: float, colour: str) -> None:
    """Where every round failed."""
    failed = [number + shift for number, row in enumerate(found) if row is not None and not row.n]
    if failed:
        axes.plot(
            failed, [0.0] * len(failed), "x", color=colour, markersize=8, clip_on=False, label="pictures did not come"
        )


def run(argv: list[str]) -> int:
    """`python -m bench curves FILE`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench curves", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", metavar="FILE", help="what 'python -m bench matrix --json FILE' has written")
    parser.add_argument("--to", default="docs/pictures", metavar="FOLDER", help="default: docs/pictures")
    options = parser.parse_args(argv)
    try:
        check_plotting()
        report = kept.load(options.file, "matrix")
        os.makedirs(options.to, exist_ok=True)
        for name in report["axes"]:
            file = ResultFile(os.path.join(options.to, picture_name(name)))
            file.write(draw(name, report))
            print(file.close(is_whole=True))
    except (OSError, WayvidError) as exc:
        print(f"bench curves: {exc}", file=sys.stderr)
        return 1
    return 0
