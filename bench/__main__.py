"""`python -m bench [NAME] [options]`: run one of the benches, or all."""

from __future__ import annotations

import importlib
import sys

# name -> module with run(argv) -> exit code; loaded only when asked for
BENCHES = {
    "commands": "bench.commands",
    "curves": "bench.curves",
    "first": "bench.first",
    "gl": "bench.gl",
    "glplay": "bench.glplay",
    "instructions": "bench.instructions",
    "matrix": "bench.matrix",
    "memory": "bench.memory",
    "micro": "bench.micro",
    "pacing": "bench.pacing",
    "play": "bench.play",
    "publish": "bench.publish",
    "reload": "bench.reload",
    "span": "bench.span",
    "usage": "bench.usage",
    "where": "bench.where",
}
# Draw and write figures for the docs and measure none.
NO_BENCHES = ("curves", "publish")


def main(argv: list[str]) -> int:
    if not argv:
        return max(_run(name, []) for name in BENCHES if name not in NO_BENCHES)
    if argv[0] not in BENCHES:
        print(
            f"usage: python -m bench [{{{','.join(BENCHES)}}} [options]]; without a name all are run", file=sys.stderr
        )
        return 2
    return _run(argv[0], argv[1:])


def _run(name: str, argv: list[str]) -> int:
    code: int = importlib.import_module(BENCHES[name]).run(argv)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
