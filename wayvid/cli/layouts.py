"""Layouts in arguments, also as other programs call them."""

from __future__ import annotations

from argparse import ArgumentTypeError

from wayvid.geometry import Layout

__all__ = ["LAYOUTS", "layout_word", "no_layout"]

LAYOUTS = [layout.value for layout in Layout]
# What others have and a video has not, and what comes nearest.
ELSEWHERE = {
    "tile": "a picture is shown once; the nearest is centre",
    "tiled": "a picture is shown once; the nearest is centre",
    "span": "to have one picture over all screens: wayvid run --span",
    "spanned": "to have one picture over all screens: wayvid run --span",
}


def layout_word(text: str) -> str:
    """A type of arguments: a layout, by its own name."""
    try:
        return Layout(text).value
    except ValueError:
        raise ArgumentTypeError(no_layout(text)) from None


def no_layout(text: str) -> str:
    """What to say of a word that is none."""
    from difflib import get_close_matches

    near = get_close_matches(text.lower(), LAYOUTS, n=1)
    advice = ELSEWHERE.get(text.lower()) or (f"did you mean {near[0]!r}?" if near else f"layouts: {', '.join(LAYOUTS)}")
    return f"there is no layout {text!r}; {advice}"
