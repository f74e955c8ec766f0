"""What is said of a command line that means something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from wayvid.cli.main import COMMANDS, ELSEWHERE, main
from wayvid.cli.run import run_parser
from wayvid.config.load import load_config
from wayvid.config.resolve import OutputFacts
from wayvid.daemon.scene import meant
from wayvid.daemon.told import Script
from wayvid.daemon.travel import layout_of
from wayvid.errors import UnknownOutput
from wayvid.geometry import LAYOUT_ALIASES, Layout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param("stauts", "wayvid: there is no command 'stauts'; did you mean 'status'?", id="misspelt"),
        pytest.param("play x.mp4", "wayvid: there is no command 'play'; did you mean 'run'?", id="of others"),
        pytest.param("zzz", "wayvid: there is no command 'zzz'; see 'wayvid --help'\n", id="nothing like it"),
        pytest.param("a/b.mp4", "to show it: wayvid run a/b.mp4", id="a file"),
        pytest.param("wayvid:sea", "to show it: wayvid run wayvid:sea", id="a source"),
        pytest.param(
            "* README.md", "no command '*'; to show README.md: wayvid run README.md, on one", id="as mpvpaper"
        ),
        pytest.param(
            "-o x DP-1 README.md", "to show README.md: wayvid run README.md, on one", id="as mpvpaper, options"
        ),
        pytest.param("workshop info", "ACTION cannot be 'info'; it is list\n", id="one choice"),
        pytest.param("run --loop x", "no option --loop; 'loop' is a key of the config file", id="a key"),
        pytest.param(
            "run --no-audio x", "no option --no-audio; 'mute' is a key of the config file", id="a key of others"
        ),
        pytest.param("set --layout=contain x", "no option --layout=contain; 'wayvid layout' says it;", id="a command"),
        pytest.param("run --fork x", "no option --fork; see 'wayvid run --help'\n", id="like none"),
        pytest.param("seek +10%", "'+10%': percent are of the whole length; say such as 50%", id="percent from here"),
        pytest.param("seek -50%", "'-50%': percent are of the whole length; say such as 50%", id="percent back"),
        pytest.param("layout COVER", "no layout 'COVER'; did you mean 'cover'?", id="capitals"),
        pytest.param("--verbose", "no option '--verbose'; see 'wayvid --help'\n", id="an option"),
        pytest.param("service uninstall", "ACTION cannot be 'uninstall'; did you mean 'remove'?\n", id="its opposite"),
        pytest.param("run --layuot=fill", "no option --layuot=fill; did you mean --layout? see", id="misspelt option"),
        pytest.param("run a.mp4 --zzz", "no option --zzz; see 'wayvid run --help'", id="no option"),
        pytest.param("pause DP-1", "no place for DP-1; a screen is named with -o; see", id="a screen without -o"),
        pytest.param("run --seconds 1", "no option --seconds; see", id="an option with a value"),
        pytest.param("run a.mp4 b.mp4", "several files as a folder or list; see", id="two files"),
        pytest.param("import a b", "no place for b; see 'wayvid import --help'", id="where -o is a file"),
        pytest.param("help stauts", "there is no command 'stauts'; did you mean 'status'?", id="help of none"),
        pytest.param("speed fast", "'fast' is not a number from 0.01 to 100; see", id="no speed"),
        pytest.param("memtest --seconds 0", "seconds from 1 to 2592000; see", id="no seconds"),
        pytest.param(
            "set x --transition bar", "--transition cannot be 'bar'; it is fade, none, wipe or grow\n", id="no"
        ),
        pytest.param("service inst", "wayvid service: ACTION cannot be 'inst'; did you mean 'install'?\n", id="nearly"),
        pytest.param("set x --duration abc", "--duration cannot be 'abc'; it is a number; see", id="no number"),
        pytest.param("layout", "LAYOUT is missing: fill, cover, contain, stretch, centre; see", id="nothing"),
        pytest.param("snapshot", "wayvid snapshot: FILE is missing; see 'wayvid snapshot --help'", id="no file"),
        pytest.param("status -o", "wayvid status: -o needs a value behind it; see", id="no value"),
        pytest.param("status --json=5", "wayvid status: --json takes no value, and has '5'; see", id="a value"),
        pytest.param(
            "layout strech", "wayvid layout: there is no layout 'strech'; did you mean 'stretch'?\n", id="near"
        ),
        pytest.param("layout tile", "no layout 'tile'; a picture is shown once; the nearest is centre", id="of others"),
        pytest.param("run x -o A=tile", "wayvid run: 'A=tile': there is no layout 'tile'; a picture is", id="of -o"),
        pytest.param("snapshot a/b.JPG", "'a/b.JPG': a snapshot is a PNG file; name it 'a/b.png'\n", id="no PNG"),
    ],
)
def test_what_was_probably_meant_is_named(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    assert main(words.split()) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert said in told.err


@pytest.mark.parametrize("word", [*LAYOUT_ALIASES, *Layout])
def test_a_layout_is_understood_as_others_call_it(tmp_path: Path, word: str) -> None:
    layout = Layout(LAYOUT_ALIASES.get(word, word))
    assert run_parser().parse_args(["x.mp4", "--layout", word]).layout == layout.value
    assert layout_of(word) is layout  # what the socket takes
    file = tmp_path / "config.toml"
    file.write_text(f'layout = "{word}"\n[[output]]\nmatch = "A"\nlayout = "{word}"\n')
    script = Script(load_config(str(file)))
    assert (script.on().layout, script.on(OutputFacts("A")).layout) == (layout, layout)


def test_an_empty_source_is_not_the_built_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "set"):  # "$WALLPAPER", and nobody has set it
        assert main([command, ""]) == 2
        assert f"wayvid {command}: SOURCE is empty; name a file" in capsys.readouterr().err


def test_help_of_a_command_in_both_orders(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for words in (["help", "seek"], ["seek", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(words)
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert told[0].startswith("usage: wayvid seek")


def test_names_of_others_lead_to_commands() -> None:
    assert {command.split()[0] for command in ELSEWHERE.values()} <= set(COMMANDS)
    assert not set(ELSEWHERE) & set(COMMANDS)


def test_a_screen_that_this_wallpaper_does_not_use_is_not_called_unplugged() -> None:
    with pytest.raises(UnknownOutput, match=r"its outputs: DP-1; to have one there, .*wayvid set"):
        meant(["DP-2"], ["DP-1"], ["DP-2", "DP-3"])
    with pytest.raises(UnknownOutput, match=r"'DP-9' is not connected; connected outputs: DP-1, DP-2 \(see"):
        meant(["DP-9"], ["DP-1"], ["DP-2"])
    with pytest.raises(UnknownOutput, match="is not connected; name each with an -o of its own; connected"):
        meant(["DP-1,DP-2"], ["DP-1", "DP-2"])
    with pytest.raises(UnknownOutput, match="'dp-2' is not connected; did you mean 'DP-2'"):
        meant(["dp-2"], ["DP-1", "DP-2"])
    with pytest.raises(UnknownOutput, match="'DP-1=contain' is not connected; a layout is told with 'wayvid layout'"):
        meant(["DP-1=contain"], ["DP-1"])
    with pytest.raises(UnknownOutput, match="'all' is not connected; without -o all are meant"):
        meant(["all"], ["DP-1"])
    with pytest.raises(UnknownOutput, match="is not connected; connected outputs: DP-1"):
        meant(["DP-2"], ["DP-1"])
