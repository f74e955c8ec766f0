"""Spans: which outputs form a wall, and where each is in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wayvid.config.model import SpanRule
from wayvid.daemon.scene import APART
from wayvid.daemon.span import Gap, Picture, Site, Spans, parts
from wayvid.geometry import Part, Rect, Size

UNKNOWN = Size(0, 0)


def site(x: int, y: int, width: int, height: int, steps: int = 120, size_mm: Size = UNKNOWN) -> Site:
    return Site(Rect(x, y, width, height), size_mm, steps)


HD = (1920, 1080)
ROW = {"A": site(0, 0, *HD), "B": site(1920, 0, *HD), "C": site(3840, 0, *HD)}
GRID = {"A": site(0, 0, *HD), "B": site(1920, 0, *HD), "C": site(0, 1080, *HD), "D": site(1920, 1080, *HD)}


@pytest.mark.parametrize(
    ("sites", "gap", "wall", "places"),
    [
        pytest.param(ROW, Gap(), (5760, 1080), [(0, 0), (1920, 0), (3840, 0)], id="a row"),
        pytest.param(GRID, Gap(), (3840, 2160), [(0, 0), (1920, 0), (0, 1080), (1920, 1080)], id="a grid"),
        pytest.param(
            {"A": site(-1920, -200, *HD), "B": site(0, 0, *HD)}, Gap(), (3840, 1280), [(0, 0), (1920, 200)],
            id="positions below zero, and one that hangs lower",
        ),
        pytest.param(
            {"A": site(0, 0, 1280, 720, 360), "B": site(1280, 0, 1080, 1920, 120)}, Gap(), (2360, 1920),
            [(0, 0), (1280, 0)], id="mixed scales, one upright",
        ),
        pytest.param(
            {"A": site(0, 0, *HD), "C": site(3840, 0, *HD)}, Gap(), (5760, 1080), [(0, 0), (3840, 0)],
            id="another one between them",
        ),
        pytest.param(ROW, Gap(60), (5880, 1080), [(0, 0), (1980, 0), (3960, 0)], id="frames between them"),
        pytest.param(
            GRID, Gap(10), (3850, 2170), [(0, 0), (1930, 0), (0, 1090), (1930, 1090)], id="frames on both axes",
        ),
        pytest.param(
            {"A": site(0, 0, *HD), "B": site(1950, 0, *HD)}, Gap(60), (3900, 1080), [(0, 0), (1980, 0)],
            id="a space that is there counts",
        ),
        pytest.param(
            {"A": site(0, 0, *HD), "B": site(2500, 0, *HD)}, Gap(60), (4420, 1080), [(0, 0), (2500, 0)],
            id="also where it is wider",
        ),
        pytest.param(
            {"A": site(0, 0, *HD), "B": site(1920, 1080, *HD)}, Gap(60), (3840, 2160), [(0, 0), (1920, 1080)],
            id="corner to corner there is no frame between",
        ),
        pytest.param(
            # 1920 pixels in 480 mm are 4 in each, 1280 in 640 mm are 2: 3 between them.
            {"A": site(0, 0, *HD, size_mm=Size(480, 270)), "B": site(1920, 0, 1280, 720, size_mm=Size(640, 360))},
            Gap(500, 20), (3260, 1080), [(0, 0), (1980, 0)], id="millimetres of two densities",
        ),
        pytest.param(
            {"A": site(0, 0, *HD, size_mm=Size(480, 270)), "B": site(1920, 0, *HD)},
            Gap(500, 20), (3920, 1080), [(0, 0), (2000, 0)], id="millimetres, one of them known",
        ),
        pytest.param(ROW, Gap(60, 20), (5880, 1080), [(0, 0), (1980, 0), (3960, 0)], id="millimetres, none known"),
        pytest.param(
            {"A": site(0, 0, *HD), "B": site(0, 0, *HD)}, Gap(60), HD, [(0, 0), (0, 0)], id="two that show the same",
        ),
    ],
)  # fmt: skip
def test_outputs_have_their_places_in_the_wall(
    sites: dict[str, Site], gap: Gap, wall: tuple[int, int], places: list[tuple[int, int]]
) -> None:
    found = parts(sites, gap)
    assert {part.wall for part in found.values()} == {Size(*wall)}
    assert [(part.x, part.y) for part in found.values()] == places
    assert {part.steps for part in found.values()} == {max(each.steps for each in sites.values())}
    backwards = parts(dict(reversed(sites.items())), gap)
    assert backwards == found, "the order in which they came makes no difference"


@pytest.mark.parametrize(
    ("rules", "shown", "spanned"),
    [
        pytest.param([SpanRule(("*",))], {"A": "x", "B": "x", "C": "x"}, [["A", "B", "C"]], id="all"),
        pytest.param([], {"A": "x", "B": "x"}, [], id="no rule"),
        pytest.param([SpanRule(("A", "C"))], {"A": "x", "B": "x", "C": "x"}, [["A", "C"]], id="named"),
        pytest.param([SpanRule(("*",))], {"A": "x", "B": "y", "C": "x"}, [["A", "C"]], id="one shows another source"),
        pytest.param([SpanRule(("*",))], {"A": "x", "B": "y", "C": "z"}, [], id="all show others"),
        pytest.param([SpanRule(("A", "B"))], {"A": "x", "C": "x"}, [], id="one is alone: it shows the whole"),
        pytest.param(
            [SpanRule(("A",)), SpanRule(("*",))], {"A": "x", "B": "x", "C": "x"}, [["B", "C"]],
            id="the first rule that means it",
        ),
        pytest.param([SpanRule(("Acme *",))], {"A": "x", "B": "x", "C": "x"}, [["A", "B"]], id="by description"),
        pytest.param([SpanRule(("*",))], {"A": "x", "odd": "x", "gone": "x", "B": "x"}, [["A", "B"]], id="no place"),
        pytest.param([], {"A": ("x", 1), "B": ("x", 1), "C": "x"}, [["A", "B"]], id="by a command"),
        pytest.param([], {"A": ("x", 1), "B": ("x", 2), "C": ("x", 2)}, [["B", "C"]], id="by two commands"),
        pytest.param([], {"A": ("x", 1), "B": ("y", 1), "C": ("x", 1)}, [["A", "C"]], id="another source"),
        pytest.param(
            [SpanRule(("*",))], {"A": ("x", APART), "B": "x", "C": "x"}, [["B", "C"]], id="a command takes one out"
        ),
        pytest.param(
            [SpanRule(("*",))], {"A": ("x", 3), "B": "x", "C": ("x", 3)}, [["A", "C"]], id="a command before a rule"
        ),
    ],
)  # fmt: skip
def test_outputs_of_a_rule_that_show_the_same_are_a_wall(
    rules: list[SpanRule], shown: dict[str, Any], spanned: list[list[str]]
) -> None:
    makers = {"A": "Acme Left", "B": "Acme Right", "C": "Other"}
    places = {**{name: site.place for name, site in ROW.items()}, "odd": Rect(0, 0, 0, 0)}
    same = {"make": "", "model": "", "seen_size_mm": UNKNOWN, "scale_steps": 120}
    outputs: list[Any] = [
        SimpleNamespace(name=name, description=makers.get(name, ""), place=at, **same) for name, at in places.items()
    ]
    pictures = {name: Picture(*words) if isinstance(words, tuple) else Picture(words) for name, words in shown.items()}
    found = Spans(lambda: rules, lambda: outputs).parts(pictures)
    walls: dict[Part, list[str]] = {}
    for name, part in found.items():
        walls.setdefault(part._replace(x=0, y=0), []).append(name)
    assert [sorted(names) for names in walls.values()] == spanned


def test_a_commands_span_has_the_gap_of_a_rule_that_means_one_of_its_outputs() -> None:
    same = {"description": "", "make": "", "model": "", "seen_size_mm": UNKNOWN, "scale_steps": 120}
    outputs: list[Any] = [SimpleNamespace(name=name, place=site.place, **same) for name, site in ROW.items()]
    shown = dict.fromkeys(ROW, Picture("x", 1))
    rules = [SpanRule(("Z",), gap_px=7), SpanRule(("C",), gap_px=60), SpanRule(("A",), gap_px=40)]
    found = Spans(lambda: rules, lambda: outputs).parts(shown)
    assert {part.wall for part in found.values()} == {Size(5880, 1080)}
