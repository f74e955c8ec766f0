"""What the installed libmpv is and can do, as plain values for `wayvid check`.

Importing this loads no library; look() does.
"""

from __future__ import annotations

import contextlib
import ctypes

import msgspec

__all__ = ["MpvFacts", "look"]

HARDWARE_NONE = 0  # libavutil/hwcontext.h, AV_HWDEVICE_TYPE_NONE


class MpvFacts(msgspec.Struct):
    """What was found.

    Attributes:
        error: why libmpv cannot be used; empty when it can.
        is_missing: there is no libmpv at all.
        version: its own words, such as "0.35.1"; empty when unknown.
        api: client API version, such as "2.0".
        hardware: kinds of decoding hardware that its FFmpeg was built for.
    """

    error: str = ""
    is_missing: bool = False
    version: str = ""
    api: str = ""
    hardware: list[str] = []


def look() -> MpvFacts:
    """Load libmpv and start a core that renders into memory. May hang or crash where libmpv does."""
    from ctypes.util import find_library

    if find_library("mpv") is None:
        return MpvFacts(error="not installed", is_missing=True)
    try:
        import mpv
    except (ImportError, OSError, AttributeError, RuntimeError) as exc:
        return MpvFacts(error=str(exc))
    number = int(mpv.backend.mpv_client_api_version())
    facts = MpvFacts(api=f"{number >> 16}.{number & 0xFFFF}")
    try:
        player = mpv.MPV(vo="libmpv", ao="null", config="no", load_scripts="no", osc="no", ytdl="no")
        facts.version = str(player.mpv_version).removeprefix("mpv ").removeprefix("v")
        # The software renderer came with client API 1.109; trying is better than counting.
        mpv.MpvRenderContext(player, "sw").free()
        player.terminate()
    except (ValueError, AttributeError, TypeError, RuntimeError, OSError, MemoryError) as exc:
        facts.error = f"it cannot render into memory: {exc}"
    facts.hardware = _hardware()
    return facts


def _hardware() -> list[str]:
    """Names of FFmpeg's hardware types, such as "vaapi".

    Source: libavutil/hwcontext.h, av_hwdevice_iterate_types.
    """
    path = _mapped("libavutil")
    if not path:
        return []
    kinds = []
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(path)  # the copy that libmpv has loaded
        library.av_hwdevice_get_type_name.restype = ctypes.c_char_p
        kind = library.av_hwdevice_iterate_types(HARDWARE_NONE)
        while kind != HARDWARE_NONE:
            kinds.append(library.av_hwdevice_get_type_name(kind).decode())
            kind = library.av_hwdevice_iterate_types(kind)
    return kinds


def _mapped(name: str) -> str:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        return next((path for line in maps if f"/{name}" in (path := line.split(maxsplit=5)[-1].strip())), "")
