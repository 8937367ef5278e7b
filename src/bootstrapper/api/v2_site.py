"""What etcd's clients ask of the cluster itself: one member, which leads, at our own URL."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from bootstrapper.clock import to_text, utc_now
from bootstrapper.settings import Settings

SPEAKS = "2.3.8"
"""The last version whose clients knew v2 alone."""
Page = Callable[[str], Any]


class Site:
    """`pages`: path → what it answers to who reaches us by a base URL; text as it is, else JSON."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.api.url.rstrip("/")
        self.discovery = settings.etcd2.discovery
        self.cluster = _id("cluster", settings.kv.url, settings.etcd2.prefix)
        self._member = _id("member", settings.kv.url, settings.etcd2.prefix)
        self._started = to_text(utc_now())
        self.pages: Mapping[str, Page] = {
            "/version": lambda base: {"etcdserver": SPEAKS, "etcdcluster": "2.3.0"},
            "/v2/machines": lambda base: self.url or base,
            "/v2/members": lambda base: {"members": [self._as_member(base)]},
            "/v2/members/leader": self._as_member,
            "/v2/stats/leader": lambda base: {"leader": self._member, "followers": {}},
            "/v2/stats/self": lambda base: self._stats(),
        }

    def _as_member(self, base: str) -> dict[str, Any]:
        urls = [self.url or base]
        return {"id": self._member, "name": "bootstrapper", "peerURLs": urls, "clientURLs": urls}

    def _stats(self) -> dict[str, Any]:
        return {
            "name": "bootstrapper",
            "id": self._member,
            "state": "StateLeader",
            "startTime": self._started,
            "leaderInfo": {"leader": self._member, "uptime": "0s", "startTime": self._started},
            "recvAppendRequestCnt": 0,
            "sendAppendRequestCnt": 0,
        }


def _id(*words: str) -> str:
    """As etcd's ids look: the same for every `serve` of a store."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
