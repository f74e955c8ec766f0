"""What the status tells of the pace, on screens that tell when frames were shown and on screens that do not.

No time is asserted: what a busy machine does to frames is what the figures are there to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.run.conftest import Run
from tests.run.steady import SteadyDesk, steady_desk
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.link.figures import PaceFigures

MEASURED_S = 40.0


@pytest.fixture(scope="module")
def steady() -> Iterator[SteadyDesk]:
    """A desk with feedback."""
    with steady_desk() as desk:
        yield desk


def wait_pace(run: Run, screen: str) -> PaceFigures:
    """The first pace of a screen that has a jitter."""

    run.wait_playing()

    def measured() -> PaceFigures | None:
        paces = [output.pace for output in run.status().outputs if output.name == screen]
        return next((pace for pace in paces if pace.measured_by), None)

    pace = wait_until(measured, MEASURED_S, f"the pace of {screen}")
    assert pace is not None
    return pace


def test_pace_is_told_by_presentation_feedback_where_the_compositor_has_it(
    steady: SteadyDesk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    pace = wait_pace(run_wayvid(steady, str(numbered_clip)), "X11-1")
    assert pace.measured_by == "presentation"
    assert pace.refresh_hz == pytest.approx(60, rel=0.05)  # this compositor tells none: measured
    assert pace.jitter_median_ms is not None
    assert pace.jitter_p95_ms is not None
    assert pace.jitter_median_ms <= pace.jitter_p95_ms


def test_pace_is_told_by_frame_callbacks_where_feedback_is_offered_and_never_comes(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    pace = wait_pace(run_wayvid(sway_desk, str(numbered_clip)), "HEADLESS-1")
    assert pace.measured_by == "callbacks"
    assert pace.refresh_hz == 60


def test_pace_is_told_by_frame_callbacks_where_no_feedback_is_offered(
    kwin_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    pace = wait_pace(run_wayvid(kwin_desk, str(numbered_clip)), "Virtual-0")
    assert pace.measured_by in ("callbacks", "presentation")  # KWin has feedback from version 6 on
