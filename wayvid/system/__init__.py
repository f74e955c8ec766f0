"""The operating system: the event loop, processes and their memory pages."""
