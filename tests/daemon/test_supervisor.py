"""The player process as the daemon sees it, with stand-ins for the player."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemon.conftest import Watched
from wayvid.daemon import supervisor
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.link.ledger import Note
from wayvid.link.messages import Finish, Hide, Picture, Prepare, Shown, StreamSpec
from wayvid.system.events import EventLoop

Start = Callable[[str], PlayerProcess]
OBEDIENT = """
for message, _fd in iter(lambda: next(end.receive(), (None, -1)), (None, -1)):
    if isinstance(message, Finish):
        break
"""
DEAF = "signal.pause()\n"
SOME_MEMORY = """
fd = os.memfd_create("picture")
os.pwrite(fd, b"picture", 0)
end.send(Memory({0}, 7), fd)
os.close(fd)
"""


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No fd and no zombie stays when a player was ended and closed."""
    gc.collect()
    fds, pids = len(os.listdir("/proc/self/fd")), children()
    yield
    gc.collect()
    assert (len(os.listdir("/proc/self/fd")), children()) == (fds, pids)


def end(player: PlayerProcess, loop: EventLoop) -> None:
    player.kill()
    player.wait()
    player.close()
    loop.close()


def test_a_player_gets_its_messages_and_answers(start_stand_in: Start, loop: EventLoop) -> None:
    player = start_stand_in("message, fd = next(end.receive())\nend.send(Shown(message.stream.path))\n" + OBEDIENT)
    player.link.send(Prepare(0, StreamSpec(path="clip.mp4")))
    watched = Watched(player, loop)
    watched.run_until_said()
    assert watched.said == [Shown("clip.mp4")]
    player.finish(Finish())
    assert watched.run_until_exit() == "exit code 0"
    end(player, loop)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("", "exit code 0", id="at once"),
        pytest.param("os._exit(7)", "exit code 7", id="an exit code"),
        pytest.param("os.kill(os.getpid(), signal.SIGSEGV)", "signal 11 (Segmentation fault)", id="a crash"),
        pytest.param("os.kill(os.getpid(), signal.SIGKILL)", "signal 9 (Killed)", id="the kernel's memory killer"),
    ],
)
def test_an_end_is_told_once_with_its_reason(start_stand_in: Start, loop: EventLoop, code: str, reason: str) -> None:
    player = start_stand_in(code)
    watched = Watched(player, loop)
    assert watched.run_until_exit() == reason
    player.kill()
    player.wait()
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert watched.exits == [reason]
    end(player, loop)


def test_last_words_come_before_the_end(start_stand_in: Start, loop: EventLoop) -> None:
    player = start_stand_in("for n in range(50): end.send(Shown(str(n)))\nos._exit(3)")
    watched = Watched(player, loop)
    assert watched.run_until_exit() == "exit code 3"
    assert watched.said == [Shown(str(number)) for number in range(50)]
    end(player, loop)


def test_finish_kills_a_player_that_does_not_listen(
    start_stand_in: Start, loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FINISH_WITHIN_S", 0.05)
    player = start_stand_in("end.send(Shown('up'))\n" + DEAF)
    watched = Watched(player, loop)
    watched.run_until_said()
    player.finish(Finish())
    assert watched.run_until_exit() == "signal 9 (Killed)"
    end(player, loop)


def test_wait_lets_an_obedient_player_end_and_kills_another(
    start_stand_in: Start, loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = start_stand_in(OBEDIENT)
    player.link.send(Finish())
    player.wait()
    player.wait()
    player.close()
    monkeypatch.setattr(supervisor, "FINISH_WITHIN_S", 0.05)
    deaf = start_stand_in(DEAF)
    deaf.wait()
    end(deaf, loop)


def test_memory_of_a_dead_player_can_still_be_read(start_stand_in: Start, loop: EventLoop) -> None:
    player = start_stand_in(SOME_MEMORY.format(5) + "os.kill(os.getpid(), signal.SIGKILL)")
    watched = Watched(player, loop)
    watched.run_until_exit()
    assert os.pread(player.memories[5].fd, 7, 0) == b"picture"
    assert player.memories[5].size_bytes == 7
    end(player, loop)
    assert player.memories == {}


def test_memory_that_is_gone_or_replaced_is_given_back(start_stand_in: Start, loop: EventLoop) -> None:
    code = SOME_MEMORY.format(1) + SOME_MEMORY.format(1) + SOME_MEMORY.format(2)
    player = start_stand_in(
        code + "end.send(MemoryGone(2))\nend.send(MemoryGone(99))\nend.send(Shown('done'))\n" + DEAF
    )
    before = len(os.listdir("/proc/self/fd"))
    watched = Watched(player, loop)
    watched.run_until_said()
    assert list(player.memories) == [1]
    assert len(os.listdir("/proc/self/fd")) == before + 1
    end(player, loop)


def test_the_last_note_of_a_dead_player_is_read(start_stand_in: Start, loop: EventLoop) -> None:
    code = "ledger = Ledger(ledger_fd)\nledger.write(0, Note(Picture(1, 2, 3, 64, 5, 6), 7, 8.5, 9.5))\nos._exit(0)"
    player = start_stand_in(code)
    Watched(player, loop).run_until_exit()
    assert player.note(0) == Note(Picture(1, 2, 3, 64, 5, 6), 7, 8.5, 9.5)
    assert player.note(1) is None
    end(player, loop)


@pytest.mark.parametrize(
    "data", [pytest.param(b"\xc1garbage", id="garbage"), pytest.param(b"\x81\xa4type\xa6Future", id="another version")]
)
@pytest.mark.parametrize("after", [DEAF, "os._exit(0)"], ids=["goes on", "ends"])
def test_a_player_that_talks_nonsense_is_killed_and_the_daemon_lives(
    start_stand_in: Start, loop: EventLoop, caplog: pytest.LogCaptureFixture, data: bytes, after: str
) -> None:
    # Garbage that was not even msgpack ended the daemon with a traceback.
    player = start_stand_in(f"sock.send({data!r})\n{after}")
    watched = Watched(player, loop)
    assert watched.run_until_exit() in ("signal 9 (Killed)", "exit code 0")
    assert "it speaks another version" in caplog.text
    end(player, loop)


def test_messages_to_a_busy_player_arrive_when_it_reads_again(start_stand_in: Start, loop: EventLoop) -> None:
    # What did not fit into the socket waited for the next message, which might never come.
    count = 40
    code = "end.send(Shown('busy'))\nsignal.sigwait([signal.SIGUSR1])\n"
    code += (
        f"for n in range({count}):\n    message, _fd = next(end.receive())\n    end.send(Shown(message.output[:4]))\n"
    )
    player = start_stand_in("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n" + code + DEAF)
    watched = Watched(player, loop)
    watched.run_until_said()
    for number in range(count):
        player.link.send(Hide(f"{number:4}{'x' * 50_000}"))
    assert player.link.has_unsent
    os.kill(player.pid, 10)
    watched.run_until_said(1 + count)
    assert watched.said[1:] == [Shown(f"{number:4}") for number in range(count)]
    assert not player.link.has_unsent
    end(player, loop)


def test_a_player_inherits_nothing_but_its_link_and_the_ledger(start_stand_in: Start, loop: EventLoop) -> None:
    first = start_stand_in(SOME_MEMORY.format(1) + "end.send(Shown('memory'))\n" + DEAF)
    watched = Watched(first, loop)
    watched.run_until_said()
    second = start_stand_in("end.send(Shown(' '.join(os.readlink(f'/proc/self/fd/{fd}') for fd in range(3, 64) "
                            "if os.path.exists(f'/proc/self/fd/{fd}'))))\n" + DEAF)  # fmt: skip
    listening = Watched(second, loop)
    listening.run_until_said()
    files = listening.said[0].output
    assert "memfd:picture" not in files
    assert files.count("memfd:wayvid-ledger") == 1
    assert files.count("socket:") == 1
    first.kill()
    first.wait()
    first.close()
    end(second, loop)
