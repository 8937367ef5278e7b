"""The first step of `confd ARGUMENTS`: say the version or what is wrong, or give the Config."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bootstrapper.errors import Error
from bootstrapper.templates.confd import flags
from bootstrapper.templates.confd.go_flags import HelpAsked, WrongFlags

if TYPE_CHECKING:
    from bootstrapper.templates.confd.config import Config

WRONG_FLAGS = 2
FATAL = 1


def configure(words: Sequence[str], *, program: str = "confd") -> "Config | int":
    """The Config to run with, or the exit code to end with at once; both as confd has them."""
    try:
        given = flags.parse(words)
    except HelpAsked:
        sys.stderr.write(flags.usage(program))
        return WRONG_FLAGS
    except WrongFlags as wrong:
        sys.stderr.write(f"{wrong}\n{flags.usage(program)}")
        return WRONG_FLAGS
    if given.get("version"):
        sys.stdout.write(flags.version_line() + "\n")
        return 0
    from bootstrapper.templates.confd.read_config import read_config  # noqa: PLC0415 not for -version

    try:
        return read_config(given, os.environ)
    except Error as error:
        sys.stderr.write(f"{program}: {error}\n")
        return FATAL
