"""Wallpaper Engine projects: what they say, where Steam keeps them, and the config file made of one."""
