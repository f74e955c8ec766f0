"""All that tells of conditions to rest for; only what some rule names is opened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from wayvid.conditions import Condition, Reading, Wanted
from wayvid.system.events import EventLoop, Timer
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output

if TYPE_CHECKING:  # none is loaded before a rule needs it
    from wayvid.system.bus import Bus, BusName
    from wayvid.system.conditions.login import SessionLock, SleepWatch
    from wayvid.system.conditions.sound import OtherSound
    from wayvid.wayland.idle import IdleWatch
    from wayvid.wayland.outputpower import OutputPowerWatch
    from wayvid.wayland.toplevels import WindowWatch

__all__ = ["Sensors"]

log = logging.getLogger(__name__)

ON_SYSTEM_BUS = (Condition.BATTERY, Condition.BATTERY_LOW, Condition.POWER_SAVER, Condition.LOCKED, Condition.SLEEP)
ON_SESSION_BUS = (Condition.GAMEMODE,)
# A bus that breaks is started again within seconds, or never; a few attempts, then no more.
RETRY_AFTER_S = (1.0, 5.0, 30.0)
# Input that comes so soon after the signal Lock is still that of the person who locks.
LOCKING_S = 2.0


class Sensor(Protocol):
    """Tells of one condition, or of several from one source."""

    @property
    def is_settled(self) -> bool:
        """Whether the first answers have come."""

    def readings(self) -> list[Reading]:
        """How they stand."""

    def close(self) -> None:
        """Tell no more; twice does nothing."""


class _OnBus:
    """The sensors of one bus, made again when it comes back."""

    def __init__(self, loop: EventLoop, name: BusName, environ: Mapping[str, str]) -> None:
        self.sensors: list[Sensor] = []
        self.reason = ""
        self._loop = loop
        self._name: BusName = name
        self._environ = environ
        self._bus: Bus | None = None
        self._retry: Timer | None = None
        self._breaks = 0
        self._make: Callable[[Bus | None], list[Sensor]] = lambda _bus: []
        self._on_change: Callable[[], None] = lambda: None

    def open(self, make: Callable[[Bus | None], list[Sensor]], on_change: Callable[[], None]) -> None:
        """Connect, and have the sensors made: with None where there is no bus."""
        self._make, self._on_change = make, on_change
        self._connect()

    def _connect(self) -> None:
        from wayvid.system.bus import Bus

        self._retry = None
        try:
            self._bus = Bus(self._loop, self._name, self._environ, self._on_gone)
        except OSError as exc:
            self._bus, self.reason = None, str(exc)
            self._try_again()
        else:
            self.reason = ""
        self.sensors = self._make(self._bus)

    def _on_gone(self, reason: str) -> None:
        log.warning("%s; what it tells of is not known", reason)
        self._close_sensors()
        self._bus, self.reason = None, reason
        self._breaks += 1
        self.sensors = self._make(None)
        self._try_again()
        self._on_change()

    def _try_again(self) -> None:
        # Where there never was a bus none comes.
        if 0 < self._breaks <= len(RETRY_AFTER_S):
            self._retry = self._loop.call_later(RETRY_AFTER_S[self._breaks - 1], self._reconnect)

    def _reconnect(self) -> None:
        self._close_sensors()
        self._connect()
        if self._bus is None:
            self._breaks += 1
        self._on_change()

    def _close_sensors(self) -> None:
        for sensor in self.sensors:
            sensor.close()
        self.sensors = []

    def close(self) -> None:
        """Leave the bus; twice does nothing."""
        self._close_sensors()
        if self._retry is not None:
            self._retry.cancel()
        if self._bus is not None:
            self._bus.close()


class Sensors:
    """How the wanted conditions stand, and a call when that changes.

    A source that is not there is a reading that says so; nothing here ever fails. Memory
    has no sensor here: the governor watches it (`system/psi.py`).

    Args:
        loop: the daemon's event loop.
        wanted: what to watch.
        on_change: called once after changes that came together.
        environ: names buses and session.
        connection: the compositor's, started; None: what it tells is not known.
    """

    def __init__(
        self,
        loop: EventLoop,
        wanted: Wanted,
        on_change: Callable[[], None],
        environ: Mapping[str, str],
        connection: Connection | None = None,
    ) -> None:
        self._loop = loop
        self._wanted = wanted
        self._on_change = on_change
        self._environ = environ
        self._connection = connection
        self._is_closed = False
        self._is_due = False
        self._powers: OutputPowerWatch | None = None
        self._windows: WindowWatch | None = None
        self._on_screens: list[Sensor] = []
        self._buses: list[tuple[tuple[Condition, ...], _OnBus]] = []
        self._sleep: SleepWatch | None = None
        self._lock: SessionLock | None = None
        self._sound: OtherSound | None = None
        self._wish_watch: IdleWatch | None = None
        if connection is not None:
            self._on_screens = self._make_screen_sensors(connection)
        if self._wants(Condition.OTHER_SOUND):
            from wayvid.system.conditions.sound import OtherSound

            self._sound = OtherSound(loop, environ, self._note)
        self._open_bus("system", ON_SYSTEM_BUS, self._make_system_sensors)
        self._open_bus("session", ON_SESSION_BUS, self._make_session_sensors)
        self._told = self.readings()

    @property
    def is_settled(self) -> bool:
        """Whether all first answers have come."""
        return all(sensor.is_settled for sensor in self._sensors())

    def readings(self) -> list[Reading]:
        """How the wanted conditions stand, one reading each, or one for each screen."""
        found = [reading for sensor in self._sensors() for reading in sensor.readings()]
        told = {reading.condition for reading in found}
        for condition in Condition:
            if condition not in told and condition is not Condition.MEMORY:
                found.append(Reading(condition, "", None, self._why_not(condition)))
        return [reading for reading in found if reading.condition in self._wanted.conditions]

    def ready_to_sleep(self) -> None:
        """What had to be done before a sleep is done; call after each change where `sleep` is on. Never harms."""
        if self._sleep is not None:
            self._sleep.release()

    def listen(self, is_listening: bool) -> None:
        """Whether to look for other programs that play sound, where some rule names that."""
        if self._sound is not None:
            self._sound.listen(is_listening)

    def output_added(self, output: Output) -> None:
        """There is another screen."""
        if self._powers is not None:
            self._powers.output_added(output)
        self._note()

    def output_removed(self, name: str) -> None:
        """A screen is gone."""
        if self._powers is not None:
            self._powers.output_removed(name)
        if self._windows is not None:
            self._windows.output_removed(name)
        self._note()

    def close(self) -> None:
        """Watch no more and call nobody; before the connection is closed. Twice does nothing."""
        self._is_closed = True
        self._end_wish_watch()
        for sensor in self._own_sensors():
            sensor.close()
        for _conditions, on_bus in self._buses:
            on_bus.close()

    def _sensors(self) -> list[Sensor]:
        return [*self._own_sensors(), *(sensor for _conditions, on_bus in self._buses for sensor in on_bus.sensors)]

    def _own_sensors(self) -> list[Sensor]:
        """Those that are on no bus."""
        return [*self._on_screens, *([self._sound] if self._sound is not None else [])]

    def _why_not(self, condition: Condition) -> str:
        for conditions, on_bus in self._buses:
            if condition in conditions:
                return on_bus.reason
        return "there is no compositor to ask"

    # Changes.

    def _note(self) -> None:
        if not self._is_due and not self._is_closed:
            self._is_due = True
            self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._is_due = False
        if self._is_closed:
            return
        told, self._told = self._told, self.readings()
        if told != self._told:
            self._on_change()

    # Which sensors.

    def _wants(self, *conditions: Condition) -> bool:
        return not self._wanted.conditions.isdisjoint(conditions)

    def _open_bus(
        self, name: BusName, conditions: tuple[Condition, ...], make: Callable[[Bus | None], list[Sensor]]
    ) -> None:
        if self._wants(*conditions):
            on_bus = _OnBus(self._loop, name, self._environ)
            self._buses.append((conditions, on_bus))
            on_bus.open(make, self._note)

    def _make_screen_sensors(self, connection: Connection) -> list[Sensor]:
        sensors: list[Sensor] = []
        if self._wants(Condition.IDLE):
            from wayvid.wayland.idle import IdleWatch

            sensors.append(IdleWatch(connection, self._wanted.idle_after_s, self._note))
        if self._wants(Condition.OUTPUT_OFF):
            from wayvid.wayland.outputpower import OutputPowerWatch

            self._powers = OutputPowerWatch(connection, self._note)
            sensors.append(self._powers)
        if self._wants(Condition.FULLSCREEN):
            from wayvid.wayland.toplevels import WindowWatch

            self._windows = WindowWatch(connection, self._note)
            sensors.append(self._windows)
        return sensors

    def _make_system_sensors(self, bus: Bus | None) -> list[Sensor]:
        sensors: list[Sensor] = []
        self._sleep = self._lock = None
        self._end_wish_watch()
        if self._wants(Condition.BATTERY, Condition.BATTERY_LOW):
            from wayvid.system.conditions.power import BatterySensor

            low_percent = self._wanted.battery_low_percent
            sensors.append(BatterySensor(self._loop, bus, self._environ, low_percent, self._note))
        if bus is None:
            return sensors
        if self._wants(Condition.POWER_SAVER):
            from wayvid.system.conditions.power import PowerProfile

            sensors.append(PowerProfile(bus, self._note))
        if self._wants(Condition.LOCKED):
            from wayvid.system.conditions.login import SessionLock

            on_wish = self._on_lock_wish if self._connection is not None else None
            self._lock = SessionLock(bus, self._environ, self._note, on_wish)
            sensors.append(self._lock)
        if self._wants(Condition.SLEEP):
            from wayvid.system.conditions.login import SleepWatch

            self._sleep = SleepWatch(bus, self._note)
            sensors.append(self._sleep)
        return sensors

    def _make_session_sensors(self, bus: Bus | None) -> list[Sensor]:
        if bus is None:
            return []
        from wayvid.system.conditions.games import GameMode

        return [GameMode(bus, self._note)]

    # The signal Lock counts until the next input.

    def _on_lock_wish(self) -> None:
        from wayvid.wayland.idle import IdleWatch

        assert self._connection is not None
        if self._wish_watch is not None:
            return
        self._wish_watch = IdleWatch(self._connection, LOCKING_S, self._on_wish_input)
        if self._wish_watch.reason:  # nobody would tell when it is over
            self._end_wish()

    def _on_wish_input(self) -> None:
        if self._wish_watch is not None and not self._wish_watch.is_idle:
            self._loop.call_soon(self._end_wish)

    def _end_wish(self) -> None:
        self._end_wish_watch()
        if self._lock is not None:
            self._lock.end_wish()

    def _end_wish_watch(self) -> None:
        watch, self._wish_watch = self._wish_watch, None
        if watch is not None:
            watch.close()
