"""Bounds from a file: what a measurement must keep to, as ratios to a floor or as plain figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from wayvid.errors import UsageError
from wayvid.memtest.columns import FIGURES
from wayvid.memtest.result import Floor, Run
from wayvid.memtest.summary import Figure

__all__ = ["Bound", "Verdict", "judge", "load_bounds", "read_bounds"]

RATIO, AT_MOST, AT_LEAST, GROWTH = "ratio_at_most", "at_most", "at_least", "growth_at_most"
PLAIN = frozenset(FIGURES)
BYTES_KEYS = frozenset(name for name in PLAIN if name.endswith("_bytes"))
# What may be said in each table.
TABLES: dict[str, frozenset[str]] = {
    RATIO: frozenset(Floor.__struct_fields__),
    AT_MOST: PLAIN,
    AT_LEAST: PLAIN,
    GROWTH: BYTES_KEYS,
}


class Bound(NamedTuple):
    """table: one of TABLES; figure: a column; limit: in the column's unit, a ratio, or MB an hour."""

    table: str
    figure: str
    limit: float

    def __str__(self) -> str:
        return f"{self.table}.{self.figure}"


class Verdict(NamedTuple):
    """What came of a bound. value is None where the figure was not seen, which breaks the bound, too."""

    bound: Bound
    value: float | None
    is_kept: bool

    def __str__(self) -> str:
        word = "at least" if self.bound.table == AT_LEAST else "at most"
        value = "was not seen" if self.value is None else f"is {self.value:.6g}"
        return f"{self.bound} {value}, {word} {self.bound.limit:.6g} wanted"


def load_bounds(path: str) -> list[Bound]:
    """The bounds of a file.

    Raises:
        UsageError: it cannot be read, is no TOML, or says what is no bound.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            return read_bounds(tomllib.load(file), path)
    except OSError as exc:
        raise UsageError(f"cannot read bounds from {path!r}: {exc.strerror}; name a TOML file with --ci") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"bounds file {path!r} is no TOML: {exc}; docs/memory-testing.md has an example") from exc


def read_bounds(tables: Mapping[str, Any], path: str) -> list[Bound]:
    """The bounds of a file's tables; its path is for the error."""
    bounds = []
    for table, keys in tables.items():
        if table not in TABLES or not isinstance(keys, dict):
            raise UsageError(f"bounds file {path!r}: there is no table [{table}]; tables: {', '.join(TABLES)}")
        for key, limit in keys.items():
            if key not in TABLES[table]:
                raise UsageError(
                    f"bounds file {path!r}: [{table}] has no figure {key!r}; "
                    f"figures: {', '.join(sorted(TABLES[table]))}"
                )
            if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not math.isfinite(limit):
                raise UsageError(f"bounds file {path!r}: {table}.{key} is {limit!r}; a number is wanted")
            bounds.append(Bound(table, key, float(limit)))
    if not bounds:
        raise UsageError(f"bounds file {path!r} has no bounds; docs/memory-testing.md has an example")
    return bounds


def judge(bounds: Iterable[Bound], figures: Mapping[str, Figure], runs: Iterable[Run]) -> list[Verdict]:
    """What came of each bound.

    Args:
        figures: as wayvid.memtest.summary gives them.
        runs: the good ones, for the ratios: run by run, and of these the median.
    """
    floors = [run.floor for run in runs]
    return [_verdict(bound, _value(bound, figures.get(bound.figure), floors)) for bound in bounds]


def _value(bound: Bound, figure: Figure | None, floors: list[Floor | None]) -> float | None:
    if figure is None:
        return None
    if bound.table == GROWTH:
        # The lower end: a bound breaks only where the growth is surely above it.
        return figure.growth_mb_per_hour.low if figure.growth_mb_per_hour else None
    if bound.table != RATIO:
        return figure.median
    if len(figure.run_medians) != len(floors):  # a run without the figure
        return None
    pairs = zip(figure.run_medians, floors, strict=True)
    ratios = [_ratio(value, getattr(floor, bound.figure)) for value, floor in pairs if floor is not None]
    return statistics.median(ratios) if ratios else None


def _ratio(value: float, floor: float) -> float:
    if floor:
        return value / floor
    return math.inf if value else 1.0


def _verdict(bound: Bound, value: float | None) -> Verdict:
    if value is None:
        return Verdict(bound, None, is_kept=False)
    is_kept = value >= bound.limit if bound.table == AT_LEAST else value <= bound.limit
    return Verdict(bound, value, is_kept)
