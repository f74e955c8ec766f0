"""Has other wallpapers on the same screens looked for, by a process that is nobody's child."""

from __future__ import annotations

import logging
import os
import sys

from wayvid.link.spawn import interpreter_flags

__all__ = ["look_for_rivals"]

log = logging.getLogger(__name__)

# It takes what the daemon never loads, and as long as all else of a start.
LOOKER = "wayvid.cli.rivals"
# nice(2): whoever else has work comes first.
LAST = 19


def look_for_rivals() -> None:
    """Start it and forget it: it says what it finds on stderr, and ends.

    Its parent ends at once, so that it is never among the daemon's children.
    """
    if not log.isEnabledFor(logging.WARNING):
        return
    words = [sys.executable, *interpreter_flags(), "-m", LOOKER]
    try:
        between = os.fork()
    except OSError as exc:
        log.info("other wallpapers are not looked for: %s", exc.strerror)
        return
    if between:
        os.waitpid(between, 0)
        return
    try:
        if os.fork() == 0:
            os.nice(LAST)
            os.execv(sys.executable, words)
    finally:
        os._exit(0)
