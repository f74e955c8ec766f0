"""`python -m wayvid.daemon`: what `wayvid run` becomes once it has read its arguments.

A process of its own making: without the argument parser and the docstrings of
every module it is two megabytes smaller for the weeks that it stays.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from wayvid.config.model import Config
from wayvid.daemon.graphics import graphics_of
from wayvid.daemon.lastpicture import is_kept
from wayvid.daemon.limits import limits_of
from wayvid.daemon.opening import opening_of
from wayvid.daemon.scene import STREAM_ID, Want
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.daemon.told import Script, Wish
from wayvid.errors import WayvidError
from wayvid.geometry import Layout
from wayvid.link.messages import Graphics, Limits, Pause, Prepare
from wayvid.link.spawn import SpawnedPlayer, spawn_player
from wayvid.system.folders import cache_folder
from wayvid.system.process import set_process_name
from wayvid.wayland.scanner import leave_out_scanner

if TYPE_CHECKING:
    from wayvid.daemon.entrance import Entrance
    from wayvid.daemon.remember import Opening

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Run the daemon.

    Args:
        words: player's pid (0: it is to be started here), link fd, ledger fd, log level, layout and source ("": as
            the config says), config file ("": none), renderer ("": as the config says),
            "fresh" or "" (what commands said last time holds), "span" or "" (as the config
            says), then the outputs as NAME or NAME=LAYOUT.

    Returns:
        The exit code, as listed in docs/exit-codes.md.
    """
    set_process_name("wayvid")
    player = _player_from(SpawnedPlayer(*map(int, words[:3])))
    logging.basicConfig(level=int(words[3]), format="%(name)s: %(message)s", stream=sys.stderr)
    source, config_path, renderer, fresh, span = words[5:10]
    outputs: dict[str, Layout | None] = {}
    for word in words[10:]:
        name, _separator, layout = word.partition("=")
        outputs[name] = Layout(layout) if layout else None
    try:
        config = _config(config_path)
        wish = Wish(source, Layout(words[4]) if words[4] else None, outputs, bool(span))
        script = Script(config, os.path.dirname(config_path), wish)
        opening = opening_of(script, os.environ, is_fresh=bool(fresh))
        brief = partial(_brief, opening.first, limits_of(config.power), graphics_of(config, renderer))
        if player is None and is_kept(cache_folder(os.environ), opening.first.timeline.spec.path):
            _load_entrance()  # which nothing is to take the processor from
        player = player or PlayerProcess(spawn_player(int(words[3])))
        brief(player)  # and from here on it loads libmpv on another core
        entrance = _enter(opening, script, player)
        from wayvid.daemon.loop import Daemon

        Daemon(entrance, opening, wish, player, config=config, config_path=config_path, renderer=renderer).run()
    except WayvidError as error:
        print(f"wayvid run: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _player_from(spawned: SpawnedPlayer) -> PlayerProcess | None:
    """The player that `wayvid run` has started, if it has."""
    if not spawned.pid:
        return None
    for fd in (spawned.link_fd, spawned.ledger_fd):
        os.set_inheritable(fd, False)  # they came through exec, and no later player is to have them
    return PlayerProcess(spawned)


def _brief(first: Want, limits: Limits, graphics: Graphics, player: PlayerProcess) -> None:
    """Tell a player on what terms it works and what it begins with."""
    player.link.send(limits)
    player.link.send(graphics)
    prepare = Prepare(STREAM_ID, first.timeline.spec, first.timeline.begin_s)
    if prepare.stream.is_pipe:
        _send_with_pipe(player, prepare)
    else:
        player.link.send(prepare)
    if first.is_paused:
        player.link.send(Pause(STREAM_ID, True))


def _load_entrance() -> type[Entrance]:
    leave_out_scanner()
    from wayvid.daemon.entrance import Entrance

    return Entrance


def _enter(opening: Opening, script: Script, player: PlayerProcess) -> Entrance:
    try:
        return _load_entrance()(opening, script, os.environ)
    except WayvidError:
        player.end()
        raise


def _send_with_pipe(player: PlayerProcess, prepare: Prepare) -> None:
    from wayvid.daemon.pipe import open_pipe

    pipe_fd = open_pipe(prepare.stream)
    player.link.send(prepare, pipe_fd)
    if pipe_fd >= 0:
        os.close(pipe_fd)


def _config(path: str) -> Config:
    if not path:
        return Config()
    from wayvid.config.apart import load_apart

    return load_apart(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
