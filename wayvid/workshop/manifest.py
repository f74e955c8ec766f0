"""What a project.json says, as it is in the wild: pure values, nothing is looked up.

Source: project.json of items of Steam's Workshop. Wallpaper Engine has no specification of it; docs/workshop.md
says what is known of each key.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from wayvid.geometry import Layout

__all__ = ["BadManifest", "Kind", "Manifest", "Settings", "parse_manifest", "plain"]

_TITLE_CHARACTERS = 200
_SHOWN_CHARACTERS = 40
_LEAST_RATE, _MOST_RATE = 0.01, 100.0  # what `wayvid speed` takes
_LOUDEST = 100.0


class Kind(StrEnum):
    """What draws a project."""

    VIDEO = "video"
    SCENE = "scene"
    WEB = "web"
    APPLICATION = "application"
    PRESET = "preset"  # the settings of another project, and nothing to show


# Where the type is missing, as in the oldest projects, the file says it.
_KIND_OF_SUFFIX = {
    ".html": Kind.WEB, ".htm": Kind.WEB, ".json": Kind.SCENE, ".pkg": Kind.SCENE, ".exe": Kind.APPLICATION,
}  # fmt: skip
_LAYOUTS = {0: Layout.CENTRE, 1: Layout.CONTAIN, 2: Layout.FILL, 3: Layout.STRETCH}
_LOOPS = {0: True, 1: False}


class BadManifest(ValueError):
    """It cannot be used; the message is the reason."""


class Settings(NamedTuple):
    """How a project wants to be played; None where it does not say.

    Attributes:
        rate: 1 is as recorded.
        volume_percent: from 0 to 100.
        is_loop: whether it begins again at its end.
        layout: how it is laid out.
    """

    rate: float | None = None
    volume_percent: int | None = None
    is_loop: bool | None = None
    layout: Layout | None = None


class Manifest(NamedTuple):
    """A project.json.

    Attributes:
        kind: what draws it.
        file: what it plays, as it is named there.
        title: without control characters, in one line.
        item_id: its number in the Workshop; empty when it was never there.
        preview: a picture of it, as it is named there; empty when there is none.
        base_id: of a preset, the number of the item that it is for; empty when that is not said.
        settings: how to play it.
        notes: settings that are left out, and why.
    """

    kind: Kind
    file: str = ""
    title: str = ""
    item_id: str = ""
    preview: str = ""
    base_id: str = ""
    settings: Settings = Settings()
    notes: tuple[str, ...] = ()


def plain(text: str, most: int = _TITLE_CHARACTERS) -> str:
    """Text in one line without control characters, whatever a stranger wrote there."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * most]).split())
    return words if len(words) <= most else words[: most - 3].rstrip() + "..."


def parse_manifest(data: bytes) -> Manifest:
    """What a project.json says.

    Raises:
        BadManifest: it is none, or names nothing to play.
    """
    table = _decode(data)
    notes: list[str] = []
    file = _text(table, "file")
    base_id = _item_id(table.get("dependency"))
    return Manifest(
        kind=_kind(table, file, bool(base_id)),
        file=file,
        title=plain(_text(table, "title")),
        item_id=_item_id(table.get("workshopid")),
        preview=_text(table, "preview"),
        base_id=base_id,
        settings=_settings(_properties(table), notes),
        notes=tuple(notes),
    )


def _decode(data: bytes) -> Mapping[str, Any]:
    if not data.strip():
        raise BadManifest("its project.json is empty")
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Windows' editors call Unicode
            data = data.decode("utf-16").encode()
        table = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeError as exc:
        raise BadManifest("its project.json is not UTF-8") from exc
    except RecursionError as exc:
        raise BadManifest("its project.json is nested too deeply") from exc
    except msgspec.DecodeError as exc:
        raise BadManifest(f"its project.json is no JSON ({plain(str(exc))})") from exc
    if not isinstance(table, dict):
        raise BadManifest(f"its project.json has {_words(table)} in place of an object")
    return table


def _kind(table: Mapping[str, Any], file: str, has_base: bool) -> Kind:
    named = table.get("type")
    if named is not None and not isinstance(named, str):
        raise BadManifest(f"its type is {_words(named)}, not a word")
    word = (named or "").strip().lower()
    if not word and (has_base or "preset" in table):
        return Kind.PRESET
    if not word and not file:
        raise BadManifest("its project.json has neither a type nor a file, so it is none of Wallpaper Engine's")
    if not word:
        return _KIND_OF_SUFFIX.get(os.path.splitext(file)[1].lower(), Kind.VIDEO)
    try:
        kind = Kind(word)
    except ValueError as exc:
        raise BadManifest(f"its type {_words(word)} is not known") from exc
    if kind is Kind.VIDEO and not file:
        raise BadManifest("its project.json names no video file")
    return kind


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        if key == "file":
            raise BadManifest(f"its file is {_words(value)}, not a name")
        return ""
    return value.strip()


def _item_id(value: object) -> str:
    """A number of the Workshop, which is written as a number or as text; empty where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdecimal() and int(text[:20]) > 0 else ""


def _properties(table: Mapping[str, Any]) -> Mapping[str, Any]:
    general = table.get("general")
    properties = general.get("properties") if isinstance(general, dict) else None
    return properties if isinstance(properties, dict) else {}


def _settings(properties: Mapping[str, Any], notes: list[str]) -> Settings:
    numbers: dict[str, float] = {}
    for name in ("rate", "volume", "playbackmode", "alignment"):
        value = properties.get(name)
        if isinstance(value, dict):
            value = value.get("value")  # a group, or a line of text, has none
        if value is None:
            continue
        number = _number(value)
        if number is None:
            notes.append(f"{name}: {_words(value)} is not a number")
        else:
            numbers[name] = number
    rate = numbers.get("rate")
    if rate is not None and not _LEAST_RATE <= rate <= _MOST_RATE:
        notes.append(f"rate: {rate:g} is not from {_LEAST_RATE:g} to {_MOST_RATE:g}")
        rate = None
    volume = numbers.get("volume")
    if volume is not None and not 0 <= volume <= _LOUDEST:
        notes.append(f"volume: {volume:g} is taken for {min(max(volume, 0), _LOUDEST):g}")
        volume = min(max(volume, 0.0), _LOUDEST)
    return Settings(
        rate,
        None if volume is None else round(volume),
        _choice("playbackmode", numbers, _LOOPS, notes),
        _choice("alignment", numbers, _LAYOUTS, notes),
    )


def _choice(name: str, numbers: Mapping[str, float], known: Mapping[int, Any], notes: list[str]) -> Any:
    number = numbers.get(name)
    if number is None or number in known:
        return None if number is None else known[int(number)]
    notes.append(f"{name}: {number:g} is not known; known: {', '.join(map(str, known))}")
    return None


def _number(value: object) -> float | None:
    """A number, also one that is written as text; None where it is none, or no finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _words(value: object) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return repr(plain(value, _SHOWN_CHARACTERS))
        case _:
            return plain(f"{value:g}" if isinstance(value, float) else str(value), _SHOWN_CHARACTERS)
