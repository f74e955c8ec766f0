"""The address of a display's daemon, held by one process alone."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import struct
from contextlib import suppress

from wayvid.errors import AlreadyRunning, IpcError

__all__ = ["Listener"]

# As many as the server has room for: connect() of a client never waits, however many come at once.
BACKLOG = 256
# struct ucred: pid, uid, gid (unix(7), SO_PEERCRED).
CREDENTIALS = struct.Struct("iII")


class Listener:
    """Listens at a path of which it is the only holder; owns the socket's file and a lock beside it.

    Args:
        path: absolute, at most 107 bytes.

    Raises:
        AlreadyRunning: another process holds it.
        IpcError: the folder cannot be written, or something else is there.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock_path = f"{path}.lock"
        try:
            self._lock_fd = _lock(self._lock_path, path)
        except OSError as exc:
            raise IpcError(f"cannot lock {self._lock_path}: {exc.strerror}; check XDG_RUNTIME_DIR") from exc
        try:
            self._sock = _bind(path)
            self._file = os.lstat(path)
        except OSError as exc:
            self._unlock()
            raise IpcError(f"cannot listen at {path}: {exc.strerror}; check XDG_RUNTIME_DIR") from exc
        except IpcError:
            self._unlock()
            raise

    @property
    def fd(self) -> int:
        """To watch: readable when a client waits."""
        return self._sock.fileno()

    def accept(self) -> socket.socket | None:
        """The next connection; None when there is none, or when it is neither this user's nor root's.

        Raises:
            OSError: there are no fds or no memory left for it; it still waits.
        """
        try:
            sock, _address = self._sock.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return None
        if _credentials(sock)[1] not in (0, os.geteuid()):
            sock.close()
            return None
        sock.setblocking(False)
        return sock

    def close(self) -> None:
        """Stop listening and remove the files; twice does nothing."""
        if self._lock_fd < 0:
            return
        try:
            # Not the one of a daemon that was started after somebody had removed our files.
            if os.path.samestat(os.lstat(self._path), self._file):
                os.unlink(self._path)
        except FileNotFoundError:
            pass
        self._sock.close()
        self._unlock()

    def _unlock(self) -> None:
        try:
            if os.path.samestat(os.lstat(self._lock_path), os.fstat(self._lock_fd)):
                os.unlink(self._lock_path)  # while it is locked: who opened it before finds that it is gone
        except FileNotFoundError:
            pass
        os.close(self._lock_fd)
        self._lock_fd = -1


def _lock(lock_path: str, path: str) -> int:
    """The fd of the locked file; the kernel unlocks it when the process ends, however it ends."""
    while True:
        fd = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(fd, lock_path):
                os.ftruncate(fd, 0)
                os.pwrite(fd, str(os.getpid()).encode(), 0)
                return fd
        except BlockingIOError as exc:
            holder = os.pread(fd, 20, 0)
            os.close(fd)
            raise AlreadyRunning(path, int(holder) if holder.isdigit() else 0) from exc
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _is_still_there(fd: int, path: str) -> bool:
    """Whether a file was not removed by its last holder between our open and our lock."""
    try:
        return os.path.samestat(os.fstat(fd), os.lstat(path))
    except FileNotFoundError:
        return False


def _bind(path: str) -> socket.socket:
    """A socket that listens at that path from the moment that something is there: nobody is ever refused."""
    _clear(path)
    sock = _new_socket()
    # No longer than the shortest name of a display's socket, or a path that is just short enough would be refused.
    first_path = os.path.join(os.path.dirname(path), f".wv{os.getpid()}")
    try:
        # On Linux bind() gives the file the socket's own mode, so that it has never another one.
        os.fchmod(sock.fileno(), 0o600)
        with suppress(FileNotFoundError):  # of a process of the same number that was killed just here
            os.unlink(first_path)
        sock.bind(first_path)
        try:
            sock.listen(BACKLOG)
            os.rename(first_path, path)
        except BaseException:
            os.unlink(first_path)
            raise
    except BaseException:
        sock.close()
        raise
    return sock


def _clear(path: str) -> None:
    """Remove the socket of a daemon that is dead. The lock is ours, so no other is about to be bound there."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise IpcError(f"{path} is in the way, and no socket; remove it")
    except FileNotFoundError:
        return
    with _new_socket() as probe:
        pid = 0
        try:
            probe.connect(path)
            pid = _credentials(probe)[0]
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except BlockingIOError:  # so many clients wait there that it is alive
            pass
    raise AlreadyRunning(path, pid)


def _new_socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)


def _credentials(sock: socket.socket) -> tuple[int, int]:
    """Process and user of the other end, as they were when it connected or began to listen."""
    pid, uid, _gid = CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return pid, uid
