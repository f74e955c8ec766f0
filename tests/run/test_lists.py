"""Folders and lists on the desk: clip follows clip without a gap, images follow images without a player."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PIL import Image

from tests.clips import make_colour_clip, make_numbered_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.windows import cover
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
FRAMES = 60
CUT = 'transition = "none"\n'
COLOURS = {"a": (200, 40, 40), "b": (40, 200, 40), "c": (40, 40, 200), "d": (200, 200, 40)}


def make_images(folder: Path, names: str = "abcd") -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", (64, 36), COLOURS[name]).save(folder / f"{name}.png")
    return folder


def config_in(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(text)
    return str(path)


def shown(run: Run) -> str:
    """Which image the screen shows; the state says the same by then."""

    def seen() -> str:
        average = average_colour(run.shot(SCREEN))
        name = next((name for name, colour in COLOURS.items() if is_near(average, colour)), "")
        return name if Path(run.status().outputs[0].file).stem == name else ""

    return wait_until(seen, START_S, f"an image of the list; stderr: {run.stderr}")


def test_clips_of_a_folder_follow_each_other_without_a_gap_or_black(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # libmpv's own playlist kept the last picture for the time that the next file needs to open.
    folder = tmp_path / "clips"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        make_numbered_clip(folder / name, FRAMES)
    (folder / "aa.mp4").write_bytes(b"no clip" * 100)
    run = run_wayvid(sway_desk, str(folder), "-o", SCREEN, "-c", config_in(tmp_path, CUT))
    run.wait_playing()
    files: list[str] = []
    last: int | None = None

    def is_third() -> bool:
        nonlocal last
        number = read_number(run.shot(SCREEN))
        assert number is not None, "black, or no picture of a clip"
        if last is not None and number < last:
            assert last >= FRAMES * 3 // 4, f"cut off at frame {last}"
            assert number <= FRAMES // 4, f"it began before it was seen, or froze: {number}"
            files.append(Path(run.status().outputs[0].file).name)
        last = number
        return len(files) == 3

    wait_until(is_third, START_S, f"three changes; stderr: {run.stderr}")
    assert {"a.mp4", "b.mp4"}.issuperset(files)
    assert run.stderr.count("aa.mp4 is left out") == 1, run.stderr


def test_shuffled_images_go_there_and_back_again_and_survive_a_restart(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    folder = make_images(tmp_path / "walls", "abc")
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    source = f"playlist:{folder}?order=shuffle&every_s=3600"
    config = config_in(tmp_path, CUT)
    run = run_wayvid(sway_desk, source, "-o", SCREEN, "-c", config, env=env)
    run.wait_listening()
    run.wait_state("still")
    way = [shown(run)]
    for _ in range(3):
        assert run.ask("next")["ok"]
        way.append(shown(run))
    assert sorted(way[:3]) == list("abc")
    assert all(one != other for one, other in pairwise(way))
    for wanted in way[-2::-1]:
        assert run.ask("prev")["ok"]
        assert shown(run) == wanted
    assert run.end() == 0

    run = run_wayvid(sway_desk, source, "-o", SCREEN, "-c", config, env=env)
    run.wait_listening()
    run.wait_state("still")
    assert shown(run) == way[0]
    assert run.ask("next")["ok"]
    assert shown(run) == way[1], "the same order as before"
    (folder / f"{way[1]}.png").unlink()
    assert wait_until(lambda: shown(run) not in (way[1], ""), START_S, "another image than the deleted one")
    run.wait_listening()
    run.wait_state("still")
    wait_until(lambda: run.player_pid() is None, START_S, "the end of the player")
    assert run.stderr == ""


def test_images_change_by_time_and_without_a_player_and_new_ones_are_noticed(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    folder = make_images(tmp_path / "walls", "a")
    run = run_wayvid(
        sway_desk, f"playlist:{folder}?every_s=1&recursive=true", "-o", SCREEN, "-c", config_in(tmp_path, CUT)
    )
    run.wait_listening()
    run.wait_state("still")
    assert shown(run) == "a"
    assert "not a folder or a list of several" in run.ask("next")["error"]
    make_images(folder, "b")
    wait_until(lambda: shown(run) == "b", START_S, "the new image")
    make_images(folder / "sub", "c")
    wait_until(lambda: shown(run) == "c", START_S, "the image in a new folder")
    wait_until(lambda: run.player_pid() is None, START_S, "a time without a player")
    wait_until(lambda: shown(run) == "a", START_S, "the first one again")
    assert run.stderr == ""
    # A disk that was taken out and came again: the list stood still for ever.
    away = folder.rename(tmp_path / "away")
    wait_until(lambda: "what is shown stays" in run.stderr, START_S, "a word on the folder that has gone")
    before = shown(run)
    away.rename(folder)
    wait_until(lambda: shown(run) != before, START_S, "the next image of the folder that is back")
    make_images(folder, "d")
    wait_until(lambda: shown(run) == "d", START_S, "a new image there")
    assert run.stderr.count("what is shown stays") == 1, run.stderr


def test_images_behind_a_window_stay_until_somebody_looks(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # Each change started a player for a picture that nobody saw.
    hidden, clock = make_images(tmp_path / "hidden", "abc"), make_images(tmp_path / "clock", "ad")
    screens = (SCREEN, "HEADLESS-2")
    options = [word for name in screens for word in ("-o", name)]
    run = run_wayvid(sway_desk, f"playlist:{hidden}?every_s=1", *options, "-c", config_in(tmp_path, CUT))
    run.wait_listening()
    run.wait_state("still")
    assert run.ask("set", source=f"playlist:{clock}?every_s=1", outputs=[screens[1]])["ok"]

    def files() -> list[str]:
        return [output.file for output in run.status().outputs]

    def wait_tick() -> list[str]:
        before = files()
        wait_until(lambda: files()[1] != before[1], START_S, "a change on the other screen")
        return files()

    white = (250, 250, 250)
    window = cover(sway_desk, SCREEN, make_colour_clip(tmp_path / "window.mkv", (64, 36), white), white)
    wait_tick()  # what was on its way
    before = wait_tick()[0]
    assert [wait_tick()[0] for _ in range(3)] == [before] * 3
    window.terminate()
    wait_until(lambda: files()[0] != before, START_S, "a change once it is seen")


def test_numbered_images_are_the_pictures_of_a_clip(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # libmpv finds none whose numbers begin at 5 or later.
    make_images(tmp_path / "frames")
    for number, name in enumerate(COLOURS):
        (tmp_path / "frames" / f"{name}.png").rename(tmp_path / "frames" / f"{number + 95:04}.png")
    config = config_in(tmp_path, f'{CUT}source = {{ path = "frames/%04d.png", fps = 3 }}\n')
    run = run_wayvid(sway_desk, "-o", SCREEN, "-c", config)
    for name in [*COLOURS, *COLOURS]:
        run.wait_picture(SCREEN, lambda path, name=name: is_near(average_colour(path), COLOURS[name]), f"image {name}")
    assert run.stderr == ""
