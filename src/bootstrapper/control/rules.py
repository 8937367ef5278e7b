"""The policy in force: the file, read again when it has changed."""

import logging
import os
from pathlib import Path

from bootstrapper import settings as settings_file
from bootstrapper.errors import Mistake
from bootstrapper.policy.file import DEFAULT, Policy, load
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)


class Rules:
    """A file that became faulty changes nothing: the last good policy stays, and the log says so.

    A file that is gone stays gone for the rules it held: nobody is let in by its absence.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.file: Path | None = None
        self.fault = ""
        self._seen: tuple[int, int, int] | None = None
        self._policy: Policy | None = None

    def current(self) -> Policy:
        """Raises the file's Mistake only while there is no good policy to go on with."""
        self.file = self.file or policy_file(self._settings)
        if self.file is None:
            return DEFAULT
        try:
            stamp = _stamp(self.file)
            if stamp != self._seen or self._policy is None:
                self._policy = load(self.file)
                self._seen, self.fault = stamp, ""
                logger.info("policy read", extra={"digest": self._policy.digest})
        except (Mistake, OSError) as error:
            if self._policy is None:
                raise Mistake(str(error)) from error
            if str(error) != self.fault:
                logger.error("the policy stays as it was: %s", error)
            self.fault = str(error)
        return self._policy


def policy_file(settings: Settings) -> Path | None:
    """As the settings name it, else `policy.toml` beside them, when there is one."""
    if settings.policy.file:
        return Path(settings.policy.file)
    named = os.environ.get(settings_file.ENVIRONMENT + "SETTINGS")
    beside = Path(named) if named else settings_file.find()
    file = beside.parent / "policy.toml" if beside else None
    return file if file and file.is_file() else None


def _stamp(file: Path) -> tuple[int, int, int]:
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
