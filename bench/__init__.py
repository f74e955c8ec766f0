"""Measurements of wayvid: `python -m bench NAME`."""
