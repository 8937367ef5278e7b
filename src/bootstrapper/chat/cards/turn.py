"""What is said next, and where: one thing in each channel that is free. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import IntEnum

import msgspec

from bootstrapper.chat.blocks.crowd import MOST
from bootstrapper.chat.cards.card import Card, Followed, Told
from bootstrapper.chat.cards.pace import Method, Pace, may, spent
from bootstrapper.chat.heard import Place
from bootstrapper.chat.progress.progress import Progress


class Rank(IntEnum):
    """Within a channel the lower goes first."""

    APPROVAL = 0
    FIRST = 1
    NEWS = 2
    THREAD = 3
    PROGRESS = 4


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """A thing to say. `subject` is a card's id, or that of the job that heads `jobs`, which have
    no card yet. `since`: when it came up."""

    method: Method
    rank: Rank
    place: Place
    subject: str
    since: float
    jobs: tuple[str, ...] = ()


def first_messages(waiting: Iterable[Followed], asked: Collection[str], alone: int) -> list[Want]:
    """Jobs without a message. More than `alone` in one place share; those that are `asked` for
    approvals do not: their buttons are theirs."""
    wants: list[Want] = []
    places: dict[Place, list[Followed]] = {}
    for each in sorted(waiting, key=lambda each: (each.at, each.job)):
        if each.job in asked:
            wants.append(_first([each], Rank.APPROVAL))
        else:
            places.setdefault(each.place, []).append(each)
    for together in places.values():
        size = MOST if len(together) > alone else 1
        wants += [_first(together[:size], Rank.FIRST)]
    return wants


def standing(
    card: Card, progress: Mapping[str, Progress], told: object, since: float
) -> list[Want]:
    """What an open card has to say. `told`: the news that it has shown, see `news_of`."""
    want = Want(
        method=Method.POST, rank=Rank.FIRST, place=card.place, subject=card.id, since=since
    )  # fmt: skip
    change = msgspec.structs.replace
    if not card.ts:
        asked = any(progress[each.job].for_approval for each in card.jobs)
        return [change(want, rank=Rank.APPROVAL if asked else Rank.FIRST)]
    wants = []
    if entries_of(card, progress) != card.shown:
        rank = Rank.PROGRESS if news_of(card, progress) == told else Rank.NEWS
        wants.append(change(want, method=Method.EDIT, rank=rank))
    if card.file and not card.posting:
        wants.append(change(want, method=Method.FILE, rank=Rank.THREAD))
    elif card.posting or untold(card, progress):
        wants.append(change(want, method=Method.TELL, rank=Rank.THREAD))
    return wants


def is_over(card: Card, progress: Mapping[str, Progress]) -> bool:
    """Its last word is out, and so is its thread's."""
    ended = all(progress[each.job].final for each in card.jobs)
    return ended and bool(card.ts) and not standing(card, progress, None, 0.0)


def untold(card: Card, progress: Mapping[str, Progress]) -> list[Told]:
    """The jobs with failures that the thread has not told."""
    return [each for each in card.jobs if progress[each.job].last_failure > each.told]


def entries_of(card: Card, progress: Mapping[str, Progress]) -> int:
    return sum(progress[each.job].seq for each in card.jobs)


def news_of(card: Card, progress: Mapping[str, Progress]) -> object:
    return [progress[each.job].news for each in card.jobs]


def choose(
    now: float,
    wants: Iterable[Want],
    pace: Pace,
    speaking: Collection[str],
    served: Mapping[str, float],
) -> tuple[list[Want], Pace]:
    """At most one for each channel but those that are `speaking`, and the pace that is left.

    Channels take turns: who was `served` longest ago comes first, but news before mere progress.
    """
    best: dict[str, Want] = {}
    for want in wants:
        channel = want.place.channel
        mere = want.rank is Rank.PROGRESS
        if channel in speaking or not may(pace, now, channel, want.method, mere=mere):
            continue
        if channel not in best or _before(want, best[channel]):
            best[channel] = want
    chosen = []
    for want in sorted(best.values(), key=lambda each: _turn(each, served)):
        mere = want.rank is Rank.PROGRESS
        if may(pace, now, want.place.channel, want.method, mere=mere):
            pace = spent(pace, now, want.method)
            chosen.append(want)
    return chosen, pace


def _turn(want: Want, served: Mapping[str, float]) -> tuple[bool, float, float]:
    return want.rank is Rank.PROGRESS, served.get(want.place.channel, 0.0), want.since


def _before(one: Want, other: Want) -> bool:
    return (one.rank, one.since, one.subject) < (other.rank, other.since, other.subject)


def _first(together: Sequence[Followed], rank: Rank) -> Want:
    head = together[0]
    return Want(
        method=Method.POST,
        rank=rank,
        place=head.place,
        subject=head.job,
        since=head.at,
        jobs=tuple(each.job for each in together),
    )
