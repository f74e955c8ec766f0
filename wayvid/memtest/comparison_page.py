"""The report of a comparison: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from wayvid.memtest.comparison import Comparison
from wayvid.memtest.comparison_pictures import picture_of_parts, picture_of_ratios, picture_of_turns, thumbnail
from wayvid.memtest.comparison_words import HEADINGS, caution, method_line, neighbours_line, pair_cells, verdict_line
from wayvid.memtest.page import STYLE, table
from wayvid.memtest.ratios import Pair
from wayvid.memtest.rounds import Pictures

__all__ = ["comparison_page"]


def comparison_page(comparison: Comparison, figures: Mapping[str, Pair], shown: Mapping[str, Pictures]) -> str:
    """The file's text.

    Args:
        comparison: what was measured; partial ones say so at the top.
        figures: as wayvid.memtest.ratios gives them.
        shown: by contender, what the screens showed last.
    """
    bad = bool(comparison.partial) or any(turn.failed for turn in comparison.turns)
    has_ratios = any(pair.ratios for pair in figures.values())
    cautions = caution(figures), neighbours_line(comparison)
    title = " against ".join(one.name for one in comparison.contenders)
    facts = {"date": comparison.date, "measured by wayvid": comparison.wayvid, **comparison.machine}
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(comparison.source or 'no source')}, screens: {comparison.outputs}</p>",
        f'<p class="verdict {"bad" if bad else "good"}">{escape(verdict_line(comparison))}</p>',
        f'<p class="note">{escape(method_line(comparison))}</p>',
        *(f'<p class="bad">{escape(words)}</p>' for words in cautions if words),
        "<h2>Who</h2>",
        *(
            f"<p><b>{one.key}</b> {escape(one.name)} {escape(one.version)}<br><code>{escape(str(one))}</code></p>"
            for one in comparison.contenders
        ),
        *(["<h2>A / B</h2>", _NOTE, picture_of_ratios(figures)] if has_ratios else []),
        "<h2>Figures</h2>",
        table(HEADINGS, (pair_cells(pair) for pair in figures.values())),
        *(["<h2>What the memory is</h2>", picture_of_parts(comparison, figures)] if "pss_bytes" in figures else []),
        "<h2>All turns</h2>",
        '<p class="note">dotted: a turn that does not count</p>',
        picture_of_turns(comparison),
        *_shown_parts(comparison, shown),
        "<h2>Where</h2>",
        table(("", ""), facts.items()),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


_NOTE = (
    '<p class="note">a dot for each round, the diamond is their median, the bar its interval '
    "(a sign test's: it assumes nothing of the ratios)</p>"
)


def _shown_parts(comparison: Comparison, shown: Mapping[str, Pictures]) -> list[str]:
    """The screens of the last good turn of each."""
    parts = []
    for one in comparison.contenders:
        for output, ppm in shown.get(one.key, {}).items():
            words = f"{one.key}, {one.name}: {output}"
            image = f'<img alt="{escape(words)}" src="{thumbnail(ppm)}">'
            parts.append(f"<figure>{image}<figcaption>{escape(words)}</figcaption></figure>")
    return ["<h2>What the screens showed</h2>", *parts] if parts else []
