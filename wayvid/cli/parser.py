"""An argument parser whose errors are one line that says what to do next."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from wayvid.errors import UsageError

__all__ = ["CommandParser"]

# argparse's words and ours. Source: Lib/argparse.py, Python 3.11 to 3.14.
UNKNOWN = "unrecognized arguments: "
# How like an option a wrong one is, by difflib: "--layuot" is like "--layout", "--loop" is not like "--help".
SIMILAR = 0.75
ELSEWHERE = {"uninstall": "remove", "disable": "remove", "enable": "install"}  # what others call an action
MISSING = "the following arguments are required: "
WORDS = (
    (re.compile(r"argument ([^ /]+)\S*: expected (?:one|at least one) argument"), r"\1 needs a value behind it"),
    (re.compile(r"argument ([^ /]+)\S*: invalid (?:float|int) value: (.*)"), r"\1 cannot be \2; it is a number"),
    (re.compile(r"argument ([^ /]+)\S*: ignored explicit argument (.*)"), r"\1 takes no value, and has \2"),
    (re.compile(r"argument ([^ /]+)\S*: not allowed with argument ([^ /]+).*"), r"\1 and \2 exclude each other"),
    (re.compile(r"argument -([^ /]+)\S*: "), r"-\1: "),
    (re.compile(r"argument [^ ]+: "), ""),
)


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

    def take_negative(self, form: str) -> None:
        """Have what begins with a minus and has that form, a regular expression, be no option."""
        self._negative_number_matcher = re.compile(f"^{form}$")  # argparse's own knows -1 and -1.5 alone

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # a part of argparse that has no other door
        from difflib import get_close_matches

        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        meant = ELSEWHERE.get(str(value))
        near = [meant] if meant in choices else get_close_matches(str(value), choices, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"it is {', '.join(choices[:-1])} or {choices[-1]}"
        if len(choices) == 1:
            advice = f"it is {choices[0]}"
        raise UsageError(f"{_named(action)} cannot be {value!r}; {advice}")

    def error(self, message: str) -> NoReturn:
        if message.startswith(MISSING):
            raise UsageError(f"{self._missing(message.removeprefix(MISSING))}; see '{self.prog} --help'")
        if message.startswith(UNKNOWN):
            words = message.removeprefix(UNKNOWN)
            what = f"there is no place for {words}"
            if words[:1] == "-":  # what follows may be its value
                what = f"there is no option {words.partition(' ')[0]}"
            raise UsageError(f"{what}; {self._advice(words)}see '{self.prog} --help'")
        for pattern, words in WORDS:
            message = pattern.sub(words, message)
        advice = "" if message.endswith("?") else f"; see '{self.prog} --help'"
        raise UsageError(message + advice)

    def _missing(self, words: str) -> str:
        """Arguments that are not there: "LAYOUT is missing: fill or contain"."""
        actions = [action for action in self._actions if action.required and _named(action).upper() in words.upper()]
        named = " and ".join(_named(action) for action in actions) or words
        choices = [str(choice) for choice in actions[0].choices or ()] if len(actions) == 1 else []
        return f"{named} {'are' if actions[1:] else 'is'} missing" + (f": {', '.join(choices)}" if choices else "")

    def _advice(self, words: str) -> str:
        """What to do about words that are no arguments of this command; empty when that cannot be said."""
        from difflib import get_close_matches

        word = words.partition(" ")[0].partition("=")[0]
        if word[:1] == "-":
            near = get_close_matches(word, self._option_string_actions, n=1, cutoff=SIMILAR)
            return f"did you mean {near[0]}? " if near else _of_config(word, self.prog == "wayvid set")
        screens = self._option_string_actions.get("-o")
        if screens is None or not str(screens.metavar).startswith("OUTPUT"):
            return ""
        takes_source = any(action.dest == "source" for action in self._actions)
        files = ", and several files as a folder or list" if takes_source else ""
        return f"a screen is named with -o{files}; "


def _of_config(option: str, is_for_one_that_runs: bool) -> str:
    """What to say of an option that is a command, or a key of the config file, also as others call it; else empty."""
    from wayvid.config.model import Config

    key = option.strip("-").replace("-", "_").removeprefix("no_")
    key = {"fps": "max_fps", "rate": "speed", "start": "start_time", "silent": "mute", "audio": "mute"}.get(key, key)
    if is_for_one_that_runs and key in ("layout", "mute", "speed", "volume"):
        return f"'wayvid {key}' says it; "
    return f"{key!r} is a key of the config file: 'wayvid config example'; " if key in Config.__struct_fields__ else ""


def _named(action: argparse.Action) -> str:
    """An argument as the user knows it: "-o", "--layout", "LAYOUT"."""
    return next(iter(action.option_strings), "") or str(action.metavar or action.dest).upper()
