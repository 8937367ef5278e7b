"""What an operator may set: frozen, nested, documented under each field, read once, checked whole.

A TOML file (`/etc/bootstrapper/bootstrapper.toml`, else `$XDG_CONFIG_HOME/bootstrapper/`), then
`BOOTSTRAPPER_<SECTION>_<FIELD>` from the environment. No file is needed to start.
"""

from bootstrapper.settings.describing import describe
from bootstrapper.settings.fleet import Brakes, Docker, Fleet, KeyLayout, Serf, StaticService
from bootstrapper.settings.notify import Notify, NotifyReceiver, NotifyRule, QuietHours, Smtp
from bootstrapper.settings.reading import ENVIRONMENT, find, load
from bootstrapper.settings.section import Secret, Section
from bootstrapper.settings.sections import (
    Ansible,
    Api,
    Audit,
    Chat,
    Content,
    Etcd2,
    Jobs,
    Kv,
    Log,
    Policy,
    Redis,
    Settings,
    Templates,
)

__all__ = [
    "ENVIRONMENT",
    "Ansible",
    "Api",
    "Audit",
    "Brakes",
    "Chat",
    "Content",
    "Docker",
    "Etcd2",
    "Fleet",
    "Jobs",
    "KeyLayout",
    "Kv",
    "Log",
    "Notify",
    "NotifyReceiver",
    "NotifyRule",
    "Policy",
    "QuietHours",
    "Redis",
    "Secret",
    "Section",
    "Serf",
    "Settings",
    "Smtp",
    "StaticService",
    "Templates",
    "describe",
    "find",
    "load",
]
