"""What is remembered of the messages about jobs, as values: it outlives the process."""

from collections.abc import Mapping

import msgspec

from bootstrapper.chat.blocks.job import mark_of
from bootstrapper.chat.heard import Place

_change = msgspec.structs.replace


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """A job to be shown in a place, for `by` ("": for nobody in particular), since `at`."""

    job: str
    place: Place
    by: str = ""
    at: float = 0.0


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the thread has said of a job: its journal's failures up to entry `told`; it is read on
    from `behind`, where a loop stands whose end is not known."""

    job: str
    told: int = 0
    behind: int = 0


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is under way since then, and what is told once it is out."""

    mark: str
    since: float
    told: tuple[Told, ...] = ()
    file: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, `ts` once it is out, about one job or several.

    `shown`: the entries of all its journals that it has shown. `file`: where the thread owes the
    outputs at length, from these numbers to those of `jobs`.
    """

    id: str
    place: Place
    jobs: tuple[Told, ...]
    ts: str = ""
    shown: int = 0
    posting: Posting | None = None
    file: tuple[Told, ...] = ()

    @property
    def mark(self) -> str:
        return mark_of(self.id)

    @property
    def of_many(self) -> bool:
        return [each.job for each in self.jobs] != [self.id]

    @property
    def thread(self) -> Place:
        """A card within a thread goes on there: threads have no threads."""
        return _change(self.place, thread=self.place.thread or self.ts)


def posting(card: Card, now: float) -> Card:
    """Its message is about to be posted."""
    return _change(card, posting=Posting(mark=card.mark, since=now))


def posted(card: Card, ts: str, shown: int) -> Card:
    return _change(card, ts=ts, shown=shown, posting=None)


def telling(card: Card, told: Mapping[str, Told], now: float, *, file: bool) -> Card:
    """Its thread is about to tell all this."""
    after = tuple(told.get(each.job, each) for each in card.jobs)
    mark = f"{card.mark} thread {sum(each.told for each in after)}"
    return _change(card, posting=Posting(mark=mark, since=now, told=after, file=file))


def has_told(card: Card) -> Card:
    out = card.posting
    if out is None:
        return card
    return _change(card, jobs=out.told, posting=None, file=card.jobs if out.file else ())


def not_posting(card: Card) -> Card:
    return _change(card, posting=None)


def without_file(card: Card) -> Card:
    return _change(card, file=())


def without(card: Card, job: str) -> Card:
    return _change(card, jobs=tuple(each for each in card.jobs if each.job != job))
