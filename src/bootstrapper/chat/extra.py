"""The chat's libraries, which not every installation has."""

from collections.abc import Iterator
from contextlib import contextmanager

from bootstrapper.errors import Mistake

LIBRARIES = ("slack_bolt", "slack_sdk")


@contextmanager
def needing_slack() -> Iterator[None]:
    """Around the import of anything in `chat.slack`: without the extra it is a Mistake."""
    try:
        yield
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] not in LIBRARIES:
            raise
        raise Mistake('the chat needs the extra: pip install "bootstrapper[chat]"') from error
