"""Which commit is current and what it offers: kept in Redis, so that every process agrees.

<prefix>content             hash: the current commit, where it came from, how it looked
<prefix>catalogue:<commit>  JSON
"""

import threading
import time
from collections.abc import Callable

import msgspec

from bootstrapper.clock import to_text, utc_now
from bootstrapper.errors import Unavailable
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.content import check_out, look, newest
from bootstrapper.playbooks.read_content import read_content
from bootstrapper.redis_link import Client, translated
from bootstrapper.secret import read_secret
from bootstrapper.settings import Settings

KEEP_SECONDS = 90 * 24 * 3600
LOOK_SECONDS = 1.0  # a plain folder is looked at this often, when somebody asks


class Library:
    def __init__(self, client: Client, prefix: str, settings: Settings) -> None:
        self._redis = client
        self._prefix = prefix
        self._settings = settings
        self._known: Catalogue | None = None
        self._looked = -LOOK_SECONDS
        self._turn = threading.Lock()

    def current(self) -> Catalogue:
        """What a new request is checked against. A changed folder is read again first."""
        if self._settings.content.path:
            self._follow_folder()
        with translated("reading the content's commit"):
            commit = self._redis.hget(f"{self._prefix}content", "commit")
        if commit is None:
            raise Unavailable("the content has not been synced yet: bootstrapper sync")
        return self.at(commit.decode())

    def at(self, commit: str) -> Catalogue:
        if self._known is not None and self._known.commit == commit:
            return self._known
        with translated("reading the catalogue"):
            text = self._redis.get(f"{self._prefix}catalogue:{commit}")
        if text is None:
            raise Unavailable(f"nothing is known of the content at {commit}: bootstrapper sync")
        self._known = msgspec.json.decode(text, type=Catalogue)
        return self._known

    def synced(self) -> str:
        """The current commit; "" before the first sync."""
        with translated("reading the content's commit"):
            commit = self._redis.hget(f"{self._prefix}content", "commit")
        return commit.decode() if commit else ""

    def sync(self, ref: str = "", tell: Callable[[str], None] = lambda text: None) -> Catalogue:
        """Make the newest commit the current one; `tell` hears what takes long."""
        settings = self._settings
        seen = look(settings) if settings.content.path else ""
        commit = newest(settings, ref)
        tell(f"content at {commit}")
        checkout = check_out(settings, commit)
        vault = {name: read_secret(settings, key) for name, key in settings.ansible.vault.items()}
        catalogue = read_content(checkout, settings.content, vault)
        tell(f"{len(catalogue.roles)} roles, {len(catalogue.playbooks)} playbooks")
        with translated("keeping the catalogue"), self._redis.pipeline() as pipe:
            text = msgspec.json.encode(catalogue)
            pipe.set(f"{self._prefix}catalogue:{commit}", text, ex=KEEP_SECONDS)
            fields = {"commit": commit, "look": seen, "at": to_text(utc_now())}
            pipe.hset(f"{self._prefix}content", mapping=fields)
            pipe.execute()
        self._known = catalogue
        return catalogue

    def _follow_folder(self) -> None:
        """Whoever edits a role and runs it gets the edit: the folder itself is the truth."""
        with self._turn:
            if time.monotonic() - self._looked < LOOK_SECONDS:
                return
            with translated("reading the content's look"):
                seen = self._redis.hget(f"{self._prefix}content", "look")
            if seen is None or seen.decode() != look(self._settings):
                self.sync()
            self._looked = time.monotonic()
