"""Measuring the wallpaper from outside: samples each second, what they add up to, and a report."""
