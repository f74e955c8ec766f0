"""The page of changes, from the fragments in docs/changes/."""

from __future__ import annotations

from pathlib import Path

__all__ = ["BadFragment", "KINDS", "changes", "read"]

KINDS = {
    "add": "Added",
    "change": "Changed",
    "fix": "Fixed",
    "remove": "Removed",
    "deprecate": "Deprecated",
}
MOST_CHARACTERS = 400


class BadFragment(Exception):
    """A fragment is not as docs/changes.md says."""


def read(folder: Path) -> dict[str, list[str]]:
    """Each kind's lines, by the fragments' names.

    Raises:
        BadFragment: a line does not begin with a kind, or is too long to be one line for users.
    """
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*.md")):
        lines = path.read_text().splitlines()
        if not any(lines):
            raise BadFragment(f"docs/changes/{path.name} is empty")
        for line in filter(None, lines):
            kind, _, what = line.partition(" ")
            if kind not in KINDS or not what:
                raise BadFragment(
                    f"docs/changes/{path.name}: a line begins with one of {', '.join(KINDS)}, and this does not: "
                    f"{line!r}"
                )
            if len(line) > MOST_CHARACTERS:
                raise BadFragment(
                    f"docs/changes/{path.name}: a line of {len(line)} characters; write for users, shortly"
                )
            found[kind].append(what)
    return found


def changes(folder: Path) -> str:
    """A heading for each kind that there is, and its changes."""
    parts = []
    for kind, lines in read(folder).items():
        if lines:
            parts.append(f"## {KINDS[kind]}\n\n" + "\n".join(f"- {line}" for line in lines))
    return "\n\n".join(parts)
