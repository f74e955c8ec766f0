"""What is heard of a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpv import MpvFormat

from wayvid.player.core import MpvCore

__all__ = ["QUESTIONS", "Sound"]

# To be asked of libmpv while something is to be heard.
QUESTIONS = {"current-ao": MpvFormat.STRING, "aid": MpvFormat.STRING}
NO_TRACK = "no"


class Sound:
    """The sound of one core: no track is decoded and no device opened until it is asked for.

    Args:
        core: whose it is.

    Attributes:
        volume: percent; 0: nothing is to be heard.
    """

    def __init__(self, core: MpvCore) -> None:
        self.volume = 0
        self._core = core

    def set_volume(self, volume: int, on_done: Callable[[], None]) -> None:
        """Another volume; with 0 libmpv lets go of the track and the device."""
        was_heard, self.volume = bool(self.volume), volume
        if volume:
            self._core.set_property("volume", str(volume))
        if bool(volume) is not was_heard:
            self._core.sound_error = ""
            self._core.set_property("aid", "auto" if volume else NO_TRACK)
        self._core.ask("aid", MpvFormat.STRING, lambda _value: on_done())  # answered after what was set

    def device(self, answers: Mapping[str, float | int | str | None]) -> tuple[str, str]:
        """What it is heard through, and why through nothing; both are empty while it is not to be.

        Args:
            answers: libmpv's to QUESTIONS.
        """
        driver = str(answers.get("current-ao") or "")
        if not self.volume or driver:
            return driver if self.volume else "", ""
        if self._core.sound_error:
            return "", f"no sound device can be used ({self._core.sound_error})"
        return "", "" if answers.get("aid") not in (None, NO_TRACK) else "there is no sound in it"
