"""Sizes in words."""

from __future__ import annotations

import pytest

from wayvid.units import MIB, format_bytes


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1.00 KB"),
        (1536, "1.50 KB"),
        (1048570, "1023.99 KB"),
        (1048571, "1.00 MB"),
        (1048575, "1.00 MB"),
        (1048576, "1.00 MB"),
        (100 * MIB, "100.00 MB"),
        (1024 * MIB - 1, "1.00 GB"),
        (1024 * MIB, "1.00 GB"),
        (5000 * 1024 * MIB, "5000.00 GB"),
        (-1, "-1 B"),
        (-1023, "-1023 B"),
        (-1536, "-1.50 KB"),
        (-1048575, "-1.00 MB"),
    ],
    ids=str,
)
def test_a_size_is_in_the_unit_that_leaves_it_below_1024(nbytes: int, text: str) -> None:
    assert format_bytes(nbytes) == text
