"""Config files for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[[str | bytes], str]:
    """Writes a config file; its path."""

    def write(content: str | bytes) -> str:
        path = tmp_path / "config.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write
