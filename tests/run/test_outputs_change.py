"""Outputs that come, go, rotate, are scaled or switched off while a clip plays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.run.test_player_death import is_numbered, wait_moving
from tests.run.windows import cover, is_all
from tests.support import wait_until
from wayvid.desk import Desk, NestedDesk

COLOUR = (40, 120, 200)
SCREEN = "HEADLESS-1"


@pytest.fixture(scope="module")
def colour_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "colour.mkv", (320, 180), COLOUR)


def is_coloured(path: Path) -> bool:
    return is_all(path, COLOUR)


def switches(pid: int) -> int:
    """How often all threads of a process have gone to sleep so far."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with suppress(OSError):  # the thread has ended meanwhile
            lines = status.read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
    return total


@pytest.mark.usefixtures("renderer")
def test_unplugged_output_comes_back_with_its_wallpaper_while_the_other_plays_on(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], colour_clip: Path
) -> None:
    run = run_wayvid(nested_desk, str(colour_clip))
    stays, goes = nested_desk.outputs
    for name in (stays, goes):
        run.wait_picture(name, is_coloured, "the clip")
    player = run.wait_player()
    for _ in range(3):
        nested_desk.remove_output(goes)
        assert is_coloured(run.shot(stays))
        goes = nested_desk.add_output()
        run.wait_picture(goes, is_coloured, "the clip on the new output")
        assert is_coloured(run.shot(stays))
    assert run.player_pid() == player, "the player was exchanged"
    assert run.stderr == ""
    assert run.end() == 0


def test_image_is_shown_on_an_output_that_comes_later_without_a_player(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    from PIL import Image

    image = tmp_path / "colour.png"
    Image.new("RGB", (1600, 900), COLOUR).save(image)
    run = run_wayvid(nested_desk, str(image))
    for name in nested_desk.outputs:
        run.wait_picture(name, is_coloured, "the image")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    late = nested_desk.add_output((900, 500))
    run.wait_picture(late, is_coloured, "the image on the new output")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert run.end() == 0


def test_only_the_named_outputs_get_a_wallpaper(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(colour_clip), "-o", "HEADLESS-1", "-o", "HEADLESS-3")
    run.wait_picture("HEADLESS-1", is_coloured, "the clip")
    run.wait_picture("HEADLESS-3", is_coloured, "the clip")
    assert not is_coloured(run.shot("HEADLESS-2"))


@pytest.mark.usefixtures("renderer")
def test_wallpaper_follows_a_change_of_scale_mode_and_rotation(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(colour_clip))
    run.wait_picture(SCREEN, is_coloured, "the clip")
    # As PNG: at a fractional scale grim gives the outermost pixels alpha, which a PPM has not.
    shot = run.folder / "shot.png"

    def wait_coloured(what: str) -> None:
        wait_until(lambda: is_coloured(sway_desk.shot(SCREEN, shot)), START_S, what)

    sway_desk.set_scale(SCREEN, 1.5)
    wait_coloured("the clip at scale 1.5")
    sway_desk.set_transform(SCREEN, "90")
    wait_coloured("the clip upright")
    sway_desk.set_size(SCREEN, (960, 600))
    wait_coloured("the clip in another mode")
    assert run.stderr == ""


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_covered_screen_does_not_stop_the_others_and_moves_again_when_seen(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, colour_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    for name in sway_desk.outputs:
        run.wait_picture(name, is_numbered, "the clip")
    window = cover(sway_desk, "HEADLESS-2", colour_clip, COLOUR)
    for _ in range(4):
        wait_moving(run)
    sway_desk.stop(window)
    first = read_number(run.wait_picture("HEADLESS-2", is_numbered, "the clip again"))
    run.wait_picture("HEADLESS-2", lambda path: read_number(path) not in (None, first), "motion when seen again")


def test_player_sleeps_while_every_screen_is_covered_and_plays_on_afterwards(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, colour_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    for name in sway_desk.outputs:
        run.wait_picture(name, is_numbered, "the clip")
    player = run.wait_player()
    windows = [cover(sway_desk, name, colour_clip, COLOUR) for name in sway_desk.outputs]
    seen = [switches(player)]

    def sleeps() -> bool:
        """No thread of it ran during twenty rounds of waiting."""
        seen.append(switches(player))
        return len(seen) > 21 and seen[-1] == seen[-21]

    wait_until(sleeps, START_S, "the player to sleep")
    for window in windows:
        sway_desk.stop(window)
    wait_moving(run)


def test_still_image_wakes_nothing(sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path) -> None:
    from PIL import Image

    image = tmp_path / "colour.png"
    Image.new("RGB", (640, 360), COLOUR).save(image)
    run = run_wayvid(sway_desk, str(image))
    for name in sway_desk.outputs:
        run.wait_picture(name, is_coloured, "the image")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    seen = [switches(run.process.pid)]

    def sleeps() -> bool:
        seen.append(switches(run.process.pid))
        return len(seen) > 51 and seen[-1] == seen[-51]

    wait_until(sleeps, START_S, "the daemon to sleep")
    assert all(is_coloured(run.shot(name)) for name in sway_desk.outputs)
