"""The commands and their options, from the parsers that read them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from unittest import mock

from tools.docs.docstrings import Undocumented
from tools.docs.tables import fenced, table
from wayvid.cli.main import COMMANDS

__all__ = ["commands", "command", "examples_of", "option_words", "parser_of", "shown_actions"]


class _Caught(BaseException):
    """A command has made its parser."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser
        super().__init__(parser)


def commands() -> str:
    """All commands: what they do, examples, and their options."""
    heads = [(f"[`wayvid {name}`](#wayvid-{name})", summary) for name, summary in COMMANDS.items()]
    return "\n\n".join([table(("command", "what it does"), heads), *map(command, COMMANDS)])


def command(name: str) -> str:
    """One command.

    Raises:
        Undocumented: an option has no help.
    """
    parser = parser_of(name)
    rows = []
    for action in shown_actions(parser):
        if not action.help:
            raise Undocumented(f"wayvid {name}: {action.option_strings or action.dest} has no help")
        words = ", ".join(f"`{word}`" for word in option_words(action).split(", "))
        rows.append((words, parser._get_formatter()._expand_help(action)))
    parts = [f"## wayvid {name}", (parser.description or "").strip(), fenced(examples_of(parser), "sh")]
    if rows:
        parts.append(table(("argument", "meaning"), rows))
    return "\n\n".join(parts)


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser that a command makes when it is called; the command goes no further than that."""

    def catch(parser: argparse.ArgumentParser, *_args: object, **_keys: object) -> None:
        raise _Caught(parser)

    run = import_module(f"wayvid.cli.{name}").run
    try:
        with mock.patch.object(argparse.ArgumentParser, "parse_args", catch):
            run(["--help"])
    except _Caught as caught:
        return caught.parser
    sys.exit(f"tools.docs: wayvid {name} asks no parser for its arguments")


def shown_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """What users are told of: all but --help."""
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS:
            yield action


def option_words(action: argparse.Action) -> str:
    """An argument as it is written, such as "-o OUTPUT, --output OUTPUT"."""
    metavar = action.metavar or ""
    if isinstance(metavar, tuple):
        metavar = " ".join(metavar)
    if not metavar and action.choices:
        metavar = "|".join(map(str, action.choices))
    if not action.option_strings:
        return metavar or action.dest
    takes_value = action.nargs != 0
    value = f" {metavar or action.dest.upper()}" if takes_value else ""
    return ", ".join(f"{option}{value}" for option in action.option_strings)


def examples_of(parser: argparse.ArgumentParser) -> str:
    """Its examples, a command a line."""
    lines = (parser.epilog or "").splitlines()
    return "\n".join(line.removeprefix("  ") for line in lines if line != "examples:")
