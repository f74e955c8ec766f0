"""What is drawn and decoded with: decided from what the config and the driver say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

import wayvid.player.graphics
from tests.player.conftest import Owner
from wayvid._core import BufferPool
from wayvid.errors import GraphicsError
from wayvid.link.messages import Graphics
from wayvid.player.graphics import choose_renderer, decoding_of, has_render_node


@pytest.mark.parametrize(
    ("wanted", "vendor", "software", "decoding"),
    [
        pytest.param("auto", "Intel", "", ("auto-safe", "vaapi", ""), id="a card"),
        pytest.param("auto", "NVIDIA Corporation", "", ("auto-safe", "cuda", ""), id="a card of NVIDIA"),
        pytest.param("vulkan", "AMD", "", ("vulkan", "vaapi", ""), id="named"),
        pytest.param("no", "AMD", "", ("no", "no", "the config says no"), id="not wanted"),
        pytest.param("auto", "Mesa", "llvmpipe", ("no", "no", "the processor draws, too (llvmpipe)"), id="no card"),
        pytest.param("vaapi", "Mesa", "llvmpipe", ("vaapi", "vaapi", ""), id="named without a card"),
    ],
)
def test_one_backend_decodes_or_a_reason_says_why_none(
    wanted: str, vendor: str, software: str, decoding: tuple[str, str, str]
) -> None:
    assert decoding_of(wanted, vendor, software) == decoding


def no_connection() -> NoReturn:
    raise AssertionError("only OpenGL needs a connection now")


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        pytest.param(Graphics("shm"), "asked for", id="asked for"),
        pytest.param(Graphics("gl", refusal="it failed before"), "it failed before", id="refused before"),
        pytest.param(Graphics("auto"), "no graphics card", id="no card"),
    ],
)
def test_shared_memory_is_chosen_without_a_look_at_opengl(
    wanted: Graphics, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wayvid.player.graphics, "CARDS", "/nowhere")
    choice = choose_renderer(wanted, BufferPool(), no_connection)  # type: ignore[arg-type]
    assert choice.draws.renderer == "shm"
    assert reason in choice.draws.reason
    assert choice.core_options() == {"hwdec": "no", "gpu-hwdec-interop": "no", "network-timeout": "10"}


def test_a_card_that_may_be_opened_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayvid.player.graphics, "CARDS", str(tmp_path))
    assert not has_render_node()
    (tmp_path / "renderD128").touch()
    assert has_render_node()


class FakeContext:
    """A context of a driver that draws with the processor."""

    is_software = True
    driver = "llvmpipe"
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_auto_does_not_draw_with_a_driver_that_uses_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    context = FakeContext()
    monkeypatch.setattr(wayvid.player.graphics, "has_render_node", lambda: True)
    monkeypatch.setattr(wayvid.player.graphics, "_open_context", lambda _wanted, _connection: context)
    choice = choose_renderer(Graphics(), BufferPool(), lambda: None)  # type: ignore[arg-type, return-value]
    assert choice.draws.renderer == "shm"
    assert "llvmpipe" in choice.draws.reason
    assert context.is_closed


def test_a_driver_that_fails_leaves_shared_memory_and_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_wanted: object, _connection: object) -> NoReturn:
        raise GraphicsError("eglInitialize", "it failed", 0x3001)

    monkeypatch.setattr(wayvid.player.graphics, "_open_context", fail)
    choice = choose_renderer(Graphics("gl"), BufferPool(), lambda: None)  # type: ignore[arg-type, return-value]
    assert choice.draws.renderer == "shm"
    assert "eglInitialize" in choice.draws.reason


@pytest.mark.parametrize(("is_deep", "is_native", "is_software"), [(False, False, True), (True, True, False)])
def test_every_option_of_opengl_is_known_to_this_libmpv_and_has_its_value(
    start_core: Callable[..., Owner], clips: Path, is_deep: bool, is_native: bool, is_software: bool
) -> None:
    from wayvid.render.gl import GlRenderer

    context = SimpleNamespace(is_software=is_software)
    renderer = SimpleNamespace(is_deep=is_deep, is_native=is_native, context=context, _is_direct=is_native)
    options = GlRenderer.core_options(renderer) | {"gpu-hwdec-interop": "vaapi"}  # type: ignore[arg-type]
    core = start_core(clips / "two-seconds.mp4", options=tuple(options.items())).core
    assert core is not None
    if core.read("options/alpha") is not None:  # libmpv 0.38 says the same in other words
        del options["background"], options["background-color"]
    else:
        del options["alpha"]
    read = {name: (core.read(f"options/{name}") or "").replace("#FF", "#") for name in options}  # 0.41 reads back ARGB
    assert read == options
