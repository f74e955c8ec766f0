"""How long is it from saving the config file to a picture that shows the change?

Timed: the real `wayvid run` with a clip, on a virtual desk with one small screen. The
config file is saved by rename, as editors do, with another layout or another source
in it, to and fro; the screen is looked at over and over. A figure is from before the
rename to the end of the first look that shows the change, so it has all of it: the
wait until the file has settled, reading it, and what follows on the screen.

Left out: the fade, or whatever `transition` says; it is off. The last look itself, which
takes some ms and is given too, is in the figures, against wayvid; so is the
compositor's repaint.

Favoured: a small screen and small clips; a large clip takes longer to its first picture.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import clips, kept, report
from bench.report import Figure
from bench.scenes import NS_PER_MS, running, wait_for
from wayvid.desk import Desk

SIZE = (320, 180)
RED, BLUE = (200, 40, 40), (40, 40, 200)
TOLERANCE = 24
# Between two changes: those of a user have nothing to do with each other.
REST_S = 0.5

FIGURES = {
    "layout": Figure("another layout, saved: on the screen after", "ms", at_most=150.0),
    "source": Figure("another source, saved: on the screen after", "ms", at_most=150.0),
    "back": Figure("another layout, the file written in place: after", "ms", at_most=150.0),
    "look": Figure("  of it the last look at the screen", "ms"),
}


class Screen:
    """What the only screen shows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name = desk.outputs[0]

    def _pixel(self, x: int, y: int) -> tuple[int, ...]:
        start = 3 * (y * SIZE[0] + x)
        return tuple(self._desk.pixels(self._name)[start : start + 3])

    def is_middle(self, colour: tuple[int, int, int]) -> bool:
        """Whether its middle has that colour."""
        return _is_near(self._pixel(SIZE[0] // 2, SIZE[1] // 2), colour)

    def is_edge_black(self) -> bool:
        """Whether there is a bar at its left edge."""
        return _is_near(self._pixel(2, SIZE[1] // 2), (0, 0, 0))


def _is_near(colour: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= TOLERANCE for one, other in zip(colour, wanted, strict=True))


def _passed_ms(change: Callable[[], object], is_seen: Callable[[], bool]) -> float:
    began_ns = time.monotonic_ns()
    change()
    wait_for(is_seen, "the change")
    return (time.monotonic_ns() - began_ns) / NS_PER_MS


class ConfigFile:
    """A config file that is saved over and over."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"
        sources = {name: clips.colour(name, rgb) for name, rgb in (("red", RED), ("blue", BLUE))}
        self._texts = {name: f'transition = "none"\nsource = "{path}"\n' for name, path in sources.items()}

    def write(self, source: str, layout: str) -> None:
        """In place."""
        self.path.write_text(f'{self._texts[source]}layout = "{layout}"\n')

    def save(self, source: str, layout: str) -> None:
        """By rename."""
        self.path.with_suffix(".new").write_text(f'{self._texts[source]}layout = "{layout}"\n')
        os.replace(self.path.with_suffix(".new"), self.path)


@contextmanager
def _shown() -> Iterator[tuple[ConfigFile, Screen]]:
    with tempfile.TemporaryDirectory() as folder, Desk(outputs=1, size=SIZE) as desk:
        file, screen = ConfigFile(Path(folder)), Screen(desk)
        file.write("red", "fill")
        with running(desk, config=file.path) as run:
            run.wait_shown()
            wait_for(lambda: screen.is_middle(RED), "the first picture")
            yield file, screen


def measure(runs: int) -> report.Samples:
    """Each change so often."""
    samples: report.Samples = {}
    with _shown() as (file, screen):

        def rest() -> None:
            time.sleep(REST_S)

        for _ in range(runs):
            figures = {"look": _passed_ms(screen.is_edge_black, lambda: True)}
            rest()
            figures["layout"] = _passed_ms(lambda: file.save("red", "contain"), screen.is_edge_black)
            rest()
            figures["back"] = _passed_ms(lambda: file.write("red", "fill"), lambda: not screen.is_edge_black())
            rest()
            figures["source"] = _passed_ms(lambda: file.save("blue", "fill"), lambda: screen.is_middle(BLUE))
            report.add(samples, figures)
            file.save("red", "fill")
            wait_for(lambda: screen.is_middle(RED), "the first clip")
    return samples


def run(argv: list[str]) -> int:
    """`python -m bench reload`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench reload", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, metavar="N", help="how often (default: 10)")
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    made = kept.new_report("reload")
    rows = report.summary(FIGURES, measure(options.runs))
    made["figures"] = rows
    kept.write(options.json, made)
    kept.print_stamp(made)
    print(*report.lines(FIGURES, rows), "", report.verdict_line(FIGURES, rows), sep="\n")
    return 0
