"""What a project.json says, whoever wrote it."""

from __future__ import annotations

import json

import pytest

from wayvid.geometry import Layout
from wayvid.workshop.manifest import Kind, Settings, parse_manifest


def parse(**keys: object):
    return parse_manifest(json.dumps({"type": "video", "file": "a.mp4"} | keys).encode())


def properties(**values: object):
    """A project.json with these properties, each as Wallpaper Engine writes them."""
    return parse(general={"properties": values})


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({"type": "video"}, Kind.VIDEO),
        ({"type": "Video"}, Kind.VIDEO),
        ({"type": " VIDEO "}, Kind.VIDEO),
        ({"type": "Scene", "file": "scene.json"}, Kind.SCENE),
        ({"type": "web", "file": "index.html"}, Kind.WEB),
        ({"type": "application", "file": "a.exe"}, Kind.APPLICATION),
        ({"type": None, "file": "a.webm"}, Kind.VIDEO),
        ({"type": None, "file": "INDEX.HTML"}, Kind.WEB),
        ({"type": None, "file": "scene.pkg"}, Kind.SCENE),
        ({"type": None, "file": None, "preset": {}, "dependency": "12"}, Kind.PRESET),
        ({"type": None, "file": None, "dependency": 12}, Kind.PRESET),
    ],
)
def test_type_is_told_in_any_case_and_from_the_file_where_it_is_missing(keys: dict, kind: Kind) -> None:
    assert parse(**keys).kind is kind


@pytest.mark.parametrize(
    ("written", "item_id"),
    [("123", "123"), (123, "123"), (123.0, "123"), (" 123 ", "123"), (None, ""), ("x", ""), (0, ""), (True, ""),
     (-5, ""), ("٣", ""), ([], "")],
)  # fmt: skip
def test_workshop_id_is_a_number_or_text(written: object, item_id: str) -> None:
    assert parse(workshopid=written).item_id == item_id


@pytest.mark.parametrize("written", [2, 2.0, "2", " 2.0 ", "2,0"])
def test_numbers_are_integers_floats_or_text(written: object) -> None:
    one = {"value": written}
    found = properties(rate=one, volume=one, alignment=one, playbackmode={"value": 1})
    assert found.settings == Settings(2.0, 2, False, Layout.FILL)
    assert not found.notes


@pytest.mark.parametrize(
    ("number", "layout"), [(0, Layout.CENTRE), (1, Layout.CONTAIN), (2, Layout.FILL), (3, Layout.STRETCH)]
)
def test_alignment_is_a_layout(number: int, layout: Layout) -> None:
    assert properties(alignment={"value": number}).settings.layout is layout


@pytest.mark.parametrize(
    ("name", "written", "note"),
    [
        ("rate", {"value": "fast"}, "rate: 'fast' is not a number"),
        ("rate", {"value": 0}, "rate: 0 is not from 0.01 to 100"),
        ("rate", {"value": True}, "rate: true is not a number"),
        ("rate", {"value": "nan"}, "rate: 'nan' is not a number"),
        ("rate", {"value": "1e999"}, "rate: '1e999' is not a number"),
        ("rate", {"value": [1]}, "rate: a list is not a number"),
        ("rate", {"value": {"a": 1}}, "rate: an object is not a number"),
        ("playbackmode", {"value": 7}, "playbackmode: 7 is not known; known: 0, 1"),
        ("alignment", {"value": 1.5}, "alignment: 1.5 is not known; known: 0, 1, 2, 3"),
    ],
)
def test_setting_that_makes_no_sense_is_left_out_and_said(name: str, written: object, note: str) -> None:
    found = properties(**{name: written})
    assert found.settings == Settings()
    assert found.notes == (note,)


def test_volume_beyond_its_range_is_the_next_that_is_in_it() -> None:
    found = properties(volume={"value": 3000})
    assert found.settings.volume_percent == 100
    assert found.notes == ("volume: 3000 is taken for 100",)


def test_properties_without_a_value_and_groups_are_no_fault() -> None:
    found = properties(
        rate={"type": "slider"}, volume=None, alignment={"type": "group", "text": "Look"}, heading={"type": "text"},
        playbackmode={"value": None}, schemecolor={"value": "0 0 0"},
    )  # fmt: skip
    assert (found.settings, found.notes) == (Settings(), ())


@pytest.mark.parametrize("general", [None, [], 5, "x", {"properties": None}, {"properties": []}, {}])
def test_general_of_any_form_is_no_fault(general: object) -> None:
    assert parse(general=general).settings == Settings()


def test_title_is_one_line_without_control_characters() -> None:
    title = parse(title='Sea\nsource = "/etc/passwd"\r\x1b[31m\u2028\u202e\x00end').title
    assert title == 'Sea source = "/etc/passwd" [31m end'
    assert len(parse(title="long " * 1000).title) <= 200


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_byte_order_marks_are_no_fault(mark: bytes) -> None:
    text = '{"type": "video", "file": "ü.mp4"}'
    assert parse_manifest(mark + text.encode()).file == "ü.mp4"
    assert parse_manifest(text.encode("utf-16")).file == "ü.mp4"
