"""A virtual desk: a compositor without a screen, clients in it, pictures of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from wayvid.desk import keeper
from wayvid.desk.kwin import KWin
from wayvid.desk.processes import Stream, start_process, stop_processes, wait_condition
from wayvid.desk.runtime import Runtime, create_runtime
from wayvid.desk.sway import Sway
from wayvid.desk.wire import Output, list_outputs
from wayvid.errors import DeskError

__all__ = ["COMPOSITORS", "Desk"]

COMPOSITORS = ("sway", "kwin")
START_DEADLINE_S = 30.0
CHANGE_DEADLINE_S = 10.0
STOP_DEADLINE_S = 5.0
LOG_NAME = "compositor.log"
LOG_LINES = 4  # of it in an error


class Desk:
    """A headless compositor with its own runtime directory; a context manager.

    Everything started in it ends with it: at close(), and also when this process dies.
    As root the compositor runs as an unprivileged user and clients as root.

    Threads: one; opened and closed by the same thread, which must outlive the desk.
    """

    def __init__(
        self,
        outputs: int = 3,
        size: tuple[int, int] = (1920, 1080),
        scale: float = 1.0,
        compositor: str = "sway",
        sizes: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Nothing is started before open().

        Args:
            outputs: how many.
            size: pixels of each output, as in its pictures.
            scale: of every output.
            compositor: one of COMPOSITORS.
            sizes: one size per output, instead of `outputs` and `size` (sway only).
        """
        if compositor not in COMPOSITORS:
            raise DeskError(f"there is no desk with {compositor!r}; compositors: {', '.join(COMPOSITORS)}")
        self.compositor = compositor
        self.scale = scale
        self.sizes = tuple((width, height) for width, height in (sizes or [size] * outputs))
        if compositor == "kwin" and len(set(self.sizes)) > 1:
            raise DeskError("a KWin desk has outputs of one size; use sway for outputs of different sizes")
        self._runtime: Runtime | None = None
        self._backend: Sway | KWin | None = None
        self._compositor: subprocess.Popen[bytes] | None = None
        self._helpers: list[subprocess.Popen[bytes]] = []  # started before the compositor, ended after it
        self._clients: list[subprocess.Popen[bytes]] = []
        self._keeper: subprocess.Popen[bytes] | None = None
        self._display: Path | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        """Start the compositor and wait until its outputs are there.

        Raises:
            DeskError: a program is missing, or the compositor ended or was not ready in time.
        """
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop clients, then the compositor, and remove the runtime directory."""
        self.stop_clients()
        if self._compositor is not None:
            stop_processes([self._compositor], STOP_DEADLINE_S)
        stop_processes(self._helpers, STOP_DEADLINE_S)
        if self._runtime is not None:
            keeper.sweep(str(self._runtime.path))
            keeper.remove_directory(str(self._runtime.path))
        if self._keeper is not None:
            self._keeper.communicate()  # closes its stdin, which ends it
        self._helpers = []
        self._compositor = self._runtime = self._keeper = self._backend = self._display = None

    def kill_compositor(self) -> None:
        """End the compositor as a crash would: its clients lose their connection. What is left to do is close()."""
        if self._compositor is not None:
            self._compositor.kill()
            self._compositor.wait()

    @property
    def runtime_dir(self) -> Path:
        """The desk's XDG_RUNTIME_DIR."""
        return self._opened.path

    @property
    def display(self) -> Path:
        """The compositor's Wayland socket."""
        if self._display is None:
            raise DeskError("the desk is not open")
        return self._display

    @property
    def env(self) -> dict[str, str]:
        """A new environment for clients: the caller's, moved into this desk."""
        return self._opened.client_env(self.display.name) | self._running.client_env()

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs that are there now, in the order they were made."""
        return [output.name for output in self.describe_outputs()]

    @property
    def log_text(self) -> str:
        """What the compositor has printed."""
        path = self._opened.path / LOG_NAME
        return path.read_text(errors="replace") if path.exists() else ""

    def describe_outputs(self) -> list[Output]:
        """The outputs as a client sees them, in the order they were made."""
        found = list_outputs(self.display)
        if found is None:
            raise DeskError(f"{self.compositor} does not answer; it last said: {self._last_words()}")
        return sorted(found, key=_made)

    def output(self, name: str) -> Output:
        """One output as a client sees it."""
        for output in self.describe_outputs():
            if output.name == name:
                return output
        raise DeskError(f"the desk has no output {name!r}; outputs: {', '.join(self.outputs)}")

    def shot(self, output: str, path: str | Path) -> Path:
        """Write what an output shows now as a PNG of its size in pixels.

        Raises:
            DeskError: there is no such output, or the compositor gives no picture.
        """
        if output not in self.outputs:
            raise DeskError(f"the desk has no output {output!r}; outputs: {', '.join(self.outputs)}")
        self._running.shot(output, Path(path), self.env)
        return Path(path)

    def ppm(self, output: str) -> bytes:
        """What an output shows now as a binary PPM, which takes a third of the time of shot().

        Raises:
            DeskError: there is no such output, or the compositor gives no picture.
        """
        return self.sway.ppm(output, self.env)

    def pixels(self, output: str) -> bytes:
        """What an output shows now: red, green and blue of each pixel, a byte each, rows top first.

        Raises:
            DeskError: the compositor gives no picture.
        """
        return self.sway.pixels(output, self.env)

    def shots(self, directory: str | Path) -> list[Path]:
        """A picture of every output, as DIRECTORY/OUTPUT.png; makes the directory."""
        Path(directory).mkdir(parents=True, exist_ok=True)
        return [self.shot(name, Path(directory) / f"{name}.png") for name in self.outputs]

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream = None,
        stderr: Stream = None,
    ) -> subprocess.Popen[bytes]:
        """Start a client as the caller's user; it ends with the desk.

        Args:
            env: added to self.env.
        """
        process = start_process(argv, self.env | dict(env or {}), cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr)
        self._clients.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes], deadline_s: float = STOP_DEADLINE_S) -> bool:
        """End a client: SIGTERM, then SIGKILL. False if it had to be killed."""
        return not stop_processes([process], deadline_s)

    def stop_clients(self) -> None:
        """End all clients; the desk is as after open()."""
        stop_processes(self._clients, STOP_DEADLINE_S)
        self._clients = []

    def add_output(self, size: tuple[int, int] | None = None) -> str:
        """Plug in another output; its name."""
        before = self.outputs
        self.sway.command("create_output")
        self._wait(lambda: len(self.outputs) > len(before), "the new output")
        name = next(name for name in self.outputs if name not in before)
        self.set_size(name, size or self.sizes[0])
        return name

    def set_size(self, name: str, size: tuple[int, int]) -> None:
        """Give an output a mode of this many pixels."""
        self.sway.set_size(name, size)
        self._wait(lambda: self.output(name).size_px == tuple(size), f"the new size of {name}")

    def set_scale(self, name: str, scale: float) -> None:
        """Change an output's scale; fractions are fine."""
        self.sway.command(f"output {name} scale {scale:g}")

    def set_transform(self, name: str, transform: str) -> None:
        """Rotate an output: normal, 90, 180, 270, flipped, flipped-90, flipped-180, flipped-270."""
        self.sway.command(f"output {name} transform {transform}")

    def set_power(self, name: str, is_on: bool) -> None:
        """Switch an output's screen on or off; it stays connected."""
        self.sway.set_power(name, is_on)

    @property
    def sway(self) -> Sway:
        """Sway's IPC, for what this class has no method for.

        Raises:
            DeskError: the compositor is another one.
        """
        if not isinstance(self._running, Sway):
            raise DeskError(f"only a sway desk can change its outputs; this one is {self.compositor}")
        return self._running

    def _open(self) -> None:
        if self._runtime is not None:
            raise DeskError("the desk is open already")
        self._runtime = create_runtime()
        path = self._runtime.path
        # With an empty environment it is in no desk, not even one that this process runs in.
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, str(path)],
            env={}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._backend = self._make_backend(self._runtime)
        if isinstance(self._backend, KWin):
            self._helpers.append(self._start_unprivileged(*self._backend.prepare_bus()))
            self._wait(self._backend.is_bus_ready, "dbus-daemon")
        self._compositor = self._start_unprivileged(*self._backend.prepare())
        self._wait(self._is_ready, f"{self.compositor} with {self._count_at_start()} outputs", START_DEADLINE_S)

    def _make_backend(self, runtime: Runtime) -> Sway | KWin:
        if self.compositor == "kwin":
            return KWin(runtime, len(self.sizes), self.sizes[0], self.scale)
        return Sway(runtime, self.sizes, self.scale)

    def _start_unprivileged(self, argv: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        runtime = self._opened
        with (runtime.path / LOG_NAME).open("ab") as output:
            return start_process(
                argv, env, user=runtime.user, group=runtime.group, cwd=runtime.path, stdout=output, stderr=output
            )

    def _is_ready(self) -> bool:
        if self._display is None:
            self._display = next((path for path in self._opened.path.glob("wayland-*") if path.is_socket()), None)
        if self._display is None or not self._running.is_ready():
            return False
        listed = list_outputs(self._display)
        return listed is not None and len(listed) == self._count_at_start()

    def _count_at_start(self) -> int:
        """How many outputs the compositor starts with."""
        return len(self.sizes)

    def _wait(self, condition: Callable[[], bool], what: str, deadline_s: float = CHANGE_DEADLINE_S) -> None:
        """Wait for a condition of the compositor; its end is an error at once."""

        def is_over() -> bool:
            return self._has_ended() or condition()

        came = wait_condition(is_over, deadline_s)
        if self._has_ended():
            raise DeskError(f"{self.compositor} ended by itself; it last said: {self._last_words()}")
        if not came:
            raise DeskError(
                f"waited {deadline_s:g} s in vain for {what}; {self.compositor} last said: {self._last_words()}"
            )

    def _has_ended(self) -> bool:
        started = [*self._helpers, *([self._compositor] if self._compositor else [])]
        return any(process.poll() is not None for process in started)

    def _last_words(self) -> str:
        lines = [line.strip() for line in self.log_text.splitlines() if line.strip()]
        return " | ".join(lines[-LOG_LINES:]) or "nothing"

    @property
    def _opened(self) -> Runtime:
        if self._runtime is None:
            raise DeskError("the desk is not open")
        return self._runtime

    @property
    def _running(self) -> Sway | KWin:
        if self._backend is None:
            raise DeskError("the desk is not open")
        return self._backend


def _made(output: Output) -> tuple[int, str]:
    number = output.name.rpartition("-")[2]
    return (int(number) if number.isdigit() else 0), output.name
