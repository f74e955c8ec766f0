"""The machine's available memory."""

from pathlib import Path

import psutil
import pytest

from wayvid.system.meminfo import available_share


def test_share_is_what_another_reader_finds() -> None:
    memory = psutil.virtual_memory()
    assert available_share() == pytest.approx(memory.available / memory.total, abs=0.1)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  250 kB\nCached: 7 kB\n", 0.25),
        ("MemTotal:  1000 kB\nMemAvailable:  0 kB\n", 0.0),
        ("MemTotal:  0 kB\nMemAvailable:  0 kB\n", 1.0),
        ("MemTotal:  1000 kB\n", 1.0),
        ("MemAvailable:  1000 kB\n", 1.0),
        ("MemTotal: many\nMemAvailable: few\n", 1.0),
        ("MemTotal:\nMemAvailable:\n", 1.0),
    ],
)
def test_share_is_all_where_the_kernel_does_not_tell(tmp_path: Path, text: str, share: float) -> None:
    path = tmp_path / "meminfo"
    path.write_text(text)
    assert available_share(str(path)) == share


def test_missing_file_means_that_all_is_available(tmp_path: Path) -> None:
    assert available_share(str(tmp_path / "none")) == 1.0
