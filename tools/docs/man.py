"""Man pages, from the parsers: one of `wayvid`, and one of each command."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from tools.docs.codes import rows
from tools.docs.commands import examples_of, option_words, parser_of, shown_actions
from wayvid import __version__
from wayvid.cli.main import COMMANDS, help_text

__all__ = ["pages"]

_SPECIAL = re.compile(r"[\\\-'`^~]")
_ESCAPES = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}


def pages() -> Iterator[tuple[str, str]]:
    """File names and texts."""
    yield "wayvid.1", _main_page()
    for name in COMMANDS:
        yield f"wayvid-{name}.1", _command_page(name)


def _main_page() -> str:
    summary, rest = help_text().split("\n\n")[1], help_text()
    _before, _colon, examples = rest.partition("examples:\n")
    lines = [
        *_head(
            "wayvid",
            summary.rstrip(".")[0].lower() + summary.rstrip(".")[1:],
            r"\fBwayvid\fR \fICOMMAND\fR [\fIOPTIONS\fR]",
        ),
        ".SH DESCRIPTION",
        _text(summary),
        ".SH COMMANDS",
    ]
    for name, words in COMMANDS.items():
        lines += [".TP", rf".BR wayvid\-{_text(name)} (1)", _text(words)]
    lines += [".SH OPTIONS", ".TP", r".B \-\-version", "Print the version."]
    lines += [".TP", r".B \-\-help", "Print the commands, or after a command its options."]
    lines += [".SH EXIT STATUS"]
    for code, (meant, _advice) in rows().items():
        lines += [".TP", f".B {code}", _text(meant.replace("`", ""))]
    lines += [".SH FILES", ".TP", r".I \(ti/.config/wayvid/config.toml", "The config file."]
    lines += [".TP", r".I $XDG_RUNTIME_DIR/wayvid\-NAME.sock", "Where the running wallpaper listens."]
    lines += [".SH EXAMPLES", *_example_lines(examples)]
    return "\n".join(lines) + "\n"


def _command_page(name: str) -> str:
    parser = parser_of(name)
    usage = " ".join(_usage_of(action) for action in shown_actions(parser))
    lines = [
        *_head(f"wayvid-{name}", COMMANDS[name], rf"\fBwayvid {_text(name)}\fR {usage}".rstrip()),
        ".SH DESCRIPTION",
        *(_text(line) for line in (parser.description or "").strip().splitlines()),
    ]
    if actions := list(shown_actions(parser)):
        lines.append(".SH OPTIONS")
        for action in actions:
            lines += [
                ".TP",
                rf"\fB{_text(option_words(action))}\fR",
                _text(parser._get_formatter()._expand_help(action)),
            ]
    lines += [".SH EXAMPLES", *_example_lines(examples_of(parser)), ".SH SEE ALSO", ".BR wayvid (1)"]
    return "\n".join(lines) + "\n"


def _head(name: str, summary: str, synopsis: str) -> list[str]:
    return [
        r".\" Made from the parsers by python -m tools.docs.",
        f'.TH {_text(name.upper())} 1 "" "wayvid {_text(__version__)}" "User Commands"',
        ".SH NAME",
        rf"{_text(name)} \- {_text(summary)}",
        ".SH SYNOPSIS",
        synopsis,
    ]


def _usage_of(action: argparse.Action) -> str:
    if action.option_strings:
        first, _space, value = option_words(action).split(", ")[0].partition(" ")
        words = rf"\fB{_text(first)}\fR" + (rf" \fI{_text(value)}\fR" if value else "")
        return words if action.required else f"[{words}]"
    words = rf"\fI{_text(option_words(action))}\fR"
    return f"[{words}]" if action.nargs in ("?", "*") else words


def _example_lines(text: str) -> list[str]:
    return [".nf", *(_text(line.strip()) for line in text.strip().splitlines()), ".fi"]


def _text(words: str) -> str:
    """Words as roff prints them: nothing in them is a request or an escape."""
    escaped = _SPECIAL.sub(lambda match: _ESCAPES[match[0]], words)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
