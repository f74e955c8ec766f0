"""What is found out about kernel, graphics cards and the process behind a socket."""

import os
import socket

from wayvid.system.machine import can_page_out, missing_kernel_features, render_nodes
from wayvid.system.peer import Peer, compositor_by_environment, compositor_title, socket_peer, version_command


def test_render_nodes_have_their_drivers_and_whether_they_can_be_opened(tmp_path):
    devices, sysfs = tmp_path / "dri", tmp_path / "drm"
    devices.mkdir()
    for name in ("card0", "renderD128", "renderD129"):
        devices.joinpath(name).touch()
    driver = tmp_path / "drivers" / "amdgpu"
    driver.mkdir(parents=True)
    sysfs.joinpath("renderD128", "device").mkdir(parents=True)
    sysfs.joinpath("renderD128", "device", "driver").symlink_to(driver)
    assert render_nodes(devices, sysfs) == [
        (str(devices / "renderD128"), "amdgpu", True),
        (str(devices / "renderD129"), "unknown driver", True),
    ]


def test_there_are_no_render_nodes_without_a_device_folder(tmp_path):
    assert render_nodes(tmp_path / "dri", tmp_path) == []


def test_this_kernel_has_what_wayvid_needs():
    assert missing_kernel_features() == []
    assert can_page_out()


def test_refused_system_call_is_named_with_the_reason(monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    assert missing_kernel_features() == ["pidfd_open (Operation not permitted)"]


def test_peer_of_a_socket_is_the_process_that_listens(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        peer = socket_peer(path)
    assert peer.pid == os.getpid()
    assert peer.name


def test_compositor_is_called_by_its_usual_name():
    assert compositor_title(Peer(1, "kwin_wayland_wr")) == "KWin"
    assert compositor_title(Peer(1, "unheard-of")) == "unheard-of"


def test_environment_names_the_compositor_before_the_desktop():
    assert compositor_by_environment({"SWAYSOCK": "/s", "XDG_CURRENT_DESKTOP": "x"}) == "sway"
    assert compositor_by_environment({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}) == "ubuntu, GNOME"
    assert compositor_by_environment({}) == ""


def test_only_compositors_that_can_be_asked_are_asked_for_their_version():
    assert version_command(Peer(os.getpid(), "python")) == []
    assert version_command(Peer(0, "")) == []
