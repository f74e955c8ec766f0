"""A copy of the docs that a test may spoil."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """README and docs/ as in the repository, and the folders that they name."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    for name in ("wayvid", "bench", "tools", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path
