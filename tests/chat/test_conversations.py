"""Conversations: who says what where, what the bot answers, and which job was accepted as whom."""

import pytest

from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from support.conversation import Talk, shown


@pytest.fixture
def before(talk: Talk) -> int:
    """How many jobs there were."""
    return len(talk.jobs())


def waiting(talk: Talk) -> Job:
    """A new job of ann's that only eve may approve."""
    talk.says(talk.ann, "role hello web-1 prod")
    assert talk.job().state is State.WAITING
    return talk.job()


# — the conversations of 2015 —


@pytest.mark.parametrize(
    ("text", "action", "rule", "hosts"),
    [
        ("codeupdate v1.2 staging", "update-code", "rollouts", ("stage-1", "stage-2")),
        ("adhoc staging stage-1 ping", "run-module", "pings", ("stage-1",)),
    ],
)
def test_it_is_accepted_as_who_said_it(
    talk: Talk, text: str, action: str, rule: str, hosts: tuple[str, ...]
) -> None:
    talk.says(talk.ann, text)

    spec = talk.job().spec
    assert (spec.action, spec.env, spec.hosts) == (action, "staging", hosts)
    assert (spec.actor, spec.via, spec.channel) == ("user:ann", "chat", talk.ops)
    assert spec.rule == rule
    assert [place.channel for place in talk.cards.places(spec.id)] == [talk.ops]
    assert talk.audited(action).job == spec.id


@pytest.mark.parametrize(
    ("who", "where", "text", "words"),
    [
        pytest.param("bob", "ops", "codeupdate v1.2 staging",
                     "no rule allows user:bob update-code in staging; "
                     "members of ops could, by rule 'rollouts'", id="user"),
        pytest.param("ann", "lobby", "codeupdate v1.2 staging",
                     "no rule allows user:ann update-code in staging", id="channel"),
        pytest.param("ann", "ops", "codeupdate v1.2 prod",
                     "no rule allows user:ann update-code in prod", id="env"),
        pytest.param("ann", "ops", "codeupdate nightly staging",
                     "no rule allows user:ann update-code in staging", id="tag"),
        pytest.param("ann", "ops", "adhoc prod web-1 ping",
                     "no rule allows user:ann run-module in prod", id="host"),
        pytest.param("ann", "ops", "adhoc staging stage-1 command id",
                     "no rule allows user:ann run-module in staging", id="module"),
        pytest.param("carl", "ops", "codeupdate v1.2 staging",
                     'slack = ["U', id="stranger"),
    ],
)  # fmt: skip
def test_a_no_says_which_rule_and_who_could(
    talk: Talk, before: int, who: str, where: str, text: str, words: str
) -> None:
    user = getattr(talk, who)
    said = talk.says(user, text, getattr(talk, where))

    assert ":no_entry:" in talk.whisper(user)
    assert words in talk.whisper(user)
    assert len(talk.jobs()) == before
    assert talk.slack.thread(said.ts) == []


def test_a_no_is_audited(talk: Talk) -> None:
    talk.says(talk.ann, "codeupdate v9 prod")

    entry = talk.audited("update-code")
    assert (entry.actor, entry.via, entry.env, entry.effect) == (
        "user:ann", "chat", "prod", "deny",
    )  # fmt: skip


# — strangers —


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("jobs", "jobs.list"),
        ("lock staging", "locks.write"),
        ("role hello web-1", "apply-roles"),
        ("run", "actions.run"),
        ("!note what any actor may write", "chat"),
        ("gibberish", "chat"),
    ],
)
def test_a_stranger_may_do_nothing_however_wide_a_rule_is(
    talk: Talk, before: int, text: str, action: str
) -> None:
    talk.says(talk.carl, text)

    assert f"the policy knows no user with the chat id {talk.carl}" in talk.whisper(talk.carl)
    entry = talk.audited(action)
    assert (entry.actor, entry.effect) == (f"slack:{talk.carl}", "deny")
    assert entry.reason == "no user of the policy has this chat id"
    assert len(talk.jobs()) == before


def test_a_stranger_is_told_who_they_are(talk: Talk) -> None:
    talk.says(talk.carl, "whoami")

    told = talk.whisper(talk.carl)
    assert f"*slack:{talk.carl}*" in told
    assert f'[users.&lt;name&gt;] slack = ["{talk.carl}"]' in told


# — who, and what —


def test_who_am_i(talk: Talk) -> None:
    talk.says(talk.ann, "whoami")

    told = talk.whisper(talk.ann)
    assert "*user:ann*" in told
    assert "Groups: ops" in told
    assert f"`{talk.ops}`, which the policy calls *ops*" in told
    assert "`codeupdate`" in told


def test_help_shows_only_what_one_may_say_here(talk: Talk) -> None:
    talk.says(talk.ann, "help")
    anns = talk.whisper(talk.ann)
    talk.says(talk.ann, "help", talk.lobby)
    elsewhere = talk.whisper(talk.ann)
    talk.says(talk.bob, "help")
    bobs = talk.whisper(talk.bob)

    assert "`codeupdate &lt;tags&gt; [env]`" in anns
    assert "`lock " in anns
    assert "`approve" not in anns
    assert "!note" in anns
    assert "codeupdate" not in elsewhere
    assert "`jobs" in bobs
    assert "`lock " not in bobs
    assert "codeupdate" not in bobs


def test_help_with_one_word(talk: Talk) -> None:
    talk.says(talk.ann, "help codeupdate")

    assert "`env` the environment" in talk.whisper(talk.ann)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("codeupdat v1.2 staging", "did you mean 'codeupdate'? Say `help`"),
        ("xyzzy", "no command 'xyzzy'. Say `help`"),
        ("codeupdate", "tags is missing"),
        ("role nonesuch web-1 prod", "nonesuch"),
        ("job 000000", "'000000' is the id of no job"),
    ],
)
def test_a_mistake_is_told_to_who_made_it(talk: Talk, text: str, words: str) -> None:
    talk.says(talk.ann, text)

    assert words in talk.whisper(talk.ann)


def test_what_a_plugin_answers_to_words_that_are_no_order(talk: Talk) -> None:
    said = talk.says(talk.ann, "!note the disk is full")

    assert talk.reply(said) == "noted by user:ann"


# — jobs in words —


def test_the_newest_jobs_below_the_question(talk: Talk) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    said = talk.says(talk.bob, "jobs env=staging")

    told = talk.reply(said)
    assert f"`{talk.job().id[-8:]}` *apply-roles roles=hello*" in told
    assert "prod" not in told


def test_a_card_for_a_job_that_is_asked_for(talk: Talk) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    job = talk.job()
    talk.says(talk.bob, f"job {job.id[-8:]}", talk.lobby)

    assert [place.channel for place in talk.cards.places(job.id)] == [talk.ops, talk.lobby]


def test_a_log_is_a_file_below_the_question(talk: Talk) -> None:
    job = waiting(talk)
    said = talk.says(talk.ann, f"log {job.id}")

    file = talk.slack.files[-1]
    assert (file.name, file.channel, file.thread) == (f"{job.id}.log", talk.ops, said.ts)
    assert b"queued by user:ann via chat" in (file.content or b"")


def test_a_job_is_canceled_in_words(talk: Talk) -> None:
    job = waiting(talk)
    said = talk.says(talk.ann, f"cancel {job.id}")

    assert talk.job().reason == "canceled by user:ann"
    assert "canceled by user:ann" in talk.reply(said)


def test_a_job_is_run_again_as_who_asks_now(talk: Talk) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    first = talk.job()
    talk.says(talk.bob, f"rerun {first.id}")
    assert "no rule allows user:bob apply-roles" in talk.whisper(talk.bob)

    talk.says(talk.eve, f"rerun {first.id}")
    assert (talk.job().spec.actor, talk.job().spec.rerun_of) == ("user:eve", first.id)


def test_a_lock_and_who_holds_it(talk: Talk) -> None:
    said = talk.says(talk.ann, "lock staging --reason the disk is full")
    assert "`env:staging` is held by user:ann (the disk is full)" in talk.reply(said)

    talk.says(talk.eve, "lock staging --reason mine")
    assert "held already, by user:ann" in talk.whisper(talk.eve)

    said = talk.says(talk.eve, "unlock staging")
    assert "`env:staging` is free: user:ann held it" in talk.reply(said)


def test_the_same_lock_again_is_no_error(talk: Talk) -> None:
    with talk.slack.twice():
        talk.says(talk.ann, "lock name:twice --reason both deliveries")
    said = talk.says(talk.ann, "lock name:twice --reason both deliveries")

    assert "`name:twice` is held by user:ann (both deliveries)" in talk.reply(said)
    talk.says(talk.ann, "unlock name:twice")


def test_nodes_and_why(talk: Talk) -> None:
    said = talk.says(talk.ann, "nodes")
    assert talk.reply(said) == "No nodes are alive there."

    talk.says(talk.ann, "why nonesuch")
    assert "nothing is called 'nonesuch'" in talk.whisper(talk.ann)


# — approvals —


def test_the_asker_and_who_is_in_no_such_group_may_not_approve(talk: Talk) -> None:
    job = waiting(talk)
    talk.says(talk.ann, f"approve {job.id}")
    assert "nobody approves what they asked for themselves" in talk.whisper(talk.ann)
    assert "by rule 'prod-roles'" in talk.whisper(talk.ann)

    talk.says(talk.bob, f"approve {job.id}")
    assert "only members of approvers may" in talk.whisper(talk.bob)
    assert talk.job().state is State.WAITING
    assert talk.audited("jobs.approve").effect == "deny"


def test_an_approval_in_words(talk: Talk) -> None:
    job = waiting(talk)
    said = talk.says(talk.eve, f"approve {job.id}")

    assert talk.job().state is State.PENDING
    assert "is approved by user:eve" in talk.reply(said)


def test_an_approval_that_comes_twice_is_no_error(talk: Talk) -> None:
    job = waiting(talk)
    with talk.slack.twice():
        talk.says(talk.eve, f"approve {job.id}")
    said = talk.says(talk.eve, f"approve {job.id}")

    assert "is approved by user:eve" in talk.reply(said)


def test_a_rejection_has_a_reason(talk: Talk) -> None:
    job = waiting(talk)
    talk.says(talk.eve, f"reject {job.id} not on a Friday")

    assert (talk.job().state, talk.job().reason) == (
        State.CANCELED, "rejected by user:eve: not on a Friday",
    )  # fmt: skip


# — slash commands and direct messages —


def test_a_slash_command_is_answered_to_its_person_alone(talk: Talk) -> None:
    said = len(talk.slack.said(talk.ops))
    talk.commands(talk.ann, "jobs")

    assert "The newest" in talk.whisper(talk.ann)
    assert len(talk.slack.said(talk.ops)) == said


def test_a_slash_command_where_the_bot_is_not(talk: Talk) -> None:
    talk.commands(talk.ann, "codeupdate v1 prod", talk.secret)

    assert ":no_entry:" in talk.whisper(talk.ann)


def test_the_log_of_a_slash_command_goes_to_its_person(talk: Talk) -> None:
    job = waiting(talk)
    talk.commands(talk.ann, f"log {job.id}")

    assert talk.slack.files[-1].channel == talk.direct


def test_a_direct_message_is_judged_as_one(talk: Talk) -> None:
    talk.slack.says(talk.ann, talk.direct, "adhoc staging stage-2 ping")
    talk.idle()
    assert (talk.job().spec.channel, talk.job().spec.rule) == ("direct", "pings")

    talk.slack.says(talk.ann, talk.direct, "codeupdate v1 staging")
    talk.idle()
    assert "no rule allows" in shown(talk.slack.said(talk.direct)[-1])


# — once —


def test_what_is_delivered_twice_starts_one_job(talk: Talk, before: int) -> None:
    with talk.slack.twice():
        talk.says(talk.ann, "role hello stage-1 staging not_before=2h")

    assert len(talk.jobs()) == before + 1


# — forms —


def test_a_form_is_opened_filled_in_and_judged_by_where_it_was_opened(
    talk: Talk, before: int
) -> None:
    talk.commands(talk.ann, "run codeupdate")
    view = talk.slack.opened(talk.ann)[-1]
    assert talk.slack.fills(talk.ann, view, {"tags": "v3", "env": "staging"}) == {}
    talk.idle()

    spec = talk.job().spec
    assert (spec.actor, spec.channel, spec.rule) == ("user:ann", talk.ops, "rollouts")
    assert [place.channel for place in talk.cards.places(spec.id)] == [talk.ops]
    assert len(talk.jobs()) == before + 1


def test_a_form_for_what_one_may_not_do_here_is_not_opened(talk: Talk) -> None:
    talk.commands(talk.ann, "run codeupdate", talk.lobby)

    assert talk.slack.opened(talk.ann) == []
    assert "no rule allows user:ann update-code" in talk.whisper(talk.ann)


def test_the_menus_of_a_form_hold_what_one_may_choose(talk: Talk) -> None:
    talk.commands(talk.ann, "run adhoc")
    view = talk.slack.opened(talk.ann)[-1]
    talk.slack.dismisses(talk.ann, view)

    blocks = {block["block_id"]: block for block in view.body["blocks"] if "element" in block}
    hosts = [each["value"] for each in blocks["hosts"]["element"]["options"]]
    assert "stage-1" in hosts
    assert "web-1" not in hosts


def test_a_form_after_a_mention_needs_a_click_first(talk: Talk) -> None:
    talk.says(talk.ann, "run codeupdate")
    talk.clicks(talk.ann, talk.slack.whispers(talk.ann)[-1], "form.open")

    view = talk.slack.opened(talk.ann)[-1]
    assert view.callback_id == "run:update-code"
    talk.slack.dismisses(talk.ann, view)


def test_the_form_that_asks_which_leads_to_the_one_of_that(talk: Talk) -> None:
    talk.commands(talk.ann, "run")
    talk.slack.fills(talk.ann, talk.slack.opened(talk.ann)[-1], {"action": "update-code"})
    talk.idle()

    view = talk.slack.opened(talk.ann)[-1]
    assert view.callback_id == "run:update-code"
    talk.slack.dismisses(talk.ann, view)


def test_a_wrong_field_of_a_form_is_told_at_once(talk: Talk) -> None:
    talk.commands(talk.ann, "run adhoc")
    view = talk.slack.opened(talk.ann)[-1]
    answer = talk.slack.fills(
        talk.ann, view, {"hosts": ["stage-1"], "module": "ping", "extra_vars": "no pair"}
    )

    assert list(answer["errors"]) == ["extra_vars"]
    talk.slack.dismisses(talk.ann, view)
