"""What ffprobe tells, as values; what it costs on battery; what ffmpeg is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from wayvid.errors import NotPossible, SourceUnplayable
from wayvid.geometry import Size
from wayvid.optimise.battery import Assumptions, battery_wh, daily_wh, formula
from wayvid.optimise.clip import clip_of
from wayvid.optimise.encode import encode_command
from wayvid.optimise.plan import Plan

VIDEO = {
    "index": 1, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "pix_fmt": "yuv420p",
    "avg_frame_rate": "30/1", "r_frame_rate": "60/1", "duration": "20.0", "bits_per_raw_sample": "8",
    "disposition": {"attached_pic": 0}, "sample_aspect_ratio": "1:1", "field_order": "progressive",
}  # fmt: skip
COVER = {"index": 0, "codec_type": "video", "disposition": {"attached_pic": 1}}


def clip(format_name: str = "mov,mp4", streams: tuple = (COVER,), **fields: object):
    video = {key: value for key, value in (VIDEO | fields).items() if value is not None}
    told = {"streams": [*streams, video], "format": {"duration": "20.5", "format_name": format_name}}
    return clip_of("/sea.mp4", told, 1000)


def test_clip_is_told_apart_from_its_cover() -> None:
    found = clip()
    assert (found.stream_index, found.coded, found.seen, found.rate) == (1, (1920, 1080), (1920, 1080), 30)
    assert (found.duration_s, found.total_s, found.bits) == (20.0, 20.5, 8)
    assert (found.has_sound, found.is_hdr, found.is_interlaced, found.is_turned) == (False,) * 4


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"avg_frame_rate": "30000/1001"}, "rate", Fraction(30000, 1001)),
        ({"avg_frame_rate": "0/0"}, "rate", 60),
        ({"sample_aspect_ratio": "4:3"}, "seen", (2560, 1080)),
        ({"sample_aspect_ratio": "3:4"}, "seen", (1920, 1440)),
        ({"sample_aspect_ratio": "0:1"}, "seen", (1920, 1080)),
        ({"side_data_list": [{"rotation": -90}]}, "seen", (1080, 1920)),
        ({"side_data_list": [{}, {"rotation": 180}]}, "seen", (1920, 1080)),
        ({"side_data_list": [{"rotation": -90}]}, "is_turned", True),
        ({"pix_fmt": "yuv420p10le", "bits_per_raw_sample": None}, "bits", 10),
        ({"pix_fmt": "yuv420p10le", "bits_per_raw_sample": "10"}, "bits", 10),
        ({"color_transfer": "smpte2084"}, "is_hdr", True),
        ({"field_order": "tt"}, "is_interlaced", True),
        ({"duration": "N/A"}, "duration_s", 20.5),
        ({"duration": None, "tags": {"DURATION": "00:01:02.500000000"}}, "duration_s", 62.5),
        ({"streams": (COVER, {"codec_type": "audio"})}, "has_sound", True),
    ],
)
def test_field_of_a_clip(fields: dict, name: str, value: object) -> None:
    assert getattr(clip(**fields), name) == value


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"format_name": "png_pipe"}, NotPossible, "is a picture"),
        ({"format_name": "image2"}, NotPossible, "is a picture"),
        ({"codec_type": "audio"}, SourceUnplayable, "there is no video in it"),
        ({"width": 0}, SourceUnplayable, "size or frame rate"),
        ({"avg_frame_rate": "0/0", "r_frame_rate": "N/A"}, SourceUnplayable, "size or frame rate"),
    ],
)
def test_what_has_no_frames_to_leave_out_is_refused(fields: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        clip(**fields)


def test_formula_says_what_was_assumed() -> None:
    given = Assumptions(core_w=4, hours=8, capacity_wh=50, is_measured=False)
    assert daily_wh(25, given) == 8
    assert daily_wh(900, given) == daily_wh(200, given) == 64
    assert formula(25, given) == (
        "25.0 % of a core x 4 W (a busy core, assumed) x 8 h a day = 8.0 Wh: 16.0 % of the 50 Wh of a battery (assumed)"
    )
    assert formula(25, given._replace(is_measured=True)).endswith("of this machine's battery")


@pytest.mark.parametrize(
    ("files", "wh"),
    [
        ({}, None),
        ({"AC/type": "Mains"}, None),
        ({"BAT0/type": "Battery", "BAT0/energy_full": "45000000"}, 45),
        ({"BAT0/type": "Battery", "BAT0/charge_full": "4000000", "BAT0/voltage_min_design": "11400000"}, 45.6),
        ({"BAT0/type": "Battery"}, None),
        ({"hid/type": "Battery", "hid/scope": "Device", "hid/energy_full": "1000000"}, None),
        ({"B/type": "Battery", "B/energy_full": "2000000", "C/type": "Battery", "C/energy_full": "3000000"}, 5),
    ],
)
def test_battery_is_what_the_kernel_tells(tmp_path: Path, files: dict[str, str], wh: float | None) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert battery_wh(str(tmp_path)) == (None if wh is None else pytest.approx(wh))
    assert battery_wh(str(tmp_path / "none")) is None


def test_ffmpeg_makes_one_video_track_that_loops_without_a_seam() -> None:
    argv = encode_command(clip(field_order="tt"), Plan(Size(960, 540), Fraction(30000, 1001), 0.75, 0.5, ()), "/out")
    said = " ".join(argv)
    for words in ("-i file:/sea.mp4", "-map 0:1 -an -sn -dn", " yadif,fps=30000/1001,scale=960:540:flags=lanczos,",
                  "-bf 0", "-refs 2", "+faststart", "-f mp4"):  # fmt: skip
        assert words in said
    assert argv[-1] == "file:/out"
