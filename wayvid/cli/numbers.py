"""Numbers in arguments."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

__all__ = ["between", "number", "seconds", "whole_number"]

MOST_S = 30 * 24 * 3600.0


def number(text: str) -> float:
    """What is written there; not a number where it is none, so that it is within no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def between(least: float, most: float) -> Callable[[str], float]:
    """A type of arguments: any number from least to most."""

    def some(text: str) -> float:
        value = number(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
        return value

    return some


def whole_number(most: int) -> Callable[[str], int]:
    """A type of arguments: from 1 to most."""

    def whole(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most}")
        return int(text)

    return whole


def seconds(least_s: float) -> Callable[[str], float]:
    """A type of arguments: seconds of a measurement."""

    def some(text: str) -> float:
        value = number(text)
        if not least_s <= value <= MOST_S:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from {least_s:g} to {MOST_S:.0f}")
        return value

    return some
