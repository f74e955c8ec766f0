"""Config files that are damaged in all ways, read by a wallpaper that runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.test_docs import DOCS
from tests.config.test_lines import damage
from tests.run.conftest import START_S, Run
from tests.run.test_request_storm import anonymous_bytes
from tests.support import wait_until
from wayvid.desk import Desk

# A heap that has settled moves by less; a reload that leaves a config behind, some hundred times, by more.
MOST_GROWTH_BYTES = 512 * 1024
NO_CONFIG, UNPLAYABLE = 9, 6


@pytest.mark.parametrize("count", [200, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_damaged_configs_leave_it_playing_with_the_same_memory(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path, count: int
) -> None:
    whole = (DOCS / "config.example.toml").read_bytes()
    whole = whole.replace(b'source = ""', f'source = "{numbered_clip}"'.encode(), 1)
    config = tmp_path / "config.toml"
    config.write_bytes(whole)
    run = run_wayvid(sway_desk, "-c", str(config))
    run.wait_playing()
    chance = random.Random(20261127)
    codes: Counter[int] = Counter()

    def storm(count: int) -> int:
        """So many configs, and the good one again; what the daemon holds then."""
        for _ in range(count):
            config.write_bytes(damage(whole, chance))
            answer = run.ask("reload")
            code = answer.get("code", 0)
            codes[code] += 1
            assert bool(run.status().config_error) == (code != 0), answer
        config.write_bytes(whole)
        assert run.ask("reload")["ok"]
        run.wait_playing()
        return anonymous_bytes(run.process.pid)

    held = storm(count // 2)
    grown = storm(count - count // 2) - held
    # What was exchanged last may still be on its way out.
    wait_until(lambda: anonymous_bytes(run.process.pid) - held < MOST_GROWTH_BYTES, START_S, f"not {grown} bytes more")
    shown = run.status().outputs[0].presented
    wait_until(lambda: run.status().outputs[0].presented > shown + 10, START_S, "it to play on")
    assert codes.keys() <= {0, NO_CONFIG, UNPLAYABLE}, codes
    assert codes[0] > count // 4 < codes[NO_CONFIG], codes
    assert "Traceback" not in run.stderr
