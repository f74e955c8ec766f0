"""Whether another program plays sound: what is made of pactl's words, and of one that fails."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conditions.conftest import Watched, is_quiet
from tests.support import wait_until
from wayvid.conditions import Condition, Wanted
from wayvid.system.conditions import sound
from wayvid.system.conditions.sound import players
from wayvid.system.events import EventLoop

OURS = 4711
# A program that does what pactl does, with what is in files: `list` is answered with one; a word is told for each
# line that is written to the other.
PACTL = """#!/bin/sh
cd "$(dirname "$0")" || exit 2
echo "$LC_ALL $*" >> calls
[ -e refused ] && cat refused >&2 && exit 1
case "$*" in
    subscribe) exec cat events ;;
    "--format=json list sink-inputs") [ -e old ] && exit 1; [ -e hangs ] && exec sleep 60; cat list ;;
    *) exit 3 ;;
esac
"""


def sink_input(name: str = "Music", pid: int = 1, **fields: object) -> dict[str, object]:
    told = {"application.name": name, "application.process.id": str(pid), **fields.pop("told", {})}  # type: ignore[dict-item]
    return {"index": 1, "corked": False, "mute": False, "balance": 0.0, "properties": told, **fields}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([sink_input()], ["Music"], id="one"),
        pytest.param([sink_input(), sink_input("Film"), sink_input()], ["Music", "Film"], id="each once"),
        pytest.param([sink_input(corked=True)], [], id="paused"),
        pytest.param([sink_input(mute=True)], [], id="muted"),
        pytest.param([sink_input("mpv", OURS)], [], id="our player"),
        pytest.param([sink_input("wayvid", 7)], [], id="another wayvid"),
        pytest.param([sink_input("mpv", 7)], ["mpv"], id="another mpv"),
        pytest.param([sink_input(told={"media.role": "event"})], [], id="a sound of the desktop"),
        pytest.param([sink_input(told={"media.role": "music"})], ["Music"], id="of another role"),
        pytest.param([{"properties": {"media.name": "Loopback"}}], ["Loopback"], id="no program tells its name"),
        pytest.param([sink_input("Film\n\x1b[31m " + "x" * 99)], ["Film[31m " + "x" * 31], id="one line, and short"),
        pytest.param([sink_input(" \n")], ["a program without a name"], id="nothing to read"),
        pytest.param([{"index": 3}], ["a program without a name"], id="nothing is told"),
    ],
)
def test_who_plays(said: list[dict[str, object]], names: list[str]) -> None:
    assert players(json.dumps(said).encode(), lambda pid: pid == OURS) == names


@pytest.mark.parametrize("said", [b"[{]", b"Sink Input #1\n", b'{"a": 1}', b'[{"corked": "no"}]', b"\xff"])
def test_what_is_no_list_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever
        players(said, lambda _pid: False)


def test_no_words_are_no_players() -> None:
    assert players(b"\n", lambda _pid: False) == []  # PulseAudio 16 says so


class Pactl:
    """A program of that name, first in PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "pactl"
        program.write_text(PACTL)
        program.chmod(0o755)
        (folder / "list").write_text("[]")
        os.mkfifo(folder / "events")
        self._events = os.open(folder / "events", os.O_RDWR)

    def plays(self, *said: dict[str, object]) -> None:
        """Something else is played, and told."""
        (self.folder / "next").write_text(json.dumps(said))
        (self.folder / "next").rename(self.folder / "list")
        self.tell("sink-input")

    def tell(self, kind: str) -> None:
        os.write(self._events, f"Event 'change' on {kind} #12\n".encode())

    def calls(self) -> list[str]:
        """With what it was called."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        os.close(self._events)


@pytest.fixture
def pactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pactl]:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    pactl = Pactl(tmp_path)
    yield pactl
    pactl.close()


@pytest.fixture
def watched(loop: EventLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(sound, "QUIET_FOR_S", 0.3)
    monkeypatch.setattr(sound, "LOOKS_EVERY_S", 0.2)
    monkeypatch.setattr(sound, "LOOKS_AGAIN_S", 0.3)
    watched = Watched(loop, Wanted(frozenset({Condition.OTHER_SOUND})), os.environ, None)
    yield watched
    watched.sensors.close()


def test_it_is_on_while_another_program_plays(pactl: Pactl, watched: Watched) -> None:
    assert watched.reading(Condition.OTHER_SOUND)[2:] == (False, "nothing of the wallpaper is to be heard")
    assert is_quiet(watched.loop)
    assert pactl.calls() == [], "nobody is asked before somebody wants to know"
    watched.sensors.listen(True)
    watched.wait(lambda: watched.reading(Condition.OTHER_SOUND).detail == "nobody else plays", "the first answer")
    wait_until(lambda: len(helpers(pactl)) == 1, 60, "pactl to be in its folder")
    (child,) = helpers(pactl)
    pactl.plays(sink_input("Music"), sink_input("Own", os.getpid()), sink_input("mpv", int(child)))
    assert watched.wait_on(Condition.OTHER_SOUND, True).detail == "Music, Own", "only a child may be the player"
    pactl.plays()
    pactl.plays(sink_input("Film"))  # soon enough
    watched.wait(lambda: watched.reading(Condition.OTHER_SOUND).detail == "Film", "the next one")
    pactl.plays()
    assert watched.wait_on(Condition.OTHER_SOUND, False).detail == "nobody else plays"
    asked = len(pactl.calls())
    pactl.tell("client")
    pactl.tell("sink")
    assert is_quiet(watched.loop)
    assert len(pactl.calls()) == asked, "it is asked when a stream changes, and not else"
    assert {call.split()[0] for call in pactl.calls()} == {"C"}
    watched.sensors.listen(False)
    assert watched.reading(Condition.OTHER_SOUND).is_on is False
    assert helpers(pactl) == []


def helpers(pactl: Pactl) -> list[str]:
    """Processes of this one that run in the folder of pactl."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = []
    for pid in pids:
        with suppress(FileNotFoundError):  # ended meanwhile
            if os.readlink(f"/proc/{pid}/cwd") == str(pactl.folder):
                found.append(pid)
    return found


def test_a_server_that_goes_is_asked_again_and_may_come_back(
    pactl: Pactl, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "RETRY_AFTER_S", (0.05, 0.05, 0.05))
    refused = pactl.folder / "refused"
    refused.write_text("Connection failure: Connection refused\npa_context_connect() failed\n")
    pactl.plays(sink_input("Music"))
    watched.sensors.listen(True)
    reason = "there is no sound server to ask: Connection failure: Connection refused"
    watched.wait(lambda: watched.reading(Condition.OTHER_SOUND).detail == reason, "the reason")
    assert watched.reading(Condition.OTHER_SOUND).is_on is None
    refused.unlink()
    assert watched.wait_on(Condition.OTHER_SOUND, True).detail == "Music"


def test_a_server_that_hangs_is_given_up_and_asked_again(
    pactl: Pactl, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever changed after that was never seen: the first list was waited for without an end.
    monkeypatch.setattr(sound, "RETRY_AFTER_S", (0.2,) * 100)
    monkeypatch.setattr(sound, "LISTS_WITHIN_S", 0.3)
    hangs = pactl.folder / "hangs"
    hangs.touch()
    pactl.plays(sink_input("Music"))
    watched.sensors.listen(True)
    watched.wait(lambda: "has not answered pactl" in watched.reading(Condition.OTHER_SOUND).detail, "the reason")
    assert watched.reading(Condition.OTHER_SOUND).is_on is None
    hangs.unlink()
    assert watched.wait_on(Condition.OTHER_SOUND, True).detail == "Music"
    assert sum("subscribe" in call for call in pactl.calls()) == 1


def test_a_server_that_goes_in_a_pause_of_the_music_is_not_silence(
    pactl: Pactl, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "RETRY_AFTER_S", ())
    pactl.plays(sink_input("Music"))
    watched.sensors.listen(True)
    watched.wait_on(Condition.OTHER_SOUND, True)
    wait_until(lambda: len(helpers(pactl)) == 1, 60, "pactl to be in its folder")
    (child,) = helpers(pactl)
    status = Path(f"/proc/{child}/status").read_text()
    ignored = int(re.findall(r"^SigIgn:\s*(\w+)", status, re.MULTILINE)[0], 16)
    assert not ignored & 1 << (signal.SIGPIPE - 1), "it would outlive a daemon that was killed"
    asked = len(pactl.calls())
    pactl.plays()
    watched.wait(lambda: len(pactl.calls()) > asked and helpers(pactl) == [child], "an empty list")
    os.kill(int(child), signal.SIGTERM)
    watched.wait(lambda: watched.reading(Condition.OTHER_SOUND).is_on is None, "the end of the server")
    assert is_quiet(watched.loop)
    assert watched.reading(Condition.OTHER_SOUND).is_on is None


def test_a_server_that_never_comes_is_left_alone(
    pactl: Pactl, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "RETRY_AFTER_S", (0.05, 0.05))
    (pactl.folder / "refused").write_text("no\n")
    watched.sensors.listen(True)
    watched.wait(lambda: sum("subscribe" in call for call in pactl.calls()) == 3, "two more attempts")
    assert is_quiet(watched.loop)
    assert watched.reading(Condition.OTHER_SOUND).is_on is None
    wait_until(lambda: helpers(pactl) == [], 60, "the last one's end")


def test_a_pactl_that_cannot_say_it_is_no_error(pactl: Pactl, watched: Watched) -> None:
    (pactl.folder / "old").touch()
    watched.sensors.listen(True)
    watched.wait(lambda: "PulseAudio 16" in watched.reading(Condition.OTHER_SOUND).detail, "the reason")
    (pactl.folder / "old").unlink()
    (pactl.folder / "list").write_text("Sink Input #1\n")
    pactl.tell("sink-input")
    calls = len(pactl.calls())
    watched.wait(lambda: len(pactl.calls()) > calls, "another look")
    wait_until(lambda: "PulseAudio 16" in watched.reading(Condition.OTHER_SOUND).detail, 60, "the same reason")


def test_where_there_is_no_pactl_it_is_said(watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    watched.sensors.listen(True)
    watched.settle()
    told = watched.reading(Condition.OTHER_SOUND)
    assert told.is_on is None
    assert told.detail.startswith("pactl is not there; install it: pulseaudio-utils")
