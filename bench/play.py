"""What does a wallpaper cost, against the least that playing the same clip can cost?

Timed: the real `wayvid run`, both processes together, on a virtual desk (headless
sway, pixman) with three 1080p outputs, and `mpv --vo=null` with the same lean
options as the floor: decoding and nothing else. Rounds alternate A B A B, so that
whatever else the machine does falls on both.

Left out: the compositor's own share, which is the same for any wallpaper program;
it also is why figures of a real screen will differ. Processor time and memory are
read after the first 6 s, when the start is over and its pages were given back (the
peak says what the start takes). Frames are seen on the Wayland socket, in runs of
their own, since watching costs the player a little.

Favoured: the floor, which shows nothing, and shares memory bandwidth with no
compositor. MB are millions of bytes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable

from bench import clips, kept, report, scenes
from bench.report import Figure
from wayvid.desk import Desk

OUTPUTS = 3
LONG_S = 60.0
SHORT_S = 20.0

FIGURES = {
    "floor_cpu": Figure("floor (mpv --vo=null, same options): CPU", "% core"),
    "three_cpu": Figure("wayvid, 3 outputs: CPU, both processes", "% core"),
    "cpu_ratio": Figure("wayvid / floor, round by round", "x", at_most=1.35, decimals=2),
    "three_main_cpu": Figure("  of it the player's main thread (conversion, Wayland)", "% core"),
    "one_cpu": Figure("wayvid, 1 output: CPU", "% core"),
    "added_cpu": Figure("2nd and 3rd output together add: CPU", "points", at_most=5.0),
    "added_cpu_ratio": Figure("  as a part of what one output takes", "%"),
    "default_cpu": Figure("built-in wallpaper, 3 outputs: CPU", "% core", at_most=5.0),
    "three_other_cpu": Figure("meanwhile all else on the machine (compositor included)", "% core"),
    "floor_rss": Figure("floor: RSS", "MB"),
    "three_player_rss": Figure("player, 3 outputs: RSS", "MB"),
    "rss_over_floor": Figure("  above the floor", "MB", at_most=30.0),
    "three_player_rss_shared": Figure("player: RSS where others had libmpv loaded", "MB"),
    "three_peak_rss": Figure("player: peak RSS, at the start", "MB"),
    "three_daemon_rss": Figure("daemon: RSS", "MB", at_most=20.0),
    "three_pss": Figure("both: PSS", "MB"),
    "floor_pss": Figure("floor: PSS", "MB"),
    "added_rss": Figure("2nd and 3rd output together add: player's RSS", "MB", at_most=2.0),
    "added_pss": Figure("  PSS of both", "MB"),
    "default_player_rss": Figure("built-in wallpaper: player's RSS", "MB"),
    "growth": Figure("play: growth of RSS, both processes", "%", at_most=1.0, decimals=2),
    "growth_mb": Figure("  in megabytes", "MB", decimals=2),
    "start_first": Figure("exec to first video frame committed", "ms", at_most=350.0),
    "start_all": Figure("exec to first video frame on all outputs", "ms"),
    "fps_min": Figure("frames shown per second, slowest output", "/s", at_least=29.9, decimals=2),
    "fps_max": Figure("frames shown per second, fastest output", "/s", decimals=2),
    "same": Figure("frames that all three outputs showed", "%", at_least=100.0, decimals=2),
    "skew": Figure("a frame's first output to its last, longest", "ms"),
    "repeats": Figure("commits of a frame shown before", "n", at_most=0.0, decimals=0),
    "gap_median": Figure("from frame to frame, median", "ms"),
    "gap_max": Figure("from frame to frame, longest", "ms"),
    "seam": Figure("from frame to frame, longest within 1 s of the loop's end", "ms", at_most=50.0),
    "three_player_wakes": Figure("player, 3 outputs: wake-ups", "/s"),
    "three_daemon_wakes": Figure("daemon beside it: wake-ups", "/s", at_most=0.0, decimals=2),
    "still_rss": Figure("still image: daemon's RSS, and there is no player", "MB", at_most=20.0),
    "still_wakes": Figure("still image: wake-ups", "/s", at_most=0.0, decimals=2),
    "hidden_wakes": Figure("hidden clip: wake-ups of both, after 8 s", "/s", at_most=0.0, decimals=2),
    "hidden_cpu": Figure("hidden clip: CPU of both", "% core", decimals=2),
    "hidden_again": Figure("hidden clip: seen again to next new frame", "ms"),
    "killed_still": Figure("player killed: last picture back on all outputs", "ms", at_most=100.0),
    "killed_plays": Figure("player killed: new frame committed", "ms", at_most=1000.0),
    "killed_off": Figure("player killed: off the position it would have had", "ms"),
}


def player_rss(samples: report.Samples, prefix: str) -> list[float]:
    """Of the rounds in which nobody else had libmpv loaded; of all when there is none."""
    return samples.get(f"{prefix}_player_rss") or samples[f"{prefix}_player_rss_shared"]


def derived(samples: report.Samples) -> report.Samples:
    """Figures made of two others; memory that others shared counts only where there is no other."""
    made: report.Samples = {
        "cpu_ratio": report.ratios(samples["three_cpu"], samples["floor_cpu"]),
        "added_cpu": [b - a for a, b in zip(samples["one_cpu"], samples["three_cpu"], strict=True)],
        "added_pss": [b - a for a, b in zip(samples["one_pss"], samples["three_pss"], strict=True)],
    }
    made["added_cpu_ratio"] = [100 * (b / a - 1) for a, b in zip(samples["one_cpu"], samples["three_cpu"], strict=True)]
    # Memory hardly differs from round to round, so a round that is left out costs only its own figure.
    three, one = player_rss(samples, "three"), player_rss(samples, "one")
    made["rss_over_floor"] = [value - statistics.median(samples["floor_rss"]) for value in three]
    made["added_rss"] = [value - statistics.median(one) for value in three]
    return made


def measure(runs: int, seconds: float, growth_s: float) -> report.Samples:
    """All scenes, round by round; says on stderr where it is."""
    samples: report.Samples = {}
    busy = str(clips.busy())
    clips.numbered()  # all clips are made before anything is timed
    clips.still()
    with Desk(outputs=OUTPUTS) as desk:
        one = desk.outputs[0]
        steps: dict[str, Callable[[], dict[str, float]]] = {
            "floor": lambda: scenes.floor(seconds),
            "three outputs": lambda: scenes.steady(desk, seconds, "three", busy),
            "one output": lambda: scenes.steady(desk, seconds, "one", busy, "-o", one),
            "built-in wallpaper": lambda: scenes.steady(desk, seconds, "default"),
            "start": lambda: scenes.start(desk),
            "frames": lambda: scenes.frames(desk, seconds),
            "still": lambda: scenes.still(desk, seconds),
            "hidden": lambda: scenes.hidden(desk, seconds),
            "killed": lambda: scenes.killed(desk),
        }
        for number in range(1, runs + 1):
            for name, step in steps.items():
                print(f"round {number} of {runs}: {name} ", end="\r", file=sys.stderr, flush=True)
                report.add(samples, step())
        print(f"growth over {growth_s:g} s", file=sys.stderr, flush=True)
        report.add(samples, scenes.growth(desk, growth_s))
    return samples | derived(samples)


def run(argv: list[str]) -> int:
    """`python -m bench play`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench play", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of each measurement (default: 10)")
    parser.add_argument("--long", action="store_true", help=f"watch memory for {LONG_S:g} s instead of {SHORT_S:g}")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    growth_s = LONG_S if options.long else SHORT_S
    made = kept.new_report("play")
    samples = measure(options.runs, options.seconds, growth_s)
    rows = report.summary(FIGURES, samples)
    made |= {"seconds": options.seconds, "growth_seconds": growth_s, "figures": rows}
    kept.write(options.json, made)
    kept.print_stamp(made)
    print(f"clip: 1080p30 H.264, {clips.busy().stat().st_size / scenes.MB:.1f} MB, {clips.BUSY_SECONDS} s")
    print(f"each measurement {options.seconds:g} s, growth of memory over {growth_s:g} s\n")
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
