"""What `wayvid check` makes of what it found: which line, which status, what to do."""

from pathlib import Path
from time import monotonic

import pytest

from tests.support import wait_until
from wayvid.cli.findings import Findings, Status, exit_code, items, summary
from wayvid.cli.probe import Child, Failure
from wayvid.daemon.sensorprobe import ConditionFacts, ConditionsFacts
from wayvid.player.probe import MpvFacts
from wayvid.render.eglprobe import EglFacts
from wayvid.system.machine import RenderNode
from wayvid.system.peer import Peer
from wayvid.system.rivals import Rival
from wayvid.wayland.probe import OutputFacts, ProtocolFacts, WaylandFacts

SHELL = ProtocolFacts("zwlr_layer_shell_v1", 1, 4, "a place behind the desktop", "take sway")
FRACTIONS = ProtocolFacts("wp_fractional_scale_manager_v1", 0, 1, "exact scales", "it is computed")


def good(**more):
    """Findings on a machine where everything is as it should be."""
    facts = {
        "python": (3, 12, 1),
        "kernel_release": "6.1.0",
        "socket": Path("/run/user/1000/wayland-1"),
        "peer": Peer(12, "Hyprland"),
        "wayland": WaylandFacts("/lib/libwayland-client.so.0", "1.22.0", protocols=[SHELL, FRACTIONS],
                                outputs=[OutputFacts("DP-1", "3840x2160", has_name=True)]),
        "libmpv": MpvFacts(version="0.38.0", api="2.3", hardware=["vaapi", "vulkan", "cuda"]),
        "egl": EglFacts(vendor="AMD", renderer="AMD Radeon 780M", version="OpenGL ES 3.2"),
    }  # fmt: skip
    return Findings(**facts | more)


def line(findings, name):
    (found,) = [item for item in items(findings) if item.name == name]
    return found


def wayland(**more):
    return WaylandFacts(protocols=[SHELL, FRACTIONS], outputs=[OutputFacts("DP-1", "1x1", has_name=True)], **more)


def test_good_machine_is_ok_and_has_nothing_to_do():
    found = items(good())
    assert {item.status for item in found} == {Status.OK}
    assert {item.advice for item in found} == {""}
    assert (exit_code(found), summary(found)) == (0, "wayvid can run here")


@pytest.mark.parametrize(
    ("more", "name", "status"),
    [
        ({"core_error": "not compiled"}, "compiled core", Status.MISSING),
        ({"python": (3, 10, 2)}, "Python", Status.MISSING),
        ({"kernel_missing": ["pidfd_open (not permitted)"]}, "kernel", Status.MISSING),
        ({"can_page_out": False}, "kernel", Status.DEGRADED),
        ({"libmpv": Failure("crashed with signal 11")}, "libmpv", Status.MISSING),
        ({"libmpv": MpvFacts(error="not installed", is_missing=True)}, "libmpv", Status.MISSING),
        ({"libmpv": MpvFacts(error="it cannot render into memory")}, "libmpv", Status.MISSING),
        ({"wayland": Failure("no answer in time", is_hang=True)}, "compositor", Status.MISSING),
        ({"wayland": Failure("No module named 'wayvid'")}, "libwayland", Status.MISSING),
        ({"wayland": wayland(error="the connection broke; start it again")}, "compositor", Status.MISSING),
        ({"wayland": WaylandFacts(library_error="no libffi")}, "libwayland", Status.MISSING),
        ({"wayland": WaylandFacts(protocols=[SHELL])}, "outputs", Status.DEGRADED),
        ({"rivals": [Rival(7, "swaybg", "run 'kill 7'", True)]}, "other wallpapers", Status.DEGRADED),
        ({"rivals": [Rival(7, "wayvid", "run 'kill 7'", False)]}, "other wallpapers", Status.DEGRADED),
        ({"namespaces": ["wallpaper"]}, "other wallpapers", Status.DEGRADED),
    ],
)
def test_what_is_wrong_has_its_status_and_says_what_to_do(more, name, status):
    found = items(good(**more))
    item = line(good(**more), name)
    assert item.status is status
    assert item.advice
    assert exit_code(found) == list(Status).index(status)
    assert name in summary(found)


@pytest.mark.parametrize(
    "more",
    [
        {"egl": Failure("crashed with signal 11")},
        {"egl": Failure("no answer in time", is_hang=True)},
        {"egl": EglFacts(error="no driver")},
        {"egl": EglFacts(renderer="llvmpipe (LLVM 15)")},
        {"render_nodes": [RenderNode("/dev/dri/renderD128", "amdgpu", is_accessible=False)]},
    ],
    ids=["egl-crashes", "egl-hangs", "no-egl", "software-egl", "closed-render-node"],
)
def test_what_drawing_in_shared_memory_does_not_need_is_information(more):
    assert exit_code(items(good(**more))) == 0


def test_the_own_wayvid_does_not_hide_another_wallpaper():
    rivals = [Rival(7, "wayvid", "run 'kill 7'", True), Rival(8, "swaybg", "run 'kill 8'", True)]
    found = [item for item in items(good(rivals=rivals)) if item.name == "other wallpapers"]
    assert [(item.status, item.advice) for item in found] == [(Status.OK, ""), (Status.DEGRADED, "run 'kill 8'")]


def test_conditions_are_information_whether_somebody_tells_them_or_not():
    facts = [ConditionFacts("battery", True, "43 %"), ConditionFacts("idle", False, "no seat")]
    findings = good(conditions=ConditionsFacts(facts))
    assert line(findings, "condition battery").found == "told: 43 %"
    assert line(findings, "condition idle").found == "not told, so rules for it never apply: no seat"
    assert line(good(conditions=Failure("no answer in time")), "conditions").found == "not known: no answer in time"
    assert exit_code(items(findings)) == 0


def test_missing_outweighs_degraded():
    found = items(good(can_page_out=False, core_error="not compiled"))
    assert (exit_code(found), summary(found)) == (2, "wayvid cannot run here: compiled core")


def test_protocol_that_is_too_old_has_both_versions():
    old = ProtocolFacts("wl_compositor", 4, 3, "surfaces", "update it")
    item = line(good(wayland=WaylandFacts(protocols=[old], outputs=[])), "wl_compositor")
    assert (item.status, item.found, item.advice) == (
        Status.MISSING, "only version 3, wayvid needs 4: surfaces", "update it",
    )  # fmt: skip


def test_optional_protocol_that_is_not_there_is_ok_and_says_what_is_done_instead():
    none = ProtocolFacts("wp_fractional_scale_manager_v1", 0, 0, "exact scales", "it is computed")
    item = line(good(wayland=WaylandFacts(protocols=[none], outputs=[])), none.interface)
    assert item.status is Status.OK
    assert item.found == "not offered, optional: exact scales; without it it is computed"


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"version": "Hyprland 0.41.2 built from branch", "desktop": "Hyprland"}, "Hyprland 0.41.2 at /run"),
        ({"peer": Peer(12, "kwin_wayland"), "desktop": "KDE"}, "KWin (KDE) at /run"),
        ({"peer": Peer(0, ""), "environment_name": "niri"}, "niri at /run"),
        ({"peer": Peer(0, "")}, "an unknown compositor at /run"),
        ({"peer": Peer(12, "mycompositor")}, "mycompositor at /run"),
    ],
)
def test_compositor_is_named_by_its_process_then_by_the_environment(more, name):
    assert line(good(**more), "compositor").found.startswith(name)


@pytest.mark.parametrize(("version", "leaks"), [("0.39.0", False), ("0.40.0", True), ("0.41.0", True)])
def test_libmpv_with_the_fence_leak_is_ok_with_a_word_about_it(version, leaks):
    item = line(good(libmpv=MpvFacts(version=version, api="2.5")), "libmpv")
    assert item.status is Status.OK
    assert ("leaks" in item.found) is leaks


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        ("amdgpu", "libmpv could use vaapi, vulkan;"),
        ("nvidia", "libmpv could use nvdec, vulkan;"),
        ("virtio_gpu", "nothing in it that libmpv can use;"),
    ],
)
def test_hwdec_candidates_are_those_of_the_driver_and_of_libmpv(driver, words):
    node = RenderNode("/dev/dri/renderD128", driver, is_accessible=True)
    assert line(good(render_nodes=[node]), "hwdec").found.startswith(f"renderD128 ({driver}): {words}")


def test_made_up_output_names_are_degraded():
    outputs = [OutputFacts("output-40", "800x600", has_name=False)]
    item = line(good(wayland=WaylandFacts(protocols=[SHELL], outputs=outputs)), "outputs")
    assert item.status is Status.DEGRADED
    assert "output-40" in item.found


def test_child_that_hangs_is_ended_at_the_deadline(tmp_path):
    noted = tmp_path / "pid"
    child = Child(["sh", "-c", f"echo $$ > {noted}; exec sleep 1000"])
    wait_until(lambda: noted.exists() and noted.read_text().strip(), 60, "the child")
    assert child.output(monotonic()) == Failure("no answer in time", is_hang=True)
    assert not Path("/proc", noted.read_text().strip()).exists()


def test_child_that_answered_in_time_is_heard_after_the_deadline(tmp_path):
    # libmpv was called missing when the compositor hung and had used up the time.
    done = tmp_path / "done"
    child = Child(["sh", "-c", f"echo 7; touch {done}"])
    wait_until(done.exists, 60, "the child's answer")
    assert child.facts(int, monotonic() - 1) == 7


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo first >&2; echo last >&2; exit 3", "last"),
        ("exit 3", "exit code 3"),
        ("kill -SEGV $$", "crashed with signal 11 (Segmentation fault)"),
        ("echo '{'", "its answer makes no sense"),
    ],
)
def test_child_that_fails_has_its_reason_in_one_line(script, reason):
    failure = Child(["sh", "-c", script]).facts(MpvFacts, monotonic() + 60)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith(reason)
    assert "\n" not in failure.reason


def test_program_that_is_not_there_is_a_failure_like_others():
    child = Child(["/no/such/program"])
    assert child.output(monotonic() + 60) == Failure("cannot start /no/such/program: No such file or directory")
    child.close()


def test_a_card_that_draws_is_what_auto_takes():
    node = RenderNode("/dev/dri/renderD128", "amdgpu", is_accessible=True)
    assert "auto takes gl" in line(good(render_nodes=[node]), "EGL").found
    hidden = RenderNode("/dev/dri/renderD128", "amdgpu", is_accessible=False)
    assert "auto takes shm" in line(good(render_nodes=[hidden]), "EGL").found
    slow = EglFacts(renderer="llvmpipe")
    assert "auto takes shm" in line(good(render_nodes=[node], egl=slow), "EGL").found
