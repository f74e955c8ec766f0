"""What conditions make of outputs: a table of rules, readings and what follows."""

from __future__ import annotations

import pytest

from wayvid.conditions import Condition, Reading
from wayvid.config.model import RestConfig
from wayvid.daemon.phase import HoldReason, Phase
from wayvid.daemon.rest import Doing, Rest, Rules, Showing, Verdict, doing, judge, rules_of, together, wanted

BATTERY, LOCKED, GAMEMODE, IDLE = Condition.BATTERY, Condition.LOCKED, Condition.GAMEMODE, Condition.IDLE
FULLSCREEN, OFF = Condition.FULLSCREEN, Condition.OUTPUT_OFF
RULES = {BATTERY: Rest.SLOW, LOCKED: Rest.HOLD, GAMEMODE: Rest.PAUSE, IDLE: Rest.MUTE, FULLSCREEN: Rest.PAUSE}


def on(condition: Condition, output: str = "", detail: str = "") -> Reading:
    return Reading(condition, output, True, detail)


@pytest.mark.parametrize(
    ("readings", "verdict"),
    [
        pytest.param([], Verdict(), id="nothing"),
        pytest.param([on(BATTERY)], Verdict(Rest.SLOW, 10, False, "battery"), id="slow"),
        pytest.param([on(BATTERY, detail="43 %")], Verdict(Rest.SLOW, 10, False, "battery (43 %)"), id="with words"),
        pytest.param([on(IDLE)], Verdict(Rest.MUTE, 0, True, "idle"), id="mute"),
        pytest.param([on(IDLE), on(BATTERY)], Verdict(Rest.SLOW, 10, True, "battery"), id="slow and silent"),
        pytest.param([on(BATTERY), on(GAMEMODE)], Verdict(Rest.PAUSE, 0, True, "gamemode"), id="the stronger one"),
        pytest.param([on(GAMEMODE), on(LOCKED)], Verdict(Rest.HOLD, 0, True, "locked"), id="the strongest"),
        pytest.param([on(GAMEMODE), on(FULLSCREEN)], Verdict(Rest.PAUSE, 0, True, "fullscreen"), id="as in the file"),
        pytest.param([on(FULLSCREEN, "DP-2")], Verdict(), id="another output's"),
        pytest.param([on(FULLSCREEN, "DP-1")], Verdict(Rest.PAUSE, 0, True, "fullscreen"), id="its own"),
        pytest.param([on(OFF, "DP-1")], Verdict(), id="no rule for it"),
        pytest.param([Reading(LOCKED, "", None, "no bus")], Verdict(), id="nothing can tell"),
        pytest.param([Reading(LOCKED, "", False, "")], Verdict(), id="not the case"),
    ],
)
def test_the_strongest_of_what_is_asked_for_is_done(readings: list[Reading], verdict: Verdict) -> None:
    assert judge(Rules(RULES), readings, "DP-1") == verdict


@pytest.mark.parametrize(
    ("max_fps", "readings", "wanted_fps"),
    [(24, [], 24), (24, [on(BATTERY)], 10), (5, [on(BATTERY)], 5), (0, [on(BATTERY)], 10), (24, [on(LOCKED)], 24)],
)
def test_the_smaller_of_two_limits_holds(max_fps: float, readings: list[Reading], wanted_fps: float) -> None:
    assert judge(Rules(RULES, max_fps=max_fps), readings, "DP-1").max_fps == wanted_fps


@pytest.mark.parametrize(
    ("outputs", "stream"),
    [
        ("hold hold", Rest.HOLD),
        ("hold pause", Rest.PAUSE),
        ("hold keep", Rest.KEEP),
        ("pause slow", Rest.SLOW),
        ("mute hold", Rest.MUTE),
        ("", Rest.KEEP),
    ],
)
def test_a_stream_does_no_more_than_all_of_its_outputs_ask_for(outputs: str, stream: Rest) -> None:
    assert together([Verdict(Rest(word)) for word in outputs.split()]) is stream


def test_only_what_a_rule_names_needs_to_be_known() -> None:
    assert wanted([Rules({BATTERY: Rest.KEEP, LOCKED: Rest.HOLD}), Rules({GAMEMODE: Rest.PAUSE})]) == {LOCKED, GAMEMODE}
    assert not wanted([Rules({BATTERY: Rest.KEEP})])


def test_every_condition_has_a_key() -> None:
    rules = rules_of(RestConfig(battery="slow", fullscreen="pause", covered="hold", slow_fps=5), 24)
    assert set(rules.rests) == set(Condition)
    assert rules.rests[BATTERY] is Rest.SLOW
    assert rules.rests[FULLSCREEN] is Rest.PAUSE
    assert (rules.unseen, rules.slow_fps, rules.max_fps) == (Rest.HOLD, 5, 24)


PLAYING = Showing(Phase.PLAYING)
SLOW = Verdict(Rest.SLOW, 10, False, "battery")
PAUSE = Verdict(Rest.PAUSE, 0, True, "gamemode")
HOLD = Verdict(Rest.HOLD, 0, True, "locked")


@pytest.mark.parametrize(
    ("showing", "verdict", "words"),
    [
        pytest.param(PLAYING, Verdict(), Doing("playing"), id="plays"),
        pytest.param(PLAYING, Verdict(Rest.MUTE, 0, True, "idle"), Doing("playing", "muted by idle"), id="mute"),
        pytest.param(PLAYING, SLOW, Doing("slow", "battery", 10), id="slow"),
        pytest.param(PLAYING, Verdict(max_fps=24), Doing("playing", "", 24), id="limited, by no rule"),
        pytest.param(PLAYING, Verdict(Rest.MUTE, 24, True, "idle"), Doing("playing", "muted by idle", 24), id="both"),
        pytest.param(PLAYING._replace(is_blank=True), SLOW, Doing("starting"), id="not on this screen yet"),
        pytest.param(PLAYING._replace(is_blank=True), PAUSE, Doing("paused", "gamemode"), id="paused and blank"),
        pytest.param(Showing(Phase.STARTING, has_shown=False), PAUSE, Doing("starting"), id="nothing to stop yet"),
        pytest.param(PLAYING._replace(is_hidden=True), SLOW, Doing("hidden", "covered (no screen asks for its frames)"),
                     id="hidden"),
        pytest.param(PLAYING, PAUSE, Doing("paused", "gamemode"), id="paused"),
        pytest.param(PLAYING._replace(is_stopping=True), PAUSE, Doing("playing"), id="told to stop, and still moves"),
        pytest.param(Showing(Phase.HOLDING, {HoldReason.RULE}, is_stopping=True), HOLD, Doing("playing"),
                     id="told to freeze, and still moves"),
        pytest.param(PLAYING, HOLD, Doing("paused", "locked"), id="to be held, and others of its stream play"),
        pytest.param(PLAYING._replace(is_paused=True), PAUSE, Doing("paused", "a command"), id="a command goes before"),
        pytest.param(Showing(Phase.HELD, {HoldReason.RULE}), HOLD, Doing("held", "locked"), id="held"),
        pytest.param(Showing(Phase.HELD, {HoldReason.RULE, HoldReason.PAUSED}, is_paused=True), HOLD,
                     Doing("held", "a command"), id="held and paused"),
        pytest.param(Showing(Phase.HOLDING, {HoldReason.RULE}), HOLD, Doing("paused", "locked"), id="on the way"),
        pytest.param(Showing(Phase.HELD, {HoldReason.UNSEEN}), Verdict(),
                     Doing("held", "covered (no screen asks for its frames)"), id="unseen"),
        pytest.param(Showing(Phase.HELD, {HoldReason.MEMORY}), Verdict(), Doing("held", "memory (93 %)"), id="memory"),
        *(
            pytest.param(Showing(Phase.HELD, {reason}), Verdict(), Doing("held", reason.value), id=reason.name)
            for reason in (HoldReason.ENDED, HoldReason.GROWTH)
        ),
        pytest.param(Showing(Phase.STILL), HOLD, Doing("still", "a picture"), id="a picture"),
        pytest.param(Showing(Phase.FAILED, error="gone"), HOLD, Doing("failed", "gone"), id="failed"),
        pytest.param(Showing(Phase.STARTING), Verdict(), Doing("starting"), id="starts"),
    ],
)  # fmt: skip
def test_why_names_what_made_it_so(showing: Showing, verdict: Verdict, words: Doing) -> None:
    assert doing(showing, verdict, "93 %") == words


@pytest.mark.parametrize("reason", HoldReason)
def test_every_reason_to_hold_has_words(reason: HoldReason) -> None:
    # One without ended the daemon when it was asked for its status.
    assert doing(Showing(Phase.HELD, {reason}), Verdict(), "").because
