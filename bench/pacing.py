"""Is each frame seen as often as it should be?

Played: the real `wayvid run` on a sway in a window of Xvfb, which refreshes 60 times a
second and tells when each frame was seen. A clip of each rate, once with the speed
trimmed as wayvid does and once as it is; rounds alternate. From the sixteenth second on.

A frame of 60/rate refreshes should be seen for as many of them, rounded up or down;
and five in a row for five times as many, to within one.

Left out: a real screen; Xvfb's clock is a timer of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from statistics import median

from bench import clips, kept, report, scenes
from bench.report import Figure
from bench.steady import SteadyDesk
from wayvid.desk import Desk

INSIDE = Path(__file__).parent / "inside"
REFRESH_HZ = 60
WARM_UP_S = 16.0
RATES = {"24": "24", "25": "25", "30": "30", "50": "50", "60000/1001": "59.94", "60": "60"}
IN_ROW = 5
FIGURES = {
    f"{word}_{rate}": Figure(f"{title} frames a second: seen right, {words}", "%")
    for rate, title in RATES.items()
    for word, words in (("plain", "speed as it is"), ("trimmed", "speed trimmed"))
}


def right_percent(seen_ns: Sequence[int], rate_hz: float) -> float:
    """How many frames were seen as often as they should be.

    Args:
        seen_ns: when each frame was first seen, one after the other.
        rate_hz: of the clip.

    Returns:
        The mean of two shares: of frames, and of five in a row, in per cent; 0 for too few frames.

    Source: tests/player/test_steering.py judges its made screen so.
    """
    if len(seen_ns) < 4 * IN_ROW:
        return 0.0
    gaps_ns = [after - before for before, after in pairwise(seen_ns)]
    ideal = REFRESH_HZ / rate_hz
    # The screen's own second may be another: frames as a whole are right, or none are.
    usual_ns = median(sum(gaps_ns[at : at + IN_ROW]) for at in range(len(gaps_ns) - IN_ROW)) / (IN_ROW * ideal)
    counts = [round(gap_ns / usual_ns) for gap_ns in gaps_ns]
    rows = [sum(counts[at : at + IN_ROW]) for at in range(len(counts) - IN_ROW + 1)]
    right = [floor(ideal + 0.01) <= count <= ceil(ideal - 0.01) for count in counts]
    in_step = [abs(row - IN_ROW * ideal) < 0.999 for row in rows]
    return 50 * (sum(right) / len(right) + sum(in_step) / len(in_step))


def play(desk: Desk, rate: str, seconds: float, is_trimmed: bool) -> float:
    """One run."""
    above, _slash, below = rate.partition("/")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seen")
        env = {"PYTHONPATH": f"{INSIDE}:{INSIDE.parents[1]}", "BENCH_SEEN": str(path)}
        if not is_trimmed:
            env["BENCH_UNTRIMMED"] = "1"
        with scenes.running(desk, str(clips.paced(rate)), "--renderer", "shm", env=env) as run:
            run.wait_shown()
            time.sleep(WARM_UP_S)
            began = len(path.read_text().splitlines())
            time.sleep(seconds)
            lines = path.read_text().splitlines()[began:]
    return right_percent([int(line.split()[1]) for line in lines if line.count(" ") == 1], int(above) / int(below or 1))


def measure(desk: SteadyDesk, runs: int, seconds: float) -> report.Samples:
    """All rates, so often."""
    samples: report.Samples = {}
    for number in range(1, runs + 1):
        print(f"round {number} of {runs}", file=sys.stderr)
        for rate in RATES:
            for word in ("plain", "trimmed"):
                report.add(samples, {f"{word}_{rate}": play(desk, rate, seconds, word == "trimmed")})
    return samples


def run(argv: list[str]) -> int:
    """`python -m bench pacing`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench pacing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds of some five minutes (default: 5)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of each measurement (default: 10)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("pacing")
    for rate in RATES:
        clips.paced(rate)
    with SteadyDesk() as desk:
        rows = report.summary(FIGURES, measure(desk, options.runs, options.seconds))
    kept.write(options.json, made | {"seconds": options.seconds, "note": "", "figures": rows})
    kept.print_stamp(made)
    print(*report.lines(FIGURES, rows), sep="\n")
    return 0
