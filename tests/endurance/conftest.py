"""Runs of the real program, as in tests/run, for hours' worth of rounds."""

from tests.run.conftest import run_wayvid, write_config

__all__ = ["run_wayvid", "write_config"]
