"""The environment of programs that a test interrupts or kills."""

import os


def unmeasured(**more: str) -> dict[str, str]:
    """This environment and ``more``, without what has coverage measure programs that a test starts.

    Coverage takes a lock for each function that it enters. A Ctrl-C that arrives while it is held leaves it
    locked, and the program waits for it for ever; one that is killed leaves a half-written data file.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")}
    return {**kept, **more}
