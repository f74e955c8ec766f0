"""What is heard of a stream."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from contextlib import suppress

from mpv import MpvFormat

from wayvid.player.core import MpvCore

__all__ = ["QUESTIONS", "Sound", "hush_sound"]

# To be asked of libmpv while something is to be heard.
QUESTIONS = {"current-ao": MpvFormat.STRING, "aid": MpvFormat.STRING}
NO_TRACK = "no"
# What sound libraries without a device write to stderr; who set one of these wants to read it.
QUIET = {"PIPEWIRE_DEBUG": "0", "ALSOFT_LOGLEVEL": "0", "JACK_NO_START_SERVER": "1"}
SETTERS = {
    "libasound.so.2": ("snd_lib_error_set_handler",),
    "libjack.so.0": ("jack_set_error_function", "jack_set_info_function"),
}


def hush_sound() -> None:
    """Have sound libraries keep to themselves that they find no device: `status` says it.

    Call before a device is opened. Some take a function for their words: C's labs() takes what it gets, does nothing
    and needs no interpreter, whichever of libmpv's threads it runs on.

    Source: alsa-lib, error.h; JACK, jack.h; PipeWire, "Environment Variables"; PulseAudio, client.conf,
    "default-server", and src/pulsecore/core-util.c, check_ours().
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    with suppress(OSError):
        if os.stat(runtime).st_uid != os.geteuid():  # else libpulse looks for these itself, and complains each time
            os.environ.setdefault("PULSE_SERVER", f"unix:{runtime}/pulse/native unix:/run/pulse/native")
    nothing = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)
    for library, setters in SETTERS.items():
        try:
            loaded = ctypes.CDLL(library, mode=os.RTLD_NOW | os.RTLD_NOLOAD)
        except OSError:  # this libmpv does without
            continue
        for name in setters:
            setter = getattr(loaded, name, None)
            if setter is not None:
                setter(nothing)


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
            hush_sound()
            self._core.set_property("volume", str(volume))
        if bool(volume) is not was_heard:
            self._core.sound_error = ""
            self._core.set_property("aid", "auto" if volume else NO_TRACK)
        self._core.ask("aid", MpvFormat.STRING, lambda _value: on_done())  # answered after what was set

    def set_share(self, ratio: float) -> None:
        """Have so much of its volume be heard, as a ratio of amplitude, until the next set_volume().

        Source: libmpv, player/audio.c, audio_update_volume: gain is the cube of volume / 100.
        """
        if not self._core.closed and self.volume:
            self._core.set_property("volume", f"{self.volume * ratio ** (1 / 3):.2f}")

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
