"""What a config says of one output, and which rule said it: pure values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from fnmatch import fnmatchcase  # linear: no part of a name is tried twice for a "*" (its patterns are atomic)
from typing import Any, NamedTuple

import msgspec

from wayvid.config.model import Config, RestConfig, RestRule, SpanRule

__all__ = [
    "NO_OUTPUT",
    "OutputConfig",
    "OutputFacts",
    "Resolved",
    "Way",
    "rested",
    "resolve",
    "resolve_rest",
    "span_of",
    "way_of",
]

WILDCARDS = frozenset("*?[")


class OutputFacts(NamedTuple):
    """What is known of an output; empty where the compositor says nothing.

    Attributes:
        name: of its connector, such as "DP-1".
        description: in the compositor's words.
        make: of the screen.
        model: likewise.
    """

    name: str
    description: str = ""
    make: str = ""
    model: str = ""

    @property
    def plain_description(self) -> str:
        """The description without the connector that many compositors put behind it."""
        return self.description.removesuffix(f"({self.name})").rstrip()

    @property
    def identity(self) -> str:
        """Make, model and serial number, as far as they are known.

        No Wayland protocol tells the serial by itself. Compositors of the wlroots kind
        describe a screen by make, model and serial.
        """
        known = " ".join(word for word in (self.make, self.model) if word)
        return self.plain_description if known and self.plain_description.startswith(f"{known} ") else known


# Stands for every output that no rule means.
NO_OUTPUT = OutputFacts("")


class Way(IntEnum):
    """How a rule means an output; the larger goes before."""

    GLOB = 1
    CONNECTOR = 2
    DESCRIPTION = 3
    IDENTITY = 4


class OutputConfig(NamedTuple):
    """What holds for one output; the keys are those of Config and OutputRule."""

    source: str
    layout: str
    loop: bool
    loop_fade_s: float
    start_time: float
    speed: float
    mute: bool
    volume: int
    max_fps: int


class Resolved(NamedTuple):
    """What holds for one output.

    Attributes:
        values: key by key.
        rules: by key the index in Config.output of the rule that it is from; not there
            for what is from the general part, or has its default.
        spans: likewise the index in Config.span.
    """

    values: OutputConfig
    rules: Mapping[str, int]
    spans: Mapping[str, int] = {}


def way_of(pattern: str, facts: OutputFacts) -> Way | None:
    """How a rule's `match` means an output; None when it does not."""
    ways: tuple[tuple[Way, tuple[str, ...]], ...] = (
        (Way.IDENTITY, (facts.identity,)),
        (Way.DESCRIPTION, (facts.description, facts.plain_description)),
        (Way.CONNECTOR, (facts.name,)),
    )
    for way, words in ways:
        if pattern in words:
            return way
    words = (facts.identity, facts.description, facts.plain_description, facts.name)
    return Way.GLOB if any(word and fnmatchcase(word, pattern) for word in words) else None


def resolve(config: Config, facts: OutputFacts = NO_OUTPUT) -> Resolved:
    """What holds for an output: the rules that mean it, laid over each other from general to specific.

    The order is that of Way, then of priority, then of how many characters are no
    wildcards; of rules that are equal in all that, the later one in the file goes before.
    What a span says goes before all rules.
    """
    values: dict[str, Any] = {key: getattr(config, key) for key in OutputConfig._fields}
    rules: dict[str, int] = {}
    for index in _from_general_to_specific(config, facts):
        for key in OutputConfig._fields:
            value = getattr(config.output[index], key)
            if value is not None:
                values[key] = value
                rules[key] = index
    spans: dict[str, int] = {}
    index_of_span = span_of(config.span, facts)
    if index_of_span is not None:
        for key in ("source", "layout"):
            value = getattr(config.span[index_of_span], key)
            if value is not None:
                values[key], spans[key] = value, index_of_span
                rules.pop(key, None)
    return Resolved(OutputConfig(**values), rules, spans)


def span_of(spans: Sequence[SpanRule], facts: OutputFacts) -> int | None:
    """The index of the first of these that means an output; None when none does."""
    for index, span in enumerate(spans):
        if any(way_of(pattern, facts) is not None for pattern in span.outputs):
            return index
    return None


def resolve_rest(config: Config, facts: OutputFacts = NO_OUTPUT) -> tuple[RestConfig, Mapping[str, int]]:
    """When an output rests, by the rules that mean it in the order of resolve(); and Resolved.rules for these keys."""
    rest = config.rest
    rules: dict[str, int] = {}
    for index in _from_general_to_specific(config, facts):
        rule = config.output[index].rest
        rest = rested(rest, rule)
        rules.update((key, index) for key in RestRule.__struct_fields__ if getattr(rule, key) is not None)
    return rest, rules


def rested(general: RestConfig, rule: RestRule) -> RestConfig:
    """A table of when to rest with what differs from it."""
    differing = {key: value for key in RestRule.__struct_fields__ if (value := getattr(rule, key)) is not None}
    return msgspec.structs.replace(general, **differing) if differing else general


def _from_general_to_specific(config: Config, facts: OutputFacts) -> Iterator[int]:
    meant = []
    for index, rule in enumerate(config.output):
        way = way_of(rule.match, facts)
        if way is not None:
            plain = sum(character not in WILDCARDS for character in rule.match)
            meant.append((way, -rule.priority, plain, index))
    return (index for *_order, index in sorted(meant))
