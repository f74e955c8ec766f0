"""The bench of uploads and draws: every case runs on both contenders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import gl

ROOT = Path(gl.__file__).parent.parent


@pytest.mark.parametrize("contender", gl.MODULES)
@pytest.mark.parametrize("name", ["draw call, without a driver", "1080p onto a window with alpha"])
def test_a_case_runs_in_a_process_of_its_own(name: str, contender: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "gl", "--inside", name, contender],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(value >= 0 for value in json.loads(done.stdout).values())
