"""`wayvid status` and `wayvid top`: what they print."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress

import msgspec
import pytest
from rich.console import Console

from tests.cli.conftest import DEADLINE_S, run_wayvid
from tests.ipc.canned import MB, some_memory, some_status
from tests.ipc.daemon import Daemon
from tests.support import wait_until
from wayvid.cli.rates import Rates, rates_between
from wayvid.cli.report import report
from wayvid.cli.topframe import top_frame
from wayvid.ipc.status import Action, OutputStatus, ProcessStatus, Status

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


def test_status_is_a_report_without_escapes_in_a_pipe(daemon: Daemon) -> None:
    done = run_wayvid("status", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == report(some_status(1, source="waves.mp4")) + "\n"
    assert "\x1b" not in done.stdout


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


def test_a_daemon_that_has_nothing_yet_is_reported() -> None:
    memory = some_memory(budget_bytes=0, growth_mb_per_hour=None, actions=[], reason="", level="normal")
    empty = some_status(outputs=[], processes=[], streams=[], memory=memory, state="starting", config_path="")
    assert "without a budget" in report(empty)
    assert "no screen has a wallpaper" in report(empty)
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


def test_watch_prints_again_until_interrupted(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "status", "--json", "--watch"],
        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as watch:  # fmt: skip
        assert watch.stdout is not None
        told = [json.loads(watch.stdout.readline()) for _ in range(2)]
        watch.send_signal(signal.SIGINT)
        rest, said = watch.communicate(timeout=DEADLINE_S)
    assert [one["at_s"] for one in told] == [5001, 5002]
    assert (watch.returncode, rest, said) == (0, "", "")


def test_watch_ends_quietly_when_nobody_reads_any_more(daemon: Daemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "status", "--watch"],
        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as watch:  # fmt: skip
        assert watch.stdout is not None
        watch.stdout.readline()
        watch.stdout.close()
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
    assert "no wayvid runs" in said


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


def test_top_is_live_on_a_terminal_until_interrupted(daemon: Daemon) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    seen = bytearray()
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "top", "--interval", "0.05"],
        env=daemon.env | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"},
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
    ) as top:  # fmt: skip
        os.close(theirs)

        def sees(words: bytes) -> bool:
            with suppress(BlockingIOError):
                seen.extend(os.read(ours, 65536))
            return words in seen

        wait_until(lambda: sees(b"30.0"), DEADLINE_S, f"rates in {seen!r}")
        top.send_signal(signal.SIGINT)
        wait_until(lambda: sees(b"\x1b[?1049l") or top.poll() is not None, DEADLINE_S, "the screen to be given back")
        _out, said = top.communicate(timeout=DEADLINE_S)
    os.close(ours)
    assert (top.returncode, said) == (0, b"")
