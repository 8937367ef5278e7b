"""All that is to be told, in memory: cards that are open, jobs that wait for one, their progress.

A look takes in whatever has changed; what woke it only says where to look first.
"""

import time
from collections.abc import Collection, Iterable
from functools import reduce

import msgspec

from bootstrapper.chat.cards.card import Card, Followed, Told, without
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.cards.sending import Done, Send
from bootstrapper.chat.cards.turn import (
    Want,
    entries_of,
    first_messages,
    is_over,
    news_of,
    standing,
)
from bootstrapper.chat.cards.watched import Watched
from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Message
from bootstrapper.control.parts import Parts
from bootstrapper.ids import new_id


class Open(msgspec.Struct):
    """A card. `last`: what its message says, and `told` the news in it; `since`: when there was
    more to say."""

    card: Card
    last: Message | None = None
    told: object = None
    since: float = 0.0


class Table:
    def __init__(self, parts: Parts, ledger: Ledger) -> None:
        self._jobs = parts.jobs
        self._chat = parts.settings.chat
        self._ledger = ledger
        self._watched = Watched(parts.jobs)
        self._open: dict[str, Open] = {}
        self._waiting: dict[str, Followed] = {}
        self._unwanted: set[str] = set()  # jobs whose message was refused for good
        self._load()

    def look(self, heard: Collection[str] | None) -> None:
        """`heard`: the jobs that may have changed, None for any."""
        known = self._watched.progress
        if heard is None:
            self._follow(self._ledger.all_followed())
            self._show_approvals(self._jobs.open_ids())
            ids = [job for job, progress in known.items() if not progress.final]
        else:
            new = [job for job in heard if job not in known]
            self._follow(self._ledger.followed(new))
            self._show_approvals(new)
            ids = [job for job in heard if job in known]
        self._note_changes(self._watched.read(ids))

    def wants(self, speaking: Collection[str]) -> list[Want]:
        """Cards in channels that are `speaking` are left as they are."""
        progress = self._watched.progress
        for each in list(self._open.values()):
            if each.card.place.channel not in speaking:
                self._set_asked_apart(each)
                if is_over(each.card, progress):
                    self.end(each.card)
        asked = {job for job in self._waiting if progress[job].for_approval}
        wants = first_messages(self._waiting.values(), asked, self._chat.alone)
        for each in self._open.values():
            wants += standing(each.card, progress, each.told, each.since)
        return wants

    def send_of(self, want: Want) -> Send:
        """What is to be said, as it is at this moment. A first message is put on the table."""
        each = self._put(want) if want.jobs else self._open[want.subject]
        jobs = [told.job for told in each.card.jobs]
        return Send(
            want=want,
            card=each.card,
            asked={job: self._watched.asked[job] for job in jobs},
            progress={job: self._watched.progress[job] for job in jobs},
            last=each.last,
        )

    def said(self, done: Done) -> None:
        each = self._open[done.card.id]
        each.card = done.card
        if done.message is not each.last:
            each.last = done.message
            each.told = news_of(done.card, done.send.progress)
        if done.error is None:
            more = entries_of(done.card, self._watched.progress) != done.card.shown
            each.since = time.time() if more else 0.0

    def skip(self, done: Done) -> None:
        """What can never be said is as good as said."""
        each = self._open[done.card.id]
        progress = done.send.progress
        told = tuple(
            msgspec.structs.replace(one, told=max(one.told, progress[one.job].last_failure))
            for one in each.card.jobs
        )
        shown = sum(progress[one.job].seq for one in each.card.jobs)
        each.card = msgspec.structs.replace(each.card, jobs=told, shown=shown, posting=None)
        self._ledger.save(each.card)

    def end(self, card: Card, *, unwanted: bool = False) -> None:
        self._ledger.end(card)
        self._open.pop(card.id, None)
        ids = [told.job for told in card.jobs]
        self._watched.forget(ids)
        if unwanted:
            self._unwanted.update(ids)

    def _load(self) -> None:
        followed = {each.job: each for each in self._ledger.all_followed()}
        for card in self._ledger.cards():
            known = [
                followed.pop(told.job, Followed(job=told.job, place=card.place))
                for told in card.jobs
            ]
            gone = self._watched.add(known)
            left = reduce(without, gone, card)
            if left.jobs:
                self._open[left.id] = Open(left)
            else:
                self._ledger.end(card)
        self._follow(followed.values())

    def _follow(self, followed: Iterable[Followed]) -> None:
        new = [each for each in followed if each.job not in self._watched.progress]
        gone = self._watched.add(new)
        self._waiting |= {each.job: each for each in new if each.job not in gone}
        for job in gone:
            self._ledger.forget(job)

    def _show_approvals(self, ids: Iterable[str]) -> None:
        """Jobs that were asked for elsewhere and wait for people: where people will see them."""
        known = self._watched.progress
        unknown = [job for job in ids if job not in known and job not in self._unwanted]
        if not self._chat.channel or not unknown:
            return
        place = Place(channel=self._chat.channel)
        elsewhere = [
            job.id
            for job in self._jobs.many(self._jobs.waiting_for_approval(unknown))
            if not job.spec.channel
        ]
        for job in elsewhere:
            self._ledger.follow(Followed(job=job, place=place, at=time.time()))
        self._follow(self._ledger.followed(elsewhere))

    def _note_changes(self, jobs: Iterable[str]) -> None:
        changed = set(jobs)
        now = time.time()
        for each in self._open.values():
            if not changed.isdisjoint(told.job for told in each.card.jobs):
                each.since = each.since or now

    def _set_asked_apart(self, each: Open) -> None:
        """Who is asked for approvals only now leaves the crowd, for a message with buttons."""
        if not each.card.of_many or not each.card.ts or each.card.posting:
            return
        progress, asked = self._watched.progress, self._watched.asked
        for told in each.card.jobs:
            if progress[told.job].for_approval and len(each.card.jobs) > 1:
                each.card = without(each.card, told.job)
                self._ledger.save(each.card)
                place, by = each.card.place, asked[told.job].by
                self._waiting[told.job] = Followed(job=told.job, place=place, by=by)

    def _put(self, want: Want) -> Open:
        alone = len(want.jobs) == 1
        jobs = tuple(Told(job=job) for job in want.jobs)
        card = Card(id=want.subject if alone else new_id(), place=want.place, jobs=jobs)
        for job in want.jobs:
            self._waiting.pop(job)
        self._open[card.id] = made = Open(card, since=want.since)
        return made
