"""A connection tells of outputs when they can be used."""

from __future__ import annotations

import pytest

from wayvid.desk import Desk
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.protocols import ZwlrLayerShellV1


def test_an_output_is_told_of_when_a_surface_can_be_made_on_it(
    sway_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A compositor whose list of globals came in two pieces told of outputs before the layer shell was bound.
    monkeypatch.setenv("WAYLAND_DISPLAY", str(sway_desk.display))
    told: list[str] = []
    connection = Connection()

    def on_output_added(output: Output) -> None:
        assert connection.bound(ZwlrLayerShellV1) is not None
        told.append(output.name)

    connection.on_output_added = on_output_added
    for _ in range(3):
        connection.roundtrip()
    connection.start()
    assert sorted(told) == sorted(sway_desk.outputs)
    assert all(min(output.logical) > 0 for output in connection.named_outputs())
    connection.close()


def test_outputs_are_told_of_by_name_whatever_the_compositor_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    # sway 1.10 tells of the last one first, and so all tables had the screens upside down.
    with Desk(outputs=11, size=(64, 64)) as desk:
        monkeypatch.setenv("WAYLAND_DISPLAY", str(desk.display))
        connection = Connection()
        connection.roundtrip()
        early = connection._early_outputs
        assert early is not None
        connection._early_outputs = dict(reversed(early.items()))
        told: list[str] = []
        connection.on_output_added = lambda output: told.append(output.name)
        connection.start()
        assert told == [f"HEADLESS-{number}" for number in range(1, 12)]
        assert [output.name for output in connection.named_outputs()] == told
        connection.close()
