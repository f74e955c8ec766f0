"""`wayvid service`: start the wallpaper with the session, as a systemd user unit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wayvid.cli.parser import CommandParser
from wayvid.cli.unit import NAME, TARGET, Owner, owner_of, unit_text
from wayvid.config.load import config_path, load_config
from wayvid.config.model import Config
from wayvid.errors import ServiceError, SourceUnplayable, UsageError

__all__ = ["run"]

DESCRIPTION = """\
Start the wallpaper with the session: write a systemd user unit, remove it, or say
how it is. It changes that one file and runs nothing of systemd; what to run next is
printed. What follows '--' goes to 'wayvid run'.
"""
EXAMPLES = """
wayvid service install                              what the config file says, on every screen
wayvid service install -- ~/Videos/waves.mp4        a clip
wayvid service install --force                      over a unit that wayvid did not write, or not so
wayvid service status
wayvid service remove
"""
ENABLE = f"systemctl --user daemon-reload && systemctl --user enable --now {NAME.removesuffix('.service')}"
SYSTEMCTL_WITHIN_S = 5.0


def run(argv: Sequence[str]) -> int:
    """Do it; 0 when it is done, and for `status` when the unit is there and as it would be written."""
    own, arguments = _split(argv)
    parser = CommandParser("service", DESCRIPTION, EXAMPLES)
    parser.add_argument("action", choices=("install", "remove", "status"), help="what to do")
    parser.add_argument(
        "--force", action="store_true", help="also when the file there is not wayvid's, or was changed by hand"
    )
    options = parser.parse_args(own)
    if arguments and options.action != "install":
        raise UsageError(f"only 'wayvid service install' takes arguments of 'wayvid run' (here: {arguments[0]!r})")
    if options.action == "install":
        _install(arguments, options.force)
    elif options.action == "remove":
        _remove(options.force)
    else:
        return _status()
    return 0


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    words = list(argv)
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(base if os.path.isabs(base) else os.path.expanduser("~/.config"), "systemd", "user")


def _text_of(path: Path) -> str | None:
    """What a unit file says; None: there is none. A link, also to /dev/null (masked), is somebody's own."""
    try:
        if path.is_symlink():
            return f"a link to {os.readlink(path)}"
        return path.read_text(errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ServiceError(f"{path} cannot be read: {exc.strerror}; look at it with 'ls -l'") from exc


def _install(arguments: Sequence[str], is_forced: bool) -> None:
    words, source, config = _checked(arguments)
    text = unit_text(_command(), words, _budget_mb(config))
    path = _folder() / NAME
    owner = owner_of(_text_of(path))
    if owner in (Owner.FOREIGN, Owner.EDITED) and not is_forced:
        raise ServiceError(f"{path} is {owner}; look at it, then take 'wayvid service install --force' to replace it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".wayvid-") as folder:
            made = Path(folder, NAME)
            made.write_text(text, errors="surrogateescape")
            made.chmod(0o644)
            _verify(made)
            made.replace(path)
    except OSError as exc:
        raise ServiceError(f"{path} cannot be written: {exc.strerror}; check the folder and its disk") from exc
    print(f"written: {path}")
    if source:
        _warn_of(source)
    print(f"next: {ENABLE}")


def _warn_of(source: str) -> None:
    """Say it where the service has nothing to show yet; a disk or a network may come later."""
    from wayvid.daemon.listing import opened
    from wayvid.daemon.pipe import STDIN

    if source == STDIN:
        print("warning: a service has no standard input; name a named pipe instead", file=sys.stderr)
        return
    try:
        opened(source)
    except SourceUnplayable as exc:
        print(f"warning: {exc}; until then the service ends with an error", file=sys.stderr)


def _checked(arguments: Sequence[str]) -> tuple[list[str], str, str | None]:
    """The arguments of `wayvid run`, checked and with whole paths, and the source and the config file among them."""
    if not arguments:
        return [], "", None
    from wayvid.cli.run import run_parser
    from wayvid.cli.set import absolute_source

    told = run_parser().parse_args(arguments)
    whole = {told.source: absolute_source(told.source)} if told.source not in (None, "", "-") else {}
    if told.config:
        config = os.path.abspath(os.path.expanduser(told.config))
        whole |= {told.config: config, f"--config={told.config}": f"--config={config}"}
    source = whole.get(told.source, told.source or "")
    return [whole.get(word, word) for word in arguments], source, told.config


def _command() -> list[str]:
    """What starts this installation."""
    program = os.path.abspath(sys.argv[0])
    if os.path.basename(program) == "wayvid" and os.access(program, os.X_OK):
        return [program]
    return [os.path.abspath(sys.executable), "-m", "wayvid"]


def _budget_mb(config: str | None) -> int:
    path = config_path(config)
    return (load_config(path) if path else Config()).power.max_memory_mb


def _verify(path: Path) -> None:
    """Have systemd read it, where there is one.

    Raises:
        ServiceError: it finds a mistake.
    """
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    with tempfile.TemporaryDirectory(prefix="wayvid-") as runtime:
        env = {"XDG_RUNTIME_DIR": runtime, **os.environ}  # over ssh there may be none, and it wants one
        done = subprocess.run(
            [program, "verify", "--user", "--man=no", str(path)], env=env, capture_output=True, text=True, check=False
        )
    # Of other units on the machine it may complain as well, and end with 1 for these.
    said = [line for line in done.stderr.splitlines() if NAME in line]
    if said:
        raise ServiceError(f"systemd does not take the unit: {said[0]}; nothing was written; please report it")


def _remove(is_forced: bool) -> None:
    path = _folder() / NAME
    owner = owner_of(_text_of(path))
    if owner is Owner.NOBODY:
        raise ServiceError(f"there is no {path}, so nothing to remove")
    if owner is not Owner.OURS and not is_forced:
        raise ServiceError(f"{path} is {owner}; look at it, then take 'wayvid service remove --force'")
    try:
        path.unlink()
        if _is_enabled():
            _wanted_link().unlink()
    except OSError as exc:
        raise ServiceError(f"{path} cannot be removed: {exc.strerror}; check the folder's permissions") from exc
    print(f"removed: {path}")
    print("next, where it runs: systemctl --user stop wayvid; systemctl --user daemon-reload")


def _wanted_link() -> Path:
    return _folder() / f"{TARGET}.wants" / NAME


def _is_enabled() -> bool:
    return _wanted_link().is_symlink()


def _status() -> int:
    path = _folder() / NAME
    owner = owner_of(_text_of(path))
    print(f"unit     {path}: {owner}")
    if owner is Owner.NOBODY:
        raise ServiceError(f"there is no {path}; 'wayvid service install' writes it")
    print(f"session  {'starts with it' if _is_enabled() else f'does not start with it; next: {ENABLE}'}")
    print(f"now      {_now()}")
    return 0


def _now() -> str:
    """How the unit is, in systemd's words."""
    program = shutil.which("systemctl")
    if program is None:
        return "there is no systemctl here, so nothing is known"
    keys = ("ActiveState", "SubState", "StatusText", "NRestarts")
    try:
        done = subprocess.run(
            [program, "--user", "show", NAME, *(f"--property={key}" for key in keys)],
            capture_output=True, text=True, timeout=SYSTEMCTL_WITHIN_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "systemd does not answer"
    if done.returncode != 0:
        return f"systemd does not say: {(done.stderr.strip().splitlines() or ['it ended without a word'])[0]}"
    told = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    words = f"{told.get('ActiveState', '?')} ({told.get('SubState', '?')})"
    if told.get("NRestarts", "0") != "0":
        words += f", restarted {'once' if told['NRestarts'] == '1' else told['NRestarts'] + ' times'}"
    return f"{words}: {told['StatusText']}" if told.get("StatusText") else words
