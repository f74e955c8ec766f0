"""Mixing two pictures: what comes out pixel by pixel, bounds, and that both are only read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import bench.twins.blend
import wayvid._core.blend
from wayvid._core.blend import FADE, GROW, WHOLE, WIPE

RED, BLUE, BLACK = (0, 0, 200), (200, 0, 0), (0, 0, 0)  # B, G, R
SIDE = 32
STRIDE = SIDE * 4
SHAPE = (SIDE, SIDE, STRIDE)
ALL = (0.0, 0.0, float(SIDE), float(SIDE))
EVERYWHERE = (0, 0, SIDE, SIDE)


@pytest.fixture(params=[wayvid._core.blend, bench.twins.blend], ids=["compiled", "twin"])
def blend(request: pytest.FixtureRequest) -> Callable[..., None]:
    """The function of one of the two modules."""
    module: ModuleType = request.param
    return module.blend


def picture(colour: tuple[int, int, int]) -> bytes:
    return bytes((*colour, 0)) * (SIDE * SIDE)


def layer(pixels: bytes, part: Any = ALL, place: Any = EVERYWHERE, rotation: int = 0, shape: Any = SHAPE) -> Any:
    return pixels, shape, part, place, rotation


def numbered() -> bytes:
    """A picture in which each pixel has its column as blue and its row as green."""
    return b"".join(bytes((column * 8, row * 8, 0, 0)) for row in range(SIDE) for column in range(SIDE))


def mixed(blend: Callable[..., None], before: Any, after: Any, kind: int, weight: int) -> Callable[..., Any]:
    out = bytearray(STRIDE * SIDE)
    blend(out, SHAPE, before, after, kind, weight)
    return lambda x, y: tuple(out[y * STRIDE + x * 4 : y * STRIDE + x * 4 + 3])


@pytest.mark.parametrize(
    ("weight", "colour"),
    [(0, RED), (WHOLE // 4, (50, 0, 150)), (WHOLE // 2, (100, 0, 100)), (WHOLE, BLUE)],
)
def test_a_fade_has_both_colours_by_weight(
    blend: Callable[..., None], weight: int, colour: tuple[int, int, int]
) -> None:
    at = mixed(blend, layer(picture(RED)), layer(picture(BLUE)), FADE, weight)
    assert {at(x, y) for x in range(SIDE) for y in range(SIDE)} == {colour}


@pytest.mark.parametrize("kind", [WIPE, GROW], ids=["wipe", "grow"])
def test_nothing_of_the_other_is_left_at_both_ends(blend: Callable[..., None], kind: int) -> None:
    for weight, colour in ((0, RED), (WHOLE, BLUE)):
        at = mixed(blend, layer(picture(RED)), layer(picture(BLUE)), kind, weight)
        assert {at(x, y) for x in range(SIDE) for y in range(SIDE)} == {colour}


def test_a_wipe_comes_from_the_left_and_a_circle_grows_from_the_middle(blend: Callable[..., None]) -> None:
    at = mixed(blend, layer(picture(RED)), layer(picture(BLUE)), WIPE, WHOLE // 2)
    assert [at(x, 3) for x in (0, SIDE - 1)] == [BLUE, RED]
    at = mixed(blend, layer(picture(RED)), layer(picture(BLUE)), GROW, WHOLE // 2)
    assert [at(SIDE // 2, SIDE // 2), at(0, 0), at(SIDE - 1, SIDE - 1)] == [BLUE, RED, RED]


@pytest.mark.parametrize("kind", [WIPE, GROW], ids=["wipe", "grow"])
@pytest.mark.parametrize("weight", [40, 100, 180, 230])
def test_the_screens_of_a_wall_show_their_parts_of_one_transition(
    blend: Callable[..., None], kind: int, weight: int
) -> None:
    wall = bytearray(STRIDE * SIDE)
    blend(wall, SHAPE, layer(picture(RED)), layer(picture(BLUE)), kind, weight)
    half = SIDE // 2
    for x, y in ((0, 0), (half, 0), (0, half), (half, half)):
        part = bytearray(half * 4 * half)
        place = (0, 0, half, half)
        blend(
            part, (half, half, half * 4), layer(picture(RED), place=place), layer(picture(BLUE), place=place), kind,
            weight, (-x, -y, SIDE, SIDE),
        )  # fmt: skip
        for row in range(half):
            begin = (y + row) * STRIDE + x * 4
            assert part[row * half * 4 : (row + 1) * half * 4] == wall[begin : begin + half * 4]


def test_a_picture_that_is_nowhere_is_black(blend: Callable[..., None]) -> None:
    at = mixed(blend, layer(picture(RED)), layer(picture(BLUE), place=(0, 0, 0, 0)), FADE, WHOLE // 2)
    assert {at(x, y) for x in (0, SIDE - 1) for y in (0, SIDE - 1)} == {(0, 0, 100)}


def test_a_part_is_scaled_to_its_place_and_black_is_around_it(blend: Callable[..., None]) -> None:
    part, place = (8.0, 4.0, 8.0, 8.0), (4, 8, 16, 16)
    at = mixed(blend, layer(picture(RED)), layer(numbered(), part, place), FADE, WHOLE)
    assert [at(3, 12), at(20, 12), at(8, 7), at(8, 24)] == [BLACK] * 4
    # Two pixels for each of the picture's; the outermost are its own, the others between two.
    assert [at(x, 8)[0] for x in range(4, 8)] == [64, 66, 70, 74]
    assert at(19, 23)[:2] == (15 * 8, 11 * 8)


@pytest.mark.parametrize(
    ("rotation", "corner"),
    [(0, (0, 0)), (90, (0, 248)), (180, (248, 248)), (270, (248, 0))],
)
def test_a_picture_is_turned_clockwise(blend: Callable[..., None], rotation: int, corner: tuple[int, int]) -> None:
    at = mixed(blend, layer(picture(RED)), layer(numbered(), rotation=rotation), FADE, WHOLE)
    assert at(0, 0)[:2] == corner
    turn = {0: (8, 0), 90: (0, 240), 180: (240, 248), 270: (248, 8)}[rotation]
    assert at(1, 0)[:2] == turn


def test_both_modules_make_the_same_of_odd_parts() -> None:
    pixels = numbered()
    for kind in (FADE, WIPE, GROW):
        for rotation in (0, 90, 180, 270):
            before = layer(pixels, (1.5, 2.25, 20.0, 11.5), (0, 3, 32, 21), rotation)
            after = layer(pixels, (0.0, 0.0, 32.0, 0.5), (5, 0, 9, 32), rotation)
            both = []
            for module in (wayvid._core.blend, bench.twins.blend):
                out = bytearray(STRIDE * SIDE)
                module.blend(out, SHAPE, before, after, kind, 100)
                both.append(out)
            # Steps in 65536ths of a pixel, and colours rounded down thrice.
            assert max(abs(one - other) for one, other in zip(*both, strict=True)) <= 3


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"weight": -1}, id="weight below"),
        pytest.param({"weight": WHOLE + 1}, id="weight above"),
        pytest.param({"kind": 3}, id="no such kind"),
        pytest.param({"shape": (0, SIDE, STRIDE)}, id="no width"),
        pytest.param({"shape": (SIDE, SIDE + 1, STRIDE)}, id="too few bytes to write"),
        pytest.param({"shape": (SIDE, SIDE, STRIDE - 4)}, id="rows over each other"),
        pytest.param({"after": {"shape": (SIDE, SIDE + 1, STRIDE)}}, id="too few bytes to read"),
        pytest.param({"after": {"part": (1.0, 0.0, float(SIDE), 4.0)}}, id="part beyond the picture"),
        pytest.param({"after": {"part": (-1.0, 0.0, 4.0, 4.0)}}, id="part before the picture"),
        pytest.param({"after": {"part": (0.0, 0.0, 0.0, 4.0)}}, id="part of no width"),
        pytest.param({"after": {"part": (float("nan"), 0.0, 4.0, 4.0)}}, id="part that is no number"),
        pytest.param({"after": {"place": (1, 0, SIDE, SIDE)}}, id="place beyond the mixture"),
        pytest.param({"after": {"place": (0, -1, 4, 4)}}, id="place before the mixture"),
        pytest.param({"after": {"place": (0, 0, 4, 0)}}, id="place of no height"),
        pytest.param({"after": {"rotation": 45}}, id="half turned"),
        pytest.param({"stage": (0, 0, 0, 8)}, id="stage of no width"),
        pytest.param({"stage": (0, 0, 8, float("inf"))}, id="stage without an end"),
        pytest.param({"stage": (-1e9, 0, 8, 8)}, id="stage far away"),
        pytest.param({"stage": (0, float("nan"), 8, 8)}, id="stage that is nowhere"),
    ],
)
def test_what_is_out_of_range_is_refused(blend: Callable[..., None], arguments: dict[str, Any]) -> None:
    after = layer(picture(BLUE), **arguments.get("after", {}))
    with pytest.raises(ValueError, match=r"."):
        blend(
            bytearray(STRIDE * SIDE), arguments.get("shape", SHAPE), layer(picture(RED)), after,
            arguments.get("kind", FADE), arguments.get("weight", 0), arguments.get("stage"),
        )  # fmt: skip


def test_nothing_is_written_beside_the_mixture(blend: Callable[..., None]) -> None:
    out = bytearray(b"\xaa" * (STRIDE * SIDE))
    blend(out, (8, 8, STRIDE), layer(picture(RED), place=(0, 0, 8, 8)), layer(picture(BLUE), place=(2, 2, 4, 4)), 0, 99)
    assert all(out[row * STRIDE + 32 : (row + 1) * STRIDE] == b"\xaa" * (STRIDE - 32) for row in range(8))
    assert out[8 * STRIDE :] == b"\xaa" * (STRIDE * (SIDE - 8))


def test_threads_mix_at_the_same_time() -> None:
    before, after = layer(picture(RED)), layer(picture(BLUE))
    outs = [bytearray(STRIDE * SIDE) for _ in range(4)]

    def work(out: bytearray) -> None:
        for _ in range(500):
            wayvid._core.blend.blend(out, SHAPE, before, after, FADE, WHOLE // 2)

    threads = [threading.Thread(target=work, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({bytes(out) for out in outs}) == 1
