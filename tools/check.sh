#!/bin/sh
# Runs every static check and names those that failed. Wants the venv's bin on PATH and the extensions built in place.
cd "$(dirname "$0")/.." || exit 2
failed=""

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok      $name"
    else
        echo "FAILED  $name: $*"
        printf '%s\n' "$output" | sed 's/^/        /'
        failed="$failed $name"
    fi
}

check format      ruff format --check .
check lint        ruff check .
check types       mypy
# What is allowed for one version of Python alone is unused with another.
check stubs       python -m mypy.stubtest wayvid._core --mypy-config-file pyproject.toml \
                  --allowlist tools/stubtest-allowlist.txt --ignore-unused-allowlist
check layers      lint-imports
check dead-code   vulture
check cython      cython-lint --max-line-length 120 wayvid tests
check docs        python -m tools.docs --check
check site        tools/site.sh

if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
