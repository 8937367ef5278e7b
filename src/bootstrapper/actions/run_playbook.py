"""Run a playbook of the content."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions import fields
from bootstrapper.actions.action import Action, Run, Scope
from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.hosts import Targets, resolve
from bootstrapper.playbooks.work import Book, Outcome, Work


class RunPlaybook(Action, frozen=True, kw_only=True):
    """Run a playbook of the content on the hosts that its plays name, or on some of them."""

    NAME: ClassVar[str] = "run-playbook"
    COMMAND: ClassVar[str] = "playbook"
    CHAT: ClassVar[tuple[str, ...]] = ("playbook", "playbook", "env")
    EXAMPLE: ClassVar[dict[str, Any]] = {"playbook": "site.yml", "limit": ["web-1"]}

    playbook: Annotated[
        str, Meta(description="a playbook of the content", extra={"positional": "PLAYBOOK"})
    ]
    limit: Annotated[
        tuple[str, ...],
        Meta(description="only these of its hosts", extra={"flags": ["-l", "--limit"]}),
    ] = ()
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
        playbook = catalogue.playbook(self.playbook)
        targets = book_targets(catalogue, playbook.name, self.env, self.limit)
        return Scope(
            env=targets.env,
            hosts=targets.hosts,
            fleet=targets.fleet,
            patterns=targets.patterns,
            playbook=playbook.name,
            tags=fields.all_tags(self.tags, self.skip_tags),
            connection_vars=fields.connection_vars(self.extra_vars),
            serial=self.serial,
            check=self.check,
        )

    def run(self, run: Run) -> Outcome:
        spec = run.jobs[0].spec
        return run.play(
            Work(
                what=Book(self.playbook),
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


def book_targets(catalogue: Catalogue, name: str, env: str, limit: tuple[str, ...]) -> Targets:
    """The playbook's own hosts in the env, or those of them that the caller named."""
    playbook = catalogue.playbooks[name]
    if limit:
        targets = resolve(limit, env, catalogue, field="limit")
        outside = set(targets.names) - set(playbook.hosts.get(targets.env, ()))
        if outside:
            raise Mistake(f"{name} does not run on {', '.join(sorted(outside))}", field="limit")
        return targets
    env = env or catalogue.env_of(playbook.hosts.get("", ()))
    inventory = catalogue.inventory(env)
    names = playbook.hosts.get(env, ())
    if not names:
        raise Mistake(f"{name} names no host" + (f" of env {env!r}" if env else ""), field="env")
    hosts = tuple(inventory.hosts[each] for each in names)
    return Targets(env, hosts, len(inventory.hosts))
