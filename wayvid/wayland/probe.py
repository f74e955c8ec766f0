"""What the compositor and libwayland offer, as plain values for `wayvid check`.

Importing this loads no library; look() does.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from wayvid.errors import WayvidError
from wayvid.wayland.libwayland import bundled_library

__all__ = ["ProtocolFacts", "OutputFacts", "WaylandFacts", "look"]


class ProtocolFacts(msgspec.Struct):
    """One protocol that wayvid uses; offered is 0 where the compositor has it not."""

    interface: str
    needed: int
    offered: int
    purpose: str
    advice: str


class OutputFacts(msgspec.Struct):
    """One screen; without a name of its own it cannot be chosen reliably."""

    name: str
    size: str
    has_name: bool


class WaylandFacts(msgspec.Struct):
    """What was found; `library_error` and `error` are empty unless something failed."""

    library: str = ""
    library_version: str = ""
    is_bundled: bool = False
    library_error: str = ""
    error: str = ""
    protocols: list[ProtocolFacts] = []
    outputs: list[OutputFacts] = []


def look() -> WaylandFacts:
    """Connect, list, disconnect. May hang or crash where the compositor or library does."""
    try:
        from pywayland import __wayland_version__

        from wayvid.wayland.connection import REQUIREMENTS, Connection
        from wayvid.wayland.presentation import PRESENTATION
    except (ImportError, OSError) as exc:
        return WaylandFacts(library_error=str(exc))
    bundled = bundled_library()
    library = bundled or _mapped_library()
    version = re.search(r"\.so\.0\.([\d.]+)$", str(library))  # libwayland-client.so.0.26.0 is of 1.26.0
    facts = WaylandFacts(
        library=str(library),
        library_version=f"1.{version[1]}" if version else str(__wayland_version__),
        is_bundled=bundled is not None,
    )
    try:
        connection = Connection()
    except WayvidError as exc:
        facts.error = str(exc)
        return facts
    try:
        connection.start([requirement for requirement in REQUIREMENTS if not requirement.needed])
        facts.protocols = [
            ProtocolFacts(
                requirement.interface.name,
                requirement.needed,
                connection.globals.get(requirement.interface.name, (0, 0))[1],
                requirement.purpose,
                requirement.advice,
            )
            for requirement in (*REQUIREMENTS, PRESENTATION)
        ]
        facts.outputs = [
            OutputFacts(output.name, str(output.device), not output.has_made_up_name)
            for output in connection.named_outputs()
        ]
    except WayvidError as exc:
        facts.error = str(exc)
    finally:
        connection.close()
    return facts


def _mapped_library() -> Path:
    """The libwayland-client this process has loaded."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            path = line.split(maxsplit=5)[-1].strip()
            if "libwayland-client" in path:
                return Path(path)
    return Path("libwayland-client")
