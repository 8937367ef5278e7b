"""A message in words."""

from bootstrapper.notify.group import Ended, Why
from bootstrapper.notify.wording import MOST, lines_of, one_line, text_of, title_of
from support.notices import a_fact, a_notice, a_sending, an_end


def test_one_notice() -> None:
    sending = a_sending(
        a_notice(text="job failed: web on web1", link="https://x/jobs/1"),
        labels=(("type", "job_failed"), ("env", "prod"), ("cluster", "")),
    )

    assert title_of(sending) == "[error] job failed (prod)"
    assert text_of(sending) == "job failed: web on web1 <https://x/jobs/1>"


def test_several_are_counted_by_their_type() -> None:
    sending = a_sending(
        a_notice(), a_notice(severity="critical"), a_fact(), more={"node_joined": 2}
    )

    assert title_of(sending) == "[critical] 2 × job failed, 3 × member joined"


def test_what_is_over_says_what_ended_it() -> None:
    failure = a_notice(subject="job:web")
    sending = a_sending(ended=(Ended(notice=failure, by=an_end(failure, text="it went well")),))

    assert title_of(sending) == "[over] job failed"
    assert text_of(sending) == "over: job failed, job:web: it went well"


def test_what_is_told_again_says_so() -> None:
    assert title_of(a_sending(a_notice(), why=Why.REPEAT)) == "[error] still: job failed"


def test_a_digest_lists_the_first_and_counts_the_rest() -> None:
    notices = [a_fact(subject=f"node:{n}") for n in range(5)]

    lines = lines_of(a_sending(*notices, a_notice(), digest=2, more={"node_left": 7}))

    assert [line.mood for line in lines] == ["info", "info", "more"]
    assert lines[-1].text == "and 11 more: 3 × member joined, job failed, 7 × member left"


def test_a_subject_that_the_text_does_not_name_is_named() -> None:
    [line] = lines_of(a_sending(a_notice("disk_full", "disk:/var", text="98 % are used")))

    assert line.text == "disk:/var: 98 % are used"


def test_nothing_begins_a_line_of_its_own() -> None:
    sending = a_sending(a_notice(text="a\r\nBcc: all@example.org\n\x1b[2J\u2028b"))

    assert "\n" not in text_of(sending)
    assert one_line("a\r\nb\x1b[c") == "a b [c"
    assert len(one_line("a" * 10_000)) == MOST
