"""`wayvid memtest --compare A B` and `--against PROGRAM`: two wallpapers in turn, and how they compare."""

from __future__ import annotations

import argparse
import signal
from contextlib import ExitStack
from functools import partial

from wayvid import __version__
from wayvid.cli.interruption import Interrupted, ignore_signals, interruptible
from wayvid.cli.parser import CommandParser
from wayvid.cli.progress import progress, say_names
from wayvid.cli.text import aligned, clean
from wayvid.desk import Desk
from wayvid.errors import MeasurementFailed, WayvidError
from wayvid.memtest.comparison import Comparison, Look, Turn
from wayvid.memtest.comparison_files import TurnCsv, comparison_json
from wayvid.memtest.comparison_words import (
    HEADINGS,
    caution,
    contender_lines,
    method_line,
    neighbours_line,
    pair_cells,
    verdict_line,
)
from wayvid.memtest.contender import contender_of, is_still_source
from wayvid.memtest.files import ResultFile, check_apart, open_files, write_all
from wayvid.memtest.pictures import check_plotting
from wayvid.memtest.ratios import Pair, pairs
from wayvid.memtest.rounds import Pictures, compare
from wayvid.memtest.stamp import machine, now
from wayvid.units import format_bytes

__all__ = ["RUNS", "SECONDS", "add_arguments", "check_arguments", "is_wanted", "run"]

RUNS, SECONDS = 5, 15.0
ONE_ALONE = ("attach", "quick", "ci", "soak")  # options that measure one wallpaper


def add_arguments(parser: CommandParser) -> None:
    """The options of a comparison."""
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"),
        help="measure two in turn, each a name (wayvid, mpv, mpvpaper), a virtual environment, or a command line",
    )  # fmt: skip
    parser.add_argument("--against", metavar="B", help="the same as --compare wayvid B")
    parser.add_argument("--still", action="store_true", help="comparing: nothing has to move (known of image files)")


def check_arguments(parser: CommandParser, options: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if options.compare and options.against:
        parser.error("--against B is --compare wayvid B; leave one of them out")
    for name in ONE_ALONE:
        if is_wanted(options) and getattr(options, name, None):
            parser.error(f"--{name} is for one wallpaper, and two are to be compared; leave one of them out")
    if options.still and not is_wanted(options):
        parser.error("--still is for --compare and --against; a measurement of one knows by itself")


def is_wanted(options: argparse.Namespace) -> bool:
    """Whether two are to be compared."""
    return bool(options.compare or options.against)


def run(options: argparse.Namespace, every_s: float) -> int:
    """Compare, write what was asked for, print the table; 0, or 128 and the signal's number.

    Raises:
        UsageError: a contender is not installed.
        MeasurementFailed: a contender could not start, or a turn failed.
        WayvidError: a file could not be written any more.
    """
    if options.report:
        check_plotting()
    names = options.compare or ["wayvid", options.against]
    contenders = [
        contender_of(key, text, options.source, options.config) for key, text in zip("AB", names, strict=True)
    ]
    paths = {key: getattr(options, key) for key in ("csv", "json", "report") if getattr(options, key)}
    check_apart(list(paths.values()))
    comparison = Comparison(
        wayvid=__version__, date=now(), machine=machine(), source=clean(options.source),
        is_still=options.still or is_still_source(options.source), outputs=options.outputs,
        warm_up_s=options.warm_up, seconds=options.seconds, every_s=every_s, contenders=contenders,
    )  # fmt: skip
    shown: dict[str, Pictures] = {}
    with interruptible(), open_files(paths) as files:
        failure = _measure(comparison, options.runs, files, shown)
        ignore_signals()  # what was measured is to be written
        figures = pairs(comparison)
        texts = {
            "json": partial(comparison_json, comparison, figures),
            "report": partial(_page, comparison, figures, shown),
        }
        has_looks = any(turn.looks for turn in comparison.turns)
        written, unwritten = write_all(files, texts if has_looks else {}, comparison)
        say_names(written, comparison.partial)
        if comparison.turns:
            _print(comparison, figures)
    if isinstance(failure, Interrupted):
        return 128 + failure.number
    for error in filter(None, (failure, unwritten)):
        raise error
    if failed := [turn for turn in comparison.turns if turn.failed]:
        raise MeasurementFailed(
            f"{len(failed)} of {len(comparison.turns)} turns failed; "
            f"round {failed[0].round}, {failed[0].contender}: {failed[0].failed}"
        )
    return 0


def _measure(
    comparison: Comparison, rounds: int, files: dict[str, ResultFile], shown: dict[str, Pictures]
) -> WayvidError | Interrupted | None:
    """Fill the comparison, and `shown` with the last pictures of each contender; what ended it early."""
    csv = TurnCsv(files["csv"], comparison.outputs) if "csv" in files else None
    names = {one.key: f"{one.key} ({clean(one.name)})" for one in comparison.contenders}
    began = 0

    def words(turn: Turn) -> str:
        return f"round {turn.round} of {rounds}: {names[turn.contender]}"

    try:
        with ExitStack() as stack:
            bar = stack.enter_context(
                progress(2 * rounds, comparison.warm_up_s + comparison.seconds, comparison.every_s)
            )
            desk = stack.enter_context(Desk(comparison.outputs))

            def begin(turn: Turn) -> None:
                nonlocal began
                began += 1
                bar.begin(began, words(turn))

            def keep(turn: Turn) -> None:
                if csv is not None:
                    csv.add(turn)
                bar.step(f"{words(turn)}: {format_bytes(_pss_bytes(turn.looks[-1]))}")

            def show(turn: Turn, pictures: Pictures) -> None:
                shown[turn.contender] = pictures

            compare(comparison, rounds, desk, begin, keep, show)
        if csv is not None:
            csv.mark_failed(comparison)
    except Interrupted as interrupted:
        comparison.partial = f"interrupted by {signal.Signals(interrupted.number).name}"
        return interrupted
    except WayvidError as exc:
        comparison.partial = str(exc)
        return exc
    return None


def _pss_bytes(look: Look) -> int:
    return sum(held.pss_bytes for held in look.processes.values())


def _page(comparison: Comparison, figures: dict[str, Pair], shown: dict[str, Pictures]) -> str:
    from wayvid.memtest.comparison_page import comparison_page

    return comparison_page(comparison, figures, shown)


def _print(comparison: Comparison, figures: dict[str, Pair]) -> None:
    rows = [HEADINGS, *(pair_cells(pair) for pair in figures.values())]
    lines = [*contender_lines(comparison), method_line(comparison), verdict_line(comparison)]
    if figures:
        lines += [
            *filter(None, [caution(figures), neighbours_line(comparison)]),
            "",
            *aligned(rows, right=range(1, len(HEADINGS))),
        ]
    print("\n".join(map(_harmless, lines)))


def _harmless(line: str) -> str:
    """As clean(), with the blanks at its beginning, which align."""
    return "".join(character for character in line if character.isprintable()).rstrip()
