"""On which line a fault is, however the file is written; and any damage to a file is told in words."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wayvid.config.load import load_config, load_with_lines
from wayvid.config.model import Config
from wayvid.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs"
MANY_FORMS = '''\
# A comment with = and [brackets] and """
"speed" = 2
gl . depth = 10 # ]
gl.native_resolution = true
source = """
[power]
max_buffers = 3
"""

[power] # and more
"max\\u005fbuffers" = 5
'max_pool_mb' = 7
hold_after_s = 1_0

  [[ output ]]
match = "a # b"
layout = \'\'\'fill\'\'\'
[[output]]
volume = 5
match = ["""x""""] #]
speed = [ # [
  1,
  { a = "]" },
]
mute = 1
'''


def test_a_line_is_found_in_every_form_that_toml_has(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(MANY_FORMS)
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert [(fault.key, fault.line) for fault in caught.value.faults] == [
        ("source", 5), ("output[2].match", 20), ("output[2].speed", 21), ("output[2].mute", 25),
    ]  # fmt: skip
    right = MANY_FORMS.replace('"""\n[power]\nmax_buffers = 3\n"""', '"a"\n\n\n')
    right = right.replace('["""x""""] #]', '"""x""""').replace("speed = [ # [", "priority = 1").replace("mute = 1", "")
    path.write_text(right.replace("  1,\n", "").replace('  { a = "]" },\n', "").replace("\n]\n", "\n"))
    loaded = load_with_lines(str(path))
    keys = {("speed",): 2, ("gl", "depth"): 3, ("gl", "native_resolution"): 4, ("power", "max_buffers"): 11,
            ("power", "max_pool_mb"): 12, ("power", "hold_after_s"): 13, ("output", 0, "match"): 16,
            ("output", 0, "layout"): 17, ("output", 1): 18, ("output", 1, "volume"): 19, ("loop",): 0,
            ("power", "check_every_s"): 0}  # fmt: skip
    assert {key: loaded.line_of(key) for key in keys} == keys
    assert loaded.config.output[1].match == 'x"'


PIECES = [b"\n", *b"[ ] ' \" = . \\ \xff \0 - { # : & * ! | > ? , nan true 0 99999999999999999999 [[output]]".split()]
EARLIER = Path(__file__).parent / "earlier.yaml"


def outcome_of(path: str) -> Config | ConfigError:
    try:
        return load_config(path)
    except ConfigError as error:
        return error


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file's name, and the content of a good one with some bytes replaced."""
    name = draw(st.sampled_from(["config.toml", "config.yaml"]))
    whole = (DOCS / "config.example.toml").read_bytes() if name == "config.toml" else EARLIER.read_bytes()
    return name, damage(whole, random.Random(draw(st.integers(0, 2**32))))


def damage(whole: bytes, chance: random.Random) -> bytes:
    """A file's content with some bytes replaced."""
    content = bytearray(whole)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(content))
        content[start : start + chance.choice([0, 1, 1, 5, 40])] = chance.choice(PIECES)
    return bytes(content)


@pytest.mark.parametrize("count", [200, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_any_damage_leaves_a_config_or_is_told_in_words(tmp_path: Path, count: int) -> None:
    outcomes: set[type] = set()

    @seed(7)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(damaged())
    def load(file: tuple[str, bytes]) -> None:
        path = tmp_path / file[0]
        path.write_bytes(file[1])
        outcome = outcome_of(str(path))
        outcomes.add(type(outcome))
        if isinstance(outcome, ConfigError):
            assert str(outcome).isprintable(), "it is one line"
            assert all(0 <= fault.line <= file[1].count(b"\n") + 1 for fault in outcome.faults)

    load()
    assert outcomes == {Config, ConfigError}
