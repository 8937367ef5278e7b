"""What an operator may set: frozen, nested, documented under each field, read once, checked whole.

A TOML file (`/etc/bootstrapper/bootstrapper.toml`, else `$XDG_CONFIG_HOME/bootstrapper/`), then
`BOOTSTRAPPER_<SECTION>_<FIELD>` from the environment. No file is needed to start.
"""

from bootstrapper.settings.describing import describe
from bootstrapper.settings.reading import ENVIRONMENT, find, load
from bootstrapper.settings.sections import (
    Ansible,
    Api,
    Audit,
    Content,
    Jobs,
    Kv,
    Log,
    Policy,
    Redis,
    Secret,
    Section,
    Settings,
    Templates,
)

__all__ = [
    "ENVIRONMENT",
    "Ansible",
    "Api",
    "Audit",
    "Content",
    "Jobs",
    "Kv",
    "Log",
    "Policy",
    "Redis",
    "Secret",
    "Section",
    "Settings",
    "Templates",
    "describe",
    "find",
    "load",
]
