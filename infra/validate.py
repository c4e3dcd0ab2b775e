"""``sam validate`` of several templates in one process: SAM takes longer to start than to look at one.

Run by ``infra/sam`` with SAM's own Python: ``validate.py TEMPLATE… -- OPTION…``. Ends with
1 if any is invalid.
"""

from __future__ import annotations

import sys

import click
from samcli.cli.main import cli


def main(arguments: list[str]) -> int:
    """Validate each, and go on after one that is not valid."""
    cut = arguments.index("--")
    failed = 0
    for template in arguments[:cut]:
        try:
            cli(["validate", *arguments[cut + 1 :], "--template-file", template], standalone_mode=False)
        except click.ClickException as error:
            error.show()
            failed += 1
        except SystemExit as ended:
            failed += ended.code not in (0, None)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
