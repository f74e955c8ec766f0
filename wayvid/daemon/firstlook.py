"""What is seen first after a start: the last picture of the source, until the player has one."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wayvid.daemon.lastpicture import find
from wayvid.daemon.still import Still
from wayvid.daemon.wall import Wall
from wayvid.system.folders import cache_folder

__all__ = ["FirstLook"]


class FirstLook:
    """Shows last pictures at the start.

    Args:
        wall: the screens.
        environ: tells where the pictures are; see wayvid.system.folders.
    """

    def __init__(self, wall: Wall, environ: Mapping[str, str]) -> None:
        self._wall = wall
        self._folder = cache_folder(environ)
        self._found: dict[str, Still | None] = {}
        self._shown: dict[str, str] = {}
        self._is_starting = os.path.isdir(self._folder)

    @property
    def is_there(self) -> bool:
        """Whether a picture is shown."""
        return any(self._found.values())

    def show_on(self, name: str, source: str) -> None:
        """Show the last picture of what an output is to show, if it has just been started and there is one.

        Args:
            name: the output.
            source: the file or URL.
        """
        if not self._is_starting or self._shown.get(name) == source:
            return
        if source not in self._found:
            self._found[source] = self._find(source)
        still = self._found[source]
        if still is not None:
            self._wall.show_still(still, [name])
        elif self._found.get(self._shown.get(name, "")) is not None:
            self._wall.drop_still(name)
        self._shown[name] = source

    def _find(self, source: str) -> Still | None:
        found = find(self._folder, source)
        if found is None:
            return None
        try:
            return self._wall.make_still(found.fd, found.size_bytes, found.picture)
        finally:
            os.close(found.fd)

    def end(self) -> None:
        """The start is over, and no output gets one any more; those that are shown stay. Twice does nothing."""
        self._is_starting = False
        for still in self._found.values():
            if still is not None:
                still.let_go()
        self._found.clear()
        self._shown.clear()
