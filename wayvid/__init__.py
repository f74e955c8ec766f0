"""wayvid: a video wallpaper for every Wayland screen, from one decode."""

__version__ = "0.1.0"

__all__ = ["__version__"]
