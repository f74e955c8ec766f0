"""What docs/ says of the config file is so."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

import wayvid.config
from wayvid.config.load import load_config
from wayvid.config.model import Config, GlConfig, OutputRule, PowerConfig, RestConfig, RestRule
from wayvid.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_is_complete_and_has_the_defaults() -> None:
    path = DOCS / "config.example.toml"
    assert load_config(str(path)) == Config()
    tables = tomllib.loads(path.read_text())
    assert {*tables, "output", "span"} == set(Config.__struct_fields__)
    assert tuple(tables["power"]) == PowerConfig.__struct_fields__
    assert tuple(tables["gl"]) == GlConfig.__struct_fields__
    assert tuple(tables["rest"]) == RestConfig.__struct_fields__
    rules = tomllib.loads(_uncommented(path.read_text()))["output"]
    assert [tuple(rule) for rule in rules] == [OutputRule.__struct_fields__]
    assert tuple(rules[0]["rest"]) == RestRule.__struct_fields__


def _uncommented(text: str) -> str:
    """The example with its rules in force: lines that are commented out and are no words."""
    return re.sub(r"^# (\[.*\]|\w+ = .*)$", r"\1", text, flags=re.MULTILINE)


def _validator() -> jsonschema.protocols.Validator:
    schema = json.loads((Path(wayvid.config.__file__).parent / "config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_the_example_with_its_rules_and_without() -> None:
    text = (DOCS / "config.example.toml").read_text()
    for one in (text, _uncommented(text)):
        assert list(_validator().iter_errors(tomllib.loads(one))) == []


@pytest.mark.parametrize(
    "content",
    ["speed = 0", "speed = 1", "sped = 1", "[power]\nmax_memory_mb = 19", "power.max_memory_mb = 0", "layout = 'Fill'",
     "[[output]]\nspeed = 1", "[[output]]\nmatch = ''", "[[output]]\nmatch = '*'\nvolume = 101", "output = 3",
     "[[output]]\nmatch = '*'\nvolume = 100\n[[output]]\nmatch = 'DP-1'", "gl.depth = 9", "gl.depth = 10",
     "source = ''", "source = 'a\\nb'", "source = \"a\\nb\"", "max_fps = -1", "max_fps = 0", "hwdec = ''", "loop = 1"],
)  # fmt: skip
def test_the_schema_takes_what_wayvid_takes(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    try:
        load_config(str(path))
        is_taken = True
    except ConfigError:
        is_taken = False
    assert _validator().is_valid(tomllib.loads(content)) is is_taken


def test_the_error_on_the_page_is_the_one_that_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[power]\nmax_memory_mb = 5\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert str(caught.value).replace(str(path), "/home/you/.config/wayvid/config.toml") in _page()


def _page() -> str:
    return (DOCS / "config.md").read_text()
