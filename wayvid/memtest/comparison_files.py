"""A comparison as CSV and as JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wayvid.memtest.comparison import Comparison, Turn
from wayvid.memtest.files import ResultFile, csv_line
from wayvid.memtest.ratios import Pair
from wayvid.memtest.turns import COLUMNS, rows_of_turn

__all__ = ["TurnCsv", "comparison_json"]


class TurnCsv:
    """A ResultFile with a row a look."""

    def __init__(self, file: ResultFile, outputs: int) -> None:
        self._file = file
        self._outputs = outputs
        self._is_empty = True

    def add(self, turn: Turn) -> None:
        """The turn's last look."""
        last = msgspec.structs.replace(turn, looks=turn.looks[-2:])
        *_earlier, row = rows_of_turn(last, self._outputs)
        heading = csv_line(list(COLUMNS)) if self._is_empty else ""
        self._is_empty = False
        self._file.write(heading + csv_line(list(row.values())))

    def mark_failed(self, comparison: Comparison) -> None:
        """Write it again, with the turns that are known by now not to count marked in the column `failed`."""
        if self._is_empty or not any(turn.failed for turn in comparison.turns):
            return
        rows = [row for turn in comparison.turns for row in rows_of_turn(turn, self._outputs)]
        self._file.begin_again()
        self._file.write("".join([csv_line(list(COLUMNS)), *(csv_line(list(row.values())) for row in rows)]))


def comparison_json(comparison: Comparison, figures: Mapping[str, Pair]) -> str:
    """Everything: each look, the pairs, the machine."""
    told = msgspec.structs.asdict(comparison) | {"figures": figures}
    return msgspec.json.encode(told).decode() + "\n"
