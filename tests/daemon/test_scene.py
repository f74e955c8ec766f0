"""Which output shows what."""

from __future__ import annotations

import pytest

from wayvid.daemon.scene import Wish
from wayvid.errors import UnknownOutput
from wayvid.geometry import Layout


@pytest.mark.parametrize(
    ("wish", "output", "layout"),
    [
        pytest.param(Wish(), "DP-1", Layout.FILL, id="all outputs, filled, by default"),
        pytest.param(Wish(Layout.CENTRE), "DP-1", Layout.CENTRE, id="all outputs in one layout"),
        pytest.param(Wish(Layout.CENTRE, {"DP-1": None}), "DP-1", Layout.CENTRE, id="a named output"),
        pytest.param(Wish(Layout.CENTRE, {"DP-1": None}), "DP-2", None, id="an output that is not named"),
        pytest.param(Wish(Layout.FILL, {"DP-1": Layout.CONTAIN}), "DP-1", Layout.CONTAIN, id="a layout of its own"),
        pytest.param(Wish(Layout.FILL, {"DP-1": None}), "dp-1", None, id="capitals matter"),
    ],
)
def test_an_output_has_the_layout_that_was_wished(wish: Wish, output: str, layout: Layout | None) -> None:
    assert wish.layout_on(output) is layout


@pytest.mark.parametrize(
    "wish", [Wish(), Wish(outputs={"DP-1": None}), Wish(outputs={"DP-1": None, "DP-2": Layout.FILL})]
)
def test_connected_outputs_are_known(wish: Wish) -> None:
    wish.check_known(iter(["DP-1", "DP-2"]))


def test_without_outputs_only_named_ones_are_missing() -> None:
    Wish().check_known([])
    with pytest.raises(UnknownOutput, match="connected outputs: none"):
        Wish(outputs={"DP-1": None}).check_known([])


def test_an_unknown_output_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownOutput) as caught:
        Wish(outputs={"DP-1": None, "DP-9": None}).check_known(["DP-1", "HDMI-A-1"])
    assert (caught.value.name, caught.value.known) == ("DP-9", ("DP-1", "HDMI-A-1"))
    assert "'DP-9' is not connected; connected outputs: DP-1, HDMI-A-1" in str(caught.value)
