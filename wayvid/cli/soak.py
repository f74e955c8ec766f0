"""`wayvid memtest --soak`: its options, and what it prints."""

from __future__ import annotations

import argparse
import random

from wayvid.cli.numbers import number
from wayvid.cli.set import absolute_source
from wayvid.cli.text import aligned, clean
from wayvid.errors import BoundBroken, MeasurementFailed, WayvidError
from wayvid.memtest.lasting import JUDGED_FROM_S, grown, kinds, what_broke, what_grew
from wayvid.memtest.result import Result
from wayvid.memtest.schedule import KINDS

__all__ = ["SOAK_OUTPUTS", "add_soak_options", "check_soak", "print_soak", "soak_error", "soak_told"]

SECONDS_PER_HOUR = 3600.0
LEAST_S, MOST_HOURS = 10.0, 30 * 24.0
SOAK_OUTPUTS = 2
MOST_WARM_UP_S, WARM_UP_SHARE = 8.0, 0.1  # of the whole time, where that is less
MOST_SEED = 2**32 - 1
# What a soak decides itself, or what is of another mode.
OTHERS = ("attach", "quick", "ci", "seconds")
HEADINGS = ("fault", "n", "broken", "median s", "max s", "what it is")
NAMED = 5  # of what broke, in the last line


def add_soak_options(parser: argparse.ArgumentParser) -> None:
    """The options of the mode."""
    parser.add_argument(
        "--soak", type=_hours, metavar="HOURS", help="faults thrown in, for so long (0.5: half an hour)"
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        metavar="N",
        help="of a soak: the same faults in the same order (default: told at its end)",
    )


def check_soak(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse what makes no sense together, and fill in what a soak has of its own.

    Raises:
        UsageError: see above.
    """
    if options.soak is None:
        if options.seed is not None:
            parser.error("--seed is for --soak; leave it out, or say how long with --soak HOURS")
        return
    for name in OTHERS:
        if getattr(options, name) not in (None, False):
            parser.error(f"--soak and --{name} are different measurements; leave one of them out")
    if options.runs not in (None, 1):
        parser.error("--soak starts the wallpaper as often as its compositor; leave out --runs")
    options.seconds = options.soak * SECONDS_PER_HOUR
    if options.outputs is None:
        options.outputs = SOAK_OUTPUTS
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(MOST_SEED)
    options.source = absolute_source(options.source or "")
    if options.warm_up is None:
        options.warm_up = min(MOST_WARM_UP_S, WARM_UP_SHARE * options.seconds)


def soak_error(result: Result) -> WayvidError | None:
    """What its exit code is made of."""
    if broken := what_broke(result):
        more = f"; and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        return MeasurementFailed("; ".join(broken[:NAMED]) + more)
    if larger := what_grew(result):
        return BoundBroken(f"grew: {'; '.join(larger)}")
    return None


def soak_told(result: Result) -> dict[str, object]:
    """What the JSON has of it beside the runs."""
    return {
        "kinds": kinds(result),
        "broken": what_broke(result),
        "grew": what_grew(result),
        "growth_per_hour": grown(result),
    }


def print_soak(result: Result) -> None:
    """The summary on stdout."""
    found = kinds(result)
    count, hours = sum(kind.count for kind in found), result.seconds / SECONDS_PER_HOUR
    lines = [f"soak of {hours:g} h, seed {result.seed}: {count} faults, wayvid started {len(result.runs)} times"]
    if result.partial:
        lines[0] = f"PARTIAL ({clean(result.partial)}): {lines[0]}"
    if found:
        rows = [(kind.name, str(kind.count), str(kind.broken), _seconds(kind.median_s), _seconds(kind.max_s),
                 KINDS[kind.name]) for kind in found]  # fmt: skip
        lines += ["", *aligned([HEADINGS, *rows], right=range(1, 5))]
    if slopes := grown(result):
        cells = [(name, f"{slope.per_hour:+.1f}", f"{slope.low:+.1f} to {slope.high:+.1f}")
                 for name, slope in slopes.items()]  # fmt: skip
        lines += ["", *aligned([("growth", "per hour", "(95 %)"), *cells], right=range(1, 3))]
    if sum(run.samples[-1].t_s for run in result.runs if run.samples) < JUDGED_FROM_S:
        lines.append(f"growth is not judged: less than {JUDGED_FROM_S:g} s say little about an hour")
    bad = [f"BROKEN  {clean(what)}" for what in what_broke(result)] + [f"GREW    {what}" for what in what_grew(result)]
    lines += ["", *(bad or ["all is well: every fault was got over, and nothing is broken"] * bool(count))]
    print("\n".join(lines))


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _hours(text: str) -> float:
    hours = number(text)
    if not LEAST_S / SECONDS_PER_HOUR <= hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of hours from {LEAST_S / SECONDS_PER_HOUR:.3f} to {MOST_HOURS:g}"
        )
    return hours


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MOST_SEED}")
    return int(text)
