"""`python -m wayvid.cli.rivals`: what the daemon has looked up beside itself: other wallpapers on its screens.

They may hide this one, or be hidden by it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wayvid.errors import WayvidError
from wayvid.system.rivals import find_rivals
from wayvid.wayland.display import socket_path

__all__ = ["main"]


def main() -> int:
    """Name each of them that is certain, a line on stderr."""
    try:
        rivals = find_rivals(Path(socket_path()))
    except WayvidError:  # the compositor has ended meanwhile, which the daemon says
        return 0
    for rival in rivals:
        if rival.is_certain and rival.program != "wayvid":
            print(
                f"wayvid run: {rival.program} (process {rival.pid}) shows a wallpaper too, and one hides the other; "
                f"{rival.advice}",
                file=sys.stderr,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
