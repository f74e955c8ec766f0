"""A virtual desk: real compositors without a screen, for trying out, bug reports and tests."""

from wayvid.desk.desk import COMPOSITORS, Desk
from wayvid.desk.nested import NestedDesk
from wayvid.desk.wire import Output

__all__ = ["Desk", "NestedDesk", "COMPOSITORS", "Output"]
