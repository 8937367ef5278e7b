"""The key-value store of this program's own settings (`[kv]`)."""

from bootstrapper.kv.open import open_store
from bootstrapper.settings import load
from bootstrapper.templates.backends.followed import Followed
from bootstrapper.templates.confd.config import Config


def make(config: Config) -> Followed:
    return Followed(open_store(load()))
