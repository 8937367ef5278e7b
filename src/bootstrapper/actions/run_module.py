"""Run one module ad hoc."""

import re
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions import fields
from bootstrapper.actions.action import Action, Run, Scope
from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.hosts import resolve
from bootstrapper.playbooks.work import Module, Outcome, Work

_MODULE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){0,4}")
_NOT_AD_HOC = frozenset(
    {"include", "include_role", "include_tasks", "include_vars", "meta", "add_host", "group_by"}
    | {"import_role", "import_tasks", "import_playbook"}
)


class RunModule(Action, frozen=True, kw_only=True):
    """Run one module on hosts, as `ansible -m` does."""

    NAME: ClassVar[str] = "run-module"
    COMMAND: ClassVar[str] = "adhoc"
    CHAT: ClassVar[tuple[str, ...]] = ("adhoc", "env", "hosts", "module", "args…")
    EXAMPLE: ClassVar[dict[str, Any]] = {"hosts": ["web-1"], "module": "ping"}

    hosts: fields.Hosts
    module: Annotated[str, Meta(description="the module", extra={"flags": ["-m", "--module"]})] = (
        "command"
    )
    args: Annotated[
        str,
        Meta(
            description="its arguments, `key=value …`, or a command's words",
            extra={"flags": ["-a", "--args"]},
        ),
    ] = ""
    env: fields.Env = ""
    extra_vars: fields.ExtraVars = {}
    check: fields.Check = False
    diff: fields.Diff = False
    become: fields.Become = False
    forks: fields.Forks = 0
    serial: fields.Serial = 0

    def scope(self, catalogue: Catalogue) -> Scope:
        if not _MODULE.fullmatch(self.module):
            raise Mistake(f"{self.module!r} is not a module's name", field="module")
        if self.module.rpartition(".")[2] in _NOT_AD_HOC:
            raise Mistake(f"{self.module!r} cannot be run ad hoc", field="module")
        targets = resolve(self.hosts, self.env, catalogue, field="hosts")
        return Scope(
            env=targets.env,
            hosts=targets.hosts,
            fleet=targets.fleet,
            patterns=targets.patterns,
            module=self.module,
            args=self.args,
            connection_vars=fields.connection_vars(self.extra_vars),
            serial=self.serial,
            check=self.check,
        )

    def run(self, run: Run) -> Outcome:
        spec = run.jobs[0].spec
        return run.play(
            Work(
                what=Module(self.module, self.args),
                hosts=run.hosts,
                env=spec.env,
                extra_vars=self.extra_vars,
                check=self.check,
                diff=self.diff,
                become=self.become,
                forks=self.forks,
                serial=spec.serial,
                canary=spec.canary,
            )
        )
