"""An argument parser whose errors are one line that says what to do next."""

from __future__ import annotations

import argparse
from typing import NoReturn

from wayvid.errors import UsageError

__all__ = ["CommandParser"]


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
        raise UsageError(f"{message}; see '{self.prog} --help'")
