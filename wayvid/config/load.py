"""Where the config file is, and what it says.

What reading takes is imported while reading: `wayvid run` without a file loads none
of it, and the daemon only on start and reload.
"""

from __future__ import annotations

import os
import stat
from itertools import islice
from typing import TYPE_CHECKING, Any

from wayvid.errors import ConfigError, ConfigFault
from wayvid.units import MIB

if TYPE_CHECKING:
    from wayvid.config.model import Config

__all__ = ["config_path", "load_config"]

MAX_BYTES = MIB
READ_BYTES = 64 * 1024
MAX_FAULTS = 100  # each unknown key is compared with all known ones
_SHOWN_CHARACTERS = 60
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # what some editors put first; TOML does not know it

_NO_FILE = "there is no such file; check the path"
# tomllib's words for it.
_PLAINER = {"cannot overwrite a value": "a key is there twice"}


def config_path(explicit: str | None) -> str | None:
    """The config file to read; None: there is none, and the defaults hold.

    Args:
        explicit: named by the user; None looks in $XDG_CONFIG_HOME, else in ~/.config.

    Returns:
        An absolute path.

    Raises:
        ConfigError: the named file is not there.

    Source: XDG Base Directory Specification, "Environment variables".
    """
    if explicit is not None:
        path = os.path.abspath(os.path.expanduser(explicit))
        if not os.path.lexists(path):
            raise _refused(path, _NO_FILE)
        return path
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):  # the specification: ignore it then
        base = os.path.expanduser("~/.config")
    path = os.path.join(base, "wayvid", "config.toml")
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # load_config says why
        return path
    return path


def load_config(path: str) -> Config:
    """What a config file says; keys that it leaves out have their defaults.

    Raises:
        ConfigError: it cannot be read, is no TOML, or has keys or values that are not
            allowed; of these it has all (the first hundred).
    """
    tables = _parse(path, _read(path))
    import msgspec

    from wayvid.config.faults import config_faults
    from wayvid.config.model import Config

    faults = list(islice(config_faults(tables), MAX_FAULTS))
    if faults:
        raise ConfigError(path, faults)
    return msgspec.convert(tables, Config)


def _read(path: str) -> bytes:
    try:
        # Without waiting: a named pipe that nobody writes to would never open.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(fd).st_mode
            if stat.S_ISDIR(mode):
                raise _refused(path, "it is a folder; name a file")
            if stat.S_ISFIFO(mode):
                raise _refused(path, "it is a pipe, which cannot be read again on a reload; name a file")
            data = b""
            while len(data) <= MAX_BYTES and (chunk := os.read(fd, READ_BYTES)):
                data += chunk
        finally:
            os.close(fd)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise _refused(path, _NO_FILE) from exc
    except PermissionError as exc:
        raise _refused(path, "it may not be read by this user; check its permissions with 'ls -l'") from exc
    except OSError as exc:
        raise _refused(path, f"{exc.strerror or exc}; check the path and the disk") from exc
    if len(data) > MAX_BYTES:
        raise _refused(path, "it is larger than 1 MB, so it is no config file; check the path")
    return data.removeprefix(_BYTE_ORDER_MARK)


def _parse(path: str, data: bytes) -> dict[str, Any]:
    import tomllib

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise _refused(path, f"line {line}: it is not UTF-8; save it as UTF-8") from exc
    try:
        return tomllib.loads(text)
    except RecursionError as exc:
        raise _refused(path, "its values are nested too deeply; see docs/config.md") from exc
    except ValueError as exc:
        raise _refused(path, _syntax_words(str(exc), text)) from exc


def _syntax_words(told: str, text: str) -> str:
    """What tomllib says of bad TOML ("Invalid value (at line 3, column 5)"), with the line that is meant."""
    what, _, place = told.rpartition(" (at ")
    if not what:  # int()'s own, without a place
        return "a number in it has too many digits; see docs/config.md"
    lines = text.rstrip().split("\n")  # "at end of document" means the last that has anything
    number = int(place.split()[1].rstrip(",")) if place.startswith("line ") else len(lines)
    shown = lines[number - 1].strip() if number <= len(lines) else ""
    what = what[0].lower() + what[1:]
    return f"line {number}: {_PLAINER.get(what, what)}: {shown[:_SHOWN_CHARACTERS]!r}"


def _refused(path: str, reason: str) -> ConfigError:
    return ConfigError(path, [ConfigFault("", reason)])
