"""`python -m wayvid.cli.hook COMMAND...`: what the daemon starts for a hook: it makes the picture, then is the command.

WAYVID_OUTPUT and WAYVID_SOURCE say whose picture; the command finds it at WAYVID_FRAME.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence

from wayvid.cli.snapshot import run as take_snapshot
from wayvid.errors import WayvidError

__all__ = ["filled", "main", "whole_path"]

COMMAND_NOT_FOUND, COMMAND_NOT_RUN = 127, 126  # as a shell says it


def main(command: Sequence[str]) -> int:
    """Take the picture and become the command; a code only where that cannot be."""
    output = os.environ["WAYVID_OUTPUT"]
    safe = "".join(character if character.isalnum() or character in "-_" else "_" for character in output)
    path = os.path.join(os.environ["XDG_RUNTIME_DIR"], f"wayvid-frame-{safe}.png")
    try:
        take_snapshot([path, "-o", output])
    except WayvidError as error:
        print(f"wayvid hook: {error}", file=sys.stderr)
        return error.exit_code
    os.environ["WAYVID_FRAME"] = path
    os.environ["WAYVID_SOURCE"] = source = whole_path(os.environ["WAYVID_SOURCE"])
    told = {"{frame}": path, "{output}": output, "{source}": source}
    program, *arguments = (filled(word, told) for word in command)
    program = os.path.expanduser(program)
    try:
        os.execvp(program, [program, *arguments])
    except OSError as exc:
        print(f"wayvid hook: {program} cannot be run: {exc.strerror}; correct 'hook' in the config", file=sys.stderr)
        return COMMAND_NOT_FOUND if isinstance(exc, FileNotFoundError) else COMMAND_NOT_RUN


def whole_path(source: str) -> str:
    """A source as a command can use it: no shell makes a path of the "~" that the config has."""
    path = os.path.expanduser(source)
    return os.path.abspath(path) if os.path.exists(path) else source


def filled(word: str, told: Mapping[str, str]) -> str:
    """A word of the command with what its placeholders mean; what is put in is not looked through again."""
    return re.sub("|".join(map(re.escape, told)), lambda match: told[match[0]], word)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
