"""`wayvid config`: where the file is, what is wrong in it, what holds for a screen."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import run_wayvid
from wayvid.desk import Desk
from wayvid.desk.runtime import SESSION

DOCS = Path(__file__).parents[2] / "docs"
Config = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the config of `config` is."""
    folder = tmp_path / "wayvid"
    folder.mkdir()
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Runs `wayvid config ...` without a compositor; exit code and lines."""
    env = {name: value for name, value in os.environ.items() if name not in SESSION}

    def run(*arguments: str, desk: Desk | None = None) -> tuple[int, list[str]]:
        own = {**(desk.env if desk else env), "XDG_CONFIG_HOME": str(tmp_path)}
        done = run_wayvid("config", *arguments, env=own)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return run


def test_path_names_the_file_that_is_read_and_the_one_that_is_not(home: Path, config: Config) -> None:
    toml, yaml = home / "config.toml", home / "config.yaml"
    assert config("path") == (0, [f"there is no config file, and the defaults hold; it would be {toml}"])
    yaml.write_text("layout: Contain\n")
    assert config("path") == (0, [str(yaml)])
    toml.touch()
    assert config("path") == (0, [str(toml), f"{yaml} is not read, since {toml} is there"])


def test_check_has_a_line_for_each_fault(home: Path, config: Config) -> None:
    path = home / "config.toml"
    assert config("check") == (0, ["there is no config file, and the defaults hold"])
    path.write_text("layout = 'fill'\n")
    assert config("check") == (0, [f"{path}: nothing is wrong in it"])
    path.write_text("speed = 0\n[[output]]\nmatch = 'DP-1'\nsped = 2\n")
    code, lines = config("check")
    assert (code, [line.split(": ")[:2] for line in lines]) == (
        1, [[f"{path}:1", "speed"], [f"{path}:4", "output[1].sped"]],
    )  # fmt: skip
    assert lines[1].endswith("there is no such key; did you mean output[1].speed?")
    path.write_text("[[output]]\nmach = 'DP-1'\nlayout = 'round'\n")  # a key that is missing is found last
    assert [line.split(": ")[0] for line in config("check")[1]] == [f"{path}:1", f"{path}:2", f"{path}:3"]


def test_check_takes_another_file_and_looks_for_its_sources(tmp_path: Path, config: Config) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("hdr_mode: auto\nper_output:\n  DP-1:\n    source: {type: File, path: gone.mp4}\n")
    code, lines = config("check", str(path))
    assert (code, len(lines)) == (1, 2)
    assert lines[0] == f"{path}:4: cannot play '{tmp_path}/gone.mp4': there is no such file; check the path"
    assert lines[1] == f"{path}:1: hdr_mode: it has no effect any more"
    code, lines = config("check", str(tmp_path / "gone.toml"))
    assert (code, lines) == (1, [f"{tmp_path}/gone.toml: there is no such file; check the path"])


@pytest.mark.parametrize("hook", ["gone -q {frame}", "/gone/wal", "~/gone"])
def test_check_looks_for_the_program_of_a_hook(home: Path, config: Config, hook: str) -> None:
    # It passed, and the log said so with the first picture, which nobody reads.
    path = home / "config.toml"
    path.write_text(f"speed = 2\nhook = '{hook}'\n")
    program = hook.partition(" ")[0]
    said = f"{path}:2: hook: there is no program {program!r}; install it, or name it by its whole path"
    assert config("check") == (1, [said])
    path.write_text("hook = 'sh -c true'\n")
    assert config("check") == (0, [f"{path}: nothing is wrong in it"])


RULES = """\
speed = 2
[[output]]
match = "HEADLESS-*"
layout = "contain"

[[output]]
match = "HEADLESS-2"
mute = false
rest.battery = "pause"
"""


def shown(lines: list[str]) -> dict[str, tuple[str, str]]:
    """By key what is shown and where it is from."""
    halves = [line.partition("  # ") for line in lines if "=" in line]
    return {half.partition(" = ")[0]: (half.partition(" = ")[2].strip(), origin.strip()) for half, _, origin in halves}


def test_show_tells_what_holds_for_a_screen_and_which_line_says_so(home: Path, config: Config, sway_desk: Desk) -> None:
    path = home / "config.toml"
    path.write_text(RULES)
    code, lines = config("show", "-o", "HEADLESS-2", desk=sway_desk)
    assert (code, lines[0].startswith("# HEADLESS-2: ")) == (0, True), lines
    keys = shown(lines)
    assert keys["speed"] == ("2.0", f"{path}:1")
    assert keys["layout"] == ('"contain"', f'{path}:4, output "HEADLESS-*"')
    assert keys["mute"] == ("false", f'{path}:8, output "HEADLESS-2"')
    assert keys["volume"] == ("100", "default")
    assert keys["rest.battery"] == ('"pause"', f'{path}:9, output "HEADLESS-2"')
    assert keys["rest.locked"] == ('"hold"', "default")
    for other in (config("show", "-o", "DP-1", desk=sway_desk), config("show", "-o", "DP-1")):
        assert other[1][0].endswith("so rules are matched by its name alone")
        assert shown(other[1])["layout"] == ('"fill"', "default")


def test_show_without_a_screen_tells_every_key(home: Path, config: Config) -> None:
    (home / "config.toml").write_text(RULES)
    code, lines = config("show")
    keys = shown(lines)
    assert (code, keys["speed"][0], keys["power.max_memory_mb"]) == (0, "2.0", ("256", "default"))
    assert lines[-1].startswith('output "HEADLESS-2"')


def test_example_and_schema_are_those_of_this_version(config: Config) -> None:
    example = "\n".join(config("example")[1]) + "\n"
    assert example == (DOCS / "config.example.toml").read_text()
    schema = json.loads("\n".join(config("schema")[1]))
    assert set(tomllib.loads(example)) <= set(schema["properties"])


@pytest.mark.parametrize("arguments", [("schema", "a.toml"), ("path", "-o", "DP-1"), ("paths",), ()])
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    done = run_wayvid("config", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
