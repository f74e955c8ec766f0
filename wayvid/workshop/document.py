"""The config file that plays a Wallpaper Engine project as it wants to be played: pure text."""

from __future__ import annotations

from wayvid.workshop.manifest import Manifest

__all__ = ["config_text"]

# TOML 1.0, "String": what else must be escaped has no shorter form.
_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def config_text(source: str, manifest: Manifest, has_sound: bool) -> str:
    """A config file; nothing that the project's author wrote can be more in it than a comment or a value.

    Args:
        source: what is to be played: "we:ID", or the project's absolute path.
        manifest: what the project says.
        has_sound: whether it is to be heard.
    """
    settings = manifest.settings
    lines = ["# Made by 'wayvid import' of a project of Wallpaper Engine."]
    if manifest.title:
        lines.append(f"# Title: {manifest.title}")
    if manifest.item_id:
        lines.append(f"# Workshop: https://steamcommunity.com/sharedfiles/filedetails/?id={manifest.item_id}")
    lines.append(f"source = {_string(source)}")
    if settings.layout is not None:
        lines.append(f"layout = {_string(settings.layout.value)}")
    if settings.is_loop is not None:
        lines.append(f"loop = {'true' if settings.is_loop else 'false'}")
    if settings.rate is not None:
        lines.append(f"speed = {settings.rate:.6g}")
    lines.append(f"mute = {'false' if has_sound else 'true'}")
    if settings.volume_percent is not None:
        lines.append(f"volume = {settings.volume_percent}")
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    """A basic string of TOML."""
    signs = (_ESCAPES.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return '"' + "".join(signs) + '"'
