"""The config file: its typed model, read strictly."""
