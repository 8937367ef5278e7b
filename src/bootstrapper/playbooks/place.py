"""Where a run finds things, and where it may leave things."""

from pathlib import Path

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """All paths are absolute.

    `sources` are the inventory's; `vault` passwords by id; `config` the filtered ansible.cfg.
    """

    project: Path
    tmp: Path
    roles_path: tuple[Path, ...] = ()
    sources: tuple[Path, ...] = ()
    config: Path | None = None
    vault: dict[str, str] = {}
    ssh_key: Path | None = None
    remote_user: str = ""
