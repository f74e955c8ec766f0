"""A YAML file as tables, with the lines of its keys."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from wayvid.config.faults import KeyPath, LineOf, key_words

__all__ = ["BadYaml", "YamlFile", "read_yaml", "without_nothing"]

MAX_DEPTH = 20
MERGE_TAG = "tag:yaml.org,2002:merge"
# What PyYAML's constructors raise for a scalar that is not what its tag says, such as "!!timestamp soon".
_NO_VALUE = (ValueError, KeyError, AttributeError, TypeError, IndexError, OverflowError)


class BadYaml(Exception):
    """It is no YAML, or has what no config needs.

    Attributes:
        reason: in words.
        line: from 1; 0 when unknown.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


class YamlFile(NamedTuple):
    """What a file says: tables, whose keys are texts, and where they are."""

    tables: dict[str, Any]
    line_of: LineOf


def read_yaml(text: str) -> YamlFile:
    """A YAML file's content; nothing in it is executed.

    Raises:
        BadYaml: it is none, or is no table.
    """
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            tables = _Builder(loader).value(root, 0) if root is not None else {}
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise BadYaml(exc.problem or "it is no YAML", mark.line + 1 if mark else 0) from exc
    except yaml.YAMLError as exc:
        raise BadYaml("it has signs that YAML does not allow") from exc
    except RecursionError as exc:
        raise BadYaml("its values are nested too deeply; see docs/config.md") from exc
    if tables is None:
        tables = {}
    if not isinstance(tables, dict):
        raise BadYaml("it is not a table; give keys, each with a colon", 1)
    return YamlFile(tables, lambda path: _line_of(root, path))


def without_nothing(tables: dict[str, Any]) -> dict[str, Any]:
    """The same without keys that have no value, for a file without faults: there no table is in itself."""
    return {
        key: without_nothing(value) if isinstance(value, dict) else value
        for key, value in tables.items()
        if value is not None
    }


class _Builder:
    """Makes values of nodes: of each node once, so that aliases of aliases stay small."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._made: dict[int, Any] = {}

    def value(self, node: yaml.Node, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BadYaml("its values are nested too deeply; see docs/config.md", node.start_mark.line + 1)
        if id(node) not in self._made:
            self._made[id(node)] = self._make(node, depth)
        return self._made[id(node)]

    def _make(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, depth + 1) for one in node.value]
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            self._loader.flatten_mapping(node)
            return {key.value: self.value(one, depth + 1) for key, one in node.value}
        try:
            return self._loader.construct_object(node)
        except _NO_VALUE as exc:
            raise BadYaml("a value in it is not what its type says", node.start_mark.line + 1) from exc

    def _check_keys(self, node: yaml.MappingNode) -> None:
        known = set()
        for key, _value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise BadYaml("a key is not a word", line)
            if key.value in known and key.tag != MERGE_TAG:
                raise BadYaml(f"the key {key_words((key.value,))} is there twice", line)
            known.add(key.value)


def _line_of(node: yaml.Node | None, path: KeyPath) -> int:
    line = 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == part]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pairs = [(node.value[part], node.value[part])]
        else:
            break
        if not pairs:
            break
        key, node = pairs[-1]
        line = key.start_mark.line + 1
    return line
