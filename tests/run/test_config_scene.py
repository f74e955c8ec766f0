"""What the config file says is what is on the screens: at the start, and the difference on a reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_colour_clip, make_numbered_clip, read_number
from tests.run.conftest import Run
from tests.run.windows import is_all
from tests.support import wait_until
from wayvid.desk import Desk, NestedDesk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
BLUE, RED = (40, 120, 200), (200, 80, 40)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with blue.mkv, red.mkv, numbers.mp4 of ten seconds and short.mp4 of one."""
    folder = tmp_path_factory.mktemp("clips")
    make_colour_clip(folder / "blue.mkv", (320, 180), BLUE)
    make_colour_clip(folder / "red.mkv", (320, 180), RED)
    make_numbered_clip(folder / "numbers.mp4", frames=300)
    make_numbered_clip(folder / "short.mp4", frames=30)
    return folder


@pytest.fixture
def write(clips: Path) -> Callable[[str], str]:
    """Writes the config file, beside the clips; its path."""

    def write(text: str) -> str:
        (clips / "config.toml").write_text(text)
        return str(clips / "config.toml")

    return write


def rule(match: str, **keys: object) -> str:
    words = {True: "true", False: "false"}
    told = "".join(f"{key} = {words.get(value, repr(value))}\n" for key, value in keys.items())  # type: ignore[call-overload]
    return f"[[output]]\nmatch = {match!r}\n{told}"


def sharing(run: Run) -> list[list[str]]:
    return sorted(stream.outputs for stream in run.status().streams)


def test_screens_show_what_their_rules_say_and_share_where_they_agree(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[[str], str], clips: Path
) -> None:
    run = run_wayvid(sway_desk, "-c", write("source = 'blue.mkv'\n" + rule("HEADLESS-[23]", source="red.mkv")))
    status = run.wait_playing()
    blue, red = str(clips / "blue.mkv"), str(clips / "red.mkv")
    assert [output.source for output in status.outputs] == [blue, red, red]
    assert sharing(run) == [[A], [B, C]]
    assert is_all(run.shot(A), BLUE)
    assert is_all(run.shot(B), RED)
    assert is_all(run.shot(C), RED)

    # A reload changes what is told differently, and lets the others play on: they are even on the same stream.
    before = {output.name: output.stream_id for output in run.status().outputs}
    write("source = 'blue.mkv'\n" + rule("HEADLESS-[23]", source="red.mkv") + rule(B, source="blue.mkv"))
    assert run.ask("reload")["ok"]
    assert is_all(run.shot(B), BLUE)
    assert is_all(run.shot(C), RED)
    after = {output.name: output.stream_id for output in run.status().outputs}
    assert after == {**before, B: before[A]}, "it joins the one that plays it"

    # What a command said stays until the file says something else of it.
    assert run.ask("set", source=str(clips / "red.mkv"), outputs=[A])["ok"]
    write("source = 'blue.mkv'\nlayout = 'contain'\n" + rule("HEADLESS-[23]", source="red.mkv"))
    assert run.ask("reload")["ok"]
    assert [is_all(run.shot(name), RED) for name in (A, B, C)] == [True] * 3
    assert [output.layout for output in run.status().outputs] == ["contain"] * 3
    write("source = 'numbers.mp4'\nlayout = 'stretch'\n" + rule("HEADLESS-[23]", source="red.mkv"))
    assert run.ask("reload")["ok"]
    assert read_number(run.shot(A)) is not None
    assert is_all(run.shot(B), RED)

    # A file that is wrong changes nothing, nor does one that names what is not there.
    write("sourc = 'blue.mkv'\n")
    answer = run.ask("reload")
    assert (answer["ok"], answer["code"], "did you mean source?" in answer["error"]) == (False, 9, True)
    write("layout = 'fill'\nsource = 'gone.mkv'\n")
    assert run.ask("reload")["code"] == 6
    status = run.status()
    assert "gone.mkv" in status.config_error
    assert [output.layout for output in status.outputs] == ["stretch"] * 3
    assert read_number(run.shot(A)) is not None


def test_speed_and_start_of_one_screen_are_its_own(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[[str], str]
) -> None:
    rules = rule(A, start_time=99) + rule(B, start_time=5) + rule(C, speed=0.5, start_time=4)
    run = run_wayvid(sway_desk, "-c", write("source = 'numbers.mp4'\n" + rules))
    status = run.wait_playing()
    assert [output.speed for output in status.outputs] == [1.0, 1.0, 0.5]
    assert len(status.streams) == 3
    assert (read_number(run.shot(B)) or 0) >= 150
    run.wait_picture(A, lambda path: (read_number(path) or 299) < 150, "the first half")
    assert "cannot start at 99 s; it starts at its beginning" in run.stderr

    # Another speed goes on from where it is; what agrees from then on is shared.
    run.wait_picture(C, lambda path: (read_number(path) or 0) >= 150, "the second half")
    write("source = 'numbers.mp4'\n" + rules.replace("0.5", "0.01"))
    assert run.ask("reload")["ok"]
    assert (read_number(run.shot(C)) or 0) >= 150, "it begins anew"
    assert run.status().outputs[2].speed == 0.01
    write("source = 'numbers.mp4'\n" + rule("HEADLESS-[23]", start_time=5))
    assert run.ask("reload")["ok"]
    wait_until(lambda: sharing(run) == [[A], [B, C]], 15, "two streams")
    run.wait_picture(C, lambda path: (read_number(path) or 0) >= 150, "the second half")


def test_what_does_not_loop_ends_with_its_last_picture_and_without_a_player(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[[str], str], clips: Path
) -> None:
    run = run_wayvid(sway_desk, "-c", write("source = 'short.mp4'\nloop = false\n"))
    run.wait_listening()
    status = run.wait_state("held")
    assert status.reason == "it has ended"
    wait_until(lambda: run.player_pid() is None, 15, "the player's end")
    assert [read_number(run.shot(name)) for name in (A, B, C)] == [29] * 3
    # Told to loop it goes on; a command begins another one, which ends like that.
    write("source = 'short.mp4'\nloop = true\n")
    assert run.ask("reload")["ok"]
    run.wait_picture(A, lambda path: (read_number(path) or 29) < 20, "the clip's beginning")
    write("source = 'short.mp4'\nloop = false\n")
    assert run.ask("reload")["ok"]
    run.wait_state("held")
    assert run.ask("set", source=str(clips / "blue.mkv"), outputs=[B])["ok"]
    assert is_all(run.shot(B), BLUE)
    assert read_number(run.shot(A)) == 29
    run.wait_state("held")
    assert is_all(run.shot(B), BLUE)


def test_the_command_line_goes_before_the_file(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[[str], str], clips: Path
) -> None:
    path = write("source = 'blue.mkv'\nlayout = 'contain'\n" + rule(B, source="numbers.mp4", layout="centre"))
    run = run_wayvid(sway_desk, str(clips / "red.mkv"), "-c", path, "-o", A, "-o", f"{B}=stretch")
    status = run.wait_playing()
    assert [(output.name, output.layout) for output in status.outputs] == [(A, "contain"), (B, "stretch")]
    assert [is_all(run.shot(name), RED) for name in (A, B)] == [True, True]
    write("source = 'numbers.mp4'\n")
    assert run.ask("reload")["ok"]
    assert is_all(run.shot(A), RED), "the file's source counts as little as before"
    assert run.status().outputs[0].layout == "fill"


def test_a_source_that_is_damaged_leaves_what_was_shown_until_it_is_mended(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write: Callable[[str], str], clips: Path
) -> None:
    (clips / "new.mkv").write_bytes(bytes(range(256)) * 800)
    run = run_wayvid(sway_desk, "-c", write("source = 'blue.mkv'\n"))
    run.wait_playing()
    write("source = 'blue.mkv'\n" + rule(B, source="new.mkv"))
    answer = run.ask("reload")
    assert (answer["ok"], answer["code"]) == (False, 6)
    assert [is_all(run.shot(name), BLUE) for name in (A, B)] == [True, True]
    assert "new.mkv" in run.status().config_error
    (clips / "new.mkv").write_bytes((clips / "red.mkv").read_bytes())
    assert run.ask("reload")["ok"]
    assert is_all(run.shot(B), RED)
    assert run.status().config_error == ""


def test_a_screen_that_comes_later_shows_what_its_rule_says(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], write: Callable[[str], str]
) -> None:
    run = run_wayvid(nested_desk, "-c", write("source = 'blue.mkv'\n" + rule("WL-[!12]", source="red.mkv")))
    run.wait_playing()
    name = nested_desk.add_output()
    run.wait_picture(name, lambda path: is_all(path, RED), "its rule's clip")
    assert is_all(run.shot("WL-1"), BLUE)
