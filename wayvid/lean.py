"""Loads msgspec without a module that it only tries, for processes that stay."""

import sys

__all__ = ["load_msgspec"]


def load_msgspec() -> None:
    """Import msgspec; call it before anything else does.

    It takes two names from typing_extensions where that is installed, and the same
    two from Python's own typing where it is not. In an environment with other
    programs it often is: 1.6 MB in each process, for nothing.
    """
    is_loaded = "typing_extensions" in sys.modules
    if not is_loaded:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # "import" raises ImportError
    try:
        import msgspec  # noqa: F401
    finally:
        if not is_loaded:
            del sys.modules["typing_extensions"]
