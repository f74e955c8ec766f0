"""Which conditions this machine and session tell, as plain values for `wayvid check`.

Importing this loads no library; look() does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from wayvid.conditions import Condition, Reading, Wanted

__all__ = ["ConditionFacts", "ConditionsFacts", "look"]

ANSWER_WITHIN_S = 3.0  # a service that has to be started takes a second


class ConditionFacts(msgspec.Struct):
    """A condition: whether somebody tells how it stands, and what that is, or why not."""

    name: str
    is_told: bool
    detail: str


class ConditionsFacts(msgspec.Struct):
    """All conditions, in their order."""

    conditions: list[ConditionFacts] = []


def look() -> ConditionsFacts:
    """Open all sources, wait for their first answers, close them. May hang where the compositor does."""
    from wayvid.daemon.sensors import Sensors
    from wayvid.errors import WayvidError
    from wayvid.system.events import EventLoop
    from wayvid.system.psi import open_triggers
    from wayvid.wayland.connection import REQUIREMENTS, Connection

    loop = EventLoop()
    connection = None
    try:
        connection = Connection()
        connection.start([requirement for requirement in REQUIREMENTS if not requirement.needed])
        connection.watch_in(loop)
    except WayvidError:
        if connection is not None:
            connection.close()
        connection = None
    wanted = Wanted(frozenset(Condition))
    sensors = Sensors(loop, wanted, lambda: None, os.environ, connection)
    sensors.listen(True)
    loop.before_sleep(lambda: loop.stop() if sensors.is_settled else None)
    loop.call_later(ANSWER_WITHIN_S, loop.stop)
    loop.run()
    triggers = open_triggers()
    pressure = Reading(Condition.MEMORY, "", None if triggers.reason else False, triggers.reason or "by the kernel")
    triggers.close()
    facts = _facts([*sensors.readings(), pressure])
    sensors.close()
    if connection is not None:
        connection.close()
    loop.close()
    return facts


def _facts(readings: Sequence[Reading]) -> ConditionsFacts:
    """A line for each condition; what is told of each screen in one."""
    found = ConditionsFacts()
    for condition in Condition:
        told = [reading for reading in readings if reading.condition is condition]
        words = [f"{reading.output}: {reading.detail}" if reading.output else reading.detail for reading in told]
        is_told = any(reading.is_on is not None for reading in told)
        found.conditions.append(ConditionFacts(condition.value, is_told, ", ".join(words) or "there is no screen"))
    return found
