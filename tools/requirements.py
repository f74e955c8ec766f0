"""Prints requirements of pyproject.toml, one a line: `requirements.py build|dev`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
WANTED = {
    "build": project["build-system"]["requires"],
    # make check builds the site, too.
    "dev": [*project["project"]["optional-dependencies"]["dev"], *project["project"]["optional-dependencies"]["docs"]],
}
print("\n".join(WANTED[sys.argv[1]]))
