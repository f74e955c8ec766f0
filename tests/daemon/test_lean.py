"""What the two processes do not load, where it is installed."""

import subprocess
import sys

import pytest

# A megabyte and more in each process (wayvid/lean.py).
OF_MSGSPEC = {"typing_extensions", "decimal", "uuid", "datetime", "msgspec.inspect", "msgspec.toml", "msgspec.yaml"}


def loaded_with(code: str) -> set[str]:
    """The modules that are there after running code in a process of its own."""
    told = f"{code}; import sys; print(*(name for name, module in sys.modules.items() if module is not None))"
    done = subprocess.run([sys.executable, "-P", "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["wayvid.daemon.__main__", "wayvid.player.loop"])
def test_process_does_without_what_msgspec_only_tries(module: str) -> None:
    loaded = loaded_with(f"import {module}")
    assert "msgspec" in loaded
    assert not loaded & OF_MSGSPEC


def test_daemon_loads_pywayland_while_the_player_starts_and_without_its_scanner() -> None:
    assert not [name for name in loaded_with("import wayvid.daemon.__main__") if name.startswith("pywayland")]
    before_loop = "from wayvid.wayland.scanner import leave_out_scanner; leave_out_scanner()"
    loaded = loaded_with(f"import wayvid.daemon.__main__; {before_loop}; import wayvid.daemon.loop")
    assert "pywayland.protocol.wayland" in loaded
    assert not loaded & {"pywayland.scanner", "xml.etree.ElementTree", "inspect", "traceback", "ctypes"}


def test_the_first_picture_waits_for_nothing_that_it_does_not_need() -> None:
    loaded = loaded_with("import wayvid.daemon.__main__, wayvid.daemon.entrance")
    later = ("director", "playback", "requests", "governor", "resting", "loop")
    assert not loaded & {f"wayvid.daemon.{name}" for name in later}
    assert "wayvid.daemon.wall" in loaded
    assert not loaded_with("import wayvid.cli.run") & {"logging", "msgspec", "pathlib", "psutil", "pywayland"}


def test_tracebacks_that_are_wanted_at_once_are_there() -> None:
    code = (
        "import wayvid.lean, sys\n"
        "with wayvid.lean.without_tracebacks(): from traceback import format_exc\n"
        "assert format_exc.__module__ == 'traceback' and sys.modules['traceback'].__file__"
    )
    assert "traceback" in loaded_with(code)


def test_an_error_that_is_logged_has_its_traceback() -> None:
    code = (
        "import wayvid.daemon, logging, sys; assert 'traceback' not in sys.modules\n"
        "try: 1/0\n"
        "except ZeroDivisionError: logging.exception('oops')"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert "ZeroDivisionError: division by zero" in done.stderr


@pytest.mark.parametrize("module", sorted(OF_MSGSPEC))
def test_others_can_still_import_it(module: str) -> None:
    code = f"import wayvid.daemon, {module}; {module}.__file__"
    assert module in loaded_with(code)


def test_a_msgspec_that_wants_more_gets_it() -> None:
    code = "import wayvid.lean; wayvid.lean.TYPES['uuid'] = {}; wayvid.lean.load_msgspec(); import msgspec, uuid"
    assert {"msgspec", "uuid", "decimal", "msgspec.toml"} <= loaded_with(
        f"{code}; uuid.UUID, msgspec.json.encode({{}})"
    )
