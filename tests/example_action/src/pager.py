"""Page whoever is on call."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions.action import Action, Risk, Run, Scope
from bootstrapper.events import Said
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.work import Outcome


class PageOnCall(Action, frozen=True, kw_only=True):
    """Page whoever is on call."""

    NAME: ClassVar[str] = "page-on-call"
    COMMAND: ClassVar[str] = "page"
    RISK: ClassVar[Risk] = Risk.CHANGE
    REPEATABLE: ClassVar[bool] = True
    NEEDS_CONTENT: ClassVar[bool] = False
    EXAMPLE: ClassVar[dict[str, Any]] = {"text": "the disk is full"}

    text: Annotated[str, Meta(description="what to say", extra={"positional": "TEXT"})]

    def scope(self, catalogue: Catalogue) -> Scope:
        return Scope()  # the hosts, env and locks it would touch

    def run(self, run: Run) -> Outcome:
        run.emit(Said(text=f"paging: {self.text}"))
        return Outcome(State.SUCCESSFUL, "paged")
