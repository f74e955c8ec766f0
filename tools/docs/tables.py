"""Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["table", "cell", "fenced"]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, its cells kept to one line each."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text that does not end its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def fenced(text: str, language: str = "text") -> str:
    """Text as it is, in a block of its own."""
    return f"```{language}\n{text.strip(chr(10))}\n```"
