"""The config in force, and why the file as it is now is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from wayvid.config.model import Config
from wayvid.daemon.graphics import graphics_of
from wayvid.daemon.told import Script, Wish
from wayvid.errors import WayvidError
from wayvid.link.messages import Graphics

__all__ = ["Settings"]

Plan = TypeVar("Plan")


class Settings:
    """The config in force.

    Attributes:
        config: what is in force.
        path: the file it is from; empty when there is none.
        error: why the file as it is now is not in force; empty when it is.
        renderer: the command line's word; empty when the config's holds.
        wish: what else the command line asked for.
    """

    def __init__(self, config: Config, path: str, renderer: str, wish: Wish) -> None:
        self.config = config
        self.path = path
        self.error = ""
        self.renderer = renderer
        self.wish = wish

    @property
    def script(self) -> Script:
        """What outputs are told."""
        return self._script(self.config, self.path)

    def _script(self, config: Config, path: str) -> Script:
        return Script(config, os.path.dirname(path), self.wish)

    def graphics(self) -> Graphics:
        """What a player is told to draw with."""
        return graphics_of(self.config, self.renderer)

    def reload(self, plan: Callable[[Script], Plan]) -> Plan:
        """Read the file again, or for the first time when it has come since.

        Args:
            plan: called with what outputs would be told; when it raises, nothing is changed either.

        Returns:
            What that returned.

        Raises:
            ConfigError: the file is wrong; what was in force stays.
        """
        from wayvid.config.load import config_path, load_config

        try:
            path = config_path(self.path or None) or ""
            config = load_config(path) if path else Config()
            planned = plan(self._script(config, path))
        except WayvidError as error:
            self.error = str(error)
            raise
        self.config, self.path, self.error = config, path, ""
        return planned
