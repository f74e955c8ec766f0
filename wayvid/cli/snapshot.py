"""`wayvid snapshot`: write the picture that is shown to a file."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from wayvid.cli.parser import CommandParser
from wayvid.errors import UsageError, WayvidError
from wayvid.ipc.client import ask_picture
from wayvid.ipc.messages import SnapshotRequest
from wayvid.png import png_parts

__all__ = ["run", "write_whole"]

DESCRIPTION = """\
Write the picture that is shown to a PNG file: all of it, whatever the layout cuts
off, in the size in which it is made for the screens. It works for pictures that
stand still as well. The file is whole or not there, also when it is read
meanwhile; one that was there is replaced.
"""
EXAMPLES = """
wayvid snapshot now.png
wayvid snapshot now.png -o DP-1         where screens show different things
wayvid snapshot - | wl-copy             to another program
"""
# Endings of names that say something else.
OTHER_PICTURES = (
    *(".jpg", ".jpeg", ".webp", ".avif", ".heic", ".jxl", ".gif", ".bmp", ".tif", ".tiff", ".svg", ".ppm", ".pnm"),
    *(".tga", ".qoi", ".pdf", ".mp4", ".mkv", ".webm"),
)


def run(argv: Sequence[str]) -> int:
    """Ask for it and write it; 0 when it is there."""
    parser = CommandParser("snapshot", DESCRIPTION, EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="the PNG file; - for the standard output")
    parser.add_outputs()
    options = parser.parse_args(argv)
    stem, ending = os.path.splitext(options.file)
    if ending.lower() in OTHER_PICTURES:
        raise UsageError(f"{options.file!r}: a snapshot is a PNG file; name it {stem + '.png'!r}")
    shape, fd = ask_picture(SnapshotRequest(outputs=tuple(options.output)))
    try:
        pixels = mmap.mmap(fd, shape.stride_bytes * shape.height_px, prot=mmap.PROT_READ)
    finally:
        os.close(fd)
    with pixels:
        size, seen = (shape.width_px, shape.height_px), (shape.seen_width_px, shape.seen_height_px)
        parts = png_parts(size, shape.stride_bytes, pixels, rotation=shape.rotation, seen=seen)
        if options.file == "-":
            sys.stdout.buffer.writelines(parts)
        else:
            write_whole(options.file, parts)
    return 0


def write_whole(path: str, parts: Iterable[bytes]) -> None:
    """Write a file that is never seen half written.

    Raises:
        WayvidError: it cannot be written; what was there stays.
    """
    unnamed = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}")
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(None, "it is a folder")
        with open(unnamed, "xb") as file:
            try:
                file.writelines(parts)
                file.close()
                os.replace(unnamed, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(unnamed)
                raise
    except OSError as exc:
        raise WayvidError(f"cannot write {path!r}: {exc.strerror}; name another file") from exc
