"""Commands that pages show, tried on the parsers that would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tools.docs.commands import parser_of
from wayvid.cli.main import COMMANDS
from wayvid.errors import UsageError

__all__ = ["wrong_commands", "commands_in"]

_LINE = re.compile(r"^ *(\$ )?wayvid +([a-z].*|--\w+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^    .*\n|^ *\n(?=    ))+", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`wayvid ([a-z][^`\n]*)`")
# A comment after two spaces, another command, a redirection.
_END = re.compile(r"\s{2,}|\s+\\?[|>&;#]|, wayvid |;\s")
_PLACEHOLDER = re.compile(r"^[A-Z]+$|\.\.\.|^\[")
_OPTION = re.compile(r"-[^\d]")  # and neither "-" nor "-10"
_OF_ITS_OWN = ("--help", "--version")


def commands_in(page: str) -> tuple[list[str], list[str]]:
    """What a page has after `wayvid`: on lines of their own, as one would type them, and within sentences."""
    rest = _FENCE.sub("", page)
    lines = []
    for block in [*_FENCE.findall(page), *_INDENTED.findall(rest)]:
        if "──" in block:  # a drawing
            continue
        found = [(match[1], _END.split(match[2], maxsplit=1)[0].strip()) for match in _LINE.finditer(block)]
        has_prompt = any(prompt for prompt, _words in found)  # then the others are what it prints
        lines += [words for prompt, words in found if prompt or not has_prompt]
    return lines, [_END.split(one, maxsplit=1)[0].strip() for one in _INLINE.findall(rest)]


def wrong_commands(page: Path) -> Iterator[str]:
    """Commands of a page that wayvid would refuse."""
    lines, within = commands_in(page.read_text())
    for shown in lines:
        yield from (f"{page.name}: 'wayvid {shown}': {what}" for what in _wrong(shown, is_whole=True))
    for shown in within:
        yield from (f"{page.name}: 'wayvid {shown}': {what}" for what in _wrong(shown, is_whole=False))


def _wrong(shown: str, is_whole: bool) -> Iterator[str]:
    try:
        words = shlex.split(shown)
    except ValueError as exc:
        yield f"no shell reads it: {exc}"
        return
    if not words or words[0] in _OF_ITS_OWN or not re.fullmatch("[a-z-]+", words[0]):
        return
    name, *rest = words
    if name not in COMMANDS:
        yield f"there is no command {name!r}"
        return
    own = rest[: rest.index("--")] if "--" in rest else rest
    if "--help" in own:
        return
    known = {option for action in parser_of(name)._actions for option in action.option_strings}
    options = [word.partition("=")[0] for word in own if _OPTION.match(word)]
    if unknown := [word for word in options if word not in known]:
        yield f"there is no option {unknown[0]}"
    elif is_whole and name != "desk" and not any(_PLACEHOLDER.search(word) for word in own):
        try:
            parser_of(name).parse_args(own)
        except UsageError as exc:
            yield str(exc)
