"""What another program writes: through the standard input, and through a named pipe, once or again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.run.test_lists import make_images
from tests.support import wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
FORMATS = {
    "mpegts": ("-c", "copy", "-f", "mpegts"),
    "matroska": ("-c", "copy", "-f", "matroska"),
    "y4m": ("-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe"),
}
Writer = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second with a number in each frame."""
    need_programs("ffmpeg")
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "piped.mp4", frames=30)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A named pipe."""
    path = tmp_path / "wall"
    os.mkfifo(path)
    return path


@pytest.fixture
def write(clip: Path) -> Iterator[Callable[..., Writer]]:
    """Starts ffmpeg on the clip, at the speed of play: write(where, format)."""
    writers: list[Writer] = []

    def start(where: str, form: str, *before: str) -> Writer:
        command = ["ffmpeg", "-v", "error", "-y", "-re", *before, "-i", str(clip), *FORMATS[form], where]
        writers.append(writer := subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
        return writer

    yield start
    for writer in writers:
        writer.kill()
        writer.communicate()


def number_on(run: Run) -> int | None:
    return read_number(run.shot(SCREEN))


def wait_moving(run: Run) -> None:
    first = read_number(run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip"))
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, first), "motion")


def wait_last(run: Run) -> None:
    """The last picture, kept without a player."""
    run.wait_state("held")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    number = number_on(run)
    assert number is not None, "no picture after the end"
    assert number > 20


@pytest.mark.parametrize("form", ["mpegts", "y4m", pytest.param("matroska", marks=pytest.mark.slow)])
def test_a_named_pipe_shows_each_writer_and_keeps_the_last_picture_between(
    sway_desk: Desk, run_wayvid: Callable[..., Run], fifo: Path, write: Callable[..., Writer], form: str
) -> None:
    run = run_wayvid(sway_desk, str(fifo), "-o", SCREEN)
    run.wait_listening()
    wait_until(lambda: run.player_pid() is None, START_S, "no player while nobody writes")
    status = run.status()
    assert (status.state, status.reason) == ("starting", "nobody writes to it yet")
    writer = write(str(fifo), form)
    wait_moving(run)
    assert writer.wait(timeout=START_S) == 0
    wait_last(run)
    assert "it has ended" in run.status().reason
    # A script that makes its pipe anew each time was heard once: the pipe that was removed was waited for.
    wait_last(run)
    fifo.unlink()
    fifo.write_bytes(b"as who writes to a pipe that is not there makes a file")
    wait_until(lambda: "no named pipe any more" in run.stderr, START_S, "a word on the file")
    fifo.unlink()
    os.mkfifo(fifo)
    write(str(fifo), form)
    wait_moving(run)
    assert run.stderr.count("\n") == 1, run.stderr


def test_a_pipe_that_nobody_writes_to_is_set_without_waiting_and_shown_with_its_writer(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, fifo: Path, write: Callable[..., Writer]
) -> None:
    # `wayvid set PIPE` said nothing for 90 s, so a script never came to its writer.
    run = run_wayvid(sway_desk, "wayvid:sea", "-o", SCREEN)
    run.wait_playing()
    command = [sys.executable, "-m", "wayvid", "set", str(fifo)]
    done = subprocess.run(command, env=run.desk.env, capture_output=True, text=True, timeout=START_S, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith(f"wayvid set: {fifo}: nobody writes to it yet; it is shown as soon as"), done.stderr
    assert run.ask("reload")["ok"], "a later command waited for it"
    with fifo.open("wb") as garbage:
        garbage.write(b"no video at all\n" * 4000)
    status = wait_until(lambda: now if (now := run.status()).refused else None, START_S, "a word on what is no video")
    assert status is not None
    assert (status.source, status.state) == ("wayvid:sea", "playing")
    assert f"cannot play '{fifo}'" in run.stderr
    # Also while the player is on its way out.
    assert run.ask("set", source=str(make_images(tmp_path, "a") / "a.png"))["ok"]
    answer = run.ask("set", source=str(fifo), outputs=[SCREEN])
    assert answer["data"]["outputs"] == [SCREEN]
    assert "nobody writes" in answer["data"]["note"]
    write(str(fifo), "mpegts")
    wait_moving(run)
    assert run.status().refused == ""


def test_a_writer_of_a_named_pipe_waits_while_nothing_is_decoded(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    fifo: Path,
    write: Callable[..., Writer],
    write_config: Callable[..., str],
) -> None:
    run = run_wayvid(sway_desk, f"pipe:{fifo}", "-o", SCREEN, "-c", write_config(hold_after_s=0.2))
    writer = write(str(fifo), "mpegts", "-stream_loop", "-1")
    wait_moving(run)
    assert run.ask("pause")["ok"]
    run.wait_state("paused", "held")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert writer.poll() is None, "the writer was ended"
    assert number_on(run) is not None
    assert run.ask("resume")["ok"]
    wait_moving(run)
    # Another renderer was asked for and never came, without a word.
    path = Path(write_config(hold_after_s=0.2))
    path.write_text('renderer = "gl"\n' + path.read_text())
    assert run.ask("reload")["ok"]
    wait_until(lambda: "comes with the next writer" in run.stderr, START_S, "a word on it")
    # A player that dies is no end either.
    os.kill(run.wait_player(), signal.SIGKILL)
    wait_until(lambda: run.status().crashes == 1, START_S, "the player's death")
    wait_moving(run)
    assert writer.poll() is None


def test_garbage_in_a_named_pipe_is_told_and_the_next_writer_is_shown(
    sway_desk: Desk, run_wayvid: Callable[..., Run], fifo: Path, write: Callable[..., Writer]
) -> None:
    run = run_wayvid(sway_desk, str(fifo), "-o", SCREEN)
    run.wait_listening()
    writer = write(str(fifo), "mpegts")
    wait_moving(run)
    writer.wait(timeout=START_S)
    wait_last(run)
    subprocess.run(["dd", f"of={fifo}", "bs=64k", "status=none"], input=b"no video at all\n" * 20000, check=False)
    status = run.wait_state("reconnecting")
    assert "not a video" in status.reason
    assert number_on(run) is not None
    # Until then it reads from the pipe, and who writes meanwhile breaks off with it.
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    write(str(fifo), "mpegts")
    wait_moving(run)


def test_the_standard_input_is_shown_and_its_last_picture_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[..., Writer]
) -> None:
    writer = write("-", "matroska")
    run = run_wayvid(sway_desk, "-", "-o", SCREEN, stdin=writer.stdout)
    wait_moving(run)
    wait_last(run)
    assert run.stderr == ""
    assert run.ask("set", source="/no/such/pipe")["error"]
