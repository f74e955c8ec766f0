"""How outputs that go over to another source share mixtures, and the room that there is for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from wayvid.geometry import Laid, Size
from wayvid.player.course import Course, Shape
from wayvid.player.decoder import Decoder
from wayvid.player.fading import OVERDUE_S, Before, Fading, Kept, Leaver, Leaving
from wayvid.player.shared_decode import DecoderHandle

if TYPE_CHECKING:
    from wayvid.render.renderer import Renderer
    from wayvid.system.events import Timer

__all__ = ["MixingRoom"]


class _Mixing(NamedTuple):
    """What an output takes part in."""

    course: Course
    kind: Hashable
    size: Size


def _buffers(mixings: Iterable[tuple[Hashable, Size]]) -> list[Size]:
    """Of each buffer for mixtures its size: every output may still show another mixture than the rest, and one is made.

    Args:
        mixings: of each output which mixtures it shows, equal for those that share them, and their size.
    """
    alike = Counter(mixings)
    return [size for (_kind, size), count in alike.items() for _each in range(count + 1)]


class MixingRoom:
    """Sees to it that transitions stay in the budget.

    Args:
        renderer: whose pool it is.
        decoders: gives those that live.
        call_later: the event loop's timer.
    """

    def __init__(
        self,
        renderer: Renderer,
        decoders: Callable[[], Iterable[Decoder]],
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self.renderer = renderer
        self._decoders = decoders
        self._call_later = call_later
        self._leaving = 0
        self._courses: dict[Hashable, Course] = {}  # that can be joined, by what goes, what comes and how
        self._mixings: dict[object, _Mixing] = {}

    def _streams(self) -> list[Size]:
        return [decoder.made for decoder in self._decoders() if decoder.made is not None]

    def leave(self, leaver: Leaver, handle: DecoderHandle, laid: Laid) -> Before | None:
        """What is left: the stream that plays on, where that fits, else its last picture; None without one.

        Args:
            leaver: the output.
            handle: its share in the decoder; owned from now on.
            laid: how the stream is laid out.
        """
        decoder = handle.decoder
        frame = decoder.newest
        if frame is None or decoder.made is None or decoder.is_image:
            handle.close()
            return None
        # The one that comes is taken to be as large: it is not known yet.
        if not self.renderer.has_room([*self._streams(), decoder.made], []):
            kept = Kept(frame.keep(), laid)
            handle.close()
            return kept
        self._leaving += 1
        self._settle()
        return Leaving(leaver, handle, laid, self._on_left, self._call_later)

    def has_room_beside(self, decoder: Decoder, mixtures: Iterable[Shape]) -> bool:
        """Whether there is room for one more stream as this one, and then for mixtures, if need be with one stopped.

        Args:
            decoder: of the stream.
            mixtures: one for each output.
        """
        streams = self._streams()
        if decoder.made is None or not self.renderer.has_room([*streams, decoder.made], []):
            return False
        wanted = [(shape, shape.size) for shape in mixtures]
        return self.renderer.has_room(streams, [*_buffers(self._mixed()), *_buffers(wanted)])

    def _on_left(self) -> None:
        self._leaving -= 1
        self._settle()

    def _mixed(self) -> list[tuple[Hashable, Size]]:
        return [((mixing.course, mixing.kind), mixing.size) for mixing in self._mixings.values()]

    def kind(self, owner: object, fading: Fading, shape: Shape) -> Hashable:
        """What an output's mixtures have in common with those of others that can show them, too.

        Args:
            owner: the output.
            fading: its way.
            shape: of its mixtures.
        """
        return (fading.before.source, shape) if self.renderer.mixes_once else owner

    def begin(self, owner: object, fading: Fading, shape: Shape, after: Decoder, wall: Size | None) -> bool:
        """Have an output mix, if need be by stopping what it leaves; False when there is no room for that.

        Args:
            owner: the output.
            fading: its way; it begins, with those of outputs that have just begun the same.
            shape: of its mixtures.
            after: what comes.
            wall: the size of the wall that the output is a part of; None: it is none.
        """
        # Over a wall there is one way, whenever an output begins it.
        way: Hashable = (fading.before.source if wall is None else wall, after, fading.change)
        course = self._courses.get(way)
        if course is None or course.is_over or not (wall or course.can_be_joined):
            course = Course(fading.change.duration_s)
        mixing = _Mixing(course, self.kind(owner, fading, shape), shape.size)
        mixtures = _buffers([*self._mixed(), ((course, mixing.kind), mixing.size)])
        if not self.renderer.has_room(self._streams(), mixtures) and isinstance(fading.before, Leaving):
            fading.before.stop()
        if not self.renderer.has_room(self._streams(), mixtures):
            return False
        self._courses[way] = course
        self._mixings[owner] = mixing
        self._settle()
        fading.begin(course)
        return True

    def give_back(self, owner: object) -> None:
        """An output mixes no more; what it had goes back to the system when the compositor has let go of it."""
        mixing = self._mixings.pop(owner, None)
        if mixing is None:
            return
        if all(other.course is not mixing.course for other in self._mixings.values()):
            mixing.course.close()
            self._courses = {way: course for way, course in self._courses.items() if course is not mixing.course}
        self._settle()
        self._call_later(OVERDUE_S, self._trim)

    def _trim(self) -> None:
        self.renderer.pool.trim(0)

    def _settle(self) -> None:
        self.renderer.set_mixing(self._leaving, len(_buffers(self._mixed())))
