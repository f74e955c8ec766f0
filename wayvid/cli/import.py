"""`wayvid import`: a config file of a Wallpaper Engine project."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.cli.set import absolute_source
from wayvid.cli.written import check_free, write_file
from wayvid.daemon.listing import stream_of
from wayvid.errors import SourceUnplayable, UsageError
from wayvid.workshop.document import config_text
from wayvid.workshop.names import PREFIX, project_folder
from wayvid.workshop.project import Project, read_project, video_of
from wayvid.workshop.steam import find_item, number_of

__all__ = ["run"]

DESCRIPTION = """\
Make a config file of a Wallpaper Engine project, which plays it as it wants to be
played: layout, loop, speed and volume; muted, unless --sound is given. The config
names the project, not its video, so it goes on to work when Steam updates it.
"""
EXAMPLES = """
wayvid import 1234567890                                an item of the Workshop, to stdout
wayvid import 1234567890 -o ocean.toml                  to a file; then: wayvid run -c ocean.toml
wayvid import ~/projects/ocean -o ocean.toml --force    a folder; replace the file that is there
wayvid import we:1234567890 --sound                     to be heard
"""


def run(argv: Sequence[str]) -> int:
    """Write it; 0 when that is done."""
    parser = CommandParser("import", DESCRIPTION, EXAMPLES)
    parser.add_argument("project", metavar="PROJECT", help="its folder, or its number in the Workshop")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: stdout)")
    parser.add_argument("--force", action="store_true", help="replace FILE when it is there already")
    parser.add_argument("--sound", action="store_true", help="let it be heard")
    options = parser.parse_args(argv)
    if not options.project:
        raise UsageError("PROJECT is empty; name a folder, or a number of the Workshop")
    if options.output is not None:
        check_free(options.output, options.force)
    source, project = _project(options.project)
    video_of(project)  # in the user's words
    stream_of(source)  # as the daemon will
    text = config_text(source, project.manifest, options.sound)
    for note in project.manifest.notes:
        print(f"wayvid import: left out: {note}", file=sys.stderr)
    if options.output is None:
        print(text, end="")
    else:
        write_file(options.output, text.encode(), options.force)
    return 0


def _project(text: str) -> tuple[str, Project]:
    """What the config is to name, and the project."""
    number = number_of(text)
    if text.startswith(PREFIX) or (number and not os.path.exists(text)):
        source = PREFIX + number if number else text
        return source, read_project(find_item(source), text)
    source = absolute_source(text)
    path = os.path.abspath(os.path.expanduser(text))
    folder = project_folder(path) or path
    if not os.path.exists(folder):
        raise SourceUnplayable(text, "there is no such folder", "check the path, or see 'wayvid workshop list'")
    return source, read_project(folder, text)
