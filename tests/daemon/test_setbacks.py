"""How often files of a list that cannot be played are tried."""

from __future__ import annotations

import pytest

from wayvid.daemon.setbacks import MOST_AGAIN, MOST_FAILURES, Setbacks

LIST = "/walls.m3u"


def rounds(number: int, count: int) -> list[int]:
    """How many of a list's files are tried until each of the first pauses."""
    setbacks = Setbacks()
    files = [f"http://host/{each}" for each in range(number)]
    tried: list[int] = []
    for _pause in range(count):
        tries = 0
        while True:
            file = next((each for each in files if each not in setbacks.unplayable), None)
            if file is None:
                setbacks.pause(LIST, "refused")
                setbacks.try_some()
                break
            tries += 1
            setbacks.leave_out(file)
            if setbacks.is_enough(LIST, "refused"):
                break
        tried.append(tries)
    return tried


@pytest.mark.parametrize(
    ("number", "tried"),
    [
        pytest.param(1, [1, 1, 1], id="one"),
        pytest.param(4, [4, 4, 4], id="few"),
        pytest.param(150, [150, MOST_AGAIN, MOST_AGAIN], id="many: some at a time"),
        pytest.param(1500, [MOST_FAILURES + 1, MOST_AGAIN + 1, MOST_AGAIN + 1], id="too many for one round"),
    ],
)
def test_after_a_round_that_failed_a_few_are_tried_at_a_time(number: int, tried: list[int]) -> None:
    # 200 servers were asked each minute, all night.
    assert rounds(number, 3) == tried


def test_each_file_has_its_turn() -> None:
    setbacks = Setbacks()
    for file in "abcdefgh":
        setbacks.leave_out(file)
    setbacks.try_some()
    assert list(setbacks.unplayable) == list("fgh")
    for file in "abcde":
        setbacks.leave_out(file)
    setbacks.try_some()
    assert list(setbacks.unplayable) == list("cde")


def test_pauses_grow_until_something_is_played_and_other_lists_do_not_wait() -> None:
    setbacks = Setbacks()
    assert setbacks.reason(LIST) == ""
    assert [setbacks.pause(LIST, "refused") for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert "refused" in setbacks.reason(LIST)
    assert setbacks.left_s(LIST) > 0
    assert setbacks.left_s("/other.m3u") == 0
    setbacks.on_played(LIST)
    assert setbacks.left_s(LIST) == 0
    assert setbacks.pause(LIST, "refused") == 1
