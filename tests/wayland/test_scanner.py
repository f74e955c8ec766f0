"""The Wayland side works without pywayland's code generator, and with it where it is wanted."""

from __future__ import annotations

import subprocess
import sys

# With the development tools msgspec imports typing_extensions, and that imports inspect.
NO_GENERATOR = """
import sys
sys.modules["typing_extensions"] = None
from wayvid.wayland import scanner
"""
SAYS = """
import wayvid.wayland.connection
from pywayland.protocol_core import ArgumentType
print("xml.etree.ElementTree" in sys.modules or "inspect" in sys.modules)
import dataclasses, inspect
print(dataclasses.inspect is inspect)
from pywayland.scanner.argument import ArgumentType as Generators
print([each.name for each in ArgumentType] == [each.name for each in Generators])
"""


def said(script: str) -> list[str]:
    """What a fresh Python prints, by lines."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


def test_no_parser_is_loaded_and_the_types_are_those_of_the_generator() -> None:
    assert said(f"{NO_GENERATOR}scanner.leave_out_scanner(){SAYS}") == ["False", "True", "True"]


def test_what_is_loaded_already_is_not_replaced() -> None:
    script = f"{NO_GENERATOR}import inspect\nscanner.leave_out_scanner()\nassert sys.modules['inspect'] is inspect"
    assert said(f"{script}\nprint('xml' in sys.modules)") == ["False"]


def test_a_pywayland_that_knows_other_types_gets_its_generator() -> None:
    assert said(f"{NO_GENERATOR}scanner.TYPES = ('Int',)\nscanner.leave_out_scanner(){SAYS}") == [
        "True",
        "True",
        "True",
    ]


def test_a_pywayland_that_is_loaded_already_is_left_alone() -> None:
    script = f"{NO_GENERATOR}import pywayland.client\nscanner.leave_out_scanner(){SAYS}"
    assert said(script) == ["True", "True", "True"]
