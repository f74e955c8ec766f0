"""Media keys: the real program on a real session bus, asked as panels ask it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.buses import PrivateBus
from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.panel import Panel
from tests.support import average_colour, is_near, wait_until
from wayvid.daemon.media import BUS_NAME, PATH, PLAYER
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
RATE = 30
US = 1_000_000


@pytest.fixture
def panel(bus: PrivateBus) -> Iterator[Panel]:
    panel = Panel(bus.address)
    yield panel
    panel.close()


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text("mpris = true\n")
    return str(path)


def number(run: Run) -> int | None:
    return read_number(run.shot(SCREEN))


def test_media_keys_steer_the_wallpaper_and_panels_see_it(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, bus: PrivateBus, panel: Panel, config: str
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", config, env=bus.env)
    run.wait_playing()
    panel.wait_player()
    assert run.status().mpris == BUS_NAME
    metadata = panel.get("Metadata")
    assert metadata["xesam:title"] == ("s", numbered_clip.name)
    assert metadata["xesam:url"] == ("s", f"file://{numbered_clip}")
    assert metadata["mpris:length"][1] == pytest.approx(10 * US, abs=US // 10)
    assert panel.get("PlaybackStatus") == "Playing"

    panel.listen()
    panel.call("Pause")
    shown = [number(run) for _ in range(12)]
    assert None not in shown
    assert len(set(shown[1:])) == 1, "another picture after Pause"  # the first may have been on its way
    panel.wait_signal(lambda told: told == (PLAYER, {"PlaybackStatus": ("s", "Paused")}, []))
    panel.call("SetPosition", "ox", (metadata["mpris:trackid"][1], 5 * US))
    wait_until(lambda: abs((number(run) or 0) - 5 * RATE) <= 1, START_S, "the frame of the fifth second")
    panel.wait_signal(lambda told: told[0] == pytest.approx(5 * US, abs=US // 10))  # Seeked
    assert panel.get("Position") == pytest.approx(5 * US, abs=US // 10)
    panel.call("Seek", "x", (-2 * US,))
    wait_until(lambda: abs((number(run) or 0) - 3 * RATE) <= 1, START_S, "two seconds before")
    panel.call("PlayPause")
    before = number(run)
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, before), "the clip moving")
    wait_until(lambda: panel.get("PlaybackStatus") == "Playing", START_S, "Playing")

    with pytest.raises(AssertionError, match="not a folder or a list of several files"):
        panel.call("Next")
    with pytest.raises(AssertionError, match="no method"):
        panel.call("Fly")
    words = ["gdbus", "introspect", "--session", "--only-properties", "--dest", BUS_NAME, "--object-path", PATH]
    env = sway_desk.env | bus.env
    told = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout
    assert "readonly s PlaybackStatus = 'Playing'" in told

    bus.stop()
    wait_until(lambda: "media keys" in run.stderr, START_S, "a line about the bus")
    assert run.stderr.count("media keys") == 1
    assert "the session bus" in run.status().mpris
    assert run.status().state == "playing"


def test_media_keys_go_through_a_folder_there_and_back(
    sway_desk: Desk, run_wayvid: Callable[..., Run], bus: PrivateBus, panel: Panel, config: str, tmp_path: Path
) -> None:
    folder = tmp_path / "walls"
    folder.mkdir()
    colours = {"a.png": (200, 40, 40), "b.png": (40, 200, 40), "c.mkv": (40, 40, 200)}
    for name in ("a.png", "b.png"):
        Image.new("RGB", (64, 36), colours[name]).save(folder / name)
    make_colour_clip(folder / "c.mkv", (64, 36), colours["c.mkv"], seconds=60)
    run = run_wayvid(sway_desk, str(folder), "-o", SCREEN, "-c", config, env=bus.env)
    panel.wait_player()

    def wait_shown(name: str) -> None:
        wait_until(lambda: panel.get("Metadata").get("xesam:title") == ("s", name), START_S, f"the title {name}")
        run.wait_picture(SCREEN, lambda path: is_near(average_colour(path), colours[name]), f"the picture {name}")

    wait_shown("a.png")
    assert panel.get("CanGoNext")
    for method, names in (("Next", ("b.png", "c.mkv", "a.png")), ("Previous", ("c.mkv", "b.png"))):
        for name in names:
            panel.call(method)
            wait_shown(name)


def test_without_a_bus_it_plays_and_says_so_once_and_a_reload_turns_it_off(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, config: str, tmp_path: Path
) -> None:
    env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nowhere"}
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", config, env=env)
    run.wait_playing()
    assert "no session bus" in run.status().mpris
    assert run.stderr.count("media keys") == 1
    Path(config).write_text("mpris = false\n")
    assert run.ask("reload")["ok"]
    assert run.status().mpris == "off"
    assert run.end() == 0
    assert run.stderr.count("media keys") == 1
