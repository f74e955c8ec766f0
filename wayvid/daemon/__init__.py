"""The daemon process: rules, stills and the player's life. It never loads libmpv or GL."""

from wayvid.lean import load_logging, load_msgspec

load_logging()
load_msgspec()
