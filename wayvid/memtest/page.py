"""The report: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from wayvid.memtest.bounds import Verdict
from wayvid.memtest.lasting import grown, kinds, what_broke, what_grew
from wayvid.memtest.pictures import picture_of_run, picture_of_runs
from wayvid.memtest.result import Result, Run
from wayvid.memtest.summary import Figure
from wayvid.memtest.words import figure_cells, growth_line, result_line, warm_up_line
from wayvid.units import format_bytes

__all__ = ["STYLE", "page", "table"]

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f2a; background: #fff; max-width: 72rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; }
.verdict { font-size: 1.15rem; } .bad { color: #b3261e; font-weight: 600; } .good { color: #19692c; }
table { border-collapse: collapse; } th, td { padding: .15rem .9rem .15rem 0; text-align: right; }
th:first-child, td:first-child { text-align: left; } tr:nth-child(even) td { background: #f4f5f9; }
thead th { border-bottom: 2px solid #2e2458; } svg { width: 100%; height: auto; }
figure { display: inline-block; margin: 0 1rem 1rem 0; } figure img { width: 32rem; max-width: 100%; }
code { overflow-wrap: anywhere; }
.note { color: #5b6070; }
"""
HEADINGS = ("figure", "n", "median", "min", "max", "growth per hour (95 %)")


def page(result: Result, figures: Mapping[str, Figure], verdicts: Sequence[Verdict]) -> str:
    """The file's text.

    Args:
        result: what was measured; partial ones say so at the top.
        figures: as wayvid.memtest.summary gives them.
        verdicts: of bounds, where there were some.
    """
    bad = bool(result.partial) or any(run.failed for run in result.runs) or bool(what_broke(result))
    facts = {"date": result.date, "wayvid": result.wayvid, **result.machine}
    runs = [run for run in result.runs if run.samples]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>wayvid memtest</title>',
        f"<style>{STYLE}</style></head><body>",
        "<h1>wayvid memtest</h1>",
        f"<p>{escape(result.source or 'the built-in wallpaper')}</p>",
        f'<p class="verdict {"bad" if bad else "good"}">{escape(result_line(result))}</p>',
        f'<p class="note">{escape(warm_up_line(result))}</p>',
        *(_soak_parts(result) if result.seed is not None else []),
        *(["<h2>Bounds</h2>", table(("bound", ""), map(_verdict_cells, verdicts))] if verdicts else []),
        "<h2>Figures</h2>",
        *([f'<p class="note">{escape(note)}</p>'] if (note := growth_line(result)) else []),
        table(HEADINGS, (figure_cells(figure) for figure in figures.values())),
        *(["<h2>All runs</h2>", picture_of_runs(runs)] if len(runs) > 1 else []),
        *(part for run in runs for part in _run_parts(run)),
        "<h2>Where</h2>",
        table(("", ""), facts.items()),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _run_parts(run: Run) -> list[str]:
    parts = [f"<h2>Run {run.number}</h2>"]
    if run.failed:
        parts.append(f'<p class="bad">failed, and not in the figures: {escape(run.failed)}</p>')
    parts.append('<p class="note">grey: warm-up; yellow: level high; red: level critical; dashed: an action</p>')
    if run.faults:
        parts.append('<p class="note">violet: a fault of the soak, until all was well again; dark red: it was not</p>')
    parts.append(picture_of_run(run))
    actions = [
        (f"{sample.t_s - (sample.at - action.at):.1f} s", action.action, format_bytes(action.freed_bytes),
         action.level, action.reason)
        for sample in run.samples for action in sample.status.memory.actions
    ]  # fmt: skip
    if actions:
        parts.append(table(("at", "done for memory's sake", "freed", "level", "why"), actions))
    if run.faults:
        faults = [(f"{fault.t_s:.1f} s", fault.name, fault.detail, _seconds(fault.took_s), fault.broken)
                  for fault in run.faults]  # fmt: skip
        parts.append(table(("at", "fault", "of what", "well again after", "broken"), faults))
    if run.floor:
        floor = run.floor
        memory = {"RSS": floor.rss_bytes, "PSS": floor.pss_bytes, "USS": floor.uss_bytes}
        cells = [(name, format_bytes(value)) for name, value in memory.items()]
        cells += [("processor, of one core", f"{floor.cpu_percent:g} %"), ("wake-ups", f"{floor.wakeups_per_s:g} /s")]
        parts += ["<p>Its floor, mpv without an output:</p>", table(("", ""), cells)]
    return parts


def _soak_parts(result: Result) -> list[str]:
    """What is special about a soak: what broke and grew, and how each kind of fault was got over."""
    bad = [f'<p class="bad">{escape(what)}</p>' for what in (*what_broke(result), *what_grew(result))]
    times = [(kind.name, str(kind.count), str(kind.broken), *map(_seconds, (kind.median_s, kind.max_s)))
             for kind in kinds(result)]  # fmt: skip
    slopes = [(name, f"{slope.per_hour:+.1f}", f"{slope.low:+.1f} to {slope.high:+.1f}")
              for name, slope in grown(result).items()]  # fmt: skip
    return [
        f"<h2>Soak, seed {result.seed}</h2>",
        *(bad or ['<p class="good">every fault was got over, and nothing is broken</p>']),
        table(("fault", "n", "broken", "well again: median", "max"), times),
        *([table(("growth", "per hour", "95 %"), slopes)] if slopes else []),
    ]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


def _verdict_cells(verdict: Verdict) -> tuple[str, str]:
    return str(verdict), "kept" if verdict.is_kept else "BROKEN"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of text."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
