#!/bin/sh
# Exit code 0 when there is a Wayland session to draw on: its socket is there.
# Called by make run, and by setup.sh to see whether the virtual desk is needed.
set -eu

case "${WAYLAND_DISPLAY:-}" in
    '') exit 1 ;;
    /*) test -S "$WAYLAND_DISPLAY" ;;
    *) test -n "${XDG_RUNTIME_DIR:-}" && test -S "$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY" ;;
esac
