"""The config.yaml of the earlier wayvid: its model, and the Config that it means.

Its names and shapes are kept, its values are checked as strictly as ours. What it has
that wayvid has no use for is taken and has no effect.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

import msgspec

from wayvid.config.faults import KeyPath
from wayvid.config.model import (
    Buffers,
    Config,
    Flag,
    FrameRate,
    Megabytes,
    OutputRule,
    PowerConfig,
    Range,
    RestConfig,
    Speed,
    Words,
)

__all__ = ["EarlierConfig", "Meant", "meant"]

Text = Annotated[str, Words((), "a text")]
EarlierLayout = Annotated[str, Words(("Fill", "Contain", "Stretch", "Cover", "Centre"))]
EarlierVolume = Annotated[float, Range(0, 1)]
EarlierSeconds = Annotated[float, Range(0, 604800)]
DEFAULT_RATE = 30.0
# What makes numbered images of a path; without any it was one file there, too, such as a GIF.
_PATTERN = re.compile(r"%0?\d*d|[*?]")


class _Source(msgspec.Struct, frozen=True, tag_field="type"):
    """What is shown; `type` says of which kind it is."""


class FileSource(_Source, frozen=True, tag="File"):
    path: Text


class DirectorySource(_Source, frozen=True, tag="Directory"):
    path: Text


class UrlSource(_Source, frozen=True, tag="Url"):
    url: Text


class RtspSource(_Source, frozen=True, tag="Rtsp"):
    url: Text


class PipeSource(_Source, frozen=True, tag="Pipe"):
    path: Annotated[str, Words(("",), "the path of a named pipe")] = ""


class ImageSequenceSource(_Source, frozen=True, tag="ImageSequence"):
    path: Text
    fps: Annotated[float, Range(0.01, 1000)] = DEFAULT_RATE


class WeProjectSource(_Source, frozen=True, tag="WeProject"):
    path: Text


Source = FileSource | DirectorySource | UrlSource | RtspSource | PipeSource | ImageSequenceSource | WeProjectSource


class EarlierOutput(msgspec.Struct, frozen=True):
    """What differs on outputs of a name or a glob."""

    source: Source | None = None
    layout: EarlierLayout | None = None
    start_time: EarlierSeconds | None = None
    playback_rate: Speed | None = None
    mute: Flag | None = None
    volume: EarlierVolume | None = None
    priority: Annotated[int, Range(0, 1000)] = 50


class EarlierPower(msgspec.Struct, frozen=True):
    """What it may use."""

    pause_when_hidden: Flag = True
    pause_on_battery: Flag = False
    max_fps: FrameRate = 0
    max_memory_mb: Megabytes = PowerConfig().max_memory_mb
    max_buffers: Buffers = PowerConfig().max_buffers


class ToneMapping(msgspec.Struct, frozen=True):
    """Of pictures brighter than a screen; without effect."""

    algorithm: Annotated[str, Words(("hable", "mobius", "reinhard", "bt2390", "clip"))] = "hable"
    param: Annotated[float, Range(0, 10)] = 1.0
    compute_peak: Flag = True
    mode: Annotated[str, Words(("auto", "rgb", "hybrid", "luma", "max"))] = "hybrid"


class EarlierConfig(msgspec.Struct, frozen=True):
    """A whole config.yaml."""

    source: Source | None = None
    layout: EarlierLayout = "Fill"
    loop: Flag = True
    start_time: EarlierSeconds = 0.0
    playback_rate: Speed = 1.0
    mute: Flag = True
    volume: EarlierVolume = 0.0
    hwdec: Flag = True
    per_output: dict[str, EarlierOutput] = {}
    power: EarlierPower = EarlierPower()
    hdr_mode: Annotated[str, Words(("auto", "force", "disable"))] = "auto"
    tone_mapping: ToneMapping = ToneMapping()
    render_backend: Annotated[str, Words(("auto", "opengl", "vulkan"))] = "auto"


# Theirs: ours, where both mean the same.
_SAME = {
    "source": "source",
    "layout": "layout",
    "loop": "loop",
    "start_time": "start_time",
    "playback_rate": "speed",
    "mute": "mute",
    "volume": "volume",
    "hwdec": "hwdec",
    "render_backend": "renderer",
    "priority": "priority",
}
_POWER: dict[str, KeyPath] = {"max_fps": ("max_fps",), "pause_on_battery": ("rest", "battery")}
_RENDERERS = {"auto": "auto", "opengl": "gl", "vulkan": "auto"}
_WITHOUT_EFFECT: tuple[KeyPath, ...] = (
    ("hdr_mode",),
    ("tone_mapping",),
    ("power", "pause_when_hidden"),
)


class Meant(NamedTuple):
    """What a config.yaml means.

    Attributes:
        config: in our words.
        places: where each key of it is in the file, as far as it is there.
        unused: what is in the file and has no effect.
    """

    config: Config
    places: dict[KeyPath, KeyPath]
    unused: tuple[KeyPath, ...]


def meant(earlier: EarlierConfig, tables: dict[str, Any]) -> Meant:
    """The config that a config.yaml means.

    Args:
        earlier: the file's content, checked.
        tables: the same as it was read, which says what is there at all.
    """
    told: dict[str, Any] = {key: getattr(earlier, key) for key in _SAME if key in earlier.__struct_fields__}
    places: dict[KeyPath, KeyPath] = {(_SAME[key],): (key,) for key in tables if key in _SAME}
    power = PowerConfig(max_memory_mb=earlier.power.max_memory_mb, max_buffers=earlier.power.max_buffers)
    for key in tables.get("power") or ():
        places[_POWER.get(key, ("power", key))] = ("power", key)
    rules = []
    # Later rules go before: what has the same number of plain letters was undecided there.
    for name, output in earlier.per_output.items():
        rules.append(OutputRule(name, **_ours({key: getattr(output, key) for key in output.__struct_fields__})))
        places[("output", len(rules) - 1)] = ("per_output", name)
        for key in tables["per_output"].get(name) or ():
            places[("output", len(rules) - 1, _SAME[key])] = ("per_output", name, key)
    rest = RestConfig(battery="pause") if earlier.power.pause_on_battery else RestConfig()
    config = Config(**_ours(told), max_fps=earlier.power.max_fps, power=power, rest=rest, output=tuple(rules))
    return Meant(config, places, tuple(path for path in _WITHOUT_EFFECT if _is_there(tables, path)))


def _is_there(tables: Any, path: KeyPath) -> bool:
    for part in path:
        if not isinstance(tables, dict) or part not in tables:
            return False
        tables = tables[part]
    return True


def _ours(told: dict[str, Any]) -> dict[str, Any]:
    """Their keys and values as ours; what is not said stays so."""
    return {_SAME[key]: _our_value(key, value) for key, value in told.items() if value is not None}


def _our_value(key: str, value: Any) -> Any:
    match key:
        case "source":
            return _our_source(value)
        case "layout":
            return value.lower()
        case "volume":
            return round(value * 100)
        case "hwdec":
            return "auto" if value else "no"
        case "render_backend":
            return _RENDERERS[value]
        case _:
            return value


def _our_source(source: Source) -> str:
    match source:
        case UrlSource() | RtspSource():
            return source.url
        case PipeSource():
            return source.path or "-"
        case ImageSequenceSource() if _PATTERN.search(source.path):
            return f"mf://{source.path}?fps={source.fps:g}"
        case _:
            return source.path
