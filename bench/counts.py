"""Instruction counts that are kept, and what makes a new one too many.

A count depends on the Python, on Cython and on the compiler, so it is kept with them. Where
the same versions count again, a count may not have grown by more than GROWTH. Elsewhere only
what both sides share is asked: how many times more the twin takes, against that of the kept
versions, and by FOREIGN, since interpreters differ in what a twin costs them.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.stamp import cython_version

KEPT = Path(__file__).with_name("counts.json")
GROWTH = 1.15
FOREIGN = 1.5
YARDSTICK = "acquire + release, hit"
NOT_OURS = ("empty loop",)

Counts = Mapping[str, Mapping[str, float]]


def versions() -> dict[str, str]:
    """What counts depend on."""
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "python_built_by": platform.python_compiler(),
        "cython": cython_version(),
        "g++": compiler,
        "libc": " ".join(platform.libc_ver()),
    }


def load() -> list[dict[str, Any]]:
    """The kept counts, each with its versions; the newest first."""
    kept: list[dict[str, Any]] = json.loads(KEPT.read_text()) if KEPT.exists() else []
    return kept


def keep(found: Mapping[str, str], counts: Counts) -> None:
    """Put counts in the place of those of the same versions."""
    others = [one for one in load() if one["versions"] != found]
    KEPT.write_text(json.dumps([{"versions": found, "counts": counts}, *others], indent=2) + "\n")


class Verdict(NamedTuple):
    """One compiled case beside what was kept.

    Attributes:
        instructions: per operation.
        kept: those of the same versions; None: none are kept.
        limit: what they may be.
        basis: what the limit is made of, in words.
    """

    case: str
    instructions: float
    kept: float | None
    limit: float
    basis: str

    @property
    def is_broken(self) -> bool:
        """Whether it is too many."""
        return self.instructions > self.limit


def judge(found: Mapping[str, str], counts: Counts, kept: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Every case of the compiled side that was counted then and now.

    Args:
        found: the versions that counted.
        counts: by case and contender.
        kept: as load() gives it.
    """
    if not kept:
        return []
    same = next((one["counts"] for one in kept if one["versions"] == found), None)
    if same is not None:
        return [
            Verdict(case, sides["compiled"], same[case]["compiled"], same[case]["compiled"] * GROWTH, "these versions")
            for case, sides in counts.items()
            if case in same and case not in NOT_OURS
        ]
    other = kept[0]["counts"]
    return [
        Verdict(
            case,
            sides["compiled"],
            None,
            other[case]["compiled"] * _yardstick(counts, case) / _yardstick(other, case) * FOREIGN,
            "plain Python beside it",
        )
        for case, sides in counts.items()
        if case in other and case not in NOT_OURS
    ]


def _yardstick(counts: Counts, case: str) -> float:
    """What the case's twin takes, or, where it has none, a twin of much Python."""
    return counts[case].get("twin") or counts[YARDSTICK]["twin"]


def lines(counts: Counts, verdicts: Sequence[Verdict]) -> list[str]:
    """The table."""
    by_case = {verdict.case: verdict for verdict in verdicts}
    table = [f"{'instructions per operation':38}{'twin':>10}{'compiled':>10}{'kept':>10}{'at most':>10}"]
    for case, sides in counts.items():
        verdict = by_case.get(case)
        line = f"{case:38}{_cell(sides.get('twin'))}{_cell(sides['compiled'])}"
        if verdict is not None:
            line += f"{_cell(verdict.kept)}{_cell(verdict.limit)}" + ("  TOO MANY" if verdict.is_broken else "")
        table.append(line)
    return table


def _cell(count: float | None) -> str:
    return f"{'-':>10}" if count is None else f"{count:10.0f}"
