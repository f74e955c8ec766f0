"""Reads a YAML config in another process: what that takes is given back with its end.

`python -m wayvid.config.apart PATH` is that process. Measured in the daemon: 1.2 MB that
would stay, for what is read once.
"""

from __future__ import annotations

import os
import sys

import msgspec

from wayvid.config.load import is_yaml, load_config
from wayvid.config.model import Config
from wayvid.errors import ConfigError, ConfigFault

__all__ = ["load_apart"]


class _Answer(msgspec.Struct, frozen=True):
    """What the other process says: the config, or what is wrong with it."""

    config: Config | None = None
    faults: tuple[ConfigFault, ...] = ()


def load_apart(path: str) -> Config:
    """As load_config(), without PyYAML in this process.

    Raises:
        ConfigError: as load_config().
    """
    if not is_yaml(path):
        return load_config(path)
    read_fd, write_fd = os.pipe()
    argv = [sys.executable, "-P", "-m", __name__, path]
    try:
        pid = os.posix_spawn(sys.executable, argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write_fd, 1)])
    finally:
        os.close(write_fd)
    with open(read_fd, "rb") as said:
        words = said.read()
    os.waitpid(pid, 0)
    try:
        answer = msgspec.msgpack.decode(words, type=_Answer)
    except msgspec.MsgspecError:
        answer = _Answer(faults=(ConfigFault("", "the process that reads it failed; see 'wayvid config check'"),))
    if answer.config is None:
        raise ConfigError(path, answer.faults)
    return answer.config


def _answer(path: str) -> _Answer:
    try:
        return _Answer(load_config(path))
    except ConfigError as error:
        return _Answer(faults=error.faults)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.msgpack.encode(_answer(sys.argv[1])))
