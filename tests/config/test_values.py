"""A config file's keys: which values are taken, and what is said of the others."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from wayvid.config.load import load_config
from wayvid.config.model import Config, PowerConfig
from wayvid.config.resolve import OutputConfig
from wayvid.errors import ConfigError, WayvidError

WriteConfig = Callable[[str | bytes], str]
# key: its default, what it may be at its ends, what is next to these, and the words for it.
KEYS = {
    "max_memory_mb": (256, [0, 20, 1048576], [19, 1, 1048577], "a whole number from 20 to 1048576, or 0 (unlimited)"),
    "max_buffers": (8, [0, 2, 1024], [1, 1025], "a whole number from 2 to 1024, or 0 (unlimited)"),
    "max_pool_mb": (100, [0, 1, 65536], [65537], "a whole number from 1 to 65536, or 0 (unlimited)"),
    "hold_after_s": (30, [0, 0.5, 86400], [86400.1], "a number from 0 to 86400 (0: never)"),
    "max_growth_mb_per_hour": (64, [0, 1048576], [1048576.5], "a number from 0 to 1048576 (0: never exchange)"),
    "growth_warmup_s": (120, [1, 86400], [0, 0.9, 86401], "a number from 1 to 86400"),
    "growth_window_s": (600, [10, 86400], [0, 9.9, 86401], "a number from 10 to 86400"),
    "stats_every_frames": (300, [0, 1, 1000000000], [1000000001], "a whole number from 0 to 1000000000 (0: never)"),
    "stats_every_s": (30, [0, 86400], [86401], "a number from 0 to 86400 (0: never)"),
    "check_every_frames": (600, [0, 1000000000], [1000000001], "a whole number from 0 to 1000000000 (0: never)"),
    "check_every_s": (30, [1, 86400], [0, 0.5, 86401], "a number from 1 to 86400"),
    "demuxer_ahead_mb": (2, [0.25, 50], [0, 0.24, 50.1], "a number from 0.25 to 50"),
    "demuxer_back_mb": (0, [0, 0.5, 10], [10.1], "a number from 0 to 10"),
    "stream_ahead_mb": (32, [1, 100], [0, 0.9, 100.5], "a number from 1 to 100"),
    "decode_threads": (1, [1, 16], [0, 17], "a whole number from 1 to 16"),
}
TABLES = ", ".join(Config.__struct_fields__)
# Other keys: what they may be, what not, and the words for it.
WORDS = {
    "source": (
        ["''", "'~/waves.mp4'", "'https://a.org/b.mp4'"],
        ["1", "'a\\nb'"],
        '"" or a file, a folder or a URL, or a table',
    ),
    "layout": (
        ["'fill'", "'centre'"],
        ["'Fill'", "'round'", "''", "1"],
        '"fill", "cover", "contain", "stretch" or "centre"',
    ),
    "loop": (["true", "false"], ["1", "'no'"], "true or false"),
    "loop_fade_s": (["0", "1.5", "10"], ["-1", "10.1", "true"], "a number from 0 to 10"),
    "start_time": (["0", "1.5", "604800"], ["-1", "604801", "nan", "true"], "a number from 0 to 604800"),
    "speed": (["0.01", "1", "100"], ["0", "0.009", "101", "'fast'"], "a number from 0.01 to 100"),
    "mute": (["true", "false"], ["0"], "true or false"),
    "volume": (["0", "100"], ["-1", "101", "0.5"], "a whole number from 0 to 100"),
    "max_fps": (
        ["0", "1", "1000"],
        ["-1", "1001", "29.97"],
        "a whole number from 1 to 1000, or 0 (as many as the clip has)",
    ),
    "renderer": (["'auto'", "'gl'", "'shm'"], ["'vulkan'", "''", "1"], '"auto", "gl" or "shm"'),
    "hwdec": (
        ["'auto'", "'no'", "'vaapi'"],
        ["1", "'a\\nb'"],
        '"auto", "no" or a name that mpv knows, such as "vaapi"',
    ),
    "gl.depth": (["8", "10"], ["9", "8.0", "'8'", "true"], "8 or 10"),
    "gl.native_resolution": (["true", "false"], ["1", "'true'"], "true or false"),
    "gl.device": (
        ["''", "'/dev/dri/renderD129'"],
        ["1", "'a\\nb'"],
        '"" or the path of a card, such as "/dev/dri/renderD129"',
    ),
}
TAKEN = [(key, value) for key, (_, values, _, _) in KEYS.items() for value in values]
REFUSED = [(key, value) for key, (_, _, values, _) in KEYS.items() for value in (-1, *values)]
WHOLE = [key for key, (_, _, _, words) in KEYS.items() if "whole" in words]
NEVER_A_NUMBER = {
    "'lots'": "'lots'",
    "''": "''",
    "true": "true",
    "false": "false",
    "nan": "nan",
    "-inf": "-inf",
    "1e400": "inf",
    "[30]": "a list",
    "{a = 30}": "a table",
    "1979-05-27": "1979-05-27",
    "9" * 4000: "so large a number",
    "0x" + "f" * 6000: "so large a number",
    "-" + "9" * 4000: "so large a number",
}


def error_of(path: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    message = str(caught.value)
    assert message.isprintable(), "it is one line"
    assert path in message
    return caught.value


def test_the_table_above_has_every_key() -> None:
    assert tuple(KEYS) == PowerConfig.__struct_fields__


@pytest.mark.parametrize("content", ["", "# nothing\n", "[power]\n", "\ufeff[power]\r\n"])
def test_what_a_file_leaves_out_has_its_default(config_file: WriteConfig, content: str) -> None:
    assert load_config(config_file(content)) == Config()
    assert msgspec.structs.asdict(Config().power) == {key: default for key, (default, *_) in KEYS.items()}


@pytest.mark.parametrize(("key", "value"), TAKEN)
def test_a_value_within_the_range_is_taken(config_file: WriteConfig, key: str, value: float) -> None:
    config = load_config(config_file(f"[power]\n{key} = {value}\n"))
    assert config == Config(power=msgspec.structs.replace(PowerConfig(), **{key: value}))
    assert type(getattr(config.power, key)) is type(getattr(PowerConfig(), key))


@pytest.mark.parametrize(("key", "value"), REFUSED)
def test_a_value_beyond_the_range_is_refused(config_file: WriteConfig, key: str, value: float) -> None:
    error = error_of(config_file(f"[power]\n{key} = {value}\n"))
    assert (error.key, error.reason) == (f"power.{key}", f"{value} is not allowed; give {KEYS[key][3]}")
    assert f", line 2: power.{key}: {error.reason}" in str(error)


@pytest.mark.parametrize("key", WORDS)
def test_a_word_is_taken_where_it_is_known_and_refused_with_those_that_are(config_file: WriteConfig, key: str) -> None:
    known, wrong, words = WORDS[key]
    for value in known:
        load_config(config_file(f"{key} = {value}"))
    for value in wrong:
        error = error_of(config_file(f"{key} = {value.replace(chr(39), chr(34))}"))
        assert error.key == key
        assert error.reason.endswith(f"is not allowed; give {words}")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("value", "words"), NEVER_A_NUMBER.items(), ids=range(len(NEVER_A_NUMBER)))
def test_what_is_no_number_is_refused(config_file: WriteConfig, key: str, value: str, words: str) -> None:
    error = error_of(config_file(f"power.{key} = {value}\n"))
    assert (error.key, error.reason) == (f"power.{key}", f"{words} is not allowed; give {KEYS[key][3]}")


@pytest.mark.parametrize("key", WHOLE)
def test_a_fraction_is_refused_where_a_whole_number_is_wanted(config_file: WriteConfig, key: str) -> None:
    assert error_of(config_file(f"power.{key} = 2.5")).reason.startswith("2.5 is not allowed; give a whole number")


def test_a_long_text_is_named_by_its_beginning(config_file: WriteConfig) -> None:
    error = error_of(config_file(f"power.max_buffers = '{'long ' * 1000}'"))
    assert error.reason.startswith("'long long ")
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        pytest.param("[power]\nmax_memroy_mb = 9", "power.max_memroy_mb",
                     "there is no such key; did you mean power.max_memory_mb?", id="misspelt key"),
        pytest.param("[powr]\nmax_memory_mb = 99", "powr",
                     "there is no such table; did you mean power?", id="misspelt table"),
        pytest.param("max_memory_mb = 99", "max_memory_mb",
                     "there is no such key; did you mean power.max_memory_mb?", id="key outside its table"),
        pytest.param("[zebra]", "zebra", f"there is no such table; the file may have {TABLES}", id="unknown table"),
        pytest.param("'' = 1", "''", f"there is no such key; the file may have {TABLES}", id="no name"),
        pytest.param("[power]\nzoom = 1", "power.zoom",
                     f"there is no such key; [power] may have {', '.join(KEYS)}", id="unknown key"),
        pytest.param("[power.mine]", "power.mine",
                     f"there is no such table; [power] may have {', '.join(KEYS)}", id="table in itself"),
        pytest.param('[power]\n"a\\nb\\u0007" = 1', "power.'a\\nb\\x07'",
                     f"there is no such key; [power] may have {', '.join(KEYS)}", id="signs that would break the line"),
        pytest.param("power = 5", "power", "5 is not a table; write [power], and its keys below that", id="no table"),
        pytest.param("spede = 2", "spede", "there is no such key; did you mean speed?", id="key of all screens"),
        pytest.param("[[output]]\nmatch = 'DP-1'\nlayuot = 'fill'", "output[1].layuot",
                     "there is no such key; did you mean output[1].layout?", id="key of a rule"),
        pytest.param("[[output]]\nmatch = 'DP-1'\nrenderer = 'gl'", "output[1].renderer",
                     "there is no such key; it is for all screens: write renderer above the first [table]",
                     id="key of all screens in a rule"),
        pytest.param("[[outputs]]\nmatch = 'DP-1'", "outputs",
                     "there is no such table; did you mean [[output]]?", id="misspelt list of tables"),
        pytest.param("[[output]]\nspeed = 2", "output[1].match",
                     'it is missing; give a screen, such as "HDMI-A-1" or "DP-*"', id="rule for nothing"),
        pytest.param("[[output]]\nmatch = ''", "output[1].match",
                     "'' is not allowed; give a screen, such as \"HDMI-A-1\" or \"DP-*\"", id="rule for no name"),
        pytest.param("[output]\nmatch = 'DP-1'", "output",
                     "a table is not a list of tables; write [[output]]", id="rule like a table"),
        pytest.param("output = [1]", "output[1]",
                     "1 is not a table; write [[output]], and its keys below that", id="number for a rule"),
        pytest.param("[[span]]\nsource = 'a.mp4'", "span[1].outputs",
                     'it is missing; give a screen, such as "HDMI-A-1" or "DP-*"', id="span of nothing"),
        pytest.param("[[span]]\noutputs = 'DP-*'", "span[1].outputs", "'DP-*' is not allowed; write outputs = [...] "
                     'with a screen, such as "HDMI-A-1" or "DP-*" in it', id="word for a list"),
        pytest.param("[[span]]\noutputs = []", "span[1].outputs", "an empty list is not allowed; write outputs = [...] "
                     'with a screen, such as "HDMI-A-1" or "DP-*" in it', id="empty list"),
        pytest.param("[[span]]\noutputs = ['DP-1', 2]", "span[1].outputs[2]",
                     '2 is not allowed; give a screen, such as "HDMI-A-1" or "DP-*"', id="number in a list"),
        pytest.param("[[power]]", "power", "a list is not a table; write [power], and its keys below that", id="list"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_and_the_nearest_one_named(
    config_file: WriteConfig, content: str, key: str, reason: str
) -> None:
    error = error_of(config_file(content))
    assert (error.key, error.reason) == (key, reason)


def test_all_faults_are_known_at_once_and_the_first_is_told(config_file: WriteConfig) -> None:
    path = config_file("[power]\nmax_memory_mb = -5\nmax_buffers = 4\nhold = 9\n[powr]\n")
    error = error_of(path)
    assert [fault.key for fault in error.faults] == ["power.max_memory_mb", "power.hold", "powr"]
    assert (error.file, error.key, error.reason, error.line) == (path, *error.faults[0])
    assert str(error).endswith("or 0 (unlimited) (and 2 more: power.hold, powr)")
    assert (error.exit_code, isinstance(error, WayvidError), isinstance(error, ValueError)) == (9, True, True)


def test_what_is_allowed_for_all_screens_is_allowed_for_one_and_nothing_else(config_file: WriteConfig) -> None:
    rule = "[[output]]\nmatch = 'DP-1'\n"
    for key in OutputConfig._fields:
        known, wrong, words = WORDS[key]
        for value in known:
            load_config(config_file(f"{rule}{key} = {value}"))
        for value in wrong:
            error = error_of(config_file(f"{rule}{key} = {value.replace(chr(39), chr(34))}"))
            assert (error.key, error.line) == (f"output[1].{key}", 3)
            assert error.reason.endswith(f"is not allowed; give {words}")


def test_a_file_full_of_faults_is_still_one_line(config_file: WriteConfig) -> None:
    error = error_of(config_file("".join(f"a{'x' * 200}{number} = 1\n" for number in range(4000))))
    assert len(error.faults) == 100
    assert len(str(error)) < 700
