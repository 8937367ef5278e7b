"""`bootstrapper confd ARGUMENTS`: confd 0.16's command line, over the templates' loop."""

import sys
from collections.abc import Sequence

from bootstrapper.errors import Error
from bootstrapper.templates.confd.command_line import FATAL, configure

PROGRAM = "confd"


def main(words: Sequence[str]) -> int:
    """The exit code, as confd has it: 0, or 1 when a onetime run failed or it could not start."""
    config = configure(words, program=PROGRAM)
    if isinstance(config, int):
        return config
    from bootstrapper.processes.keep_templates import run_confd  # noqa: PLC0415 (not for -version)

    try:
        return run_confd(config)
    except Error as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return FATAL
