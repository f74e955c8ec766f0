"""Folders and lists: their files as they are now, and what a source is to begin with."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial
from time import monotonic, time

from wayvid.daemon.source import FILE_URL, MEDIA_SUFFIXES, STDIN, file_stream, is_url, path_of, refusal, single_of
from wayvid.daemon.turns import Entry, Listing, Opened, Turn, first, following
from wayvid.embedded import PREFIX as EMBEDDED
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import PIPE, StreamSpec
from wayvid.playlist import PREFIX, Playlist, playlist_of
from wayvid.system.errands import ANSWERED_WITHIN_S, at_once
from wayvid.units import MIB
from wayvid.workshop.names import PREFIX as PROJECT
from wayvid.workshop.names import project_folder

__all__ = ["in_words", "list_of", "opened", "opened_from", "opened_soon", "stream_of", "turned"]

log = logging.getLogger(__name__)

# Of entries of all kinds: looking through so many takes a quarter of a second, in which the daemon does nothing else.
MOST_ENTRIES = 200_000
MOST_LIST_BYTES = MIB
LIST_SUFFIXES = (".m3u", ".m3u8", ".pls")
HLS = b"#EXT-X-"  # a stream in pieces, which libmpv plays: no list of files. Source: RFC 8216, "Playlists"
# Files in a row that cannot be opened, until the whole list is given up for now; more where that takes no time.
MOST_TRIES = 20
TRIES_S = 0.5
MOST_SAID = 100


def list_of(text: str) -> Playlist | None:
    """The folder or list that a source means, its path absolute; None: it means something else.

    Raises:
        SourceUnplayable: what is said of it makes no sense.
    """
    if text.startswith(PREFIX):
        try:
            playlist = playlist_of(text)
        except ValueError as exc:
            raise SourceUnplayable(text, str(exc), "see 'wayvid sources'") from exc
        return playlist._replace(path=path_of(playlist.path))
    if text in ("", STDIN) or text.startswith((PROJECT, PIPE, EMBEDDED)):
        return None
    if is_url(text) and not text.startswith(FILE_URL):
        return None
    path = path_of(text)
    try:
        if os.path.isdir(path):
            return None if project_folder(path) else Playlist(path)
        if path.lower().endswith(LIST_SUFFIXES) and os.path.isfile(path) and HLS not in _head(path):
            return Playlist(path)
    except (ValueError, OSError) as exc:  # ValueError: a zero byte in the name
        raise refusal(text, exc) from exc
    return None


def opened(text: str, at: Entry | None = None, since_s: float = 0.0) -> Opened:
    """What a source is to begin with.

    Args:
        text: a folder, a list ("playlist:PATH"), or as single_of() takes it.
        at: where the list was; its file is shown again, or what follows where that has gone.
        since_s: see Turn; 0: from now on.

    Raises:
        SourceUnplayable: it does not exist, cannot be read, or has nothing to play.
    """
    playlist = list_of(text)
    if playlist is None:
        return Opened(single_of(text))
    listing = _listing_of(playlist, text)
    if at is not None and at.file.startswith(FILE_URL):  # as it is written down when it is not UTF-8
        at = at._replace(file=path_of(at.file))
    if at is not None and (is_url(at.file) or os.path.isfile(at.file)):
        here = following(listing, at, 1)
        if here is not None:
            with suppress(SourceUnplayable):
                turn = Turn(playlist, at, since_s or time(), here.is_alone)
                return Opened(_spec_of(at.file), turn)
    return _next(playlist, listing, at, 1, since_s, text)


def opened_from(text: str, turn: Turn | None) -> Opened:
    """What a source is to begin with; the same list as is shown, in another order or for other times, goes on.

    Args:
        text: as of opened(), which says what it raises.
        turn: where an output is that is to show it.
    """
    playlist = list_of(text) if turn is not None else None
    if turn is None or playlist is None or playlist.path != turn.playlist.path:
        return opened(text)
    return opened(text, turn.entry, turn.since_s)


def opened_soon(text: str, turn: Turn | None) -> Opened:
    """As opened_from(), for who cannot go on without: a disk or server that does not answer is not waited for."""
    try:
        return at_once(partial(opened_from, text, turn), ANSWERED_WITHIN_S)
    except TimeoutError as exc:
        raise in_words(text, exc) from exc


def stream_of(text: str) -> StreamSpec:
    """The stream that a source means, of a list that of its first file; takes and raises as opened()."""
    return opened(text).spec


def turned(
    turn: Turn, step: int, unplayable: Collection[str] = (), since_s: float = 0.0, begins_again: bool = False
) -> Opened | None:
    """What a list goes on with.

    Args:
        turn: where it is.
        step: 1: the next file, -1: the one before.
        unplayable: files that are left out.
        since_s: when it is to be shown, Unix time; 0: now.
        begins_again: at its end, also when it does not by itself.

    Returns:
        None: it has come to its end, and does not begin again.

    Raises:
        SourceUnplayable: it has nothing more to play.
    """
    playlist = turn.playlist
    listing = _listing_of(playlist, playlist.path)
    files = listing.files
    listing = listing._replace(files=lambda: (file for file in files() if file not in unplayable))
    if not (turn.loops or begins_again):
        after = following(listing, turn.entry, 1)
        if after is None or after.is_new_round or after.is_alone:
            return None
    try:
        result = _next(playlist, listing, turn.entry, step, since_s, playlist.path)
    except SourceUnplayable as exc:
        if not unplayable:
            raise
        raise SourceUnplayable(playlist.path, "none of its files can be played", "put others into it") from exc
    assert result.turn is not None
    return result._replace(turn=result.turn._replace(loops=turn.loops, loop_fade_s=turn.loop_fade_s))


def in_words(text: str, error: Exception) -> SourceUnplayable:
    """Why it is not known what a source begins or goes on with; raises what is a fault of ours.

    Args:
        text: the source.
        error: that came of looking.
    """
    if isinstance(error, SourceUnplayable):
        return error
    if isinstance(error, TimeoutError):
        return SourceUnplayable(text, "its disk or server does not answer", "see whether it is there")
    raise error


def _next(playlist: Playlist, listing: Listing, entry: Entry | None, step: int, since_s: float, text: str) -> Opened:
    """What can be played from there on, or from the beginning."""
    files = listing.files
    refused: dict[str, SourceUnplayable] = {}
    listing = listing._replace(files=lambda: (file for file in files() if file not in refused))
    until_s = monotonic() + TRIES_S
    while len(refused) < MOST_TRIES or monotonic() < until_s:
        found = following(listing, entry, step) if entry is not None else first(listing, _round_of(playlist))
        if found is None:
            break
        entry = found.entry
        try:
            spec = _spec_of(entry.file)
        except SourceUnplayable as exc:
            refused[entry.file] = exc
            _say(str(exc))
            continue
        return Opened(spec, Turn(playlist, entry, since_s or time(), found.is_alone))
    if refused:
        raise SourceUnplayable(text, next(iter(refused.values())).reason, "put others into it, or name another one")
    raise SourceUnplayable(text, "the folder has no video or picture in it", "name a file, or another folder")


def _round_of(playlist: Playlist) -> int:
    return int.from_bytes(os.urandom(4)) if playlist.order == "shuffle" else 0


def _spec_of(file: str) -> StreamSpec:
    return single_of(file) if is_url(file) else file_stream(file, file)


def _listing_of(playlist: Playlist, text: str) -> Listing:
    """The files of a list, for any number of looks.

    Raises:
        SourceUnplayable: it cannot be read, or names no file.
    """
    path, is_shuffled = playlist.path, playlist.order == "shuffle"
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()
            return Listing(lambda: _files_in(path, playlist.recursive, text), is_shuffled)
        lines = {file: number for number, file in enumerate(_files_named_in(path, text))}
    except (ValueError, OSError) as exc:
        raise refusal(text, exc) from exc
    return Listing(lambda: lines, is_shuffled, lambda file: lines.get(file, -1))


def _files_in(folder: str, is_recursive: bool, text: str) -> Iterator[str]:
    """The files in a folder; raises SourceUnplayable, of the source `text`, when that itself cannot be read."""
    left = MOST_ENTRIES
    folders, seen = [folder], {_identity(folder)}  # links may make a loop of folders
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    left -= 1
                    if left < 0:
                        _say(f"{folder}: only the first {MOST_ENTRIES} files that the system names are shown")
                        return
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if name.lower().endswith(MEDIA_SUFFIXES) and _is(entry.is_file):
                        yield entry.path
                    elif is_recursive and _is(entry.is_dir):
                        identity = _identity(entry.path)
                        if identity not in seen:
                            seen.add(identity)
                            folders.append(entry.path)
        except OSError as exc:
            if here == folder:
                raise refusal(text, exc) from exc
            _say(f"{here}: left out: {exc.strerror}")


def _is(kind: object) -> bool:
    """Whether an entry is of a kind; a link that leads to itself is of none."""
    assert callable(kind)
    try:
        return bool(kind())
    except OSError:
        return False


def _identity(path: str) -> tuple[int, int]:
    with suppress(OSError):
        status = os.stat(path)
        return status.st_dev, status.st_ino
    return 0, 0


def _files_named_in(path: str, text: str) -> list[str]:
    """The files and URLs that a list names and that are there, each once."""
    data = _head(path, MOST_LIST_BYTES + 1)
    if b"\0" in data or len(data) > MOST_LIST_BYTES:
        reason = "it is no list of files" if b"\0" in data else "it is larger than 1 MB, too large for a list of files"
        raise SourceUnplayable(text, reason, "name a folder, or a list such as an .m3u")
    is_pls = path.lower().endswith(".pls")
    folder = os.path.dirname(path)
    there: dict[str, None] = {}
    missing: list[str] = []
    for line in os.fsdecode(data).splitlines():
        word = line.strip().removeprefix("\ufeff")
        if is_pls:
            key, _sign, word = word.partition("=")
            word = word.strip() if key[:4].lower() == "file" else ""
        if not word or word.startswith("#"):
            continue
        if not is_url(word) or word.startswith(FILE_URL):
            try:
                word = path_of(word) if word.startswith(("~", FILE_URL)) else os.path.join(folder, word)
            except SourceUnplayable:
                missing.append(word)
                continue
            if not os.path.isfile(word):
                missing.append(word)
                continue
        there[word] = None
    if missing:
        example = os.path.basename(missing[0])[:80]
        _say(f"{path}: {len(missing)} of the files that it names are not there, such as {example!r}")
    if not there:
        raise SourceUnplayable(text, "it names no file that is there", "see what is written in it")
    return list(there)


def _head(path: str, size: int = 4096) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        return file.read(size) or b""


_said: dict[str, None] = {}


def _say(text: str) -> None:
    """Warn of something, once."""
    if text not in _said:
        if len(_said) >= MOST_SAID:
            _said.clear()
        _said[text] = None
        log.warning("%s", text)
