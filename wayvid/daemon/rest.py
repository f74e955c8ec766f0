"""What each output does while something speaks for rest, and because of what. Pure values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from wayvid.conditions import BY_COMMAND, Condition, Reading
from wayvid.config.model import Config, RestConfig
from wayvid.config.resolve import OutputFacts, resolve, resolve_rest, rested
from wayvid.daemon.phase import HoldReason, Phase

__all__ = [
    "Rest",
    "Rules",
    "Verdict",
    "rules_of",
    "rules_on",
    "all_rules",
    "wanted",
    "listens",
    "judge",
    "least",
    "together",
    "Showing",
    "Doing",
    "doing",
]

UNSEEN = "covered (no screen asks for its frames)"


class Rest(StrEnum):
    """What a condition asks for, the weakest first; of several the strongest is done."""

    KEEP = "keep"
    MUTE = "mute"
    SLOW = "slow"
    PAUSE = "pause"
    HOLD = "hold"

    @property
    def strength(self) -> int:
        """Its place in that order."""
        return _ORDER.index(self)

    @property
    def stands_still(self) -> bool:
        """Whether the picture stays."""
        return self.strength >= _ORDER.index(Rest.PAUSE)


_ORDER = list(Rest)


class Rules(NamedTuple):
    """What holds for one output.

    Attributes:
        rests: what each condition asks for; one that is missing: nothing.
        unseen: what becomes of a stream that no screen asks for: keep, pause (held after a while) or hold (at once).
        slow_fps: what `slow` leaves.
        max_fps: at most so many frames a second, whatever is the case; 0: all.
    """

    rests: Mapping[Condition, Rest]
    unseen: Rest = Rest.PAUSE
    slow_fps: float = 10.0
    max_fps: float = 0.0


class Verdict(NamedTuple):
    """What an output is to do.

    Attributes:
        rest: the strongest of what was asked for.
        max_fps: at most so many frames a second; 0: all.
        is_muted: whether it is to be silent.
        because: the condition that made it so, in words; empty when none did.
    """

    rest: Rest = Rest.KEEP
    max_fps: float = 0.0
    is_muted: bool = False
    because: str = ""


def rules_of(config: RestConfig, max_fps: float) -> Rules:
    """The rules that a table of the config file makes."""
    words = {
        Condition.BATTERY: config.battery,
        Condition.BATTERY_LOW: config.battery_low,
        Condition.POWER_SAVER: config.power_saver,
        Condition.LOCKED: config.locked,
        Condition.IDLE: config.idle,
        Condition.OUTPUT_OFF: config.output_off,
        Condition.FULLSCREEN: config.fullscreen,
        Condition.OTHER_SOUND: config.other_sound,
        Condition.GAMEMODE: config.gamemode,
        Condition.MEMORY: config.memory,
        Condition.SLEEP: config.sleep,
    }
    return Rules(
        {condition: Rest(word) for condition, word in words.items()}, Rest(config.covered), config.slow_fps, max_fps
    )


def rules_on(config: Config, facts: OutputFacts) -> Rules:
    """The rules of an output."""
    rest, _rules = resolve_rest(config, facts)
    return rules_of(rest, resolve(config, facts).values.max_fps)


def all_rules(config: Config) -> list[Rules]:
    """The rules that outputs may come to have, also such as are not there."""
    return [rules_of(config.rest, 0), *(rules_of(rested(config.rest, each.rest), 0) for each in config.output)]


def wanted(rules: Iterable[Rules]) -> frozenset[Condition]:
    """The conditions that matter to any of these rules; nothing needs to be known of the others."""
    return frozenset(condition for each in rules for condition, rest in each.rests.items() if rest is not Rest.KEEP)


def listens(rules: Iterable[Rules], is_heard: bool) -> bool:
    """Whether it matters to any of these rules that another program plays sound.

    Args:
        rules: all of them.
        is_heard: whether something of the wallpaper is to be heard, as far as commands and config say.
    """
    least_that_matters = Rest.MUTE if is_heard else Rest.SLOW
    return any(
        each.rests.get(Condition.OTHER_SOUND, Rest.KEEP).strength >= least_that_matters.strength for each in rules
    )


def words_of(reading: Reading) -> str:
    """A condition as `why` names it."""
    return f"{reading.condition} ({reading.detail})" if reading.detail else str(reading.condition)


def judge(rules: Rules, readings: Iterable[Reading], output: str) -> Verdict:
    """What an output is to do.

    Of conditions that ask for the same the first in the order of the config file is
    named.

    Args:
        rules: its own.
        readings: of all conditions; one without an output is about all.
        output: its name.
    """
    strongest, because, is_muted = Rest.KEEP, "", False
    there = [reading for reading in readings if reading.is_on and reading.output in ("", output)]
    for reading in sorted(there, key=lambda each: list(Condition).index(each.condition)):
        rest = rules.rests.get(reading.condition, Rest.KEEP)
        is_muted = is_muted or rest is Rest.MUTE or rest.stands_still
        if rest.strength > strongest.strength:
            strongest, because = rest, words_of(reading)
    max_fps = rules.max_fps
    if strongest is Rest.SLOW:
        max_fps = min(max_fps or rules.slow_fps, rules.slow_fps)
    return Verdict(strongest, max_fps, is_muted, because)


def least(rests: Iterable[Rest]) -> Rest:
    """The weakest of these; keep when there are none."""
    return min(rests, key=lambda rest: rest.strength, default=Rest.KEEP)


def together(verdicts: Collection[Verdict]) -> Rest:
    """What a stream does that several outputs show: no more than all of them ask for.

    Where some stand still and others do not, it plays, and those that stand still
    are not drawn. It is held only where all ask for that: its memory is theirs, too.
    """
    return least(verdict.rest for verdict in verdicts)


class Showing(NamedTuple):
    """How a stream is, as one output sees it.

    Attributes:
        phase: what there is to see.
        holds: the reasons to hold it.
        is_paused: by a command.
        is_hidden: the compositor asks for no frames of that output.
        error: why it is not played any more.
        has_shown: a player had a picture of it, now or before.
        is_blank: no picture of it is on that output yet.
        is_stopping: the player has been told to stop it, and has not said that it has.
    """

    phase: Phase
    holds: Collection[HoldReason] = ()
    is_paused: bool = False
    is_hidden: bool = False
    error: str = ""
    has_shown: bool = True
    is_blank: bool = False
    is_stopping: bool = False


class Doing(NamedTuple):
    """What an output does, and why: see wayvid.ipc.status.OutputStatus."""

    does: str
    because: str = ""
    max_fps: float = 0.0


PLAYING = Doing("playing")


def doing(showing: Showing, verdict: Verdict, pressure: str) -> Doing:
    """What an output does, in the words of `why`; a command goes before a rule.

    Args:
        showing: its stream.
        verdict: its own.
        pressure: why memory is short, in words.
    """
    match showing.phase:
        case Phase.FAILED | Phase.RECONNECTING:
            return Doing(showing.phase.value, showing.error)
        case Phase.STILL:
            return Doing("still", "a picture")
        case Phase.HELD | Phase.HOLDING if showing.holds:
            # On the way it has stopped, and the player is still there.
            does = "held" if showing.phase is Phase.HELD else "paused"
            return PLAYING if showing.is_stopping else Doing(does, _why_held(showing, verdict, pressure))
    if showing.phase is Phase.STARTING and not showing.has_shown:
        return Doing("starting")  # there is nothing yet that could stand still
    if showing.is_paused or verdict.rest.stands_still:
        return PLAYING if showing.is_stopping else Doing("paused", BY_COMMAND if showing.is_paused else verdict.because)
    return _moving(showing, verdict)


def _moving(showing: Showing, verdict: Verdict) -> Doing:
    if showing.phase is not Phase.PLAYING:
        return Doing("starting")
    if showing.is_hidden:
        return Doing("hidden", UNSEEN)
    if showing.is_blank:
        return Doing("starting")
    if verdict.rest is Rest.SLOW:
        return Doing("slow", verdict.because, verdict.max_fps)
    return PLAYING._replace(
        because=f"muted by {verdict.because}" if verdict.rest is Rest.MUTE else "", max_fps=verdict.max_fps
    )


def _why_held(showing: Showing, verdict: Verdict, pressure: str) -> str:
    words = {
        HoldReason.PAUSED: BY_COMMAND,
        HoldReason.RULE: verdict.because or HoldReason.RULE.value,
        HoldReason.MEMORY: f"{Condition.MEMORY} ({pressure})" if pressure else str(Condition.MEMORY),
        HoldReason.UNSEEN: UNSEEN,
    }
    order = [*words, HoldReason.ENDED, HoldReason.GROWTH]
    return next(words.get(reason, reason.value) for reason in order if reason in showing.holds)
