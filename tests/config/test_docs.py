"""What docs/ says of the config file is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

from wayvid.config.load import load_config
from wayvid.config.model import Config, PowerConfig
from wayvid.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_is_complete_and_has_the_defaults() -> None:
    path = DOCS / "config.example.toml"
    assert load_config(str(path)) == Config()
    assert tuple(tomllib.loads(path.read_text())["power"]) == PowerConfig.__struct_fields__


def test_the_page_has_every_key_with_its_range_and_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w.*?) \| (\d+) \| .*? \| (?:at once|next clip) \|$", _page(), re.MULTILINE)
    hints = get_type_hints(PowerConfig, include_extras=True)
    assert [key for key, *_ in rows] == list(hints)
    for key, values, default in rows:
        (allowed,) = hints[key].__metadata__
        kind = "whole number" if hints[key].__origin__ is int else "number"
        zero = f"; 0: {allowed.zero}" if allowed.zero else ""
        assert values == f"{kind}, {allowed.lowest} to {allowed.highest}{zero}"
        assert float(default) == getattr(PowerConfig(), key)


def test_the_error_on_the_page_is_the_one_that_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[power]\nmax_memory_mb = 5\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert str(caught.value).replace(str(path), "/home/you/.config/wayvid/config.toml") in _page()


def _page() -> str:
    return (DOCS / "config.md").read_text()
