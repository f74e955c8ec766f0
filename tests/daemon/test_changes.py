"""What is told of a change."""

from __future__ import annotations

import pytest

from wayvid.daemon.changes import Facts, changed_keys

NOW = Facts(3, "playing", source="waves.mp4", layout="fill")


@pytest.mark.parametrize(
    ("after", "keys"),
    [
        pytest.param(NOW, (), id="nothing"),
        pytest.param(NOW._replace(state="paused", is_paused=True), ("state", "is_paused"), id="a pause"),
        pytest.param(NOW._replace(serial=4), ("position_s",), id="a jump, or a stream of its own"),
        pytest.param(NOW._replace(serial=4, speed=0.5), ("speed", "position_s"), id="a speed"),
        pytest.param(NOW._replace(serial=4, source="rain.mp4"), ("source",), id="another source begins anywhere"),
        pytest.param(NOW._replace(layout="contain"), ("layout",), id="a layout"),
        pytest.param(NOW._replace(rest="slow", because="battery"), ("rest", "because"), id="a rule"),
        pytest.param(
            NOW._replace(state="failed", error="gone", reason="gone"), ("state", "reason", "error"), id="a failure"
        ),
    ],
)
def test_keys_that_differ_are_named(after: Facts, keys: tuple[str, ...]) -> None:
    assert changed_keys(NOW, after) == keys
