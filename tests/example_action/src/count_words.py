"""An action of a third party: one file and one entry point."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bootstrapper.actions.action import Action, Risk, Run
from bootstrapper.events import Said
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.work import Outcome


class CountWords(Action, frozen=True, kw_only=True):
    """Count the words of a text."""

    NAME: ClassVar[str] = "count-words"
    RISK: ClassVar[Risk] = Risk.READ
    NEEDS_CONTENT: ClassVar[bool] = False
    EXAMPLE: ClassVar[dict[str, Any]] = {"text": "to be"}

    text: Annotated[str, Meta(description="what to count in", min_length=1)]

    def run(self, run: Run) -> Outcome:
        count = len(self.text.split())
        run.emit(Said(text=f"{count} words"))
        (run.workspace / "artifacts").mkdir()
        (run.workspace / "artifacts" / "count").write_text(str(count))
        return Outcome(State.SUCCESSFUL, f"{count} words")
