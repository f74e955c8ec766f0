"""Renderers: they turn a decoder's waiting picture into a frame in memory."""
