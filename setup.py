"""Lists the compiled modules; everything else is declared in pyproject.toml."""

from Cython.Build import cythonize
from setuptools import Extension, setup

CORE = ("counters", "bufpool", "mpvrender", "wakeup")


def core_extension(name: str) -> Extension:
    """One module of wayvid._core; C++ because atomics exist only as libcpp.atomic."""
    return Extension(
        f"wayvid._core.{name}",
        [f"wayvid/_core/{name}.pyx"],
        language="c++",
        extra_compile_args=["-O2", "-g0", "-std=c++17", "-fvisibility=hidden"],
    )


setup(ext_modules=cythonize([core_extension(name) for name in CORE], compiler_directives={"language_level": 3}))
