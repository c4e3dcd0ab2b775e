"""``python -m benchmarks [NAME …]``: all benchmarks, or the named ones."""

import sys

from rich.console import Console

from benchmarks.harness import run_all

if __name__ == "__main__":
    sys.exit(run_all(sys.argv[1:], Console(width=140)))
