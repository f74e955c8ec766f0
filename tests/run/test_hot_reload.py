"""The config file is saved: what changes is on screen, and nothing else has moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_colour_clip
from tests.run.conftest import START_S, Run
from tests.run.windows import is_all
from tests.servers import FaultServer, Mode
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.memtest.wire_log import NO_MEMORY
from wayvid.memtest.wiretap import Wiretap

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
UNFINISHED = "a quote is not closed"
BLUE, RED = (40, 120, 200), (200, 80, 40)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with blue.mkv and red.mkv."""
    folder = tmp_path_factory.mktemp("clips")
    make_colour_clip(folder / "blue.mkv", (320, 180), BLUE)
    make_colour_clip(folder / "red.mkv", (320, 180), RED)
    return folder


def test_file_may_come_break_and_be_mended(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: Path, tmp_path: Path
) -> None:
    def config(name: str) -> str:
        return f"source = '{clips / name}'\n"

    home = tmp_path / "home"  # not there yet
    path = home / "wayvid" / "config.toml"
    run = run_wayvid(sway_desk, env={"XDG_CONFIG_HOME": str(home)})
    run.wait_playing()
    player = run.wait_player()

    def wait_shown(colour: tuple[int, int, int]) -> None:
        run.wait_picture(A, lambda shot: is_all(shot, colour), f"{colour}")

    path.parent.mkdir(parents=True)
    path.write_text(config("blue.mkv"))
    wait_shown(BLUE)
    assert run.status().config_path == str(path)

    path.write_text("sourc = 'red.mkv'\n")
    wait_until(lambda: "did you mean source?" in run.status().config_error, START_S, "the error")
    path.touch()
    path.write_text("sourc = 'red.mkv'\n")
    path.write_text("source = '")
    wait_until(lambda: UNFINISHED in run.status().config_error, START_S, "the other error")
    assert is_all(run.shot(A), BLUE)

    store = tmp_path / "store.toml"
    store.write_text(config("red.mkv"))
    aside = path.with_suffix(".new")
    aside.symlink_to(store)
    aside.replace(path)
    wait_shown(RED)
    assert run.status().config_error == ""
    store.write_text(config("blue.mkv"))
    wait_shown(BLUE)
    path.unlink()
    wait_until(lambda: "no such file" in run.status().config_error, START_S, "that it is missed")
    assert is_all(run.shot(A), BLUE)
    path.write_text(config("red.mkv"))
    wait_shown(RED)
    assert run.status().config_error == ""
    assert run.player_pid() == player
    reasons = ("did you mean source?", UNFINISHED, "no such file")
    lines = [line for line in run.stderr.splitlines() if line.startswith("wayvid")]
    assert [next(reason for reason in reasons if reason in line) for line in lines] == list(reasons)


def test_a_source_that_another_one_overtakes_is_no_fault_of_the_file(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: Path, tmp_path: Path
) -> None:
    # The file was called "not in force" for as long as it stayed, since the one before had not been seen.
    path = tmp_path / "config.toml"
    path.write_text(f"source = '{clips / 'red.mkv'}'\n")
    run = run_wayvid(sway_desk, "-c", str(path))
    run.wait_playing()
    with FaultServer((clips / "red.mkv").read_bytes()) as server:
        server.mode, server.cut_bytes = Mode.STALL, 0
        path.write_text(f"source = '{server.url}'\n")
        wait_until(lambda: run.status().state == "starting", START_S, "the server to be asked")
        path.write_text(f"source = '{clips / 'blue.mkv'}'\n")
        run.wait_picture(A, lambda shot: is_all(shot, BLUE), "the other clip")
        assert run.status().config_error == ""
        assert run.stderr == ""


def test_output_that_is_told_the_same_does_not_blink(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: Path, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    image = tmp_path / "still.ppm"
    image.write_bytes(b"P6 2 2 255\n" + bytes(BLUE) * 4)

    def save(source: str) -> None:
        aside = path.with_suffix(".toml~")
        aside.write_text(f"source = '{image}'\n[[output]]\nmatch = '{C}'\nsource = '{clips / source}'\n")
        aside.replace(path)

    save("blue.mkv")
    with Wiretap(sway_desk.display) as tap:
        run = run_wayvid(sway_desk, "-c", str(path), env={"WAYLAND_DISPLAY": str(tap.path)})
        run.wait_picture(C, lambda shot: is_all(shot, BLUE), "the clip")
        run.wait_picture(B, lambda shot: is_all(shot, BLUE), "the image")
        (daemon,) = tap.clients(run.process.pid)

        def pictures() -> int:
            return sum(commit.memory != NO_MEMORY for commit in daemon.log.commits)

        shown = pictures()
        save("red.mkv")
        run.wait_picture(C, lambda shot: is_all(shot, RED), "the other clip")
        assert all(is_all(run.shot(name), BLUE) for name in (A, B))
        assert pictures() == shown, "the images were shown again"
        assert run.stderr == ""


def test_a_renderer_that_is_asked_for_comes_also_when_a_command_comes_in_between(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: Path, tmp_path: Path
) -> None:
    # The new player that the command had called off was not tried again.
    path = tmp_path / "config.toml"
    path.write_text('renderer = "shm"\n')
    run = run_wayvid(sway_desk, str(clips / "blue.mkv"), "-o", A, "-c", str(path))
    run.wait_playing()
    path.write_text('renderer = "gl"\n')
    assert run.ask("reload")["ok"]
    assert run.ask("pause")["ok"]
    wait_until(lambda: run.status().renderer.name == "gl", START_S, f"OpenGL; {run.status().renderer} {run.stderr}")
    assert run.status().state == "paused"
    run.wait_picture(A, lambda shot: is_all(shot, BLUE), "the clip")
