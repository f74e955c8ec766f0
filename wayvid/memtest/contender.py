"""What a comparison compares: this wayvid, another one, a program it knows, or any command line."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from wayvid import __version__
from wayvid.daemon.listing import stream_of
from wayvid.daemon.source import DEFAULT_STREAM, IMAGE_SUFFIXES
from wayvid.errors import UsageError
from wayvid.link.messages import StreamSpec
from wayvid.memtest.floor import lean_options

__all__ = ["OUTPUT", "SOURCE", "Contender", "contender_of", "is_still_source", "own"]

SOURCE, OUTPUT = "{source}", "{output}"
PLACES = re.compile("|".join(map(re.escape, (SOURCE, OUTPUT))))
ANSWER_WITHIN_S = 10.0
# It sets these itself, or they would change what it shows.
OF_MPVPAPER = frozenset(["vo", "terminal", "idle", "keepaspect"])
MPVPAPER_HOME = "https://github.com/GhostNaN/mpvpaper"


class Contender(msgspec.Struct, frozen=True):
    """One side of a comparison.

    Attributes:
        key: "A" or "B".
        name: for tables.
        words: how a user would start it; SOURCE in a word stands for the source, OUTPUT for a screen's name, and then
            it is started once for each.
        paths: further words, as they are.
        program: what is started in the place of the first word; empty: that word.
        source: as for `wayvid run`.
        version: where it told one.
    """

    key: str
    name: str
    words: list[str]
    paths: list[str] = []
    program: list[str] = []
    source: str = ""
    version: str = ""

    def commands(self, outputs: Sequence[str]) -> list[list[str]]:
        """The command lines to start, for a desk with these screens."""
        if not any(OUTPUT in word for word in self.words):
            outputs = [""]
        commands = [self._filled(output) for output in outputs]
        return [[*(self.program or command[:1]), *command[1:]] for command in commands]

    def __str__(self) -> str:
        return shlex.join(self._filled(OUTPUT))

    def _filled(self, output: str) -> list[str]:
        # One pass, so that a source which itself has such words stays as it is.
        filled = {SOURCE: self.source, OUTPUT: output}
        return [PLACES.sub(lambda match: filled[match[0]], word) for word in self.words] + self.paths


def own(key: str, source: str, config: str) -> Contender:
    """The wayvid that runs now."""
    program = [sys.executable, "-m", "wayvid"]
    return Contender(key, "wayvid", ["wayvid", *_run_words(config)], _paths(source), program, version=__version__)


def contender_of(key: str, text: str, source: str, config: str) -> Contender:
    """What a user means: "wayvid", "mpv", "mpvpaper", the folder of a virtual environment, or a command line.

    Args:
        source: as for `wayvid run`; takes the place of SOURCE in a command line.
        config: config file for a wayvid.

    Raises:
        UsageError: it is not installed, or cannot be started.
        SourceUnplayable: see wayvid.daemon.listing.stream_of.
    """
    if text == "wayvid":
        return own(key, source, config)
    if text in KNOWN:
        return KNOWN[text](key, source)
    if os.path.isdir(text):
        return _environment(key, text, source, config)
    return _command_line(key, text, source)


def is_still_source(source: str) -> bool:
    """Whether nothing moves in it: an image."""
    return os.path.splitext(source)[1].lower() in IMAGE_SUFFIXES


def _run_words(config: str) -> list[str]:
    return ["run", "-c", config]


def _paths(source: str) -> list[str]:
    return ["--", source] if source else []


def _environment(key: str, folder: str, source: str, config: str) -> Contender:
    program = Path(folder, "bin", "wayvid").absolute()
    if not os.access(program, os.X_OK):
        raise UsageError(
            f"{folder!r} is no virtual environment with a wayvid: it has no bin/wayvid; "
            "make one with 'python3 -m venv FOLDER' and 'FOLDER/bin/pip install WAYVID'"
        )
    try:
        said = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=ANSWER_WITHIN_S, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError) as exc:
        raise UsageError(f"{str(program)!r} does not tell its version: {exc}; install wayvid there again") from exc
    name = f"wayvid in {os.path.basename(os.path.abspath(folder))}"
    version = said.strip().removeprefix("wayvid ")
    words = [os.path.join(folder, "bin", "wayvid"), *_run_words(config)]
    return Contender(key, name, words, _paths(source), [str(program)], version=version)


def _command_line(key: str, text: str, source: str) -> Contender:
    try:
        words = shlex.split(text)
    except ValueError as exc:
        raise UsageError(f"{text!r} is no command line: {exc}; quote its words as for a shell") from exc
    if not words:
        raise UsageError("an empty text is no command line; name a program that shows a wallpaper")
    if not source and SOURCE in text:
        raise UsageError(f"{text!r} wants a source in the place of {SOURCE}; name one: wayvid memtest SOURCE ...")
    if shutil.which(words[0]) is None:
        known = ", ".join(["wayvid", *KNOWN])
        raise UsageError(
            f"{words[0]!r} is not installed here; name a program on PATH with its options in one text, "
            f"a virtual environment, or one of: {known}"
        )
    return Contender(key, os.path.basename(words[0]), words, source=source)


def _stream(source: str) -> StreamSpec:
    return stream_of(source) if source else DEFAULT_STREAM


def _mpv(key: str, source: str) -> Contender:
    """A full-screen window, drawn by the processor as the desk is; the lean options of wayvid's own player."""
    mpv = shutil.which("mpv")
    if mpv is None:
        raise UsageError("mpv is not installed, so it cannot be measured; install it (package mpv)")
    stream = _stream(source)
    own_options = {
        "vo": "wlshm", "fs": "yes", "fs-screen-name": OUTPUT, "keepaspect": "yes", "panscan": "1.0", "hwdec": "no",
        "idle": "no", "input-terminal": "no", "quiet": "yes", "msg-level": "all=error", "loop-file": "inf",
        "terminal": "yes",
    }  # fmt: skip
    options = lean_options(mpv, stream) | own_options
    words = [f"--{name}={value}" for name, value in options.items()]
    return Contender(key, "mpv", ["mpv", *words], ["--", stream.path], [mpv])


def _mpvpaper(key: str, source: str) -> Contender:
    """On every screen, from one process; libmpv in it gets the lean options, too."""
    mpvpaper = shutil.which("mpvpaper")
    if mpvpaper is None:
        raise UsageError(
            f"mpvpaper is not installed, so it cannot be measured; build it from {MPVPAPER_HOME} "
            "(few distributions have a package) and put it on PATH"
        )
    stream = _stream(source)
    options = lean_options(shutil.which("mpv"), stream) | {"loop-file": "inf", "panscan": "1.0", "hwdec": "no"}
    words = [f"{name}={value}" for name, value in options.items() if name not in OF_MPVPAPER]
    return Contender(key, "mpvpaper", ["mpvpaper", "-o", " ".join(words), "ALL"], [stream.path], [mpvpaper])


KNOWN = {"mpv": _mpv, "mpvpaper": _mpvpaper}
