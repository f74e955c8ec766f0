"""`wayvid outputs`: the screens, as the compositor describes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wayvid.cli.parser import CommandParser
from wayvid.cli.text import aligned, clean
from wayvid.geometry import SCALE_STEPS, Size

if TYPE_CHECKING:
    from wayvid.wayland.outputs import Output

__all__ = ["run", "ask_outputs", "describe", "table"]

DESCRIPTION = """\
List the screens of the running session: the names that 'wayvid run -o' takes,
and their sizes, scales, rotations and refresh rates.
"""
EXAMPLES = """
wayvid outputs                              a table
wayvid outputs --names                      the names alone, a line each
wayvid run waves.mp4 -o HDMI-A-1            use one of them
"""
HEADINGS = ("NAME", "PIXELS", "SCALE", "LOGICAL", "AT", "TRANSFORM", "REFRESH", "DESCRIPTION")
UNKNOWN = "-"


def run(argv: Sequence[str]) -> int:
    """Print the outputs; 0 also when there is none."""
    parser = CommandParser("outputs", DESCRIPTION, EXAMPLES)
    parser.add_argument("--json", action="store_true", help="print a list of objects, keys as in docs/outputs.md")
    parser.add_argument(
        "--names", action="store_true", help="print the names alone: those of the running wallpaper, else all there are"
    )
    options = parser.parse_args(argv)
    if options.names:
        print(*_names(), sep="\n", end="\n")
        return 0
    outputs = ask_outputs()
    if options.json:
        print(json.dumps(outputs, indent=2, ensure_ascii=False))
    elif outputs:
        print("\n".join(table(outputs)))
    else:
        print("no screen is connected or switched on")
    return 0


def _names() -> list[str]:
    """What shells complete after -o: from the wallpaper that runs, which is quick, else from the compositor."""
    from wayvid.errors import IpcError
    from wayvid.ipc.client import ask_status

    try:
        return [output.name for output in ask_status().outputs]
    except IpcError:
        return [output["name"] for output in ask_outputs()]


def ask_outputs() -> list[dict[str, Any]]:
    """The outputs as the compositor describes them, by name; it may lack what only a wallpaper needs."""
    from wayvid.wayland.connection import REQUIREMENTS, Connection

    connection = Connection()
    try:
        # What a wallpaper cannot do without, a list of screens can.
        connection.start([requirement for requirement in REQUIREMENTS if not requirement.needed])
        return [describe(output) for output in connection.named_outputs()]
    finally:
        connection.close()


def describe(output: Output) -> dict[str, Any]:
    """An output as `--json` shows it; None for what the compositor does not tell."""
    device, mode = output.device, output.mode
    return {
        "name": clean(output.name),
        "description": clean(output.description) or None,
        "make": clean(output.make) or None,
        "model": clean(output.model) or None,
        "serial": None,  # no Wayland protocol tells it by itself; many descriptions contain it
        "width_px": device.width or None,
        "height_px": device.height or None,
        "mode": _size(mode),
        "logical": _size(output.logical),
        "position": {"x": output.place.x, "y": output.place.y},
        "size_mm": _size(output.seen_size_mm),
        "scale": output.scale_steps / SCALE_STEPS,
        "transform": output.transform_name,
        "refresh_hz": output.refresh_mhz / 1000 or None,
    }


def _size(size: Size) -> dict[str, int] | None:
    return {"width": size.width, "height": size.height} if min(size) > 0 else None


def table(outputs: Sequence[dict[str, Any]]) -> list[str]:
    """The outputs as lines of aligned columns, headings first."""
    return aligned([HEADINGS, *(_row(output) for output in outputs)])


def _row(output: dict[str, Any]) -> tuple[str, ...]:
    logical, refresh_hz = output["logical"], output["refresh_hz"]
    make_and_model = " ".join(word for word in (output["make"], output["model"]) if word)
    return (
        output["name"],
        f"{output['width_px']}x{output['height_px']}" if output["width_px"] else UNKNOWN,
        f"{output['scale']:.4g}",
        f"{logical['width']}x{logical['height']}" if logical else UNKNOWN,
        f"{output['position']['x']},{output['position']['y']}",
        output["transform"],
        f"{refresh_hz:.6g} Hz" if refresh_hz else UNKNOWN,
        output["description"] or make_and_model or UNKNOWN,
    )
