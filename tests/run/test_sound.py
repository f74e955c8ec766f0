"""Sound: none, and no device, until it is asked for; then as loud as was said."""

from __future__ import annotations

import array
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.battery import Battery
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
RATE_HZ = 44100


class SoundDevice:
    """A PulseAudio of the test's own with a device that nobody hears, but can listen to."""

    def __init__(self, folder: Path) -> None:
        self._env = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{folder}/sound",
        }
        self.env = {"PULSE_SERVER": self._env["PULSE_SERVER"]}
        self._log = (folder / "pulse.log").open("wb")
        self._process = subprocess.Popen(
            [
                *[
                    "pulseaudio",
                    "-n",
                    "--daemonize=no",
                    "--exit-idle-time=-1",
                    "--use-pid-file=no",
                    "--disable-shm=yes",
                ],
                *["-L", f"module-null-sink sink_name=heard rate={RATE_HZ}"],
                *["-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/sound"],
            ],
            env={key: value for key, value in self._env.items() if key != "PULSE_SERVER"},
            stdout=self._log,
            stderr=self._log,
        )
        self._path = folder / "sound"
        self._others: list[subprocess.Popen[bytes]] = []

    def wait(self) -> None:
        """Wait until it is there."""
        wait_until(self._path.is_socket, START_S, "the sound device")

    def clients(self) -> list[dict[str, Any]]:
        """What plays through it."""
        said = subprocess.run(
            ["pactl", "--format=json", "list", "sink-inputs"], env=self._env, capture_output=True, check=True
        )
        heard: list[dict[str, Any]] = json.loads(said.stdout or b"[]")
        return heard

    def loudness(self) -> float:
        """The mean level over a tenth of a second: 0 is silence, 1 as loud as can be."""
        argv = ["parec", "-d", "heard.monitor", "--raw", "--format=s16le", "--channels=1", f"--rate={RATE_HZ}"]
        argv += ["--latency-msec=20"]
        with subprocess.Popen(argv, env=self._env, stdout=subprocess.PIPE) as recorder:
            assert recorder.stdout is not None
            data = recorder.stdout.read(RATE_HZ // 10 * 2)
            recorder.kill()
        samples = array.array("h", data)
        return sum(map(abs, samples)) / len(samples) / 32768

    def play(self) -> subprocess.Popen[bytes]:
        """Another program that plays: silence, without an end."""
        argv = ["pacat", "--playback", "--raw", "--client-name=Music"]
        self._others.append(subprocess.Popen([*argv, "/dev/zero"], env=self._env))
        return self._others[-1]

    def close(self) -> None:
        """End it, and what plays through it."""
        for other in self._others:
            other.kill()
            other.wait()
        self._process.terminate()
        self._process.wait()
        self._log.close()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[SoundDevice]:
    need_programs("pulseaudio", "pactl", "parec")
    device = SoundDevice(tmp_path)
    try:
        device.wait()
        yield device
    finally:
        device.close()


@pytest.fixture(scope="session")
def loud_clip(numbered_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The numbered clip with a tone."""
    path = tmp_path_factory.mktemp("loud") / "loud.mp4"
    argv = ["ffmpeg", "-v", "error", "-i", str(numbered_clip), "-f", "lavfi", "-i", "sine=440:d=10,volume=4"]
    subprocess.run([*argv, "-c:v", "copy", "-c:a", "aac", "-shortest", str(path)], check=True)
    return path


def sounds(run: Run) -> list[tuple[str, str]]:
    return [(stream.audio, stream.audio_reason) for stream in run.status().streams]


def test_sound_comes_when_it_is_asked_for_as_loud_as_is_said_and_leaves_the_device_again(
    sway_desk: Desk, run_wayvid: Callable[..., Run], loud_clip: Path, numbered_clip: Path, device: SoundDevice
) -> None:
    run = run_wayvid(sway_desk, str(loud_clip), env=device.env)
    run.wait_playing()
    assert device.clients() == []
    assert sounds(run) == [("", "")]
    assert run.ask("volume", to=60) == {"v": 1, "ok": True, "data": {"outputs": [A, B, C], "muted": True}}
    assert device.clients() == [], "a volume alone is not asking for sound"

    assert run.ask("mute", mute="off")["data"] == {"outputs": [A, B, C], "muted": False}
    wait_until(lambda: len(device.clients()) == 1, START_S, "sound of three screens, once")
    wait_until(lambda: device.loudness() > 0.01, START_S, "something to be heard")
    assert sounds(run) == [("pulse", "")]
    loud = device.loudness()
    run.ask("volume", to=-30, unit="+%")
    wait_until(lambda: 0.001 < device.loudness() < loud / 2, START_S, "it to be softer")
    assert {output.volume for output in run.status().outputs} == {30}
    run.ask("volume", to=100, outputs=[B])  # the loudest output of the stream decides
    wait_until(lambda: device.loudness() > loud, START_S, "it to be louder")

    run.ask("pause")
    wait_until(lambda: device.loudness() < 0.0001, START_S, "silence in a pause")
    run.ask("resume")
    wait_until(lambda: device.loudness() > loud, START_S, "sound after it")

    run.ask("mute", mute="toggle")
    wait_until(lambda: device.clients() == [], START_S, "the device to be let go of")
    assert {output.is_muted for output in run.status().outputs} == {True}

    # Screens that part have a sound each, and only those that are to.
    run.ask("mute", mute="off", outputs=[A])
    wait_until(lambda: len(device.clients()) == 1, START_S, "sound again")
    assert run.ask("set", source=str(numbered_clip), outputs=[A])["ok"]
    wait_until(lambda: device.clients() == [], START_S, "silence: that clip has no sound, the other one is muted")
    wait_until(lambda: ("", "there is no sound in it") in sounds(run), START_S, "the reason")
    assert run.stderr == ""


def test_config_says_how_it_is_heard_also_when_it_is_read_again(
    sway_desk: Desk, run_wayvid: Callable[..., Run], loud_clip: Path, device: SoundDevice, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("mute = false\nvolume = 40\n")
    run = run_wayvid(sway_desk, str(loud_clip), "-c", str(config), env=device.env)
    run.wait_playing()
    wait_until(lambda: len(device.clients()) == 1, START_S, "sound from the start")
    assert {(output.is_muted, output.volume) for output in run.status().outputs} == {(False, 40)}
    assert run.ask("volume", to=70, outputs=[A])["ok"]
    config.write_text('mute = true\nvolume = 40\n\n[[output]]\nmatch = "HEADLESS-3"\nvolume = 50\n')
    assert run.ask("reload")["ok"]
    wait_until(lambda: device.clients() == [], START_S, "silence")
    assert [output.volume for output in run.status().outputs] == [40, 40, 50]
    assert run.end() == 0


def test_without_a_sound_device_status_says_so_and_the_picture_plays_on(
    sway_desk: Desk, run_wayvid: Callable[..., Run], loud_clip: Path, tmp_path: Path
) -> None:
    # As root libpulse said six times that the desk's XDG_RUNTIME_DIR is another user's.
    (tmp_path / "pulse.conf").write_text("autospawn = no\n")
    run = run_wayvid(sway_desk, str(loud_clip), env={"PULSE_CLIENTCONFIG": f"{tmp_path}/pulse.conf"})
    run.wait_playing()
    player = run.wait_player()
    assert run.ask("mute", mute="off")["ok"]

    def is_said() -> bool:
        return all("no sound device can be used" in reason for _driver, reason in sounds(run))

    wait_until(is_said, START_S, "the reason")
    before = run.status().outputs[0].presented
    wait_until(lambda: run.status().outputs[0].presented > before + 10, START_S, "the clip to play on")
    assert run.player_pid() == player
    assert run.ask("mute")["ok"]
    assert sounds(run) == [("", "")]
    assert run.stderr == ""


def test_a_rule_silences_the_wallpaper_and_the_picture_plays_on(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    loud_clip: Path,
    device: SoundDevice,
    battery: Battery,
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[rest]\nbattery = "mute"\n')
    run = run_wayvid(sway_desk, str(loud_clip), "-c", str(config), env=device.env | battery.env)
    run.wait_playing()
    assert run.ask("mute", mute="off")["ok"]
    wait_until(lambda: len(device.clients()) == 1, START_S, "sound")
    wait_until(lambda: any(each.name == "battery" for each in run.status().conditions), START_S, "the battery")
    battery.unplug()
    wait_until(lambda: device.clients() == [], START_S, "the device to be let go of")
    output = run.status().outputs[0]
    assert (output.does, output.because) == ("playing", "muted by battery (80 %, discharging)")
    assert not output.is_muted, "a rule changes nothing of what was said"
    wait_until(lambda: run.status().outputs[0].presented > output.presented, START_S, "the picture to go on")
    battery.plug_in()
    wait_until(lambda: len(device.clients()) == 1, START_S, "sound again")
    assert run.end() == 0


def test_the_wallpaper_is_silent_while_another_program_plays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], loud_clip: Path, device: SoundDevice, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[rest]\nother_sound = "mute"\n')
    run = run_wayvid(sway_desk, str(loud_clip), "-c", str(config), env=device.env)
    run.wait_playing()

    def helpers() -> int:
        return program_names(run.process.pid).count("pactl")

    def names() -> list[str]:
        return [each["properties"]["application.name"] for each in device.clients()]

    wait_until(lambda: [each.name for each in run.status().conditions][-1:] != [], START_S, "the rules")
    assert helpers() == 0, "nobody is asked while nothing is to be heard"
    music = device.play()
    assert run.ask("mute", mute="off")["ok"]

    def because() -> str:
        return run.status().outputs[0].because

    wait_until(lambda: because() == "muted by other_sound (Music)", START_S, "the music to be noticed")
    wait_until(lambda: names() == ["Music"], START_S, "the wallpaper to be silent")
    before = run.status().outputs[0].presented
    music.kill()
    music.wait()
    wait_until(lambda: names() == ["wayvid"], START_S, "sound again")
    assert because() == ""
    assert run.status().outputs[0].presented > before
    assert helpers() >= 1
    assert run.ask("mute", mute="on")["ok"]
    wait_until(lambda: helpers() == 0, START_S, "the helper's end")
    assert run.stderr == ""
    assert run.end() == 0


def program_names(pid: int) -> list[str]:
    """Of the processes that a process has started, and that have not ended."""
    names = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(OSError):
            names.append(Path(f"/proc/{child}/comm").read_text().strip())
    return names


def test_a_clip_that_fades_into_itself_is_heard_all_the_way(
    sway_desk: Desk, run_wayvid: Callable[..., Run], device: SoundDevice, tmp_path: Path
) -> None:
    # Its sound was cut off with the first picture of the fade, and came again when a device had been opened.
    path, config = tmp_path / "noise.mkv", tmp_path / "config.toml"
    noise = ["-f", "lavfi", "-i", "anoisesrc=d=3:a=0.5:r=44100", "-f", "lavfi", "-i", "color=s=320x180:r=30:d=3"]
    subprocess.run(["ffmpeg", "-v", "error", *noise, "-c:v", "libx264", "-c:a", "flac", str(path)], check=True)
    config.write_text("mute = false\nloop_fade_s = 1.2\n")
    run = run_wayvid(sway_desk, str(path), "-o", A, "-c", str(config), env=device.env)
    run.wait_playing()
    wait_until(lambda: device.loudness() > 0.02, START_S, "something to be heard")
    levels: list[float] = []

    def has_crossed() -> bool:
        levels.append(device.loudness())
        return len(device.clients()) == 2

    wait_until(has_crossed, START_S, "two rounds at once")
    wait_until(lambda: not has_crossed(), START_S, "one alone")
    levels += [device.loudness() for _ in range(10)]
    usual = sorted(levels)[len(levels) // 2]
    assert min(levels) > usual / 2, f"a gap: {levels}"
    assert max(levels) < usual * 2, f"both at once: {levels}"
    assert run.ask("mute", mute="on")["ok"]
    wait_until(lambda: device.clients() == [], START_S, "silence")
