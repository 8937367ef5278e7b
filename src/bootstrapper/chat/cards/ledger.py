"""What is remembered of cards, in Redis.

<prefix>chat:followed    hash: job → Followed, as long as its message is not finished
<prefix>chat:cards       hash: card → Card
<prefix>chat:shown:<job> the card that has told it to its end, for a while
"""

import logging
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from bootstrapper.chat.cards.card import Card, Followed
from bootstrapper.redis_link import Client, translated

logger = logging.getLogger(__name__)

KEPT = 30 * 24 * 3600  # seconds that a finished message is remembered
T = TypeVar("T")
_followed = msgspec.json.Decoder(Followed)
_card = msgspec.json.Decoder(Card)


class Ledger:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._prefix = prefix
        self._jobs = f"{prefix}chat:followed"
        self._cards = f"{prefix}chat:cards"

    def follow(self, followed: Followed) -> bool:
        """False for a job that is, or was, shown already. Who tells of it is woken."""
        with translated("following a job"):
            if self._redis.exists(self._shown(followed.job)):
                return False
            text = msgspec.json.encode(followed)
            new = bool(self._redis.hsetnx(self._jobs, followed.job, text))
            self._redis.publish(f"{self._prefix}wake", followed.job)
            return new

    def all_followed(self) -> list[Followed]:
        with translated("reading what is followed"):
            return self._all(self._jobs, _followed)

    def followed(self, ids: Sequence[str]) -> list[Followed]:
        """Those of these jobs that are."""
        if not ids:
            return []
        with translated("reading what is followed"):
            found = self._redis.hmget(self._jobs, list(ids))
        return [_followed.decode(each) for each in found if each]

    def cards(self) -> list[Card]:
        with translated("reading cards"):
            return self._all(self._cards, _card)

    def save(self, card: Card) -> None:
        with translated("keeping a card"):
            self._redis.hset(self._cards, card.id, msgspec.json.encode(card))

    def end(self, card: Card) -> None:
        """Its message is finished, or there will be none."""
        with translated("ending a card"), self._redis.pipeline() as pipe:
            pipe.hdel(self._cards, card.id)
            for each in card.jobs:
                pipe.hdel(self._jobs, each.job)
                if card.ts:
                    pipe.set(self._shown(each.job), card.id, ex=KEPT)
            pipe.execute()

    def forget(self, job: str) -> None:
        with translated("ending a card"):
            self._redis.hdel(self._jobs, job)

    def _all(self, key: str, decoder: msgspec.json.Decoder[T]) -> list[T]:
        """Without what nobody can read, as another version may have left it: that is dropped."""
        found: list[T] = []
        for name, text in self._redis.hgetall(key).items():
            try:
                found.append(decoder.decode(text))
            except msgspec.DecodeError as error:
                logger.error("dropped from %s, as nobody can read it: %s", key, error)
                self._redis.hdel(key, name)
        return found

    def _shown(self, job: str) -> str:
        return f"{self._prefix}chat:shown:{job}"
