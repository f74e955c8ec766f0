"""The last picture on disk: what is kept is found again, and what is not of the same file never."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wayvid.daemon.lastpicture import MOST_KEPT, MOST_SIDE_PX, Found, find, keep
from wayvid.link.messages import Picture
from wayvid.system.folders import cache_folder

COLOUR = bytes((10, 20, 200, 0))
LARGE = Picture(3, 1920, 1080, 1920 * 4, 1920, 1080, 90)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    return path


@pytest.fixture
def keep_one(tmp_path: Path) -> Callable[..., bool]:
    """Keeps a picture of one colour for a source."""

    def keep_it(source: Path | str, picture: Picture = LARGE) -> bool:
        fd = os.memfd_create("test")
        try:
            os.write(fd, COLOUR * (picture.stride_bytes // 4 * picture.height_px))
            return keep(str(tmp_path / "cache"), str(source), fd, picture)
        finally:
            os.close(fd)

    return keep_it


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Found | None]:
    """What is found of a source; its memory is closed after the test."""
    fds: list[int] = []

    def look(source: Path | str) -> Found | None:
        result = find(str(tmp_path / "cache"), str(source))
        if result is not None:
            fds.append(result.fd)
        return result

    yield look
    for fd in fds:
        os.close(fd)


def test_a_kept_picture_is_found_small_and_in_its_colours(
    keep_one: Callable[..., bool], found: Callable[..., Found | None], clip: Path, tmp_path: Path
) -> None:
    assert keep_one(clip)
    result = found(clip)
    assert result is not None
    assert result.picture == Picture(0, 480, 270, 480 * 4, 1920, 1080, 90)
    assert os.pread(result.fd, 480 * 270 * 4, 0) == COLOUR * (480 * 270)
    assert os.fstat(result.fd).st_size == result.size_bytes >= 480 * 271 * 4
    (file,) = (tmp_path / "cache").iterdir()
    assert file.stat().st_size < 1_000_000


def test_a_small_picture_stays_as_it_is(
    keep_one: Callable[..., bool], found: Callable[..., Found | None], clip: Path
) -> None:
    assert keep_one(clip, Picture(3, 33, 20, 192, 66, 20))
    result = found(clip)
    assert result is not None
    assert result.picture == Picture(0, 33, 20, 33 * 4, 66, 20)


def test_another_file_of_that_name_has_none(
    keep_one: Callable[..., bool], found: Callable[..., Found | None], clip: Path
) -> None:
    assert keep_one(clip)
    os.utime(clip, ns=(1, 1))
    assert found(clip) is None
    assert found(clip.with_name("other.mp4")) is None


def test_a_url_has_one(keep_one: Callable[..., bool], found: Callable[..., Found | None]) -> None:
    assert keep_one("http://localhost/clip.mp4")
    assert found("http://localhost/clip.mp4") is not None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[:-1], id="cut off"),
        pytest.param(lambda data: data + b"x", id="longer"),
        pytest.param(lambda _data: b"", id="empty"),
        pytest.param(lambda data: b"X" + data[1:], id="of another kind"),
        pytest.param(lambda data: data[:8] + b"\xff" * 20 + data[28:], id="of no size"),
    ],
)
def test_a_spoilt_file_is_none(
    keep_one: Callable[..., bool],
    found: Callable[..., Found | None],
    clip: Path,
    tmp_path: Path,
    spoil: Callable[[bytes], bytes],
) -> None:
    assert keep_one(clip)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(spoil(file.read_bytes()))
    assert found(clip) is None


def test_only_so_many_are_kept(keep_one: Callable[..., bool], tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 3):
        assert keep_one(f"http://localhost/{number}", Picture(1, 8, 8, 32, 8, 8))
    assert len(list((tmp_path / "cache").iterdir())) == MOST_KEPT


def test_what_cannot_be_written_is_no_error(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    fd = os.memfd_create("test")
    os.write(fd, bytes(8 * 8 * 4))
    assert not keep(str(tmp_path / "file"), str(clip), fd, Picture(1, 8, 8, 32, 8, 8))
    os.close(fd)


def test_the_folder_is_the_users_cache() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == "/c/wayvid"
    assert cache_folder({"XDG_CACHE_HOME": "not/whole"}) == os.path.expanduser("~/.cache/wayvid")
    assert MOST_SIDE_PX <= 500
