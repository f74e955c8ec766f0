"""`wayvid service`: a user's folder of units, with systemd's own check where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import run_wayvid
from wayvid.cli.unit import Owner, memory_high_mb, owner_of, unit_text, unit_word

UNIT = "systemd/user/wayvid.service"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a config folder of its own and no systemd that runs."""
    return os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}


def service(home: dict[str, str], *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run_wayvid("service", *words, env=home | {"PYTHONPATH": os.getcwd()}, cwd=cwd)


def unit(home: dict[str, str]) -> Path:
    return Path(home["XDG_CONFIG_HOME"], UNIT)


def exec_start(home: dict[str, str]) -> str:
    lines = unit(home).read_text().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("ExecStart="))


def test_installed_unit_is_the_one_systemd_takes_and_remove_takes_it_away(home: dict[str, str]) -> None:
    done = service(home, "install")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"written: {unit(home)}" in done.stdout
    assert "next: systemctl --user daemon-reload && systemctl --user enable --now wayvid" in done.stdout
    text = unit(home).read_text()
    for line in ("Type=notify", "Restart=on-failure", "WatchdogSec=120", "MemoryHigh=384M"):
        assert f"\n{line}\n" in text
    assert exec_start(home).startswith("/")
    assert exec_start(home).endswith(" run")
    assert [path.name for path in unit(home).parent.iterdir()] == ["wayvid.service"]
    assert service(home, "install").returncode == 0  # its own it may replace

    wants = unit(home).parent / "graphical-session.target.wants"
    wants.mkdir()
    (wants / "wayvid.service").symlink_to(unit(home))
    done = service(home, "status")
    assert done.returncode == 0
    assert "made by wayvid\nsession  starts with it\nnow      " in done.stdout
    assert service(home, "remove").returncode == 0
    assert not unit(home).exists()
    assert not (wants / "wayvid.service").is_symlink()
    for word in ("remove", "status"):
        done = service(home, word)
        assert done.returncode == 16
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["foreign", "edited", "masked"])
def test_what_is_not_its_own_stays_without_force(home: dict[str, str], kind: str) -> None:
    service(home, "install")
    if kind == "foreign":
        unit(home).write_text("[Service]\nExecStart=/usr/bin/true\n")
    elif kind == "edited":
        unit(home).write_text(unit(home).read_text().replace("RestartSec=2", "RestartSec=9"))
    else:
        unit(home).unlink()
        unit(home).symlink_to("/dev/null")
    before = None if kind == "masked" else unit(home).read_text()
    for word in ("install", "remove"):
        done = service(home, word)
        assert (done.returncode, done.stdout) == (16, "")
        assert "--force" in done.stderr
        assert done.stderr.count("\n") == 1
        assert unit(home).is_symlink() if before is None else unit(home).read_text() == before
    assert service(home, "install", "--force").returncode == 0
    assert owner_of(unit(home).read_text()) is Owner.OURS


def test_arguments_of_run_are_checked_and_have_whole_paths(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("[power]\nmax_memory_mb = 100\n")
    words = ("install", "--", "my waves.mp4", "-o", "DP-1", "-c", "small.toml")
    done = service(home, *words, cwd=tmp_path)
    assert done.returncode == 0
    # The file is not there, and the service would end: said now, and not by the journal at the next login.
    assert done.stderr.startswith(f"warning: cannot play '{tmp_path}/my waves.mp4': there is no such file; ")
    assert done.stderr.count("\n") == 1
    (tmp_path / "my waves.mp4").write_bytes(b"x")
    assert service(home, *words, cwd=tmp_path).stderr == ""
    assert "no standard input" in service(home, "install", "--", "-").stderr
    assert service(home, *words, cwd=tmp_path).returncode == 0
    assert exec_start(home).endswith(f' run "{tmp_path}/my waves.mp4" -o DP-1 -c {tmp_path}/small.toml')
    assert "\nMemoryHigh=228M\n" in unit(home).read_text()
    before = unit(home).read_text()
    for wrong in (("--fly",), ("--layout", "round"), ("-c", "missing.toml")):
        done = service(home, "install", "--", *wrong, cwd=tmp_path)
        assert done.returncode in (2, 9)
        assert done.stderr.count("\n") == 1
    assert unit(home).read_text() == before
    assert service(home, "remove", "--", "x.mp4").returncode == 2


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/v/waves.mp4", "/v/waves.mp4"),
        ("", '""'),
        ("a b", '"a b"'),
        ("100%", '"100%%"'),
        ("$HOME", '"$$HOME"'),
        ('a"b\\', '"a\\"b\\\\"'),
        ("a\nb", '"a\\x0ab"'),
        ("é;'", '"é;\'"'),
        ("\udcff", '"\\xff"'),
    ],
)
def test_word_of_the_command_line_stays_that_word(word: str, written: str) -> None:
    assert unit_word(word) == written


def test_systemd_reads_a_unit_with_any_word_and_any_budget(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    path = tmp_path / "wayvid.service"
    for budget_mb in (0, 20, 256):
        path.write_text(unit_text(["/bin/sh"], ["a b", "100%", "$HOME", "a\nb", "é"], budget_mb))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", str(path)],
            env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_memory_high_leaves_room_above_the_budget() -> None:
    assert [memory_high_mb(budget_mb) for budget_mb in (0, 20, 256, 1000)] == [0, 148, 384, 1500]
