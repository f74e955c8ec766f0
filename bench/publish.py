"""Which figures stand in the docs? Those of JSON files in docs/results, and none that was typed in.

    python -m bench memory --json memory.json
    python -m bench publish memory.json

takes a file into docs/results (a memtest's without its samples) and writes its table into each page of docs/ that has
a place for it: `<!-- made: results/memory by ... -->`. Without a file the tables are
made anew. `make check` fails when a table is not that of its file.

A format is told by what is in it (FORMS): the benches' tables of figures (`memory`,
`play`, and what else has `figures`), `usage`, `matrix`, `micro`, `instructions`, and
`wayvid memtest --json`, also of a comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench import matrix_table
from bench.axes import centre
from bench.curves import TITLES, picture_name
from bench.micro import FIGURES as MICRO
from bench.report import Figure, verdict_line
from tools.docs.sections import BadMarkers, fill, names_in, part_of
from tools.docs.tables import table
from wayvid.memtest.words import LEAST_GROWTH_S
from wayvid.units import MIB, format_bytes

__all__ = ["BadResults", "FORMS", "PREFIX", "makers", "run"]

DOCS = Path(__file__).parents[1] / "docs"
PREFIX = "results/"
PLACES = ("paths", "program")  # of a contender, on the machine that measured
_PLAIN_DECIMALS = 2
# Of a memtest's columns; its own files have all of them.
_COLUMNS = (
    "pss_bytes", "pss_anon_bytes", "pss_file_bytes", "pss_shmem_bytes", "uss_bytes", "rss_bytes", "gpu_bytes",
    "daemon_pss_bytes", "player_pss_bytes", "demuxer_cache_bytes", "decoded_bytes", "cpu_percent", "wakeups_per_s",
    "threads", "fds", "frames_per_s",
)  # fmt: skip


class BadResults(Exception):
    """A file is no result that has a table."""


def makers(docs: Path, page: str) -> dict[str, Callable[[], str]]:
    """For each place for results in a page, what makes its table."""
    return {name: partial(section, docs, name) for name in names_in(page) if name.startswith(PREFIX)}


def section(docs: Path, name: str) -> str:
    """What stands in a place: the table of its file, or that there is none yet.

    Raises:
        BadResults: the file is none that has a table.
    """
    path = docs / f"{name}.json"
    if not path.exists():
        return f"*Not measured yet: there is no `docs/{name}.json`.*"
    return _told(path)


def _told(path: Path) -> str:
    told = _load(path)
    for is_it, lines in FORMS:
        if is_it(told):
            return "\n\n".join([_stamp(told), *lines(told)])
    raise BadResults(f"{path.name} is of no form that bench/publish.py has a table for; give it one in FORMS")


def _load(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError) as exc:
        raise BadResults(f"{path} cannot be read as JSON: {exc}; write it with --json") from exc
    if not isinstance(told, dict) or not {"machine", "date"} <= told.keys():
        raise BadResults(f"{path} does not say on what machine and when; write it with --json")
    return told


def _for_others(told: dict[str, Any]) -> dict[str, Any]:
    """What others can use: no status of each second, megabytes that no table needs, and no place on this machine."""
    short = dict(told)
    if source := told.get("source"):
        short["source"] = os.path.basename(source)
    if "contenders" in told:
        short["contenders"] = [{key: one[key] for key in one if key not in PLACES} for one in told["contenders"]]
    for many, each in (("runs", "samples"), ("turns", "looks")):
        if isinstance(told.get(many), list):  # of a matrix "runs" is how many
            short[many] = [{key: one[key] for key in one if key != each} for one in told[many]]
    return short


def _stamp(told: Mapping[str, Any]) -> str:
    machine = "; ".join(f"{key} {value}" for key, value in told["machine"].items())
    seconds = f" Each measurement {told['seconds']:g} s." if "seconds" in told else ""
    return f"{told['date']}. {machine}.{seconds}"


def _figures(told: Mapping[str, Any]) -> list[str]:
    """A bench's table: each figure with its spread and its target."""
    rows, figures = told["figures"], {}
    cells = []
    for key, row in rows.items():
        figure = Figure(*(row[name] for name in Figure._fields))
        figures[key] = figure._replace(title=figure.title.strip())
        numbers = [f"{row[name]:.{figure.decimals}f}" for name in ("median", "min", "max")]
        title = f"… {figure.title.strip()}" if figure.title.startswith(" ") else figure.title
        verdict = f"**{row['verdict'].lower()}**" if row["verdict"] == "MISSED" else row["verdict"]
        cells.append((title, figure.unit, str(row["n"]), *numbers, figure.target, verdict))
    heads = ("", "unit", "n", "median", "min", "max", "target", "")
    end = verdict_line(figures, rows) + "."
    return [table(heads, cells), end + (f" Note: {told['note']}." if told.get("note") else "")]


def _usage(told: Mapping[str, Any]) -> list[str]:
    cells = [
        (title, format_bytes(seen["rss_bytes"]), str(seen["mappings"]), f"`{reader}`",
         *(f"{row[name]:.1f}" for name in ("min_us", "median_us", "p95_us")))
        for title, seen in told["observed"].items()
        for reader, row in seen["readers"].items()
    ]  # fmt: skip
    return [table(("process", "RSS", "mappings", "reader", "min us", "median us", "p95 us"), cells)]


def _matrix(told: Mapping[str, Any]) -> list[str]:
    rows = matrix_table.rows(told)
    found = [
        table(
            ("", "n", "CPU, % core", "floor", "x", "PSS, MB", "floor", "x", "pictures /s"),
            [
                (row.point.title, str(row.n), *map(_spread, (row.cpu, row.floor_cpu, row.cpu_ratio)),
                 *map(_spread, (row.pss, row.floor_pss, row.pss_ratio)), _spread(row.fps))
                for row in rows
            ],
        )
    ]  # fmt: skip
    for renderer, samples in told["centre"].items():
        cells = [
            (figure.title, figure.unit, str(len(samples[name])), *(f"{value:.{figure.decimals}f}" for value in one))
            for name, figure in matrix_table.CENTRE.items()
            if (one := matrix_table.spread(samples.get(name, []))) is not None
        ]
        middle = f"{centre(renderer).title}, the point that every line goes through:"
        found += [middle, table(("", "unit", "n", "median", "min", "max"), cells)]
    pictures = [
        f"![{TITLES[name]}: processor time and memory, floor beside wayvid](pictures/{picture_name(name)})"
        for name in told["axes"]
        if (DOCS / "pictures" / picture_name(name)).exists()
    ]
    return pictures + found + [f"- {line}" for line in matrix_table.faults(told)]


def _spread(one: matrix_table.Spread | None) -> str:
    return "-" if one is None else f"{one.median:.2f} ({one.low:.2f} to {one.high:.2f})"


def _instructions(told: Mapping[str, Any]) -> list[str]:
    cells = [
        (name, *(f"{sides[side]:.0f}" if side in sides else "-" for side in ("twin", "compiled")))
        for name, sides in told["counts"].items()
    ]
    by = "; ".join(f"{key} {value}" for key, value in told["versions"].items())
    return [f"Counted by: {by}.", table(("instructions per operation", "twin", "compiled"), cells)]


def _micro(told: Mapping[str, Any]) -> list[str]:
    cells = [
        (name, side, *(f"{row[key]:.{1 if key.endswith('_ns') else 0}f}" for key in MICRO),
         f"{sides['twin']['median_ns'] / row['median_ns']:.1f}")
        for name, sides in told["cases"].items()
        for side, row in sides.items()
    ]  # fmt: skip
    return [table(("", "", "min ns", "median ns", "p95 ns", "Python bytes", "native bytes", "x twin"), cells)]


def _memtest(told: Mapping[str, Any]) -> list[str]:
    failed = [run for run in told["runs"] if run["failed"]]
    screens = f"{told['outputs']} {'screen' if told['outputs'] == 1 else 'screens'} of a virtual desk"
    where = "attached to a running wallpaper" if told["is_attached"] else screens
    about = (
        f"wayvid {told['wayvid']}; source: {told['source'] or 'the built-in wallpaper'}; {where}; "
        f"{len(told['runs'])} runs, {len(failed)} of them failed; {told['warm_up_s']:g} s of warm-up left out."
    )
    if told["partial"]:
        about += f" **Partial: {told['partial']}.**"
    tells_growth = told["seconds"] >= LEAST_GROWTH_S
    if not tells_growth:
        about += f" {told['seconds']:g} s of each say little about an hour, so growth is left out."
    cells = [
        (row["title"], _unit(row), str(row["n"]), *(_number(row, row[name]) for name in ("median", "min", "max")),
         _growth(row) if tells_growth else "")
        for row in (told["summary"][name] for name in _COLUMNS if name in told["summary"])
    ]  # fmt: skip
    return [about, table(("", "unit", "n", "median", "min", "max", "growth, MB per hour (95 %)"), cells)]


def _comparison(told: Mapping[str, Any]) -> list[str]:
    """A beside B, with the ratio round by round."""
    who = [
        f"- **{one['key']}**: {' '.join(filter(None, (one['name'], one['version'])))}: `{shlex.join(one['words'])}`"
        for one in told["contenders"]
    ]
    failed = sum(bool(turn["failed"]) for turn in told["turns"])
    about = (
        f"{len(told['turns'])} turns, {failed} of them failed; {told['outputs']} of the desk's screens; source: "
        f"{told['source'] or 'none'}; {told['warm_up_s']:g} s of warm-up left out. *n* is rounds in which both count."
    )
    if told["partial"]:
        about += f" **Partial: {told['partial']}.**"
    cells = [
        (row["title"], _unit(row), _number(row, row["a"]), _number(row, row["b"]), str(len(row["ratios"])), _ratio(row))
        for row in told["figures"].values()
    ]
    return ["\n".join(who), about, table(("", "unit", "A", "B", "n", "A / B, with its interval"), cells)]


def _ratio(row: Mapping[str, Any]) -> str:
    if row["ratio"] is None:
        return "-"
    between = row["interval"]
    if not between:
        return f"{row['ratio']:.2f} (too few rounds for an interval)"
    return f"{row['ratio']:.2f} ({between['low']:.2f} to {between['high']:.2f}, {between['confidence']:.1%})"


def _unit(row: Mapping[str, Any]) -> str:
    return "MB" if row["unit"] == "bytes" else str(row["unit"])


def _number(row: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / MIB if row['unit'] == 'bytes' else value:.{_PLAIN_DECIMALS}f}"


def _growth(row: Mapping[str, Any]) -> str:
    growth = row.get("growth_mb_per_hour")
    return f"{growth['per_hour']:.1f} ({growth['low']:.1f} to {growth['high']:.1f})" if growth else ""


# What tells a form, and what makes the paragraphs and tables below its stamp.
FORMS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], list[str]]], ...] = (
    (lambda told: "figures" in told and "contenders" in told, _comparison),
    (lambda told: "figures" in told, _figures),
    (lambda told: "observed" in told, _usage),
    (lambda told: told.get("bench") == "matrix", _matrix),
    (lambda told: told.get("bench") == "micro", _micro),
    (lambda told: told.get("bench") == "instructions", _instructions),
    (lambda told: "summary" in told and "runs" in told, _memtest),
)


def publish(docs: Path, files: list[Path]) -> list[str]:
    """Take the files into docs/results and write the tables; what was done, a line each.

    Raises:
        BadResults: a file is no result, or no page has a place for it.
    """
    pages = {page: page.read_text() for page in sorted(docs.glob("*.md"))}
    places = {name for text in pages.values() for name in names_in(text)}
    for path in files:
        _told(path)  # what has no table is not kept
        name = PREFIX + path.stem
        if name not in places:
            known = ", ".join(sorted(one for one in places if one.startswith(PREFIX)))
            raise BadResults(f"no page of docs/ has a place for {name}; places: {known}")
        kept = docs / f"{name}.json"
        kept.parent.mkdir(exist_ok=True)
        if kept.resolve() != path.resolve():
            kept.write_text(json.dumps(_for_others(_load(path)), indent=1) + "\n")
    said = []
    for page, text in pages.items():
        if ours := makers(docs, text):
            others = {name: partial(part_of, text, name) for name in names_in(text) if name not in ours}
            if (new := fill(text, ours | others)) != text:
                page.write_text(new)
                said.append(f"{page.name}: {', '.join(ours)}")
    return said


def run(argv: list[str]) -> int:
    """`python -m bench publish`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench publish", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="JSON of a bench or of wayvid memtest")
    options = parser.parse_args(argv)
    try:
        print(*publish(DOCS, options.files), sep="\n")
    except (BadResults, BadMarkers) as exc:
        print(f"python -m bench publish: {exc}", file=sys.stderr)
        return 1
    return 0
