"""`python -m tools.docs`: makes the parts of docs/ that are in the code, and checks the rest.

python -m tools.docs             write them
python -m tools.docs --check     write nothing; exit code 1 when a part is stale or something is broken
python -m tools.docs --site DIR  exit code 1 when the built site loads anything from the net
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import publish
from tools.docs import codes, commands, completions, config, ipc, man
from tools.docs.changes import BadFragment, read
from tools.docs.docstrings import Undocumented
from tools.docs.kinds import Unknown
from tools.docs.links import broken_links, broken_paths, loaded_from_elsewhere
from tools.docs.sections import BadMarkers, fill
from tools.docs.shown import wrong_commands

ROOT = Path(__file__).parents[2]
MAKERS: dict[str, Callable[[], str]] = {
    "config": config.reference,
    "requests": ipc.requests,
    "events": ipc.events,
    "picture": ipc.picture,
    "status": ipc.status,
    "exit-codes": codes.exit_codes,
    "commands": commands.commands,
}


def made(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Each file that is made or has such a part, with its text as it should be.

    Raises:
        Undocumented, Unknown, BadMarkers: something cannot be made.
    """
    docs = root / "docs"
    own = root / "wayvid" / "config"
    for path in (docs / "config.example.toml", own / "config.example.toml"):
        yield path, config.example()
    yield own / "config.schema.json", config.schema()
    share = root / "wayvid" / "share"
    for place, text in completions.scripts():
        yield share / place, text
    for name, text in man.pages():
        yield share / "man" / "man1" / name, text
    for page in sorted(docs.glob("*.md")):
        text = page.read_text()
        if "<!-- made: " in text:
            try:
                yield page, fill(text, MAKERS | publish.makers(docs, text))
            except BadMarkers as exc:
                raise BadMarkers(f"docs/{page.name}: {exc}") from exc


def _shared(root: Path) -> Iterator[Path]:
    return (path for path in (root / "wayvid" / "share").rglob("*") if path.is_file())


def faults(root: Path = ROOT) -> Iterator[str]:
    """What is wrong with pages that are written by hand."""
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    yield from broken_links(root / "README.md")  # the site's own are Sphinx's
    for page in pages:
        yield from broken_paths(page, root)
        yield from wrong_commands(page)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what is stale or broken")
    parser.add_argument("--site", type=Path, metavar="DIR", help="look through a built site instead")
    options = parser.parse_args(argv)
    try:
        said = list(_site(options.site) if options.site else _work(options.check))
    except (Undocumented, Unknown, BadMarkers, BadFragment, publish.BadResults) as exc:
        said = [str(exc)]
    print(*(f"docs: {line}" for line in said), sep="\n", end="\n" if said else "", file=sys.stderr)
    return 1 if said else 0


def _site(folder: Path) -> Iterator[str]:
    if not (folder / "index.html").exists():
        yield f"there is no site in {folder}; build it with 'make docs'"
    yield from loaded_from_elsewhere(folder)


def _work(is_check: bool) -> Iterator[str]:
    for path, text in made():
        if path.exists() and path.read_text() == text:
            continue
        if is_check:
            yield f"{path.relative_to(ROOT)} is not as the code has it; run 'make docs' and commit what it changed"
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"docs: {path.relative_to(ROOT)} made anew")
    for path in sorted(set(_shared(ROOT)) - {path for path, _text in made()}):
        yield f"{path.relative_to(ROOT)} is of a command that is there no more; remove it"
    read(ROOT / "docs" / "changes")
    yield from faults()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
