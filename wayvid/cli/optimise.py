"""`wayvid optimise`: what a clip costs on these screens, and a copy that costs less."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from wayvid.cli.interruption import Interrupted, interruptible
from wayvid.cli.layouts import LAYOUTS, layout_word
from wayvid.cli.numbers import between, seconds
from wayvid.cli.optimise_words import comparison, cost, proposal
from wayvid.cli.outputs import ask_outputs
from wayvid.cli.parser import CommandParser
from wayvid.cli.progress import counted
from wayvid.cli.written import check_free, put
from wayvid.daemon.listing import opened
from wayvid.errors import CompositorError, IpcError, NotPossible, UsageError, WayvidError
from wayvid.geometry import Laid, Layout, Part, Size
from wayvid.ipc.status import SpanStatus
from wayvid.optimise.battery import CORE_W, HOURS, USUAL_WH, Assumptions, battery_wh
from wayvid.optimise.clip import Clip, probe
from wayvid.optimise.decoding import Decoding, measure_decoding
from wayvid.optimise.encode import check_encoder, encode
from wayvid.optimise.plan import Plan, Screen, parse_screen, plan_copy, shown_size

__all__ = ["run"]

DESCRIPTION = """\
Measure what a clip costs on the screens that it is shown on: it is played as the
wallpaper plays it, without a screen, for some seconds. Then propose a copy in the
size and with the frames that these screens can show, and a loop without a seam;
--write makes it, and measures that, too.
"""
EXAMPLES = """
wayvid optimise ~/Videos/sea.mp4                        on the screens of this session
wayvid optimise sea.mp4 --output 1920x1080@60           on such a screen, wherever this is
wayvid optimise sea.mp4 --write                         make the copy beside it: sea.1920x1080.mp4
wayvid optimise sea.mp4 --write -o small.mp4 --force    in this file, also where there is one
"""
SECONDS, LEAST_S = 5.0, 0.2
MAX_FPS = 30.0
MOST_FPS = 1000.0
MOST_HOURS = 24.0
MOST_W = 1000.0


def run(argv: Sequence[str]) -> int:
    """Measure, and make the copy when that is asked for; 0, or 128 and the signal's number."""
    options = _parse(argv)
    try:
        with interruptible():
            return _optimise(options)
    except Interrupted as interrupted:
        return 128 + interrupted.number


def _optimise(options: argparse.Namespace) -> int:
    clip = probe(_file(options.file))
    screens = _screens(options)
    plan = plan_copy(clip, screens, options.max_fps)
    if options.write:
        check_encoder(clip)
        target = options.to or _beside(clip.path, plan)
        check_free(target, options.force)
    told_wh = battery_wh()
    given = Assumptions(options.core_watts, options.hours, told_wh or USUAL_WH, told_wh is not None)
    picture = _upright(shown_size(clip, screens), clip.is_turned)
    before = measure_decoding(clip.path, float(clip.rate), picture, options.seconds)
    print("\n".join(cost(clip, screens, plan, before, given)), flush=True)
    if not plan.reasons:
        print("nothing to gain: every pixel and frame of it can be seen on these screens")
        if options.write:
            raise NotPossible(f"no copy was made of {options.file!r}: it would cost as much")
        return 0
    print("\n".join(proposal(plan)), flush=True)
    if options.write:
        _write(clip, screens, plan, target, before, given, options)
    else:
        print("it is made, and measured, with --write")
    return 0


def _write(
    clip: Clip,
    screens: list[Screen],
    plan: Plan,
    target: str,
    before: Decoding,
    given: Assumptions,
    options: argparse.Namespace,
) -> None:
    """Make the copy, measure it, and keep it when it costs less."""
    folder, name = os.path.split(os.path.realpath(target))
    try:
        fd, half = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".half", dir=folder)
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(fd, 0o666 & ~umask)
        os.close(fd)
    except OSError as exc:
        raise WayvidError(f"cannot write {target!r}: {exc.strerror or exc}; name another place with -o") from exc
    try:
        frames = round(clip.duration_s * plan.rate)
        with counted("optimise", f"making {name}", frames) as on_frames:
            encode(clip, plan, half, on_frames)
        copy = probe(half)
        after = measure_decoding(half, float(copy.rate), shown_size(copy, screens), options.seconds)
        print("\n".join(comparison(clip, copy, before, after, given)), flush=True)
        if after.cpu_percent >= before.cpu_percent and after.memory_bytes >= before.memory_bytes:
            raise NotPossible(f"no copy of {clip.path!r} was kept: it costs no less than the clip")
        put(half, os.path.join(folder, name), options.force)
    except OSError as exc:
        raise WayvidError(f"cannot write {target!r}: {exc.strerror or exc}; name another place with -o") from exc
    finally:
        with suppress(FileNotFoundError):
            os.unlink(half)
    print(f"{target} is there; show it with: wayvid set {target}")


def _file(text: str) -> str:
    """The one file that a source means.

    Raises:
        UsageError: it is a folder of several, or comes from the net.
        SourceUnplayable: it is not there, or cannot be played.
    """
    spec, turn = opened(text)
    if turn is not None and not turn.is_alone:
        raise UsageError(f"{text!r} has several files; name one of them")
    if not os.path.isabs(spec.path):
        raise UsageError(f"{text!r} is not a file here, and only a file can be measured; download it first")
    return spec.path


def _screens(options: argparse.Namespace) -> list[Screen]:
    """Those that were named, else those of the session; as the running wallpaper lays its pictures out on them.

    Raises:
        UsageError: there is none.
    """
    if options.output:
        return [parse_screen(text, Layout(options.layout or Layout.FILL)) for text in options.output]
    try:
        told = ask_outputs()
    except CompositorError as exc:
        raise UsageError(f"no screen is known: {exc}; or name one, with --output 1920x1080") from exc
    laid = {} if options.layout else _laid()
    default = Laid(Layout(options.layout or Layout.FILL))
    screens = [
        Screen(
            output["name"], Size(output["width_px"], output["height_px"]), output["refresh_hz"] or 60.0,
            laid.get(output["name"], default).layout,
            Size(**output["logical"]) if output["logical"] else Size(0, 0),
            laid.get(output["name"], default).part if output["logical"] else None,
        )
        for output in told
        if output["width_px"] and output["height_px"]
    ]  # fmt: skip
    if not screens:
        raise UsageError("no screen is connected or switched on; name one, with --output 1920x1080")
    return screens


def _laid() -> dict[str, Laid]:
    """Of the outputs of the wallpaper that runs; empty when none does."""
    from wayvid.ipc.client import ask_status

    try:
        return {output.name: Laid(Layout(output.layout), _part(output.span)) for output in ask_status().outputs}
    except (IpcError, WayvidError):
        return {}


def _part(span: SpanStatus | None) -> Part | None:
    return Part(Size(span.wall_width_px, span.wall_height_px), span.x_px, span.y_px) if span is not None else None


def _beside(path: str, plan: Plan) -> str:
    return f"{os.path.splitext(path)[0]}.{plan.size}.mp4"


def _upright(size: Size, is_turned: bool) -> Size:
    """The size in which the decoder's pictures are made, which are turned later."""
    return size.turned() if is_turned else size


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = CommandParser("optimise", DESCRIPTION, EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="a clip: a file, or a Wallpaper Engine project")
    parser.add_argument(
        "--output", metavar="SIZE", action="append", default=[],
        help="a screen, such as 1920x1080 or 1920x1080@60; repeatable; default: the screens of this session",
    )  # fmt: skip
    parser.add_argument(
        "--layout", type=layout_word, choices=LAYOUTS,
        help="how the clip is laid out on them (default: as the wallpaper that runs does it, else fill)",
    )  # fmt: skip
    parser.add_argument(
        "--max-fps", type=between(0, MOST_FPS), default=MAX_FPS, metavar="N",
        help=f"frames a second of the copy; 0: as many as a screen can show (default: {MAX_FPS:g})",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="make the copy; takes ffmpeg")
    parser.add_argument(
        "-o", "--to", metavar="FILE", help="where to write it (default: beside the clip, with its size in the name)"
    )
    parser.add_argument("--force", action="store_true", help="replace that file when it is there already")
    parser.add_argument(
        "--seconds",
        type=seconds(LEAST_S),
        default=SECONDS,
        metavar="S",
        help=f"how long to measure (default: {SECONDS:g})",
    )
    parser.add_argument(
        "--hours", type=between(0, MOST_HOURS), default=HOURS, metavar="H",
        help=f"how long it plays on battery in a day (default: {HOURS:g})",
    )  # fmt: skip
    parser.add_argument(
        "--core-watts", type=between(0, MOST_W), default=CORE_W, metavar="W",
        help=f"what a busy core takes more than one that sleeps (default: {CORE_W:g})",
    )  # fmt: skip
    options = parser.parse_args(argv)
    if not options.write and (options.to or options.force):
        parser.error("-o and --force are for the copy; add --write, which makes it")
    return options
