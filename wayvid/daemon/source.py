"""What a SOURCE on the command line means: a stream for the player, or an error in words."""

from __future__ import annotations

import errno
import logging
import os
import stat
import string
from contextlib import suppress

import msgspec

from wayvid.embedded import EMBEDDED, NIGHT, embedded
from wayvid.embedded import PREFIX as EMBEDDED_PREFIX
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import PIPE, StreamSpec
from wayvid.playlist import PREFIX as PLAYLIST
from wayvid.playlist import playlist_of
from wayvid.system.errands import answers
from wayvid.workshop.names import PREFIX, project_folder

__all__ = [
    "DEFAULT_SOURCE",
    "DEFAULT_STREAM",
    "IMAGE_OPTIONS",
    "MEDIA_SUFFIXES",
    "absolute_source",
    "file_stream",
    "is_url",
    "located",
    "path_of",
    "refusal",
    "reopened",
    "single_of",
    "word_of",
]

log = logging.getLogger(__name__)

VIDEO_SUFFIXES = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".wmv",
        ".flv",
        ".mpg",
        ".mpeg",
        ".m2ts",
        ".ts",
        ".ogv",
        ".3gp",
        ".gif",
        ".apng",
    ]
)
IMAGE_SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".jxl", ".tga", ".ppm"]
)

MEDIA_SUFFIXES = (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES)

FILE_URL = "file:///"
STDIN = "-"
SEQUENCE_URL = "mf://"
MOST_FPS = 1000.0
# How many digits a number in an image's name has.
DIGITS = tuple(map(str, range(1, 20)))

# A picture is made once, so it gets the good scaler that would be too slow for every frame.
IMAGE_OPTIONS = (("sws-scaler", "lanczos"), ("sws-fast", "no"))

DEFAULT_SOURCE = "the built-in wallpaper"
DEFAULT_STREAM = StreamSpec(path=f"av://lavfi:{NIGHT.graph}")


def is_url(text: str) -> bool:
    """Whether it is a URL of any kind, also one that only libmpv knows."""
    scheme, separator, _rest = text.partition("://")
    return bool(separator) and scheme.replace("+", "").replace("-", "").isalnum()


# Paths are plain strings here: pathlib would cost the daemon 0.6 MB.
def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def word_of(path: str) -> str:
    """A path as libmpv takes it: as it is, or escaped in a URL when its name is not UTF-8."""
    name = os.fsencode(path)
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:  # a message to the player is UTF-8
        plain = b"/" + string.ascii_letters.encode() + string.digits.encode()
        return "file://" + "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in name)


def _check_readable(path: str, text: str) -> None:
    # Without waiting: a named pipe that nobody writes to would never open.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if os.fstat(fd).st_size == 0 and os.path.isfile(path):
            raise SourceUnplayable(text, "the file is empty", "copy or download it again")
    finally:
        os.close(fd)


def located(text: str, folder: str) -> str:
    """A source of a config file, as it is found from anywhere.

    Args:
        text: as the file has it.
        folder: where the file is.
    """
    for prefix in (SEQUENCE_URL, PIPE):
        if text.startswith(prefix) and text != PIPE + STDIN:
            return prefix + os.path.join(folder, _expanded(text[len(prefix) :]))
    if text.startswith(PLAYLIST):
        return PLAYLIST + located(text[len(PLAYLIST) :], folder)
    if text in ("", STDIN, PIPE + STDIN) or text.startswith(("~", PREFIX, EMBEDDED_PREFIX)) or is_url(text):
        return text
    return os.path.normpath(os.path.join(folder, text))


def absolute_source(text: str) -> str:
    """A source so that it means the same from another working directory, and can be written down."""
    if text.startswith(PLAYLIST):
        whole = text[len(PLAYLIST) :]
        path = whole
        with suppress(ValueError):  # who plays it says so
            path = playlist_of(text).path
        return PLAYLIST + absolute_source(path) + whole[len(path) :]
    return word_of(located(text, _working_folder()))


def _working_folder() -> str:
    """Where relative paths begin; the root where that folder has been deleted meanwhile."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.sep


def _expanded(path: str) -> str:
    """A path with its "~" taken for the home folder; as it is where that makes no sense."""
    with suppress(ValueError):  # a zero byte in the user's name
        return os.path.expanduser(path)
    return path


def _sequence(text: str) -> StreamSpec:
    """Images as the pictures of a clip; the rate behind "?fps=", which libmpv takes apart from the name."""
    path, separator, rate = text.rpartition("?fps=")
    if not separator:
        return StreamSpec(path=_sequence_path(text, text))
    try:
        fps = float(rate)
    except ValueError:
        fps = 0.0
    if not 0 < fps <= MOST_FPS:
        raise SourceUnplayable(text, f"{rate!r} is not a number of pictures a second", "write such as '?fps=30'")
    return StreamSpec(path=_sequence_path(path, text), options=(("mf-fps", f"{fps:g}"),))


def _sequence_path(path: str, text: str) -> str:
    """What libmpv is told of a pattern: the same from everywhere, and whatever number is the first."""
    from glob import escape, iglob

    whole = os.path.join(_working_folder(), _expanded(path[len(SEQUENCE_URL) :]))
    if os.path.isdir(whole):
        whole = os.path.join(whole, "*")
    folder, name = os.path.split(whole)
    if os.path.isdir(folder):
        folder = escape(folder)
    before, sign, digits = name.partition("%0")
    count, letter, after = digits.partition("d")
    if sign and letter and count in DIGITS:  # libmpv counts from 0 and gives up after five that are missing
        name = before + "[0-9]" * int(count) + after
    whole = os.path.join(folder, name)
    try:
        whole.encode()
        found = next(iglob(whole.replace("%d", "[0-9]*")), "")
    except (ValueError, OSError) as exc:  # UnicodeEncodeError is a ValueError
        raise SourceUnplayable(text, "its name is not UTF-8", "rename its folder") from exc
    if not found:
        advice = "write such as 'mf://frames/%04d.png?fps=24' or 'mf://frames/*.png?fps=24'"
        raise SourceUnplayable(text, "there is no such image", advice)
    return SEQUENCE_URL + whole


def path_of(text: str) -> str:
    """Where a file or folder is that a source names; nothing needs to be there.

    Args:
        text: a path, "~" is the home folder; or a file:/// URL.

    Raises:
        SourceUnplayable: it names none.
    """
    if text.startswith(FILE_URL):  # what a file manager copies, and what a client makes of a name that is not UTF-8
        from urllib.parse import unquote_to_bytes

        text = os.fsdecode(unquote_to_bytes(os.fsencode(text[len(FILE_URL) - 1 :])))
    if not text:
        raise SourceUnplayable(text, "its name is empty", "name a file, a folder or a URL")
    path = os.path.join(_working_folder(), _expanded(text))
    if text.startswith("~") and path.endswith(text):  # "~name" of a user that does not exist
        raise SourceUnplayable(text, "there is no such home folder", "check the name behind '~'")
    return path


def single_of(text: str) -> StreamSpec:
    """The stream that a source means that is no folder and no list; see wayvid.daemon.listing for these.

    Args:
        text: a file, a Wallpaper Engine project by its folder or as "we:ID", a URL that
            libmpv knows, a named pipe (by its path, or as "pipe:PATH"), "-", the standard
            input, or "wayvid:NAME" (wayvid.embedded). "~" is the home folder.

    Raises:
        SourceUnplayable: it does not exist, cannot be read, or has nothing to play.
    """
    if text.startswith(SEQUENCE_URL):
        return _sequence(text)
    if text == STDIN or text.startswith(PIPE):
        return _pipe(text)
    if is_url(text) and not text.startswith(FILE_URL):
        return StreamSpec(path=text)
    if text.startswith(PREFIX):
        from wayvid.workshop.steam import find_item

        return _of_project(find_item(text), text)
    if text.startswith(EMBEDDED_PREFIX):
        return _of_name(text)
    path = path_of(text)
    folder = project_folder(path)
    return _of_project(folder, text) if folder else file_stream(path, text)


def _of_name(text: str) -> StreamSpec:
    found = embedded(text)
    if found is None:
        known = ", ".join(each.name for each in EMBEDDED)
        raise SourceUnplayable(text, "there is no built-in wallpaper of that name", f"there are {known}")
    return StreamSpec(path=f"av://lavfi:{found.graph}")


def _of_project(folder: str, text: str) -> StreamSpec:
    from wayvid.workshop.project import read_project, video_of

    return file_stream(video_of(read_project(folder, text)), text)


def reopened(source: str, spec: StreamSpec) -> StreamSpec:
    """A stream as its source is now: Steam may have given a project another file since.

    Args:
        source: in the user's words.
        spec: what it meant before; it stays where the source cannot be read just now.
    """
    path = _expanded(source)
    is_project = source.startswith(PREFIX) or (answers(path) and bool(project_folder(path)))
    if not is_project:
        return spec
    try:
        return msgspec.structs.replace(spec, path=single_of(source).path)
    except SourceUnplayable as exc:
        log.warning("%s: played as it was before: %s", source, exc)
        return spec


def _pipe(text: str) -> StreamSpec:
    if text not in (STDIN, PIPE + STDIN):
        return _named_pipe(os.path.join(_working_folder(), _expanded(text[len(PIPE) :])), text)
    if os.isatty(0):
        raise SourceUnplayable(
            text, "the standard input is a terminal", "write 'ffmpeg ... -f mpegts - | wayvid run -'"
        )
    return StreamSpec(path=PIPE + STDIN)


def _named_pipe(path: str, text: str) -> StreamSpec:
    try:
        is_pipe = stat.S_ISFIFO(os.stat(path).st_mode)
        path.encode()
    except (OSError, ValueError) as exc:
        raise SourceUnplayable(text, "there is no such named pipe", "make it with 'mkfifo'") from exc
    if not is_pipe:
        raise SourceUnplayable(text, "it is no named pipe", "make one with 'mkfifo', or leave 'pipe:' out")
    # Not opened: a writer that waits for a reader would take that for one, and be ended.
    if not os.access(path, os.R_OK):
        raise SourceUnplayable(text, "it may not be read by this user", f"check its permissions with 'ls -l {path}'")
    return StreamSpec(path=PIPE + path)


def file_stream(path: str, text: str) -> StreamSpec:
    """The stream of one file.

    Args:
        path: absolute.
        text: the source, as an error is to name it.

    Raises:
        SourceUnplayable: it cannot be read, or has nothing in it.
    """
    try:
        if stat.S_ISFIFO(os.stat(path).st_mode):
            return _named_pipe(path, text)
        _check_readable(path, text)
    except (ValueError, OSError) as exc:
        raise refusal(text, exc) from exc
    options = IMAGE_OPTIONS if _suffix(path) in IMAGE_SUFFIXES else ()
    return StreamSpec(path=word_of(path), options=options)


def refusal(text: str, exc: ValueError | OSError) -> SourceUnplayable:
    """Why a source's file or folder cannot be read, in words."""
    if isinstance(exc, PermissionError):
        return SourceUnplayable(text, "it may not be read by this user", f"check its permissions with 'ls -l {text}'")
    if isinstance(exc, OSError) and exc.errno == errno.ELOOP:
        return SourceUnplayable(text, "its links lead in a circle", f"see 'ls -l {text}'")
    is_missing = isinstance(exc, ValueError)  # a zero byte in the name
    if is_missing or (isinstance(exc, OSError) and exc.errno in (errno.ENOENT, errno.ENOTDIR)):
        advice = f"an item of the Workshop is 'we:{text}'" if text.isdecimal() else "check the path"
        return SourceUnplayable(text, "there is no such file", advice)
    reason = exc.strerror if isinstance(exc, OSError) else ""
    return SourceUnplayable(text, reason or str(exc), "check the path and the disk")
