"""`wayvid config`: where the config file is, what is wrong in it, and what holds for a screen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wayvid.cli.parser import CommandParser
from wayvid.cli.text import aligned, clean
from wayvid.config.load import Loaded, config_candidates, config_path, load_with_lines
from wayvid.errors import CompositorError, ConfigError, SourceUnplayable

if TYPE_CHECKING:
    from wayvid.config.faults import KeyPath
    from wayvid.config.resolve import OutputFacts
    from wayvid.wayland.outputs import Output

__all__ = ["run"]

DESCRIPTION = """\
path: say which config file is read, or where one would be looked for.
check: say what is wrong in it, a line for each fault; exit code 1 if anything is.
show: say what holds, and which line of the file says so; with -o for one screen.
schema: print its JSON Schema, for editors.
example: print a file that has every key with its default, to begin from.
"""
EXAMPLES = """
wayvid config path                              which file is read
wayvid config check                             what is wrong in it
wayvid config check new.toml                    the same of another file
wayvid config show -o HDMI-A-1                  what holds for a screen, and why
wayvid config example > ~/.config/wayvid/config.toml
"""
ACTIONS = ("path", "check", "show", "schema", "example")
WITH_FILE = ("path", "check", "show")
NOTHING_SAYS_SO = "default"


def run(argv: Sequence[str]) -> int:
    """Do it; 0, or 1 when `check` has found a fault."""
    parser = CommandParser("config", DESCRIPTION, EXAMPLES)
    parser.add_argument("action", metavar="ACTION", choices=ACTIONS, help=f"what to do: {', '.join(ACTIONS)}")
    parser.add_argument("file", metavar="FILE", nargs="?", help="config file (default: the one that is read)")
    parser.add_argument("-o", "--output", metavar="OUTPUT", help="show: the screen, by its name")
    options = parser.parse_args(argv)
    if options.file is not None and options.action not in WITH_FILE:
        parser.error(f"{options.action} takes no FILE")
    if options.output is not None and options.action != "show":
        parser.error(f"{options.action} takes no --output")
    match options.action:
        case "check":
            return _check(options.file)
        case "path":
            _print_path(options.file)
        case "show":
            _show(options.file, options.output)
        case action:
            print(_packaged(f"config.{'schema.json' if action == 'schema' else 'example.toml'}"), end="")
    return 0


def _packaged(name: str) -> str:
    from importlib.resources import files

    return files("wayvid.config").joinpath(name).read_text(encoding="utf-8")


def _print_path(file: str | None) -> None:
    path = config_path(file)
    if path is not None:
        print(path)
    candidates = config_candidates()
    if file is None and path is None:
        print(f"there is no config file, and the defaults hold; it would be {candidates[0]}")
    elif file is None and path == candidates[0] and os.path.lexists(candidates[1]):
        print(f"{candidates[1]} is not read, since {candidates[0]} is there")


def _check(file: str | None) -> int:
    try:
        path = config_path(file)
        if path is None:
            print("there is no config file, and the defaults hold")
            return 0
        loaded = load_with_lines(path)
    except ConfigError as error:
        for fault in sorted(error.faults, key=lambda fault: fault.line):
            print(f"{_place(error.file, fault.line)}: {fault}")
        return 1
    faults = [*_unplayable(path, loaded), *_missing_program(path, loaded)]
    for line in (*faults, *(f"{_place(path, note.line)}: {note}" for note in loaded.notes)):
        print(line)
    if not faults:
        print(f"{clean(path)}: nothing is wrong in it")
    return 1 if faults else 0


def _unplayable(path: str, loaded: Loaded) -> Iterator[str]:
    """Sources that are not there."""
    from wayvid.daemon.listing import stream_of
    from wayvid.daemon.source import located

    config = loaded.config
    told: list[tuple[KeyPath, str | None]] = [(("source",), config.source)]
    told += [(("output", index, "source"), rule.source) for index, rule in enumerate(config.output)]
    told += [(("span", index, "source"), span.source) for index, span in enumerate(config.span)]
    for key, source in told:
        if source:
            try:
                stream_of(located(source, os.path.dirname(path)))
            except SourceUnplayable as exc:
                yield f"{_place(path, loaded.line_of(key))}: {exc}"


def _missing_program(path: str, loaded: Loaded) -> Iterator[str]:
    """A hook that cannot be run."""
    import shlex
    import shutil

    for program in shlex.split(loaded.config.hook)[:1]:
        if "{" not in program and shutil.which(os.path.expanduser(program)) is None:
            reason = f"there is no program {clean(program)!r}; install it, or name it by its whole path"
            yield f"{_place(path, loaded.line_of(('hook',)))}: hook: {reason}"


def _place(path: str, line: int) -> str:
    return f"{clean(path)}:{line}" if line else clean(path)


def _show(file: str | None, output: str | None) -> None:
    from wayvid.config.model import Config

    path = config_path(file)
    loaded = load_with_lines(path) if path is not None else Loaded(Config(), lambda _key: 0)
    if output is None:
        print("\n".join(aligned(list(_rows(path, loaded)))))
        return
    facts, heading = _facts_of(output)
    print(*heading, *aligned(list(_rows_of_output(path, loaded, facts))), sep="\n")


def _rows(path: str | None, loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Every key: what holds where no rule says anything else, and then the rules."""
    import msgspec

    def rows(values: dict[str, Any], above: KeyPath) -> Iterator[tuple[str, str]]:
        for key, value in values.items():
            if isinstance(value, dict):
                yield from rows(value, (*above, key))
            elif value is not None and key not in ("output", "span"):
                prefix = "".join(f"{part}." for part in above)
                yield f"{prefix}{key} = {_written(value)}", _origin(path, loaded.line_of((*above, key)))

    yield from rows(msgspec.to_builtins(loaded.config), ())
    for index, rule in enumerate(loaded.config.output):
        yield f"output {_written(rule.match)}", _origin(path, loaded.line_of(("output", index)))
    for index, span in enumerate(loaded.config.span):
        yield f"span {_written(span.outputs)}", _origin(path, loaded.line_of(("span", index)))


def _rows_of_output(path: str | None, loaded: Loaded, facts: OutputFacts) -> Iterator[tuple[str, str]]:
    import msgspec

    from wayvid.config.resolve import resolve, resolve_rest, span_of

    def rows(values: Mapping[str, Any], rules: Mapping[str, int], above: KeyPath) -> Iterator[tuple[str, str]]:
        for key, value in values.items():
            where: KeyPath = ("output", rules[key], *above, key) if key in rules else (*above, key)
            origin = _origin(path, loaded.line_of(where))
            if key in rules:
                origin += f", output {_written(loaded.config.output[rules[key]].match)}"
            yield f"{'.'.join(str(part) for part in (*above, key))} = {_written(value)}", origin

    config = loaded.config
    values, of_rules, of_spans = resolve(config, facts)
    plain = {key: value for key, value in values._asdict().items() if key not in of_spans}
    yield from rows(plain, of_rules, ())
    for key, index in of_spans.items():
        origin = _origin(path, loaded.line_of(("span", index, key)))
        yield f"{key} = {_written(getattr(values, key))}", f"{origin}, span {_written(config.span[index].outputs)}"
    spanned = span_of(config.span, facts)
    if spanned is not None:
        yield f"span = {_written(config.span[spanned].outputs)}", _origin(path, loaded.line_of(("span", spanned)))
    rest, rules = resolve_rest(loaded.config, facts)
    yield from rows(msgspec.structs.asdict(rest), rules, ("rest",))


def _facts_of(name: str) -> tuple[OutputFacts, list[str]]:
    """What rules are matched with, and the lines that say so."""
    from wayvid.config.resolve import OutputFacts

    why = "it is not connected"
    try:
        for one in _connected():
            if one.name == name:
                facts = OutputFacts(name, one.description, one.make, one.model)
                known = dict.fromkeys(clean(word) for word in (facts.identity, facts.description) if word)
                return facts, [f"# {clean(name)}: {', '.join(known)}" if known else f"# {clean(name)}"]
    except CompositorError:
        why = "there is no compositor here"
    return OutputFacts(name), [f"# {clean(name)}: {why}, so rules are matched by its name alone"]


def _connected() -> list[Output]:
    from wayvid.wayland.connection import REQUIREMENTS, Connection

    connection = Connection()
    try:
        connection.start([requirement for requirement in REQUIREMENTS if not requirement.needed])
        return connection.named_outputs()
    finally:
        connection.close()


def _origin(path: str | None, line: int) -> str:
    return f"# {_place(path, line)}" if path is not None and line else f"# {NOTHING_SAYS_SO}"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
