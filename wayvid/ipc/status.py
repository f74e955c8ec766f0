"""What `wayvid status --json` prints and the socket answers: typed, so that its keys are written down once.

Attributes are written for users: `python -m tools.docs` makes the tables of docs/status.md of them.
"""

from __future__ import annotations

import msgspec

from wayvid.link.figures import CounterFigures, PaceFigures, PoolFigures, StreamFigures

__all__ = [
    "Action",
    "ConditionStatus",
    "MemoryStatus",
    "OutputStatus",
    "OutputWhy",
    "ProcessStatus",
    "RendererStatus",
    "SpanStatus",
    "Status",
    "StreamStatus",
    "Why",
]


class Action(msgspec.Struct, frozen=True):
    """Something that was done for memory's sake.

    Attributes:
        at: When: Unix time, seconds.
        level: That it answered: `normal`, `high` or `critical`.
        action: What, such as `trim idle buffers to half` or `hold`.
        freed_bytes: By how much PSS fell, daemon and player together.
        reason: Why, in words.
    """

    at: float
    level: str
    action: str
    freed_bytes: int
    reason: str = ""


class ProcessStatus(msgspec.Struct, frozen=True):
    """What the daemon holds and uses, and the player when there is one.

    Attributes:
        name: `daemon` or `player`.
        pid: Its number.
        rss_bytes: Memory, shared pages counted whole: what the system's `top` and `ps` show. The sum over processes
            is too large.
        pss_bytes: Memory, pages that several processes share divided among them. These can be added up, so the
            budget counts them.
        pss_anon_bytes: The part of it that is its own memory.
        pss_file_bytes: The part that is programs and libraries.
        pss_shmem_bytes: The part that is shared memory, in which the pictures are.
        swap_bytes: What of it is in the swap.
        gpu_bytes: Memory on the graphics card; null where no driver tells.
        cpu_s: Processor time of all threads since the start. `top` makes CPU % of it: 100 is one core.
        threads: How many threads.
        fds: How many open files.
    """

    name: str
    pid: int
    rss_bytes: int
    pss_bytes: int
    pss_anon_bytes: int
    pss_file_bytes: int
    pss_shmem_bytes: int
    swap_bytes: int
    gpu_bytes: int | None
    cpu_s: float
    threads: int
    fds: int


class StreamStatus(StreamFigures, frozen=True, kw_only=True):
    """Something that is decoded. Without a player there is nothing.

    Attributes are those of wayvid.link.figures.StreamFigures.

    Attributes:
        outputs: The names of those that show it.
    """

    outputs: list[str]


class SpanStatus(msgspec.Struct, frozen=True):
    """Which part a screen is of a wall that shows one picture, in pixels as the desktop counts them.

    Attributes:
        wall_width_px: Of the smallest rectangle that has all screens of the span in it, gaps included.
        wall_height_px: Likewise.
        x_px: Where the screen begins in that, from the left.
        y_px: From the top.
    """

    wall_width_px: int
    wall_height_px: int
    x_px: int
    y_px: int


class OutputStatus(msgspec.Struct, frozen=True):
    """A screen.

    Attributes:
        name: As in `wayvid outputs`.
        layout: How the clip is laid out on it.
        state: `playing`; `hidden` (covered or off: the compositor asks for no frames); `still` (the daemon's own
            picture: an image, or the last one of a player that is gone); `blank` (no picture yet).
        presented: Frames that the present player has put on it. `top` makes FPS of it.
        pace: How steadily. Of the present player.
        source: What it shows, as you named it.
        stream_id: Outputs with the same number share a stream, and with it the decoding.
        is_paused: Whether it was paused by a command.
        position_s: Where its stream is; 0 when that is not known.
        duration_s: The length of its file; 0 when that is not known.
        speed: Of play; 1 is as recorded.
        error: Why it is not played any more; empty when it is.
        does: What it does: `playing`, `slow` (a rule's doing), `paused` (it has stopped), `hidden`, `held`, `still`,
            `starting` (no picture on it yet), `reconnecting`, `failed`.
        because: Which condition or command made it so; empty when none did.
        max_fps: Frames a second at most; 0: all that there are. Of what is `playing` the config's `max_fps`.
        is_muted: Whether nothing of it is to be heard.
        volume: How loud it is to be when it is not muted, 0 to 100. Of outputs that share a stream the loudest counts.
        span: The part that it shows of a picture over several screens; null when it shows its own.
        file: Of a folder or a list the file that is shown; else empty.
    """

    name: str
    layout: str
    state: str
    presented: int = 0
    pace: PaceFigures = PaceFigures()
    source: str = ""
    stream_id: int = 0
    is_paused: bool = False
    position_s: float = 0.0
    duration_s: float = 0.0
    speed: float = 1.0
    error: str = ""
    does: str = "starting"
    because: str = ""
    max_fps: float = 0.0
    is_muted: bool = True
    volume: int = 100
    span: SpanStatus | None = None
    file: str = ""


class OutputWhy(msgspec.Struct, frozen=True):
    """What a screen does, and why: keys as in OutputStatus."""

    name: str
    does: str
    because: str
    max_fps: float
    span: SpanStatus | None = None


class ConditionStatus(msgspec.Struct, frozen=True):
    """Something that a rule of `[rest]` wants to know.

    Attributes:
        name: Such as `battery`.
        output: The screen that it is about; empty: all.
        is_on: Whether it is the case; null where nothing here can tell.
        detail: More of it, or why nothing can tell; may be empty.
    """

    name: str
    output: str
    is_on: bool | None
    detail: str


class Why(msgspec.Struct, frozen=True):
    """What screens do, and the conditions that the rules want to know of."""

    outputs: list[OutputWhy]
    conditions: list[ConditionStatus]


class MemoryStatus(msgspec.Struct, frozen=True):
    """Daemon and player together.

    Attributes:
        budget_bytes: How much both may hold; 0: unlimited.
        pss_bytes: Sum over the processes.
        rss_bytes: Sum over the processes.
        level: `normal`, `high` or `critical`.
        reason: Why that level.
        demuxer_cache_bytes: Sum over the streams.
        decoded_bytes: Sum over the streams.
        stills_bytes: Pictures that the daemon keeps and does not map: in no process's PSS.
        gpu_bytes: Sum over the processes; null where no driver tells.
        growth_mb_per_hour: How fast the player's own, shared, swapped and graphics memory grew over
            `power.growth_window_s`; below 0 it shrank; null until there is half a window after
            `power.growth_warmup_s`.
        counters: Of the memory that the player makes pictures in.
        pool: The pictures' pool.
        actions: What was done for memory's sake, the newest last.
        at_s: When these, and what `processes` hold, were read: on the clock of the status's own `at_s`, 2.5 s before
            that at most. It takes longest of all, so it is done after an answer, for the next one.
    """

    budget_bytes: int
    pss_bytes: int
    rss_bytes: int
    level: str
    reason: str
    demuxer_cache_bytes: int
    decoded_bytes: int
    stills_bytes: int
    gpu_bytes: int | None
    growth_mb_per_hour: float | None
    counters: CounterFigures
    pool: PoolFigures
    actions: list[Action] = []
    at_s: float = 0.0


class RendererStatus(msgspec.Struct, frozen=True):
    """What draws; [gpu.md](gpu.md) says how it is chosen.

    Attributes:
        name: `gl` or `shm`; empty while no player has said so.
        driver: OpenGL's name for its driver; empty with shm.
        reason: Why that one.
        direct_buffers: How many buffers of the driver's the processor has been given to decode into, so that
            pictures need not be copied there; 0 with shm, and where a card decodes.
        direct_bytes: What these take.
    """

    name: str = ""
    driver: str = ""
    reason: str = ""
    direct_buffers: int = 0
    direct_bytes: int = 0


class Status(msgspec.Struct, frozen=True):
    """Everything at one moment.

    Attributes:
        version: wayvid's.
        at_s: When, on a clock that never jumps (CLOCK_MONOTONIC); for rates, divide by the difference of two.
        state: `starting` (also again, when a player died or plays on after a hold), `playing`, `paused`, `held` (its
            last picture stays and the player is gone, to save memory), `still` (the source is an image),
            `reconnecting` (its server or its pipe is silent; its last picture stays, and it is tried again), `failed`
            (it cannot be played any more; a last picture stays), `hidden` (no screen is there).
        reason: Why, in words; empty when nothing is to be said. Of a hold: `paused`, `a rule`, `no screen shows it`,
            `memory`, `the player grew`, or several of them.
        source: What is shown, as you named it; `wayvid set` makes paths absolute.
        config_path: The config file; empty when there is none.
        config_error: Why it is not in force as it is now; empty when it is.
        outputs: The screens.
        processes: The daemon and, when there is one, the player.
        streams: What is decoded; empty without a player.
        memory: Both processes together.
        crashes: Players that ended by themselves since the start and had to be replaced.
        renderer: What draws.
        mpris: The name by which media keys find it on the session bus; `off`, or why it has none.
        conditions: What the rules of `[rest]` want to know.
        refused: Why the source that was set last is not shown; empty when it is.
    """

    version: str
    at_s: float
    state: str
    reason: str
    source: str
    config_path: str
    config_error: str
    outputs: list[OutputStatus]
    processes: list[ProcessStatus]
    streams: list[StreamStatus]
    memory: MemoryStatus
    crashes: int = 0
    renderer: RendererStatus = RendererStatus()
    mpris: str = "off"
    conditions: list[ConditionStatus] = []
    refused: str = ""
