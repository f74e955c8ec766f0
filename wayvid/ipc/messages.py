"""What a client can ask the daemon, and how requests and answers are written: a JSON object a line.

The docstrings of the requests are written for users: `python -m tools.docs` makes docs/ipc.md of them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import msgspec

from wayvid.errors import BadRequest, IpcError, RequestFailed, WayvidError

__all__ = [
    "VERSION",
    "MAX_LINE_BYTES",
    "StatusRequest",
    "PauseRequest",
    "ResumeRequest",
    "ToggleRequest",
    "SetRequest",
    "SpanRequest",
    "LayoutRequest",
    "SeekRequest",
    "SpeedRequest",
    "NextRequest",
    "PrevRequest",
    "ReloadRequest",
    "WhyRequest",
    "VolumeRequest",
    "MuteRequest",
    "SnapshotRequest",
    "SubscribeRequest",
    "QuitRequest",
    "OutputRequest",
    "Command",
    "Request",
    "Changed",
    "Heard",
    "Pictured",
    "Handover",
    "Answer",
    "read_request",
    "write_request",
    "read_answer",
    "write_answer",
]

VERSION = 1
# Of a request, without its end of line. A path has at most 4096 bytes (PATH_MAX).
MAX_LINE_BYTES = 64 * 1024


class StatusRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="status"):
    """Tells everything about this moment; of some outputs: what they show. Processes and memory are always all.

    Answer: the keys of `wayvid status --json`

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class WhyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="why"):
    """Tells what outputs do, and which condition made it so.

    Answer: `outputs`, each with its `name`, `does`, `because` and `max_fps`, and `conditions`, as in `status`

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class PauseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="pause"):
    """Stops the picture and the decoding.

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class ResumeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="resume"):
    """Goes on.

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class ToggleRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="toggle"):
    """Pauses if one of the outputs is not paused, else goes on.

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class SetRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="set"):
    """Shows something else.

    It is answered when that alone is seen, which may take long from the net; when it
    fails, all stays as it was. Outputs that are told the source of another one join that. A
    named pipe that nobody writes to yet is answered at once.

    Answer: `{}`, or of such a pipe `{"note": "..."}` in words

    Attributes:
        source: An absolute path or a URL; empty: the built-in wallpaper.
        outputs: Which; none: all.
        transition: How the screens go over to it, `fade`, `none`, `wipe` or `grow`; empty: as the config says.
        duration_s: How long that takes, at most 10; none: as the config says.
        span: Whether these outputs show it together, as they stand, each its part; none: as the config says.
    """

    source: str
    v: int = VERSION
    outputs: tuple[str, ...] = ()
    transition: str = ""
    duration_s: float | None = None
    span: bool | None = None


class SpanRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="span"):
    """Shows what is shown as one picture over several screens, or on each the whole of it.

    Attributes:
        span: true: the outputs show it together, as they stand, each its part; false: each the whole; null: as
            the config says.
        outputs: Which; none: all.
    """

    span: bool | None
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class LayoutRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="layout"):
    """Lays the pictures out in another way.

    Attributes:
        layout: As of `wayvid run --layout`.
        outputs: Which; none: all.
    """

    layout: str
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class SeekRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="seek"):
    """Goes to another position.

    Attributes:
        to: A number; what of is said by `unit`.
        unit: `s` (seconds from the beginning), `+s` (from where each output is) or `%` (of the length).
        outputs: Which; none: all.
    """

    to: float
    unit: Literal["s", "+s", "%"] = "s"
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class SpeedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="speed"):
    """Plays slower or faster.

    Attributes:
        speed: From 0.01 to 100; 1 is as recorded.
        outputs: Which; none: all.
    """

    speed: float
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class NextRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="next"):
    """Goes to the next file of a folder.

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class PrevRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="prev"):
    """Goes to the file before.

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class VolumeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="volume"):
    """Sets how loud it is to be when it is not muted.

    Answer: `{"muted": false}`; true when nothing is heard of any of them all the same

    Attributes:
        to: A whole number; what of is said by `unit`.
        unit: `%` (of the loudest, 0 to 100) or `+%` (more than each output has now; less with a number below 0).
        outputs: Which; none: all.
    """

    to: int
    unit: Literal["%", "+%"] = "%"
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class MuteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="mute"):
    """Has nothing be heard, or something. At the start all is muted.

    Answer: `{"muted": true}`, or false

    Attributes:
        mute: `on`, `off`, or `toggle`: on if one of the outputs is not muted, else off.
        outputs: Which; none: all.
    """

    mute: Literal["on", "off", "toggle"] = "on"
    v: int = VERSION
    outputs: tuple[str, ...] = ()


class SnapshotRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="snapshot"):
    """Hands over the picture that is shown; the outputs that are meant must show the same.

    Answer: see [Pictures](#pictures)

    Attributes:
        outputs: Which; none: all.
    """

    v: int = VERSION
    outputs: tuple[str, ...] = ()


class ReloadRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="reload"):
    """Reads the config file again; a mistake in it changes nothing.

    It is answered when what it changed is on the screens. An output whose word in the
    file is the same as before stays as it is.
    """

    v: int = VERSION


class SubscribeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="subscribe"):
    """Tells from now on what changes: see [Events](#events)."""

    v: int = VERSION


class QuitRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", tag="quit"):
    """Ends wayvid. It is answered when the pictures are off the screens and the player has ended."""

    v: int = VERSION


# Those about outputs.
OutputRequest: TypeAlias = (
    PauseRequest
    | ResumeRequest
    | ToggleRequest
    | SetRequest
    | SpanRequest
    | LayoutRequest
    | SeekRequest
    | SpeedRequest
    | NextRequest
    | PrevRequest
    | VolumeRequest
    | MuteRequest
    | SnapshotRequest
)
# Those that are carried out.
Command: TypeAlias = (
    StatusRequest
    | WhyRequest
    | PauseRequest
    | ResumeRequest
    | SetRequest
    | ReloadRequest
    | ToggleRequest
    | SpanRequest
    | LayoutRequest
    | SeekRequest
    | SpeedRequest
    | NextRequest
    | PrevRequest
    | VolumeRequest
    | MuteRequest
    | SnapshotRequest
    | QuitRequest
)
Request: TypeAlias = Command | SubscribeRequest


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answers a request that names outputs, or after which something is to be said.

    Attributes:
        outputs: The names of those that it meant; none where it named none.
        note: What is still waited for.
    """

    outputs: list[str] = []
    note: str = ""


class Heard(msgspec.Struct, frozen=True):
    """Answers `volume` and `mute`.

    Attributes:
        outputs: The names of those that were meant.
        muted: Whether nothing is to be heard of any of them.
    """

    outputs: list[str]
    muted: bool


class Pictured(msgspec.Struct, frozen=True):
    """Answers `snapshot`, and comes with a file descriptor: memory with the picture, which stays as it is.

    Attributes:
        outputs: The names of those that show it.
        source: What it is of, as you named it.
        width_px: Its width.
        height_px: Its height.
        stride_bytes: From row to row; the topmost comes first. A pixel has four bytes: blue, green, red, and one
            without a meaning.
        rotation: By how many degrees clockwise it has to be turned: 0, 90, 180 or 270.
        seen_width_px: The width in which it wants to be seen, before it is turned: pixels need not be square.
        seen_height_px: The height likewise.
    """

    outputs: list[str]
    source: str
    width_px: int
    height_px: int
    stride_bytes: int
    rotation: int
    seen_width_px: int
    seen_height_px: int


class Handover(NamedTuple):
    """An answer that comes with a file descriptor, which is whose it is given to."""

    data: msgspec.Struct
    fd: int


# None: done, and nothing to tell.
Answer: TypeAlias = msgspec.Struct | msgspec.Raw | Handover | WayvidError | None

COMMANDS = [str(kind.__struct_config__.tag) for kind in get_args(Request)]


class _Head(msgspec.Struct):
    """What every request has."""

    v: int
    command: str


class _Done(msgspec.Struct):
    v: int
    ok: bool
    data: msgspec.Struct | msgspec.Raw


class _Failed(msgspec.Struct):
    v: int
    ok: bool
    error: str
    code: int


class _AnyAnswer(msgspec.Struct):
    ok: bool
    data: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""
    code: int = 1


_HEAD = msgspec.json.Decoder(_Head)
_REQUEST = msgspec.json.Decoder(Request)


def read_request(line: bytes | bytearray) -> Request:
    """The request that a line is.

    Raises:
        BadRequest: it is none, of another version, or of an unknown command.
    """
    try:
        text = line.decode("utf-8")
        head = _HEAD.decode(text)
        if head.v != VERSION:
            raise BadRequest(f"the request has version {_short(head.v)} and this wayvid speaks version {VERSION}")
        if head.command not in COMMANDS:
            raise BadRequest(f"there is no command {_short(head.command)}; commands: {', '.join(COMMANDS)}")
        request: Request = _REQUEST.decode(text)
    except UnicodeDecodeError as exc:
        raise BadRequest(f"the request is not UTF-8 (at its byte {exc.start})") from exc
    except msgspec.ValidationError as exc:
        raise BadRequest(f"the request is not understood: {_one_line(str(exc))}") from exc
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest(f"the request is not a line of JSON: {_one_line(str(exc))}") from exc
    return request


def write_request(request: Request) -> bytes:
    """A request as a line, with its end."""
    return msgspec.json.encode(request) + b"\n"


def write_answer(answer: Answer) -> bytes:
    """An answer as a line, with its end."""
    if isinstance(answer, WayvidError):
        return msgspec.json.encode(_Failed(VERSION, False, _one_line(str(answer)), answer.exit_code)) + b"\n"
    if isinstance(answer, Handover):
        answer = answer.data
    return msgspec.json.encode(_Done(VERSION, True, msgspec.Raw(b"{}") if answer is None else answer)) + b"\n"


def read_answer(line: bytes | bytearray) -> msgspec.Raw:
    """The data of an answer.

    Raises:
        RequestFailed: the daemon says that it could not do it.
        IpcError: the line is no answer.
    """
    try:
        answer = msgspec.json.decode(line, type=_AnyAnswer)
    except (ValueError, RecursionError) as exc:  # msgspec's errors and UnicodeDecodeError are ValueErrors
        raise IpcError(
            f"wayvid's answer is not understood ({_one_line(str(exc))}); "
            "the one that runs may be of another version: start it again"
        ) from exc
    if not answer.ok:
        message = _one_line(answer.error)
        if answer.code == BadRequest.exit_code:  # write_request() makes none that our own version refuses
            message += "; the wayvid that runs is of another version: start it again"
        raise RequestFailed(message, answer.code)
    return answer.data


def _one_line(text: str) -> str:
    """Text of others as one line without control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]} ..."
