"""The config file as a file: where it is looked for, and what is said of one that cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from wayvid.config.load import config_candidates, config_path, load_config
from wayvid.config.model import Config
from wayvid.errors import ConfigError

WriteConfig = Callable[[str | bytes], str]
AS_NOBODY = """
import os, sys
from wayvid.config.load import load_config
from wayvid.errors import ConfigError
if os.getuid() == 0:  # who may read everything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    load_config(sys.argv[1])
except ConfigError as error:
    print(error)
"""


def reason_of(path: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).isprintable(), "it is one line"
    assert (caught.value.file, caught.value.key) == (path, "")
    error = caught.value
    return f"line {error.line}: {error.reason}" if error.line else error.reason


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def make_config_in(folder: Path) -> str:
    path = folder / "wayvid" / "config.toml"
    path.parent.mkdir(parents=True)
    path.touch()
    return str(path)


def test_no_file_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_path(None) is None
    (home / ".config").write_text("a file in the place of the folder")
    assert config_path(None) is None
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "nowhere"))
    assert config_path(None) is None


def test_the_file_is_looked_for_where_the_session_keeps_its_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_home = make_config_in(home / ".config")
    elsewhere = make_config_in(home / "elsewhere")
    assert config_path(None) == in_home
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "elsewhere"))
    assert config_path(None) == elsewhere


@pytest.mark.parametrize("value", ["", "elsewhere", "./elsewhere"])
def test_a_setting_that_is_no_absolute_path_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    in_home = make_config_in(home / ".config")
    make_config_in(home / "elsewhere")
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_CONFIG_HOME", value)
    assert config_path(None) == in_home


def test_a_link_to_nowhere_is_an_error_rather_than_no_file(home: Path) -> None:
    path = make_config_in(home / ".config")
    os.remove(path)
    os.symlink("gone", path)
    assert config_path(None) == path
    assert reason_of(path) == "there is no such file; check the path"


def test_a_named_file_is_taken_by_its_absolute_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_config_in(home / ".config")
    (home / "own.toml").touch()
    monkeypatch.chdir(home)
    assert config_path("own.toml") == config_path("~/own.toml") == str(home / "own.toml")


def test_a_named_file_that_is_missing_is_an_error(home: Path) -> None:
    make_config_in(home / ".config")
    with pytest.raises(ConfigError) as caught:
        config_path(str(home / "own.toml"))
    assert str(caught.value) == f"config file {home}/own.toml: there is no such file; check the path"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("[power]\nmax_buffers 5\n", "line 2: expected '=' after a key in a key/value pair:"
                     " 'max_buffers 5'", id="no equals sign"),
        pytest.param("[power]\nmax_memory_mb = 256MB\n", "line 2: expected newline or end of document after a"
                     " statement: 'max_memory_mb = 256MB'", id="unit behind a number"),
        pytest.param("[power]\nmax_memory_mb = lots\n",
                     "line 2: invalid value (text takes quotes; true, not True): 'max_memory_mb = lots'",
                     id="text without quotes"),
        pytest.param("[power]\nmax_memory_mb =",
                     "line 2: invalid value (text takes quotes; true, not True): 'max_memory_mb ='", id="no value"),
        pytest.param("power.max_buffers = 4\npower.max_buffers = 5\n\n\n", "line 2: a key is there twice:"
                     " 'power.max_buffers = 5'", id="key twice"),
        pytest.param("[power]\nmax_buffers = 4\nmax_buffers = 5", "line 3: a key is there twice: 'max_buffers = 5'",
                     id="key twice at the end"),
        pytest.param("[power]\n[power]\n", "line 2: a table is there twice: '[power]'", id="table twice"),
        pytest.param("source = \"a.mp4\nspeed = 2\n", "line 1: a quote is not closed: 'source = \"a.mp4'",
                     id="open quote"),
        pytest.param("source = 'a.mp4\n", "line 1: a quote is not closed: \"source = 'a.mp4\"", id="open quote, '"),
        pytest.param("source = \"a.mp4", "line 1: a quote is not closed: 'source = \"a.mp4'", id="at its end"),
        pytest.param("[power\n", "line 1: expected ']' at the end of a table declaration: '[power'", id="open table"),
        pytest.param("a = [\n1,\n", "line 2: invalid value (text takes quotes; true, not True): '1,'", id="open list"),
        pytest.param(b"[power]\n# caf\xe9\n", "line 2: it is not UTF-8; save it as UTF-8", id="Latin-1"),
        pytest.param("[power]\n".encode("utf-16"), "line 1: it is not UTF-8; save it as UTF-8", id="UTF-16"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00", "line 1: invalid statement: '\\x7fELF\\x02\\x01\\x01\\x00'",
                     id="program"),
        pytest.param("a = " + "[" * 9000, "its values are nested too deeply; see docs/config.md", id="nested"),
        pytest.param("a = " + "9" * 9000, "a number in it has too many digits; see docs/config.md", id="digits"),
        pytest.param("#" * (1024 * 1024 + 1), "it is larger than 1 MB, so it is no config file; check the path",
                     id="huge"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_config_is_refused(config_file: WriteConfig, content: str | bytes, reason: str) -> None:
    assert reason_of(config_file(content)) == reason


def test_a_file_as_large_as_allowed_is_read(config_file: WriteConfig) -> None:
    text = "power.max_buffers = 3 "
    assert load_config(config_file(text + "#" * (1024 * 1024 - len(text)))).power.max_buffers == 3


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert reason_of(str(tmp_path)) == "it is a folder; name a file"
    assert reason_of(str(pipe)) == "it is a pipe, which cannot be read again on a reload; name a file"
    assert reason_of("/dev/zero") == "it is larger than 1 MB, so it is no config file; check the path"
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert reason_of(str(loop)) == "Too many levels of symbolic links; check the path and the disk"


def test_dev_null_means_the_defaults() -> None:
    assert load_config("/dev/null") == Config()


def test_a_file_that_may_not_be_read_is_refused() -> None:
    with TemporaryDirectory() as folder:  # in the test's own folder nobody else may look
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "config.toml")
        os.close(os.open(path, os.O_CREAT, 0))
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, path], capture_output=True, text=True, check=False, timeout=60
        )
    reason = "it may not be read by this user; check its permissions with 'ls -l'"
    assert (done.stdout, done.stderr) == (f"config file {path}: {reason}\n", "")


def test_a_path_that_would_break_the_line_is_escaped(tmp_path: Path) -> None:
    path = os.fsdecode(bytes(tmp_path) + b"/a\nb\xff")
    assert str(path) not in str(reason_of(path))


def test_the_earlier_file_is_read_where_there_is_no_other(home: Path) -> None:
    toml = Path(make_config_in(home / ".config"))
    yaml = toml.with_name("config.yaml")
    yaml.write_text("layout: Contain\n")
    assert config_candidates() == [str(toml), str(yaml)]
    assert config_path(None) == str(toml)
    toml.unlink()
    assert config_path(None) == str(yaml)
    assert load_config(str(yaml)).layout == "contain"


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ("{ path = '~/Walls' }", "~/Walls"),
        ("{ path = 'Walls', order = 'shuffle', every_s = 600 }", "playlist:Walls?order=shuffle&every_s=600"),
        ("{ path = '/w', recursive = true, order = 'name' }", "playlist:/w?recursive=true"),
        ("{ path = 'frames/%04d.png', fps = 24 }", "mf://frames/%04d.png?fps=24"),
    ],
)
def test_a_source_may_be_a_table_everywhere(config_file: WriteConfig, table: str, source: str) -> None:
    rules = f"[[output]]\nmatch = 'a'\nsource = {table}\n[[span]]\noutputs = ['*']\nsource = {table}\n"
    config = load_config(config_file(f"source = {table}\n{rules}"))
    assert (config.source, config.output[0].source, config.span[0].source) == (source, source, source)


@pytest.mark.parametrize(
    ("table", "key", "reason"),
    [
        ("{ order = 'name' }", "source.path", "it is missing"),
        ("{ path = 'a', every_s = 0.5 }", "source.every_s", "a number from 1 to 604800, or 0 (to the end of each)"),
        ("{ path = 'a', order = 'random' }", "source.order", 'give "name" or "shuffle"'),
        ("{ path = 'a', shuffle = true }", "source.shuffle", "there is no such key"),
        ("{ path = 'a', recursive = 1 }", "source.recursive", "true or false"),
        ("{ path = 'a', fps = 24, every_s = 5 }", "source.every_s", "leave one out"),
    ],
)
def test_a_fault_in_a_sources_table_has_its_place(config_file: WriteConfig, table: str, key: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(config_file(f"loop = true\nsource = {table}\n"))
    assert [fault.key for fault in caught.value.faults] == [key]
    assert reason in str(caught.value)
    assert ", line 2: " in str(caught.value)
