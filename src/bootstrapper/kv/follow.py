"""The loop that keeps a mirror true: read once, hear of changes, and outlive every outage."""

import logging

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.store import Gap, Store
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)


def follow(store: Store, prefix: str, mirror: Mirror, stop: Stop) -> None:
    """Keep one of the mirror's prefixes. After an outage it goes on where it was, without a read.

    A store that refuses (a wrong password) is tried again too: whoever mends it need not come here.
    """
    since: int | None = None
    waits = delays()
    while not stop.is_set():
        try:
            if since is None:
                read = store.read(prefix)
                mirror.load(prefix, read)
                since = read.revision
            for change in store.changes(prefix, since, stop):
                mirror.set_link(prefix)
                mirror.apply(prefix, change)
                since, waits = change.revision, delays()
        except Gap as error:
            logger.info("reading %r again: %s", prefix, error)
            since = None
            stop.wait(next(waits))
        except (Unavailable, Refused) as error:
            level = logging.DEBUG if mirror.reason(prefix) else logging.WARNING
            logger.log(level, "%r keeps its last values: %s", prefix, error)
            mirror.set_link(prefix, str(error))
            stop.wait(next(waits))
