"""What a class says of itself: summary, body, attributes, advice."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import NamedTuple

__all__ = ["Told", "Undocumented", "told", "meaning"]

_SECTION = re.compile(r"(Attributes|Advice|Answer|Raises|Threads|Source):\s*(.*)")
_ATTRIBUTE = re.compile(r"    (\w+): (.*)")
_ELSEWHERE = re.compile(r"Attributes are those of ([\w.]+)\.")


class Undocumented(Exception):
    """Something that users meet has no words in its docstring."""


class Told(NamedTuple):
    """A docstring in parts.

    Attributes:
        summary: its first line.
        body: what follows up to the first section.
        attributes: by name, each on one line.
        sections: the others by name, each on one line.
    """

    summary: str
    body: str
    attributes: dict[str, str]
    sections: dict[str, str]


def told(kind: type) -> Told:
    """The docstring of a class, and the attributes of the classes that it inherits from or refers to.

    Raises:
        Undocumented: it has none.
    """
    text = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    if not text:
        raise Undocumented(f"{kind.__module__}.{kind.__name__} has no docstring, and docs/ is made of it")
    attributes: dict[str, str] = {}
    for base in reversed(kind.__mro__[1:]):
        if base.__module__.startswith("wayvid.") and base.__dict__.get("__doc__"):
            attributes |= told(base).attributes
    if elsewhere := _ELSEWHERE.search(text):
        module, _, name = elsewhere[1].rpartition(".")
        attributes |= told(getattr(importlib.import_module(module), name)).attributes
        text = text.replace(elsewhere[0], "")
    summary, _, rest = text.partition("\n")
    body: list[str] = []
    sections: dict[str, str] = {}
    section = name = ""
    for line in rest.splitlines():
        if match := _SECTION.fullmatch(line):
            section = match[1]
            sections[section] = match[2]
        elif not section:
            body.append(line)
        elif section == "Attributes" and (match := _ATTRIBUTE.fullmatch(line)):
            name = match[1]
            attributes[name] = match[2]
        elif section == "Attributes" and name and line.strip():
            attributes[name] += f" {line.strip()}"
        elif line.strip():
            sections[section] = f"{sections[section]} {line.strip()}".strip()
    sections.pop("Attributes", None)
    return Told(summary.strip(), " ".join("\n".join(body).split()), attributes, sections)


def meaning(kind: type, name: str) -> str:
    """What an attribute of a class is for.

    Raises:
        Undocumented: the class does not say.
    """
    words = told(kind).attributes.get(name)
    if not words:
        raise Undocumented(
            f"{kind.__module__}.{kind.__name__}.{name} has no line in the Attributes of its class; "
            "docs/ is made of them, so write there what it means to a user"
        )
    return words
