"""Bring the content to its newest commit."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions.action import Action, Run, Scope
from bootstrapper.jobs.job import Lock
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.work import Outcome


class SyncContent(Action, frozen=True, kw_only=True):
    """Fetch the content, install its requirements and read what it offers.

    Jobs accepted before go on with the commit that they were planned on.
    """

    NAME: ClassVar[str] = "sync-content"
    COMMAND: ClassVar[str] = "sync"
    REPEATABLE: ClassVar[bool] = True
    NEEDS_CONTENT: ClassVar[bool] = False
    EXAMPLE: ClassVar[dict[str, Any]] = {}

    ref: Annotated[
        str,
        Meta(
            description="a branch, tag or commit instead of the settings' one, for this time",
            extra={"flags": ["--ref"]},
        ),
    ] = ""

    def scope(self, catalogue: Catalogue) -> Scope:
        return Scope(locks=(Lock("name:content"),))

    def run(self, run: Run) -> Outcome:
        return run.sync(self.ref)
