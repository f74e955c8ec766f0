"""Where is each megabyte of a process?

Read, not timed: /proc/PID/smaps of the given process, or of daemon and player in
steady play of the bench's clip on three 1080p outputs. Mappings are put into groups
by what the kernel says of them. It does not say which anonymous mapping holds what:
those as large as a decoded picture are told by their size alone.

Left out: nothing that is resident; the groups sum up to the process's RSS.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import clips, scenes, stamp
from wayvid.desk import Desk

KIB = 1024
# A decoded 1080p picture in YUV 4:2:0 takes 3.1 MB, and neighbouring mappings become one.
PICTURE_BYTES = 3_000_000
# What follows a library's data and is not larger is its zeroed part (.bss); Python takes 1 MiB at a time.
ZEROED_BYTES = 512 * KIB
LISTED = 12
LIBRARY_DATA = "relocated and written data of libraries"
NAMED = {"/memfd:wayvid-buffer": "frame buffers", "[heap]": "heap", "[stack]": "stack of the main thread"}
_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+)\s*(.*)")


class Mapping(NamedTuple):
    """One mapping of a process; sizes in bytes.

    Attributes:
        begins: address.
        ends: address after the last.
        permissions: as in "r-xp".
        path: of the file, "[heap]", "[stack]", or nothing.
        rss: resident.
        pss: resident, shared pages divided among who maps them.
        own: resident and anonymous, also of files that were written to privately: cannot be dropped.
    """

    begins: int
    ends: int
    permissions: str
    path: str
    rss: int
    pss: int
    own: int


class Share(NamedTuple):
    """A group of mappings; sizes in bytes, as in Mapping."""

    rss: int = 0
    pss: int = 0
    own: int = 0

    def plus(self, mapping: Mapping) -> Share:
        """With one mapping more."""
        return Share(self.rss + mapping.rss, self.pss + mapping.pss, self.own + mapping.own)


def read_mappings(text: str) -> Iterator[Mapping]:
    """The mappings of a smaps file. Source: proc_pid_smaps(5)."""
    head: re.Match[str] | None = None
    sizes: dict[str, int] = {}

    def made() -> Iterator[Mapping]:
        if head is not None:
            begins, ends, permissions, _inode, path = head.groups()
            own = sizes["Anonymous"]
            yield Mapping(int(begins, 16), int(ends, 16), permissions, path, sizes["Rss"], sizes["Pss"], own)

    for line in text.splitlines():
        found = _HEAD.fullmatch(line)
        if found:
            yield from made()
            head, sizes = found, {}
        elif line.endswith(" kB"):
            key, _, value = line.partition(":")
            sizes[key] = int(value.split()[0]) * KIB
    yield from made()


def groups(mappings: Iterable[Mapping]) -> dict[str, Share]:
    """What the mappings are for, the largest first."""
    found: dict[str, Share] = {}
    before: Mapping | None = None
    for mapping in mappings:
        name = _group(mapping, before)
        found[name] = found.get(name, Share()).plus(mapping)
        before = mapping
    return dict(sorted(found.items(), key=lambda item: -item[1].rss))


def _group(mapping: Mapping, before: Mapping | None) -> str:
    path = mapping.path.removesuffix(" (deleted)")
    if not path:
        return _anonymous_group(mapping, before)
    if path.startswith(("/memfd:", "[")):
        return NAMED.get(path, "the kernel's, other shared memory")
    is_written = mapping.own > 0 and "x" not in mapping.permissions
    return LIBRARY_DATA if is_written else f"file {path.rpartition('/')[2]}"


def _anonymous_group(mapping: Mapping, before: Mapping | None) -> str:
    if before is not None and before.ends == mapping.begins:
        if before.path.startswith("/") and mapping.ends - mapping.begins <= ZEROED_BYTES:
            return LIBRARY_DATA
        if before.permissions == "---p" and not before.path:
            return "stacks of other threads"
    return "anonymous, as large as a picture" if mapping.rss >= PICTURE_BYTES else "anonymous, smaller"


def lines(found: dict[str, Share]) -> list[str]:
    """A table of the groups in MB of 10^6, small files as one line."""
    files = [name for name in found if name.startswith("file ")]
    rest = files[LISTED:]
    shown = [(name, share) for name, share in found.items() if name not in rest]
    if rest:
        shown.append((f"{len(rest)} other files", _sum(found[name] for name in rest)))
    shown.append(("together", _sum(found.values())))
    return [f"{'MB':48}{'RSS':>8}{'PSS':>8}{'own':>8}"] + [
        f"{name:48}" + "".join(f"{size / scenes.MB:8.1f}" for size in share) for name, share in shown
    ]


def _sum(shares: Iterable[Share]) -> Share:
    return Share(*(sum(sizes) for sizes in zip(*shares, strict=True)))


def _print_process(title: str, pid: int) -> None:
    print(f"\n{title}", *lines(groups(read_mappings(Path(f"/proc/{pid}/smaps").read_text()))), sep="\n")


def run(argv: list[str]) -> int:
    """`python -m bench where [PID]`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench where", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pid", type=int, nargs="?", metavar="PID", help="a process; none: a run on three outputs")
    options = parser.parse_args(argv)
    print(*(f"{key}: {value}" for key, value in stamp.machine().items()), stamp.now(), sep="\n")
    if options.pid is not None:
        try:
            _print_process(f"process {options.pid}", options.pid)
        except OSError as exc:
            print(f"bench where: process {options.pid} cannot be looked at: {exc.strerror}", file=sys.stderr)
            return 1
        return 0
    with Desk(outputs=3) as desk, scenes.running(desk, str(clips.busy())) as wallpaper:
        time.sleep(scenes.SETTLE_S)
        for title, pid in zip(("daemon", "player"), wallpaper.pids, strict=True):
            _print_process(title, pid)
    return 0
