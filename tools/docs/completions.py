"""What shells complete after `wayvid`, from the parsers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from tools.docs.commands import parser_of, shown_actions
from wayvid.cli.completions import FILES
from wayvid.cli.main import COMMANDS

__all__ = ["scripts"]

_OUTPUTS = {
    "bash": "_wayvid_outputs",
    "zsh": "_wayvid_outputs",
    "fish": "(wayvid outputs --names 2>/dev/null)",
}
_SOURCES = {
    "bash": "_wayvid_source_files",
    "zsh": "_wayvid_source_files",
    "fish": "(wayvid sources --names 2>/dev/null; __fish_complete_path)",
}
_PREAMBLE = {
    "bash": """\
_wayvid_source_files() {
  compgen -W "$(wayvid sources --names 2>/dev/null)" -- "$1"
  compgen -f -- "$1"
}
_wayvid_outputs() {
  compgen -W "$(wayvid outputs --names 2>/dev/null)" -- "$1"
}""",
    "zsh": """\
_wayvid_source_files() {
  local -a names
  names=(${(f)"$(wayvid sources --names 2>/dev/null)"})
  compadd -a names
  _files
}
_wayvid_outputs() {
  local -a names
  names=(${(f)"$(wayvid outputs --names 2>/dev/null)"})
  compadd -a names
}""",
    "fish": "",
}

_BEHIND = {
    "bash": """
# Bash takes a colon for the end of a word.
_wayvid_joined() {
  local -a words=()
  local i word before= current=$COMP_CWORD
  for i in "${!COMP_WORDS[@]}"; do
    word=${COMP_WORDS[i]}
    if ((i > 1)) && [[ ( $word == : && $before == wayvid ) || $before == wayvid: ]]; then
      words[-1]+=$word
      ((i > COMP_CWORD)) || ((current--))
    else
      words+=("$word")
    fi
    before=${words[-1]}
  done
  local -a COMP_WORDS=("${words[@]}")
  local COMP_CWORD=$current
  _shtab_wayvid "$@"
  [[ ${COMP_WORDS[COMP_CWORD]} != wayvid:* ]] || COMPREPLY=("${COMPREPLY[@]#wayvid:}")
}

complete -o bashdefault -F _wayvid_joined wayvid
""",
}


def scripts() -> Iterator[tuple[str, str]]:
    """Places below share/ and texts."""
    try:
        import shtab
    except ImportError:
        sys.exit("tools.docs: shtab is not installed; 'make .venv/.dev' installs it")
    for shell, place in FILES.items():
        text = (
            shtab.complete(_whole_parser(shtab.FILE, shtab.DIRECTORY), shell, preamble=_PREAMBLE[shell]).strip()
            + "\n"
            + _BEHIND.get(shell, "")
        )
        yield place, "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def _whole_parser(file: object, folder: object) -> argparse.ArgumentParser:
    """All commands' parsers as one, as shtab wants it."""
    whole = argparse.ArgumentParser("wayvid", description="A video wallpaper for every Wayland screen")
    whole.add_argument("--version", action="version", version="", help="print the version")
    commands = whole.add_subparsers(metavar="COMMAND")
    for name, summary in COMMANDS.items():
        parser = parser_of(name)
        for action in shown_actions(parser):
            if completes := _completes(action, file, folder):
                action.complete = completes  # type: ignore[attr-defined]
        parser.description = summary
        commands.add_parser(name, help=summary)
        commands.choices[name] = parser
    return whole


def _completes(action: argparse.Action, file: object, folder: object) -> object:
    """What completes the value of an argument beside its choices; None: nothing that is known."""
    word = action.metavar[0] if isinstance(action.metavar, tuple) else action.metavar or ""
    if word.startswith("OUTPUT"):
        return _OUTPUTS
    kinds = {"FILE": file, "SOURCE": _SOURCES, "BOUNDS": file, "DIR": folder}
    return next((kind for start, kind in kinds.items() if word.startswith(start)), None)
