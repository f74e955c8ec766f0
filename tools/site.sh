#!/bin/sh
# Builds the site of docs/ into build/docs; any warning, such as a broken link or anchor, fails it, and so does
# anything that a page would load from the net. Wants the venv's bin on PATH.
set -eu
cd "$(dirname "$0")/.."

rm -rf build/docs
# Without what was kept of the last build (-E): Sphinx warns of a page only when it reads it.
sphinx-build -E -W --keep-going -n -q -j auto -b html -d build/doctrees docs build/docs
python -m tools.docs --site build/docs
