"""How many instructions does an operation take, and is it more than it was?

Counted by valgrind's callgrind, which repeats where a clock does not: the machine
may be as busy as it likes. Each case is a loop of N and one of 2 N operations; their
difference, divided by N, is what one operation takes, with the loop's own step in
it and without any start. The cases and their twins are those of `micro`; and a
picture's whole way through the player between libmpv and Wayland, three screens.

Left out: the kernel, which callgrind does not see; what caches and branch
prediction make of the instructions. So this is a gate, not a measure of speed.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType

from bench import counts, kept
from bench.cases import CASES, PACKAGES, Case, contender
from bench.player_frame import picture_through_player
from wayvid.errors import MeasurementFailed, UsageError

SIDES = tuple(PACKAGES)
REPEATS = 2
WARM_UP = 64  # operations, until the interpreter has specialised what it will
MOST_OPERATIONS = 200
FRAME = "player: a picture, 3 screens"
# The empty loop is a case of its own, so that what the loop takes can be seen.
SOURCE = """\
#include <valgrind/callgrind.h>
extern "C" void begin(void) { CALLGRIND_START_INSTRUMENTATION; CALLGRIND_ZERO_STATS; }
extern "C" void mark(const char *label) { CALLGRIND_DUMP_STATS_AT(label); }
"""
_LABEL = re.compile(r"^desc: Trigger: Client Request: (.+)\|(\w+)\|(\d+)\s*$", re.MULTILINE)
_TOTAL = re.compile(r"^totals: (\d+)$", re.MULTILINE)


def cases(side: str) -> dict[str, Case]:
    """What is counted for one contender."""
    modules = contender(side)
    made = {name: make(modules) for name, make in CASES.items()}
    return made | ({FRAME: picture_through_player(modules)} if side == "compiled" else {})


def count_inside(side: str, marker: str) -> None:
    """Run all cases; within valgrind, which writes a file at each mark.

    Args:
        side: a contender.
        marker: the library made of SOURCE.
    """
    library = ctypes.CDLL(marker)
    made = cases(side)
    gc.collect()
    gc.disable()  # when it runs depends on what ran before
    library.begin()
    for name, case in made.items():
        loop = _new_loop()
        number = min(case.batch, MOST_OPERATIONS) // 2
        loop(case.operation, min(number, WARM_UP))
        for _ in range(REPEATS):
            for operations in (number, 2 * number):
                if case.undo:
                    case.undo()
                library.mark(b"between")
                loop(case.operation, operations)
                library.mark(f"{name}|{side}|{operations}".encode())


def _new_loop() -> Callable[[Callable[[], object], int], None]:
    """A loop that the interpreter has not yet specialised for another case."""
    return FunctionType(_loop.__code__.replace(), globals())


def _loop(operation: Callable[[], object], times: int) -> None:
    for _ in itertools.repeat(None, times):
        operation()


def per_operation(dumps: list[tuple[str, str, int, int]]) -> dict[str, dict[str, float]]:
    """What one operation takes, by case and contender.

    Args:
        dumps: (case, contender, operations, instructions) in the order of time, each number followed by its double.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for (case, side, once, first), (_case, _side, twice, second) in zip(dumps[::2], dumps[1::2], strict=True):
        found.setdefault((case, side), []).append((second - first) / (twice - once))
    made: dict[str, dict[str, float]] = {}
    for (case, side), values in found.items():
        made.setdefault(case, {})[side] = round(statistics.median(values), 1)
    return made


def count(sides: Sequence[str] = SIDES) -> dict[str, dict[str, float]]:
    """All cases of the contenders, one process each, side by side.

    Raises:
        UsageError: valgrind or a compiler is missing.
        MeasurementFailed: a process ended before it was through.
    """
    for program, package in (("valgrind", "valgrind"), ("g++", "g++")):
        if shutil.which(program) is None:
            raise UsageError(
                f"{program} is not installed, and instructions are counted with it; install it ({package})"
            )
    with tempfile.TemporaryDirectory(prefix="wayvid-count-") as folder:
        marker = Path(folder, "marker.so")
        built = subprocess.run(
            ["g++", "-x", "c++", "-shared", "-fPIC", "-o", str(marker), "-"],
            input=SOURCE, text=True, capture_output=True, check=False,
        )  # fmt: skip
        if built.returncode:
            raise UsageError(f"valgrind's headers are missing ({built.stderr.splitlines()[0]}); install valgrind-devel")
        processes = {side: _start(side, marker, Path(folder, side)) for side in sides}
        for side, process in processes.items():
            _out, said = process.communicate()
            if process.returncode:
                words = said.strip().rpartition("\n")[2]
                raise MeasurementFailed(
                    f"counting {side} ended with exit code {process.returncode}; it last said: {words}"
                )
        return per_operation([dump for side in processes for dump in read_dumps(Path(folder), side)])


def _start(side: str, marker: Path, out: Path) -> subprocess.Popen[str]:
    words = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
    inside = [sys.executable, "-m", "bench", "instructions", "--inside", side, str(marker)]
    env = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(words + inside, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_dumps(folder: Path, side: str) -> list[tuple[str, str, int, int]]:
    """The labelled files that callgrind wrote for a process, in the order of time."""
    found = []
    for path in folder.glob(f"{side}.*"):
        text = path.read_text(encoding="utf-8", errors="replace")
        label, total = _LABEL.search(text), _TOTAL.search(text)
        if label and total:
            found.append((int(path.suffix[1:]), (label[1], label[2], int(label[3]), int(total[1]))))
    return [dump for _number, dump in sorted(found)]


def run(argv: list[str]) -> int:
    """`python -m bench instructions`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench instructions", description=(__doc__ or "").splitlines()[0])
    kept.add_json_option(parser)
    parser.add_argument("--keep", action="store_true", help="keep these counts as those to compare with")
    parser.add_argument("--inside", nargs=2, metavar=("CONTENDER", "MARKER"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inside:
        count_inside(*options.inside)
        return 0
    report = kept.new_report("instructions") | {"versions": counts.versions(), "counts": count()}
    kept.write(options.json, report)
    if options.keep:
        counts.keep(report["versions"], report["counts"])
    verdicts = counts.judge(report["versions"], report["counts"], counts.load())
    print(*(f"{key}: {value}" for key, value in report["versions"].items()), "", sep="\n")
    print(*counts.lines(report["counts"], verdicts), "", sep="\n")
    if verdicts:
        print(f"at most: by {verdicts[0].basis}; docs/benchmarks.md says how to keep new counts")
    broken = [verdict.case for verdict in verdicts if verdict.is_broken]
    if broken:
        print(f"bench instructions: too many: {'; '.join(broken)}", file=sys.stderr)
    return int(bool(broken))
