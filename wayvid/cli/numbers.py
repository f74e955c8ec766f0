"""Numbers in arguments."""

from __future__ import annotations

import math

__all__ = ["number"]


def number(text: str) -> float:
    """What is written there; not a number where it is none, so that it is within no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan
