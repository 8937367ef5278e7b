"""What every section is, and how a secret is named: never its text, only where it is found."""

from types import UnionType
from typing import Annotated, Any

import msgspec
from msgspec import Meta


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def is_section(kind: Any) -> bool:
    """Whether a field's type is a table of its own."""
    return isinstance(kind, type) and not isinstance(kind, UnionType) and issubclass(kind, Section)


class Secret(Section, frozen=True, kw_only=True):
    """Where a secret is found; exactly one of the three."""

    file: Annotated[str, Meta(description="a file that holds it")] = ""
    env: Annotated[str, Meta(description="an environment variable that holds it")] = ""
    credential: Annotated[str, Meta(description="a systemd credential (LoadCredential=)")] = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.file, self.env, self.credential))) != 1:
            raise ValueError("name exactly one of file, env, credential")
