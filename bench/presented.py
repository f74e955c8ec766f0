"""Figures of what was shown, from the commits of a player: rate, repeats, sameness, gaps, loop seam."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from wayvid.memtest.wire_log import NO_MEMORY, Commit

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Presentation(NamedTuple):
    """What several outputs were shown in a while.

    Attributes:
        fps: frames a second of each output.
        repeats: commits that showed a picture which the output had already, all outputs together.
        same_ratio: of all frames shown on any output, the share shown on every one.
        gap_median_ms: between one commit and the next of an output.
        gap_max_ms: the longest of all outputs.
        skew_max_ms: the longest time from a frame's first output to its last.
    """

    fps: tuple[float, ...]
    repeats: int
    same_ratio: float
    gap_median_ms: float
    gap_max_ms: float
    skew_max_ms: float


def shown(commits: Sequence[Commit]) -> list[Commit]:
    """Only the commits that put a picture on a surface."""
    return [commit for commit in commits if commit.memory != NO_MEMORY]


def number_frames(commits: Sequence[Commit]) -> list[tuple[Commit, int]]:
    """Each commit with the number of its frame, from 0.

    Memory is used again: once a surface gets it a second time after another one,
    there is a new frame in it. The same memory twice in a row is a repeat.
    """
    frame_in: dict[int, int] = {}  # memory -> frame number
    surfaces_of: dict[int, set[int]] = {}  # frame number -> surfaces that had it
    last_memory: dict[int, int] = {}  # surface -> memory
    numbered = []
    for commit in commits:
        frame = frame_in.get(commit.memory)
        is_repeat = last_memory.get(commit.surface) == commit.memory
        if frame is None or (commit.surface in surfaces_of[frame] and not is_repeat):
            frame = frame_in[commit.memory] = len(surfaces_of)
            surfaces_of[frame] = set()
        surfaces_of[frame].add(commit.surface)
        last_memory[commit.surface] = commit.memory
        numbered.append((commit, frame))
    return numbered


def gaps_ms(commits: Sequence[Commit]) -> list[float]:
    """Milliseconds from each commit of a surface to its next, all surfaces."""
    last: dict[int, int] = {}
    gaps = []
    for commit in commits:
        if commit.surface in last:
            gaps.append((commit.at_ns - last[commit.surface]) / NS_PER_MS)
        last[commit.surface] = commit.at_ns
    return gaps


def measure(commits: Sequence[Commit], seconds: float) -> Presentation:
    """The figures of commits that were all made within so many seconds.

    Frames at both ends of the while, which some outputs showed outside it, are
    left out of same_ratio.
    """
    commits = shown(commits)
    if not commits:
        raise ValueError("nothing was shown")
    numbered = number_frames(commits)
    by_frame: dict[int, list[Commit]] = {}
    for commit, frame in numbered:
        by_frame.setdefault(frame, []).append(commit)
    surfaces = sorted({commit.surface for commit in commits})
    frames_of = {surface: {frame for commit, frame in numbered if commit.surface == surface} for surface in surfaces}
    inner = [len({commit.surface for commit in group}) for group in list(by_frame.values())[1:-1]]
    gaps = gaps_ms(commits)
    return Presentation(
        fps=tuple(len(frames_of[surface]) / seconds for surface in surfaces),
        repeats=len(commits) - sum(len(frames) for frames in frames_of.values()),
        same_ratio=sum(count == len(surfaces) for count in inner) / len(inner) if inner else 1.0,
        gap_median_ms=statistics.median(gaps) if gaps else 0.0,
        gap_max_ms=max(gaps, default=0.0),
        skew_max_ms=max((group[-1].at_ns - group[0].at_ns) / NS_PER_MS for group in by_frame.values()),
    )


def seam_gap_ms(commits: Sequence[Commit], started_ns: int, clip_s: float, window_s: float = 1.0) -> list[float]:
    """The longest gap around each end of the clip.

    Args:
        commits: from the start on.
        started_ns: when the clip's first frame was shown.
        clip_s: its length.
        window_s: how far before and after the expected moment to look.

    Returns:
        One figure per seam that lies well within the commits.
    """
    commits = shown(commits)
    found = []
    seam_ns = started_ns + int(clip_s * NS_PER_S)
    half_ns = int(window_s * NS_PER_S)
    while commits and seam_ns + half_ns <= commits[-1].at_ns:
        around = [commit for commit in commits if seam_ns - half_ns <= commit.at_ns <= seam_ns + half_ns]
        found.append(max(gaps_ms(around), default=2 * window_s * 1000))
        seam_ns += int(clip_s * NS_PER_S)
    return found
