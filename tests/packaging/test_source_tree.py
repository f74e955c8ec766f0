"""A copy of the source tree that nobody compiled says which command to run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wayvid

PACKAGE = Path(wayvid.__file__).parent


@pytest.fixture(scope="module")
def uncompiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wayvid in it as git has it."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(PACKAGE, folder / "wayvid", ignore=shutil.ignore_patterns("*.so", "*.cpp", "__pycache__"))
    return folder


def run_in(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "module",
    ["wayvid._core", "wayvid._core.mpvrender", "wayvid.render.shm", "wayvid.player.core", "wayvid.player.loop"],
)
def test_an_uncompiled_module_says_which_command_to_run(uncompiled: Path, module: str) -> None:
    done = run_in(uncompiled, "-c", f"import {module}")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "is not compiled: run 'make setup' (or 'pip install -e .')" in last


def test_what_needs_nothing_compiled_works_uncompiled(uncompiled: Path) -> None:
    done = run_in(uncompiled, "-m", "wayvid", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wayvid {wayvid.__version__}\n", "")


def test_every_package_is_listed_for_the_wheel() -> None:
    pyproject = PACKAGE.parent / "pyproject.toml"
    listed = pyproject.read_text()
    for init in PACKAGE.rglob("__init__.py"):
        name = ".".join(init.parent.relative_to(PACKAGE.parent).parts)
        assert f'"{name}"' in listed
