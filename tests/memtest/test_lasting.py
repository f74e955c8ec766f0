"""The order of a soak's faults, and what they add up to."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.memtest.canned import sample, some_result
from wayvid.memtest.lasting import grown, kinds, what_broke, what_grew
from wayvid.memtest.result import Fault, Run
from wayvid.memtest.sample import Sample
from wayvid.memtest.scene import is_black
from wayvid.memtest.schedule import KINDS, RESTART, schedule

DOCS = Path(__file__).parents[2] / "docs/memory-testing.md"
MB = 1 << 20
HOUR_S = 3600


def names(seed: int, count: int) -> list[str]:
    return [planned.name for planned in islice(schedule(HOUR_S, Random(seed)), count)]


def held(t_s: float, player_mb: float, fault: str = "") -> Sample:
    """A look at a player that holds so much."""
    look = sample(t_s, {"DP-1": 9})
    daemon, player = look.status.processes
    player = msgspec.structs.replace(player, pss_anon_bytes=round(player_mb * MB), pss_shmem_bytes=0, swap_bytes=0)
    status = msgspec.structs.replace(look.status, processes=[daemon, player])
    return msgspec.structs.replace(look, status=status, fault=fault)


def test_a_seed_gives_the_same_faults_again_and_another_one_others() -> None:
    assert names(1, 50) == names(1, 50)
    assert names(1, 50) != names(2, 50)


def test_each_kind_comes_once_a_round_and_restarts_are_rare() -> None:
    rare = len(KINDS) - 1
    drawn = names(5, len(KINDS) + 3 * rare)
    assert set(drawn[: len(KINDS)]) == set(KINDS)
    assert set(drawn[len(KINDS) : len(KINDS) + rare]) == set(KINDS) - {RESTART}
    assert drawn.count(RESTART) == 1


def test_every_kind_is_explained() -> None:
    assert all(f"`{name}`" in DOCS.read_text() for name in KINDS)


def test_kinds_have_their_times_and_what_broke_is_named_once() -> None:
    faults = [Fault(1, "kill", took_s=2.0), Fault(9, "kill", took_s=4.0), Fault(20, "clip", broken="DP-1 was black")]
    run = Run(1, [sample(0, {"DP-1": 1})], failed="clip after 20 s: DP-1 was black", faults=faults)
    result = some_result(run, Run(2, failed="between two faults, after 7 s: it ended"))
    assert [(kind.name, kind.count, kind.broken, kind.median_s, kind.max_s) for kind in kinds(result)] == [
        ("clip", 1, 1, None, None),
        ("kill", 2, 0, 3.0, 4.0),
    ]
    assert what_broke(result) == [
        "clip after 20 s of run 1: DP-1 was black",
        "run 2, between two faults, after 7 s: it ended",
    ]


def test_growth_between_faults_is_found_and_what_faults_take_is_not() -> None:
    leaks = [held(at, 40 + 30 * at / HOUR_S) for at in range(0, 1800, 5)]
    found = grown(some_result(Run(1, leaks)))["player, memory, MB"]
    assert found.per_hour == pytest.approx(30, abs=0.1)
    assert any("player, memory" in what for what in what_grew(some_result(Run(1, leaks))))
    calm = [held(at, 40 + (at if at % 50 else 0), "clip" if at % 50 else "") for at in range(0, 1800, 5)]
    assert what_grew(some_result(Run(1, calm))) == []


def test_growth_of_a_short_soak_is_not_judged() -> None:
    leaks = [held(at, 40 + at) for at in range(300)]
    assert what_grew(some_result(Run(1, leaks))) == []


def test_a_dark_picture_is_not_black() -> None:
    assert is_black(bytes(3000))
    assert not is_black(bytes(1500) + bytes([40]) * 1500)
