"""Which files of lists cannot be played, and how long a list waits when none could be."""

from __future__ import annotations

from itertools import islice
from time import monotonic

from wayvid.daemon.policy import LONGEST_RETRY_S, retry_pause_s

__all__ = ["Setbacks"]

# Files in a row that libmpv cannot play, some twenty a second, until what was shown before stays, and there is a pause.
MOST_FAILURES = 200
# ... and after such a pause: they tell whether a server is back, and the next ones are tried after the next pause.
MOST_AGAIN = 5
MOST_UNPLAYABLE = 1000


class _Trouble:
    """Of one list, since something of it could be played."""

    __slots__ = ("failures", "pauses", "reason", "until_s")

    def __init__(self) -> None:
        self.failures = 0  # since the last pause
        self.pauses = 0
        self.until_s = 0.0  # CLOCK_MONOTONIC
        self.reason = ""


class Setbacks:
    """Counts what could not be played, by the paths of lists.

    Attributes:
        unplayable: files that are left out, in the order in which they failed.
    """

    def __init__(self) -> None:
        self.unplayable: dict[str, None] = {}
        self._said: set[str] = set()  # of those, also when they are to be tried again
        self._troubles: dict[str, _Trouble] = {}

    def is_news(self, file: str) -> bool:
        """Whether it is the first time that a file cannot be played."""
        return file not in self._said

    def leave_out(self, file: str) -> None:
        """A file cannot be played."""
        if len(self.unplayable) >= MOST_UNPLAYABLE:
            self.unplayable.clear()
            self._said.clear()
        self.unplayable.pop(file, None)
        self.unplayable[file] = None
        self._said.add(file)

    def is_enough(self, path: str, reason: str) -> bool:
        """One more file of a list has failed: whether the others have to wait, too."""
        trouble = self._troubles.setdefault(path, _Trouble())
        trouble.failures += 1
        trouble.reason = reason
        is_enough = trouble.failures > (MOST_AGAIN if trouble.pauses else MOST_FAILURES)
        if is_enough:
            self.pause(path, reason)
        return is_enough

    def pause(self, path: str, reason: str) -> float:
        """Nothing of a list could be played; for how many seconds nothing of it is tried, longer each time.

        Args:
            path: of the list.
            reason: in words, where no file of it has failed before.
        """
        trouble = self._troubles.setdefault(path, _Trouble())
        pause_s = retry_pause_s(trouble.pauses)
        trouble.pauses += 1
        trouble.failures = 0
        trouble.until_s = monotonic() + pause_s
        trouble.reason = trouble.reason or reason
        return pause_s

    def left_s(self, path: str) -> float:
        """How long a list waits still; 0: it does not."""
        trouble = self._troubles.get(path)
        return max(0.0, trouble.until_s - monotonic()) if trouble is not None else 0.0

    def reason(self, path: str) -> str:
        """Why a list waits, in words; empty when it does not."""
        trouble = self._troubles.get(path)
        if trouble is None or not trouble.pauses:
            return ""
        return f"nothing of its list can be played: {trouble.reason}; tried again after {LONGEST_RETRY_S:g} s at most"

    def try_some(self) -> None:
        """A pause is over: some of what was left out counts again."""
        for file in tuple(islice(self.unplayable, MOST_AGAIN)):
            del self.unplayable[file]

    def on_played(self, path: str) -> None:
        """Something of a list could be played."""
        self._troubles.pop(path, None)
