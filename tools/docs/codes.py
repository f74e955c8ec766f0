"""The exit codes, from the errors that have them."""

from __future__ import annotations

import inspect

from tools.docs.docstrings import Undocumented, told
from tools.docs.tables import table
from wayvid import errors

__all__ = ["exit_codes", "rows"]

NO_ERROR = {
    0: (
        "Done. `wayvid run` was ended by SIGINT or SIGTERM, as it should be; `wayvid top` by q or Ctrl-C, "
        "`status --watch` and `events` by Ctrl-C. Or nobody reads the output any more (`wayvid status | head -1`).",
        "Nothing.",
    ),
    130: ("Another command was interrupted with Ctrl-C.", "Nothing."),
}


def exit_codes() -> str:
    """A row for each code."""
    return table(
        ("code", "meaning", "what to do"), ((str(code), meant, advice) for code, (meant, advice) in rows().items())
    )


def rows() -> dict[int, tuple[str, str]]:
    """What each code means, and what to do then, in their order."""
    found = dict(NO_ERROR)
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.WayvidError) and "exit_code" in vars(kind):
            words = told(kind)
            if not words.sections.get("Advice"):
                raise Undocumented(f"wayvid.errors.{kind.__name__} has an exit code and no Advice in its docstring")
            found[kind.exit_code] = (words.summary, words.sections["Advice"])
    return dict(sorted(found.items()))
