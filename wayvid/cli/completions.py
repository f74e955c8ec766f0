"""`wayvid completions`: what a shell completes after `wayvid`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import wayvid
from wayvid.cli.parser import CommandParser

__all__ = ["FILES", "SHARE", "run"]

DESCRIPTION = """\
Print the completions of a shell: commands, options, their values, files, and the names
of the screens. A wheel that pip installed for you has put them where bash, zsh
and fish look already, and the man pages where man does.
"""
EXAMPLES = """
wayvid completions bash > ~/.local/share/bash-completion/completions/wayvid
wayvid completions fish > ~/.config/fish/completions/wayvid.fish
wayvid completions zsh > ~/.zfunc/_wayvid          a folder of fpath, before compinit
"""
SHARE = Path(wayvid.__file__).parent / "share"
# Where a wheel puts them below share/, too.
FILES = {
    "bash": "bash-completion/completions/wayvid",
    "fish": "fish/vendor_completions.d/wayvid.fish",
    "zsh": "zsh/site-functions/_wayvid",
}


def run(argv: Sequence[str]) -> int:
    """Print them."""
    parser = CommandParser("completions", DESCRIPTION, EXAMPLES)
    parser.add_argument("shell", choices=tuple(FILES), help="which shell's")
    sys.stdout.write((SHARE / FILES[parser.parse_args(argv).shell]).read_text())
    return 0
