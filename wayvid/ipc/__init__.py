"""The daemon's socket: requests and answers, one JSON object a line."""

from wayvid.lean import load_msgspec

load_msgspec()
