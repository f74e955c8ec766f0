"""Serves the daemon's socket from the daemon's loop."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Protocol

from wayvid.errors import BadRequest, InternalError, IpcError, WayvidError
from wayvid.ipc.feed import Feed
from wayvid.ipc.lines import LineSocket
from wayvid.ipc.listener import Listener
from wayvid.ipc.messages import Answer, Command, Handover, SubscribeRequest, read_request, write_answer

__all__ = ["IpcServer", "Reply", "Handler"]

log = logging.getLogger(__name__)

MAX_CLIENTS = 256
# Who has said nothing for so long has to go when there is no room for another.
IDLE_S = 5.0
# A client that sends no more is readable for ever, so it is not watched while it reads its answers.
DRAIN_EVERY_S = 0.02
DRAIN_WITHIN_S = 5.0
# After accept() failed for want of fds or memory.
ACCEPT_AGAIN_S = 1.0

Reply = Callable[[Answer], None]
Handler = Callable[[Command, Reply], None]


class _Loop(Protocol):
    def watch(self, fd: int, on_readable: Callable[[], None], on_writable: Callable[[], None] | None = None) -> None:
        """As wayvid.system.events.EventLoop."""

    def unwatch(self, fd: int) -> None:
        """As wayvid.system.events.EventLoop."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> object:
        """As wayvid.system.events.EventLoop."""


class _Client(LineSocket):
    """One connection. A client whose request is being handled is not read from: it has one at a time."""

    heard_s = 0.0
    is_asking = False
    is_watched = False
    has_missed = False  # see Subscriber
    on_sent: Callable[[], None]  # likewise, once it is one


class IpcServer:
    """Reads requests, has them handled and sends the answers, in order on each connection.

    It never blocks, serves one request of each client a round of the loop, and
    sets no timer while no client is there.

    Args:
        loop: the daemon's.
        listener: where clients come; closed with this.
        handle: called with each request and a function that takes its answer, to be
            called exactly once, at once or later; data, None for none, or the error.
            A WayvidError out of it is the answer, too.
        feed: who subscribes hears of changes there.
    """

    def __init__(self, loop: _Loop, listener: Listener, handle: Handler, feed: Feed) -> None:
        self._loop = loop
        self._handle = handle
        self._feed = feed
        self._clients: set[_Client] = set()
        self._is_closed = False
        self._listener = listener
        self._watch_listener()

    def _watch_listener(self) -> None:
        if not self._is_closed:
            self._loop.watch(self._listener.fd, self._on_connect)

    def _on_connect(self) -> None:
        try:
            sock = self._listener.accept()
        except OSError as exc:
            log.warning("socket: no client can be served: %s", exc.strerror)
            self._loop.unwatch(self._listener.fd)
            self._loop.call_later(ACCEPT_AGAIN_S, self._watch_listener)
            return
        if sock is None:
            return
        client = _Client(sock)
        if len(self._clients) >= MAX_CLIENTS and not self._drop_idle():
            client.send(write_answer(IpcError(f"{MAX_CLIENTS} clients are connected already; end some of them")))
            client.close()
            return
        client.heard_s = monotonic()
        self._clients.add(client)
        self._watch(client)

    def _drop_idle(self) -> bool:
        """Make room by dropping who has been idle longest; False when nobody has been for long enough."""
        idle = [client for client in self._clients if not client.is_asking and client not in self._feed]
        longest = min(idle, key=lambda client: client.heard_s, default=None)
        if longest is None or monotonic() - longest.heard_s < IDLE_S:
            return False
        self._drop(longest)
        return True

    def _watch(self, client: _Client) -> None:
        on_writable = partial(self._on_writable, client) if client.unsent_bytes else None
        self._loop.watch(client.fd, partial(self._on_readable, client), on_writable)
        client.is_watched = True

    def _unwatch(self, client: _Client) -> None:
        self._loop.unwatch(client.fd)
        client.is_watched = False

    def _on_readable(self, client: _Client) -> None:
        client.receive()
        client.heard_s = monotonic()
        self._unwatch(client)
        self._go_on(client)

    def _on_writable(self, client: _Client) -> None:
        client.flush()
        self._wait_for(client)

    def _on_sent(self, client: _Client) -> None:
        """It was told of a change: see to it that it gets all of that."""
        if client.is_broken:
            self._drop(client)
        elif client.is_watched:
            self._watch(client)

    def _go_on(self, client: _Client) -> None:
        """Serve a client's next request, or wait for it."""
        if client not in self._clients:
            return
        try:
            line = client.take_line()
            request = None if line is None else read_request(line)
        except BadRequest as error:
            self._answer(client, error)
            return
        if request is None:
            self._wait_for(client)
            return
        if isinstance(request, SubscribeRequest):
            self._subscribe(client)
            return
        reply = self._reply_to(client)
        try:
            self._handle(request, reply)
        except WayvidError as error:
            reply(error)

    def _subscribe(self, client: _Client) -> None:
        client.on_sent = partial(self._on_sent, client)
        try:
            self._feed.add(client, write_answer(None))
        except IpcError as error:
            self._answer(client, error)
        else:
            self._go_on_later(client)

    def _reply_to(self, client: _Client) -> Reply:
        is_answered = False

        def reply(answer: Answer) -> None:
            nonlocal is_answered
            if is_answered:
                raise InternalError("a request at the socket was answered twice")
            is_answered = True
            client.is_asking = False
            if client in self._clients:
                self._answer(client, answer)
            elif isinstance(answer, Handover):
                os.close(answer.fd)

        client.is_asking = True
        return reply

    def _answer(self, client: _Client, answer: Answer) -> None:
        client.send(write_answer(answer), answer.fd if isinstance(answer, Handover) else -1)
        self._go_on_later(client)

    def _go_on_later(self, client: _Client) -> None:
        if client.is_broken:
            self._drop(client)
            return
        # Not at once: a client that sent a thousand requests is to hold up nobody.
        self._loop.call_later(0.0, partial(self._go_on, client))

    def _wait_for(self, client: _Client) -> None:
        """Wait until a client says more or reads what it was sent."""
        if not client.unsent_bytes:
            self._feed.catch_up(client)
        if client.is_broken or (client.has_ended and not client.unsent_bytes):
            self._drop(client)
        elif not client.has_ended:
            self._watch(client)
        elif monotonic() - client.heard_s > DRAIN_WITHIN_S:
            self._drop(client)
        else:
            client.flush()
            self._loop.call_later(DRAIN_EVERY_S, partial(self._go_on, client))

    def _drop(self, client: _Client) -> None:
        self._clients.discard(client)
        self._feed.leave(client)
        self._unwatch(client)
        client.close()

    def stop(self) -> None:
        """Stop listening and remove the socket; those who are connected may still be answered."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.unwatch(self._listener.fd)
            self._listener.close()

    def close(self) -> None:
        """Hang up on all clients, too; twice does nothing."""
        self.stop()
        for client in list(self._clients):
            self._drop(client)
