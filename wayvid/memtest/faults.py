"""What a soak does to a wallpaper, and what has to be true afterwards."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

from wayvid.daemon.source import DEFAULT_STREAM
from wayvid.errors import CompositorError, IpcError, MeasurementFailed, RequestFailed, SourceUnplayable
from wayvid.ipc.address import socket_address
from wayvid.ipc.client import ask
from wayvid.ipc.messages import PauseRequest, Request, ResumeRequest, SetRequest, StatusRequest, write_request
from wayvid.memtest.scene import Scene
from wayvid.png import write_png

__all__ = ["Faults"]

# libmpv makes them itself, so that no encoder is needed.
CLIPS = ("testsrc2=size=640x360:rate=25", "testsrc2=size=1280x720:rate=30", "mandelbrot=size=480x270:rate=12")
PICTURE_PX = (960, 540)
ORANGE_BGRX = bytes((0x30, 0x80, 0xF0, 0xFF))
DAMAGED_BYTES = 200_000
MP4_HEAD = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"
SCALES = (1.25, 1.5, 2.0)
ANSWER_WITHIN_S, SET_WITHIN_S, END_WITHIN_S = 20.0, 30.0, 15.0
STILL_LOOKS = 4  # with the same count of frames, one after the other
FLOOD = (StatusRequest(), PauseRequest(), ResumeRequest())
FLOOD_CONNECTIONS, FLOOD_REQUESTS, BURST = 30, 20, 8
RUBBISH = (b"\n", b"{}\n", b"\xff\xfe\n", b'{"v":1,"command":"fly"}\n', b"[" * 5000 + b"\n", b'{"v":99}\n')


class Faults:
    """Does faults, one at a time; each of wayvid.memtest.schedule.KINDS.

    Each returns when all is well again, and raises MeasurementFailed where it is not.

    Args:
        scene: with a wallpaper that plays.
        source: that it plays, as the daemon takes it; empty: the built-in one.
        folder: for files of ours, which the wallpaper may read.
        random: which screen, which clip, and so on.
    """

    def __init__(self, scene: Scene, source: str, folder: Path, random: Random) -> None:
        self._scene = scene
        self._home = source or DEFAULT_STREAM.path
        self._random = random
        self._picture, self._damaged = folder / "orange.png", folder / "damaged.mp4"
        width, height = PICTURE_PX
        write_png(self._picture, PICTURE_PX, 4 * width, ORANGE_BGRX * (width * height))
        self._damaged.write_bytes(MP4_HEAD + random.randbytes(DAMAGED_BYTES))
        self._nowhere = folder / "missing.mp4"
        self.detail = ""  # what the last one was done to
        self._actions: dict[str, Callable[[], None]] = {
            "unplug": self._unplug,
            "scale": self._scale,
            "clip": self._clip,
            "image": self._image,
            "missing": lambda: self._refused(self._nowhere),
            "damaged": lambda: self._refused(self._damaged),
            "pause": self._pause,
            "kill": self._kill,
            "flood": self._flood,
            "burst": self._burst,
            "restart": self._restart,
        }

    def do(self, name: str) -> None:
        """Do one, and wait until all is well again.

        Raises:
            MeasurementFailed: it never was, or something was not as it has to be meanwhile.
            IpcError: the daemon does not answer.
            DeskError: the desk itself failed.
        """
        self.detail = ""
        self._actions[name]()

    # Screens.

    def _unplug(self) -> None:
        desk = self._scene.desk
        names = desk.outputs
        gone = self._random.sample(names, self._random.choice([1, 1, len(names)]))
        self.detail = ", ".join(gone)
        for name in gone:
            desk.remove_output(name)
        stays = [name for name in names if name not in gone]
        if stays:
            self._scene.wait_playing(stays)
        else:
            self._scene.wait(lambda: "wayvid still has a screen" if self._scene.status().outputs else "")
        for _ in gone:
            desk.add_output()
        self._scene.wait_playing(stays)

    def _scale(self) -> None:
        desk = self._scene.desk
        name = self._random.choice(desk.outputs)
        scale = self._random.choice(SCALES)
        self.detail = f"{name}, {scale:g}"
        desk.set_scale(name, scale)
        self._scene.wait_playing()
        desk.set_scale(name, 1.0)
        self._scene.wait_playing()

    # Sources. What was shown stays until the next has its picture, so no screen is without one at any time.

    def _clip(self) -> None:
        self.detail = self._random.choice(CLIPS)
        self._set(f"av://lavfi:{self.detail}")
        self._go_home()

    def _image(self) -> None:
        screens = self._scene.desk.outputs

        def is_well() -> str:
            self._scene.check_pictures(screens)
            status, players = self._scene.status(), self._scene.players()
            if status.state != "still" or any(output.state != "still" for output in status.outputs):
                return f"the picture is not on every screen (wayvid is {status.state!r})"
            return f"{len(players)} players run beside a picture" if players else ""

        self._set(str(self._picture))
        self._scene.wait(is_well)
        self._go_home()

    def _refused(self, path: Path) -> None:
        try:
            self._set(str(path))
        except MeasurementFailed as exc:
            if not isinstance(exc.__cause__, RequestFailed) or exc.__cause__.exit_code != SourceUnplayable.exit_code:
                raise
        else:
            raise MeasurementFailed(f"wayvid says that it shows {path.name}")
        self._scene.wait_playing(self._scene.desk.outputs)

    def _burst(self) -> None:
        words = [f"av://lavfi:{self._random.choice(CLIPS)}" for _ in range(BURST)]
        with ExitStack() as stack:
            socks = [stack.enter_context(self._connection()) for _ in range(BURST + 1)]
            for sock, source in zip(socks, [*words, self._home], strict=True):
                sock.sendall(write_request(SetRequest(source)))
                self._scene.rest(self._random.uniform(0, 0.2))
            answers = [_lines(sock, 1) for sock in socks]
        if b'"ok":true' not in answers[-1]:
            raise MeasurementFailed(f"the last of {BURST + 1} sources was refused: {answers[-1].decode().strip()}")
        self._scene.wait_playing(self._scene.desk.outputs)

    def _go_home(self) -> None:
        self._scene.wait(lambda: "")  # a look between the two
        self._set(self._home)
        self._scene.wait_playing(self._scene.desk.outputs)

    def _set(self, source: str) -> None:
        self._ask(SetRequest(source), SET_WITHIN_S)
        self._scene.watch_pictures(self._scene.desk.outputs)

    # Requests.

    def _pause(self) -> None:
        scene = self._scene
        counts: list[list[int]] = []

        def stands_still() -> str:
            scene.check_pictures(scene.desk.outputs)
            status = scene.status()
            counts.append([output.presented for output in status.outputs])
            if status.state not in ("paused", "held"):
                return f"wayvid is {status.state!r} when paused"
            return (
                "" if len(counts) > STILL_LOOKS and counts[-1] == counts[-STILL_LOOKS] else "frames go on when paused"
            )

        self._ask(PauseRequest())
        scene.wait(stands_still)
        self._ask(ResumeRequest())
        scene.wait_playing(scene.desk.outputs)

    def _flood(self) -> None:
        """Some hang up without a word, some do not read; whoever reads gets an answer to each line."""
        requests: list[bytes] = [write_request(request) for request in FLOOD] + list(RUBBISH)
        with ExitStack() as stack:
            for number in range(FLOOD_CONNECTIONS):
                sock = stack.enter_context(self._connection())
                lines = [self._random.choice(requests) for _ in range(FLOOD_REQUESTS)]
                with suppress(TimeoutError, ConnectionError):  # it may hang up on who does not read
                    sock.sendall(b"".join(lines))
                if number % 3 == 0:
                    sock.close()
                elif number % 3 == 1 and _lines(sock, len(lines)).count(b"\n") < len(lines):
                    raise MeasurementFailed(f"fewer answers than the {len(lines)} requests of a flood")
        self._ask(ResumeRequest())
        self._scene.wait_playing(self._scene.desk.outputs)

    def _ask(self, request: Request, deadline_s: float = ANSWER_WITHIN_S) -> None:
        try:
            ask(request, deadline_s, environ=self._scene.desk.env)
        except RequestFailed as exc:
            raise MeasurementFailed(f"wayvid refused {type(request).__name__}: {exc}") from exc

    def _connection(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        sock.settimeout(ANSWER_WITHIN_S)
        try:
            sock.connect(socket_address(self._scene.desk.env))
        except OSError as exc:
            sock.close()
            raise IpcError(f"wayvid takes no connection: {exc.strerror}") from exc
        return sock

    # Ends.

    def _kill(self) -> None:
        screens = self._scene.desk.outputs
        for pid in self._scene.players():
            self.detail = f"process {pid}"
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self._scene.kills += 1
        # With the player its pictures go, until the daemon has heard of it; from then on there is one.
        self._scene.wait_pictures(screens)
        self._scene.watch_pictures(screens)
        self._scene.wait_playing(screens)

    def _restart(self) -> None:
        scene = self._scene
        scene.desk.kill_compositor()
        code = scene.wait_code(END_WITHIN_S)
        if code != CompositorError.exit_code:
            raise MeasurementFailed(
                f"wayvid ended with code {code} when its compositor went, not {CompositorError.exit_code}; "
                f"it last said: {scene.last_words()}"
            )
        scene.wait_no_player(END_WITHIN_S)
        scene.desk.close()
        scene.desk.open()
        scene.start()


def _lines(sock: socket.socket, count: int) -> bytes:
    """What comes until there are so many lines, or no more comes."""
    data = b""
    with suppress(TimeoutError, ConnectionError):
        while data.count(b"\n") < count and (more := sock.recv(1 << 16)):
            data += more
    return data
