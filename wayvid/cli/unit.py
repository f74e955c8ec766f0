"""The systemd user unit: its text from values, and whose the file is that is there. Reads and runs nothing."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

__all__ = ["NAME", "TARGET", "Owner", "memory_high_mb", "owner_of", "unit_text", "unit_word"]

NAME = "wayvid.service"
TARGET = "graphical-session.target"
# The daemon says that it is alive in half of that time, so it wakes up for this once a minute.
WATCHDOG_S = 120
MARK = "# Made by 'wayvid service install'; for settings of your own: systemctl --user edit wayvid; sum "
_PLAIN = frozenset(string.ascii_letters + string.digits + "/._-+=:,@~")

# The budget counts what both processes hold, as PSS. The cgroup also counts what the kernel holds for
# them: pages of the clip that were read, library pages of the start, page tables; and while a player is exchanged
# there are two for a second. Beyond this the kernel takes pages back first; nothing is killed.
HEADROOM_RATIO = 0.5
HEADROOM_LEAST_MB = 128


class Owner(StrEnum):
    """Whose a unit file is."""

    NOBODY = "not there"
    OURS = "made by wayvid"
    EDITED = "made by wayvid and changed by hand since"
    FOREIGN = "not made by wayvid"


def memory_high_mb(budget_mb: int) -> int:
    """MemoryHigh for a budget; 0: none."""
    return budget_mb + max(HEADROOM_LEAST_MB, math.ceil(budget_mb * HEADROOM_RATIO)) if budget_mb else 0


def unit_text(command: Sequence[str], arguments: Sequence[str], budget_mb: int) -> str:
    """The whole file.

    Args:
        command: what starts wayvid, its program first and absolute.
        arguments: of `wayvid run`.
        budget_mb: of the config; 0: unlimited.
    """
    wayvid = " ".join([unit_word(command[0], is_program=True), *map(unit_word, command[1:])])
    start = " ".join([wayvid, "run", *map(unit_word, arguments)])
    high_mb = memory_high_mb(budget_mb)
    memory = f"MemoryHigh={high_mb}M" if high_mb else "# The config's budget is unlimited, so there is no MemoryHigh."
    body = f"""\
[Unit]
Description=Video wallpaper
Documentation=man:wayvid(1)
PartOf={TARGET}
After={TARGET}
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
ExecStart={start}
ExecReload={wayvid} reload
Restart=on-failure
RestartSec=2
# A start again would end the same way: docs/exit-codes.md.
RestartPreventExitStatus=2 4 6 9 11
TimeoutStartSec=60
TimeoutStopSec=10
# The daemon says twice in this time that its event loop turns.
WatchdogSec={WATCHDOG_S}
# The daemon ends its player itself, and lives on when the kernel ends it.
KillMode=mixed
OOMPolicy=continue
# The budget of {budget_mb} MB, and half of it (at least {HEADROOM_LEAST_MB} MB) for what the kernel holds for it.
{memory}

[Install]
WantedBy={TARGET}
"""
    return f"{MARK}{_sum(body)}\n{body}"


def owner_of(text: str | None) -> Owner:
    """Whose a unit file with this text is; None: there is none."""
    if text is None:
        return Owner.NOBODY
    head, _newline, body = text.partition("\n")
    if not head.startswith(MARK):
        return Owner.FOREIGN
    return Owner.OURS if head == MARK + _sum(body) else Owner.EDITED


def _sum(body: str) -> str:
    return sha256(body.encode(errors="surrogateescape")).hexdigest()[:16]


def unit_word(word: str, is_program: bool = False) -> str:
    """A word of ExecStart that stays one, whatever is in it.

    Args:
        word: as the program is to get it.
        is_program: it is the program, in which systemd replaces no variables.

    Source: systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers".
    """
    word = word.replace("%", "%%")
    if not is_program:
        word = word.replace("$", "$$")
    if word and _PLAIN.issuperset(word):
        return word
    escaped = "".join(_escaped(character) for character in word)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in ('"', "\\"):
        return f"\\{character}"
    if character.isprintable() and not "\udc80" <= character <= "\udcff":
        return character
    data = character.encode(errors="surrogateescape")
    return "".join(f"\\x{byte:02x}" for byte in data)
