"""What media players say of themselves on the bus, and what they can be told: pure values (MPRIS 2.2)."""

from __future__ import annotations

import os
import string
from math import isfinite
from typing import Any, NamedTuple
from zlib import crc32

from wayvid.ipc.messages import (
    NextRequest,
    OutputRequest,
    PauseRequest,
    PrevRequest,
    ResumeRequest,
    SeekRequest,
    SetRequest,
    SpeedRequest,
    ToggleRequest,
    VolumeRequest,
)

__all__ = [
    "BUS_NAME",
    "INTERFACES",
    "PATH",
    "PLAYER",
    "Media",
    "NoSuchProperty",
    "changed",
    "has_jumped",
    "introspection",
    "properties",
    "request_of",
    "request_of_property",
]

BUS_NAME = "org.mpris.MediaPlayer2.wayvid"
PATH = "/org/mpris/MediaPlayer2"
ROOT = "org.mpris.MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
INTERFACES = (ROOT, PLAYER)
NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
MICROSECONDS = 1e6
LOUDEST = 100
URL_SCHEMES = ("file", "http", "https")
# What play is off by before it counts as a jump.
JUMP_S = 1.0
_URL_PLAIN = frozenset((string.ascii_letters + string.digits + "/-._~").encode())
_SLOWEST, _FASTEST = 0.01, 100.0  # as of `wayvid speed`

# Methods with the signatures of what they take; all give nothing.
METHODS = {
    ROOT: {"Raise": "", "Quit": ""},
    PLAYER: {
        "Next": "", "Previous": "", "Pause": "", "PlayPause": "", "Stop": "", "Play": "",
        "Seek": "x", "SetPosition": "ox", "OpenUri": "s",
    },
}  # fmt: skip
WRITABLE = ("Rate", "Volume")
_PLAIN_REQUESTS: dict[str, OutputRequest] = {
    "Play": ResumeRequest(),
    "Pause": PauseRequest(),
    "Stop": PauseRequest(),
    "PlayPause": ToggleRequest(),
    "Next": NextRequest(),
    "Previous": PrevRequest(),
}


class Media(NamedTuple):
    """What is shown, as a media player.

    Attributes:
        status: "Playing", "Paused" or "Stopped".
        source: in the user's words.
        path: the file or URL that plays; empty when there is none, as of the built-in wallpaper.
        length_s: of it; 0 when unknown.
        position_s: in it.
        speed: 1 is as recorded.
        has_others: whether there is a next file.
        volume: how loud it is when it is not muted, 0 to 100.
    """

    status: str
    source: str = ""
    path: str = ""
    length_s: float = 0.0
    position_s: float = 0.0
    speed: float = 1.0
    has_others: bool = False
    volume: int = 100


class NoSuchProperty(Exception):
    """The interface has no property of that name, or it cannot be set."""


def properties(interface: str, media: Media) -> dict[str, tuple[str, Any]]:
    """All properties of an interface, each with its signature; none of an interface that is not ours."""
    if interface == ROOT:
        return {
            "CanQuit": ("b", False),
            "CanRaise": ("b", False),
            "HasTrackList": ("b", False),
            "Identity": ("s", "wayvid"),
            "SupportedUriSchemes": ("as", list(URL_SCHEMES)),
            "SupportedMimeTypes": ("as", []),
        }
    if interface != PLAYER:
        return {}
    return {
        "PlaybackStatus": ("s", media.status),
        "Rate": ("d", media.speed),
        "Metadata": ("a{sv}", _metadata(media)),
        "Volume": ("d", media.volume / LOUDEST),
        "Position": ("x", _microseconds(media.position_s)),
        "MinimumRate": ("d", _SLOWEST),
        "MaximumRate": ("d", _FASTEST),
        "CanGoNext": ("b", media.has_others),
        "CanGoPrevious": ("b", media.has_others),
        "CanPlay": ("b", True),
        "CanPause": ("b", True),
        "CanSeek": ("b", media.length_s > 0),
        "CanControl": ("b", True),
    }


def _metadata(media: Media) -> dict[str, tuple[str, Any]]:
    path = _text(media.path)
    metadata: dict[str, tuple[str, Any]] = {"mpris:trackid": ("o", _track(media))}
    title = os.path.basename(path.rstrip("/")) or _text(media.source)
    if title:
        metadata["xesam:title"] = ("s", title)
    if path:
        metadata["xesam:url"] = ("s", path if "://" in path else f"file://{_quoted(path)}")
    if media.length_s > 0:
        metadata["mpris:length"] = ("x", _microseconds(media.length_s))
    return metadata


def _track(media: Media) -> str:
    words = media.path or media.source
    return f"/org/wayvid/track/{crc32(words.encode(errors='replace')):08x}" if words else NO_TRACK


def _microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)


def _text(words: str) -> str:
    """Words as the bus takes them: UTF-8 without zero bytes."""
    return words.encode(errors="replace").decode().replace("\0", "")


def _quoted(path: str) -> str:
    return "".join(chr(byte) if byte in _URL_PLAIN else f"%{byte:02X}" for byte in path.encode())


def changed(before: Media, after: Media) -> dict[str, tuple[str, Any]]:
    """The player's properties that PropertiesChanged is to tell; never the position, which moves by itself."""
    old = properties(PLAYER, before)
    return {
        name: value for name, value in properties(PLAYER, after).items() if name != "Position" and value != old[name]
    }


def has_jumped(before: Media, after: Media, elapsed_s: float) -> bool:
    """Whether the position is not where play would have come to by itself.

    Args:
        before: as it was.
        after: as it is.
        elapsed_s: between the two.
    """
    if _track(before) != _track(after) or after.length_s <= 0:
        return False
    moved_s = elapsed_s * before.speed if before.status == "Playing" else 0.0
    off_s = abs(after.position_s - before.position_s - moved_s) % after.length_s
    return min(off_s, after.length_s - off_s) > JUMP_S  # a loop that began again has not


def request_of(member: str, body: tuple[Any, ...], media: Media) -> OutputRequest | None:
    """What a method of the player asks for; None: nothing, such as a position in what is not shown any more.

    Args:
        member: the method, one of METHODS.
        body: its values, of the types that METHODS says.
        media: what is shown.
    """
    if not body and member in _PLAIN_REQUESTS:
        return _PLAIN_REQUESTS[member]
    match member, body:
        case "Seek", (int(offset),):
            return SeekRequest(offset / MICROSECONDS, "+s")
        case "SetPosition", (track, int(position)):
            is_there = 0 <= position <= _microseconds(media.length_s)
            return SeekRequest(position / MICROSECONDS) if track == _track(media) and is_there else None
        case "OpenUri", (str(url),) if url.partition("://")[0].lower() in URL_SCHEMES:
            return SetRequest(url)
    return None


def request_of_property(name: str, value: object) -> OutputRequest:
    """What setting a property asks for.

    Raises:
        NoSuchProperty: it cannot be set.
    """
    if name == "Rate" and isinstance(value, float):
        return SpeedRequest(value) if value else PauseRequest()  # 0 is to pause, says the standard
    if name == "Volume" and isinstance(value, float) and isfinite(value):
        return VolumeRequest(min(max(round(value * LOUDEST), 0), LOUDEST))
    raise NoSuchProperty(name)


def introspection() -> str:
    """Our object as org.freedesktop.DBus.Introspectable describes it."""
    lines = ["<node>"]
    for interface in INTERFACES:
        lines.append(f'<interface name="{interface}">')
        for method, signature in METHODS[interface].items():
            arguments = "".join(f'<arg type="{kind}" direction="in"/>' for kind in signature)
            lines.append(f'<method name="{method}">{arguments}</method>')
        for name, (signature, _value) in properties(interface, Media("Stopped")).items():
            access = "readwrite" if name in WRITABLE else "read"
            lines.append(f'<property name="{name}" type="{signature}" access="{access}"/>')
        if interface == PLAYER:
            lines.append('<signal name="Seeked"><arg type="x"/></signal>')
        lines.append("</interface>")
    return "\n".join([*lines, "</node>"])
