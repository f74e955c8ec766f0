"""Which libmpv has its fences hidden."""

import pytest

from wayvid.render.fence import leaks_fences


@pytest.mark.parametrize(
    ("version", "leaks"),
    [
        ("0.35.1", False),
        ("0.39.0", False),
        ("0.40.0", True),
        ("v0.41.0", True),
        ("v0.41.0-12-gabcdef", True),
        ("0.42.0", False),
        ("0.4.0", False),
        ("0.400.0", False),
        ("", False),
    ],
)
def test_only_the_versions_that_leak_fences_have_them_hidden(version: str, leaks: bool) -> None:
    assert leaks_fences(version) is leaks
