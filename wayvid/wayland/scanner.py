"""pywayland without its code generator.

For one enum, pywayland's core imports the generator of protocol classes, and with
it an XML parser: 20 modules. For one dataclass it imports inspect, and with that
ast and dis. Together 1.7 MB in daemon and player each (docs/memory.md).
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from types import ModuleType

from wayvid.lean import without_tracebacks

__all__ = ["leave_out_scanner"]

PACKAGE = "pywayland.scanner"
MODULE = f"{PACKAGE}.argument"
# Source: pywayland 0.4.19, scanner/argument.py, ArgumentType.
TYPES = ("Int", "Uint", "Fixed", "String", "Object", "NewId", "Array", "FileDescriptor")
# dataclasses asks it for a signature, for the docstring of a class without one; since Python 3.13 for annotations, too.
INSPECT = "inspect"


def leave_out_scanner() -> None:
    """Have pywayland's core find the enum and the signature without those modules.

    Call before pywayland.protocol_core is imported; does nothing afterwards. The
    modules are there for whoever imports them later. Where another pywayland, or
    Python, wants more of them, it gets them.
    """
    if "pywayland.protocol_core" in sys.modules or PACKAGE in sys.modules:
        return
    import pywayland

    stand_ins = {PACKAGE: ModuleType(PACKAGE), MODULE: ModuleType(MODULE)}
    vars(stand_ins[MODULE])["ArgumentType"] = enum.Enum("ArgumentType", TYPES, module=MODULE)
    if INSPECT not in sys.modules:
        stand_ins[INSPECT] = ModuleType(INSPECT)
        vars(stand_ins[INSPECT])["signature"] = lambda _class: ""
        vars(stand_ins[INSPECT])["get_annotations"] = lambda of: vars(of).get("__annotations__", {})
    before = {*sys.modules, pywayland.__name__}
    sys.modules |= stand_ins
    try:
        with without_tracebacks():
            import pywayland.protocol.wayland
    except (ImportError, AttributeError):
        _forget(name for name in {*sys.modules} - before if name.startswith("pywayland."))
    _forget([*stand_ins, *({"dataclasses"} - before)])  # dataclasses has the stand-in for ever


def _forget(names: Iterable[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)
