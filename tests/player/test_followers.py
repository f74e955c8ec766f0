"""What was to follow a stream and does not: its decoder is given back, and its moment never comes."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from wayvid.player.followers import Followers, Following
from wayvid.player.source import DEFAULT_MEMORY, FROM_START


class Next(Followers):
    """Has something follow at once."""

    def begin(self, decoder: Any) -> None:
        handle = self._acquire(decoder, FROM_START, 0.0)
        self._next[decoder] = Following(handle, self._call_later(1.0, lambda: None), 0.0, 0.0)


@pytest.mark.parametrize("ends", [Next.drop, lambda followers, _decoder: followers.close()], ids=["drop", "close"])
def test_nothing_is_left_of_what_is_not_to_follow(ends: Callable[[Next, Any], None]) -> None:
    done: list[str] = []
    handle = SimpleNamespace(close=lambda: done.append("closed"))
    timer = SimpleNamespace(cancel=lambda: done.append("cancelled"))
    manager = SimpleNamespace(retire=lambda spec: done.append(f"retired {spec}"), acquire=lambda *_: handle)
    followers = Next(
        manager,  # type: ignore[arg-type]
        lambda _spec: DEFAULT_MEMORY,
        lambda _after_s, _callback: timer,  # type: ignore[arg-type,return-value]
        lambda _decoder: True,
        lambda *_: None,
    )

    class Decoder:
        spec = "a"

    decoder = Decoder()
    followers.begin(decoder)
    ends(followers, decoder)
    assert done == ["retired a", "cancelled", "closed"]
    ends(followers, decoder)
    assert len(done) == 3
