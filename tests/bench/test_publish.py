"""`python -m bench publish`: tables of pages are those of the files in docs/results."""

import json

import pytest

from bench import publish
from bench.report import Figure, summary
from wayvid.units import MIB

PLACE = "<!-- made: results/{} by python -m bench publish -->\n<!-- end -->\n"
STAMP = {"machine": {"cpu": "Acme x 2", "mpv": "0.35.1"}, "date": "2026-11-25T12:00:00+00:00"}
FIGURES = {
    "floor": Figure("floor: RSS", "MB"),
    "over": Figure("  above it", "MB", at_most=10.0),
    "shown": Figure("frames shown", "/s", at_least=29.9, decimals=2),
}
SAMPLES = {"floor": [80.0, 81.0, 82.0], "over": [9.0, 12.0, 30.0], "shown": [30.0, 30.0, 29.95]}


@pytest.fixture
def docs(tmp_path):
    """A folder of pages with a place for each of the formats."""
    folder = tmp_path / "docs"
    folder.mkdir()
    page = "# Results\n\n" + "\n".join(PLACE.format(name) for name in ("memory", "usage", "memtest", "against"))
    (folder / "page.md").write_text(page + "\n<!-- made: other by python -m tools.docs -->\n\nkept\n\n<!-- end -->\n")
    return folder


def write(path, told):
    path.write_text(json.dumps(STAMP | told))
    return path


def test_a_bench_has_its_stamp_its_spread_and_its_misses_in_the_page(docs, tmp_path):
    file = write(tmp_path / "memory.json", {"seconds": 6.0, "note": "busy", "figures": summary(FIGURES, SAMPLES)})
    publish.publish(docs, [file])
    page = (docs / "page.md").read_text()
    assert "2026-11-25T12:00:00+00:00. cpu Acme x 2; mpv 0.35.1. Each measurement 6 s." in page
    assert "| floor: RSS | MB | 3 | 81.0 | 80.0 | 82.0 |  |  |" in page
    assert "| … above it | MB | 3 | 12.0 | 9.0 | 30.0 | <= 10 | **missed** |" in page
    assert "| frames shown | /s | 3 | 30.00 | 29.95 | 30.00 | >= 29.9 | met |" in page
    assert "1 of 2 targets met; missed: above it. Note: busy." in page
    assert "there is no `docs/results/usage.json`" in page
    assert "\nkept\n" in page


def test_what_was_published_stays_as_it_is_when_nothing_changed(docs, tmp_path):
    publish.publish(docs, [write(tmp_path / "memory.json", {"figures": summary(FIGURES, SAMPLES)})])
    before = (docs / "page.md").read_text()
    assert publish.publish(docs, []) == []
    assert (docs / "page.md").read_text() == before


def test_runs_may_be_their_number_as_in_a_matrix() -> None:
    assert publish._for_others({"runs": 3}) == {"runs": 3}


def test_the_cost_of_looking_has_a_row_for_each_process_and_reader(docs, tmp_path):
    row = {"min_us": 1.0, "median_us": 2.0, "p95_us": 3.0}
    seen = {"rss_bytes": 8 * MIB, "mappings": 39, "readers": {"process_memory": row}}
    publish.publish(docs, [write(tmp_path / "usage.json", {"observed": {"bare Python": seen}})])
    page = (docs / "page.md").read_text()
    assert "| bare Python | 8.00 MB | 39 | `process_memory` | 1.0 | 2.0 | 3.0 |" in page


def test_a_memtest_has_its_runs_its_growth_and_what_is_not_known(docs, tmp_path):
    row = {"title": "PSS", "unit": "bytes", "n": 60, "runs": 2, "median": 80 * MIB, "min": 79 * MIB, "max": 81 * MIB}
    told = {
        "wayvid": "0.1.0", "source": "", "is_attached": False, "outputs": 3, "warm_up_s": 8.0, "seconds": 600.0,
        "partial": "", "runs": [{"failed": "", "samples": [1, 2]}, {"failed": "stopped", "samples": []}],
        "summary": {
            "pss_bytes": row | {"growth_mb_per_hour": {"per_hour": 1.25, "low": -1.0, "high": 3.0}},
            "threads": row | {"title": "threads", "unit": "", "median": None, "growth_mb_per_hour": None},
        },
    }  # fmt: skip
    publish.publish(docs, [write(tmp_path / "memtest.json", told)])
    page = (docs / "page.md").read_text()
    assert "source: the built-in wallpaper; 3 screens of a virtual desk; 2 runs, 1 of them failed" in page
    assert "| PSS | MB | 60 | 80.00 | 79.00 | 81.00 | 1.2 (-1.0 to 3.0) |" in page
    assert "| threads |  | 60 | - |" in page
    assert "samples" not in (docs / "results" / "memtest.json").read_text()
    publish.publish(docs, [write(tmp_path / "memtest.json", told | {"seconds": 60.0})])
    page = (docs / "page.md").read_text()
    assert "60 s of each say little about an hour" in page
    assert "(-1.0 to 3.0)" not in page


def test_a_comparison_says_what_was_run_and_how_sure_a_ratio_is(docs, tmp_path):
    pair = {"title": "PSS", "unit": "bytes", "a": 80 * MIB, "b": 160 * MIB, "ratios": [0.5] * 5, "ratio": 0.5}
    told = {
        "outputs": 3, "source": "/home/you/waves.mp4", "warm_up_s": 8.0, "seconds": 30.0, "partial": "",
        "contenders": [
            {"key": "A", "name": "wayvid", "version": "0.1.0", "words": ["wayvid", "run", "waves.mp4"],
             "paths": ["/home/you/waves.mp4"], "program": ["/usr/bin/wayvid"]},
            {"key": "B", "name": "mpv", "version": None, "words": ["mpv", "--vo=wlshm", "my waves.mp4"]},
        ],
        "turns": [{"failed": "", "looks": [1]}, {"failed": "", "looks": [2]}],
        "figures": {
            "pss_bytes": pair | {"interval": {"low": 0.4, "high": 0.6, "confidence": 0.9375}},
            "threads": pair | {"title": "threads", "b": None, "ratios": [], "ratio": None, "interval": None},
        },
    }  # fmt: skip
    publish.publish(docs, [write(tmp_path / "against.json", told)])
    page = (docs / "page.md").read_text()
    assert "- **B**: mpv: `mpv --vo=wlshm 'my waves.mp4'`" in page
    assert "| PSS | MB | 80.00 | 160.00 | 5 | 0.50 (0.40 to 0.60, 93.8%) |" in page
    assert "| threads | MB | 80.00 | - | 0 | - |" in page
    kept = (docs / "results" / "against.json").read_text()
    assert "looks" not in kept
    assert "/home/you" not in page + kept
    assert "/usr/bin" not in kept


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("memory.json", "{", "cannot be read as JSON", id="no JSON"),
        pytest.param("memory.json", '{"figures": {}}', "does not say on what machine", id="no stamp"),
        pytest.param("memory.json", json.dumps(STAMP), "of no form", id="a form without a table"),
        pytest.param(
            "other.json", json.dumps(STAMP | {"figures": {}}), "no page of docs/ has a place", id="nowhere to go"
        ),
    ],
)
def test_a_file_that_cannot_be_published_is_refused(docs, tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(publish.BadResults, match=words):
        publish.publish(docs, [path])
    assert not (docs / "results").exists()


def test_a_refusal_is_one_line_and_an_exit_code(tmp_path, capsys):
    assert publish.run([str(tmp_path / "nowhere.json")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
