"""An argument parser whose errors are one line that says what to do next."""

from __future__ import annotations

import argparse
from typing import NoReturn

from wayvid.errors import UsageError

__all__ = ["CommandParser"]

UNKNOWN = "unrecognized arguments: "  # in argparse's words


class CommandParser(argparse.ArgumentParser):
    """Parser of one subcommand; a wrong argument raises UsageError, help shows examples."""

    def __init__(self, command: str, description: str, examples: str) -> None:
        super().__init__(
            prog=f"wayvid {command}",
            description=description,
            epilog="examples:\n" + "\n".join(f"  {line}" for line in examples.strip().splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def add_outputs(self) -> None:
        """Take -o, as `output`: the outputs that are meant."""
        self.add_argument(
            "-o",
            "--output",
            metavar="OUTPUT",
            action="append",
            default=[],
            help="a screen, or a glob such as 'DP-*'; repeatable; default: all screens, also those that come later",
        )

    def error(self, message: str) -> NoReturn:
        _, is_unknown, words = message.partition(UNKNOWN)
        advice = self._advice(words) if is_unknown else ""
        raise UsageError(f"{message}; {advice}see '{self.prog} --help'")

    def _advice(self, words: str) -> str:
        """What to do about words that are no arguments of this command; empty when that cannot be said."""
        from difflib import get_close_matches

        word = words.partition(" ")[0].partition("=")[0]
        if word[:1] == "-":
            near = get_close_matches(word, self._option_string_actions, n=1)
            return f"did you mean {near[0]}? " if near else ""
        screens = self._option_string_actions.get("-o")
        if screens is None or not str(screens.metavar).startswith("OUTPUT"):
            return ""
        takes_source = any(action.dest == "source" for action in self._actions)
        files = ", and several files as a folder or list" if takes_source else ""
        return f"a screen is named with -o{files}; "
