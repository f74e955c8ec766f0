"""Pictures of KWin's outputs, over its D-Bus interface org.kde.KWin.ScreenShot2.

Source: kwin 5.27, src/plugins/screenshot/org.kde.KWin.ScreenShot2.xml: the reply says
size and format, the pixels come through a pipe. The interface exists with OpenGL only
(ScreenShotEffect::supported), which llvmpipe is enough for.
"""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.low_level import MessageType

from wayvid.errors import DeskError
from wayvid.png import write_png

__all__ = ["is_offered", "take_picture"]

SCREENSHOT = DBusAddress("/org/kde/KWin/ScreenShot2", "org.kde.KWin", "org.kde.KWin.ScreenShot2")
INTROSPECT = SCREENSHOT.with_interface("org.freedesktop.DBus.Introspectable")
TIMEOUT_S = 20.0
ANSWER_S = 1.0

# QImage::Format (qimage.h) to the order of bytes in memory on a little-endian machine.
FORMATS = {4: "BGRX", 5: "BGRX", 6: "BGRX", 16: "RGBX", 17: "RGBX", 18: "RGBX"}


def is_offered(bus: str) -> bool:
    """Whether a KWin on this bus can take pictures by now."""
    try:
        with open_dbus_connection(bus) as connection:
            reply = connection.send_and_get_reply(new_method_call(INTROSPECT, "Introspect"), timeout=ANSWER_S)
    except (OSError, DBusErrorResponse):
        return False
    return reply.header.message_type == MessageType.method_return and "CaptureScreen" in reply.body[0]


def take_picture(bus: str, output: str, path: Path) -> None:
    """Write what an output shows as a PNG of its size in pixels.

    Raises:
        DeskError: KWin gave no picture, or in a format nobody knows.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    try:
        try:
            about = _ask(bus, output, writing)
        finally:
            os.close(writing)
        pixels = _read_all(reading)
    finally:
        os.close(reading)
    order = FORMATS.get(about["format"])
    if order is None:
        raise DeskError(f"no picture of {output}: KWin sent it in the unknown QImage format {about['format']}")
    write_png(path, (about["width"], about["height"]), about["stride"], pixels, order)


def _ask(bus: str, output: str, pipe: int) -> dict[str, int]:
    options = {"native-resolution": ("b", True), "include-cursor": ("b", False)}
    message = new_method_call(SCREENSHOT, "CaptureScreen", "sa{sv}h", (output, options, pipe))
    try:
        with open_dbus_connection(bus, enable_fds=True) as connection:
            reply = connection.send_and_get_reply(message, timeout=TIMEOUT_S)
    except OSError as error:
        raise DeskError(f"no picture of {output}: KWin does not answer on the desk's session bus: {error}") from error
    if reply.header.message_type == MessageType.error:
        detail = reply.body[0] if reply.body else "no reason given"
        raise DeskError(
            f"no picture of {output}: KWin says {detail!r} (it takes pictures with KWIN_COMPOSE=O2 only, and "
            "KWin 6 with a graphics card only)"
        )
    return {name: value for name, (kind, value) in reply.body[0].items() if kind in "iu"}


def _read_all(fd: int) -> bytes:
    """What KWin writes until it closes the pipe."""
    deadline = time.monotonic() + TIMEOUT_S
    data = bytearray()
    while True:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise DeskError(f"KWin did not send the whole picture within {TIMEOUT_S:g} s")
        part = os.read(fd, 1 << 20)
        if not part:
            return bytes(data)
        data += part
