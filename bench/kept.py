"""Reports of benches as files: written with --json, looked at again with --compare."""

from __future__ import annotations

import argparse
import atexit
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from bench import stamp
from wayvid.errors import UsageError
from wayvid.memtest.files import ResultFile

Report = dict[str, Any]


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """--json FILE, as a ResultFile or None."""
    parser.add_argument("--json", type=_result_file, metavar="FILE", help="write the report there, every value in it")


def add_compare_option(parser: argparse.ArgumentParser, bench: str) -> None:
    """--compare FILE, as a report of the same bench or None."""

    def earlier(path: str) -> Report:
        report = load(path, bench)
        for line in differences(report):
            print(f"bench {bench}: warning: {line}", file=sys.stderr)
        return report

    parser.add_argument(
        "--compare", type=_usage_error(earlier), metavar="FILE", help="show ratios to an earlier --json report"
    )


def _usage_error(make: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(path: str) -> Any:
        try:
            return make(path)
        except UsageError as exc:
            raise argparse.ArgumentTypeError(str(exc)) from exc

    return checked


@_usage_error
def _result_file(path: str) -> ResultFile:
    file = ResultFile(path)
    atexit.register(file.close, is_whole=False)  # an empty one goes; what was kept of an ended run stays, as partial
    return file


def new_report(bench: str) -> Report:
    """What every report begins with."""
    return {"bench": bench, "machine": stamp.machine(), "date": stamp.now()}


def load(path: str, bench: str) -> Report:
    """An earlier report.

    Raises:
        UsageError: it cannot be read, or is not of this bench.
    """
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
    except OSError as exc:
        raise UsageError(f"cannot read {path!r}: {exc.strerror}") from exc
    except ValueError as exc:
        raise UsageError(f"{path!r} is not JSON: {exc}; it should be what --json has written") from exc
    if not isinstance(report, dict) or report.get("bench") != bench:
        raise UsageError(f"{path!r} is no report of 'bench {bench}'; name a file that its --json has written")
    return report


def differences(earlier: Mapping[str, Any], machine: Mapping[str, str] | None = None) -> list[str]:
    """What makes the figures of another report incomparable with those of this machine, in words."""
    then = earlier.get("machine", {})
    now = machine or stamp.machine()
    keys = [key for key in {**now, **then} if then.get(key) != now.get(key)]
    if not keys:
        return []
    pairs = "; ".join(f"{key}: {then.get(key, 'none')} then, {now.get(key, 'none')} now" for key in keys)
    return [f"the earlier figures are of another machine or versions, so the ratios mean little ({pairs})"]


def write(file: ResultFile | None, report: Report, is_whole: bool = True) -> None:
    """To where --json said; a report that is not whole stays under its partial name."""
    if file is not None:
        file.begin_again()
        file.write(json.dumps(report, indent=2) + "\n")
        if is_whole:
            file.close(is_whole=True)


def print_stamp(report: Report) -> None:
    """Where and when, above a table."""
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), report["date"], sep="\n")
