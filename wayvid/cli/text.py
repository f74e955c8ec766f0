"""Text for a terminal: columns, times, and words of others made harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["UNKNOWN", "aligned", "clean", "duration", "keep_end"]

UNKNOWN = "-"


def clean(text: str) -> str:
    """Text without control characters: a screen's or a file's own words go to a terminal."""
    return "".join(character for character in text if character.isprintable()).strip()


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Rows as lines of aligned columns, two spaces between them.

    Args:
        rows: of equal length.
        right: the columns that are aligned at their right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def duration(seconds: float) -> str:
    """As players show it: "0:07", "1:02:03"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def length_behind(separator: str, length_s: float, position_s: float) -> str:
    """How long a clip is, behind where it is; "" where that is not known, as of what is made up while it plays."""
    return separator + duration(length_s) if length_s and position_s <= length_s else ""


def keep_end(text: str, width: int) -> str:
    """Text in at most so many characters; of a long path the end tells most."""
    return text if len(text) <= width else f"…{text[len(text) - width + 1 :]}"
