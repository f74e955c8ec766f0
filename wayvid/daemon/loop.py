"""The daemon: keeps a picture on every wanted output, whatever becomes of the player."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Collection, Iterable
from time import time

from wayvid.conditions import Condition, Reading, Wanted
from wayvid.config.model import Config, PowerConfig
from wayvid.daemon.account import Account
from wayvid.daemon.cast import Terms
from wayvid.daemon.changes import Changes
from wayvid.daemon.desktop import Desktop
from wayvid.daemon.director import Director
from wayvid.daemon.effect import is_superseded
from wayvid.daemon.entrance import Entrance
from wayvid.daemon.governor import Governor
from wayvid.daemon.keepsakes import Keepsakes
from wayvid.daemon.limits import limits_of
from wayvid.daemon.lists import Lists
from wayvid.daemon.lookout import look_for_rivals
from wayvid.daemon.phase import HoldReason
from wayvid.daemon.playback import Playback
from wayvid.daemon.remember import Opening, State, state_of
from wayvid.daemon.requests import Requests
from wayvid.daemon.rest import all_rules, rules_on
from wayvid.daemon.resting import Resting, Senses
from wayvid.daemon.settings import Settings
from wayvid.daemon.snapshots import Snapshots
from wayvid.daemon.source import absolute_source
from wayvid.daemon.span import Spans, facts_of
from wayvid.daemon.statefile import StateFile, state_path
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.daemon.told import Wish
from wayvid.daemon.travel import change_of
from wayvid.errors import WayvidError
from wayvid.ipc.feed import Feed
from wayvid.ipc.server import IpcServer
from wayvid.link.figures import Figures
from wayvid.link.messages import Ease, Eased
from wayvid.link.spawn import END_SIGNALS
from wayvid.memory.levels import MemoryPressureLevel
from wayvid.system.filewatch import FileWatch
from wayvid.system.folders import cache_folder
from wayvid.system.heap import collect
from wayvid.system.pages import release_startup_pages
from wayvid.system.psi import open_triggers
from wayvid.transition import Change
from wayvid.wayland.outputs import Output

__all__ = ["Daemon"]

log = logging.getLogger(__name__)

RELEASE_PAGES_AFTER_S = 3.0
# The first picture does not wait for buses and what is on them.
WATCH_AFTER_S = 0.5
# Nor for a look at all that runs here.
LOOK_AFTER_S = 1.0
# A player that is to draw in another way is exchanged again after what came in between.
DRAWS_ANEW_AFTER_S = 1.0
MOST_TRIES = 3


class Daemon:
    """Shows sources on the wished outputs, inside the budget.

    Args:
        entrance: loop, connection and screens; closed at the end.
        opening: what to begin with.
        wish: what the command line asked for.
        player: a player that was started already and told its limits and to prepare the first stream.
        config: budget and limits.
        config_path: the file it is from; empty when there is none.
        renderer: the command line's; empty when the config's holds.
    """

    def __init__(
        self,
        entrance: Entrance,
        opening: Opening,
        wish: Wish,
        player: PlayerProcess,
        *,
        config: Config,
        config_path: str,
        renderer: str,
    ) -> None:
        self._settings = Settings(config, config_path, renderer, wish)
        self._wish = wish
        self._start = (opening, player)
        self._entrance = entrance
        self._loop = loop = entrance.loop
        self._connection = entrance.connection
        self._wall = entrance.wall
        self._error: WayvidError | None = None
        self._playback: Playback | None = None
        self._director: Director | None = None
        self._resting: Resting | None = None
        self._outdated: PlayerProcess | None = None  # it was told other graphics than the config's
        self._tries_left = 0  # to exchange it where that was called off
        self._is_told_later = False
        self._keepsakes: Keepsakes | None = None
        self._requests: Requests | None = None
        self._desktop: Desktop | None = None
        self._lists: Lists | None = None
        self._server: IpcServer | None = None
        self._config_watch: FileWatch | None = None
        self._on_ended: list[Callable[[], None]] = []  # who asked for the end
        self._state: StateFile | None = None
        self._system = open_triggers()
        self._governor = Governor(loop, self, config.power)

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            CompositorGone: it went away.
            SourceUnplayable: nothing of the source can be shown.
            PlayerError: the player cannot start.
        """
        loop = self._loop
        loop.on_signals(END_SIGNALS, loop.stop)
        loop.on_signals((signal.SIGHUP,), self._reload)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)  # those that came during the start count now
        try:
            self._begin()
            assert self._resting is not None
            self._connection.on_output_added = self._on_output_added
            self._connection.on_output_removed = self._on_output_removed
            self._connection.on_output_changed = self._on_output_changed
            self._take_outputs()
            self._connection.watch_in(loop)
            self._system.watch_in(loop, self._governor.on_stall)
            if self._system.reason:
                log.info("%s", self._system.reason)
            self._watch_config()
            loop.call_later(WATCH_AFTER_S, self._resting.watch)
            loop.call_later(LOOK_AFTER_S, look_for_rivals)
            loop.call_later(RELEASE_PAGES_AFTER_S, release_startup_pages)
            loop.run()
        finally:
            self._close()
        if self._error is not None:
            raise self._error

    def _begin(self) -> None:
        loop, wall = self._loop, self._wall
        opening, player = self._start
        power = self._settings.config.power
        self._playback = playback = Playback(loop, wall, player, self, self._terms(), power.hold_after_s)
        self._director = director = Director(loop, wall, playback, self._settings.script, opening)
        director.parts = Spans(lambda: self._settings.script.spans, self._connection.named_outputs).parts
        director.usual_change = self._change()
        director.unused = self._unused
        director.is_tight = lambda: self._governor.pressure.level > MemoryPressureLevel.NORMAL
        self._resting = resting = Resting(wall, playback, self._open_senses, self._pressure)
        director.on_changed = resting.settle
        director.is_silenced = resting.is_muted
        resting.is_heard = lambda: not director.is_muted(director.connected)
        resting.on_muted = director.settle_sound
        self._apply_rules()
        changes = Changes(loop, director, playback, self._settings, resting)
        self._desktop = desktop = Desktop(loop, os.environ, wall, director, playback, changes)
        self._keepsakes = Keepsakes(loop, self._entrance.first_look, playback, cache_folder(os.environ))
        account = Account(wall, playback, director, self._governor, self._settings, desktop, resting)
        lists = self._lists = Lists(loop, director, playback, wall, self._on_moved)
        state = self._state = StateFile(loop, state_path(os.environ), self._state_now)
        self._requests = Requests(
            loop,
            playback.cast,
            director,
            lists,
            account,
            Snapshots(loop, playback),
            self._settings,
            self._apply,
            desktop,
            self._quit,
            state.on_told,
        )
        self._requests.on_unused(self._take_up, self._give_back)
        feed = Feed(changes.now, lambda is_heard: (changes.listen if is_heard else changes.leave)(feed.publish))
        if self._entrance.listener is not None:
            self._server = IpcServer(loop, self._entrance.listener, self._requests.handle, feed)
        desktop.configure(self._settings.config, self._requests.handle)

    # Outputs.

    def _take_outputs(self) -> None:
        """Those that are there; most have a screen already."""
        assert self._director is not None
        there = {output.name: output for output in self._connection.named_outputs()}
        for name, _screen in self._wall:
            if name not in there:  # gone meanwhile
                self._wall.remove(name)
        self._add_outputs(there.values())
        self._director.outputs_known()

    def _on_output_added(self, output: Output) -> None:
        self._add_outputs([output])

    def _unused(self) -> list[str]:
        """The screens that are there, and that the command line did not name."""
        return [output.name for output in self._connection.named_outputs() if not self._wish.uses(output.name)]

    def _take_up(self, names: Collection[str]) -> None:
        """Have these screens, too, from now on; something is about to be shown there."""
        self._wish = self._wish._replace(outputs={**self._wish.outputs, **dict.fromkeys(names)})
        self._add_outputs([output for output in self._connection.named_outputs() if output.name in names], False)

    def _give_back(self, names: Collection[str]) -> None:
        """Undo that."""
        outputs = {name: layout for name, layout in self._wish.outputs.items() if name not in names}
        self._wish = self._wish._replace(outputs=outputs)
        for name in names:
            self._remove_output(name)

    def _add_outputs(self, outputs: Iterable[Output], shows_usual: bool = True) -> None:
        director, wall = self._director, self._wall
        assert director is not None
        added = [output for output in outputs if self._wish.uses(output.name)]
        director.expect([facts_of(output) for output in added])
        laid = director.laid({*director.connected, *(output.name for output in added)})
        for output in added:
            name = output.name
            log.info("%s: %s, wallpaper %s", name, output.device, laid[name].layout.value)
            if name in wall:
                wall.set_laid(name, laid[name], keeps_still=False)
            else:
                wall.add(output, laid[name])
            if shows_usual:
                self._entrance.first_look.show_on(name, director.spec_on(name).path)
        if added and shows_usual:
            director.outputs_changed()
        for output in added:
            if self._resting is not None:
                self._resting.output_added(output)

    def _on_output_changed(self, output: Output) -> None:
        if self._director is not None and output.name in self._wall and self._director.has_spans:
            self._director.outputs_changed()

    def _on_output_removed(self, output: Output) -> None:
        self._remove_output(output.name)
        # The output's proxies and their callbacks hold each other, and would lie about until Python's own pace has it.
        self._loop.call_soon(collect)

    def _remove_output(self, name: str) -> None:
        assert self._director is not None
        if name in self._wall:
            log.info("%s: gone", name)
            self._director.output_removed(name)
            self._wall.remove(name)
            if self._director.has_spans:
                self._director.outputs_changed()
            if self._resting is not None:
                self._resting.output_removed(name)

    def _quit(self, on_ended: Callable[[], None]) -> None:
        """A client asked for the end."""
        self._on_ended.append(on_ended)
        self._loop.stop()

    # The state.

    def _state_now(self, is_over: bool) -> State:
        director = self._director
        assert director is not None
        named = absolute_source(self._wish.source) if self._wish.source else ""
        scene, bound = director.wanted
        return state_of(scene, bound, director.spot_of, absolute_source, director.connected, time(), is_over, named)

    def _on_moved(self) -> None:
        if self._state is not None:
            self._state.on_moved()

    # The config.

    def _watch_config(self) -> None:
        watch = self._config_watch = FileWatch(self._loop, self._settings.paths(), self._on_config_touched)
        if watch.reason:
            log.warning("config: a change is seen by 'wayvid reload' alone: %s", watch.reason)

    def _on_config_touched(self) -> None:
        """The file was saved, or something like it."""
        if self._settings.has_news():
            self._reload()

    def _reload(self) -> None:
        """Read the config again."""
        assert self._requests is not None

        def on_done(error: WayvidError | None) -> None:
            if error is not None and not is_superseded(error):
                log.error("%s; what was shown before still is", error)

        try:
            self._requests.reload(on_done)
        except WayvidError as error:
            log.error("%s; what was in force before still is", error)

    def _terms(self) -> Terms:
        return Terms(limits_of(self._settings.config.power), self._settings.graphics())

    def _change(self) -> Change:
        return change_of("", None, self._settings.config)

    def _apply(self, power: PowerConfig) -> Callable[[], None]:
        playback = self._playback
        assert playback is not None
        before = playback.cast.player
        draws_anew = playback.cast.set_terms(self._terms())
        assert self._director is not None
        self._director.usual_change = self._change()
        playback.holding.set_after(power.hold_after_s)
        self._governor.configure(power)
        if self._desktop is not None and self._requests is not None:
            self._desktop.configure(self._settings.config, self._requests.handle)

        def finish() -> None:
            self._apply_rules()
            if draws_anew:
                self._outdated, self._tries_left, self._is_told_later = before, MOST_TRIES, False
            self._draw_anew()

        return finish

    def _draw_anew(self) -> None:
        """Have a player that draws as the config says; where that cannot be done now, with the next first picture."""
        if self._outdated is None or self._playback is None:
            return
        if self._outdated is self._playback.cast.player:
            if not self._playback.exchange() and self._playback.plays_pipe and not self._is_told_later:
                self._is_told_later = True
                log.warning(
                    "renderer: what comes through a pipe plays on as it is; another one comes with the next writer"
                )
        else:
            self._outdated = None

    # When to rest.

    def _apply_rules(self) -> None:
        assert self._resting is not None
        assert self._director is not None
        facts_on = self._director.facts_on
        config = self._settings.config
        self._resting.configure(config.rest, lambda name: rules_on(config, facts_on(name)), all_rules(config))

    def _open_senses(self, wanted: Wanted, on_change: Callable[[], None]) -> Senses:
        from wayvid.daemon.sensors import Sensors

        return Sensors(self._loop, wanted, on_change, os.environ, self._connection)

    def _pressure(self) -> Reading:
        pressure = self._governor.pressure
        return Reading(Condition.MEMORY, "", pressure.level > MemoryPressureLevel.NORMAL, pressure.reason)

    def on_pressure(self) -> None:
        """See Governed."""
        if self._resting is not None:
            self._loop.call_soon(self._resting.settle)  # not amidst what led to the look

    # PlaybackListener.

    def on_playing(self) -> None:
        """See PlaybackListener."""
        self._governor.on_playing()
        self._loop.call_soon(self._draw_anew)
        if self._keepsakes is not None:
            self._keepsakes.on_playing()
        self._on_moved()

    def on_still(self) -> None:
        """See PlaybackListener."""
        self._entrance.first_look.end()
        self._loop.call_soon(self._draw_anew)

    def on_figures(self, figures: Figures) -> None:
        """See PlaybackListener."""
        self._governor.on_figures(figures)
        if self._requests is not None:
            self._requests.on_figures()

    def on_eased(self, eased: Eased) -> None:
        """See PlaybackListener."""
        self._governor.on_eased(eased)

    def on_holding(self, reason: HoldReason) -> None:
        """See PlaybackListener."""
        self._governor.on_holding(reason)

    def on_held(self) -> None:
        """See PlaybackListener."""
        self._governor.on_held()
        self._on_moved()
        if self._resting is not None:
            self._resting.on_held()
        if self._keepsakes is not None:
            self._keepsakes.keep()

    def on_replaced(self) -> None:
        """See PlaybackListener."""
        self._governor.on_replaced()

    def on_kept(self) -> None:
        """See PlaybackListener."""
        self._governor.on_kept()
        if self._tries_left:
            self._tries_left -= 1
            self._loop.call_later(DRAWS_ANEW_AFTER_S, self._draw_anew)

    def on_fatal(self, error: WayvidError) -> None:
        """See PlaybackListener."""
        self._error = self._error or error
        self._loop.stop()

    # Governed.

    def player_pid(self) -> int | None:
        """See Governed."""
        player = self._playback.cast.player if self._playback is not None else None
        return player.pid if player is not None else None

    def ease(self, message: Ease) -> bool:
        """See Governed."""
        return self._playback is not None and self._playback.cast.send(message)

    def hold_for_memory(self) -> None:
        """See Governed."""
        assert self._playback is not None
        self._playback.holding.hold_all(HoldReason.MEMORY)

    def resume_for_memory(self) -> None:
        """See Governed."""
        assert self._playback is not None
        self._playback.holding.let_go_all(HoldReason.MEMORY)

    def exchange_player(self) -> bool:
        """See Governed."""
        return self._playback is not None and self._playback.exchange()

    def hold_and_resume(self) -> None:
        """See Governed."""
        assert self._playback is not None
        self._playback.holding.hold_all(HoldReason.GROWTH)

    def _tell_ended(self) -> None:
        for on_ended in self._on_ended:
            on_ended()
        if self._server is not None:
            self._server.close()

    def _close(self) -> None:
        self._system.close()
        for part in (self._keepsakes, self._config_watch, self._state, self._desktop, self._lists):
            if part is not None:
                part.close()
        if self._server is not None:
            self._server.stop()
        self._governor.close()
        if self._resting is not None:
            self._resting.close()
        if self._playback is not None:
            self._playback.cast.begin_close()
        else:  # the start failed
            self._start[1].end()
        self._entrance.leave_screens()
        if self._playback is not None:
            self._playback.cast.close()
        self._entrance.leave_compositor()
        self._tell_ended()
        # A second signal has nothing left to end, and would have its default effect.
        signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
        self._entrance.close()
