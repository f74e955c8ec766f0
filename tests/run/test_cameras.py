"""A camera that is switched off, silent or something else: the last picture stays, and it is seen again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.conftest import need_programs
from tests.rtsp import Camera, View
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.errors import SourceUnplayable

SCREEN = "HEADLESS-1"
BACK_S = 30.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_programs("ffmpeg")
    folder = tmp_path_factory.mktemp("clips")
    return make_numbered_clip(folder / "camera.mp4", frames=300, extra=("-g", "15", "-bf", "0"))


@pytest.fixture
def camera(clip: Path) -> Iterator[Camera]:
    with Camera(clip) as camera:
        yield camera


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text("network_timeout_s = 1\n")
    return str(path)


def shown(run: Run) -> int | None:
    return read_number(run.shot(SCREEN))


def wait_moving(run: Run) -> None:
    first = read_number(run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "a picture", BACK_S))
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, first), "motion")


def test_a_camera_that_is_switched_off_keeps_its_last_picture_and_is_seen_again(
    sway_desk: Desk, run_wayvid: Callable[..., Run], camera: Camera, config: str
) -> None:
    run = run_wayvid(sway_desk, camera.url, "-o", SCREEN, "-c", config)
    run.wait_playing()
    wait_moving(run)
    camera.stop()
    run.wait_state("reconnecting", deadline_s=BACK_S)
    last = shown(run)
    assert last is not None, "no picture while it is off"
    wait_until(lambda: "refused" in run.status().reason, START_S, "the reason")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert shown(run) == last
    camera.start()
    wait_moving(run)
    assert run.wait_playing().reason == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 2, run.stderr
    assert "tried again in 1 s" in lines[0]
    assert "is back" in lines[1]


@pytest.mark.slow
def test_a_camera_that_falls_silent_is_noticed_and_is_seen_again(
    sway_desk: Desk, run_wayvid: Callable[..., Run], camera: Camera, config: str
) -> None:
    # It keeps the connection and sends nothing: a network that is gone without a word.
    run = run_wayvid(sway_desk, camera.url, "-o", SCREEN, "-c", config)
    run.wait_playing()
    camera.view = View.SILENT
    run.wait_state("reconnecting", deadline_s=BACK_S)
    assert shown(run) is not None
    camera.view = View.GOOD
    wait_moving(run)


def test_what_is_no_camera_is_one_clear_line(
    sway_desk: Desk, run_wayvid: Callable[..., Run], camera: Camera, config: str, clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(clip), "-o", SCREEN, "-c", config)
    run.wait_playing()

    def refused(url: str, view: View) -> str:
        camera.view = view
        answer = run.ask("set", source=url)
        assert not answer["ok"], view
        assert "\n" not in answer["error"]
        assert shown(run) is not None
        return str(answer["error"])

    for url, view, word in (
        (camera.wrong_url, View.GOOD, "404 Not Found"),
        (camera.url, View.NO_RTSP, "its path, name and password"),
        (camera.url, View.GARBAGE, "sends nothing"),
    ):
        assert word in refused(url, view), view
    camera.view = View.GOOD
    assert run.ask("set", source=camera.url)["ok"]
    wait_moving(run)
    # ffmpeg's own words, which libmpv wrote to stderr since its first core had gone.
    camera.stop()
    run.wait_state("reconnecting", deadline_s=BACK_S)
    wait_until(lambda: "refused" in run.status().reason, START_S, "the reason")
    assert "[tcp @" not in run.stderr, run.stderr
    run.end()
    camera.start()
    run = run_wayvid(sway_desk, camera.wrong_url, "-o", SCREEN, "-c", config)
    assert run.process.wait(timeout=START_S) == SourceUnplayable.exit_code
    assert run.stderr.count("\n") == 1
    assert "404 Not Found" in run.stderr
