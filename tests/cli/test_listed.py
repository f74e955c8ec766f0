"""The options of a folder or list on the command line, and what they make of SOURCE."""

from __future__ import annotations

import pytest

from wayvid.cli.listed import listed
from wayvid.cli.run import run_parser
from wayvid.cli.set import absolute_source
from wayvid.errors import UsageError


def told(*words: str) -> str:
    options = run_parser().parse_args(words)
    return listed(options.source or "", options)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["Walls"], "Walls"),
        ([], ""),
        (["Walls", "--shuffle"], "playlist:Walls?order=shuffle"),
        (["Walls", "--every", "90"], "playlist:Walls?every_s=90"),
        (["Walls", "--every", "1.5m", "--recursive"], "playlist:Walls?every_s=90&recursive=true"),
        (["Walls", "--every=2h"], "playlist:Walls?every_s=7200"),
        (["Walls", "--every=7d"], "playlist:Walls?every_s=604800"),
        (["playlist:Walls?every_s=5", "--shuffle"], "playlist:Walls?order=shuffle&every_s=5"),
        (["playlist:a?order=shuffle&every_s=5", "--every", "7"], "playlist:a?order=shuffle&every_s=7"),
        (["file:///a", "--shuffle"], "playlist:file:///a?order=shuffle"),
    ],
)
def test_options_of_a_list_become_a_part_of_the_source(words: list[str], wanted: str) -> None:
    assert told(*words) == wanted


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["Walls", "--every", "0"], "'0' is no time from 1 s to 7 d"),
        (["Walls", "--every", "8d"], "'8d' is no time"),
        (["Walls", "--every", "soon"], "'soon' is no time"),
        (["--shuffle"], "--shuffle is for a SOURCE that is named"),
        (["https://example.org/a.mp4", "--shuffle"], "'https://example.org/a.mp4' is none"),
        (["we:12", "--recursive"], "'we:12' is none"),
        (["mf://*.png", "--every", "5"], "is none"),
        (["-", "--shuffle"], "'-' is none"),
        ([__file__, "--shuffle"], f"--shuffle is for a folder or a list, and {__file__!r} is none"),
        (["playlist:a?order=best", "--shuffle"], "no order 'best'"),
    ],
)
def test_options_that_make_no_sense_are_refused(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        told(*words)


def test_a_list_and_numbered_images_are_found_from_another_folder(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert absolute_source("playlist:Walls?order=shuffle") == f"playlist:{tmp_path}/Walls?order=shuffle"
    assert absolute_source("mf://frames/%04d.png?fps=24") == f"mf://{tmp_path}/frames/%04d.png?fps=24"
