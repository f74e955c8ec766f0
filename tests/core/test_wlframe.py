"""What is said to the compositor for each frame, with a libwayland that only writes down what it is asked."""

from __future__ import annotations

import ctypes
import sys
from typing import NamedTuple

import pytest

from wayvid._core.wlframe import CALLS, FrameSurface, ShmBuffer

SURFACE, POOL, CALLBACK_INTERFACE, BUFFER_INTERFACE = 0x1000, 0x2000, 0x3000, 0x4000
FIRST_PROXY = 0x9000
# wayland.xml
ATTACH, FRAME, COMMIT, DAMAGE_BUFFER = 1, 3, 6, 9

Pointer, Number = ctypes.c_void_p, ctypes.c_uint32
MARSHAL = ctypes.CFUNCTYPE(None, Pointer, Number, Pointer)
CONSTRUCT = ctypes.CFUNCTYPE(Pointer, Pointer, Number, Pointer, Pointer)
DISPATCHER = ctypes.CFUNCTYPE(ctypes.c_int, Pointer, Pointer, Number, Pointer, Pointer)
ADD_DISPATCHER = ctypes.CFUNCTYPE(ctypes.c_int, Pointer, Pointer, Pointer, Pointer)
DESTROY = ctypes.CFUNCTYPE(None, Pointer)


class Listener(NamedTuple):
    dispatcher: int
    implementation: int


class Library:
    """Notes requests as (proxy, opcode, arguments); new proxies are numbered."""

    def __init__(self) -> None:
        self.said: list[tuple[int, ...]] = []
        self.listeners: dict[int, Listener] = {}
        self.destroyed: list[int] = []
        self.is_empty = False
        self._functions = (
            MARSHAL(self._marshal),
            CONSTRUCT(self._construct),
            ADD_DISPATCHER(self._add_dispatcher),
            DESTROY(self.destroyed.append),
        )
        self.addresses = {
            name: ctypes.cast(function, Pointer).value or 0
            for name, function in zip(CALLS, self._functions, strict=True)
        }

    def _marshal(self, proxy: int, opcode: int, arguments: int | None) -> None:
        count = {ATTACH: 3, DAMAGE_BUFFER: 4}.get(opcode, 0) if proxy == SURFACE else 0
        self.said.append((proxy, opcode, *self._values(arguments, count)))

    def _construct(self, proxy: int, opcode: int, arguments: int, interface: int) -> int:
        self.said.append((proxy, opcode, *self._values(arguments, 6 if proxy == POOL else 1), interface))
        return 0 if self.is_empty else FIRST_PROXY + len(self.listeners)

    def _add_dispatcher(self, proxy: int, dispatcher: int, implementation: int, _data: int) -> int:
        self.listeners[proxy] = Listener(dispatcher, implementation)
        return 0

    @staticmethod
    def _values(arguments: int | None, count: int) -> list[int]:
        """wl_argument is a union of 8 bytes; what is a number of 32 bits has rubbish above."""
        return [ctypes.c_uint32.from_address((arguments or 0) + 8 * index).value for index in range(count)]

    def tell(self, proxy: int, number: int = 0) -> None:
        """An event for a proxy, as libwayland dispatches it."""
        listener = self.listeners[proxy]
        argument = ctypes.c_uint64(number)
        DISPATCHER(listener.dispatcher)(listener.implementation, proxy, 0, None, ctypes.addressof(argument))


@pytest.fixture
def library() -> Library:
    return Library()


def test_picture_is_attached_with_all_of_it_new_and_committed(library: Library) -> None:
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, lambda _time: None)
    surface.attach(0x7777, 1920, 1080)
    surface.commit()
    assert library.said == [
        (SURFACE, ATTACH, 0x7777, 0, 0),
        (SURFACE, DAMAGE_BUFFER, 0, 0, 1920, 1080),
        (SURFACE, COMMIT),
    ]


def test_frame_callback_is_told_once_and_given_back(library: Library) -> None:
    times: list[int] = []
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, times.append)
    assert not surface.awaits_frame
    surface.ask_frame()
    assert surface.awaits_frame
    assert library.said == [(SURFACE, FRAME, 0, CALLBACK_INTERFACE)]
    library.tell(FIRST_PROXY, 0xFFFFFFF0)
    assert times == [0xFFFFFFF0]
    assert not surface.awaits_frame
    assert library.destroyed == [FIRST_PROXY]


def test_next_frame_can_be_asked_for_in_the_callback(library: Library) -> None:
    times: list[int] = []

    def on_frame(time_ms: int) -> None:
        times.append(time_ms)
        surface.ask_frame()

    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, on_frame)
    surface.ask_frame()
    library.tell(FIRST_PROXY, 1)
    library.tell(FIRST_PROXY + 1, 2)
    assert times == [1, 2]
    assert surface.awaits_frame
    surface.close()
    assert library.destroyed == [FIRST_PROXY, FIRST_PROXY + 1, FIRST_PROXY + 2]


def test_a_second_question_forgets_the_first(library: Library) -> None:
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, lambda _time: None)
    surface.ask_frame()
    surface.ask_frame()
    assert library.destroyed == [FIRST_PROXY]
    surface.forget_frame()
    surface.forget_frame()
    assert library.destroyed == [FIRST_PROXY, FIRST_PROXY + 1]


def test_it_lives_while_it_is_waited_for_and_not_longer(library: Library) -> None:
    def on_frame(_time: int) -> None: ...

    before = sys.getrefcount(on_frame)
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, on_frame)
    surface.ask_frame()
    del surface
    assert sys.getrefcount(on_frame) == before + 1
    library.tell(FIRST_PROXY)
    assert sys.getrefcount(on_frame) == before


def test_closed_surface_says_nothing(library: Library) -> None:
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, lambda _time: None)
    surface.close()
    surface.close()
    for request in (surface.commit, surface.ask_frame, lambda: surface.attach(1, 2, 3)):
        with pytest.raises(ValueError, match="the surface is closed"):
            request()
    assert library.said == []


def test_buffer_is_made_released_and_destroyed(library: Library) -> None:
    releases: list[int] = []
    shape = (4096, 640, 480, 2560, 1)
    buffer = ShmBuffer(library.addresses, BUFFER_INTERFACE, POOL, shape, lambda: releases.append(1))
    assert library.said == [(POOL, 0, 0, *shape, BUFFER_INTERFACE)]
    assert buffer.address == FIRST_PROXY
    library.tell(FIRST_PROXY)
    library.tell(FIRST_PROXY)
    assert releases == [1, 1]
    buffer.close()
    buffer.close()
    assert library.said[1:] == [(FIRST_PROXY, 0)]
    assert library.destroyed == [FIRST_PROXY]
    assert buffer.address == 0


@pytest.mark.parametrize("missing", CALLS)
def test_address_that_is_missing_or_0_is_refused(library: Library, missing: str) -> None:
    with pytest.raises(ValueError, match=f"{missing} is 0"):
        FrameSurface(library.addresses | {missing: 0}, CALLBACK_INTERFACE, SURFACE, lambda _time: None)
    with pytest.raises(KeyError, match=missing):
        FrameSurface(
            {name: address for name, address in library.addresses.items() if name != missing},
            CALLBACK_INTERFACE,
            SURFACE,
            lambda _time: None,
        )


def test_interface_or_object_of_0_is_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="is 0"):
        FrameSurface(library.addresses, 0, SURFACE, lambda _time: None)
    with pytest.raises(ValueError, match="is 0"):
        FrameSurface(library.addresses, CALLBACK_INTERFACE, 0, lambda _time: None)
    with pytest.raises(ValueError, match="is 0"):
        ShmBuffer(library.addresses, BUFFER_INTERFACE, 0, (0, 1, 1, 4, 1), lambda: None)


def test_library_without_memory_is_an_error_and_leaves_nothing(library: Library) -> None:
    library.is_empty = True
    surface = FrameSurface(library.addresses, CALLBACK_INTERFACE, SURFACE, lambda _time: None)
    with pytest.raises(MemoryError):
        surface.ask_frame()
    with pytest.raises(MemoryError):
        ShmBuffer(library.addresses, BUFFER_INTERFACE, POOL, (0, 1, 1, 4, 1), lambda: None)
    assert not surface.awaits_frame
    assert library.listeners == {}
