"""Has outputs rest as the rules say: watches the conditions, and slows, stops or holds what is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from wayvid.conditions import Condition, Reading, Wanted
from wayvid.config.model import RestConfig
from wayvid.daemon.phase import Phase
from wayvid.daemon.playback import Playback
from wayvid.daemon.rest import Doing, Rest, Rules, Showing, Verdict, doing, judge, least, listens, together, wanted
from wayvid.daemon.stream import Stream
from wayvid.daemon.wall import Wall
from wayvid.link.messages import Pace
from wayvid.wayland.outputs import Output

__all__ = ["Resting", "Senses"]

log = logging.getLogger(__name__)

# These have nothing left that a sleep could harm.
SETTLED = (Phase.HELD, Phase.STILL, Phase.RECONNECTING, Phase.FAILED)


class Senses(Protocol):
    """What tells of the conditions; see wayvid.daemon.sensors.Sensors."""

    def readings(self) -> Collection[Reading]:
        """Of all conditions that are watched."""

    def ready_to_sleep(self) -> None:
        """The machine may sleep now, as far as the wallpaper is concerned."""

    def listen(self, is_listening: bool) -> None:
        """Whether to look for other programs that play sound."""

    def output_added(self, output: Output) -> None:
        """There is another screen."""

    def output_removed(self, name: str) -> None:
        """A screen is gone."""

    def close(self) -> None:
        """Watch nothing any more."""


class Resting:
    """Applies the rules to the outputs whenever a condition, an output or a stream changes.

    Args:
        wall: the screens.
        playback: the streams.
        open_senses: begins to watch these conditions, no more than the rules want, and tells of changes.
        pressure: the governor's word on memory, as a reading.

    Attributes:
        is_heard: whether something is to be heard, whatever the rules say.
        on_muted: called when outputs are silent by a rule that were not, or the other way round.
    """

    def __init__(
        self,
        wall: Wall,
        playback: Playback,
        open_senses: Callable[[Wanted, Callable[[], None]], Senses],
        pressure: Callable[[], Reading],
    ) -> None:
        self._wall = wall
        self._playback = playback
        self._open_senses = open_senses
        self._pressure = pressure
        self._rules_on: Callable[[str], Rules] = lambda _name: Rules({})
        self._all_rules: tuple[Rules, ...] = ()
        self._wanted: frozenset[Condition] = frozenset()
        self._to_watch = Wanted()
        self._watched = Wanted()
        self._is_watching = False
        self._senses: Senses | None = None
        self._verdicts: dict[str, Verdict] = {}
        self.is_heard: Callable[[], bool] = lambda: False
        self.on_muted: Callable[[], object] = lambda: None

    def configure(self, config: RestConfig, rules_on: Callable[[str], Rules], all_rules: Iterable[Rules]) -> None:
        """Take rules into force.

        Args:
            config: what is the same for all outputs.
            rules_on: the rules of an output by its name.
            all_rules: all there are, also of outputs that are not there.
        """
        self._rules_on = rules_on
        self._all_rules = tuple(all_rules)
        self._wanted = wanted(self._all_rules)
        conditions = self._wanted - {Condition.MEMORY}  # the governor's
        self._to_watch = Wanted(conditions, config.battery_low_percent, config.idle_after_s)
        if self._is_watching:
            self.watch()
        self.settle()

    def watch(self) -> None:
        """Begin to watch what the rules want to know of, also when they change; it takes some ms."""
        self._is_watching = True
        if self._to_watch != self._watched:
            self._watched = self._to_watch
            self.close()
            if self._watched.conditions:
                self._senses = self._open_senses(self._watched, self.settle)
                self.settle()

    def output_added(self, output: Output) -> None:
        """There is another screen, which the director knows already."""
        if self._senses is not None:
            self._senses.output_added(output)

    def output_removed(self, name: str) -> None:
        """A screen is gone."""
        if self._senses is not None:
            self._senses.output_removed(name)

    def readings(self) -> list[Reading]:
        """Of all conditions that the rules want to know of."""
        readings = list(self._senses.readings()) if self._senses is not None else []
        return [*readings, self._pressure()] if Condition.MEMORY in self._wanted else readings

    def settle(self) -> None:
        """Bring all outputs to what the rules say now."""
        if self._senses is not None and Condition.OTHER_SOUND in self._wanted:
            self._senses.listen(listens(self._all_rules, self.is_heard()))
        readings = self.readings()
        rules = {name: self._rules_on(name) for name, _screen in self._wall}
        verdicts = {name: judge(rules[name], readings, name) for name in rules}
        for name, verdict in verdicts.items():
            if verdict != self._verdicts.get(name, Verdict()):
                log.info("%s: %s %s", name, verdict.rest.value, f"({verdict.because})" if verdict.because else "")
        were_muted = self._muted()
        self._verdicts = verdicts
        for stream in tuple(self._playback.streams.values()):
            names = [name for name in stream.outputs if name in verdicts]
            if names:
                rest = together([verdicts[name] for name in names])
                self._set_paces(names, rest)
                self._playback.stopping.set_rest(stream, rest, least(rules[name].unseen for name in names))
        if self._muted() != were_muted:
            self.on_muted()
        self._let_sleep(readings)

    def _muted(self) -> set[str]:
        return {name for name, verdict in self._verdicts.items() if verdict.is_muted}

    def _set_paces(self, names: Iterable[str], rest: Rest) -> None:
        """Outputs that stand still while others of their stream play are not drawn."""
        for name in names:
            verdict = self._verdicts[name]
            is_resting = verdict.rest.stands_still and not rest.stands_still
            self._playback.cast.set_pace(Pace(name, verdict.max_fps, is_resting))

    def on_held(self) -> None:
        """The player has gone, and the last pictures stay."""
        if self._senses is not None:
            self._let_sleep(self._senses.readings())

    def _let_sleep(self, readings: Iterable[Reading]) -> None:
        """A sleep that waits for the hold need not wait any longer."""
        if self._senses is None or not any(each.condition is Condition.SLEEP and each.is_on for each in readings):
            return
        streams = self._playback.streams.values()
        is_ending = self._playback.cast.player is not None and all(each.phase in SETTLED for each in streams)
        if not is_ending and all(each.phase in SETTLED or not each.holds.reasons for each in streams):
            self._senses.ready_to_sleep()

    def is_muted(self, name: str) -> bool:
        """Whether an output is to be silent by the rules."""
        return name in self._muted()

    def asked_of(self, name: str) -> tuple[str, str]:
        """What the rules ask of an output, and the condition that made it so."""
        verdict = self._verdicts.get(name, Verdict())
        return verdict.rest.value, verdict.because

    def doing(self, name: str, stream: Stream, is_blank: bool, is_hidden: bool, pressure: str) -> Doing:
        """What an output does, and why.

        Args:
            name: the output.
            stream: what it shows.
            is_blank: whether it has no picture yet.
            is_hidden: whether the compositor asks for no frames of it.
            pressure: why memory is short, in words.
        """
        showing = Showing(
            stream.seen_phase,
            stream.holds.reasons,
            stream.is_paused,
            is_hidden,
            stream.error,
            stream.has_shown,
            is_blank,
            stream.is_stopping,
        )
        return doing(showing, self._verdicts.get(name, Verdict()), pressure)

    def close(self) -> None:
        """Watch no conditions any more."""
        senses, self._senses = self._senses, None
        if senses is not None:
            senses.close()
