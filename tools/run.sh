#!/bin/sh
# Usage: tools/run.sh [SOURCE]
#
# Starts the wallpaper: in the running Wayland session, or, where there is none, for a
# few seconds on a virtual desk with three screens that are photographed into shots/.
set -eu
cd "$(dirname "$0")/.."

if tools/has-session.sh; then
    # Another wallpaper may lie on top of this one: say so, or nothing seems to happen.
    .venv/bin/wayvid check | grep -A 1 '^degraded  *other wallpapers' >&2 || :
    echo "Starting the wallpaper; Ctrl-C ends it."
    exec .venv/bin/wayvid run ${1:+"$1"}
fi
echo "There is no Wayland session here: trying the wallpaper on a virtual desk with three screens, for 6 seconds."
.venv/bin/wayvid desk --outputs 3 --seconds 6 --shots shots -- wayvid run ${1:+"$1"}
echo "The pictures of the three screens are in $PWD/shots."
