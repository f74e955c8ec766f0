"""What does wayvid._core.glupload save against plain PyOpenGL?

Calls: one upload or draw from Python, without a driver behind it (no context is current, so libglvnd's empty
functions take the calls), which leaves the price of getting there. Frames: a 1080p picture, on Mesa's llvmpipe
until it is done (glFinish), wall time and CPU of all threads. Left out: libmpv, and the way to the compositor.
Favoured: neither calls nor frames are contended. The twin is PyOpenGL as it comes, which asks for GL's error after
each call. Each contender runs each case in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import kept, micro
from bench.cases import Case

MODULES = {"compiled": "wayvid._core.glupload", "twin": "bench.gltwin"}
FRAMES = 60
BATCH = 20  # calls of a sample: short, so that few samples meet another process
FULL_HD = (1920, 1080)
ALL = (0.0, 0.0, 1.0, 1.0)


def call_upload(module: Any) -> dict[str, float]:
    context, address = _context()
    uploader = module.Uploader(address)
    pixels = bytearray(64 * 64 * 4)
    context.release_current()
    return micro.measure(Case(lambda: uploader.upload(1, pixels, 60, 60, 256, 2, 2), BATCH))


def call_draw(module: Any) -> dict[str, float]:
    context, address = _context()
    drawer = module.QuadDrawer(address)
    context.release_current()
    return micro.measure(Case(lambda: drawer.draw(1, 0, 0, 64, 64, 0.0, 0.0, 1.0, 1.0, 2), BATCH))


def frame_upload(module: Any) -> dict[str, float]:
    _, address = _context()
    texture, uploader = module.Texture(address, *FULL_HD), module.Uploader(address)
    pixels = bytearray(FULL_HD[0] * FULL_HD[1] * 4)
    return _frames(lambda: uploader.upload(texture.texture_id, pixels, *FULL_HD, FULL_HD[0] * 4))


def frame_draw(module: Any) -> dict[str, float]:
    return _onto_window(module, 8, 0)


def frame_draw_without_alpha(module: Any) -> dict[str, float]:
    return _onto_window(module, 0, 0)


def frame_draw_turned(module: Any) -> dict[str, float]:
    return _onto_window(module, 8, 2)


CALLS: dict[str, Callable[[Any], dict[str, float]]] = {
    "upload call, without a driver": call_upload,
    "draw call, without a driver": call_draw,
}
FRAMES_OF: dict[str, Callable[[Any], dict[str, float]]] = {
    "upload of 1080p": frame_upload,
    "1080p onto a window with alpha": frame_draw,
    "1080p onto a window without alpha": frame_draw_without_alpha,
    "1080p onto a window, upside down": frame_draw_turned,
}


def _context(**window: Any) -> tuple[Any, Callable[[bytes], int]]:
    """A current context, and its functions but for the one that would notice when it is not current any more."""
    from bench.surfaceless import Surfaceless, get_proc_address

    return Surfaceless(**window), lambda name: 0 if name == b"eglGetCurrentContext" else get_proc_address(name)


def _onto_window(module: Any, alpha_bits: int, transform: int) -> dict[str, float]:
    context, address = _context(window_px=FULL_HD, window_alpha_bits=alpha_bits)
    texture, drawer = module.Texture(address, *FULL_HD), module.QuadDrawer(address)
    assert "llvmpipe" in context.renderer, context.renderer
    return _frames(lambda: drawer.draw(texture.texture_id, 0, 0, *FULL_HD, *ALL, transform))


def _frames(operation: Callable[[], object]) -> dict[str, float]:
    from OpenGL import GLES2

    wall_ms, cpu_ms = [], []
    for number in range(FRAMES + FRAMES // 6):
        started_s, used_s = time.perf_counter(), time.process_time()
        operation()
        GLES2.glFinish()
        if number >= FRAMES // 6:  # the first ones compile shaders and touch memory
            wall_ms.append((time.perf_counter() - started_s) * 1e3)
            cpu_ms.append((time.process_time() - used_s) * 1e3)
    return {
        "min_ms": min(wall_ms),
        "median_ms": statistics.median(wall_ms),
        "p95_ms": statistics.quantiles(wall_ms, n=20)[-1],
        "cpu_ms": statistics.median(cpu_ms),
    }


def _apart(name: str, contender: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "gl", "--inside", name, contender]
    result: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return result


def _write(heading: str, names: list[str], cases: dict[str, dict[str, dict[str, float]]]) -> None:
    print(f"\n{heading:36}{'':10}" + "".join(f"{name.replace('_', ' '):>14}" for name in names))
    for name, contenders in cases.items():
        for contender, row in contenders.items():
            print(f"{name:36}{contender:10}" + "".join(f"{row[each]:14.2f}" for each in names))


def run(argv: list[str]) -> int:
    """`python -m bench gl`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench gl", description=(__doc__ or "").splitlines()[0])
    kept.add_json_option(parser)
    parser.add_argument("--inside", nargs=2, metavar=("CASE", "CONTENDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inside:
        name, contender = options.inside
        print(json.dumps((CALLS | FRAMES_OF)[name](importlib.import_module(MODULES[contender]))))
        return 0
    calls = {name: {each: _apart(name, each) for each in MODULES} for name in CALLS}
    frames = {name: {each: _apart(name, each) for each in MODULES} for name in FRAMES_OF}
    report = kept.new_report("gl") | {"frames": FRAMES, "calls": calls, "pictures": frames}
    kept.write(options.json, report)
    kept.print_stamp(report)
    _write("calls", ["min_ns", "median_ns", "p95_ns", "python_bytes"], calls)
    _write(f"frames (n = {FRAMES}, llvmpipe)", ["min_ms", "median_ms", "p95_ms", "cpu_ms"], frames)
    return 0
