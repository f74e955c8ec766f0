"""Which rules mean an output, and what holds where several do."""

from __future__ import annotations

import pytest

from wayvid.config.model import Config, OutputRule, RestConfig, RestRule, SpanRule
from wayvid.config.resolve import NO_OUTPUT, OutputConfig, OutputFacts, Way, resolve, resolve_rest, span_of, way_of

# As sway describes a screen, and as one that tells less.
DELL = OutputFacts("DP-1", "Dell Inc. DELL U2720Q 5KC03 (DP-1)", "Dell Inc.", "DELL U2720Q")
BARE = OutputFacts("HDMI-A-1", "Living room", "Sony", "TV")


@pytest.mark.parametrize(
    ("pattern", "facts", "way"),
    [
        pytest.param("Dell Inc. DELL U2720Q 5KC03", DELL, Way.IDENTITY, id="make, model and serial"),
        pytest.param("Dell Inc. DELL U2720Q 5KC03 (DP-1)", DELL, Way.DESCRIPTION, id="the whole description"),
        pytest.param("Living room", BARE, Way.DESCRIPTION, id="a description of its own"),
        pytest.param("Sony TV", BARE, Way.IDENTITY, id="make and model where no serial is told"),
        pytest.param("DP-1", DELL, Way.CONNECTOR, id="connector"),
        pytest.param("Dell Inc. DELL U2720Q", DELL, None, id="without the serial it is another word"),
        pytest.param("Dell Inc. DELL U2720Q *", DELL, Way.GLOB, id="a glob for it"),
        pytest.param("*", DELL, Way.GLOB, id="everything"),
        pytest.param("DP-?", DELL, Way.GLOB, id="one character"),
        pytest.param("DP-[12]", DELL, Way.GLOB, id="one of some"),
        pytest.param("DP-[!1]", DELL, None, id="none of some"),
        pytest.param("dp-1", DELL, None, id="capitals matter"),
        pytest.param("P-*", DELL, None, id="from the beginning"),
        pytest.param("DP", DELL, None, id="to the end"),
        pytest.param("*", NO_OUTPUT, None, id="no output is meant by nothing"),
    ],
)
def test_a_rule_means_an_output_in_one_way(pattern: str, facts: OutputFacts, way: Way | None) -> None:
    assert way_of(pattern, facts) is way


def test_a_glob_of_many_stars_is_as_quick_as_any() -> None:
    # A matcher that tries all ways would take longer than the universe is old.
    assert way_of("*a" * 60 + "b", OutputFacts("a" * 4000)) is None


def speeds(*rules: tuple[str, float] | tuple[str, float, int]) -> Config:
    """A rule for each: match, speed, priority."""
    return Config(output=tuple(OutputRule(match, *rest, speed=speed) for match, speed, *rest in rules))


@pytest.mark.parametrize(
    ("config", "speed"),
    [
        pytest.param(speeds(("DP-2", 2)), 1, id="a rule for another"),
        pytest.param(speeds(("DP-1", 3), ("*", 2)), 3, id="a name before a glob"),
        pytest.param(speeds(("Dell Inc. DELL U2720Q 5KC03 (DP-1)", 3), ("DP-1", 2)), 3, id="a description before it"),
        pytest.param(speeds(("Dell Inc. DELL U2720Q 5KC03", 3), ("Dell Inc. DELL U2720Q 5KC03 (DP-1)", 2)), 3,
                     id="make, model and serial before all"),
        pytest.param(speeds(("DP-*", 3), ("*", 2)), 3, id="of globs the one that says more"),
        pytest.param(speeds(("DP-*", 2), ("?P-*", 3), ("D?-*", 4)), 2, id="wildcards say nothing"),
        pytest.param(speeds(("DP-1", 2), ("DP-1", 3)), 3, id="of equal ones the later"),
        pytest.param(speeds(("?P-1", 2), ("D?-1", 3)), 3, id="likewise of globs"),
        pytest.param(speeds(("*", 3, 10), ("DP-*", 2)), 3, id="priority before length"),
        pytest.param(speeds(("DP-*", 2, 0), ("DP-1", 3, 99)), 3, id="never before the way"),
    ],
)  # fmt: skip
def test_the_more_specific_rule_goes_before(config: Config, speed: float) -> None:
    assert resolve(config, DELL).values.speed == speed


def test_rules_are_laid_over_each_other_key_by_key() -> None:
    config = Config(
        source="all",
        layout="contain",
        output=(
            OutputRule("DP-1", layout="fill", mute=False),
            OutputRule("*", source="any", layout="centre", speed=2.0, start_time=0.0),
            OutputRule("HDMI-*", source="other"),
        ),
    )
    values, rules, spans = resolve(config, DELL)
    assert values == OutputConfig("any", "fill", True, 0.0, 0.0, 2.0, False, 100, 0)
    assert rules == {"source": 1, "layout": 0, "speed": 1, "start_time": 1, "mute": 0}
    assert spans == {}
    general = resolve(config)
    assert (general.values, general.rules) == (OutputConfig("all", "contain", True, 0.0, 0.0, 1.0, True, 100, 0), {})


def test_a_span_goes_before_rules() -> None:
    config = Config(
        layout="contain",
        output=(OutputRule("DP-1", source="rule", layout="fill", speed=2.0),),
        span=(SpanRule(("eDP-1",), source="none"), SpanRule(("HDMI-*", "DP-*"), source="span"), SpanRule(("*",))),
    )
    values, rules, spans = resolve(config, OutputFacts("DP-1"))
    assert (values.source, values.layout, values.speed) == ("span", "fill", 2.0)
    assert (rules, spans) == ({"layout": 0, "speed": 0}, {"source": 1})
    assert span_of(config.span, OutputFacts("VGA-1")) == 2
    assert span_of(config.span[:2], OutputFacts("VGA-1")) is None
    assert resolve(config).spans == {}, "no screen is on no wall"


def test_when_an_output_rests_is_laid_over_each_other_key_by_key() -> None:
    config = Config(
        rest=RestConfig(battery="pause", locked="keep", idle_after_s=60),
        output=(
            OutputRule("DP-1", rest=RestRule(battery="keep")),
            OutputRule("DP-*", rest=RestRule(battery="slow", slow_fps=5)),
        ),
    )
    rest, rules = resolve_rest(config, OutputFacts("DP-1"))
    assert rest == RestConfig(battery="keep", locked="keep", idle_after_s=60, slow_fps=5)
    assert rules == {"battery": 0, "slow_fps": 1}
    assert resolve_rest(config, OutputFacts("HDMI-A-1")) == (config.rest, {})


def test_what_may_be_said_of_one_output_is_what_may_be_said_of_all() -> None:
    assert {*OutputConfig._fields, "match", "priority", "rest"} == set(OutputRule.__struct_fields__)
    only_for_all = {"battery_low_percent", "idle_after_s"}
    assert {*RestRule.__struct_fields__, *only_for_all} == set(RestConfig.__struct_fields__)
    assert set(OutputConfig._fields) < set(Config.__struct_fields__)
