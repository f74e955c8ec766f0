"""The earlier system's config.yaml: read as it is, and as strictly as our own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wayvid.config.load import load_config, load_with_lines
from wayvid.config.model import Config, OutputRule, PowerConfig, RestConfig
from wayvid.errors import ConfigError

WHOLE = Path(__file__).parent / "earlier.yaml"


def write(folder: Path, text: str) -> str:
    path = folder / "config.yaml"
    path.write_text(text)
    return str(path)


def test_every_key_means_what_it_meant() -> None:
    loaded = load_with_lines(str(WHOLE))
    assert loaded.config == Config(
        source="~/Videos/waves.mp4", layout="contain", loop=False, start_time=3.0, speed=1.5, mute=False, volume=25,
        max_fps=30, renderer="gl", hwdec="no", power=PowerConfig(max_memory_mb=120, max_buffers=4),
        rest=RestConfig(battery="pause"),
        output=(
            OutputRule("HDMI-*", 10, source="https://example.org/a.mp4", volume=100),
            OutputRule("DP-1", layout="centre", speed=2.0, mute=True, start_time=0.0),
        ),
    )  # fmt: skip
    lines = {
        key: loaded.line_of(key)
        for key in (("speed",), ("max_fps",), ("rest", "battery"), ("output", 1, "layout"), ("gl",))
    }
    assert lines == {("speed",): 7, ("max_fps",): 17, ("rest", "battery"): 16, ("output", 1, "layout"): 26, ("gl",): 0}
    assert [(note.key, note.line) for note in loaded.notes] == [
        ("hdr_mode", 12), ("tone_mapping", 13), ("power.pause_when_hidden", 15),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "power:\n", "per_output:\nsource: ~\n", "per_output: {DP-1: }", "---\n{}\n"]
)
def test_what_is_left_out_has_its_default_and_is_silent(tmp_path: Path, text: str) -> None:
    config = load_config(write(tmp_path, text))
    assert (config.source, config.power, config.mute, config.volume) == ("", PowerConfig(), True, 0)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("{type: File, path: a.mp4}", "a.mp4"),
        ("{type: Directory, path: /videos}", "/videos"),
        ("{type: Url, url: 'http://example.org/a'}", "http://example.org/a"),
        ("{type: Rtsp, url: 'rtsp://example.org/a'}", "rtsp://example.org/a"),
        ("{type: Pipe, path: /run/pipe}", "/run/pipe"),
        ("{type: ImageSequence, path: f/%04d.png, fps: 24}", "mf://f/%04d.png?fps=24"),
        ("{type: ImageSequence, path: f/*.png}", "mf://f/*.png?fps=30"),
        ("{type: ImageSequence, path: moving.gif}", "moving.gif"),
        ("{type: Pipe}", "-"),
        ("{type: WeProject, path: /workshop/1}", "/workshop/1"),
    ],
)
def test_every_kind_of_source_is_known(tmp_path: Path, source: str, wanted: str) -> None:
    assert load_config(write(tmp_path, f"source: {source}\n")).source == wanted


KINDS = "File, Directory, Url, Rtsp, Pipe, ImageSequence, WeProject"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("layout: fill", 1, "layout: 'fill' is not allowed; give \"Fill\", ", id="capitals"),
        pytest.param("\nplayback_rat: 2", 2, "there is no such key; did you mean playback_rate?", id="key"),
        pytest.param("volume: 30", 1, "volume: 30 is not allowed; give a number from 0 to 1", id="range"),
        pytest.param("per_output:\n  DP-1:\n    volume: 30", 3, "DP-1.volume: 30 is not allowed", id="of one"),
        pytest.param("per_output:\n  DP-1: 3", 2, "per_output.DP-1: 3 is not a table; give it keys", id="no table"),
        pytest.param("per_output: [3]", 1, "per_output: a list is not a table", id="list"),
        pytest.param("source: a.mp4", 1, "source: 'a.mp4' is not a table; give it keys", id="source without a type"),
        pytest.param("source: {path: a}", 1, f"source.type: it is missing; give {KINDS}", id="no type"),
        pytest.param("source:\n  type: Fil", 2, f"source.type: 'Fil' is not allowed; give {KINDS}", id="other type"),
        pytest.param("source:\n  type: File\n  url: a", 3, "source.url: there is no such key", id="other key"),
        pytest.param("source: {type: File}", 1, "source.path: it is missing; give a text", id="no path"),
        pytest.param("source: {File: a}", 1, "source.type: it is missing", id="tag as a key"),
        pytest.param("loop: true\nloop: false", 2, "the key loop is there twice", id="twice"),
        pytest.param("loop: [", 1, "expected the node content, but found '<stream end>'", id="open list"),
        pytest.param("a: 1\n  b: 2", 2, "mapping values are not allowed here", id="indent"),
        pytest.param("- a", 1, "it is not a table; give keys, each with a colon", id="list of all"),
        pytest.param("loop: !!python/object:os.system x", 1, "could not determine a constructor", id="code"),
        pytest.param("start_time: !!timestamp soon", 1, "a value in it is not what its type says", id="no time"),
        pytest.param("start_time: 2001-01-01", 1, "2001-01-01 is not allowed; give a number", id="time"),
        pytest.param("? [a]\n: 1", 1, "a key is not a word", id="list as a key"),
        pytest.param("a: &a [*a]", 1, "its values are nested too deeply", id="in itself"),
        pytest.param("per_output: &a {x: *a}", 1, "its values are nested too deeply", id="table in itself"),
        pytest.param("[" * 1500, 0, "its values are nested too deeply", id="deep"),
        pytest.param("a: \x07", 0, "it has signs that YAML does not allow", id="signs"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert (caught.value.line, said in str(caught.value)) == (line, True), str(caught.value)


ALONE = """
import sys
from wayvid.config.apart import load_apart
from wayvid.errors import ConfigError
try:
    print(load_apart(sys.argv[1]))
except ConfigError as error:
    print(*error.faults)
print("yaml" in sys.modules)
"""


def test_the_daemon_reads_it_without_keeping_what_that_takes(tmp_path: Path) -> None:
    for path in (str(WHOLE), write(tmp_path, "playback_rate: 0\nloops: 1\n")):
        done = subprocess.run([sys.executable, "-c", ALONE, path], capture_output=True, text=True, check=True)
        try:
            said = str(load_config(path))
        except ConfigError as error:
            said = " ".join(map(str, error.faults))
        assert done.stdout.splitlines() == [said, "False"]


def test_aliases_of_aliases_take_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 15))]
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "\n".join(lines)))
    assert len(caught.value.faults) == 15
