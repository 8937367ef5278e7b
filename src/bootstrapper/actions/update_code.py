"""Roll out code: the playbook that the content names for it, by tags."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions import fields
from bootstrapper.actions.action import Action, Run, Scope
from bootstrapper.actions.run_playbook import book_targets
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Lock
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.work import Book, Outcome, Work


class UpdateCode(Action, frozen=True, kw_only=True):
    """Update the code in an env: run the playbook that the content names for it.

    Nothing else runs in that env meanwhile.
    """

    NAME: ClassVar[str] = "update-code"
    CHAT: ClassVar[tuple[str, ...]] = ("codeupdate", "tags", "env")
    EXAMPLE: ClassVar[dict[str, Any]] = {"tags": ["api"], "env": "staging"}

    tags: Annotated[
        tuple[str, ...],
        Meta(description="what to update: the play's tags", extra={"positional": "TAGS"}),
    ]
    env: fields.Env = ""
    extra_vars: fields.ExtraVars = {}
    check: fields.Check = False
    diff: fields.Diff = False
    forks: fields.Forks = 0
    serial: fields.Serial = 0

    def scope(self, catalogue: Catalogue) -> Scope:
        if not self.tags:
            raise Mistake("name at least one tag", field="tags")
        if not catalogue.update_code:
            raise Mistake(
                "the content names no playbook for this: update_code in its bootstrapper.toml, "
                "or a playbook update-code.yml"
            )
        targets = book_targets(catalogue, catalogue.update_code, self.env, ())
        return Scope(
            env=targets.env,
            hosts=targets.hosts,
            fleet=targets.fleet,
            playbook=catalogue.update_code,
            tags=fields.check_tags(self.tags),
            connection_vars=fields.connection_vars(self.extra_vars),
            serial=self.serial,
            check=self.check,
            locks=(Lock(f"env:{targets.env}"),),
        )

    def run(self, run: Run) -> Outcome:
        spec = run.jobs[0].spec
        return run.play(
            Work(
                what=Book(""),
                hosts=run.hosts,
                env=spec.env,
                extra_vars=self.extra_vars,
                tags=self.tags,
                check=self.check,
                diff=self.diff,
                forks=self.forks,
                serial=spec.serial,
                canary=spec.canary,
            )
        )
