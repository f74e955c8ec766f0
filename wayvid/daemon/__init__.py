"""The daemon process: rules, stills and the player's life. It never loads libmpv or GL."""

from wayvid.lean import load_msgspec

load_msgspec()
