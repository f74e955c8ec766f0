"""How Sphinx makes the site of docs/. `make docs` builds it, and fails on any broken link or anchor."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools.docs.changes import changes  # noqa: E402 - the line above finds it
from wayvid import __version__  # noqa: E402

project = "wayvid"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["changes/*"]
nitpicky = True
myst_heading_anchors = 4
myst_links_external_new_tab = False
myst_enable_extensions = ["deflist"]

html_theme = "furo"
html_title = "wayvid"
html_static_path = ["_static"]
html_css_files = ["wayvid.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
smartquotes = False  # two hyphens are an option's
# Nothing from the net: no fonts, no scripts, no icons.
html_theme_options: dict[str, Any] = {
    "light_css_variables": {"color-brand-primary": "#1f6f8b", "color-brand-content": "#1f6f8b"},
    "dark_css_variables": {"color-brand-primary": "#7fd1e6", "color-brand-content": "#7fd1e6"},
}

DOCS = Path(__file__).parent
CHANGES_MARK = "<!-- changes -->"
# They have their place in the index, and are left out of it while nobody has written them.
NOT_WRITTEN_YET = [name for name in ("gpu",) if not (DOCS / f"{name}.md").exists()]


def _complete(_app: Any, docname: str, source: list[str]) -> None:
    """Puts the fragments of changes into their page (kept in it, each merge would meet the others there)."""
    if docname == "changes":
        source[0] = source[0].replace(CHANGES_MARK, changes(DOCS / "changes"))
    elif docname == "index":
        source[0] = "\n".join(line for line in source[0].split("\n") if line not in NOT_WRITTEN_YET)


def setup(app: Any) -> None:
    app.connect("source-read", _complete)
