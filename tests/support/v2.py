"""`serve` with etcd's v2 API over one of the two stores, and answers as etcd and we give them."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from bootstrapper.kv.store import Keys
from bootstrapper.kv.v2.errors import V2Error
from bootstrapper.kv.v2.following import Following
from bootstrapper.kv.v2.keys import Answer, V2Keys
from bootstrapper.kv.v2.records import places
from bootstrapper.kv.v2.request import read_request
from bootstrapper.lifecycle import Stop
from support.control import ControlPlane, api_alone
from support.etcd import Etcd
from support.services import short_folder

NEAR = ["127.0.0.0/8"]
STORES = ("etcd", "redis")
_TIMES = ("expiration",)
_INDEXES = ("modifiedIndex", "createdIndex", "index")


@contextmanager
def v2_server(
    store: str = "redis", etcd2: Mapping[str, Any] | None = None, **sections: Mapping[str, Any]
) -> Iterator[ControlPlane]:
    with ExitStack() as stack:
        kv: dict[str, Any] = {}
        if store == "etcd":
            folder = stack.enter_context(short_folder("etcd"))
            etcd = Etcd(folder).start()
            stack.callback(etcd.stop)
            kv["url"] = f"etcd://{etcd.address}"
        own = {"enabled": True, "networks": NEAR, **(etcd2 or {})}
        yield stack.enter_context(api_alone({"kv": kv, "etcd2": own, **sections}))


@contextmanager
def real_etcd() -> Iterator[str]:
    """Debian's, with its own v2 API: what ours is compared with. Its URL."""
    with short_folder("real") as folder:
        etcd = Etcd(folder, v2=True).start()
        try:
            yield etcd.url
        finally:
            etcd.stop()


class Side:
    """One of the two that are asked the same; indexes become names in the order they are seen."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10.0)
        self.modified = 0
        self.written: list[str] = []
        self._names: dict[int, str] = {}

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Any:
        """Status and body; `{last}` in what is asked is the modifiedIndex of the last write."""
        path = path.replace("{last}", str(self.modified))
        form = {k: v.replace("{last}", str(self.modified)) for k, v in (form or {}).items()}
        reply = self.http.request(method, f"/v2/keys{path}", data=form or None)
        body = reply.json() if reply.content else None
        if body and body.get("action") not in (None, "get") and body.get("node"):
            self.modified = body["node"]["modifiedIndex"]
            self.written.append("" if form.get("refresh") else body["node"]["key"])
        return reply.status_code, self._plain(body)

    def _plain(self, body: Any, name: str = "") -> Any:
        match body:
            case dict():
                return {key: self._plain(value, key) for key, value in sorted(body.items())}
            case list():
                return [self._plain(each) for each in sorted(body, key=lambda each: each["key"])]
            case int() if name == "index":
                return "now"
            case int() if name in _INDEXES:
                return self._name(body)
            case str() if name in _TIMES:
                return "a time"
            case str() if name == "key":
                return re.sub(r"\d{20}", lambda found: self._name(int(found[0])), body)
            case str() if name == "cause":
                return re.sub(r"\d+ != \d+\]", "index]", body)
        return body

    def _name(self, index: int) -> str:
        return self._names.setdefault(index, f"#{len(self._names)}")


class Inside:
    """v2's keys over a store in this process, with the threads that `serve` gives them."""

    def __init__(self, store: Keys, prefix: str, stop: Stop) -> None:
        self.store = store
        self.prefix = prefix
        self.following = Following(store, places(prefix))
        self.keys = V2Keys(self.following)
        loops = (self.following.follow, self.keys.reap)
        self._threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
        for thread in self._threads:
            thread.start()

    def ask(self, method: str, path: str, **form: Any) -> Answer:
        """The form's names as etcd's: prevExist."""
        query = urlencode({key: str(value) for key, value in form.items()})
        return self.keys.answer(read_request(method, path.encode(), query.encode()))

    def value(self, path: str) -> str | None:
        node = self.ask("GET", path).event.node
        return node.value if node else None

    def code(self, method: str, path: str, **form: Any) -> int:
        """Of the error that it ends with; 0 when it ends well."""
        try:
            self.ask(method, path, **form)
        except V2Error as error:
            return int(error.code)
        return 0

    def heard(self, path: str, since: int) -> list[tuple[str, str]]:
        """Action and key of all events below `path` since then."""
        request = read_request("GET", path.encode(), b"wait=true&recursive=true")
        found: list[tuple[str, str]] = []
        while event := self.keys.next_event(request, since):
            found.append((event.event.action, event.key))
            since = event.index + 1
        return found

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
