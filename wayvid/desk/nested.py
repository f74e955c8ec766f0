"""A desk whose outputs can be unplugged: a sway inside another desk's sway.

Headless sway cannot remove an output. The outputs of a nested sway are windows of the
outer one, and closing the window removes the output. Each window has an outer output
(and workspace) to itself, of the size that the nested one shall have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from wayvid.desk.desk import CHANGE_DEADLINE_S, START_DEADLINE_S, Desk
from wayvid.desk.kwin import KWin
from wayvid.desk.runtime import Runtime
from wayvid.desk.sway import Sway
from wayvid.errors import DeskError

__all__ = ["NestedDesk"]


class NestedDesk(Desk):
    """A sway desk with remove_output(); outputs are named WL-1, WL-2, ...

    `outer` is the desk around it. A new output never gets the name of a removed one.
    """

    def __init__(
        self,
        outputs: int = 2,
        size: tuple[int, int] = (1280, 720),
        scale: float = 1.0,
        sizes: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        super().__init__(outputs, size, scale, "sway", sizes)
        self.outer = Desk(sizes=self.sizes)
        self._places: dict[str, str] = {}  # nested output: the outer output that its window fills

    def close(self) -> None:
        """Stop the nested desk, then the outer one."""
        super().close()
        self.outer.close()
        self._places = {}

    def add_output(self, size: tuple[int, int] | None = None) -> str:
        """Plug in another output; its name."""
        wanted = size or self.sizes[0]
        free = [name for name in self.outer.outputs if name not in self._places.values()]
        if free:
            self.outer.set_size(free[0], wanted)
        place = free[0] if free else self.outer.add_output(wanted)
        name = self._create_output()
        self._place({name: place})
        return name

    def remove_output(self, name: str) -> None:
        """Unplug an output."""
        if name not in self.outputs:
            raise DeskError(f"the desk has no output {name!r}; outputs: {', '.join(self.outputs)}")
        self.outer.sway.command(f'[title="^wlroots - {name}$"] kill')
        self._wait(lambda: name not in self.outputs, f"{name} to go")
        self._places.pop(name, None)

    def set_size(self, name: str, size: tuple[int, int]) -> None:
        """Give an output a size of this many pixels."""
        self.outer.set_size(self._places[name], size)
        self._wait(lambda: self.output(name).size_px == tuple(size), f"the new size of {name}")

    def _open(self) -> None:
        self.outer.open()
        super()._open()
        for _ in self.sizes[1:]:
            self._create_output()
        self._place(dict(zip(self.outputs, self.outer.outputs, strict=True)))

    def _create_output(self) -> str:
        before = self.outputs
        self.sway.command("create_output")
        self._wait(lambda: len(self.outputs) > len(before), "the new output")
        return next(name for name in self.outputs if name not in before)

    def _count_at_start(self) -> int:
        return 1  # Sway.prepare says why; the others come one by one

    def _make_backend(self, runtime: Runtime) -> Sway | KWin:
        return Sway(runtime, self.sizes, self.scale, parent=str(self.outer.display))

    def _place(self, places: dict[str, str]) -> None:
        """Let each output's window fill an outer output of its own.

        All windows open on the same one and share it, so none has its size before the others are gone from there.
        """
        for name, place in places.items():
            self._places[name] = place
            self._wait(partial(self._has_moved, name), f"the window of {name}", START_DEADLINE_S)
        for name in places:
            self._wait(partial(self._fills, name), f"the size of {name}", CHANGE_DEADLINE_S)

    def _has_moved(self, name: str) -> bool:
        window = f'[title="^wlroots - {name}$"]'
        return self.outer.sway.try_command(f"{window} move container to output {self._places[name]}")

    def _fills(self, name: str) -> bool:
        return self.output(name).size_px == self.outer.output(self._places[name]).size_px
