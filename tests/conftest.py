"""Virtual desks for tests of every folder.

`sway_desk` and `kwin_desk` are started once for all tests and are clean in each: no
client runs, and outputs are as they were. Add outputs on a desk of the test's own.
"""

import shutil
import signal
from collections.abc import Iterator

import pytest

from tests.buses import PrivateBus
from wayvid.desk import Desk, NestedDesk
from wayvid.system.psi import PATH_VARIABLE

SWAY_SIZE = (1280, 720)
KWIN_SIZE = (640, 360)
NO_PRESSURE = "/proc/no-pressure"


def need_programs(*names: str) -> None:
    """Skip the test where a program is missing; `make test` installs them all."""
    for name in names:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_ends() -> None:
    """Ctrl-C ends what tests start, also where a shell runs the tests in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_config_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The config file of whoever runs the tests is not read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _software_drawing() -> Iterator[None]:
    """OpenGL is Mesa's llvmpipe, with a card, too; without one newer Mesa complains unless it is told so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        yield


@pytest.fixture(autouse=True)
def _no_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rest of the machine does to memory is not told to what tests start, unless they ask for it."""
    monkeypatch.setenv(PATH_VARIABLE, NO_PRESSURE)


@pytest.fixture(scope="session")
def session_sway_desk() -> Iterator[Desk]:
    """The sway behind `sway_desk`; not for tests."""
    need_programs("sway", "grim")
    with Desk(outputs=3, size=SWAY_SIZE) as desk:
        yield desk


@pytest.fixture(scope="session")
def session_kwin_desk() -> Iterator[Desk]:
    """The KWin behind `kwin_desk`; not for tests."""
    need_programs("kwin_wayland", "dbus-daemon")
    with Desk(outputs=2, size=KWIN_SIZE, compositor="kwin") as desk:
        yield desk


@pytest.fixture
def sway_desk(session_sway_desk: Desk) -> Iterator[Desk]:
    """A sway with three outputs of 1280x720, HEADLESS-1 to HEADLESS-3."""
    yield session_sway_desk
    session_sway_desk.stop_clients()
    shutil.rmtree(session_sway_desk.runtime_dir / "state", ignore_errors=True)
    for name in session_sway_desk.outputs:
        session_sway_desk.set_power(name, True)
        session_sway_desk.set_transform(name, "normal")
        session_sway_desk.set_scale(name, 1.0)
        session_sway_desk.set_size(name, SWAY_SIZE)


@pytest.fixture
def kwin_desk(session_kwin_desk: Desk) -> Iterator[Desk]:
    """A KWin with two outputs of 640x360, Virtual-0 and Virtual-1."""
    yield session_kwin_desk
    session_kwin_desk.stop_clients()
    shutil.rmtree(session_kwin_desk.runtime_dir / "state", ignore_errors=True)


@pytest.fixture
def nested_desk() -> Iterator[NestedDesk]:
    """A sway with two outputs of 640x360, WL-1 and WL-2, that can be unplugged."""
    need_programs("sway", "grim")
    with NestedDesk(outputs=2, size=(640, 360)) as desk:
        yield desk


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    """System and session bus in one, without any service."""
    need_programs("dbus-daemon")
    bus = PrivateBus()
    yield bus
    bus.close()
