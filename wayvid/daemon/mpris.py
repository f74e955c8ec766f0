"""The wallpaper as a media player on the session bus, for media keys and panels."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from time import monotonic

from wayvid.daemon import media
from wayvid.daemon.director import Director
from wayvid.daemon.media import Media
from wayvid.daemon.playback import Playback
from wayvid.daemon.source import DEFAULT_SOURCE
from wayvid.embedded import PREFIX as EMBEDDED
from wayvid.errors import WayvidError
from wayvid.ipc.messages import Answer, OutputRequest
from wayvid.ipc.server import Handler
from wayvid.system.bus import Answer as BusAnswer
from wayvid.system.bus import Bus
from wayvid.system.busobject import BusObject, Call
from wayvid.system.events import EventLoop

__all__ = ["Mpris", "look"]

log = logging.getLogger(__name__)

PROPERTIES = "org.freedesktop.DBus.Properties"
PEER = "org.freedesktop.DBus.Peer"
DBUS, DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
ERROR = "org.freedesktop.DBus.Error."
# Of RequestName: do not wait for the name; it is ours. Source: D-Bus Specification, "Message Bus Messages".
DO_NOT_QUEUE, IS_OWNER = 4, 1
STOPPED = ("still", "failed")


def look(director: Director, playback: Playback) -> Media:
    """What the first screen shows, as a media player; it is paused when all screens are."""
    streams = [stream for stream in map(director.stream_on, director.connected) if stream is not None]
    if not streams:
        return Media("Paused" if director.is_paused(director.names(())) else "Stopped", director.source)
    stream = streams[0]
    place = playback.place_of(stream)
    if director.is_paused(director.names(())):
        status = "Paused"
    else:
        status = "Stopped" if all(each.state in STOPPED for each in streams) else "Playing"
    is_embedded = stream.source == DEFAULT_SOURCE or stream.source.startswith(EMBEDDED)
    path = "" if is_embedded else place.spec.path
    return Media(
        status,
        stream.source,
        path,
        place.duration_s,
        place.position_s,
        place.spec.speed,
        stream.turn is not None and not stream.turn.is_alone,
        director.sound_on(director.connected[0])[1],
    )


class Mpris:
    """Answers on the session bus, on the daemon's loop; without a bus it says so once and does nothing.

    Args:
        loop: the daemon's event loop.
        environ: says where the bus is.
        look: says what is shown.
        handle: does what is asked; as of the daemon's socket.

    Attributes:
        name: on the bus; empty while there is none.
        reason: why there is none.
    """

    def __init__(self, loop: EventLoop, environ: Mapping[str, str], look: Callable[[], Media], handle: Handler) -> None:
        self.name = ""
        self.reason = "the bus has not answered yet"
        self._look = look
        self._handle = handle
        self._told = look()
        self._told_s = monotonic()
        self._bus: Bus | None = None
        try:
            bus = Bus(loop, "session", environ, self._on_gone)
        except OSError as exc:
            self._on_gone(str(exc))
            return
        self._bus = bus
        self._object = BusObject(bus, self._on_call)
        self._ask_for(media.BUS_NAME)

    def _on_gone(self, reason: str) -> None:
        self._bus = None
        self.name, self.reason = "", reason
        log.warning("media keys do not reach this wayvid: %s", reason)

    def _on_call(self, call: Call) -> None:
        bus = self._object
        match call.interface, call.member, call.body:
            case _, "Introspect", ():
                bus.reply(call, "s", (media.introspection(),))
            case _, "Ping", () if call.interface in (PEER, ""):
                bus.reply(call)
            case _, "Get", (str(interface), str(name)):
                self._get(bus, call, interface, name)
            case _, "GetAll", (str(interface),):
                bus.reply(call, "a{sv}", (media.properties(interface, self._look()),))
            case _, "Set", (str(_interface), str(name), (str(_signature), value)):
                self._set(bus, call, name, value)
            case _ if call.member in media.METHODS[media.PLAYER] and call.interface in (media.PLAYER, ""):
                self._do(bus, call, media.request_of(call.member, call.body, self._look()))
            case _ if call.member in media.METHODS[media.ROOT]:  # CanRaise and CanQuit are false
                bus.reply(call)
            case _:
                bus.refuse(call, f"{ERROR}UnknownMethod", f"there is no method {call.member!r}")

    def _ask_for(self, name: str) -> None:
        def on_answer(answer: BusAnswer) -> None:
            if answer.body[:1] == (IS_OWNER,):
                self.name, self.reason = name, ""
                log.info("media keys: on the session bus as %s", name)
                self.on_change()
            elif name == media.BUS_NAME:  # the wayvid of another display has it
                self._ask_for(f"{name}.instance{os.getpid()}")
            else:
                self.reason = f"the session bus gives no name: {answer.text or 'it is taken'}"
                log.warning("media keys do not reach this wayvid: %s", self.reason)

        if self._bus is not None:
            self._bus.call(DBUS, DBUS_PATH, DBUS, "RequestName", "su", (name, DO_NOT_QUEUE), on_answer=on_answer)

    def _get(self, bus: BusObject, call: Call, interface: str, name: str) -> None:
        value = media.properties(interface, self._look()).get(name)
        if value is None:
            bus.refuse(call, f"{ERROR}UnknownProperty", f"{interface} has no property {name!r}")
        else:
            bus.reply(call, "v", (value,))

    def _set(self, bus: BusObject, call: Call, name: str, value: object) -> None:
        try:
            request = media.request_of_property(name, value)
        except media.NoSuchProperty:
            bus.refuse(call, f"{ERROR}PropertyReadOnly", f"{name!r} cannot be set")
        else:
            self._do(bus, call, request)

    def _do(self, bus: BusObject, call: Call, request: OutputRequest | None) -> None:
        """Do it as if it had been asked at the socket, and answer when it has taken effect."""

        def reply(answer: Answer) -> None:
            if isinstance(answer, WayvidError):
                bus.refuse(call, f"{ERROR}Failed", str(answer))
            else:
                bus.reply(call)

        if request is None:
            bus.reply(call)
            return
        try:
            self._handle(request, reply)
        except WayvidError as error:
            reply(error)

    def on_change(self) -> None:
        """Something else may be shown: tell whoever listens what differs."""
        now, now_s = self._look(), monotonic()
        if now.path == self._told.path and not now.length_s:  # it goes on elsewhere, and has no picture there yet
            now = now._replace(length_s=self._told.length_s)
        before, elapsed_s = self._told, now_s - self._told_s
        self._told, self._told_s = now, now_s
        if self._bus is None or not self.name:
            return
        if differing := media.changed(before, now):
            self._object.emit(media.PATH, PROPERTIES, "PropertiesChanged", "sa{sv}as", (media.PLAYER, differing, []))
        if media.has_jumped(before, now, elapsed_s):
            position = round(now.position_s * media.MICROSECONDS)
            self._object.emit(media.PATH, media.PLAYER, "Seeked", "x", (position,))

    def close(self) -> None:
        """Leave the bus; twice does nothing."""
        if self._bus is not None:
            self._bus.close()
            self._bus = None
