"""A work in the words that Ansible takes: its options, and a play as data. Pure."""

from typing import Any

from bootstrapper.playbooks.place import Place
from bootstrapper.playbooks.work import Module, Roles, Work


def options(work: Work, place: Place, constants: Any) -> dict[str, Any]:
    """What the command line's options are to Ansible; `constants`: its settings of the moment."""
    return {
        "check": work.check,
        "diff": work.diff or constants.DIFF_ALWAYS,
        "become": work.become or constants.DEFAULT_BECOME,
        "become_method": constants.DEFAULT_BECOME_METHOD,
        "become_user": constants.DEFAULT_BECOME_USER,
        "force_handlers": constants.DEFAULT_FORCE_HANDLERS,
        "timeout": constants.DEFAULT_TIMEOUT,
        "forks": work.forks or constants.DEFAULT_FORKS,
        "tags": list(work.tags) or ["all"],
        "skip_tags": list(work.skip_tags),
        "remote_user": place.remote_user or constants.DEFAULT_REMOTE_USER,
        "private_key_file": str(place.ssh_key) if place.ssh_key else None,
        "connection": "ssh",
        "verbosity": 0,
        "syntax": False,
        "start_at_task": None,
        "step": False,
        "flush_cache": False,
        "listhosts": None,
        "listtasks": None,
        "listtags": None,
        "basedir": str(place.project),
        "extra_vars": (),
        "subset": None,
    }


def play(what: Roles | Module, args: dict[str, Any]) -> dict[str, Any]:
    """A play as data; `args` are the module's.

    Its strings are untagged, and so never templates to Ansible.
    """
    match what:
        case Roles(roles=roles):
            return {"name": "roles " + ", ".join(roles), "hosts": "all", "roles": list(roles)}
        case Module(module=module):
            return {
                "name": f"module {module}",
                "hosts": "all",
                "gather_facts": False,
                "tasks": [{"name": module, "action": module, "args": args}],
            }
