"""How loud the end and the beginning of a clip are while one fades into the other."""

from __future__ import annotations

import pytest

from wayvid.player.soundfade import shares


@pytest.mark.parametrize(
    ("gone", "both"), [(-0.1, (1, 0)), (0, (1, 0)), (0.5, (0.7071, 0.7071)), (1, (0, 1)), (2, (0, 1))]
)
def test_they_are_as_loud_together_as_either_alone(gone: float, both: tuple[float, float]) -> None:
    assert shares(gone) == pytest.approx(both, abs=1e-4)
    assert sum(each**2 for each in shares(gone)) == pytest.approx(1.0)
