"""`wayvid status` and `wayvid top`: what they print."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from tests.cli.conftest import DEADLINE_S, run_wayvid
from tests.ipc.canned import MB, some_memory, some_status
from tests.ipc.daemon import Daemon
from tests.support import wait_until
from wayvid.cli.events import about
from wayvid.cli.rates import Rates, rates_between
from wayvid.cli.report import report
from wayvid.cli.topframe import top_frame
from wayvid.ipc.events import ConfigEvent, OutputEvent
from wayvid.ipc.status import Action, MemoryStatus, OutputStatus, ProcessStatus, RendererStatus, Status, StreamStatus
from wayvid.link.figures import CounterFigures, PaceFigures, PoolFigures

HOSTILE = "a\x1b[31m\nb[bold]c"


NO_RATES = Rates({}, [None], {})


def frame(status: Status, rates: Rates = NO_RATES, width: int = 80) -> str:
    """A frame of top as text."""
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(top_frame(status, rates, width))
    return capture.get()


# status.


def test_json_has_every_key_of_the_status(daemon: Daemon) -> None:
    done = run_wayvid("status", "--json", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told == msgspec.to_builtins(some_status(1, source="waves.mp4"))
    assert list(told) == list(Status.__struct_fields__)
    assert told["memory"]["budget_bytes"] == 120 * MB
    assert set(told["memory"]["pool"]) >= {"buffers_in_use", "hits", "misses", "evictions", "max_bytes"}
    assert set(told["memory"]["actions"][0]) >= {"at", "level", "action", "freed_bytes"}


STRUCTS = [
    Status,
    RendererStatus,
    OutputStatus,
    ProcessStatus,
    StreamStatus,
    MemoryStatus,
    Action,
    CounterFigures,
    PaceFigures,
    PoolFigures,
]


@pytest.mark.parametrize("struct", STRUCTS)
def test_every_key_is_explained(struct: type[msgspec.Struct]) -> None:
    words = re.findall(r"`(\w+)(?:\[\])?`", (Path(__file__).parents[2] / "docs/status.md").read_text())
    assert set(struct.__struct_fields__) <= set(words)


def test_status_is_a_report_without_escapes_in_a_pipe(daemon: Daemon) -> None:
    done = run_wayvid("status", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == report(some_status(1, source="waves.mp4")) + "\n"
    assert "\x1b" not in done.stdout


def test_the_report_names_the_config_file_once() -> None:
    text = report(some_status(config_path="/a.toml", config_error="config file /a.toml, line 3: no such key"))
    assert "config      /a.toml is not in force: line 3: no such key\n" in text


def test_the_report_has_what_matters() -> None:
    text = report(some_status(config_error="line 3: no such key 'budgte'", reason="memory"))
    for words in (
        "playing: memory", "waves at noon", "is not in force: line 3", "HDMI-A-1  contain  playing     290",
        "111.00 MB of 120.00 MB (92 %)", "high: 93 % of the budget", "+0.4 MB an hour", "8.00 MB",
        "3 in use (24.00 MB), 2 idle (16.00 MB)", "8120 hits, 7 misses, 2 evictions", "960.00 KB demuxer cache",
        "demuxer-max-bytes 2.00 MB", "vd-lavc-threads 1", "trim idle buffers to half", "2 left out",
    ):  # fmt: skip
        assert words in text
    assert text.index("trim idle buffers") < text.index("step 5") < text.index("step 2")
    assert "step 1" not in text


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_report_stays_within_its_width_and_breaks_no_size(width: int) -> None:
    lines = report(some_status(), width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.lstrip().startswith(("MB", "KB", "B ", "% "))]


@pytest.mark.parametrize(
    ("position_s", "duration_s", "is_told"), [(2.0, 0.1, False), (2.0, 4.0, True), (2.0, 0.0, False)]
)
def test_a_length_is_told_where_the_clip_can_have_it(position_s: float, duration_s: float, is_told: bool) -> None:
    status = some_status()
    stream = msgspec.structs.replace(status.streams[0], position_s=position_s, duration_s=duration_s)
    status = msgspec.structs.replace(status, streams=[stream])
    assert (" at 0:02 of " in report(status)) is is_told
    assert ("0:02/" in frame(status)) is is_told


def test_a_daemon_that_has_nothing_yet_is_reported() -> None:
    memory = some_memory(budget_bytes=0, growth_mb_per_hour=None, actions=[], reason="", level="normal")
    empty = some_status(outputs=[], processes=[], streams=[], memory=memory, state="starting", config_path="")
    assert "without a budget" in report(empty)
    assert "no screen of this wallpaper is there" in report(empty)
    assert "starting" in frame(empty, Rates({}, [], {}))


def test_words_of_others_cannot_move_the_cursor() -> None:
    hostile = some_status(
        source=HOSTILE, reason=HOSTILE, config_error=HOSTILE, config_path=HOSTILE,
        outputs=[OutputStatus(HOSTILE, "fill", "playing")],
        streams=[msgspec.structs.replace(some_status().streams[0], source=HOSTILE, limits={HOSTILE: 1})],
        memory=some_memory(reason=HOSTILE, actions=[Action(0.0, "high", HOSTILE, 0, HOSTILE)]),
    )  # fmt: skip
    for text in (report(hostile), frame(hostile)):
        assert "\x1b" not in text
        assert "a[31mb[bold]c" in text


def test_status_of_one_screen(daemon: Daemon) -> None:
    done = run_wayvid("status", "--json", "-o", "eDP-1", "-o", "HDMI-A-1", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert [output["name"] for output in json.loads(done.stdout)["outputs"]] == ["HDMI-A-1", "eDP-1"]


@pytest.mark.parametrize(
    ("outputs", "told"),
    [([], [0, 1, 2]), (["DP-1"], [0, 2]), (["*-A-*", "eDP-1"], [1, 2]), (["eDP-1"], [2])],
    ids=["all", "a name", "a glob", "none of them"],
)
def test_of_events_those_of_a_screen_are_told_and_those_of_none(outputs: list[str], told: list[int]) -> None:
    lines = [msgspec.json.encode(OutputEvent("changed", name)) for name in ("DP-1", "HDMI-A-1")]
    lines.append(msgspec.json.encode(ConfigEvent("/c.toml", "")))
    assert about(lines, outputs) == [lines[number] for number in told]


def test_a_limit_of_the_users_own_does_not_read_as_a_rule() -> None:
    output = OutputStatus("DP-1", "fill", "playing", 5, does="playing", max_fps=24)
    assert "why         DP-1: playing, at most 24 fps (max_fps)\n" in report(some_status(outputs=[output]))


def test_a_screen_that_stands_still_is_not_said_to_play() -> None:
    outputs = [
        OutputStatus("DP-1", "fill", "playing", 5, is_paused=True, does="paused"),
        OutputStatus("DP-2", "fill", "playing", 5, does="paused", because="gamemode"),
        OutputStatus("DP-3", "fill", "hidden", 5, is_paused=True, does="paused"),
        OutputStatus("DP-4", "fill", "playing", 5, does="slow"),
    ]
    status = some_status(outputs=outputs)
    for text in (report(status), frame(status)):
        rows = [line.split() for line in text.splitlines() if line.startswith("DP-")]
        assert [row[2] for row in rows] == ["paused", "paused", "hidden", "playing"]


def test_what_screens_show_is_below_the_table_where_that_is_wider_than_the_terminal() -> None:
    # The last column was broken off, and its heading stood alone on a line.
    outputs = [
        OutputStatus(name, "stretch", "playing", 5, source=f"a {name}.mp4", stream_id=number)
        for number, name in enumerate(("HEADLESS-1", "HEADLESS-2"))
    ]
    status = some_status(outputs=outputs)
    assert "shows       HEADLESS-2: a HEADLESS-2.mp4 (stream 1)\n" in report(status, 72)
    assert "SHOWS" not in report(status, 72)
    assert "  a HEADLESS-2.mp4 (stream 1)\n" in report(status, 100)


def test_watch_prints_again_until_interrupted(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "status", "--json", "--watch"],
        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as watch:  # fmt: skip
        assert watch.stdout is not None
        told = [json.loads(watch.stdout.readline())]
        daemon.client().ask({"v": 1, "command": "pause"})
        told.append(json.loads(watch.stdout.readline()))
        watch.send_signal(signal.SIGINT)
        rest, said = watch.communicate(timeout=DEADLINE_S)
    assert [(one["at_s"], one["state"]) for one in told] == [(5001, "playing"), (5002, "paused")]
    assert (watch.returncode, rest, said) == (0, "", "")


def test_watch_ends_quietly_when_nobody_reads_any_more(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "status", "--watch"],
        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as watch:  # fmt: skip
        assert watch.stdout is not None
        watch.stdout.readline()
        watch.stdout.close()
        daemon.client().ask({"v": 1, "command": "pause"})
        assert watch.wait(DEADLINE_S) == 0
        assert watch.stderr is not None
        assert watch.stderr.read() == b""


def test_watch_ends_with_the_daemon(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "status", "--json", "--watch"],
        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as watch:  # fmt: skip
        assert watch.stdout is not None
        watch.stdout.readline()
        daemon.end()
        _out, said = watch.communicate(timeout=DEADLINE_S)
    assert watch.returncode == 10
    assert "wayvid has ended" in said


# Rates.


def test_rates_are_differences_over_the_daemons_own_time() -> None:
    rates = rates_between(some_status(10), some_status(12))
    assert rates.output_fps == {"DP-1": 30.0, "HDMI-A-1": 30.0, "eDP-1": 0.0}
    assert rates.stream_fps == [30.0]
    assert rates.cpu_ratio["player"] == pytest.approx(0.2)


def test_there_are_no_rates_without_time() -> None:
    assert rates_between(some_status(1), some_status(1)) == Rates({}, [None], {})


def test_a_new_player_and_a_new_screen_have_no_rate_at_first() -> None:
    before, now = some_status(100), some_status(101)
    player = msgspec.structs.replace(now.processes[1], pid=9999, cpu_s=0.2)
    stream = msgspec.structs.replace(now.streams[0], frames=5)
    outputs = [OutputStatus("DP-1", "fill", "playing", 5), OutputStatus("DP-9", "fill", "playing", 7)]
    now = some_status(101, processes=[now.processes[0], player], streams=[stream, stream], outputs=outputs)
    rates = rates_between(before, now)
    assert rates.output_fps == {}
    assert rates.stream_fps == [None, None]
    assert set(rates.cpu_ratio) == {"daemon"}


# top.


def test_top_once_prints_rates_in_eighty_columns(daemon: Daemon) -> None:
    done = run_wayvid("top", "--once", "--interval", "0.05", env=daemon.env | {"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines if line.startswith("DP-1 ")] == [["DP-1", "fill", "playing", "30.0", "360"]]
    (player,) = (line.split() for line in lines if line.startswith("player "))
    assert player[:5] == ["player", "4712", "20.0", "98.00", "MB"]


def test_columns_of_top_stand_below_their_headings() -> None:
    lines = frame(some_status(2), rates_between(some_status(1), some_status(2))).splitlines()
    for heading, row, cells in (
        ("SCREEN", "HDMI-A-1", {"FPS": "30.0", "FRAMES": "350"}),
        ("PROCESS", "player", {"CPU %": "20.0", "PSS": "98.00 MB", "RSS": "104.00 MB", "THREADS": "9"}),
        ("STREAM", "waves", {"FPS": "30.0", "DROPPED": "2", "DEMUXER": "960.00 KB"}),
        ("DONE FOR", "trim idle", {"FREED": "12.00 MB"}),
    ):
        head = next(line for line in lines if line.startswith(heading))
        line = next(line for line in lines if line.startswith(row))
        for name, cell in cells.items():
            end = head.index(f" {name}") + 1 + len(name)
            assert line[:end].endswith(f" {cell}")


def test_the_largest_figures_are_not_cut_at_eighty_columns() -> None:
    big = 1023 * MB
    process = ProcessStatus("daemon", 4_194_304, big, big, big, big, big, big, big, 1e6, 999, 999)
    status = some_status(
        processes=[process],
        outputs=[OutputStatus("DP-1", "contain", "playing", 10**9)],
        streams=[msgspec.structs.replace(
            some_status().streams[0], position_s=35999, duration_s=36000, dropped=99999, demuxer_cache_bytes=big,
            decoded_bytes=big,
        )],
    )  # fmt: skip
    text = frame(status, Rates({"DP-1": 240.0}, [240.0], {"daemon": 16.0}))
    assert text.count("1023.00 MB") == 6
    for words in ("4194304", "1600.0", "240.0", "1000000000", "9:59:59/10:00:00", "99999"):
        assert words in text


@pytest.mark.parametrize("surroundings", [{}, {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}], ids=["plain", "forced"])
def test_top_in_a_pipe_is_one_picture(daemon: Daemon, surroundings: dict[str, str]) -> None:
    done = run_wayvid("top", "--interval", "0.05", env=daemon.env | surroundings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("SCREEN") == 1
    assert "30.0" in done.stdout
    assert "\x1b[?1049h" not in done.stdout


class Terminal:
    """`wayvid top` as the foreground job of a terminal of 80 columns."""

    def __init__(self, env: dict[str, str]) -> None:
        self.ours, self.theirs = pty.openpty()
        os.set_blocking(self.ours, False)
        termios.tcsetwinsize(self.theirs, (40, 80))
        self.modes = termios.tcgetattr(self.theirs)
        self.seen = bytearray()
        # The leader of a session that opens a terminal without one makes it its own: Ctrl-C is a signal then.
        name = os.ttyname(self.theirs)
        self.top = subprocess.Popen(
            ["sh", "-c", f'exec "$0" -m wayvid top --interval 0.05 <{name} >{name}', sys.executable],
            env=env, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def sees(self, words: bytes) -> bool:
        """Whether that was printed."""
        with suppress(BlockingIOError):
            self.seen.extend(os.read(self.ours, 65536))
        return words in self.seen

    def end(self) -> tuple[int, bytes]:
        """How it ended, and what it said on stderr."""

        def has_ended() -> bool:
            self.sees(b"")
            return self.top.poll() is not None

        wait_until(has_ended, DEADLINE_S, f"the end of top behind {self.seen[-300:]!r}")
        self.sees(b"")
        assert self.top.stderr is not None
        return self.top.returncode, self.top.stderr.read()

    def close(self) -> None:
        """End it whatever its state."""
        self.top.kill()
        self.top.wait()
        if self.top.stderr is not None:
            self.top.stderr.close()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(daemon: Daemon) -> Iterator[Terminal]:
    """One in which top shows rates."""
    terminal = Terminal(daemon.env | {"TERM": "xterm-256color"})
    try:
        wait_until(lambda: terminal.sees(b"30.0"), DEADLINE_S, "rates")
        yield terminal
    finally:
        terminal.close()


def is_as_before(terminal: Terminal) -> bool:
    """Whether the other screen, the cursor, and the terminal's modes are back."""
    seen = bytes(terminal.seen)
    return (
        seen.rindex(b"\x1b[?1049l") > seen.rindex(b"\x1b[?1049h")
        and seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
        and termios.tcgetattr(terminal.theirs) == terminal.modes
    )


@pytest.mark.parametrize("typed", [b"q", b"xQ", b"\x03"], ids=["q", "another key first", "ctrl-c"])
def test_top_is_live_until_a_key_ends_it_and_leaves_the_terminal_as_it_was(terminal: Terminal, typed: bytes) -> None:
    assert termios.tcgetattr(terminal.theirs) != terminal.modes  # no echo, no lines
    os.write(terminal.ours, typed)
    assert terminal.end() == (0, b"")
    assert is_as_before(terminal)


def test_other_keys_neither_end_top_nor_show(terminal: Terminal) -> None:
    os.write(terminal.ours, b"xyz\n\x1b[A")
    terminal.seen.clear()
    wait_until(lambda: terminal.sees(b"PROCESS"), DEADLINE_S, "another frame")
    assert b"xyz" not in terminal.seen
    assert terminal.top.poll() is None


def test_top_leaves_the_terminal_as_it_was_when_it_is_terminated(terminal: Terminal) -> None:
    terminal.top.terminate()
    assert terminal.end() == (143, b"")
    assert is_as_before(terminal)


def test_top_ends_with_the_daemon_and_says_so(terminal: Terminal, daemon: Daemon) -> None:
    daemon.end()
    code, said = terminal.end()
    assert code == 10
    assert b"no wayvid runs on this display" in said
    assert said.count(b"\n") == 1
    assert is_as_before(terminal)


def test_top_on_a_terminal_that_cannot_move_its_cursor_is_one_picture(daemon: Daemon) -> None:
    terminal = Terminal(daemon.env | {"TERM": "dumb"})
    try:
        assert terminal.end() == (0, b"")
        assert b"30.0" in terminal.seen
        assert b"\x1b" not in terminal.seen
    finally:
        terminal.close()
