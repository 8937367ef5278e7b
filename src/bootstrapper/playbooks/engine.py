"""Ansible in this process: imported once by the worker, run in a fork of it for every job.

The only room that imports Ansible, with `callback.py` and `inventory.py` beside it; ANSIBLE_* of
the environment count as they are at that import. `warm` is for the parent; `configure` and
`perform` change globals of Ansible and are for a fork that ends with its job.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from ansible import constants, context
from ansible.errors import AnsibleError, AnsibleOptionsError, AnsibleParserError
from ansible.executor import module_common  # at once: not to be imported by every fork
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.executor.task_queue_manager import AnsibleEndPlay, TaskQueueManager
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.splitter import parse_kv
from ansible.parsing.vault import VaultSecret
from ansible.playbook.base import Base
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.loader import (
    action_loader,
    add_all_plugin_dirs,
    become_loader,
    connection_loader,
    filter_loader,
    init_plugin_loader,
    lookup_loader,
    module_loader,
    shell_loader,
    strategy_loader,
    test_loader,
    vars_loader,
)
from ansible.release import __version__
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.context_objects import CLIArgs
from ansible.vars.manager import VariableManager

from bootstrapper.errors import Mistake, Refused
from bootstrapper.events import Counts
from bootstrapper.playbooks.ansible_input import options, play
from bootstrapper.playbooks.callback import recap
from bootstrapper.playbooks.local_paths import check_local_paths
from bootstrapper.playbooks.place import Place
from bootstrapper.playbooks.warm_mitogen import warm_mitogen
from bootstrapper.playbooks.work import Book, Module, Roles, Work


def warm() -> None:
    """Load the plugins that every play needs, so that no fork has to."""

    init_plugin_loader()

    for loader in (connection_loader, shell_loader, become_loader, vars_loader):
        list(loader.all(class_only=True))
    for name in constants.VARIABLE_PLUGINS_ENABLED:
        vars_loader.get(name)  # Ansible asks only those it has made: without it, no group_vars
    for loader in (filter_loader, test_loader):
        list(loader.all())
    for name in ("normal", "command", "copy", "template", "gather_facts", "debug", "set_fact"):
        action_loader.get(name, class_only=True)
    for name in ("file", "env", "template", "vars"):
        lookup_loader.get(name, class_only=True)
    for name in {"linear", "free", constants.DEFAULT_STRATEGY}:
        strategy_loader.get(name, class_only=True)
    if constants.DEFAULT_STRATEGY.startswith("mitogen"):
        warm_mitogen(module_loader.find_plugin, module_common._MODULE_UTILS_PATH)


def configure(place: Place) -> None:
    """Set Ansible's globals for the one run that this process is for."""

    if place.config is not None:
        _read_config(place.config)
    constants.DEFAULT_LOCAL_TMP = str(place.tmp)
    constants.DEFAULT_ROLES_PATH = [str(path) for path in place.roles_path] + list(
        constants.DEFAULT_ROLES_PATH
    )
    constants.RETRY_FILES_ENABLED = False
    add_all_plugin_dirs(str(place.project))
    AnsibleCollectionConfig.playbook_paths = str(place.project)


def perform(work: Work, place: Place, batch: Sequence[str], callback: Any) -> dict[str, Counts]:
    """Run the work on these hosts; answers the recap. Raises Mistake or Refused."""

    try:
        return _perform(work, place, batch, callback)
    except (AnsibleParserError, AnsibleOptionsError) as error:
        raise Mistake(str(error)) from error
    except AnsibleError as error:
        raise Refused(str(error)) from error


def _perform(work: Work, place: Place, batch: Sequence[str], callback: Any) -> dict[str, Counts]:

    context.CLIARGS = CLIArgs(options(work, place, constants))
    loader, inventory, variables = _play_parts(work, place, batch)
    try:
        if isinstance(work.what, Book):
            stats = _run_book(work.what, place, batch, callback, (loader, inventory, variables))
        else:
            stats = _run_play(work, place, batch, callback, (loader, inventory, variables))
    finally:
        loader.cleanup_all_tmp_files()
    return recap(stats)


def _play_parts(work: Work, place: Place, batch: Sequence[str]) -> tuple[Any, Any, Any]:

    loader = DataLoader()
    loader.set_basedir(str(place.project))
    secrets = [(name, VaultSecret(text.encode())) for name, text in place.vault.items()]
    loader.set_vault_secrets(secrets)
    inventory = InventoryManager(loader=loader, sources=[str(each) for each in place.sources])
    _add_addresses(inventory, batch, work.env)
    # Mitogen compresses what it sends by itself: ssh doing it again is time for nothing
    inventory.groups["all"].vars.setdefault("mitogen_ssh_compression", False)
    variables = VariableManager(loader=loader, inventory=inventory)
    variables._extra_vars = _given(work)
    return loader, inventory, variables


def _given(work: Work) -> dict[str, Any]:
    """Extra vars: plain values, so Ansible takes none of their strings for a template."""
    own = {"env": work.env} if work.env else {}
    return {**own, **work.extra_vars}


def _add_addresses(inventory: Any, batch: Sequence[str], env: str) -> None:
    """Hosts given by address join the env's group, so that its variables apply to them."""
    data = inventory._inventory
    for name in batch:
        if name in data.hosts:
            continue
        if env:
            data.add_group(env)
        data.add_host(name, group=env or None)
    data.reconcile_inventory()


def _run_book(
    book: Book, place: Place, batch: Sequence[str], callback: Any, parts: tuple[Any, Any, Any]
) -> Any:

    loader, inventory, variables = parts
    path = place.project / book.playbook
    inventory.subset(list(batch))
    executor = PlaybookExecutor([str(path)], inventory, variables, loader, {})
    executor._tqm._callback_plugins = [callback]
    executor.run()
    return executor._tqm._stats


def _run_play(
    work: Work, place: Place, batch: Sequence[str], callback: Any, parts: tuple[Any, Any, Any]
) -> Any:

    loader, inventory, variables = parts
    inventory.subset(list(batch))
    loaded = Play().load(_source(work), variable_manager=variables, loader=loader)
    manager = TaskQueueManager(
        inventory, variables, loader, {}, forks=work.forks or constants.DEFAULT_FORKS
    )
    manager._callback_plugins = [callback]
    try:
        manager.run(loaded)
    except AnsibleEndPlay:
        pass
    finally:
        manager.cleanup()
    return manager._stats


def _source(work: Work) -> dict[str, Any]:
    match work.what:
        case Roles() as roles:
            return play(roles, {})
        case Module(module=module, args=args) as what:
            return play(what, _checked_args(module, args))
        case other:
            raise TypeError(other)


def _checked_args(module: str, args: str) -> dict[str, Any]:
    parsed = _module_args(module, args)
    check_local_paths(module, parsed)
    return parsed


def _module_args(module: str, args: str) -> dict[str, Any]:

    if args.startswith("{") and args.endswith("}"):
        try:
            return msgspec.json.decode(args, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise Mistake(f"not JSON: {error}", field="args") from error
    try:
        return dict(parse_kv(args, check_raw=module in constants.MODULE_REQUIRE_ARGS))
    except AnsibleError as error:
        raise Mistake(str(error), field="args") from error


def _read_config(path: Path) -> None:
    """What `import ansible.constants` did at warm-up, again, with this file."""
    config = constants.config
    config._config_file = str(path)
    config._get_ini_config_value.cache_clear()
    config._parse_config_file()
    for name in config.get_configuration_definitions():
        value = config.get_config_value(name, variables=vars(constants))
        constants.set_constant(name, value)
    # what a play's or a task's own keyword defaults to was fixed when Ansible was imported
    for kind, keyword, value in (
        (Base, "any_errors_fatal", constants.ANY_ERRORS_FATAL),
        (Base, "timeout", constants.TASK_TIMEOUT),
        (Task, "poll", constants.DEFAULT_POLL_INTERVAL),
    ):
        kind.fattributes[keyword].default = value


def version() -> str:

    return f"ansible-core {__version__}, Python {sys.version.split()[0]}"
