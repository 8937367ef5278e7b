"""Which of our actions a pattern of errbot's commands (`Plugin:command`) is about."""

from fnmatch import fnmatchcase

from msgspec import Struct

OURS = {
    "adhoc": ("run-module",),
    "codeupdate": ("update-code",),
    "role": ("apply-roles",),
    "status": ("jobs.list", "jobs.read"),
}
"""The commands that people gave their bots for what is an action here."""
CHAT_ACTIONS = tuple(sorted(action for actions in OURS.values() for action in actions))

ERRBOTS = (
    *("about", "apropos", "backup", "echo", "flows_*", "generate_certificate", "help", "history"),
    *("id", "log_tail", "plugin_*", "render_test", "repos", "repos_*", "restart", "room_*"),
    *("shutdown", "status_*", "uptime", "webhook_test", "webstatus", "whoami"),
)
ERRBOTS_PLUGINS = (
    *("acls", "backup", "chatroom", "flows", "health", "help", "plugins", "textcmds", "utils"),
    *("versionchecker", "webserver"),
)
"""What errbot brings along."""
GLOB = frozenset("*?[")


class Actions(Struct, frozen=True, kw_only=True):
    """`plain`: limbo's plugins; `other`: the fleet's own; `notes`: what is not meant by it."""

    plain: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def actions_of(pattern: str) -> Actions:
    """errbot looks at no capitals; a plugin's file may be written with them, or without."""
    plugin, _, command = pattern.rpartition(":")
    if command == "*" and plugin and not GLOB & {*plugin}:
        return Actions(plain=_spelt(plugin), notes=(_told_of_plugin(plugin),))
    lower = command.lower()
    other = [
        action for name, actions in OURS.items() if fnmatchcase(name, lower) for action in actions
    ]
    notes: list[str] = []
    if any(fnmatchcase(lower, each) for each in ERRBOTS):
        notes.append("A command of errbot's own: here it is a plugin of limbo's, if there is one.")
    if plugin not in {"", "*"}:
        notes.append(f"Taken for that command of any plugin: {plugin!r} is not known here.")
    return Actions(plain=_spelt(command), other=tuple(sorted(other)), notes=tuple(notes))


def _told_of_plugin(name: str) -> str:
    if name.lower() in ERRBOTS_PLUGINS:
        return "A plugin of errbot's own: here it is a plugin of limbo's, if there is one."
    return "Taken for limbo's plugin of that name; its single commands are not known here."


def _spelt(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((f"limbo:{name.lower()}", f"limbo:{name}")))
