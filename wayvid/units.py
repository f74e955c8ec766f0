"""Figures as people read them."""

from __future__ import annotations

__all__ = ["MIB", "format_bytes"]

MIB = 1024 * 1024
_UNITS = ("B", "KB", "MB", "GB")


def format_bytes(nbytes: int) -> str:
    """A size in the unit that leaves it below 1024: "512 B", "1.50 MB"; units are of 1024, as in `top`.

    Args:
        nbytes: any whole number; a negative one keeps its sign.
    """
    size, unit = float(abs(nbytes)), 0
    # Rounded first: 1048575 bytes are "1.00 MB", not "1024.00 KB".
    while unit < len(_UNITS) - 1 and round(size, 2 if unit else 0) >= 1024:
        size /= 1024
        unit += 1
    sign = "-" if nbytes < 0 else ""
    return f"{sign}{size:.2f} {_UNITS[unit]}" if unit else f"{sign}{int(size)} B"
