"""Commands that come faster than they take effect: the last one holds, and the wallpaper is never stuck."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.test_player_death import is_numbered, wait_moving
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk, NestedDesk

SCREEN = "HEADLESS-1"
COLOUR = (40, 120, 200)


@pytest.fixture(scope="module")
def colour_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "colour.mkv", (320, 180), COLOUR)


@pytest.fixture
def broken_clip(tmp_path: Path) -> Path:
    """Only libmpv finds out that it cannot be played."""
    path = tmp_path / "broken.mp4"
    path.write_bytes(bytes(range(256)) * 800)
    return path


def is_coloured(path: Path) -> bool:
    return is_near(average_colour(path), COLOUR)


class SlowServer:
    """A source that is neither there nor not, until it is sent, or let go of: then it is broken."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._peers: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/clip.mp4"

    def wait_asked(self) -> None:
        self._listener.settimeout(START_S)
        self._peers.append(self._listener.accept()[0])

    def send(self, path: Path) -> None:
        peer = self._peers[-1]
        data = path.read_bytes()
        peer.settimeout(START_S)
        peer.recv(1 << 16)  # the request
        peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)

    def close(self) -> None:
        self._listener.close()
        while self._peers:
            self._peers.pop().close()


@pytest.fixture
def slow_server() -> Iterator[SlowServer]:
    server = SlowServer()
    yield server
    server.close()


class Asked:
    """A request whose answer is not waited for."""

    def __init__(self, run: Run, command: str, **fields: object) -> None:
        self.answer: dict[str, object] = {}
        self._thread = Thread(target=lambda: self.answer.update(run.ask(command, **fields)))
        self._thread.start()

    def wait(self) -> dict[str, object]:
        self._thread.join(START_S)
        return self.answer


def test_same_source_set_again_begins_anew(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    # The answer never came, and the player died of the next frame.
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    player = run.wait_player()
    for _ in range(3):
        run.wait_picture(SCREEN, lambda path: 60 < (read_number(path) or 0) < 200, "the clip's third second")
        assert run.ask("set", source=str(numbered_clip))["ok"]
        run.wait_picture(SCREEN, lambda path: (read_number(path) or 99) < 45, "the clip's beginning")
        wait_moving(run)
    assert run.player_pid() == player
    assert run.stderr == ""


def test_last_of_several_sources_is_shown(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, colour_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    asked = [Asked(run, "set", source=str(clip)) for clip in (colour_clip, numbered_clip, colour_clip, numbered_clip)]
    for one in asked:
        assert one.wait(), "no answer"
    assert run.ask("set", source=str(numbered_clip))["ok"]
    for name in sway_desk.outputs:
        run.wait_picture(name, is_numbered, "the clip that was set last")
    wait_moving(run)
    assert len(run.status().streams) == 1


def test_pause_that_comes_while_a_source_loads_stops_that_source(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, colour_clip: Path, slow_server: SlowServer
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    asked = Asked(run, "set", source=slow_server.url)
    slow_server.wait_asked()
    assert run.ask("pause")["ok"]
    slow_server.send(colour_clip)
    assert asked.wait()["ok"]
    status = run.status()
    assert (status.state, status.source) == ("paused", slow_server.url)
    run.wait_picture(SCREEN, is_coloured, "the new source")


@pytest.mark.parametrize("hold_after_s", [0.3, 3600])
def test_source_that_fails_while_paused_leaves_the_pause_and_its_hold(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    slow_server: SlowServer,
    hold_after_s: float,
) -> None:
    # The time to hold came while the other source was loading, and then never again.
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=hold_after_s))
    run.wait_playing()
    asked = Asked(run, "set", source=slow_server.url)
    slow_server.wait_asked()
    assert run.ask("pause")["ok"]
    for _ in range(10):  # long enough for the pause to be held
        assert is_numbered(run.shot(SCREEN))
    slow_server.close()
    assert not asked.wait()["ok"]
    assert run.wait_state("held" if hold_after_s < 1 else "paused").reason in ("paused", "")
    assert is_numbered(run.shot(SCREEN))
    assert run.ask("resume")["ok"]
    run.wait_playing()
    wait_moving(run)


def test_broken_source_while_held_leaves_it_held(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    broken_clip: Path,
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.1))
    run.wait_playing()
    assert run.ask("pause")["ok"]
    run.wait_state("held")
    before = read_number(run.shot(SCREEN))
    for _ in range(2):
        assert not run.ask("set", source=str(broken_clip))["ok"]
        run.wait_state("held")
        assert read_number(run.shot(SCREEN)) == before
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert run.ask("resume")["ok"]
    run.wait_playing()
    wait_moving(run)


def test_broken_source_on_the_way_to_a_hold_is_followed_by_the_hold(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    broken_clip: Path,
) -> None:
    # It was thawed to try the other source, and then nobody held it again.
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.01))
    run.wait_playing()
    for _ in range(4):
        assert run.ask("pause")["ok"]
        assert not run.ask("set", source=str(broken_clip))["ok"]
        run.wait_state("held")
        assert is_numbered(run.shot(SCREEN))
        assert run.ask("resume")["ok"]
        run.wait_playing()


def test_pause_and_resume_in_a_row_end_as_the_last_one_says(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.01))
    run.wait_playing()
    for _ in range(60):
        run.ask("pause")
        run.ask("resume")
        assert is_numbered(run.shot(SCREEN)), "black"
    run.wait_playing()
    wait_moving(run)
    for _ in range(60):
        run.ask("resume")
        run.ask("pause")
    run.wait_state("held")
    assert is_numbered(run.shot(SCREEN))
    assert run.stderr == ""


def test_clip_without_any_screen_is_held_and_plays_on_the_next_one(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(nested_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.3))
    run.wait_playing()
    for _ in range(2):
        for name in nested_desk.outputs:
            nested_desk.remove_output(name)
        # "playing" was said all the while.
        status = run.wait_state("hidden", "held")
        assert (status.state, status.reason) in (("hidden", "no screen is there"), ("held", "no screen shows it"))
        assert run.wait_state("held").reason == "no screen shows it"
        name = nested_desk.add_output()
        run.wait_picture(name, is_numbered, "the clip")
        run.wait_playing()


def test_output_that_goes_while_held_is_missed_by_nobody(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(nested_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.05))
    run.wait_playing()
    goes, stays = nested_desk.outputs
    for _ in range(3):
        assert run.ask("pause")["ok"]
        nested_desk.remove_output(goes)
        run.wait_state("held")
        assert is_numbered(run.shot(stays))
        goes = nested_desk.add_output()
        run.wait_picture(goes, is_numbered, "the held picture")
        assert run.status().state == "held"
        assert run.ask("resume")["ok"]
        run.wait_playing()
    assert run.stderr == ""


@pytest.mark.parametrize("hold_after_s", [0.01, 0.2])
def test_end_on_the_way_to_a_hold_is_an_orderly_one(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    hold_after_s: float,
) -> None:
    for _ in range(3):
        run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=hold_after_s))
        run.wait_playing()
        player = run.wait_player()
        run.ask("pause")
        wait_until(lambda run=run: run.status().outputs[0].state == "still", START_S, "the still")
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(timeout=START_S) == 0
        assert not Path(f"/proc/{player}").exists()
        assert run.stderr == ""


def test_source_that_fails_after_a_while_leaves_the_clip_playing(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    slow_server: SlowServer,
) -> None:
    # While the other source loads no screen shows the clip, which is no reason to hold it afterwards.
    config = Path(write_config(hold_after_s=0.1))
    config.write_text("network_timeout_s = 60\n" + config.read_text())
    run = run_wayvid(sway_desk, str(numbered_clip), "-o", SCREEN, "-c", str(config))
    run.wait_playing()
    asked = Asked(run, "set", source=slow_server.url)
    slow_server.wait_asked()
    wait_until(lambda: run.status().streams[0].state == "resting", START_S, "the clip to rest")
    for _ in range(10):  # long enough to be held for it
        assert is_numbered(run.shot(SCREEN))
    slow_server.close()
    assert not asked.wait()["ok"]
    run.wait_playing()
    wait_moving(run)
    assert run.status().memory.actions == [], "it was held"
