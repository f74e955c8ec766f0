"""Where the config file is, and what it says.

What reading takes is imported while reading: `wayvid run` without a file loads none
of it, and the daemon only on start and reload.
"""

from __future__ import annotations

import os
import stat
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from wayvid.errors import ConfigError, ConfigFault
from wayvid.units import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

    from wayvid.config.faults import LineOf
    from wayvid.config.model import Config

__all__ = ["Loaded", "config_candidates", "config_path", "is_yaml", "load_config", "load_with_lines", "read_config"]

MAX_BYTES = MIB
READ_BYTES = 64 * 1024
MAX_FAULTS = 100  # each unknown key is compared with all known ones
_SHOWN_CHARACTERS = 60
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # what some editors put first; TOML does not know it
# Ours, and that of the earlier wayvid.
_NAMES = ("config.toml", "config.yaml")
_YAML_SUFFIXES = (".yaml", ".yml")

_NO_FILE = "there is no such file; check the path"
_TOO_DEEP = "its values are nested too deeply; see docs/config.md"
# tomllib's words for it.
_PLAINER = {
    "cannot overwrite a value": "a key is there twice",
    "invalid value": "invalid value (text takes quotes; true, not True)",
    "illegal character '\\n'": "a quote is not closed",
    "found invalid character '\\n'": "a quote is not closed",
    'expected "\'"': "a quote is not closed",
    "unterminated string": "a quote is not closed",
}


class Loaded(NamedTuple):
    """A config, and where it is from.

    Attributes:
        config: what the file says.
        line_of: the line of a key of Config; 0 when the file does not have it.
        notes: what is in the file and has no effect.
    """

    config: Config
    line_of: LineOf
    notes: tuple[ConfigFault, ...] = ()


def config_candidates() -> list[str]:
    """Where a config file is looked for, absolute paths; the first that is there is read.

    Source: XDG Base Directory Specification, "Environment variables".
    """
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):  # the specification: ignore it then
        base = os.path.expanduser("~/.config")
    return [os.path.join(base, "wayvid", name) for name in _NAMES]


def config_path(explicit: str | None) -> str | None:
    """The config file to read; None: there is none, and the defaults hold.

    Args:
        explicit: named by the user; None looks in $XDG_CONFIG_HOME, else in ~/.config.

    Returns:
        An absolute path.

    Raises:
        ConfigError: the named file is not there.
    """
    if explicit is not None:
        path = os.path.abspath(os.path.expanduser(explicit))
        if not os.path.lexists(path):
            raise _refused(path, _NO_FILE)
        return path
    for path in config_candidates():
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # load_config says why
            return path
        return path
    return None


def is_yaml(path: str) -> bool:
    """Whether a file is read as the earlier wayvid's config.yaml, by its name."""
    return path.endswith(_YAML_SUFFIXES)


def load_config(path: str) -> Config:
    """What a config file says; keys that it leaves out have their defaults.

    Raises:
        ConfigError: it cannot be read, is no TOML, or has keys or values that are not
            allowed; of these it has all (the first hundred).
    """
    return load_with_lines(path).config


def load_with_lines(path: str) -> Loaded:
    """What a config file says, and where. Raises as load_config()."""
    text = _decode(path, read_config(path))
    return _load_yaml(path, text) if is_yaml(path) else _load_toml(path, text)


def _load_toml(path: str, text: str) -> Loaded:
    tables = _parse_toml(path, text)
    import msgspec

    from wayvid.config.model import Config

    line_of = _toml_lines(text)
    _check(path, tables, line_of, Config)
    _say_sources(tables)
    return Loaded(msgspec.convert(tables, Config), lambda key: line_of(key) if _is_there(tables, key) else 0)


def _say_sources(tables: dict[str, Any]) -> None:
    """Put the text that a source means in place of its table."""
    import msgspec

    from wayvid.config.model import SourceTable

    for table in (tables, *tables.get("output", ()), *tables.get("span", ())):
        if isinstance(table.get("source"), dict):
            table["source"] = msgspec.convert(table["source"], SourceTable).source


def _load_yaml(path: str, text: str) -> Loaded:
    import msgspec

    from wayvid.config.earlier import EarlierConfig, meant
    from wayvid.config.faults import key_words
    from wayvid.config.yamlfile import BadYaml, read_yaml, without_nothing

    try:
        tables, line_of = read_yaml(text)
    except BadYaml as exc:
        raise _refused(path, exc.reason, exc.line) from exc
    _check(path, tables, line_of, EarlierConfig)
    tables = without_nothing(tables)
    result = meant(msgspec.convert(tables, EarlierConfig), tables)
    places = result.places
    notes = tuple(ConfigFault(key_words(key), "it has no effect any more", line_of(key)) for key in result.unused)
    return Loaded(result.config, lambda key: line_of(places[key]) if key in places else 0, notes)


def _check(path: str, tables: Mapping[str, Any], line_of: LineOf, model: type[msgspec.Struct]) -> None:
    from wayvid.config.faults import config_faults

    faults = list(islice(config_faults(tables, line_of, model), MAX_FAULTS))
    if faults:
        raise ConfigError(path, faults)


def _is_there(tables: Any, key: tuple[str | int, ...]) -> bool:
    for part in key:
        try:
            tables = tables[part]
        except (KeyError, IndexError):
            return False
    return True


def _toml_lines(text: str) -> LineOf:
    """Looks only when it is asked: most files have no faults."""
    found: list[LineOf] = []

    def line_of(key: tuple[str | int, ...]) -> int:
        if not found:
            from wayvid.config.tomllines import toml_lines

            found.append(toml_lines(text))
        return found[0](key)

    return line_of


def read_config(path: str) -> bytes:
    """What is in a config file, whatever that is.

    Raises:
        ConfigError: it cannot be read, or is no file of such a size.
    """
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


def _decode(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise _refused(path, "it is not UTF-8; save it as UTF-8", line) from exc


def _parse_toml(path: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError as exc:
        raise _refused(path, _TOO_DEEP) from exc
    except ValueError as exc:
        raise _refused(path, *_syntax_words(str(exc), text)) from exc


def _syntax_words(told: str, text: str) -> tuple[str, int]:
    """What tomllib says of bad TOML ("Invalid value (at line 3, column 5)"), and the line that is meant."""
    what, _, place = told.rpartition(" (at ")
    if not what:  # int()'s own, without a place
        return "a number in it has too many digits; see docs/config.md", 0
    lines = text.rstrip().split("\n")  # "at end of document" means the last that has anything
    number = int(place.split()[1].rstrip(",")) if place.startswith("line ") else len(lines)
    shown = lines[number - 1].strip() if number <= len(lines) else ""
    what = what[0].lower() + what[1:]
    if what.startswith("cannot declare "):  # and the parts of its name, as Python writes a tuple
        what = "a table is there twice"
    return f"{_PLAINER.get(what, what)}: {shown[:_SHOWN_CHARACTERS]!r}", number


def _refused(path: str, reason: str, line: int = 0) -> ConfigError:
    return ConfigError(path, [ConfigFault("", reason, line)])
