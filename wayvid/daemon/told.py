"""What config file and command line say of an output, and what that makes of a source: pure values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from wayvid.config.model import Config, SpanRule
from wayvid.config.resolve import NO_OUTPUT, OutputFacts, resolve, span_of
from wayvid.daemon.source import IMAGE_OPTIONS, located
from wayvid.daemon.turns import Opened
from wayvid.errors import UnknownOutput
from wayvid.geometry import Layout
from wayvid.link.messages import PIPE

__all__ = ["Play", "Script", "Sound", "Told", "Wish", "played", "went_on"]


class Wish(NamedTuple):
    """What the command line asked for, which goes before the config.

    Attributes:
        source: of all outputs; "": as the config says.
        layout: of outputs that have none of their own here; None: as the config says.
        outputs: the outputs to use and their own layouts, if any; empty: all there are.
        is_span: whether all of them show one picture together.
    """

    source: str = ""
    layout: Layout | None = None
    outputs: Mapping[str, Layout | None] = {}
    is_span: bool = False

    def uses(self, output: str) -> bool:
        """Whether an output of that name is to be used."""
        return not self.outputs or output in self.outputs

    def check_known(self, connected: Iterable[str]) -> None:
        """Make sure that every named output is connected.

        Raises:
            UnknownOutput: one is not.
        """
        known = list(connected)
        for name in self.outputs:
            if name not in known:
                raise UnknownOutput(name, known)


class Play(NamedTuple):
    """What is to be played; outputs that are told the same share a stream.

    Attributes:
        source: as stream_of() takes it; "": the built-in wallpaper.
        loop: whether it begins again at its end.
        start_s: where it begins.
        speed: 1.0 is as recorded.
        loop_fade_s: how long its end fades into its beginning; 0: not at all.
    """

    source: str
    loop: bool = True
    start_s: float = 0.0
    speed: float = 1.0
    loop_fade_s: float = 0.0

    def goes_on_from(self, before: Play) -> bool:
        """Whether it is the same from the same beginning, so that it may go on where it is."""
        return before._replace(loop=self.loop, speed=self.speed, loop_fade_s=self.loop_fade_s) == self


class Sound(NamedTuple):
    """Whether an output is silent, and how loud it is, in percent, when it is not."""

    is_muted: bool = True
    volume: int = 100


class Told(NamedTuple):
    """What one output is told: what it plays, how that is laid out, and how it is heard.

    Attributes:
        span: the outputs of the span that it belongs to, in the config's words; empty: it belongs to none.
    """

    play: Play
    layout: Layout
    sound: Sound = Sound()
    span: tuple[str, ...] = ()

    def ends_span(self, before: Told) -> bool:
        """Whether what a command said of its span is over, as it was told that before."""
        return bool(self.span) and self.span != before.span


class Script(NamedTuple):
    """What config file and command line say.

    Attributes:
        config: the file's content.
        folder: where the file is; relative sources begin there.
        wish: the command line's word.
    """

    config: Config
    folder: str = ""
    wish: Wish = Wish()

    @property
    def spans(self) -> Sequence[SpanRule]:
        """Which outputs show one picture together."""
        return (SpanRule(("*",)),) if self.wish.is_span else self.config.span

    def on(self, facts: OutputFacts = NO_OUTPUT) -> Told:
        """What an output is told; without one: all that no rule means."""
        values = resolve(self.config, facts).values
        wish = self.wish
        source, start_s = located(values.source, self.folder), values.start_time
        if wish.source:
            source, start_s = wish.source, 0.0
        play = Play(source, values.loop, start_s, values.speed, values.loop_fade_s)
        layout = wish.outputs.get(facts.name) or wish.layout or Layout(values.layout)
        index = span_of(self.spans, facts)
        span = self.spans[index].outputs if index is not None else ()
        return Told(play, layout, Sound(values.mute, values.volume), tuple(span))


def played(opened: Opened, play: Play, is_other_source: bool = False) -> Opened:
    """A source played as an output is told to.

    Args:
        opened: what the source means.
        play: how to play.
        is_other_source: it is not the one that the output was told of, and begins at its beginning.
    """
    spec = opened.spec
    is_endless = spec.options == IMAGE_OPTIONS or spec.path.startswith(("av:", "mf:", PIPE))
    has_positions = opened.turn is None and not is_endless
    start_s = play.start_s if has_positions and not is_other_source else 0.0
    return went_on(opened._replace(spec=msgspec.structs.replace(spec, start_s=start_s)), play)


def went_on(opened: Opened, play: Play) -> Opened:
    """What an output shows, played as it is told to from where it is."""
    spec, turn = opened
    loop = play.loop
    if turn is not None:
        turn = turn._replace(loops=loop, loop_fade_s=play.loop_fade_s)
        loop = turn.loops_file
    fade_s = play.loop_fade_s if loop and spec.options != IMAGE_OPTIONS and not spec.is_pipe else 0.0
    return Opened(msgspec.structs.replace(spec, loop=loop, speed=play.speed, loop_fade_s=fade_s), turn)
