"""A Wallpaper Engine project in a folder: what of it can be played, and nothing outside of the folder."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from wayvid.errors import SourceUnplayable
from wayvid.units import MIB
from wayvid.workshop.manifest import BadManifest, Kind, Manifest, parse_manifest
from wayvid.workshop.names import MANIFEST

__all__ = ["Project", "read_project", "video_of"]

MAX_BYTES = MIB
_DOWNLOAD = "have Steam check its files, or name a video file"
_DRAWN_BY = {
    Kind.SCENE: "a scene, which only Wallpaper Engine can draw",
    Kind.WEB: "a web page, which only a browser can draw",
    Kind.APPLICATION: "a program for Windows",
    Kind.PRESET: "a preset: settings of another item, with nothing to show",
}


class Project(NamedTuple):
    """A project as it is on the disk.

    Attributes:
        name: as the user named it, for messages.
        folder: its absolute path.
        manifest: what it says.
        preview: the absolute path of its picture; empty when there is none to be had.
    """

    name: str
    folder: str
    manifest: Manifest
    preview: str


def read_project(folder: str, name: str = "") -> Project:
    """The project in a folder, of whatever kind.

    Args:
        folder: an absolute path.
        name: as the user named it; empty: by that path.

    Raises:
        SourceUnplayable: its project.json is missing, cannot be read, or makes no sense.
    """
    name = name or folder
    try:
        manifest = parse_manifest(_read(os.path.join(folder, MANIFEST)))
    except BadManifest as exc:
        raise SourceUnplayable(name, f"it is a Wallpaper Engine project, and {exc}", _DOWNLOAD) from exc
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise SourceUnplayable(name, f"there is no {MANIFEST} in it", _DOWNLOAD) from exc
    except OSError as exc:
        reason = f"its {MANIFEST} cannot be read: {exc.strerror or exc}"
        raise SourceUnplayable(name, reason, "check its permissions and the disk") from exc
    try:
        preview = _inside(folder, manifest.preview) if manifest.preview else ""
    except (BadManifest, OSError):
        preview = ""
    return Project(name, folder, manifest, preview)


def video_of(project: Project) -> str:
    """The absolute path of the video that a project plays; no link is left in it.

    Raises:
        SourceUnplayable: it is of a kind that wayvid cannot show, or its file is not there, or not in its folder.
    """
    manifest = project.manifest
    if manifest.kind is not Kind.VIDEO:
        raise SourceUnplayable(project.name, f"it is {_DRAWN_BY[manifest.kind]}", _instead(project))
    try:
        return _inside(project.folder, manifest.file)
    except BadManifest as exc:
        raise SourceUnplayable(project.name, f"its file {manifest.file[:100]!r} {exc}", _DOWNLOAD) from exc
    except OSError as exc:
        missing = exc.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
        reason = "is not there" if missing else f"cannot be read: {exc.strerror or exc}"
        raise SourceUnplayable(project.name, f"its file {manifest.file[:100]!r} {reason}", _DOWNLOAD) from exc


def _instead(project: Project) -> str:
    if project.manifest.base_id:
        return f"take that item: we:{project.manifest.base_id}"
    if project.preview:
        import shlex

        path = shlex.quote(project.preview) if project.preview.isprintable() else repr(project.preview)
        return f"its preview can be shown: wayvid run {path}"
    return "take one of type video; 'wayvid workshop list' lists them"


def _read(path: str) -> bytes:
    # Without waiting: a named pipe that nobody writes to would never open.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise BadManifest(f"its {MANIFEST} is no file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadManifest(f"its {MANIFEST} is larger than 1 MB")
    return data


def _inside(folder: str, name: str) -> str:
    """The real path of a file that a project names.

    Raises:
        BadManifest: it is not in the project's folder, links followed, or is no file.
        OSError: it is not there.
    """
    if "\0" in name:
        raise BadManifest("has a zero byte in its name")
    if "\\" in name and not os.path.lexists(os.path.join(folder, name)):
        name = name.replace("\\", "/")  # as Windows writes paths
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(root, name))
    if name[1:2] == ":" or not path.startswith(root.rstrip("/") + "/"):
        raise BadManifest("is not in the project's folder")
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BadManifest("is no file")
    return path
