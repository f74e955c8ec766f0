"""One look after the other at a running wallpaper."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ipc.canned import some_memory, some_status
from wayvid.ipc.status import Action, Status
from wayvid.memory.usage import process_memory
from wayvid.memtest import sample
from wayvid.memtest.proc import private_bytes, sleeps

OLD, FIRST, SECOND = (Action(at, "high", name, 0) for at, name in ((1.0, "old"), (2.0, "first"), (3.0, "second")))


def statuses(*told: list[Action]) -> Iterator[Status]:
    return (some_status(number, memory=some_memory(actions=actions)) for number, actions in enumerate(told))


def test_an_action_is_in_the_sample_in_which_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = statuses([OLD], [OLD, FIRST], [OLD, FIRST], [OLD, FIRST, SECOND], [FIRST, SECOND], [FIRST, SECOND])
    monkeypatch.setattr(sample, "ask_status", lambda _environ: next(answers))
    sampler = sample.Sampler({})
    seen = [sampler.take(is_warm_up=False).status.memory.actions for _ in range(6)]
    assert seen == [[], [FIRST], [], [SECOND], [], []]


def test_private_memory_is_part_of_what_is_resident() -> None:
    held, private = process_memory(os.getpid()), private_bytes(os.getpid())
    assert held is not None
    assert private is not None
    assert 0 < private < held.rss_bytes


def test_private_memory_is_the_sum_of_the_private_lines(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    lines = [
        "Rss: 900 kB",
        "Private_Clean: 2 kB",
        "Private_Dirty: 30 kB",
        "Private_Hugetlb: 400 kB",
        "Shared_Clean: 5 kB",
    ]
    (tmp_path / "7/smaps_rollup").write_text("55d0-7ffe ---p 00000000 00:00 0 [rollup]\n" + "\n".join(lines) + "\n")
    assert private_bytes(7, str(tmp_path)) == 432 * 1024


def test_sleeps_of_all_threads_add_up(tmp_path: Path) -> None:
    for thread, count in ((7, 5), (8, 40)):
        folder = tmp_path / f"7/task/{thread}"
        folder.mkdir(parents=True)
        (folder / "status").write_text(
            f"Name:\tx\nvoluntary_ctxt_switches:\t{count}\nnonvoluntary_ctxt_switches:\t900\n"
        )
    (tmp_path / "7/task/9").mkdir()  # it ends while it is looked at
    assert sleeps(7, str(tmp_path)) == 45


def test_a_process_that_has_ended_has_no_figures() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert (private_bytes(process.pid), sleeps(process.pid)) == (None, None)
