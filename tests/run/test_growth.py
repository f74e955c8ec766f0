"""A player that leaks is exchanged for a new one, and nobody sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.clips import read_number
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
CLIP_FRAMES, RATE = 300, 30
# Python runs it in each process that it starts. Only the first player finds the marker, and takes it away.
LEAK = """
import os, sys, threading, time

def leak():
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))
        time.sleep(0.25)

if "wayvid.player" in sys.orig_argv:
    try:
        os.remove(os.environ["LEAK_MARKER"])
    except FileNotFoundError:
        pass
    else:
        threading.Thread(target=leak, daemon=True).start()
"""


def test_leaking_player_is_exchanged_without_a_trace_on_screen(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(LEAK)
    marker = tmp_path / "marker"
    marker.touch()
    config = write_config(
        max_memory_mb=0, growth_warmup_s=1, growth_window_s=10, check_every_s=1, check_every_frames=10, hold_after_s=0
    )
    env = {"PYTHONPATH": str(tmp_path), "LEAK_MARKER": str(marker)}
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", config, env=env)
    run.wait_playing()
    leaking = run.wait_player()
    assert not marker.exists()
    seen: list[tuple[float, int | None]] = []

    def look() -> None:
        for name in sway_desk.outputs:
            number = read_number(run.shot(name))
            assert number is not None, f"{name} was black"
            seen.append((run.status().at_s, number))

    def is_exchanged() -> bool:
        look()
        return run.player_pid() not in (None, leaking) and bool(run.status().memory.actions)

    wait_until(is_exchanged, 60, "another player")
    for _ in range(10):
        look()
    status = run.status()
    assert [action.action for action in status.memory.actions] == ["exchange the player"]
    assert "grew" in status.memory.actions[0].reason
    assert status.memory.actions[0].freed_bytes > 1_000_000
    assert status.state == "playing"
    assert "takes over" in run.stderr
    # The clock of the film goes on: no picture is off by a second.
    at_s, first = seen[0]
    assert first is not None
    for later_s, number in seen:
        assert number is not None
        off = (number - first - (later_s - at_s) * RATE) % CLIP_FRAMES
        assert min(off, CLIP_FRAMES - off) < RATE, f"{off:.0f} frames off"
    player = run.wait_player()
    wait_until(lambda: run.status().memory.growth_mb_per_hour is not None, START_S * 2, "the next slope")
    assert run.player_pid() == player, "one that does not leak was exchanged, too"
