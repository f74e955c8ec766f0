"""`wayvid check`: what this machine and compositor can do, and what to do about the rest."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TextIO

from wayvid.cli.findings import Findings, Item, Status, exit_code, items, summary
from wayvid.cli.parser import CommandParser
from wayvid.cli.probe import Child, Failure, start_probe
from wayvid.daemon.sensorprobe import ConditionsFacts
from wayvid.errors import CompositorUnavailable
from wayvid.player.probe import MpvFacts
from wayvid.render.eglprobe import EglFacts
from wayvid.system.layers import background_namespaces, layers_command
from wayvid.system.machine import can_page_out, missing_kernel_features, render_nodes
from wayvid.system.peer import compositor_by_environment, socket_peer, version_command
from wayvid.system.rivals import find_rivals
from wayvid.wayland.display import socket_path
from wayvid.wayland.probe import WaylandFacts

__all__ = ["run", "ANSWER_WITHIN_S"]

DESCRIPTION = """\
Say what this machine and compositor can do for wayvid, line by line: ok,
degraded (it runs, but something is lost) or missing (it cannot run), and what
to do about it. Nothing is changed. docs/check.md explains each line.
"""
EXAMPLES = """
wayvid check                        what is there, and what to do about the rest
wayvid check --json                 the same for scripts and bug reports
wayvid check && wayvid run          only where everything is ok
wayvid desk -- wayvid check         what wayvid finds on a virtual desk
"""
# Loading libmpv or a driver from a cold disk takes a second or two.
ANSWER_WITHIN_S = 8.0

CORE_MODULES = ("wayvid._core", "wayvid._core.mpvrender", "wayvid._core.wakeup")
COLOURS = {Status.OK: "32", Status.DEGRADED: "33", Status.MISSING: "31"}  # ECMA-48, SGR
STATUS_WIDTH = max(len(status) for status in Status) + 2
WIDEST = 110
NARROWEST = 60


def run(argv: Sequence[str]) -> int:
    """Print the lines; 0: all ok, 1: degraded, 2: wayvid cannot run here."""
    parser = CommandParser("check", DESCRIPTION, EXAMPLES)
    parser.add_argument("--json", action="store_true", help="print an object, keys as in docs/check.md")
    options = parser.parse_args(argv)
    found = items(_look())
    if options.json:
        _print_json(found)
    else:
        _print_lines(found, sys.stdout)
    return exit_code(found)


def _look() -> Findings:
    """Everything the lines are made of. Children look at what may hang or crash."""
    deadline_s = monotonic() + ANSWER_WITHIN_S
    children = {name: start_probe(name) for name in ("wayland", "libmpv", "egl", "conditions")}
    try:
        findings = Findings(
            environment_name=compositor_by_environment(os.environ),
            desktop=os.environ.get("XDG_CURRENT_DESKTOP", ""),
            python=sys.version_info[:3],
            core_error=_core_error(),
            kernel_release=os.uname().release,
            kernel_missing=missing_kernel_features(),
            can_page_out=can_page_out(),
            render_nodes=render_nodes(),
        )
        _look_at_compositor(findings, children)
        findings.wayland = children["wayland"].facts(WaylandFacts, deadline_s)
        findings.libmpv = children["libmpv"].facts(MpvFacts, deadline_s)
        findings.egl = children["egl"].facts(EglFacts, deadline_s)
        findings.conditions = children["conditions"].facts(ConditionsFacts, deadline_s)
        findings.version = _text(children.get("version"), deadline_s)
        findings.namespaces = background_namespaces(_text(children.get("layers"), deadline_s))
        return findings
    finally:
        for child in children.values():
            child.close()


def _look_at_compositor(findings: Findings, children: dict[str, Child]) -> None:
    try:
        findings.socket = Path(socket_path())
        findings.peer = socket_peer(findings.socket)
    except CompositorUnavailable as exc:
        findings.compositor_error = str(exc)
        return
    except OSError as exc:
        findings.compositor_error = f"cannot connect to {findings.socket}: {exc.strerror}"
        return
    findings.rivals = find_rivals(findings.socket)
    for name, command in (("version", version_command(findings.peer)), ("layers", layers_command(os.environ))):
        if command:
            children[name] = Child(command)


def _core_error() -> str:
    try:
        for module in CORE_MODULES:
            import_module(module)
    except ImportError as exc:
        return str(exc)
    return ""


def _text(child: Child | None, deadline_s: float) -> str:
    """What an optional child printed; nothing when it failed."""
    printed = child.output(deadline_s) if child is not None else b""
    return "" if isinstance(printed, Failure) else printed.decode(errors="replace")


def _print_json(found: Sequence[Item]) -> None:
    code = exit_code(found)
    told = {
        "status": tuple(Status)[code].value,
        "exit_code": code,
        "items": [
            {"name": item.name, "status": item.status.value, "found": item.found, "advice": item.advice or None}
            for item in found
        ],
    }
    print(json.dumps(told, indent=2, ensure_ascii=False))


def _print_lines(found: Sequence[Item], stream: TextIO) -> None:
    is_terminal = stream.isatty()
    colours = COLOURS if is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb" else {}
    # For a pipe one line each, so that grep finds them whole.
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST) if is_terminal else sys.maxsize
    name_width = max(len(item.name) for item in found) + 2
    indent = " " * STATUS_WIDTH
    for item in found:
        head = item.status.value.ljust(STATUS_WIDTH) + item.name.ljust(name_width)
        text = textwrap.fill(head + item.found, width, subsequent_indent=" " * len(head), break_on_hyphens=False)
        if item.status in colours:
            word = item.status.value
            text = f"\033[{colours[item.status]}m{word}\033[0m{text[len(word) :]}"
        print(text, file=stream)
        if item.advice:
            print(
                textwrap.fill(
                    f"{indent}-> {item.advice}", width, subsequent_indent=f"{indent}   ", break_on_hyphens=False
                ),
                file=stream,
            )
    print(f"\n{summary(found)}", file=stream)
