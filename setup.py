"""Lists the compiled modules; everything else is declared in pyproject.toml."""

import contextlib
import io
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CORE = (
    "avlog",
    "blend",
    "counters",
    "buffer",
    "bufpool",
    "glupload",
    "libc",
    "mpvrender",
    "pressure",
    "wakeup",
    "waylog",
    "wlframe",
)
# No pickling code, which could only refuse, and no table of doctests.
DIRECTIVES = {"language_level": 3, "auto_pickle": False, "autotestdict": False}
# Whole rows of bytes are worth the vectors that the compiler makes of their loops.
LEVELS = {"blend": "-O3"}


def core_extension(name: str) -> Extension:
    """One module of wayvid._core; C++ because atomics exist only as libcpp.atomic."""
    return Extension(
        f"wayvid._core.{name}",
        [f"wayvid/_core/{name}.pyx"],
        language="c++",
        extra_compile_args=[LEVELS.get(name, "-O2"), "-g0", "-std=c++17", "-fvisibility=hidden"],
    )


def translate() -> list[Extension]:
    """The extensions as C++; ends the build on a Cython performance hint, which is a hidden GIL round trip."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            extensions = cythonize([core_extension(name) for name in CORE], compiler_directives=DIRECTIVES)
    finally:
        sys.stderr.write(said.getvalue())
    if "performance hint" in said.getvalue():
        for extension in extensions:  # or the next build would find them up to date and keep quiet
            Path(extension.sources[0]).unlink()
        sys.exit("error: a Cython performance hint (above) fails the build")
    return extensions


setup(ext_modules=translate())
