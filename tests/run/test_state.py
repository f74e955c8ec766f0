"""What commands said survives the daemon, however it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.windows import is_all
from tests.support import wait_until
from wayvid.daemon.source import DEFAULT_SOURCE
from wayvid.daemon.statefile import read_state
from wayvid.desk import Desk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
COLOUR, OTHER_COLOUR = (40, 120, 200), (200, 80, 40)
FRAMES, RATE = 300, 30
# Of the state's own place, beside what a start takes.
NEAR_S = 1.0


@pytest.fixture(scope="module")
def colour_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "colour.mkv", (320, 180), COLOUR)


@pytest.fixture(scope="module")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "other.mkv", (320, 180), OTHER_COLOUR)


@pytest.fixture
def start(sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path) -> Callable[..., Run]:
    """Starts `wayvid run`, always with the same state."""
    return lambda *words: run_wayvid(sway_desk, *words, env={"XDG_STATE_HOME": str(tmp_path / "state")})


def ask(run: Run, command: str, **fields: object) -> None:
    answer = run.ask(command, **fields)
    assert answer["ok"], answer


def is_written(run: Run) -> bool:
    """Whether the state file says of each screen what its status says."""
    state = read_state(str(run.folder.parent / "state" / "wayvid" / f"state-{run.desk.display.name}.json"))
    if state is None:
        return False
    told = {name: state.outputs.get(name) or state.outputs[""] for name in run.desk.outputs}
    return all(
        (state.tracks[told[now.name].track].source, told[now.name].layout, told[now.name].is_paused)
        == (now.source if now.source != DEFAULT_SOURCE else "", now.layout, now.is_paused)
        and state.tracks[told[now.name].track].speed == now.speed
        for now in run.status().outputs
    )


def kill(run: Run) -> None:
    """End it as nobody should, once what was said last is written down."""
    wait_until(lambda: is_written(run), START_S, "the state file")
    player = run.player_pid()
    run.process.kill()
    run.process.wait()
    wait_until(lambda: player is None or not Path(f"/proc/{player}").exists(), START_S, "the player's end")


def number(run: Run, name: str) -> int | None:
    return read_number(run.shot(name))


def test_killed_daemon_comes_back_with_the_same_pictures(
    start: Callable[..., Run], colour_clip: Path, numbered_clip: Path
) -> None:
    run = start()
    run.wait_playing()
    ask(run, "set", source=str(numbered_clip))
    ask(run, "set", source=str(colour_clip), outputs=[A])
    ask(run, "layout", layout="stretch", outputs=[B])
    ask(run, "pause", outputs=[B])
    ask(run, "speed", speed=0.5, outputs=[C])
    ask(run, "seek", to=2.0, outputs=[C])
    sought_s = monotonic()
    before = number(run, B)
    kill(run)

    run = start()
    status = run.wait_playing()
    assert [output.source for output in status.outputs] == [str(colour_clip), str(numbered_clip), str(numbered_clip)]
    assert [output.layout for output in status.outputs] == ["fill", "stretch", "fill"]
    assert [output.is_paused for output in status.outputs] == [False, True, False]
    assert [output.speed for output in status.outputs] == [1.0, 1.0, 0.5]
    assert is_all(run.shot(A), COLOUR)
    assert number(run, B) == before
    frames = (number(run, C) or 0) - 2.0 * RATE
    assert 0 < frames <= RATE * 0.5 * (monotonic() - sought_s + NEAR_S)
    assert run.stderr == ""
    run.wait_picture(C, lambda path: (read_number(path) or 0) > frames + 2.0 * RATE, "the clip to play on")
    ask(run, "resume", outputs=[B])
    run.wait_picture(B, lambda path: (read_number(path) or 0) > (before or 0), "the paused one to play on")


def test_ended_daemon_goes_on_where_it_ended_and_fresh_forgets(start: Callable[..., Run], numbered_clip: Path) -> None:
    run = start(str(numbered_clip))
    run.wait_playing()
    ask(run, "pause")
    ask(run, "seek", to=7.0)
    ask(run, "layout", layout="stretch")
    assert run.end() == 0

    run = start("--layout", "cover", str(numbered_clip))
    run.wait_listening()
    status = run.wait_state("paused")
    run.wait_picture(A, lambda path: read_number(path) == 7 * RATE, "the frame that was sought")
    assert status.outputs[0].layout == "cover", "what was said last"
    assert run.end() == 0

    run = start("--fresh", str(numbered_clip))
    run.wait_playing()
    run.wait_picture(A, lambda path: (read_number(path) or FRAMES) < 5 * RATE, "the beginning")
    assert [output.layout for output in run.status().outputs] == ["fill"] * 3
    assert run.end() == 0
    assert run.stderr == ""


def test_source_that_cannot_be_shown_is_forgotten_and_one_that_is_named_goes_before(
    start: Callable[..., Run], colour_clip: Path, other_clip: Path, numbered_clip: Path, tmp_path: Path
) -> None:
    gone, garbage = tmp_path / "gone.mkv", tmp_path / "garbage.mkv"
    for lent in (gone, garbage):
        lent.write_bytes(colour_clip.read_bytes())
    run = start()
    run.wait_playing()
    for source, name in ((numbered_clip, A), (gone, B), (garbage, C)):
        ask(run, "set", source=str(source), outputs=[name])
    kill(run)
    gone.unlink()
    garbage.write_bytes(b"no film at all" * 1000)

    run = start()
    status = run.wait_playing()
    assert [output.source for output in status.outputs] == [str(numbered_clip), DEFAULT_SOURCE, DEFAULT_SOURCE]
    assert number(run, A) is not None
    said = [line for line in run.stderr.splitlines() if "state: cannot play" in line]
    assert [[str(path) in line for path in (gone, garbage)] for line in said] == [[True, False], [False, True]]
    kill(run)

    run = start(str(other_clip))
    status = run.wait_playing()
    assert [output.source for output in status.outputs] == [str(other_clip)] * 3
    assert [stream.outputs for stream in status.streams] == [[A, B, C]]
    run.wait_picture(A, lambda path: is_all(path, OTHER_COLOUR), "the clip that is named")
    # What is set then holds in the next run, which names none.
    ask(run, "set", source=str(colour_clip))
    assert run.end() == 0
    run = start()
    assert [output.source for output in run.wait_playing().outputs] == [str(colour_clip)] * 3
    assert is_all(run.shot(A), COLOUR)
    assert run.end() == 0


def test_state_that_cannot_be_read_or_written_is_told_once(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path, tmp_path: Path
) -> None:
    file = tmp_path / "wayvid" / f"state-{sway_desk.display.name}.json"
    file.mkdir(parents=True)
    run = run_wayvid(sway_desk, str(colour_clip), env={"XDG_STATE_HOME": str(tmp_path)})
    run.wait_playing()
    for _ in range(2):
        ask(run, "pause")
        ask(run, "resume")
    assert run.end() == 0
    lines = run.stderr.splitlines()
    assert len(lines) == 2
    assert f"{file} cannot be read: Is a directory; beginning without it" in lines[0]
    assert f"{file} cannot be written: Is a directory" in lines[1]
