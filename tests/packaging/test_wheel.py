"""Wheel and sdist as a user gets them: complete, and at work in a fresh environment elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import wayvid
from wayvid.cli.main import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SOURCE = Path(wayvid.__file__).parents[1]
BUILD = """
import os, sys
from setuptools import build_meta
print(build_meta.build_sdist(sys.argv[1]))
"""


def run(*words: object, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(word) for word in words], cwd=folder, env=kept | env, capture_output=True, text=True, check=False
    )


def must(*words: object, folder: Path) -> str:
    done = run(*words, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_venv(folder: Path) -> Path:
    """A fresh environment; its Python."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as git has it, changes included and nothing that was built."""
    folder = tmp_path_factory.mktemp("clone")
    files = must("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=SOURCE).split("\0")
    for name in filter(None, files):
        if (SOURCE / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((SOURCE / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def sdist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive."""
    folder = tmp_path_factory.mktemp("sdist")
    python = make_venv(tmp_path_factory.mktemp("build-venv"))
    must(python, "-m", "pip", "install", "-q", *build_requirements(clone), folder=folder)
    must(python, "-c", BUILD, folder, folder=clone)
    return next(folder.glob("*.tar.gz"))


def build_requirements(clone: Path) -> list[str]:
    return must(sys.executable, clone / "tools" / "requirements.py", "build", folder=clone).split("\n")[:-1]


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist: so nothing that the build needs is missing there."""
    folder = tmp_path_factory.mktemp("wheel")
    must(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, sdist, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment in which the wheel is installed, far from the source."""
    python = make_venv(tmp_path_factory.mktemp("user-venv"))
    must(python, "-m", "pip", "install", "-q", wheel, folder=wheel.parent)
    return python.parent


def test_the_sdist_has_what_the_core_is_built_from(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {str(path.relative_to(SOURCE)) for path in (SOURCE / "wayvid" / "_core").glob("*.p[yx]*")}
    wanted = {name for name in wanted if name.endswith((".pyx", ".pxd", ".pxi", ".pyi"))}
    assert len(wanted) >= 10
    assert wanted <= names
    assert {"setup.py", "pyproject.toml", "wayvid/py.typed"} <= names


def test_the_wheel_has_types_and_compiled_modules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "wayvid/py.typed" in names
    assert {"wayvid/config/config.example.toml", "wayvid/config/config.schema.json"} <= set(names)
    for source in (SOURCE / "wayvid" / "_core").glob("*.pyx"):
        assert f"wayvid/_core/{source.stem}.pyi" in names
        assert [
            name for name in names if name.startswith(f"wayvid/_core/{source.stem}.cpython-") and name.endswith(".so")
        ]
    modules = {str(path.relative_to(SOURCE)) for path in (SOURCE / "wayvid").rglob("*.py")}
    assert modules <= set(names)


def test_the_wheel_has_nothing_that_only_developers_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [
        name
        for name in names
        if name.endswith((".cpp", ".pyx", ".pxi")) or name.startswith(("tests/", "bench/", "tools/"))
    ]


def test_the_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "wayvid", "--version", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wayvid {wayvid.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_installed_command_helps_with_examples(installed: Path, tmp_path: Path, command: str) -> None:
    done = run(installed / "wayvid", command, "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: wayvid" in done.stdout
    assert f"wayvid {command}" in done.stdout


def test_the_installed_core_works_and_is_not_the_source_tree(installed: Path, tmp_path: Path) -> None:
    code = "import wayvid, wayvid._core as core; print(core.BufferPool().acquire(9).size_bytes, wayvid.__file__)"
    size, place = must(installed / "python", "-W", "error", "-c", code, folder=tmp_path).split()
    assert size == "9"
    assert Path(place).is_relative_to(installed.parent)
    for module in ("wayvid.player.loop", "wayvid.daemon.loop", "wayvid.cli.run"):
        must(installed / "python", "-W", "error", "-c", f"import {module}", folder=tmp_path)


def test_a_user_of_the_wheel_has_its_types(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text("from wayvid._core import BufferPool\nreveal_type(BufferPool().acquire(1).fd)\n")
    done = run(sys.executable, "-m", "mypy", "--python-executable", installed / "python", "user.py", folder=tmp_path)
    assert 'Revealed type is "int"' in done.stdout.replace("builtins.", "")
    assert "Success" in done.stdout
