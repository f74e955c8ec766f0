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
        reads: how often it was read again, with success or without.
        renderer: the command line's word; empty when the config's holds.
        wish: what else the command line asked for.
    """

    def __init__(self, config: Config, path: str, renderer: str, wish: Wish) -> None:
        self.config = config
        self.path = path
        self.error = ""
        self.reads = 0
        self.renderer = renderer
        self.wish = wish
        self._seen = self._look()

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
        from wayvid.config.apart import load_apart

        self._seen = self._look()
        self.reads += 1
        try:
            path = self._find()
            config = load_apart(path) if path else Config()
            planned = plan(self._script(config, path))
        except WayvidError as error:
            self.error = str(error)
            raise
        self.config, self.path, self.error = config, path, ""
        return planned

    def paths(self) -> list[str]:
        """Where the file is, or may come to be."""
        from wayvid.config.load import config_candidates

        usual = config_candidates()
        return [self.path] if self.path and self.path not in usual else usual

    def has_news(self) -> bool:
        """Whether the file says something else than when it was last read, right or wrong."""
        return self._look() != self._seen

    def _find(self) -> str:
        from wayvid.config.load import config_candidates, config_path

        path = config_path(None) if self.path in ("", *config_candidates()) else self.path
        return config_path(path or self.path or None) or ""  # what is gone is missed

    def _look(self) -> int:
        from wayvid.config.load import read_config

        try:
            path = self._find()
            return hash((path, read_config(path) if path else b""))
        except WayvidError as error:
            return hash(str(error))
