#!/bin/sh
# Usage: tools/setup.sh setup|run|bench|test
#
# Installs the system packages that are missing (Debian, Ubuntu: apt; elsewhere it says
# what to install) and makes .venv. Looks for what is needed, not for packages, so what
# came another way counts. Does nothing, within a fraction of a second, when all is there.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-setup}
apt='' dnf='' pacman='' missing=''

# need WHAT APT DNF PACMAN: note something missing and the packages that have it.
need() {
    missing="$missing, $1"
    apt="$apt $2" dnf="$dnf $3" pacman="$pacman $4"
}

need_program() {
    command -v "$1" >/dev/null 2>&1 || need "$1 ($2)" "$3" "$4" "$5"
}

has_library() {
    PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -q "$1"
}

# Prints the first Python that can make .venv and has the headers to build the core.
find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c '
import os, sys, sysconfig, venv, ensurepip
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(not (sys.version_info >= (3, 11) and os.path.exists(header)))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

list_missing() {
    apt='' dnf='' pacman='' missing=''
    [ -n "$(find_python)" ] ||
        need 'Python 3.11 or newer with venv and headers' 'python3 python3-venv python3-dev' 'python3 python3-devel' python
    need_program g++ 'builds the compiled core' g++ gcc-c++ gcc
    has_library 'libmpv\.so\.[12]' || need 'libmpv (plays the video)' libmpv2 mpv-libs mpv
    desk=no
    case "$purpose" in
        run) tools/has-session.sh || desk=yes ;;
        bench | test) desk=yes ;;
    esac
    if [ "$desk" = yes ]; then
        need_program sway 'the virtual desk' sway sway sway
        need_program grim 'pictures of the virtual desk' grim grim grim
    fi
    case "$purpose" in
        bench | test)
            need_program mpv 'the peer in benches' mpv mpv mpv
            need_program ffmpeg 'makes test clips' ffmpeg ffmpeg-free ffmpeg
            { has_library 'libEGL\.so\.1' && has_library 'libGLESv2\.so\.2'; } || need 'EGL and OpenGL ES (the GPU renderer on a software driver)' \
                'libegl1 libgles2 libgl1-mesa-dri' 'libglvnd-egl libglvnd-gles mesa-libEGL mesa-dri-drivers' 'libglvnd mesa'
            ;;
    esac
    if [ "$purpose" = test ]; then
        need_program swaybg 'another wallpaper to test against' swaybg swaybg swaybg
        need_program kwin_wayland 'another compositor to test on' 'kwin-wayland libgl1-mesa-dri' \
            'kwin-wayland mesa-dri-drivers' 'kwin mesa'
        need_program cage 'a compositor without a place for wallpapers' cage cage cage
        need_program Xvfb 'a screen with a steady refresh' xvfb xorg-x11-server-Xvfb xorg-server-xvfb
        need_program dbus-daemon 'a session bus for KWin and media keys' dbus-daemon dbus-daemon dbus
        need_program gdbus 'looks at the media keys' libglib2.0-bin glib2 glib2
        need_program groff 'reads the man pages' groff groff groff
        need_program zsh 'reads its completions' zsh zsh zsh
        need_program fish 'reads its completions' fish fish fish
        need_program pulseaudio 'a sound device that is none' pulseaudio 'pulseaudio pulseaudio-utils' pulseaudio
        need_program valgrind 'counts instructions' valgrind 'valgrind valgrind-devel' valgrind
        need_program setpriv 'runs tests as another user' util-linux util-linux util-linux
    fi
    missing=${missing#, }
}

say() {
    printf 'wayvid setup: %s\n' "$*" >&2
}

# Word splitting of $apt is meant: it is a list of packages.
# shellcheck disable=SC2086
install_missing() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "missing: $missing"
        if command -v dnf >/dev/null 2>&1; then
            say "install it with: sudo dnf install$dnf"
        elif command -v pacman >/dev/null 2>&1; then
            say "install it with: sudo pacman -S --needed$pacman"
        else
            say "install the packages that have it, called in Fedora:$dnf; in Arch:$pacman"
        fi
        say "then run make again"
        exit 1
    fi
    say "missing: $missing"
    say "installing with apt:$apt"
    as_root=''
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "this needs root and there is no sudo; run as root: apt-get update && apt-get install$apt"
            exit 1
        fi
        say "sudo is needed for these packages only; it may ask for your password"
        as_root=sudo
    fi
    if ! { $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $apt >&2; }; then
        say "apt could not install them; see its message above, then run make again"
        exit 1
    fi
    list_missing
    if [ -n "$missing" ]; then
        say "still missing after installing$apt: $missing"
        say "if this system is too old to have it, install it another way (for Python: make PYTHON=/path/to/python3.12)"
        exit 1
    fi
}

# A .venv that was moved, or whose Python is gone, is made anew.
make_venv() {
    if [ "$(cat .venv/.place 2>/dev/null)" = "$PWD" ] && .venv/bin/python -c '' 2>/dev/null; then
        return
    fi
    python=$(find_python)
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
    printf '%s\n' "$PWD" >.venv/.place
}

list_missing
[ -z "$missing" ] || install_missing
make_venv
