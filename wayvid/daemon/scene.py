"""Which output is to show what: pure values, resolved by output name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from wayvid.errors import UnknownOutput
from wayvid.geometry import Layout

__all__ = ["Wish", "STREAM_ID"]

# One source for all outputs until there is a config: one stream.
STREAM_ID = 0


class Wish(NamedTuple):
    """What the user asked for.

    Attributes:
        layout: of outputs that have none of their own.
        outputs: the outputs to use and their own layouts, if any; empty: all there are.
    """

    layout: Layout = Layout.FILL
    outputs: Mapping[str, Layout | None] = {}

    def layout_on(self, output: str) -> Layout | None:
        """Layout of an output by its name; None when it is not to be used."""
        if self.outputs and output not in self.outputs:
            return None
        return self.outputs.get(output) or self.layout

    def check_known(self, connected: Iterable[str]) -> None:
        """Make sure that every named output is connected.

        Raises:
            UnknownOutput: one is not.
        """
        known = list(connected)
        for name in self.outputs:
            if name not in known:
                raise UnknownOutput(name, known)
