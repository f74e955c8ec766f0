"""The Wayland side: connection, outputs, shared-memory buffers, background surfaces."""
