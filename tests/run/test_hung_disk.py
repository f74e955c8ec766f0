"""A disk or server that stops answering: what is shown stays, and commands and other screens go on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.test_lists import COLOURS, config_in, make_images
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk

SCREEN, OTHER = "HEADLESS-1", "HEADLESS-2"
# In place of a network mount whose server has gone: each look below a folder waits as long as a file is locked.
HANGS = """
import fcntl, os
from wayvid.system import errands

errands.GIVEN_UP_AFTER_S = 3.0
errands.ANSWERED_WITHIN_S = 1.5
folder, flag = os.environ["HUNG_FOLDER"], os.environ["HUNG_FLAG"]
real_open = os.open

def hanging(call):
    def wait(path=".", *args, **kwargs):
        if str(path).startswith(folder):
            lock = real_open(flag, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(real_open(flag + ".asked", os.O_CREAT))
                fcntl.flock(lock, fcntl.LOCK_SH)
            finally:
                os.close(lock)
        return call(path, *args, **kwargs)
    return wait

for name in ("stat", "lstat", "scandir", "open"):
    setattr(os, name, hanging(getattr(os, name)))
"""


class Disk:
    """The folder, as far as it answers.

    Args:
        flag: what is locked while it does not.
    """

    def __init__(self, flag: Path) -> None:
        self.flag = flag
        self.asked = Path(f"{flag}.asked")
        self._lock = os.open(flag, os.O_RDWR | os.O_CREAT)

    def hang(self) -> None:
        """It answers no more."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def answer(self) -> None:
        """It answers, also those who wait."""
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """It answers."""
        os.close(self._lock)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Behind the folder `nas`."""
    disk = Disk(tmp_path / "hangs")
    yield disk
    disk.close()


def test_a_list_on_a_disk_that_hangs_holds_up_nothing_else(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, disk: Disk
) -> None:
    # The whole daemon stood still for as long as the server was away, frames of other screens included.
    folder, place = make_images(tmp_path / "nas", "abc"), tmp_path / "site"
    place.mkdir()
    (place / "sitecustomize.py").write_text(HANGS)
    clip = make_numbered_clip(tmp_path / "clip.mp4", 90)
    told = f'transition = "none"\nsource = {{ path = "{folder}", every_s = 1 }}\n'
    config = config_in(tmp_path, told)
    env = {"PYTHONPATH": str(place), "HUNG_FOLDER": str(folder), "HUNG_FLAG": str(disk.flag)}
    words = ("-o", SCREEN, "-o", OTHER, "-c", config)
    run = run_wayvid(sway_desk, *words, env=env)
    run.wait_listening()
    run.wait_state("still")
    assert run.ask("set", source=str(clip), outputs=[OTHER])["ok"]
    disk.hang()

    def word() -> bool:
        return "does not answer" in run.status().reason

    wait_until(word, START_S, f"a word on it; stderr: {run.stderr}")
    before = run.shot(SCREEN)
    assert any(is_near(average_colour(before), colour) for colour in COLOURS.values()), "no picture"
    numbers: set[int | None] = set()

    def has_moved() -> bool:
        numbers.add(read_number(run.shot(OTHER)))
        return len(numbers) > 5

    wait_until(has_moved, START_S, "motion on the other screen")
    for command, more in (("next", {}), ("set", {"source": str(folder)})):
        answer = run.ask(command, outputs=[SCREEN], **more)
        assert "does not answer" in answer["error"], answer
    Path(config).write_text(f'{told}[[output]]\nmatch = "{OTHER}"\nsource = "{folder}/b.png"\n')
    refusal = f"{folder}/b.png: its disk or server does not answer; see whether it is there; what was in force"
    wait_until(lambda: refusal in run.stderr.replace("'", ""), START_S, f"a word on it; stderr: {run.stderr}")
    assert run.ask("pause", outputs=[OTHER])["ok"]
    assert run.stderr.count("what is shown stays") == 1, run.stderr
    disk.answer()
    file = run.status().outputs[0].file
    wait_until(lambda: run.status().outputs[0].file != file, START_S, "the next image once it is back")
    disk.hang()
    assert run.end() == 0


def slow_disk(tmp_path: Path, disk: Disk) -> tuple[Path, Path, dict[str, str]]:
    """A folder of images, one that is on the disk, and the environment in which that hangs as long as it is told."""
    images, place = make_images(tmp_path / "images"), tmp_path / "site"
    slow = make_images(tmp_path / "nas", "a") / "a.png"
    place.mkdir()
    (place / "sitecustomize.py").write_text(HANGS.replace("WITHIN_S = 1.5", f"WITHIN_S = {START_S}"))
    return images, slow, {"PYTHONPATH": str(place), "HUNG_FOLDER": str(slow.parent), "HUNG_FLAG": str(disk.flag)}


def test_a_source_from_a_slow_disk_does_not_take_the_place_of_what_was_set_after_it(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, disk: Disk
) -> None:
    images, slow, env = slow_disk(tmp_path, disk)
    words = ("-o", SCREEN, "-o", OTHER, "-c", config_in(tmp_path, 'transition = "none"\n'))
    run = run_wayvid(sway_desk, str(images / "b.png"), *words, env=env)
    run.wait_listening()
    run.wait_state("still")

    def shows(colour: str) -> list[bool]:
        return [is_near(average_colour(run.shot(name)), COLOURS[colour]) for name in (SCREEN, OTHER)]

    for colour, outputs, is_shown in (("c", [SCREEN, OTHER], True), ("d", [SCREEN], False)):
        disk.hang()
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(run.ask, "set", source=str(slow), outputs=outputs)
            wait_until(disk.asked.exists, START_S, "a look at the disk")
            assert run.ask("set", source=str(images / f"{colour}.png"), outputs=[SCREEN])["ok"]
            disk.answer()
        assert answer.result()["ok"] is is_shown, answer.result()
        assert is_shown or "another source was set" in answer.result()["error"]
        wait_until(lambda colour=colour: shows(colour) == [True, False], START_S, "what was set last")
        assert shows("a") == [False, True], "where nothing else was set it is shown"
        disk.asked.unlink()
    assert run.stderr == ""


def test_what_is_said_while_a_source_waits_for_its_disk_holds_when_it_comes(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, disk: Disk
) -> None:
    # It played although it had been paused since, and took the place of what the config file had been told since.
    images, slow, env = slow_disk(tmp_path, disk)
    config = Path(config_in(tmp_path, f'transition = "none"\nsource = "{images}/b.png"\n'))
    run = run_wayvid(sway_desk, "-o", SCREEN, "-c", str(config), env=env)
    run.wait_listening()
    run.wait_state("still")
    for commands, is_paused in ((["pause"], True), (["pause", "resume"], False), (["resume", "toggle"], True)):
        disk.hang()
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(run.ask, "set", source=str(slow))
            wait_until(disk.asked.exists, START_S, "a look at the disk")
            for command in commands:
                assert run.ask(command)["ok"]
            disk.answer()
        assert answer.result()["ok"], answer.result()
        shown = run.status()
        assert (shown.source, shown.outputs[0].is_paused) == (str(slow), is_paused), commands
        assert run.ask("set", source=str(images / "c.png"))["ok"]
        disk.asked.unlink()
    disk.hang()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(run.ask, "set", source=str(slow))
        wait_until(disk.asked.exists, START_S, "a look at the disk")
        config.write_text(f'transition = "none"\nsource = "{images}/d.png"\n')
        assert run.ask("reload")["ok"]
        disk.answer()
    assert "another source was set" in answer.result()["error"]
    assert run.status().source == str(images / "d.png")
