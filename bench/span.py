"""What does one clip over three outputs cost, against one output that shows the whole of it?

Timed: the real `wayvid run`, both processes together, with a 1080p clip on virtual
desks (headless sway, pixman): three outputs of 1280x720 that are a span, one of
3840x720, and the three with the whole clip on each. Processor time is counted over
the frames that the player made meanwhile. Rounds alternate A B C A B C.

Left out: the compositor, which draws as many pixels in all three. Favoured: one
output, which has one surface to commit where three have three. MB are millions of
bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from bench import clips, kept, procs, report, scenes
from bench.report import Figure
from wayvid.desk import Desk

SCREEN, WALL = (1280, 720), (3840, 720)
SCENES: dict[str, tuple[Sequence[tuple[int, int]], tuple[str, ...]]] = {
    "one": ([WALL], ()),
    "span": ([SCREEN] * 3, ("--span",)),
    "each": ([SCREEN] * 3, ()),
}
FIGURES = {
    "one_ms": Figure("one output of 3840x720: CPU", "ms/frame", decimals=2),
    "span_ms": Figure("a span of three outputs of 1280x720: CPU", "ms/frame", decimals=2),
    "each_ms": Figure("three outputs, the whole clip on each: CPU", "ms/frame", decimals=2),
    "span_ratio": Figure("span / one output, round by round", "x", at_most=1.1, decimals=2),
    "each_ratio": Figure("the whole on each / one output, round by round", "x", decimals=2),
    "one_pss": Figure("one output: PSS of both processes", "MB"),
    "span_pss": Figure("a span: PSS", "MB"),
    "each_pss": Figure("the whole on each: PSS", "MB"),
    "span_added_pss": Figure("span over one output: PSS", "MB", at_most=4.0),
}


def measure_one(name: str, renderer: str, seconds: float) -> dict[str, float]:
    """One scene, once."""
    sizes, words = SCENES[name]
    with (
        Desk(sizes=sizes) as desk,
        scenes.running(desk, str(clips.busy()), "--renderer", renderer, *words) as run,
    ):
        run.wait_shown()
        time.sleep(scenes.SETTLE_S)
        frames, before = _frames(run), run.usage()
        time.sleep(seconds)
        used, made = run.usage().since(before), _frames(run) - frames
        pss = sum(procs.memory(pid).pss for pid in run.pids)
    return {f"{name}_ms": 1000 * used.cpu_s / max(1, made), f"{name}_pss": pss / scenes.MB}


def _frames(run: scenes.Run) -> int:
    return sum(int(stream["frames"]) for stream in json.loads(run.command("status", "--json"))["streams"])


def derived(samples: report.Samples) -> report.Samples:
    """Figures made of two others, round by round."""
    one, span, each = (samples[f"{name}_ms"] for name in SCENES)
    added = [b - a for a, b in zip(samples["one_pss"], samples["span_pss"], strict=True)]
    return {"span_ratio": report.ratios(span, one), "each_ratio": report.ratios(each, one), "span_added_pss": added}


def run(argv: list[str]) -> int:
    """`python -m bench span`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench span", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of each measurement (default: 10)")
    parser.add_argument("--renderer", choices=("shm", "gl"), default="shm", help="what draws (default: shm)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("span")
    clips.busy()  # made before anything is timed
    samples: report.Samples = {}
    for number in range(1, options.runs + 1):
        for name in SCENES:
            print(f"round {number} of {options.runs}: {name} ", end="\r", file=sys.stderr, flush=True)
            report.add(samples, measure_one(name, options.renderer, options.seconds))
    rows = report.summary(FIGURES, samples | derived(samples))
    made |= {"seconds": options.seconds, "renderer": options.renderer, "figures": rows}
    kept.write(options.json, made)
    kept.print_stamp(made)
    print(f"renderer {options.renderer}, each measurement {options.seconds:g} s\n")
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
