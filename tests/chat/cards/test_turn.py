from typing import Any

import pytest

from bootstrapper.chat.cards.card import Card, Followed, Told, has_told, telling
from bootstrapper.chat.cards.pace import (
    BURST,
    KEPT_BACK,
    Method,
    Pace,
    answered,
    away,
    busy,
    may,
    spent,
)
from bootstrapper.chat.cards.turn import Rank, Want, choose, first_messages, is_over, standing
from bootstrapper.chat.heard import Place
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.jobs.states import State


def want(channel: str, rank: Rank = Rank.NEWS, **fields: Any) -> Want:
    values: dict[str, Any] = {
        "method": Method.EDIT, "place": Place(channel=channel), "subject": "s", "since": 1.0,
    }  # fmt: skip
    return Want(rank=rank, **(values | fields))


def names(wants: list[Want]) -> list[str]:
    return [each.subject for each in wants]


@pytest.mark.parametrize(
    ("pace", "now", "method", "mere", "answer"),
    [
        (Pace(), 0, Method.EDIT, False, True),
        (Pace(free={"C1": 5}), 4.9, Method.POST, False, False),
        (Pace(free={"C1": 5}), 5, Method.POST, False, True),
        (Pace(free={"C2": 5}), 4, Method.POST, False, True),
        (Pace(closed={"edit": 5}), 4, Method.EDIT, False, False),
        (Pace(closed={"edit": 5}), 4, Method.POST, False, True),
        (Pace(away=5), 4, Method.POST, False, False),
        (Pace(room=0.5), 0, Method.EDIT, False, False),
        (Pace(room=0.5), 0, Method.TELL, False, False),
        (Pace(room=0.5), 0, Method.POST, False, True),
        (Pace(room=0.5), 1, Method.EDIT, False, True),
        (Pace(room=KEPT_BACK), 0, Method.EDIT, True, False),
        (Pace(room=KEPT_BACK), 0, Method.EDIT, False, True),
    ],
)
def test_what_may_be_said_now(
    pace: Pace, now: float, method: Method, mere: bool, answer: bool
) -> None:
    assert may(pace, now, "C1", method, mere=mere) is answer


def test_the_room_for_edits_comes_back_but_never_grows_beyond_its_size() -> None:
    pace = Pace()
    for _ in range(int(BURST)):
        pace = spent(pace, 0.0, Method.EDIT)

    assert pace.left(0.0) == 0
    assert pace.left(1e6) == BURST


def test_a_limit_of_posts_is_the_channels_and_one_of_edits_everybodys() -> None:
    post, edit = (busy(Pace(), 0, "C1", each, 5) for each in (Method.POST, Method.EDIT))

    assert [may(post, 1, each, Method.POST) for each in ("C1", "C2")] == [False, True]
    assert [may(edit, 1, each, Method.EDIT) for each in ("C1", "C2")] == [False, False]
    assert may(edit, 1, "C1", Method.POST)


def test_an_answer_ends_the_silence() -> None:
    assert not may(away(Pace(), 0, 10), 5, "C1", Method.POST)
    assert may(answered(away(Pace(), 0, 10), 5, "C1", 1), 6, "C1", Method.POST)


def test_one_thing_is_said_in_each_channel_the_most_important_first() -> None:
    wants = [
        want("C1", Rank.PROGRESS, subject="a"),
        want("C1", Rank.NEWS, subject="b"),
        want("C2", Rank.THREAD, subject="c"),
        want("C2", Rank.PROGRESS, subject="d"),
        want("C3", subject="e"),
    ]

    chosen, _ = choose(0, wants, Pace(), {"C3"}, {})

    assert names(chosen) == ["b", "c"]


def test_when_there_is_little_room_the_channel_that_waited_longest_has_it() -> None:
    wants = [want(f"C{number}", subject=f"C{number}") for number in range(4)]
    served = {"C0": 4.0, "C1": 2.0, "C2": 1.0, "C3": 3.0}

    chosen, pace = choose(0, wants, Pace(room=2.0), (), served)

    assert names(chosen) == ["C2", "C1"]
    assert pace.left(0) == 0


def test_news_go_before_progress_in_any_channel() -> None:
    wants = [want("C1", Rank.PROGRESS, subject="p"), want("C2", Rank.NEWS, subject="n")]

    chosen, _ = choose(0, wants, Pace(room=KEPT_BACK + 1), (), {"C2": 9.0})

    assert names(chosen) == ["n"]


def followed(job: str, channel: str = "C1", at: float = 0.0) -> Followed:
    return Followed(job=job, place=Place(channel=channel), at=at)


@pytest.mark.parametrize(
    ("jobs", "asked", "together"),
    [
        (3, set(), [("j00",)]),
        (4, set(), [("j00", "j01", "j02", "j03")]),
        (4, {"j01"}, [("j01",), ("j00",)]),
        (5, {"j01"}, [("j01",), ("j00", "j02", "j03", "j04")]),
    ],
)
def test_more_than_may_stand_alone_stand_together(
    jobs: int, asked: set[str], together: list[tuple[str, ...]]
) -> None:
    waiting = [followed(f"j{number:02}") for number in range(jobs)]

    assert [each.jobs for each in first_messages(waiting, asked, alone=3)] == together


def test_a_message_holds_forty_jobs_of_one_place() -> None:
    waiting = [followed(f"j{n:03}", "C1" if n % 2 else "C2") for n in range(100)]

    sizes = {w.place.channel: len(w.jobs) for w in first_messages(waiting, (), alone=3)}

    assert sizes == {"C1": 40, "C2": 40}


CARD = Card(id="j1", place=Place(channel="C1"), jobs=(Told(job="j1"),))
OUT = Card(id="j1", place=Place(channel="C1"), jobs=(Told(job="j1"),), ts="1.0", shown=5)
ENDED = Progress(seq=5, state=State.SUCCESSFUL)


@pytest.mark.parametrize(
    ("card", "progress", "ranks"),
    [
        (CARD, Progress(seq=1), [Rank.FIRST]),
        (CARD, Progress(seq=2, state=State.WAITING, waits_for="approval"), [Rank.APPROVAL]),
        (OUT, Progress(seq=5), []),
        (OUT, Progress(seq=6), [Rank.PROGRESS]),
        (OUT, Progress(seq=6, failed=1), [Rank.NEWS]),
        (OUT, Progress(seq=6, state=State.SUCCESSFUL), [Rank.NEWS]),
        (OUT, Progress(seq=5, last_failure=4), [Rank.THREAD]),
    ],
)
def test_what_a_card_has_to_say(card: Card, progress: Progress, ranks: list[Rank]) -> None:
    wants = standing(card, {"j1": progress}, [Progress().news], 0.0)

    assert [each.rank for each in wants] == ranks


@pytest.mark.parametrize(
    ("card", "progress", "over"),
    [
        (OUT, ENDED, True),
        (CARD, ENDED, False),
        (OUT, Progress(seq=5, state=State.RUNNING), False),
        (OUT, Progress(seq=6, state=State.SUCCESSFUL), False),
        (OUT, Progress(seq=5, state=State.FAILED, last_failure=3), False),
        (telling(OUT, {}, 0.0, file=False), ENDED, False),
        (has_told(telling(OUT, {}, 0.0, file=True)), ENDED, False),
    ],
)
def test_a_card_is_over_when_all_of_it_is_out(card: Card, progress: Progress, over: bool) -> None:
    assert is_over(card, {"j1": progress}) is over
