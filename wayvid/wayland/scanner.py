"""pywayland without its code generator.

For one enum, pywayland's core imports the generator of protocol classes, and with
it an XML parser: 20 modules, 0.9 MB in daemon and player each (docs/memory.md).
"""

from __future__ import annotations

import enum
import sys
from types import ModuleType

__all__ = ["leave_out_scanner"]

PACKAGE = "pywayland.scanner"
MODULE = f"{PACKAGE}.argument"
# Source: pywayland 0.4.19, scanner/argument.py, ArgumentType.
TYPES = ("Int", "Uint", "Fixed", "String", "Object", "NewId", "Array", "FileDescriptor")


def leave_out_scanner() -> None:
    """Have pywayland's core find the enum without the generator.

    Call before pywayland.protocol_core is imported; does nothing afterwards. Where
    another pywayland wants more of the generator, it gets the generator.
    """
    if "pywayland.protocol_core" in sys.modules or PACKAGE in sys.modules:
        return
    import pywayland

    before = {*sys.modules, pywayland.__name__}
    stand_in = ModuleType(MODULE)
    stand_in.ArgumentType = enum.Enum("ArgumentType", TYPES, module=MODULE)  # type: ignore[attr-defined, misc]
    sys.modules |= {PACKAGE: ModuleType(PACKAGE), MODULE: stand_in}
    try:
        import pywayland.protocol.wayland
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.startswith("pywayland.") and name not in before]:
            del sys.modules[name]
    else:
        del sys.modules[PACKAGE], sys.modules[MODULE]
