"""What is said of a command line that means something else."""

from __future__ import annotations

import pytest

from wayvid.cli.main import COMMANDS, ELSEWHERE, main
from wayvid.daemon.scene import meant
from wayvid.errors import UnknownOutput


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param("stauts", "wayvid: there is no command 'stauts'; did you mean 'status'?", id="misspelt"),
        pytest.param("play x.mp4", "wayvid: there is no command 'play'; did you mean 'run'?", id="of others"),
        pytest.param("zzz", "'zzz'; there are run, status, why", id="nothing like it"),
        pytest.param("a/b.mp4", "to show it: wayvid run a/b.mp4", id="a file"),
        pytest.param("wayvid:sea", "to show it: wayvid run wayvid:sea", id="a source"),
        pytest.param("--verbose", "'--verbose'; there are run, status, why", id="an option"),
        pytest.param("run --layuot=fill", "arguments: --layuot=fill; did you mean --layout? see", id="misspelt option"),
        pytest.param("run a.mp4 --zzz", "arguments: --zzz; see 'wayvid run --help'", id="no option"),
        pytest.param("pause DP-1", "arguments: DP-1; a screen is named with -o; see", id="a screen without -o"),
        pytest.param("run a.mp4 b.mp4", "several files as a folder or list; see", id="two files"),
        pytest.param("import a b", "arguments: b; see 'wayvid import --help'", id="where -o is a file"),
        pytest.param("help stauts", "there is no command 'stauts'; did you mean 'status'?", id="help of none"),
        pytest.param("speed fast", "'fast' is not a number from 0.01 to 100; see", id="no speed"),
        pytest.param("memtest --seconds 0", "seconds from 1 to 2592000; see", id="no seconds"),
    ],
)
def test_what_was_probably_meant_is_named(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    assert main(words.split()) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert said in told.err


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
        meant(["DP-2"], ["DP-1"], is_limited=True)
    with pytest.raises(UnknownOutput, match="is not connected; name each with an -o of its own; connected"):
        meant(["DP-1,DP-2"], ["DP-1", "DP-2"])
    with pytest.raises(UnknownOutput, match="is not connected; connected outputs: DP-1"):
        meant(["DP-2"], ["DP-1"])
