"""How long the end of a round fades into the next."""

from __future__ import annotations

import pytest

from wayvid.link.messages import StreamSpec
from wayvid.player.source import can_loop_without_seam, loop_fade


@pytest.mark.parametrize(
    ("fields", "duration_s", "fade_s"),
    [
        pytest.param({}, 10.0, 2.0, id="a file"),
        pytest.param({"loop_fade_s": 0.0}, 10.0, 0.0, id="not asked for"),
        pytest.param({}, 3.0, 1.25, id="no three decoders at a time"),
        pytest.param({"speed": 2.0}, 10.0, 2.0, id="seconds of a clock"),
        pytest.param({"speed": 4.0}, 10.0, 1.0, id="a quick round"),
        pytest.param({"start_s": 7.0}, 10.0, 1.25, id="what is left of it"),
        pytest.param({"start_s": 9.5}, 10.0, 0.0, id="nearly nothing is left of it"),
        pytest.param({"start_s": 30.0}, 10.0, 0.0, id="a start behind its end"),
        pytest.param({}, 0.9, 0.0, id="too short"),
        pytest.param({}, 0.0, 0.0, id="of unknown length"),
        pytest.param({"loop": False}, 10.0, 0.0, id="it ends"),
        pytest.param({"path": "https://a.org/b.mp4"}, 10.0, 0.0, id="it comes over a network"),
        pytest.param({"path": "av://lavfi:testsrc"}, 10.0, 0.0, id="it is made"),
    ],
)
def test_a_round_fades_for(fields: dict[str, object], duration_s: float, fade_s: float) -> None:
    spec = StreamSpec(**{"path": "/a.mp4", "loop_fade_s": 2.0, **fields})  # type: ignore[arg-type]
    assert loop_fade(spec, duration_s) == pytest.approx(fade_s)
    if fade_s:
        assert not can_loop_without_seam(spec, duration_s), "its rounds are other cores"
