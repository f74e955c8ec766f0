"""How long is it from exec to the first picture on a screen, where one was kept last time?

Timed: from before exec of the real `wayvid run` with a clip to the first wl_surface.commit
of either process with a picture in it, read on a Wayland socket between wayvid and sway
(virtual desk, pixman, three 1080p outputs); until all screens have one; and until the
player's first frame. Beside it, in turns, the least that a Python program on pywayland
needs: it imports what a wallpaper's surface needs, makes one, and shows a buffer of
shared memory.

Left out: the compositor's repaint after the commit. Favoured: both, whose files are in
the page cache; after a login they come from the disk. Favoured over wayvid: the bare client,
which shows one screen, reads no option and starts no other process.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from bench import clips, kept, presented, report, scenes
from bench.report import Figure
from wayvid.desk import Desk
from wayvid.memtest.wiretap import Wiretap
from wayvid.system.folders import cache_folder

OUTPUTS = 3

FIGURES = {
    "seen": Figure("exec to the last picture of before, on any screen", "ms", at_most=150.0),
    "seen_all": Figure("exec to the last picture of before, on all screens", "ms"),
    "frame": Figure("exec to the first video frame committed", "ms", at_most=350.0),
    "bare": Figure("beside it: a bare pywayland client's first picture", "ms"),
    "bare_python": Figure("beside it: a Python that does nothing, start and end", "ms"),
}

BARE = """
import os
from pywayland.client import Display
from pywayland.protocol.viewporter import WpViewporter
from pywayland.protocol.wayland import WlCompositor, WlShm
from wayvid.wayland.protocols import ZwlrLayerShellV1
display = Display()
display.connect()
registry = display.get_registry()
have = {}
def on_global(_registry, name, interface, version):
    for wanted in (WlCompositor, WlShm, ZwlrLayerShellV1, WpViewporter):
        if interface == wanted.name:
            have[interface] = registry.bind(name, wanted, 1)
registry.dispatcher["global"] = on_global
display.roundtrip()
surface = have["wl_compositor"].create_surface()
layer = have["zwlr_layer_shell_v1"].get_layer_surface(surface, None, 0, "bare")
layer.set_anchor(15)
def on_configure(_layer, serial, width, height):
    layer.ack_configure(serial)
    fd = os.memfd_create("bare")
    os.ftruncate(fd, 4 * width * height)
    pool = have["wl_shm"].create_pool(fd, 4 * width * height)
    surface.attach(pool.create_buffer(0, width, height, 4 * width, 1), 0, 0)
    surface.commit()
    display.roundtrip()
layer.dispatcher["configure"] = on_configure
surface.commit()
display.roundtrip()
display.roundtrip()
display.disconnect()
"""


def _firsts(tap: Wiretap, pid: int) -> dict[int, int]:
    """By surface of a process its first commit with a picture."""
    firsts: dict[int, int] = {}
    for client in tap.clients(pid):
        for commit in presented.shown(list(client.log.commits)):
            firsts.setdefault(commit.surface, commit.at_ns)
    return firsts


def seen(desk: Desk, *words: str) -> dict[str, float]:
    """One start of wayvid that has a last picture."""
    with Wiretap(desk.display) as tap, scenes.running(desk, *words, display=tap.path) as run:
        scenes.wait_for(lambda: len(run.pids) == 2, "the player")
        player = run.pids[1]
        scenes.wait_for(lambda: len(_firsts(tap, run.daemon)) >= OUTPUTS, "the last picture on all screens")
        scenes.wait_for(lambda: len(_firsts(tap, player)) >= OUTPUTS, "the first frame on all screens")
        stills, frames = _firsts(tap, run.daemon).values(), _firsts(tap, player).values()
        return {
            "seen": (min(stills) - run.started_ns) / scenes.NS_PER_MS,
            "seen_all": (sorted(stills)[OUTPUTS - 1] - run.started_ns) / scenes.NS_PER_MS,
            "frame": (min(frames) - run.started_ns) / scenes.NS_PER_MS,
        }


def bare(desk: Desk) -> dict[str, float]:
    """One start of the bare client, and of a Python that does nothing."""
    with Wiretap(desk.display) as tap:
        started_ns = time.monotonic_ns()
        process = desk.start(
            [sys.executable, "-c", BARE], env={"WAYLAND_DISPLAY": str(tap.path), **scenes.AS_INSTALLED}
        )
        scenes.wait_for(lambda: bool(_firsts(tap, process.pid)), "the bare client's picture")
        first_ns = min(_firsts(tap, process.pid).values())
        process.wait()
    began_ns = time.monotonic_ns()
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ), 0)
    return {
        "bare": (first_ns - started_ns) / scenes.NS_PER_MS,
        "bare_python": (time.monotonic_ns() - began_ns) / scenes.NS_PER_MS,
    }


def measure(runs: int) -> report.Samples:
    """Each so often, in turns."""
    samples: report.Samples = {}
    clip = str(clips.busy())
    with Desk(outputs=OUTPUTS) as desk:
        with scenes.running(desk, clip) as run:  # its end keeps the picture
            run.wait_shown()
        if not any(Path(cache_folder(desk.env)).glob("*.picture")):
            raise SystemExit("error: wayvid has kept no picture at its end")
        for number in range(1 + runs):
            print(f"start {number} of {runs} ", end="\r", file=sys.stderr, flush=True)
            figures = seen(desk, clip) | bare(desk)
            if number:  # the first one fills caches
                report.add(samples, figures)
    return samples


def run(argv: list[str]) -> int:
    """`python -m bench first`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench first", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="how often (default: 15)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("first")
    rows = report.summary(FIGURES, measure(options.runs))
    made |= {"figures": rows, "load": os.getloadavg()[0]}
    kept.write(options.json, made)
    kept.print_stamp(made)
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
