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
