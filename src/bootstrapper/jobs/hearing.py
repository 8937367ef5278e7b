"""Which journals have grown, as it is told: for the event stream and the chat's messages.

What is heard only wakes: a word that was missed does no harm to who also looks now and then.
"""

import logging
from collections.abc import Callable

import redis

from bootstrapper.lifecycle import Stop
from bootstrapper.redis_link import connect
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)

RECONNECT = 1.0  # seconds


def listen(settings: Settings, url: str, wake: Callable[[str | None], None], stop: Stop) -> None:
    """The loop of a listening thread, on a connection of its own. `wake(None)`: anything may have
    changed."""
    channel = f"{settings.redis.prefix}wake"
    while not stop.is_set():
        client = connect(settings, url)
        try:
            with client.pubsub(ignore_subscribe_messages=True) as heard:
                heard.subscribe(channel)
                wake(None)  # who knows what went by while nobody listened
                while not stop.is_set():
                    message = heard.get_message(timeout=1.0)
                    if message is not None:
                        wake(message["data"].decode())
        except redis.RedisError as error:
            logger.warning("who hears of changes waits for Redis: %s", error)
            stop.wait(RECONNECT)
        finally:
            client.close()
