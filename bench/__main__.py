"""`python -m bench NAME [options]`: run one of the benches."""

from __future__ import annotations

import importlib
import sys

# name -> module with run(argv) -> exit code; loaded only when asked for
BENCHES = {
    "micro": "bench.micro",
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in BENCHES:
        print(f"usage: python -m bench {{{','.join(BENCHES)}}} [options]", file=sys.stderr)
        return 2
    code: int = importlib.import_module(BENCHES[argv[0]]).run(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
