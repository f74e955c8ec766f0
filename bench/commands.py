"""How long does a command take, until it has happened?

Timed: from a request to its answer, which comes when the effect is on the screens,
over a connection that is open already; and a whole `wayvid` command as a process,
from fork to its end. The wallpaper is the real one, on a virtual desk (headless sway,
pixman) with three 1080p outputs, and plays a 1080p30 clip.

`layout` names the layout that is in force, so it is the way there and back and
nothing else. `pause` and `resume` also wait until libmpv has stopped or goes on, and
`status` until the player has counted what it holds. What the kernel knows of memory is read after the answer when it is
older than half a second, so `status` is asked in rapid succession and, a row of its own, with rests.

Left out: commands that wait for the next picture (`seek`, `set`): their time is the
decoder's. Favoured: the process, whose files are in the cache.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import clips, kept, report, scenes
from bench.report import Figure
from wayvid.desk import Desk
from wayvid.desk.processes import wait_condition
from wayvid.ipc.address import socket_address

OUTPUTS = 3
ANSWER_WITHIN_S = 10.0
WARM_UP = 10
REST_S = 1.0

FIGURES = {
    "layout_ms": Figure("request to answer, nothing to do (layout): median", "ms", at_most=3.0, decimals=2),
    "layout_p95_ms": Figure("  19 of 20", "ms", decimals=2),
    "pause_ms": Figure("request to answer, pause or resume in the player: median", "ms", at_most=3.0, decimals=2),
    "pause_p95_ms": Figure("  19 of 20", "ms", decimals=2),
    "status_ms": Figure("request to answer, status: median", "ms", at_most=3.0, decimals=2),
    "status_p95_ms": Figure("  19 of 20", "ms", decimals=2),
    "rested_ms": Figure("  a second after the last, so memory is read again: median", "ms", at_most=3.0, decimals=2),
    "process_ms": Figure("`wayvid pause` or `resume` as a process: median", "ms", at_most=120.0),
    "process_p95_ms": Figure("  19 of 20", "ms"),
    "bare_ms": Figure("beside it: a Python that does nothing", "ms"),
}
REQUESTS: dict[str, tuple[dict[str, Any], ...]] = {
    "layout": ({"command": "layout", "layout": "fill"},),
    "pause": ({"command": "pause"}, {"command": "resume"}),
    "status": ({"command": "status"},),
}


class _Client:
    """A connection that asks one thing after the other."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lines = sock.makefile("rb")

    def ask_ms(self, request: dict[str, Any]) -> float:
        """How long the answer takes."""
        line = json.dumps({"v": 1, **request}).encode() + b"\n"
        began_ns = time.perf_counter_ns()
        self._sock.sendall(line)
        answer = self._lines.readline()
        passed_ms = (time.perf_counter_ns() - began_ns) / 1e6
        if not json.loads(answer or b'{"ok": false}')["ok"]:
            raise SystemExit(f"error: {request} was answered with {answer!r}")
        return passed_ms


@contextmanager
def _client(desk: Desk) -> Iterator[_Client]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(ANSWER_WITHIN_S)
        sock.connect(socket_address(desk.env))
        yield _Client(sock)


def process_ms(argv: list[str], desk: Desk) -> float:
    """How long a command takes as a process."""
    began_ns = time.perf_counter_ns()
    subprocess.run([sys.executable, *argv], env=dict(desk.env), check=True)
    return (time.perf_counter_ns() - began_ns) / 1e6


def measure(requests: int, processes: int, rested: int) -> report.Samples:
    """So many of each."""
    samples: report.Samples = {}
    with Desk(outputs=OUTPUTS) as desk, scenes.running(desk, str(clips.busy())):
        time.sleep(scenes.SETTLE_S)
        if not wait_condition(Path(socket_address(desk.env)).exists, scenes.DEADLINE_S):
            raise SystemExit("error: wayvid does not listen")
        with _client(desk) as client:
            for name, turns in REQUESTS.items():
                print(f"{requests} times {name} ", end="\r", file=sys.stderr, flush=True)
                asked = itertools.cycle(turns)
                times = [client.ask_ms(next(asked)) for _ in range(WARM_UP + requests)]
                samples[f"{name}_ms"] = times[WARM_UP:]
            for _ in range(rested):
                time.sleep(REST_S)
                samples.setdefault("rested_ms", []).append(client.ask_ms({"command": "status"}))
        print(f"{processes} processes ", end="\r", file=sys.stderr, flush=True)
        for number in range(1 + processes):  # the first one fills caches
            word = "pause" if number % 2 else "resume"
            passed_ms, bare_ms = process_ms(["-m", "wayvid", word], desk), process_ms(["-c", ""], desk)
            if number:
                samples.setdefault("process_ms", []).append(passed_ms)
                samples.setdefault("bare_ms", []).append(bare_ms)
    for name in ("layout_ms", "pause_ms", "status_ms", "process_ms"):
        times = sorted(samples[name])
        samples[name.replace("_ms", "_p95_ms")] = [times[min(len(times) - 1, len(times) * 19 // 20)]]
    return samples


def run(argv: list[str]) -> int:
    """`python -m bench commands`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench commands", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=200, metavar="N", help="of each kind (default: 200)")
    parser.add_argument("--processes", type=int, default=40, metavar="N", help="commands as processes (default: 40)")
    parser.add_argument("--rested", type=int, default=40, metavar="N", help="requests with rests (default: 40)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("commands")
    samples = measure(options.requests, options.processes, options.rested)
    rows = report.summary(FIGURES, samples)
    made |= {"requests": options.requests, "processes": options.processes, "figures": rows, "load": os.getloadavg()[0]}
    kept.write(options.json, made)
    kept.print_stamp(made)
    print(f"{options.requests} requests of each kind, {options.processes} processes\n")
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
