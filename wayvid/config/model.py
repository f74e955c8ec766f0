"""Every key of the config file, with its default and what it may be.

A struct is a table of the file. Its Attributes are written for users: `python -m tools.docs`
makes docs/config.md and docs/config.example.toml of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from wayvid.geometry import LAYOUT_ALIASES, Layout
from wayvid.playlist import LONGEST_S, ORDERS, SHORTEST_S, Playlist

__all__ = ["Range", "Words", "PowerConfig", "GlConfig", "RestConfig", "RestRule", "OutputRule", "SpanRule", "Config"]


class Range(NamedTuple):
    """What a number may be.

    Attributes:
        lowest: the least allowed, 0 apart.
        highest: the most allowed.
        zero: what 0 means, which is allowed then; empty where 0 is a number as any other.
    """

    lowest: float
    highest: float
    zero: str = ""

    def has(self, value: float) -> bool:
        """Whether a number may be given; not-a-number may not."""
        return self.lowest <= value <= self.highest or (value == 0 and bool(self.zero))

    def __str__(self) -> str:
        words = f"from {self.lowest} to {self.highest}"
        if not self.zero:
            return words
        return f"{words} (0: {self.zero})" if self.lowest == 0 else f"{words}, or 0 ({self.zero})"


class Words(NamedTuple):
    """What a word may be.

    Attributes:
        known: the words; a number among them is written without quotes.
        other: what else may be given, in words; empty for nothing else.
    """

    known: tuple[str | int, ...]
    other: str = ""

    def has(self, value: str | int) -> bool:
        """Whether it may be given."""
        return value in self.known or (bool(self.other and value) and str(value).isprintable())

    def __str__(self) -> str:
        words = [f'"{word}"' if isinstance(word, str) else str(word).lower() for word in self.known]
        if self.other:
            words.append(self.other)
        return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]


class LayoutWords(Words):
    """What a layout may be: its name, or what other programs call it."""

    __slots__ = ()

    def has(self, value: str | int) -> bool:
        """Whether it may be given."""
        return super().has(value) or value in LAYOUT_ALIASES


class CommandLine(Words):
    """What a command may be: words as a shell splits them, though no shell reads them."""

    __slots__ = ()

    def has(self, value: str | int) -> bool:
        """Whether it may be given: every quotation in it ends."""
        import shlex  # where a file has a command, and nowhere else

        try:
            return super().has(value) and (not value or bool(shlex.split(str(value))))
        except ValueError:
            return False


Flag: TypeAlias = Annotated[bool, Words((True, False))]


class SourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `source` may be in place of a text, everywhere: a folder, a list or numbered images, and how they are shown.

    It may be in one line: `source = { path = "~/Walls", order = "shuffle", every_s = 600 }`.
    [sources.md](sources.md) says more.

    Attributes:
        path: The folder or list; with `fps`, a pattern such as `"frames/%04d.png"` or `"frames/*.png"`.
        order: `name`: by the names of the files, in a list's file by its lines. `shuffle`:
            in another order each round.
        every_s: How many seconds each file is shown; a shorter clip begins again meanwhile.
        recursive: Whether the folders in the folder belong to it.
        fps: How many of the numbered images are shown a second.
    """

    path: Annotated[str, Words((), 'a folder, a list or a pattern, such as "~/Walls"')]
    order: Annotated[str, Words(ORDERS)] = ORDERS[0]
    every_s: Annotated[float, Range(SHORTEST_S, LONGEST_S, "to the end of each")] = 0.0
    recursive: Flag = False
    fps: Annotated[float, Range(0.01, 1000, "it is no numbered images")] = 0.0

    @staticmethod
    def clash(table: Mapping[str, object]) -> tuple[str, str] | None:
        """A key that cannot be beside another one, and why; None: there is none.

        Args:
            table: as it is in the file.
        """
        other = next((key for key in ("order", "every_s", "recursive") if key in table), "")
        return (
            (other, "it is not for numbered images, and fps is not for lists; leave one out")
            if (other and table.get("fps"))
            else None
        )

    @property
    def source(self) -> str:
        """The same as a text."""
        if self.fps:
            return f"mf://{self.path}?fps={self.fps:g}"
        playlist = Playlist(self.path, self.order, self.every_s, self.recursive)
        return self.path if playlist == Playlist(self.path) else str(playlist)


class SourceWords(Words):
    """What a source may be: a text, or a table that means one."""

    __slots__ = ()
    table = SourceTable

    def __str__(self) -> str:
        return f"{super().__str__()}, or a table"


# What may be said for all outputs, and for one.
Source: TypeAlias = Annotated[str, SourceWords(("",), "a file, a folder or a URL")]
LayoutWord: TypeAlias = Annotated[str, LayoutWords(tuple(layout.value for layout in Layout))]
ScreenWord: TypeAlias = Annotated[str, Words((), 'a screen, such as "HDMI-A-1" or "DP-*"')]
Seconds: TypeAlias = Annotated[float, Range(0, 604800)]
FadeSeconds: TypeAlias = Annotated[float, Range(0, 10)]
Speed: TypeAlias = Annotated[float, Range(0.01, 100)]
Percent: TypeAlias = Annotated[int, Range(0, 100)]
FrameRate: TypeAlias = Annotated[int, Range(1, 1000, "as many as the clip has")]
Megabytes: TypeAlias = Annotated[int, Range(20, 1024 * 1024, "unlimited")]
Buffers: TypeAlias = Annotated[int, Range(2, 1024, "unlimited")]

_FRAMES = Range(0, 10**9, "never")


class PowerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the wallpaper may use; 1 MB is 1024 * 1024 bytes.

    Attributes:
        max_memory_mb: The budget of daemon and player together, as PSS: what they share
            counts once. All limits below are made smaller where they do not fit into it.
        max_buffers: How many pictures there may be at a time. One is not enough: one is
            shown while the next is made.
        max_pool_mb: How much memory these pictures may take: a 1080p one is 7.9 MB, a
            4K one 31.6.
        hold_after_s: When no screen has shown the clip for so many seconds, or it was
            paused for so long, the player is ended; its last picture stays.
        max_growth_mb_per_hour: A player whose memory grows faster is exchanged for a
            new one.
        growth_warmup_s: So long after its start a player's growth does not count.
        growth_window_s: Over how long growth is measured.
        stats_every_frames: Figures are logged every so many frames ...
        stats_every_s: ... and every so many seconds.
        check_every_frames: Memory is compared with the budget every so many frames ...
        check_every_s: ... and every so many seconds.
        demuxer_ahead_mb: How much of a file may be read ahead.
        demuxer_back_mb: How much of a file may be kept once it was shown.
        stream_ahead_mb: How much of a network stream or a pipe may be read ahead.
        decode_threads: Threads of a decoder. Each costs memory: several pictures of the
            clip's size.
    """

    max_memory_mb: Megabytes = 256
    max_buffers: Buffers = 8
    max_pool_mb: Annotated[int, Range(1, 65536, "unlimited")] = 100
    hold_after_s: Annotated[float, Range(0, 86400, "never")] = 30.0
    max_growth_mb_per_hour: Annotated[float, Range(0, 1024 * 1024, "never exchange")] = 64.0
    growth_warmup_s: Annotated[float, Range(1, 86400)] = 120.0
    growth_window_s: Annotated[float, Range(10, 86400)] = 600.0
    stats_every_frames: Annotated[int, _FRAMES] = 300
    stats_every_s: Annotated[float, Range(0, 86400, "never")] = 30.0
    check_every_frames: Annotated[int, _FRAMES] = 600
    check_every_s: Annotated[float, Range(1, 86400)] = 30.0
    demuxer_ahead_mb: Annotated[float, Range(0.25, 50)] = 2.0
    demuxer_back_mb: Annotated[float, Range(0, 10)] = 0.0
    stream_ahead_mb: Annotated[float, Range(1, 100)] = 32.0
    decode_threads: Annotated[int, Range(1, 16)] = 1


class GlConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How OpenGL draws; what it is and does is in [gpu.md](gpu.md).

    Attributes:
        depth: Bits of each colour. Ten cost a compositor without a card half a core.
        native_resolution: Whether to draw as many pixels as the screen has, also for a
            clip of fewer. Looks better, and costs more: on a 4K screen four times the
            pixels of a 1080p clip.
        direct_rendering: Whether the processor, where it decodes, writes its pictures straight
            into memory of the driver, which saves copying each of them.
        device: The card that draws, on a machine with several (Mesa's drivers only).
            Empty: the one that the compositor uses.
    """

    depth: Annotated[int, Words((8, 10))] = 8
    native_resolution: Flag = False
    direct_rendering: Flag = True
    device: Annotated[str, Words(("",), 'the path of a card, such as "/dev/dri/renderD129"')] = ""


# What may be done while something is the case; see docs/rest.md.
RestWord: TypeAlias = Annotated[str, Words(("keep", "mute", "slow", "pause", "hold"))]
# A hold gives memory back, so it would end at once, and begin again: the budget's own ladder knows how to do that.
ShortRestWord: TypeAlias = Annotated[str, Words(("keep", "mute", "slow", "pause"))]
UnseenWord: TypeAlias = Annotated[str, Words(("keep", "pause", "hold"))]
SlowRate: TypeAlias = Annotated[int, Range(1, 1000)]


class RestConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the wallpaper does while something is the case; [rest.md](rest.md) says more.

    `keep`: play on. `mute`: without sound. `slow`: with fewer pictures a second. `pause`: stop the
    picture, ready to go on at once. `hold`: stop it, and give back the memory that playing takes.

    Attributes:
        battery: While the machine runs on its battery.
        battery_low: While it does, and has less than `battery_low_percent`.
        power_saver: While the power profile is power-saver.
        locked: While the session is locked.
        idle: When nobody has touched anything for `idle_after_s`.
        output_off: While a screen is switched off.
        fullscreen: While a fullscreen window is all that there is to see of a screen.
        covered: When the compositor asks for no pictures of any of the screens that show a clip,
            nothing is decoded in any case. `pause`: it is held after `power.hold_after_s`. `hold`:
            at once. `keep`: never.
        other_sound: While another program plays sound. `mute`: nobody is asked unless something
            of the wallpaper is to be heard.
        gamemode: While a game has asked GameMode for speed.
        memory: While memory is short. What else is done then: [memory.md](memory.md).
        sleep: Before the machine sleeps, until it has woken up.
        battery_low_percent: Below how much charge it is low.
        idle_after_s: After how many seconds without a touch.
        slow_fps: How many pictures a second `slow` leaves.
    """

    battery: RestWord = "keep"
    battery_low: RestWord = "slow"
    power_saver: RestWord = "slow"
    locked: RestWord = "hold"
    idle: RestWord = "keep"
    output_off: RestWord = "keep"
    fullscreen: RestWord = "keep"
    covered: UnseenWord = "pause"
    other_sound: RestWord = "keep"
    gamemode: RestWord = "pause"
    memory: ShortRestWord = "keep"
    sleep: RestWord = "hold"
    battery_low_percent: Annotated[int, Range(1, 100)] = 20
    idle_after_s: Annotated[float, Range(1, 86400)] = 300.0
    slow_fps: SlowRate = 10


class RestRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs from `[rest]` on the screens of the `[[output]]` above.

    Attributes:
        battery: As in `[rest]`.
        battery_low: As in `[rest]`.
        power_saver: As in `[rest]`.
        locked: As in `[rest]`.
        idle: As in `[rest]`.
        output_off: As in `[rest]`.
        fullscreen: As in `[rest]`.
        covered: As in `[rest]`.
        other_sound: As in `[rest]`.
        gamemode: As in `[rest]`.
        memory: As in `[rest]`.
        sleep: As in `[rest]`.
        slow_fps: As in `[rest]`.
    """

    battery: RestWord | None = None
    battery_low: RestWord | None = None
    power_saver: RestWord | None = None
    locked: RestWord | None = None
    idle: RestWord | None = None
    output_off: RestWord | None = None
    fullscreen: RestWord | None = None
    covered: UnseenWord | None = None
    other_sound: RestWord | None = None
    gamemode: RestWord | None = None
    memory: ShortRestWord | None = None
    sleep: RestWord | None = None
    slow_fps: SlowRate | None = None


class OutputRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs on some screens; there may be any number of these tables.

    A rule says only what differs; which of several goes before is said
    [below](#which-rule-goes-before).

    Attributes:
        match: The screens that are meant: make, model and serial number of one, its
            description, its name (`wayvid outputs` has them all), or a glob for any of
            these (`*` any characters, `?` one, `[ab]` one of these).
        priority: Of rules that match a screen in the same way, that with the lower number
            goes before.
        source: What is shown there.
        layout: How it is laid out there.
        loop: Whether it begins again at its end.
        loop_fade_s: How long its end then fades into its beginning.
        start_time: Where it begins.
        speed: How fast it plays.
        mute: Whether its sound is off.
        volume: How loud it is, in percent.
        max_fps: No more pictures a second than this.
        rest: When it rests there.
    """

    match: ScreenWord
    priority: Annotated[int, Range(0, 1000)] = 50
    source: Source | None = None
    layout: LayoutWord | None = None
    loop: Flag | None = None
    loop_fade_s: FadeSeconds | None = None
    start_time: Seconds | None = None
    speed: Speed | None = None
    mute: Flag | None = None
    volume: Percent | None = None
    max_fps: FrameRate | None = None
    rest: RestRule = RestRule()


class SpanRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Screens that show one picture together, each its part, by where they are among each other.

    There may be any number of these tables; a screen that several mean belongs to the
    first. [span.md](span.md) says more.

    Attributes:
        outputs: The screens that are meant, as in `match` of `[[output]]`; `["*"]` are all.
            Those that show another source than the others have that alone.
        source: What they show; goes before what `[[output]]` says.
        layout: How it is laid onto all of them together; likewise.
        gap_px: How much of the picture is hidden between two screens that touch, by their
            frames, in pixels as the desktop counts them.
        gap_mm: The same in millimetres; goes before `gap_px` where the compositor knows
            how large the screens are.
    """

    outputs: tuple[ScreenWord, ...]
    source: Source | None = None
    layout: LayoutWord | None = None
    gap_px: Annotated[int, Range(0, 10000)] = 0
    gap_mm: Annotated[float, Range(0, 500)] = 0.0


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole config file; without an argument, what holds where there is none.

    Attributes:
        source: What is shown: a file, a folder, a URL, or what else [sources.md](sources.md)
            has. Empty: the built-in wallpaper. A relative path begins at the folder of the config file.
        layout: How it is laid onto a screen of another shape. `center`, `fit`, `crop`, `zoom` and `stretched` of other
            programs are understood, too.
        loop: Whether it begins again at its end. If not, its last picture stays, without a
            player.
        loop_fade_s: How long its end then fades into its beginning, for a clip whose ends do
            not meet; at most nearly half of the clip. 0: not at all. A second decoder runs during
            the fade; what does not fit into the budget begins again at once. Files only.
        start_time: Where `source` begins, in seconds, and where it begins again. Folders
            and pictures have no such place, and a clip that is shorter begins at its
            beginning.
        speed: How fast it plays; 1 is as recorded.
        mute: Whether its sound is off. Then it is not even decoded.
        volume: How loud it is, in percent.
        max_fps: No more pictures a second than this.
        renderer: What draws: OpenGL, or the processor into shared memory. `auto`: OpenGL
            where a graphics card does it. `--renderer` goes before it.
        hwdec: What decodes. `auto`: the card, where OpenGL draws with it and libmpv
            finds it safe. `no`: the processor.
        network_timeout_s: After how many seconds a server that says nothing is given up. Its last
            picture stays, and it is tried again; see [streams.md](streams.md).
        ytdl: Whether `yt-dlp`, where it is installed, is asked for the video of a web page. It
            is another program, which loads from the network.
        transition: How a screen goes over to another source: the one through the other
            (`fade`), from the left (`wipe`), from the middle (`grow`), or at once (`none`).
        transition_s: How long that takes. Both sources are decoded meanwhile; what does
            not fit into the budget is done at once.
        mpris: Whether media keys and panels can steer it; see [desktop.md](desktop.md#media-keys-and-panels).
        hook: A command that is run when another source is shown, with its picture; see
            [desktop.md](desktop.md#a-command-for-each-new-picture). Empty: none.
        power: What the wallpaper may use.
        gl: How OpenGL draws.
        rest: What it does while something is the case.
        output: What differs on some screens.
        span: Which screens show one picture together.
    """

    source: Source = ""
    layout: LayoutWord = Layout.FILL.value
    loop: Flag = True
    loop_fade_s: FadeSeconds = 0.0
    start_time: Seconds = 0.0
    speed: Speed = 1.0
    mute: Flag = True
    volume: Percent = 100
    max_fps: FrameRate = 0
    renderer: Annotated[str, Words(("auto", "gl", "shm"))] = "auto"
    hwdec: Annotated[str, Words(("auto", "no"), 'a name that mpv knows, such as "vaapi"')] = "auto"
    network_timeout_s: Annotated[float, Range(1, 300)] = 10.0
    ytdl: Flag = False
    transition: Annotated[str, Words(("fade", "none", "wipe", "grow"))] = "fade"
    transition_s: FadeSeconds = 0.6
    mpris: Flag = False
    hook: Annotated[str, CommandLine(("",), 'a program and its arguments, such as "wal -q -i {frame}"')] = ""
    power: PowerConfig = PowerConfig()
    gl: GlConfig = GlConfig()
    rest: RestConfig = RestConfig()
    output: tuple[OutputRule, ...] = ()
    span: tuple[SpanRule, ...] = ()
