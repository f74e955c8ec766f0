"""The player process: libmpv, decoding and drawing. It reads no config and knows no rules."""
