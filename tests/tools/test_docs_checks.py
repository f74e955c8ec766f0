"""What `python -m tools.docs --check` and the site's build find when something is broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.docs import __main__ as program
from tools.docs.changes import BadFragment, changes
from tools.docs.links import anchors, loaded_from_elsewhere
from tools.docs.shown import commands_in

ROOT = Path(__file__).parents[2]


def test_the_pages_are_free_of_faults():
    assert list(program.faults()) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("[x](docs/nowhere.md)", "there is no docs/nowhere.md", id="a link to no file"),
        pytest.param("[x](docs/memory.md#nowhere)", "no heading of memory.md", id="a link to no heading"),
        pytest.param("`wayvid/nowhere.py`", "not in the repository", id="a file that is not there"),
        pytest.param("`wayvid fly`", "no command 'fly'", id="a command that is not there"),
        pytest.param("`wayvid run --fly`", "no option --fly", id="an option that is not there"),
        pytest.param("\n    wayvid run --layout round   a comment", "no layout 'round'", id="a value that is refused"),
        pytest.param("\n    wayvid status waves.mp4", "no place for waves.mp4", id="an argument too many"),
    ],
)
def test_a_fault_of_the_readme_is_found(tree, line, words):
    readme = tree / "README.md"
    readme.write_text(readme.read_text() + f"\n{line}\n")
    (fault,) = program.faults(tree)
    assert words in fault


def test_what_a_command_prints_is_no_command():
    page = (
        "\n    $ wayvid check\n    ok  compositor\n    wayvid can run here\n\nand `wayvid pause`:\n\n    wayvid top\n"
    )
    assert commands_in(page) == (["check", "top"], ["pause"])


def test_anchors_are_those_of_the_headings():
    page = "# The `[power]` table\n## One\n```\n# no heading\n```\n## One\n### What's in [it](x.md)?\n"
    assert anchors(page) == {"the-power-table", "one", "one-1", "whats-in-it"}


@pytest.mark.parametrize(
    "page",
    [
        '<script async src="https://cdn.example/x.js"></script>',
        '<link href="//fonts.example/x.css" rel="stylesheet">',
        '<img src="http://x.example/badge.svg">',
        "<style>@import url(https://fonts.example/x)</style>",
    ],
)
def test_a_page_that_loads_from_the_net_is_found(tmp_path, page):
    (tmp_path / "index.html").write_text(f"<a href='https://example.org'>fine</a>{page}")
    (said,) = loaded_from_elsewhere(tmp_path)
    assert said.startswith("index.html: loads from elsewhere")


def test_changes_are_sorted_by_their_kind(tmp_path):
    (tmp_path / "b.md").write_text("fix a thing\nadd one more\n")
    (tmp_path / "a.md").write_text("add another\n")
    assert changes(tmp_path) == "## Added\n\n- another\n- one more\n\n## Fixed\n\n- a thing"


@pytest.mark.parametrize("text", ["made it better\n", "", "fix\n", f"add {'x' * 500}\n"])
def test_a_fragment_that_is_no_line_for_users_is_refused(tmp_path, text):
    (tmp_path / "a.md").write_text(text)
    with pytest.raises(BadFragment, match=r"a\.md"):
        changes(tmp_path)


def test_a_stale_part_is_told_by_one_line_and_an_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(program, "made", lambda: iter([(program.ROOT / "README.md", "other text")]))
    assert program.main(["--check"]) == 1
    assert "docs: README.md is not as the code has it; run 'make docs'" in capsys.readouterr().err


def test_the_build_of_the_site_fails_and_names_every_broken_link(tree):
    faults = {
        "[x](nowhere.md)": "nowhere.md",  # a page that is not there
        "[x](memory.md#nosuchanchor)": "nosuchanchor",
        "![x](pictures/nopicture.jpg)": "nopicture.jpg",
    }
    desk = tree / "docs" / "desk.md"
    desk.write_text(desk.read_text() + "\n".join(f"\n{line}\n" for line in faults))
    (tree / "docs" / "orphan.md").write_text("# Nothing leads here\n")
    build = _build(tree)
    assert build.returncode != 0
    assert [words for words in (*faults.values(), "orphan.md") if words not in build.stderr] == []


def test_the_site_has_every_page_and_loads_nothing_from_the_net(tree):
    build = _build(tree)
    assert (build.returncode, build.stderr) == (0, "")
    site = tree / "build" / "docs"
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= {path.stem for path in site.glob("*.html")}
    assert list(loaded_from_elsewhere(site)) == []
    assert "<h2>Added" in (site / "changes.html").read_text()


def _build(tree):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(tree / "tools" / "site.sh")],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
