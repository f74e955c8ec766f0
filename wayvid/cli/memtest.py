"""`wayvid memtest`: what the wallpaper takes over a while, and whether it plays meanwhile."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

import msgspec

from wayvid import __version__
from wayvid.cli import memtest_compare as compare
from wayvid.cli.interruption import Interrupted, ignore_signals, interruptible
from wayvid.cli.numbers import seconds, whole_number
from wayvid.cli.parser import CommandParser
from wayvid.cli.progress import progress, say_names
from wayvid.cli.soak import add_soak_options, check_soak, print_soak, soak_error, soak_told
from wayvid.cli.text import aligned, clean
from wayvid.desk import Desk
from wayvid.errors import BoundBroken, MeasurementFailed, WayvidError
from wayvid.memtest.bounds import Verdict, judge, load_bounds
from wayvid.memtest.columns import PER_PROCESS
from wayvid.memtest.files import CsvFile, ResultFile, check_apart, open_files, write_all
from wayvid.memtest.floor import floor_command
from wayvid.memtest.measure import measure
from wayvid.memtest.pictures import check_plotting
from wayvid.memtest.result import Result, Run, good_runs
from wayvid.memtest.soak import soak
from wayvid.memtest.stamp import machine, now
from wayvid.memtest.summary import Figure, summary
from wayvid.memtest.wallpaper import Wallpaper, attached, started
from wayvid.memtest.words import answer, figure_cells, growth_line, result_line, warm_up_line
from wayvid.units import format_bytes

__all__ = ["run"]

DESCRIPTION = """\
Measure a wallpaper: start it on a virtual desk, or attach to the one that runs,
look at its memory, load and frames each second, and sum up. A run in which a
screen got no frames is failed, not averaged. Or compare two, which take turns.
docs/memory-testing.md explains each figure, the files and the bounds.
"""
EXAMPLES = """
wayvid memtest --quick                                   a minute, three lines
wayvid memtest waves.mp4 --report waves.html             ten minutes, with curves
wayvid memtest waves.mp4 --runs 5 --seconds 60 --csv waves.csv
wayvid memtest --attach --seconds 3600 --json hour.json  the one that runs
wayvid memtest --ci bounds.toml                          exit code 1 names a bound that broke
wayvid memtest waves.mp4 --against mpv --report duel.html
wayvid memtest waves.mp4 --compare ./old-venv wayvid     two versions, in turn
wayvid memtest waves.png --compare wayvid "swaybg -m fill -i {source}"
wayvid memtest waves.mp4 --soak 8 --report night.html    a night of faults
"""
EVERY_S = 1.0
# Both processes give their start-up pages back 3 s after the first frame.
WARM_UP_S, ATTACHED_WARM_UP_S = 8.0, 2.0
SECONDS, QUICK_SECONDS, CI_SECONDS = 600.0, 45.0, 30.0
MOST_OUTPUTS, MOST_RUNS = 16, 1000
# What the table has; the files have everything.
SHOWN = (
    *PER_PROCESS, "pool_in_use_bytes", "pool_idle_bytes", "demuxer_cache_bytes", "decoded_bytes", "frames_per_s",
    "daemon_pss_bytes", "player_pss_bytes",
)  # fmt: skip
HEADINGS = ("", "n", "median", "min", "max", "growth per hour (95 %)")


def run(argv: Sequence[str]) -> int:
    """Measure, write what was asked for, print the summary; 0, or 128 and the signal's number.

    Raises:
        MeasurementFailed: it could not start, or a run failed.
        BoundBroken: a bound of --ci.
        WayvidError: a file could not be written any more.
    """
    options = _parse(argv)
    if compare.is_wanted(options):
        return compare.run(options, EVERY_S)
    bounds = load_bounds(options.ci) if options.ci else []
    if options.report:
        check_plotting()
    command = floor_command(options.source) if bounds else None
    paths = {key: getattr(options, key) for key in ("csv", "json", "report") if getattr(options, key)}
    check_apart(list(paths.values()))
    result = Result(
        wayvid=__version__, date=now(), machine=machine(), source=clean(options.source), is_attached=options.attach,
        outputs=options.outputs, warm_up_s=options.warm_up, seconds=options.seconds, every_s=EVERY_S,
        seed=options.seed,
    )  # fmt: skip
    with interruptible(), open_files(paths) as files:
        failure = _measure(result, options, command, files)
        ignore_signals()  # what was measured is to be written
        figures = summary(result)
        verdicts = judge(bounds, figures, good_runs(result)) if good_runs(result) else []
        texts = {"json": partial(_json, result, figures, verdicts), "report": partial(_page, result, figures, verdicts)}
        names, unwritten = write_all(files, texts if any(one.samples for one in result.runs) else {}, result)
        say_names(names, result.partial)
        if result.runs and options.soak:
            print_soak(result)
        elif result.runs:
            _print(result, figures, verdicts, options.quick)
    if isinstance(failure, Interrupted):
        return 128 + failure.number
    for error in filter(None, (failure, unwritten, soak_error(result) if options.soak else None)):
        raise error
    if failed := [one for one in result.runs if one.failed]:
        raise MeasurementFailed(
            f"{len(failed)} of {len(result.runs)} runs failed; run {failed[0].number}: {failed[0].failed}"
        )
    if broken := [verdict for verdict in verdicts if not verdict.is_kept]:
        raise BoundBroken(f"bound broken: {'; '.join(map(str, broken))}")
    return 0


def _measure(
    result: Result, options: argparse.Namespace, command: list[str] | None, files: dict[str, ResultFile]
) -> WayvidError | Interrupted | None:
    """Fill the result; what ended it early."""
    csv = CsvFile(files["csv"]) if "csv" in files else None
    try:
        with ExitStack() as stack:
            bar = stack.enter_context(progress(options.runs, result.warm_up_s + result.seconds, result.every_s))

            def begin(number: int) -> None:
                bar.begin(number, f"run {number} of {options.runs}")

            def keep(one: Run) -> None:
                if csv is not None:
                    csv.add(one)
                memory = one.samples[-1].status.memory
                bar.step(f"run {one.number} of {options.runs}: {format_bytes(memory.pss_bytes)} {memory.level}")

            wallpaper: Callable[[], AbstractContextManager[Wallpaper]] = attached
            if not options.attach and not options.soak:
                desk = stack.enter_context(Desk(options.outputs))
                wallpaper = partial(started, desk, options.source, options.config)
            if options.soak:
                soak(result, options.source, options.config, options.seed, keep)
            else:
                measure(result, options.runs, wallpaper, command, begin, keep)
        if csv is not None:
            csv.mark_failed(result)
    except Interrupted as interrupted:
        result.partial = f"interrupted by {signal.Signals(interrupted.number).name}"
        return interrupted
    except WayvidError as exc:
        result.partial = str(exc)
        return exc
    return None


def _page(result: Result, figures: dict[str, Figure], verdicts: list[Verdict]) -> str:
    from wayvid.memtest.page import page

    return page(result, figures, verdicts)


def _json(result: Result, figures: dict[str, Figure], verdicts: list[Verdict]) -> str:
    told = msgspec.structs.asdict(result) | {
        "summary": figures,
        "bounds": [
            {"bound": str(verdict.bound), "limit": verdict.bound.limit, "value": verdict.value, "kept": verdict.is_kept}
            for verdict in verdicts
        ],
    }
    if result.seed is not None:
        told["soak"] = soak_told(result)
    return msgspec.json.encode(told).decode() + "\n"


def _print(result: Result, figures: dict[str, Figure], verdicts: list[Verdict], is_quick: bool) -> None:
    if is_quick and not result.partial and good_runs(result):
        print("\n".join(answer(result, figures)))
        return
    rows = [HEADINGS, *(figure_cells(figure) for name, figure in figures.items() if name in SHOWN)]
    lines = [warm_up_line(result), clean(result_line(result))]
    if figures:
        lines += ["", *aligned(rows, right=range(1, len(HEADINGS))), *filter(None, [growth_line(result)])]
    if verdicts:
        lines += ["", *(f"{'kept  ' if verdict.is_kept else 'BROKEN'}  {verdict}" for verdict in verdicts)]
    print("\n".join(lines))


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = CommandParser("memtest", DESCRIPTION, EXAMPLES)
    parser.add_argument("source", metavar="SOURCE", nargs="?", help="file, folder or URL; none: the built-in wallpaper")
    parser.add_argument(
        "--outputs", type=whole_number(MOST_OUTPUTS), metavar="N", help="screens of the desk (default 1)"
    )
    parser.add_argument(
        "--seconds", type=seconds(EVERY_S), metavar="S",
        help=f"measured in each run, after the warm-up (default {SECONDS:g}, comparing {compare.SECONDS:g})",
    )  # fmt: skip
    parser.add_argument(
        "--warm-up", type=seconds(0), metavar="S",
        help=f"left out at the start (default {WARM_UP_S:g}, with --attach {ATTACHED_WARM_UP_S:g})",
    )  # fmt: skip
    parser.add_argument(
        "--runs", type=whole_number(MOST_RUNS), metavar="R", help=f"how many (default 1, comparing {compare.RUNS})"
    )
    parser.add_argument("--config", metavar="FILE", help="config file of the wallpaper (default: none, as if empty)")
    parser.add_argument("--csv", metavar="FILE", help="a row a sample, as docs/memory-testing.md explains")
    parser.add_argument("--json", metavar="FILE", help="everything: each status, the summary, the machine")
    parser.add_argument("--report", metavar="FILE", help="an HTML page with curves; takes matplotlib")
    parser.add_argument("--attach", action="store_true", help="measure the wallpaper that runs on this display")
    parser.add_argument("--quick", action="store_true", help="a minute, one screen, three lines of answer")
    parser.add_argument("--ci", metavar="BOUNDS", help="a TOML file of bounds; the code is 1 when one breaks")
    compare.add_arguments(parser)
    add_soak_options(parser)
    options = parser.parse_args(argv)
    compare.check_arguments(parser, options)
    check_soak(parser, options)
    if options.attach:
        for name in ("source", "outputs", "config", "ci"):
            if getattr(options, name) is not None:
                word = "SOURCE" if name == "source" else f"--{name}"
                parser.error(f"{word} is for a desk of its own, and --attach measures what runs; leave one of them out")
    if options.quick and options.ci:
        parser.error("--quick answers in three lines, --ci with bounds; leave one of them out")
    is_comparison = compare.is_wanted(options)
    length_s = QUICK_SECONDS if options.quick else CI_SECONDS if options.ci else SECONDS
    for key, value in {
        "source": "",
        "outputs": 1,
        "runs": compare.RUNS if is_comparison else 1,
        "seconds": compare.SECONDS if is_comparison else length_s,
        "warm_up": ATTACHED_WARM_UP_S if options.attach else WARM_UP_S,
        "config": "/dev/null",
    }.items():
        if getattr(options, key) is None:
            setattr(options, key, value)
    return options
