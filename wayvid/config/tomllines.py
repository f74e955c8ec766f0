"""On which line of a TOML file each key is: tomllib does not say it.

Only for files that tomllib has taken: of TOML that is right, the words and brackets
outside of strings are enough.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from wayvid.config.faults import KeyPath, LineOf

__all__ = ["toml_lines"]

# TOML 1.0: strings of four kinds, comments, and what separates words; a multi-line string may end in five quotes.
_TOKEN = re.compile(
    r"""
    \"\"\" (?: \\. | [^\\] )*? \"{3,5} | ''' .*? '{3,5} | " (?: \\. | [^"\\] )* " | '[^']*'
    | \#[^\n]* | [\[\]{}=.,\n] | [^\s"'\[\]{}=.,\#]+
    """,
    re.DOTALL | re.VERBOSE,
)
_OPENING, _CLOSING = ("[", "{"), ("]", "}")


def toml_lines(text: str) -> LineOf:
    """Finds the lines of keys in a file's text; what is within an inline table is where that begins."""
    lines: dict[KeyPath, int] = {}
    header: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for is_header, words, line in _statements(text):
        parts = tuple(_name(word) for word in words if word not in ("[", "."))
        if not is_header:
            for length in range(1, len(parts) + 1):
                lines.setdefault((*header, *parts[:length]), line)
            continue
        header = ()
        for part in parts[:-1]:
            header = _latest((*header, part), counts)
        header = (*header, *parts[-1:])
        if words[1:2] == ["["]:
            counts[header] = counts.get(header, -1) + 1
        lines.setdefault(header, line)
        header = _latest(header, counts)
        lines.setdefault(header, line)

    def line_of(path: KeyPath) -> int:
        while path and path not in lines:
            path = path[:-1]
        return lines.get(path, 0)

    return line_of


def _latest(path: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    """The path, and its latest row where it is a list of tables."""
    return (*path, counts[path]) if path in counts else path


def _name(word: str) -> str:
    if word[0] not in "\"'":
        return word
    return str(tomllib.loads(f"name = {word}")["name"])


def _statements(text: str) -> Iterator[tuple[bool, list[str], int]]:
    """For each header and each key with a value: which of both, the words before the value, and the line."""
    words: list[str] = []
    depth, line, is_value, at = 0, 1, False, 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        line += text.count("\n", at, token.start())
        at = token.start()
        if word == "\n":
            if words and not is_value:
                yield True, words, line
            if depth == 0 or not is_value:
                words, depth, is_value = [], 0, False
        elif word[0] == "#":
            continue
        elif is_value:
            depth += (word in _OPENING) - (word in _CLOSING)
        elif word == "=":
            is_value = True
            yield False, words, line
        elif word != "]":
            words.append(word)
    if words and not is_value:
        yield True, words, line
