"""What docs/ says of the config file is so."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from wayvid.config.load import load_config
from wayvid.config.model import Config, GlConfig, PowerConfig
from wayvid.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_is_complete_and_has_the_defaults() -> None:
    path = DOCS / "config.example.toml"
    assert load_config(str(path)) == Config()
    tables = tomllib.loads(path.read_text())
    assert set(tables) == set(Config.__struct_fields__)
    assert tuple(tables["power"]) == PowerConfig.__struct_fields__
    assert tuple(tables["gl"]) == GlConfig.__struct_fields__


def test_the_error_on_the_page_is_the_one_that_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[power]\nmax_memory_mb = 5\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert str(caught.value).replace(str(path), "/home/you/.config/wayvid/config.toml") in _page()


def _page() -> str:
    return (DOCS / "config.md").read_text()
