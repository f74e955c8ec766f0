"""The limit of the own cgroup, on a made-up cgroup v2 tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from wayvid.system.cgroup import CgroupMemory, memory_high
from wayvid.units import MIB

OWN = "user.slice/user-1000.slice/app.slice"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree without limits, and the process in its lowest cgroup."""
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.controllers").write_text("cpu memory pids\n")
    path = root
    for name in OWN.split("/"):
        path /= name
        path.mkdir()
        for limit in ("memory.high", "memory.max"):
            (path / limit).write_text("max\n")
        set_usage(path, used=100 * MIB)
    set_own(root, f"/{OWN}")
    return root


def set_own(root: Path, path: str, lines: str = "") -> None:
    (root.parent / "self").write_text(f"{lines}0::{path}\n")


def set_usage(path: Path, used: int, inactive_file: int = 0) -> None:
    (path / "memory.current").write_text(f"{used}\n")
    (path / "memory.stat").write_text(f"anon 1\nfile 2\ninactive_anon 77\ninactive_file {inactive_file}\n")


def found(root: Path) -> CgroupMemory | None:
    return memory_high(str(root.parent / "self"), str(root))


def test_without_a_limit_there_is_nothing(root: Path) -> None:
    assert found(root) is None


@pytest.mark.parametrize("where", [OWN, "user.slice"], ids=["own", "above"])
@pytest.mark.parametrize("name", ["memory.high", "memory.max"])
def test_a_limit_counts_without_file_pages_that_go_first(root: Path, where: str, name: str) -> None:
    path = root / where
    (path / name).write_text(f"{200 * MIB}\n")
    set_usage(path, used=150 * MIB, inactive_file=60 * MIB)
    assert found(root) == CgroupMemory(200 * MIB, 90 * MIB, str(path))


def test_the_lower_of_two_limits_counts(root: Path) -> None:
    (root / OWN / "memory.high").write_text(f"{300 * MIB}\n")
    (root / OWN / "memory.max").write_text(f"{200 * MIB}\n")
    assert found(root) == CgroupMemory(200 * MIB, 100 * MIB, str(root / OWN))


def test_the_limit_that_is_nearest_counts(root: Path) -> None:
    (root / OWN / "memory.max").write_text(f"{200 * MIB}\n")
    (root / "user.slice" / "memory.max").write_text(f"{1000 * MIB}\n")
    set_usage(root / "user.slice", used=900 * MIB)
    near = found(root)
    assert near is not None
    assert near.path == str(root / "user.slice")


def test_a_limit_of_nothing_is_over_full(root: Path) -> None:
    (root / OWN / "memory.high").write_text("0\n")
    near = found(root)
    assert near is not None
    assert near.used_bytes > near.limit_bytes > 0


def test_no_more_is_taken_off_than_there_is(root: Path) -> None:
    # The two files are not read at the same moment.
    (root / OWN / "memory.high").write_text(f"{MIB}\n")
    set_usage(root / OWN, used=MIB, inactive_file=2 * MIB)
    near = found(root)
    assert near is not None
    assert near.used_bytes == 0


def test_beside_version_1_the_own_path_is_that_of_version_2(root: Path) -> None:
    (root / OWN / "memory.max").write_text(f"{200 * MIB}\n")
    set_own(root, f"/{OWN}", "9:name=systemd:/elsewhere\n4:memory:/elsewhere\n")
    assert found(root) == CgroupMemory(200 * MIB, 100 * MIB, str(root / OWN))


@pytest.mark.parametrize("own", ["/", "/../other", "/gone.slice"], ids=["root", "outside", "gone"])
def test_a_cgroup_that_has_no_files_limits_nothing(root: Path, own: str) -> None:
    set_own(root, own)
    outside = root.parent / "other"
    outside.mkdir()
    (outside / "memory.max").write_text(f"{MIB}\n")
    set_usage(outside, used=MIB)
    assert found(root) is None


@pytest.mark.parametrize("missing", ["cgroup.controllers", "../self"], ids=["no version 2", "no cgroups"])
def test_a_machine_without_cgroups_of_version_2_limits_nothing(root: Path, missing: str) -> None:
    (root / OWN / "memory.max").write_text(f"{200 * MIB}\n")
    (root / missing).unlink()
    assert found(root) is None


def test_this_machine_can_be_asked() -> None:
    near = memory_high()
    assert near is None or near.limit_bytes > 0
