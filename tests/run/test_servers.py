"""A server that goes away, stalls or serves something else: the last picture stays, and play goes on by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import make_numbered_clip, read_number
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.servers import FaultServer, Mode
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.errors import SourceUnplayable

SCREEN = "HEADLESS-1"
BACK_S = 60.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twenty seconds with a number in each frame, whose index comes first, as servers of videos have it."""
    need_programs("ffmpeg")
    path = make_numbered_clip(
        tmp_path_factory.mktemp("clips") / "served.mp4", frames=600, extra=("-movflags", "+faststart", "-crf", "1")
    )
    return path.read_bytes()


@pytest.fixture
def server(clip: bytes) -> Iterator[FaultServer]:
    """Serves the clip about as fast as it plays."""
    with FaultServer(clip) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Little is read ahead, so that a server is missed soon."""
    path = tmp_path / "config.toml"
    path.write_text("network_timeout_s = 1\n[power]\nstream_ahead_mb = 1\n")
    return str(path)


def shown(run: Run) -> int | None:
    return read_number(run.shot(SCREEN))


def wait_moving_from(run: Run, least: int) -> None:
    """A picture of the clip from there on, and then another one."""

    def is_there(path: Path) -> bool:
        number = read_number(path)
        return number is not None and number >= least

    first = read_number(run.wait_picture(SCREEN, is_there, f"frame {least} or later", BACK_S))
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, first), "motion")


def test_a_server_that_goes_away_is_tried_again_and_its_last_picture_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], server: FaultServer, config: str
) -> None:
    server.pace_s = 16 / 1024 * 20 / (len(server.data) / 1024 / 1024) * 0.9
    run = run_wayvid(sway_desk, server.url, "-o", SCREEN, "-c", config)
    run.wait_playing()
    wait_moving_from(run, 30)
    server.stop()
    status = run.wait_state("reconnecting", deadline_s=BACK_S)
    assert "in 1 s: " in status.reason or "now: " in status.reason
    assert status.outputs[0].does == "reconnecting"
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    last = shown(run)
    assert last is not None, "no picture while the server is away"
    wait_until(lambda: "in 2 s: " in run.status().reason, START_S, "a longer pause")
    assert "refused" in run.status().reason
    assert shown(run) == last
    server.start()
    wait_moving_from(run, last - 30)  # it goes on where it was, and not at its beginning
    assert run.wait_playing().reason == ""
    assert run.stderr.count("\n") == 2, run.stderr
    assert "tried again in 1 s" in run.stderr
    assert "is back" in run.stderr


FAULTS = [Mode.STALL, Mode.RESET, pytest.param(Mode.TRICKLE, marks=pytest.mark.slow)]


@pytest.mark.parametrize("mode", FAULTS)
def test_a_server_that_breaks_off_is_noticed_and_its_last_picture_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], server: FaultServer, config: str, mode: Mode
) -> None:
    server.mode = mode
    server.cut_bytes = len(server.data) // 12
    server.has_ranges = False
    run = run_wayvid(sway_desk, server.url, "-o", SCREEN, "-c", config)
    run.wait_playing()
    run.wait_state("reconnecting", deadline_s=BACK_S)
    last = shown(run)
    assert last is not None
    if mode is Mode.STALL:
        server.mode = Mode.GARBAGE  # found again, it serves something else
        wait_until(lambda: "in 2 s: " in run.status().reason, START_S, "a longer pause")
        assert "not a video" in run.status().reason
        assert shown(run) == last
    server.mode = Mode.GOOD
    wait_moving_from(run, 0)


@pytest.mark.parametrize("renderer", ["gl"], indirect=True)
@pytest.mark.usefixtures("renderer")
def test_what_stays_with_opengl_is_the_picture_as_it_was(
    sway_desk: Desk, run_wayvid: Callable[..., Run], config: str, tmp_path: Path
) -> None:
    """libmpv has no picture any more when it has closed the file, and what is kept in memory each second is smaller."""
    clip = make_numbered_clip(
        tmp_path / "large.mp4", frames=90, size=(1280, 720), extra=("-movflags", "+faststart", "-crf", "1")
    )
    with FaultServer(clip.read_bytes()) as server:
        server.mode, server.has_ranges = Mode.RESET, False
        server.cut_bytes = len(server.data) // 2
        run = run_wayvid(sway_desk, server.url, "-o", SCREEN, "-c", config)
        run.wait_playing()
        run.wait_state("reconnecting", deadline_s=BACK_S)
        last = run.shot(SCREEN)
        assert read_number(last) is not None
        with Image.open(last) as picture:
            shades = picture.convert("L").histogram()
        blurred = sum(shades[48:208]) / sum(shades)
        assert blurred < 0.001, f"{blurred:.1%} of the pixels are between black and white"


def test_a_clip_from_a_server_begins_again_at_its_end(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, config: str
) -> None:
    path = make_numbered_clip(tmp_path / "short.mp4", frames=60, extra=("-movflags", "+faststart"))
    with FaultServer(path.read_bytes()) as server:
        run = run_wayvid(sway_desk, server.url, "-o", SCREEN, "-c", config)
        run.wait_playing()
        rounds, last = 0, 0
        while rounds < 2:
            number = shown(run)
            assert number is not None, "no frame of the clip"
            rounds += number < last
            last = number
        assert run.stderr == ""


def test_a_server_that_is_away_at_the_start_is_waited_for(
    sway_desk: Desk, run_wayvid: Callable[..., Run], server: FaultServer, tmp_path: Path, numbered_clip: Path
) -> None:
    # As at a login before the network is there; one screen by the config's own word, the other by a rule.
    config = tmp_path / "config.toml"
    other = server.url.replace("clip", "other")
    config.write_text(f'source = "{server.url}"\n')
    for name, source in (("HEADLESS-2", other), ("HEADLESS-3", numbered_clip)):
        with config.open("a") as file:
            file.write(f'[[output]]\nmatch = "{name}"\nsource = "{source}"\n')
    server.stop()
    run = run_wayvid(sway_desk, "-c", str(config))
    run.wait_listening()

    def does() -> list[str]:
        return [output.does for output in run.status().outputs]

    wait_until(lambda: does() == ["reconnecting", "reconnecting", "playing"], START_S, "a clip on one screen alone")
    assert run.stderr.count("\n") == 2
    assert run.stderr.count("it is tried again in 1 s") == 2
    server.start()
    wait_until(lambda: does() == ["playing"] * 3, START_S, "the server's clips")


def test_a_list_whose_servers_are_away_waits_and_says_so(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, config: str
) -> None:
    clip = make_numbered_clip(tmp_path / "short.mp4", frames=60, extra=("-movflags", "+faststart"))
    with FaultServer(clip.read_bytes()) as server:
        path = tmp_path / "list.m3u"
        path.write_text("".join(server.url.replace("clip", name) + "\n" for name in "abc"))
        server.stop()
        run = run_wayvid(sway_desk, str(path), "-o", SCREEN, "-c", config)
        run.wait_listening()
        assert "refused" in run.wait_state("reconnecting").reason  # it ended with an error
        server.start()
        run.wait_playing()
        server.mode = Mode.MISSING
        wait_until(lambda: "nothing of its list can be played" in run.status().reason, BACK_S, "the reason")
        assert "404" in run.status().reason
        assert shown(run) is not None, "no last picture"
        server.mode = Mode.GOOD
        wait_until(lambda: (run.status().state, run.status().reason) == ("playing", ""), BACK_S, "another round")


def test_what_cannot_be_played_from_a_server_is_one_line_and_what_is_shown_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], server: FaultServer, config: str, numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-o", SCREEN, "-c", config)
    run.wait_playing()
    words = {
        Mode.MISSING: "404",
        Mode.BUSY: "503",
        Mode.GARBAGE: "not a video",
        Mode.PAGE: "ytdl = true",
        Mode.TRICKLE: "sends nothing",
    }
    server.cut_bytes = 100
    for mode, word in words.items():
        server.mode = mode
        answer = run.ask("set", source=server.url)
        assert not answer["ok"], mode
        message = answer["error"]
        assert word in message, message
        assert "\n" not in message
        assert shown(run) is not None
    assert run.status().state == "playing"
    server.mode = Mode.MISSING  # which no waiting makes better: it is told at the start, too
    run.end()
    run = run_wayvid(sway_desk, server.url, "-o", SCREEN, "-c", config)
    assert run.process.wait(timeout=START_S) == SourceUnplayable.exit_code
    assert "404" in run.stderr
    assert run.stderr.count("\n") == 1


def test_the_video_of_a_web_page_is_played_where_the_config_says_so(
    sway_desk: Desk, run_wayvid: Callable[..., Run], server: FaultServer, tmp_path: Path
) -> None:
    # In place of the real program, which would need the network: what it says of a page.
    program = tmp_path / "bin" / "yt-dlp"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'echo \'{{"title": "sea", "url": "{server.url}", "protocol": "http", "ext": "mp4", "extractor": "x"}}\'\n'
    )
    program.chmod(0o755)
    config = tmp_path / "config.toml"
    config.write_text("ytdl = true\n")
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    run = run_wayvid(sway_desk, server.page_url, "-o", SCREEN, "-c", str(config), env=path)
    run.wait_playing()
    assert shown(run) is not None
    assert run.ask("status")["data"]["source"] == server.page_url
