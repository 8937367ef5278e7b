"""Which plugins are run, from what folder, and what of our environment they get."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bootstrapper.chat.limbo.plugins import Plugins
from bootstrapper.settings import ENVIRONMENT, Secret, Settings

OURS = (ENVIRONMENT, "SLACK_", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "LISTEN_")
"""What starts like this is for us, or opens doors that are ours."""


def open_plugins(
    settings: Settings, pluginpath: str = "", environ: Mapping[str, str] | None = None
) -> Plugins | None:
    """Of settings.chat.plugins, else `$LIMBO_PLUGINS` where that is a folder, else `pluginpath`.

    limbo itself has in `$LIMBO_PLUGINS` the names of those to load, with commas between them: then
    only these are. None without a folder; a Mistake where it does not exist.
    """
    environ = os.environ if environ is None else environ
    given = environ.get("LIMBO_PLUGINS", "")
    is_folder = "/" in given or (bool(given) and Path(given).is_dir())
    folder = settings.chat.plugins or (given if is_folder else "") or pluginpath
    if not folder:
        return None
    names = () if is_folder else tuple(filter(None, map(str.strip, given.split(","))))
    return Plugins(
        Path(folder),
        settings.state_dir / "limbo",
        timeout=settings.chat.plugin_timeout,
        environment=environment_of(settings, environ),
        wanted=names,
    )


def environment_of(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Theirs may hold keys of services that plugins ask; ours, and what settings name, do not."""
    secret = {each.env for each in _secrets(settings)}
    return {
        name: value
        for name, value in environ.items()
        if name not in secret and not name.startswith(OURS)
    }


def _secrets(value: Any) -> Iterator[Secret]:
    """Every secret below, wherever the settings have one."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _secrets(each)
    else:
        for name in getattr(value, "__struct_fields__", ()):
            yield from _secrets(getattr(value, name))
