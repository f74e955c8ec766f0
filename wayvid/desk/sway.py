"""A headless sway: its configuration, its IPC, and pictures by grim."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wayvid.desk.programs import find_program
from wayvid.desk.runtime import Runtime
from wayvid.errors import DeskError

__all__ = ["Sway"]

# Without swaynag a mistake in here is in the log instead of on the screen. sway 1.10 starts swaybg also where it has
# nothing to show.
CONFIG = """\
xwayland disable
swaynag_command -
swaybg_command -
default_border none
default_floating_border none
focus_follows_mouse no
seat * hide_cursor 1
"""
HEADLESS = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1"}
REFRESH_HZ = 60  # what wlroots' headless outputs run at unless told otherwise

# i3 IPC: magic, payload length, message type (i3wm.org/docs/ipc.html)
MAGIC = b"i3-ipc"
HEADER = struct.Struct("=6sII")
RUN_COMMAND, GET_OUTPUTS = 0, 3
IPC_TIMEOUT_S = 5.0
GRIM_TIMEOUT_S = 20.0


class Sway:
    """What a desk has to know about sway."""

    name = "sway"

    def __init__(
        self, runtime: Runtime, sizes: Sequence[tuple[int, int]], scale: float, parent: str | None = None
    ) -> None:
        """Nothing is started.

        Args:
            parent: path of the Wayland socket to run nested in; None runs headless.
        """
        self._sway = find_program("sway", "as its compositor")
        self._grim = find_program("grim", "to take pictures")
        self._runtime = runtime
        self._sizes = tuple(sizes)
        self._scale = scale
        self._parent = parent

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """Write the configuration; the command line and the environment to start it with."""
        lines = [CONFIG, f"output * scale {self._scale:g}\n"]
        if self._parent is None:
            lines += [f"output HEADLESS-{index} {_mode(size)}\n" for index, size in enumerate(self._sizes, 1)]
        config = self._runtime.write("sway.conf", "".join(lines))
        env = {"WLR_RENDERER": "pixman"} | self._runtime.compositor_env()
        if self._parent is None:
            env |= HEADLESS | {"WLR_HEADLESS_OUTPUTS": str(len(self._sizes))}
        else:
            # One: sway 1.10 that starts with more commits a window that has no size yet, and loses its display.
            env |= {"WLR_BACKENDS": "wayland", "WLR_WL_OUTPUTS": "1", "WAYLAND_DISPLAY": self._parent}
        return [self._sway, "-c", str(config)], env

    def client_env(self) -> dict[str, str]:
        """What clients get on top of the Wayland display."""
        return {"SWAYSOCK": str(self._ipc_path()), "XDG_CURRENT_DESKTOP": "sway"}

    def is_ready(self) -> bool:
        """Whether its IPC answers and every output has its size; a nested one has its first."""
        try:
            outputs = self.outputs()
        except DeskError:
            return False  # its socket is not there, or nobody listens at it yet
        if self._parent is not None:
            return len(outputs) == 1
        return [_mode_size(output) for output in outputs] == list(self._sizes)

    def outputs(self) -> list[dict[str, Any]]:
        """What `swaymsg -t get_outputs` says, in the order the outputs were made."""
        reply = self._ask(GET_OUTPUTS, "")
        return sorted(reply, key=lambda output: int(output["name"].rpartition("-")[2]))

    def command(self, text: str) -> None:
        """Run one sway command.

        Raises:
            DeskError: sway refused it.
        """
        refused = self._refusals(text)
        if refused:
            raise DeskError(f"sway refused the command {text!r}: {refused[0]}")

    def try_command(self, text: str) -> bool:
        """Run one sway command; whether sway did it."""
        return not self._refusals(text)

    def set_size(self, name: str, size: tuple[int, int]) -> None:
        """Give an output a mode of this many pixels."""
        self.command(f"output {name} {_mode(size)}")

    def set_power(self, name: str, is_on: bool) -> None:
        """Switch an output's screen on or off."""
        state = "on" if is_on else "off"
        if not self.try_command(f"output {name} power {state}"):
            self.command(f"output {name} dpms {state}")  # its name before sway 1.8
        output = next(output for output in self.outputs() if output["name"] == name)
        if output.get("power", output.get("dpms")) != is_on:
            raise DeskError(f"this version of sway cannot switch the power of a virtual output {state}")

    def shot(self, output: str, path: Path, env: dict[str, str]) -> None:
        """Write what the output shows as a PNG."""
        self._take(output, [str(path)], env)

    def ppm(self, output: str, env: dict[str, str]) -> bytes:
        """What the output shows as a binary PPM, which is many times faster than a PNG."""
        return self._take(output, ["-t", "ppm", "-"], env)

    def pixels(self, output: str, env: dict[str, str]) -> bytes:
        """What the output shows: red, green and blue of each pixel, a byte each, rows top first."""
        picture = self.ppm(output, env)
        _kind, width, height, _rest = picture.split(maxsplit=3)  # a head of words, then the pixels (netpbm's ppm(5))
        return picture[-3 * int(width) * int(height) :]

    def _take(self, output: str, words: Sequence[str], env: dict[str, str]) -> bytes:
        """A picture by grim; what it has on stdout."""
        try:
            done = subprocess.run(
                [self._grim, "-o", output, *words],
                env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=GRIM_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise DeskError(f"no picture of {output}: grim did not end within {GRIM_TIMEOUT_S:g} s") from error
        if done.returncode:
            said = " | ".join(done.stderr.decode(errors="replace").split("\n")).strip(" |")
            raise DeskError(f"no picture of {output}: grim says {said!r}")
        return done.stdout

    def _refusals(self, text: str) -> list[str]:
        results = self._ask(RUN_COMMAND, text)
        return [result.get("error", "no reason given") for result in results if not result.get("success")]

    def _ipc_path(self) -> Path:
        return next(self._runtime.path.glob("sway-ipc.*.sock"))

    def _ask(self, kind: int, text: str) -> Any:
        payload = text.encode()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as sock:
                sock.settimeout(IPC_TIMEOUT_S)
                sock.connect(str(self._ipc_path()))
                sock.sendall(HEADER.pack(MAGIC, len(payload), kind) + payload)
                _, length, _ = HEADER.unpack(_receive(sock, HEADER.size))
                return json.loads(_receive(sock, length))
        except (OSError, StopIteration) as error:
            raise DeskError(f"sway does not answer on its IPC socket: {error}") from error


def _mode(size: tuple[int, int]) -> str:
    return f"mode --custom {size[0]}x{size[1]}@{REFRESH_HZ}Hz"


def _mode_size(output: dict[str, Any]) -> tuple[int, int]:
    mode = output.get("current_mode") or {}
    return mode.get("width", 0), mode.get("height", 0)


def _receive(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise ConnectionError("the connection closed")
        data += part
    return bytes(data)
