"""What `python -m tools.docs` makes of the code, with models as they may be one day."""

import enum
import sys
import tomllib
from typing import Annotated, Literal

import msgspec
import pytest

from tools.docs import __main__ as program
from tools.docs import commands, config, ipc
from tools.docs.docstrings import Undocumented, meaning, told
from tools.docs.kinds import Unknown, kind_words
from tools.docs.sections import BadMarkers, fill, part_of
from wayvid.cli.main import COMMANDS
from wayvid.config.model import Range


class Fit(enum.Enum):
    COVER = "cover"
    CONTAIN = "contain"


class Screen(msgspec.Struct):
    """Rules of a screen.

    Attributes:
        source: What it shows; a long line that
            goes on.
        fit: How.
    """

    source: str
    fit: Fit = Fit.COVER


class Later(msgspec.Struct):
    """A file of the future.

    Attributes:
        renderer: What draws.
        volume: How loud.
        outputs: The screens by name.
        rules: What to do when.
    """

    renderer: Literal["auto", "gl"] = "auto"
    volume: Annotated[float, Range(0, 100, "silent")] | None = None
    outputs: dict[str, Screen] = {}
    rules: list[Screen] = []


class Forgotten(msgspec.Struct):
    """A table.

    Attributes:
        one: Is told.
    """

    one: int = 1
    two: int = 2


def test_everything_made_is_as_the_code_has_it():
    assert [path.name for path, text in program.made() if path.read_text() != text] == [], "run 'make docs'"


def test_a_key_without_words_is_refused_and_named():
    with pytest.raises(Undocumented, match=r"Forgotten\.two has no line"):
        config.reference(Forgotten)
    with pytest.raises(Undocumented, match=r"Forgotten\.two has no line"):
        config.example(Forgotten)
    with pytest.raises(Undocumented, match=r"Forgotten\.two has no line"):
        ipc.status(Forgotten)


def test_new_tables_and_types_are_picked_up_by_the_reference():
    page = config.reference(Later)
    assert "## [outputs.NAME]" in page
    assert "## [[rules]]" in page
    assert '| `renderer` | `auto`, `gl` | "auto" | What draws. |' in page
    assert "| `volume` | Number, 0 to 100; 0: silent | - | How loud. |" in page
    assert "| `source` | Text | required | What it shows; a long line that goes on. |" in page
    assert '| `fit` | `cover`, `contain` | "cover" | How. |' in page


def test_the_example_of_a_model_to_come_is_a_file_with_its_defaults():
    text = config.example(Later)
    assert msgspec.convert(tomllib.loads(text), Later) == Later()
    assert "# [[rules]]" in text
    assert "# source =" in text


def test_what_is_read_outside_the_docs_has_no_links():
    for text in (config.example(), config.schema()):
        assert "](" not in text
        assert "docs/desktop.md" in text


def test_a_type_without_words_is_refused():
    with pytest.raises(Unknown, match="complex"):
        kind_words(complex)


def test_attributes_of_another_class_are_found_where_the_docstring_refers_to_it():
    class Mirror(msgspec.Struct):
        """As told elsewhere.

        Attributes are those of wayvid.link.figures.PoolFigures.
        """

        hits: int

    assert meaning(Mirror, "hits") == "One that was there fitted."
    assert told(Mirror).body == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_options_on_the_page(name):
    part = commands.command(name)
    assert part.startswith(f"## wayvid {name}\n")
    for action in commands.parser_of(name)._actions:
        for option in set(action.option_strings) - {"-h", "--help"}:
            assert f"`{option}" in part


def test_looking_at_parsers_starts_nothing_and_leaves_argparse_as_it_was():
    import argparse

    before = argparse.ArgumentParser.parse_args
    commands.parser_of("run")
    assert argparse.ArgumentParser.parse_args is before
    assert "wayvid.daemon.loop" not in sys.modules or commands.parser_of("run").prog == "wayvid run"


def test_a_part_is_made_anew_and_what_is_around_it_stays():
    page = "above\n<!-- made: one by x -->\nold\n<!-- end -->\nbelow\n"
    new = fill(page, {"one": lambda: "new"})
    assert new == "above\n<!-- made: one by x -->\n\nnew\n\n<!-- end -->\nbelow\n"
    assert part_of(new, "one") == "new"
    assert fill(new, {"one": lambda: "new"}) == new


@pytest.mark.parametrize(
    ("page", "words"),
    [
        pytest.param("<!-- made: two by x -->\n<!-- end -->\n", "nobody makes", id="a part that nobody makes"),
        pytest.param("<!-- made: one by x -->\n", "has no", id="a marker without an end"),
    ],
)
def test_wrong_markers_are_refused(page, words):
    with pytest.raises(BadMarkers, match=words):
        fill(page, {"one": lambda: ""})
