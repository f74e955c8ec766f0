"""Are the memory targets kept: in play, with one screen or three, held, and with a budget under the need?

Read, not timed: RSS, PSS and peak RSS of the real `wayvid run`, daemon and player,
on a virtual desk (headless sway, pixman) with three 1080p outputs, and of
`mpv --vo=null` with the same lean options as the floor. Rounds alternate, so that
whatever else the machine does falls on all of them.

Left out: the compositor. Its memory for the same pictures is its own, and the same
for any wallpaper. Memory is read 6 s after the start and later, when start-up pages
were given back; the peak says what the start takes. MB are millions of bytes, which
is the stricter reading of the targets.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable

from bench import clips, holding, kept, play, report, scenes
from bench.report import Figure
from wayvid.desk import Desk

# A 1080p picture and the row more that compositors want (docs/hazards.md), in whole pages.
BUFFER_MB = -(-1920 * 1081 * 4 // 4096) * 4096 / scenes.MB
NOISE_MB = 1.0
BUDGET_SHARE = 0.5

FIGURES = {
    "floor_rss": play.FIGURES["floor_rss"],
    "floor_pss": play.FIGURES["floor_pss"],
    "three_player_rss": play.FIGURES["three_player_rss"]._replace(at_most=92.0),
    "three_player_rss_shared": play.FIGURES["three_player_rss_shared"],
    "three_peak_rss": play.FIGURES["three_peak_rss"]._replace(at_most=130.0),
    "three_daemon_rss": play.FIGURES["three_daemon_rss"],
    "three_pss": play.FIGURES["three_pss"]._replace(at_most=92.0),
    "one_player_rss": Figure("player, 1 output: RSS", "MB"),
    "one_pss": Figure("  PSS of both", "MB"),
    "one_more_rss": Figure("1 output takes more than 3: player's RSS", "MB", at_most=NOISE_MB),
    "one_more_pss": Figure("  PSS of both", "MB", at_most=NOISE_MB),
    "large_buffer": Figure(
        "4K clip, three 1080p outputs: a frame buffer", "MB", at_most=round(BUFFER_MB, 3), decimals=3
    ),
    "large_buffers": Figure("  how many", "n", decimals=0),
    "large_player_rss": Figure("  player's RSS", "MB"),
    "large_pss": Figure("  PSS of both", "MB"),
    "held_rss": Figure("held: RSS of all processes", "MB", at_most=30.0),
    "held_pss": Figure("  PSS", "MB"),
    "held_processes": Figure("  processes", "n", at_most=1.0, decimals=0),
    "held_wakes": Figure("  wake-ups", "/s", at_most=0.0, decimals=2),
    "budget": Figure("budget of half the need", "MB"),
    "budget_over": Figure("  PSS above it once the ladder has acted", "MB", at_most=10.0),
    "budget_acted": Figure("  from the player's start to that", "s"),
}


def derived(samples: report.Samples) -> report.Samples:
    """Figures made of others; RSS that others shared stands in where there is no other."""
    three, one = play.player_rss(samples, "three"), play.player_rss(samples, "one")
    return {
        "three_player_rss": three,
        "one_player_rss": one,
        # Rounds that others shared may be left out on either side.
        "one_more_rss": [value - statistics.median(three) for value in one],
        "one_more_pss": [b - a for a, b in zip(samples["three_pss"], samples["one_pss"], strict=True)],
    }


def note(samples: report.Samples) -> str:
    """Whether programs beside it have made the player's RSS larger; empty when not."""
    shared = samples.get("three_player_rss_shared")
    if not shared:
        return ""
    if not samples.get("three_player_rss"):
        return "in every round another program had libavcodec loaded: the player's RSS is larger for it"
    rounds = len(samples["three_pss"])
    return f"in {len(shared)} of {rounds} rounds another program had libavcodec loaded: their RSS is listed apart"


def measure(runs: int, seconds: float) -> report.Samples:
    """All scenes, round by round; says on stderr where it is."""
    samples: report.Samples = {}
    busy = str(clips.busy())
    clips.large()
    with Desk(outputs=play.OUTPUTS) as desk:
        one = desk.outputs[0]
        steps: dict[str, Callable[[], dict[str, float]]] = {
            "floor": lambda: scenes.floor(seconds),
            "three outputs": lambda: scenes.steady(desk, seconds, "three", busy),
            "one output": lambda: scenes.steady(desk, seconds, "one", busy, "-o", one),
            "4K clip": lambda: holding.large(desk),
            "held": lambda: holding.held(desk, seconds),
            "budget": lambda: holding.budget(desk, int(samples["three_pss"][-1] * scenes.MB * BUDGET_SHARE)),
        }
        for number in range(1, runs + 1):
            for name, step in steps.items():
                print(f"round {number} of {runs}: {name} ", end="\r", file=sys.stderr, flush=True)
                report.add(samples, step())
    print(file=sys.stderr)
    return samples


def run(argv: list[str]) -> int:
    """`python -m bench memory`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench memory", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="of each measurement (default: 6)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("memory")
    samples = measure(options.runs, options.seconds)
    remark = note(samples)
    rows = report.summary(FIGURES, samples | derived(samples))
    made |= {"seconds": options.seconds, "note": remark, "figures": rows}
    kept.write(options.json, made)
    kept.print_stamp(made)
    print()
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    if remark:
        print(remark)
    return 0
