"""The config in force, and why the file as it is now is not."""

from __future__ import annotations

from wayvid.config.model import Config
from wayvid.daemon.graphics import graphics_of
from wayvid.errors import WayvidError
from wayvid.link.messages import Graphics

__all__ = ["Settings"]


class Settings:
    """The config in force.

    Attributes:
        config: what is in force.
        path: the file it is from; empty when there is none.
        error: why the file as it is now is not in force; empty when it is.
        renderer: the command line's word; empty when the config's holds.
    """

    def __init__(self, config: Config, path: str, renderer: str = "") -> None:
        self.config = config
        self.path = path
        self.error = ""
        self.renderer = renderer

    def graphics(self) -> Graphics:
        """What a player is told to draw with."""
        return graphics_of(self.config, self.renderer)

    def reload(self) -> Config:
        """Read the file again, or for the first time when it has come since.

        Raises:
            ConfigError: it is wrong; what was in force stays.
        """
        from wayvid.config.load import config_path, load_config

        try:
            path = config_path(self.path or None) or ""
            config = load_config(path) if path else Config()
        except WayvidError as error:
            self.error = str(error)
            raise
        self.config, self.path, self.error = config, path, ""
        return config
