"""Files that results go to: tried before the measurement, and under another name until it is whole.

FILE.csv is FILE.partial.csv until the end. A disk that fills, a signal or a power cut leaves that one
behind, so what was kept is there and nobody takes it for the whole; an older FILE.csv stays until then.
"""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from wayvid.errors import UsageError, WayvidError
from wayvid.memtest.columns import COLUMNS, Row, output_columns, rows_of
from wayvid.memtest.result import Result, Run

__all__ = ["CsvFile", "IsPartial", "ResultFile", "check_apart", "csv_line", "open_files", "write_all"]


def check_apart(paths: Sequence[str]) -> None:
    """Raise UsageError where two results would go to one file."""
    real = [os.path.realpath(path) for path in paths]
    for path in paths:
        if real.count(os.path.realpath(path)) > 1:
            raise UsageError(f"two results cannot go to one file, {path!r}; name different ones")


def _partial_name(path: str) -> str:
    stem, suffix = os.path.splitext(path)
    return f"{stem}.partial{suffix}"


class ResultFile:
    """A file that a result goes to; it is made now, so that what is wrong with it is known now.

    Raises:
        UsageError: it cannot be written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            # A device or a pipe, such as /dev/stdout, is written to as it is.
            self._is_plain = not os.path.lexists(path) or stat.S_ISREG(os.stat(path).st_mode)
            if os.path.exists(path) and not os.access(path, os.W_OK):
                raise PermissionError(13, os.strerror(13))
            self.written_path = _partial_name(path) if self._is_plain else path
            self._file = open(self.written_path, "wb", buffering=0)  # noqa: SIM115 - close() is ours
        except OSError as exc:
            raise UsageError(f"cannot write {path!r}: {exc.strerror}; name another file") from exc
        self._size_bytes = 0

    def write(self, text: str) -> None:
        """Append; all of it, or, when there is no room, nothing.

        Raises:
            WayvidError: it cannot be written any more.
        """
        data = text.encode(errors="backslashreplace")
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as exc:
            with suppress(OSError):  # a device has no size
                self._file.truncate(self._size_bytes)
            raise WayvidError(f"cannot write {self.written_path!r}: {exc.strerror}; make room there") from exc
        self._size_bytes += len(data)

    def begin_again(self) -> None:
        """Throw away what was written."""
        if self._is_plain:
            self._file.seek(0)
            self._file.truncate()
            self._size_bytes = 0

    def close(self, is_whole: bool) -> str:
        """Give a whole file its name, and remove an empty one; where it is now, "" for nowhere. Twice is fine."""
        if self._file.closed:
            return ""
        self._file.close()
        if not self._is_plain:
            return self.path
        try:
            if not self._size_bytes:
                os.unlink(self.written_path)
                return ""
            if is_whole:
                os.replace(self.written_path, self.path)
                return self.path
        except OSError as exc:
            raise WayvidError(f"cannot rename {self.written_path!r} to {self.path!r}: {exc.strerror}") from exc
        return self.written_path


class IsPartial(Protocol):
    """A result that says why it is not whole; empty when it is."""

    partial: str


@contextmanager
def open_files(paths: Mapping[str, str]) -> Iterator[dict[str, ResultFile]]:
    """All files, or none: where one cannot be written, those before it are removed again."""
    files: dict[str, ResultFile] = {}
    try:
        for key, path in paths.items():
            files[key] = ResultFile(path)
        yield files
    finally:
        for file in files.values():
            file.close(is_whole=False)


def write_all(
    files: Mapping[str, ResultFile], texts: Mapping[str, Callable[[], str]], result: IsPartial
) -> tuple[list[str], WayvidError | None]:
    """Fill the files that are written at the end, and give all of them their names.

    Args:
        files: by a key of their own.
        texts: by the same keys; a file without one is left as it is.
        result: becomes partial with the first file that cannot be written.

    Returns:
        Where they are now, and the first error.
    """
    names, first = [], None
    for key, file in files.items():
        try:
            if key in texts:
                file.write(texts[key]())
            if name := file.close(is_whole=not result.partial):
                names.append(name)
        except WayvidError as exc:
            result.partial = result.partial or str(exc)
            first = first or exc
    return names, first


class _Line:
    """What csv.writer writes to."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


class CsvFile:
    """A ResultFile with a row a sample. Screens that come later than the first sample have no column."""

    def __init__(self, file: ResultFile) -> None:
        self._file = file
        self._columns: list[str] = []

    def add(self, run: Run) -> None:
        """The run's last sample."""
        *_earlier, row = rows_of(run.number, run.samples[-2:])
        text = ""
        if not self._columns:
            self._columns = [*COLUMNS, *output_columns(run.samples[0])]
            text = csv_line(self._columns)
        self._file.write(text + self._row(row))

    def mark_failed(self, result: Result) -> None:
        """Write it again, with the runs that are known by now not to count marked in the column `failed`."""
        if not self._columns or not any(run.failed for run in result.runs):
            return
        lines = [csv_line(self._columns)]
        for run in result.runs:
            lines += [self._row(row | {"failed": int(bool(run.failed))}) for row in rows_of(run.number, run.samples)]
        self._file.begin_again()
        self._file.write("".join(lines))

    def _row(self, row: Row) -> str:
        return csv_line([row.get(name) for name in self._columns])


def csv_line(cells: Sequence[object]) -> str:
    """Cells as a line of CSV."""
    line = _Line()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.text
