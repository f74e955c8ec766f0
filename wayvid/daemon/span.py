"""Which part of one picture each of several outputs shows, by where they are among each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from wayvid.config.model import SpanRule
from wayvid.config.resolve import OutputFacts, span_of
from wayvid.daemon.scene import APART, AS_TOLD
from wayvid.geometry import Part, Rect, Size
from wayvid.wayland.outputs import Output

__all__ = ["Gap", "Picture", "Site", "Spans", "facts_of", "parts"]


class Site(NamedTuple):
    """Where an output is.

    Attributes:
        place: among all outputs, in logical pixels.
        size_mm: of its panel as the user sees it, rotation applied; (0, 0) when unknown.
        steps: its scale in 120ths.
    """

    place: Rect
    size_mm: Size
    steps: int


class Gap(NamedTuple):
    """How much of the picture is behind the frames between two outputs that touch.

    Attributes:
        px: in logical pixels.
        mm: in millimetres; goes before where the size of one of the two is known. 0: as px says.
    """

    px: float = 0.0
    mm: float = 0.0


def parts(sites: Mapping[str, Site], gap: Gap) -> dict[str, Part]:
    """Each output's part of the smallest wall that has them all.

    Args:
        sites: the outputs, by name; at least one.
        gap: between those that touch. Where the compositor's layout leaves space already, that counts.
    """
    places = [site.place for site in sites.values()]
    across = _apart([((at.x, at.width), (at.y, at.height)) for at in places], _gaps(sites.values(), gap, 0))
    down = _apart([((at.y, at.height), (at.x, at.width)) for at in places], _gaps(sites.values(), gap, 1))
    left, top = min(across), min(down)
    wall = Size(
        max(x + at.width for x, at in zip(across, places, strict=True)) - left,
        max(y + at.height for y, at in zip(down, places, strict=True)) - top,
    )
    steps = max(site.steps for site in sites.values())
    return {name: Part(wall, x - left, y - top, steps) for name, x, y in zip(sites, across, down, strict=True)}


def _gaps(sites: Iterable[Site], gap: Gap, axis: int) -> list[tuple[float, bool]]:
    """Of each output the gap beside it in its own pixels, and whether that is measured."""
    found = []
    for site in sites:
        length_mm, length = site.size_mm[axis], site.place[2 + axis]
        is_measured = bool(gap.mm and length_mm)
        found.append((gap.mm * length / length_mm if is_measured else gap.px, is_measured))
    return found


_Span1 = tuple[int, int]  # start and length


def _apart(outputs: Sequence[tuple[_Span1, _Span1]], gaps: Sequence[tuple[float, bool]]) -> list[int]:
    """Where each output begins on one axis, with the gaps between them.

    Args:
        outputs: of each where it is on that axis and on the other one.
        gaps: see _gaps().
    """
    starts = [0] * len(outputs)
    for index in sorted(range(len(outputs)), key=lambda each: outputs[each][0]):
        (start, _length), across = outputs[index]
        shift = 0.0
        for other, ((other_start, other_length), other_across) in enumerate(outputs):
            space = start - other_start - other_length
            is_beside = across[0] < sum(other_across) and other_across[0] < sum(across)
            if other != index and space >= 0 and is_beside:
                gap = _between(gaps[other], gaps[index])
                shift = max(shift, starts[other] - other_start + max(0.0, gap - space))
        starts[index] = start + round(shift)
    return starts


def _between(one: tuple[float, bool], other: tuple[float, bool]) -> float:
    """The gap between two: half of what each says, or what the one says whose size is known."""
    measured = [gap for gap, is_measured in (one, other) if is_measured]
    return sum(measured) / len(measured) if measured else max(one[0], other[0])


def facts_of(output: Output) -> OutputFacts:
    """What the config's rules may name of an output."""
    return OutputFacts(output.name, output.description, output.make, output.model)


class Picture(NamedTuple):
    """What an output is to show.

    Attributes:
        source: outputs that show others have no picture together.
        span: see wayvid.daemon.scene.Want.
    """

    source: str
    span: int = AS_TOLD


class Spans:
    """The spans that are in force.

    Args:
        rules: gives those of the config, or of the command line.
        outputs: gives those that are there.
    """

    def __init__(self, rules: Callable[[], Sequence[SpanRule]], outputs: Callable[[], Iterable[Output]]) -> None:
        self._rules = rules
        self._outputs = outputs

    def parts(self, shown: Mapping[str, Picture]) -> dict[str, Part]:
        """Of each output that shares a picture with others of its span its part of that; of none else.

        The outputs of a command's span have the gaps of the first rule that means one of them.

        Args:
            shown: what outputs are to show, by their names.
        """
        rules = self._rules()
        walls: dict[tuple[object, str], tuple[dict[str, Site], set[int]]] = {}
        is_any = rules or any(picture.span > AS_TOLD for picture in shown.values())
        for output in self._outputs() if is_any else ():
            picture, place = shown.get(output.name), output.place
            if picture is None or picture.span == APART or min(place.width, place.height) <= 0:
                continue
            index = span_of(rules, facts_of(output))
            if picture.span > AS_TOLD or index is not None:
                which = ("command", picture.span) if picture.span > AS_TOLD else ("rule", index)
                sites, indices = walls.setdefault((which, picture.source), ({}, set()))
                sites[output.name] = Site(place, output.seen_size_mm, output.scale_steps)
                indices.update(() if index is None else (index,))
        found: dict[str, Part] = {}
        for sites, indices in walls.values():
            if len(sites) > 1:
                rule = rules[min(indices)] if indices else SpanRule(())
                found |= parts(sites, Gap(rule.gap_px, rule.gap_mm))
        return found
