"""Apply roles to hosts: the action that a booting machine asks for."""

from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta

from bootstrapper.actions import fields
from bootstrapper.actions.action import Action, Run, Scope
from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.hosts import resolve
from bootstrapper.playbooks.work import Outcome, Roles, Work


class ApplyRoles(Action, frozen=True, kw_only=True):
    """Apply one or several roles of the content to hosts.

    Jobs that wait at the same time and differ only in their hosts run as one play; each keeps
    its own id, journal and result.
    """

    NAME: ClassVar[str] = "apply-roles"
    COMMAND: ClassVar[str] = "role"
    CHAT: ClassVar[tuple[str, ...]] = ("role", "roles", "hosts", "env")
    REPEATABLE: ClassVar[bool] = True
    EXAMPLE: ClassVar[dict[str, Any]] = {"roles": ["base", "nginx"], "hosts": ["web-1"]}

    roles: Annotated[
        tuple[str, ...],
        Meta(description="roles of the content, in order", extra={"positional": "ROLES"}),
    ]
    hosts: fields.Hosts
    env: fields.Env = ""
    extra_vars: fields.ExtraVars = {}
    tags: fields.Tags = ()
    skip_tags: fields.SkipTags = ()
    check: fields.Check = False
    diff: fields.Diff = False
    become: fields.Become = False
    forks: fields.Forks = 0
    serial: fields.Serial = 0

    def scope(self, catalogue: Catalogue) -> Scope:
        if not self.roles:
            raise Mistake("name at least one role", field="roles")
        roles = [catalogue.role(name, f"roles[{index}]") for index, name in enumerate(self.roles)]
        targets = resolve(self.hosts, self.env, catalogue, field="hosts")
        return Scope(
            env=targets.env,
            hosts=targets.hosts,
            fleet=targets.fleet,
            patterns=targets.patterns,
            roles=tuple(role.name for role in roles),
            tags=fields.all_tags(self.tags, self.skip_tags),
            connection_vars=fields.connection_vars(self.extra_vars),
            serial=self.serial,
            check=self.check,
            shares_a_play=not self.serial and not any(role.alone for role in roles),
        )

    def without_hosts(self) -> Self:
        return msgspec.structs.replace(self, hosts=())

    def run(self, run: Run) -> Outcome:
        spec = run.jobs[0].spec
        return run.play(
            Work(
                what=Roles(self.roles),
                hosts=run.hosts,
                env=spec.env,
                extra_vars=self.extra_vars,
                tags=self.tags,
                skip_tags=self.skip_tags,
                check=self.check,
                diff=self.diff,
                become=self.become,
                forks=self.forks,
                serial=spec.serial,
                canary=spec.canary,
            )
        )
