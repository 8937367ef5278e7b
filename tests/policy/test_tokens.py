import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from bootstrapper.errors import Conflict, Mistake, Unavailable, Unidentified, Unknown
from bootstrapper.policy.tokens import Tokens

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREFIX = "test:"


@pytest.fixture
def tokens(client: redis.Redis) -> Tokens:
    return Tokens(client, PREFIX)


def test_a_token_is_known_by_its_text(tokens: Tokens) -> None:
    created, text = tokens.create("deploy", now=NOON)

    assert text.startswith(f"bst_{created.id}_")
    assert tokens.verify(text, NOON) == created
    assert (created.name, created.actor) == ("deploy", "token:deploy")


def test_a_token_may_speak_for_another_actor(tokens: Tokens) -> None:
    _, text = tokens.create("laptop", actor="user:alice", now=NOON)

    assert tokens.verify(text, NOON).actor == "user:alice"


def test_every_refusal_has_the_same_words(tokens: Tokens) -> None:
    _, good = tokens.create("good", now=NOON)
    _, revoked = tokens.create("revoked", now=NOON)
    _, expired = tokens.create("expired", expires=NOON + HOUR, now=NOON)
    tokens.revoke("revoked")
    bad = [
        revoked,
        expired,
        "bst_000000000000" + good[16:],
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:-1],
        good + "\n",
        "",
        "bst_*_x",
        "bst_é",
        "password",
    ]

    words = set()
    for text in bad:
        with pytest.raises(Unidentified) as caught:
            tokens.verify(text, NOON + HOUR)
        words.add(str(caught.value))
    assert words == {"this token is not valid"}


def test_a_token_holds_until_its_last_moment(tokens: Tokens) -> None:
    _, text = tokens.create("short", expires=NOON + HOUR, now=NOON)

    tokens.verify(text, NOON + HOUR - timedelta(seconds=1))
    with pytest.raises(Unidentified):
        tokens.verify(text, NOON + HOUR)


def test_the_secret_is_stored_nowhere(tokens: Tokens, client: redis.Redis) -> None:
    _, text = tokens.create("deploy", now=NOON)
    stored = [client.dump(key) for key in client.scan_iter()]

    assert stored
    assert not any(text[17:].encode() in (each or b"") for each in stored)


def test_a_name_is_one_live_tokens(tokens: Tokens) -> None:
    _, first = tokens.create("deploy", expires=NOON + HOUR, now=NOON)
    with pytest.raises(Conflict):
        tokens.create("deploy", now=NOON)

    second, _ = tokens.create("deploy", now=NOON + HOUR)

    assert tokens.list() == (second,)
    with pytest.raises(Unidentified):
        tokens.verify(first, NOON)


def test_of_many_at_once_one_gets_the_name(tokens: Tokens) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            tokens.create("deploy", now=NOON)
            outcomes.append("created")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict"] * 7 + ["created"]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_revoked_token_is_gone_and_its_name_is_free(
    tokens: Tokens, client: redis.Redis, by: str
) -> None:
    token, _ = tokens.create("deploy", now=NOON)
    tokens.revoke(getattr(token, by))

    assert tokens.list() == ()
    assert list(client.scan_iter()) == []
    tokens.create("deploy", now=NOON)


def test_what_is_not_there_cannot_be_revoked(tokens: Tokens) -> None:
    with pytest.raises(Unknown, match="no token 'deploy'"):
        tokens.revoke("deploy")


def test_use_is_noted_once_a_minute(tokens: Tokens) -> None:
    _, text = tokens.create("deploy", now=NOON)
    for seconds, noted in [(0, 0), (59, 0), (60, 60), (100, 60), (121, 121)]:
        tokens.verify(text, NOON + timedelta(seconds=seconds))

        assert tokens.list()[0].used == NOON + timedelta(seconds=noted)


def test_tokens_are_listed_by_name(tokens: Tokens) -> None:
    for name in ("b", "a", "c"):
        tokens.create(name, now=NOON)

    assert [token.name for token in tokens.list()] == ["a", "b", "c"]


def test_what_cannot_be_a_token_is_a_mistake(tokens: Tokens) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "name": {"name": "a b"},
        "actor": {"name": "a", "actor": "alice"},
        "expires": {"name": "a", "expires": NOON},
    }
    for fault, about in wanted.items():
        with pytest.raises(Mistake) as caught:
            tokens.create(now=NOON, **about)
        assert caught.value.field == fault


def test_without_redis_nobody_is_refused_for_good(no_redis: redis.Redis) -> None:
    gone = Tokens(no_redis, PREFIX)

    with pytest.raises(Unavailable):
        gone.verify(f"bst_{'0' * 12}_{'x' * 43}", NOON)
