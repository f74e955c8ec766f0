"""`wayvid run -c FILE`: a bad file is said before anything is started, a good one reaches the daemon."""

import os

import pytest

from tests.cli.conftest import run_wayvid
from wayvid.desk.runtime import SESSION

BAD_CONFIG, NO_COMPOSITOR = 9, 3


@pytest.fixture
def home_env(tmp_path):
    """No compositor, and a home of the test's own."""
    env = {name: value for name, value in os.environ.items() if name not in (*SESSION, "XDG_CONFIG_HOME")}
    return env | {"HOME": str(tmp_path)}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def expect_one_line(done, code, *words):
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("option", ["-c", "--config"])
def test_bad_value_is_one_line_and_its_own_exit_code(option, tmp_path, home_env):
    path = write(tmp_path / "own.toml", "[power]\nmax_memory_mb = 5\n")
    done = run_wayvid("run", option, str(path), env=home_env)
    expect_one_line(
        done, BAD_CONFIG, f"wayvid run: config file {path}, line 2: power.max_memory_mb: 5 is not allowed; give "
    )


def test_missing_file_is_an_error_when_it_was_named(tmp_path, home_env):
    done = run_wayvid("run", "-c", "gone.toml", env=home_env, cwd=tmp_path)
    expect_one_line(done, BAD_CONFIG, f"config file {tmp_path}/gone.toml: there is no such file")


def test_file_in_the_home_is_read_unasked_unless_another_is_named(tmp_path, home_env):
    path = write(tmp_path / ".config" / "wayvid" / "config.toml", "max_memory_mb = 300\n")
    expect_one_line(run_wayvid("run", env=home_env), BAD_CONFIG, str(path), "did you mean power.max_memory_mb?")
    expect_one_line(run_wayvid("run", "-c", "/dev/null", env=home_env), NO_COMPOSITOR)


def test_without_a_file_or_with_a_good_one_the_start_goes_on(tmp_path, home_env):
    path = write(tmp_path / "own.toml", "[power]\nmax_memory_mb = 300\n")
    expect_one_line(run_wayvid("run", env=home_env), NO_COMPOSITOR)
    expect_one_line(run_wayvid("run", "-c", str(path), env=home_env), NO_COMPOSITOR)
