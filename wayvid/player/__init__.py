"""The player process: libmpv, decoding and drawing. It reads no config and knows no rules."""

from wayvid.lean import load_logging, load_msgspec

load_logging()
load_msgspec()
