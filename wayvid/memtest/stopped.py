"""Did every screen get its frames? A wallpaper that stands still, or begins anew, measures well and means nothing."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.memtest.sample import Sample

__all__ = ["STOPPED_AFTER_S", "why_crashed", "why_stopped"]

STOPPED_AFTER_S = 5.0
# A source that says how long its pictures stay has so many of them, if that is longer.
PICTURES_TO_WAIT = 2
# States of the daemon in which nothing is to move, whoever looks.
MEANT_TO_REST = ("paused", "still")


def why_stopped(samples: Sequence[Sample], is_own_desk: bool) -> str:
    """Which screen stood still while it should have played, and when; empty when none did.

    A screen that should play has to show a new frame within STOPPED_AFTER_S, or, where less was measured, within
    all of it; of a slide show, within twice the time that its pictures stay by the source's own word. On a desk of
    our own nothing can hide a screen, so there a hidden one, and a hold, are a stop too.

    Args:
        samples: of one run, in the order of time, those of the warm-up too; they only set the first counts.
        is_own_desk: whether the run was on a virtual desk of our own.
    """
    measured = [sample for sample in samples if not sample.is_warm_up]
    if not measured:
        return ""
    limit_s = min(STOPPED_AFTER_S, measured[-1].t_s - measured[0].t_s)
    moved_s: dict[str, float] = {}  # when a screen last moved, or needed not to
    shown: dict[str, int] = {}
    for sample in measured:
        status = sample.status
        if status.state == "failed":
            return f"play failed after {sample.t_s:.0f} s: {status.reason or 'no reason given'}"
        slow_s = max((stream.picture_s for stream in status.streams), default=0.0) * PICTURES_TO_WAIT
        for output in status.outputs:
            name, count = output.name, output.presented
            should_play = status.state not in MEANT_TO_REST and (
                is_own_desk or (status.state in ("playing", "starting") and output.state != "hidden")
            )
            if name not in shown or count != shown[name] or not should_play:
                moved_s[name] = sample.t_s
            elif limit_s and sample.t_s - moved_s[name] >= max(limit_s, slow_s):
                why = f" ({status.state}: {status.reason})" if status.reason else f" ({status.state}, {output.state})"
                return f"{name} showed no new frame from {moved_s[name]:.0f} s to {sample.t_s:.0f} s{why}"
            shown[name] = count
    return ""


def why_crashed(samples: Sequence[Sample], is_own_desk: bool) -> str:
    """When the player ended by itself and was replaced; empty when it did not.

    Args:
        samples: of one run, in the order of time, those of the warm-up too.
        is_own_desk: whether the run began with the wallpaper, so that a crash before the first sample counts.
    """
    before = 0 if is_own_desk or not samples else samples[0].status.crashes
    for sample in samples:
        if sample.status.crashes > before:
            return f"the player ended by itself and was replaced, seen after {sample.t_s:.0f} s"
    return ""
