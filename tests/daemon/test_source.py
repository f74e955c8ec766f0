"""What a SOURCE means, and what is said of one that cannot be played."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote_to_bytes

import msgspec
import pytest
from PIL import Image, ImageChops

from tests.conftest import need_programs
from tests.support import average_colour
from wayvid.daemon.listing import stream_of
from wayvid.daemon.source import DEFAULT_STREAM, IMAGE_OPTIONS, absolute_source, located
from wayvid.embedded import EMBEDDED
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import StreamSpec

AS_NOBODY = """
import os, sys
from wayvid.daemon.listing import stream_of
from wayvid.errors import SourceUnplayable
if os.getuid() == 0:  # who may read everything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    stream_of(sys.argv[1])
except SourceUnplayable as error:
    print(error.reason, "|", error)
"""


def make_file(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://example.org/a.mp4", id="https"),
        pytest.param("av://lavfi:testsrc", id="av"),
        pytest.param("av://v4l2:/dev/video0", id="camera"),
        pytest.param("rtmp+x-y://host", id="signs in the scheme"),
        pytest.param("file://host/a%20b.mp4", id="file elsewhere"),
    ],
)
def test_a_url_is_left_as_it_is(text: str) -> None:
    assert stream_of(text) == StreamSpec(path=text)


@pytest.mark.parametrize("name", ["a b.png", "100%.png", "ü.png", os.fsdecode(b"\xff.png")])
def test_a_url_of_a_local_file_is_the_same_as_its_path(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert stream_of("file://" + quote(os.fsencode(path))) == stream_of(str(path))


def test_a_url_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceUnplayable, match="no such file"):
        stream_of(f"file://{tmp_path}/none.mp4")


@pytest.mark.parametrize("text", ["://x", "a b://x", "./a://b", "-://x"])
def test_what_only_looks_like_a_url_is_a_path(text: str) -> None:
    with pytest.raises(SourceUnplayable, match="there is no such file"):
        stream_of(text)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param("clip.mp4", (), id="video"),
        pytest.param("CLIP.MKV", (), id="video in capitals"),
        pytest.param("moving.gif", (), id="gif"),
        pytest.param("no suffix", (), id="no suffix"),
        pytest.param("lake.jpg", IMAGE_OPTIONS, id="picture"),
        pytest.param("lake.PnG", IMAGE_OPTIONS, id="picture in capitals"),
        pytest.param("-o.mp4", (), id="like an option"),
        pytest.param("ü ☂\n.webm", (), id="signs of all kinds"),
    ],
)
def test_a_file_is_a_stream_by_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, options: tuple[tuple[str, str], ...]
) -> None:
    path = make_file(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    wanted = StreamSpec(path=str(path), options=options)
    assert stream_of(str(path)) == wanted
    assert stream_of(name) == wanted


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_file(tmp_path / "a.mp4")
    assert stream_of("~/a.mp4").path == f"{tmp_path}/a.mp4"


def test_a_name_that_is_not_utf8_is_escaped_in_a_url(tmp_path: Path) -> None:
    # `wayvid run $'\xff.mp4'` ended with a UnicodeEncodeError: a message is UTF-8.
    path = make_file(tmp_path / os.fsdecode(b"a b%\xff\xe4.mp4"))
    stream = stream_of(str(path))
    assert stream.path.isascii()
    assert unquote_to_bytes(stream.path.removeprefix("file://")) == os.fsencode(path)
    msgspec.msgpack.encode(stream)


def test_a_folder_with_one_picture_is_that_picture(tmp_path: Path) -> None:
    path = make_file(tmp_path / "lake.jpg")
    make_file(tmp_path / "notes.txt")
    assert stream_of(str(tmp_path)) == StreamSpec(path=str(path), options=IMAGE_OPTIONS)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda _path: None, "there is no such file", id="missing"),
        pytest.param(lambda path: path.symlink_to("gone"), "there is no such file", id="broken link"),
        pytest.param(lambda path: path.symlink_to(path), "its links lead in a circle", id="link to itself"),
        pytest.param(lambda path: path.touch(), "the file is empty", id="empty file"),
        pytest.param(lambda path: path.mkdir(), "the folder has no video or picture in it", id="empty folder"),
        pytest.param(lambda path: make_file(path / "a.txt"), "the folder has no video", id="folder of other files"),
        pytest.param(lambda path: make_file(path / "a.mp4", b""), "the file is empty", id="folder with an empty file"),
        pytest.param(lambda path: socket.socket(socket.AF_UNIX).bind(str(path)), "No such device", id="socket"),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_what_cannot_be_played_is_refused_with_the_reason(tmp_path: Path, make: object, reason: str) -> None:
    path = tmp_path / "source"
    make(path)
    with pytest.raises(SourceUnplayable) as caught:
        stream_of(str(path))
    assert caught.value.source == str(path)
    assert reason in caught.value.reason
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).startswith(f"cannot play {str(path)!r}: {reason}")
    assert "; " in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "its name is empty", id="nothing"),
        pytest.param("~nosuchuser/a.mp4", "there is no such home folder", id="home of nobody"),
        pytest.param("x" * 5000, "File name too long", id="too long"),
        pytest.param("a\0b", "there is no such file", id="a zero byte"),
        pytest.param("~a\0b", "there is no such", id="a zero byte in a user's name"),
        pytest.param("pipe:~a\0b", "there is no such named pipe", id="likewise of a pipe"),
        pytest.param("mf://~a\0b", "no such image|not UTF-8", id="likewise of images"),
        # "[0-9]" so many times is more memory than there is.
        pytest.param("mf:///%0999999999999d.png", "no such image", id="a number of too many digits"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SourceUnplayable, match=reason):
        stream_of(text)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        pytest.param("f/%04d.png", "f/[0-9][0-9][0-9][0-9].png", id="numbers"),
        pytest.param("f/*.png", "f/*.png", id="names"),
        pytest.param("f/012?.png", "f/012?.png", id="any sign"),
        pytest.param("f", "f/*", id="a whole folder"),
        pytest.param("g/%d.png", "g/%d.png", id="numbers without zeros"),
        pytest.param("[h]/*.png", "[[]h]/*.png", id="a folder like a pattern"),
    ],
)
def test_images_of_a_sequence_are_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, wanted: str
) -> None:
    for name in ("f/0120.png", "f/0121.png", "g/7.png", "[h]/a.png"):
        make_file(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for text in (f"mf://{pattern}", f"mf://{tmp_path}/{pattern}"):
        assert stream_of(text) == StreamSpec(f"mf://{tmp_path}/{wanted}")
        assert stream_of(f"{text}?fps=12.5").options == (("mf-fps", "12.5"),)
    for rate in ("0", "-1", "fast", "nan", "1e9", ""):
        with pytest.raises(SourceUnplayable, match="not a number of pictures"):
            stream_of(f"mf://{pattern}?fps={rate}")


@pytest.mark.parametrize("pattern", ["f/%04d.png", "*.png", "gone/*", "%d.png", "a\0*", os.fsdecode(b"\xff*")])
def test_a_sequence_without_images_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SourceUnplayable, match=r"no such image|not UTF-8"):
        stream_of(f"mf://{tmp_path}/{pattern}?fps=24")


def test_a_list_whose_name_is_not_utf8_keeps_its_options_when_it_is_written_down() -> None:
    # After a restart there was no such folder: the options had become a part of its name.
    source = os.fsdecode(b"playlist:/f\xff?order=shuffle&every_s=5")
    assert absolute_source(source) == "playlist:file:///f%FF?order=shuffle&every_s=5"
    assert absolute_source("playlist:/f?order=what") == "playlist:/f?order=what"


def test_a_source_has_a_name_where_the_working_folder_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The daemon ended with a traceback at the next change: it writes down what is shown.
    make_file(tmp_path / "a.mp4")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert absolute_source(f"{tmp_path}/a.mp4") == f"{tmp_path}/a.mp4"
    assert stream_of(f"{tmp_path}/a.mp4").path == f"{tmp_path}/a.mp4"


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    # `wayvid run PIPE` hung before it could be interrupted: the pipe was opened to see whether it may be.
    os.mkfifo(tmp_path / "pipe")
    assert stream_of(str(tmp_path / "pipe")).is_pipe


def test_a_refused_source_leaves_no_fd(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SourceUnplayable):
        stream_of(str(tmp_path / "empty.mp4"))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("forbidden", ["a.mp4", "."])
def test_a_source_that_may_not_be_read_says_so(forbidden: str) -> None:
    with TemporaryDirectory() as name:  # where others may come in, unlike in tmp_path
        folder = Path(name)
        make_file(folder / "a.mp4")
        folder.chmod(0o755)
        (folder / forbidden).chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(folder / forbidden)], capture_output=True, text=True, check=False
        )
        folder.chmod(0o755)
    assert done.stderr == ""
    assert done.stdout.startswith("it may not be read by this user |")
    assert "ls -l" in done.stdout


def test_the_default_stream_needs_no_file_and_fits_a_message() -> None:
    assert DEFAULT_STREAM.loop
    assert DEFAULT_STREAM.path.startswith("av://lavfi:")


@pytest.mark.parametrize("name", [each.name for each in EMBEDDED])
def test_a_built_in_wallpaper_is_dark_and_moves(tmp_path: Path, name: str) -> None:
    need_programs("ffmpeg")
    stream = stream_of(f"wayvid:{name}")
    graph = stream.path.removeprefix("av://lavfi:")
    chosen = f"{graph},select='eq(n,0)+eq(n,160)'"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", chosen, "-fps_mode", "passthrough", "-frames:v", "2"]
    done = subprocess.run([*command, str(tmp_path / "%d.png")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, later = (average_colour(tmp_path / f"{number}.png") for number in (1, 2))
    # Icons and their names are white; it is neither black nor too bright for them.
    assert all(max(colour) > 10 and sum(colour) / 3 < 110 for colour in (first, later)), (first, later)
    with Image.open(tmp_path / "1.png") as one, Image.open(tmp_path / "2.png") as other:
        difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
        assert max(high for _low, high in difference.getextrema()) > 8


def test_the_built_in_wallpaper_has_a_name_and_others_have_not() -> None:
    assert stream_of("wayvid:night") == DEFAULT_STREAM
    with pytest.raises(SourceUnplayable, match="there are night, aurora, "):
        stream_of("wayvid:noon")
    assert located("wayvid:sea", "/etc") == absolute_source("wayvid:sea") == "wayvid:sea"


@pytest.mark.parametrize("prefix", ["", "pipe:"])
def test_a_named_pipe_is_told_by_what_it_is_and_is_not_opened(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "wall"
    os.mkfifo(path)
    spec = stream_of(f"{prefix}{path}")
    assert spec == StreamSpec(path=f"pipe:{path}")
    assert spec.is_pipe
    with pytest.raises(OSError, match="No such device or address"):  # nobody reads it
        os.open(path, os.O_WRONLY | os.O_NONBLOCK)


@pytest.mark.parametrize(
    ("name", "word"), [pytest.param("clip.mp4", "no named pipe", id="file"), pytest.param("none", "no such", id="none")]
)
def test_what_is_no_named_pipe_is_an_error(tmp_path: Path, name: str, word: str) -> None:
    make_file(tmp_path / "clip.mp4")
    with pytest.raises(SourceUnplayable, match=word):
        stream_of(f"pipe:{tmp_path / name}")


def test_a_terminal_is_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda _fd: True)
    with pytest.raises(SourceUnplayable, match="terminal"):
        stream_of("-")


def test_pipes_of_a_config_file_are_found_from_anywhere() -> None:
    assert [located(text, "/etc") for text in ("-", "pipe:-", "pipe:wall", "pipe:/run/wall")] == [
        "-",
        "pipe:-",
        "pipe:/etc/wall",
        "pipe:/run/wall",
    ]


def test_a_bare_number_is_likely_to_be_of_the_workshop() -> None:
    with pytest.raises(SourceUnplayable, match="; an item of the Workshop is 'we:1234567890'"):
        stream_of("1234567890")
