"""A desk whose refreshes are steady; see bench/steady.py."""

from __future__ import annotations

from bench.steady import SteadyDesk
from tests.conftest import need_programs

__all__ = ["SteadyDesk", "steady_desk"]


def steady_desk() -> SteadyDesk:
    """One; skips the test where Xvfb is missing."""
    need_programs("sway", "Xvfb")
    return SteadyDesk()
