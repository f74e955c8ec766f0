"""What does drawing with OpenGL cost, against one mpv that does it?

Timed: the real `wayvid run --renderer gl` on a virtual desk (headless sway, pixman)
with one and with three 1080p outputs, both processes together, and `mpv --vo=gpu
--gpu-context=wayland` in full screen with the same lean options, OpenGL's included,
on one. OpenGL is Mesa's llvmpipe in all of them. Rounds alternate.

"Its own thread" is the player's first one: bench/inside/sitecustomize.py takes from its
processor time what libmpv's render, the draws and the swaps take.

Left out: the compositor. What a machine that is busy does not get done is left out
by each program in its own way, so processor time is given per picture, too.

Favoured: mpv, which has no second process and keeps no picture for a crash.
MB are millions of bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench import clips, kept, procs, report, scenes
from bench.report import Figure
from wayvid.desk import Desk
from wayvid.memtest.floor import floor_command

OUTPUTS = 3
INSIDE = Path(__file__).parent / "inside"
# llvmpipe takes a second or two to its first picture; the start is given back three seconds later.
SETTLE_S = 10.0
# As the player's, render/gl.py.
GPU_OPTIONS = (
    "--vo=gpu", "--gpu-context=wayland", "--opengl-es=yes", "--gpu-dumb-mode=yes", "--scale=bilinear",
    "--cscale=bilinear", "--dscale=bilinear", "--dither-depth=no", "--correct-downscaling=no", "--fullscreen",
    "--opengl-swapinterval=0", "--gpu-hwdec-interop=no",
)  # fmt: skip

FIGURES = {
    "mpv_cpu": Figure("mpv --vo=gpu, 1 output: CPU", "% core"),
    "one_cpu": Figure("wayvid gl, 1 output: CPU, both processes", "% core"),
    "three_cpu": Figure("wayvid gl, 3 outputs: CPU, both processes", "% core"),
    "mpv_ms": Figure("mpv: CPU per picture", "ms"),
    "one_ms": Figure("wayvid, 1 output: CPU per picture", "ms"),
    "copied_ms": Figure("  its decoder's pictures copied, gl.direct_rendering off", "ms"),
    "three_ms": Figure("wayvid, 3 outputs: CPU per picture", "ms"),
    "one_ratio": Figure("wayvid, 1 output / mpv, per picture", "x", at_most=1.0, decimals=2),
    "three_ratio": Figure("wayvid, 3 outputs / 1 output, per picture", "x", at_most=1.6, decimals=2),
    "mpv_fps": Figure("mpv: pictures per second", "/s"),
    "one_fps": Figure("wayvid, 1 output: pictures per second", "/s"),
    "three_fps": Figure("wayvid, 3 outputs: pictures per second", "/s"),
    "mpv_rss": Figure("mpv: RSS", "MB"),
    "one_rss": Figure("wayvid, 1 output: RSS, both processes", "MB"),
    "three_rss": Figure("wayvid, 3 outputs: RSS, both processes", "MB"),
    "python_us": Figure("wayvid, 3 outputs: its own thread per picture", "us", at_most=150.0, decimals=0),
    "rss_ratio": Figure("wayvid, 1 output / mpv: RSS", "x", at_most=1.0, decimals=2),
}


def mpv(desk: Desk, seconds: float) -> dict[str, float]:
    """One mpv in full screen; its pictures are counted in libwayland's trace: it does not tell all it leaves out."""
    command = floor_command(str(clips.busy()))
    lean = [word for word in command if word not in ("--vo=null", "--idle=no", "--vo=libmpv")]
    with tempfile.TemporaryFile() as trace:
        process = desk.start([lean[0], *GPU_OPTIONS, *lean[1:]], stderr=trace, env={"WAYLAND_DEBUG": "client"})

        def pictures() -> int:
            return os.pread(trace.fileno(), os.fstat(trace.fileno()).st_size, 0).count(b".attach(wl_buffer")

        try:
            time.sleep(SETTLE_S)
            before, began_s, made = procs.usage(process.pid), time.monotonic(), pictures()
            time.sleep(seconds)
            used, passed_s = procs.usage(process.pid).since(before), time.monotonic() - began_s
            shown = pictures() - made
            held = procs.memory(process.pid)
        finally:
            desk.stop(process)
    return {
        "mpv_cpu": 100 * used.cpu_s / passed_s,
        "mpv_ms": 1000 * used.cpu_s / max(1, shown),
        "mpv_fps": shown / passed_s,
        "mpv_rss": held.rss / scenes.MB,
    }


def wayvid(desk: Desk, seconds: float, prefix: str, *words: str, config: Path = scenes.NO_CONFIG) -> dict[str, float]:
    """wayvid on as many outputs as the words say."""
    with scenes.running(desk, str(clips.busy()), "--renderer", "gl", *words, config=config) as run:
        time.sleep(SETTLE_S)

        def frames() -> float:
            streams: list[dict[str, float]] = []
            deadline_s = time.monotonic() + scenes.DEADLINE_S
            while not streams and time.monotonic() < deadline_s:  # a player that is busy does not always answer
                streams = json.loads(run.command("status", "--json"))["streams"]
            return streams[0]["frames"]

        made, before, began_s = frames(), run.usage(), time.monotonic()
        time.sleep(seconds)
        used, passed_s, shown = run.usage().since(before), time.monotonic() - began_s, frames() - made
        held = sum(procs.memory(pid).rss for pid in run.pids)
    return {
        f"{prefix}_cpu": 100 * used.cpu_s / passed_s,
        f"{prefix}_ms": 1000 * used.cpu_s / max(1.0, shown),
        f"{prefix}_fps": shown / passed_s,
        f"{prefix}_rss": held / scenes.MB,
    }


def own_thread(desk: Desk, seconds: float) -> dict[str, float]:
    """wayvid on three outputs, with its thread timed from within."""
    with tempfile.TemporaryDirectory() as folder:
        times = Path(folder, "times")
        env = {"PYTHONPATH": f"{INSIDE}:{INSIDE.parents[1]}", "BENCH_TIMES": str(times)}
        with scenes.running(desk, str(clips.busy()), "--renderer", "gl", env=env):

            def read() -> tuple[int, int]:
                pictures, passed_ns = times.read_text().split()
                return int(pictures), int(passed_ns)

            scenes.wait_for(times.exists, "the player's first pictures")
            time.sleep(SETTLE_S)
            before = read()
            time.sleep(seconds)
            after = read()
    return {"python_us": (after[1] - before[1]) / 1000 / max(1, after[0] - before[0])}


def copied(desk: Desk, seconds: float) -> dict[str, float]:
    """wayvid on one output, its decoder not writing into the driver's memory."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.toml")
        config.write_text("[gl]\ndirect_rendering = false\n")
        figures = wayvid(desk, seconds, "copied", "-o", desk.outputs[0], config=config)
    return {"copied_ms": figures["copied_ms"]}


def run(argv: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench glplay", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement (default 10)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("glplay")
    samples: report.Samples = {}
    clips.busy()
    with Desk(outputs=OUTPUTS) as desk:
        for number in range(1, options.runs + 1):
            print(f"round {number} of {options.runs}", file=sys.stderr)
            report.add(samples, mpv(desk, options.seconds))
            report.add(samples, wayvid(desk, options.seconds, "one", "-o", desk.outputs[0]))
            report.add(samples, copied(desk, options.seconds))
            report.add(samples, wayvid(desk, options.seconds, "three"))
            report.add(samples, own_thread(desk, options.seconds))
    samples["one_ratio"] = report.ratios(samples["one_ms"], samples["mpv_ms"])
    samples["three_ratio"] = report.ratios(samples["three_ms"], samples["one_ms"])
    samples["rss_ratio"] = report.ratios(samples["one_rss"], samples["mpv_rss"])
    rows = report.summary(FIGURES, samples)
    kept.write(options.json, made | {"seconds": options.seconds, "note": "", "figures": rows})
    kept.print_stamp(made)
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
