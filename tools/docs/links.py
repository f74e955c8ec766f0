"""What the site generator does not follow: links of the README, and files of the repository that pages name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["broken_links", "broken_paths", "anchors", "loaded_from_elsewhere"]

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_PATH = re.compile(r"(?<![\w/~$.-])((?:\w[\w.-]*/)+[\w.-]+\.(?:py|pyx|pxd|sh|toml|md))(?![\w/])")
_ROOTS = ("", "wayvid")  # docs/architecture.md names modules as seen from the package
_ANYWHERE = re.compile(r"^(?:[a-z]+:|//)")
# Of a page, what a browser fetches by itself.
_LOADS = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\b(?:src|data)=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon|dns-prefetch))[^>]*\bhref=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^"'\s)]+|url\(["']?(?:https?:)?//[^"'\s)]+"""
)


def anchors(page: str) -> set[str]:
    """The anchors that a page's headings get, by GitHub's rule, which MyST's is too."""
    found: dict[str, int] = {}
    names = set()
    for heading in _HEADING.findall(_FENCE.sub("", page)):
        title = _LINK.sub("", heading).replace("[", "").replace("]", "").replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        number = found.get(slug, 0)
        found[slug] = number + 1
        names.add(f"{slug}-{number}" if number else slug)
    return names


def broken_links(page: Path) -> Iterator[str]:
    """What is wrong with a page's links into the repository, a line each."""
    text = page.read_text()
    for target in _LINK.findall(_FENCE.sub("", text)):
        if _ANYWHERE.match(target):
            continue
        path, _, anchor = target.partition("#")
        meant = page.parent / path if path else page
        if not meant.exists():
            yield f"{page.name}: the link {target} goes nowhere: there is no {path}"
        elif anchor and anchor not in anchors(meant.read_text()):
            yield f"{page.name}: the link {target} goes nowhere: no heading of {meant.name} has this anchor"


def broken_paths(page: Path, root: Path) -> Iterator[str]:
    """Files that a page names in code (`wayvid/units.py`) and that are not in the repository."""
    for code in re.findall(r"`([^`\n]+)`", _FENCE.sub("", page.read_text())):
        for path in _PATH.findall(code):
            if not any((root / above / path).exists() for above in _ROOTS) and not list(root.glob(path)):
                yield f"{page.name}: `{path}` is not in the repository"


def loaded_from_elsewhere(folder: Path) -> Iterator[str]:
    """What pages of a built site would have the browser fetch from the net."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".css"):
            for match in _LOADS.finditer(path.read_text()):
                yield f"{path.relative_to(folder)}: loads from elsewhere: {match[0][:120]}"
