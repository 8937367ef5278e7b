"""The settings of notifications: read whole, and all faults told at once."""

from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.settings import Settings, load
from bootstrapper.windows import Window

SMTP = '[notify.smtp]\nhost = "127.0.0.1"\nsender = "ops@example.org"\n'
WHOLE = (
    SMTP
    + """
[[notify.receivers]]
name = "ops"
slack = "C0123ABCDEF"

[[notify.receivers]]
name = "hook"
webhook = "https://hooks.example.org/a"
secret = { env = "HOOK" }

[[notify.receivers]]
name = "mail"
email = ["ops@example.org"]

[[notify.rules]]
name = "nights"
types = ["job_*"]
receivers = ["ops", "mail"]
group_by = ["env"]
quiet = [{ days = ["sat", "sun"], from = "22:00", to = "07:00", zone = "Europe/Berlin" }]
continue = true
"""
)


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "bootstrapper.toml"
    file.write_text(text)
    return load(file, {})


def test_all_of_it(tmp_path: Path) -> None:
    notify = read(tmp_path, WHOLE).notify

    assert [(each.name, each.kind) for each in notify.receivers] == [
        ("ops", "slack"), ("hook", "webhook"), ("mail", "email"),
    ]  # fmt: skip
    [rule] = notify.rules
    assert rule.go_on
    assert [hours.window for hours in rule.quiet] == [
        Window(days=("sat", "sun"), start=22 * 60, end=7 * 60, zone="Europe/Berlin")
    ]


RECEIVER = '[[notify.receivers]]\nname = "ops"\n'
HOOK = f'{RECEIVER}webhook = "http://x/"\n'


def rule(line: str) -> str:
    return f'{HOOK}[[notify.rules]]\nname = "all"\nreceivers = ["ops"]\n{line}\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RECEIVER, "notify.receivers[0]: name exactly one of slack, webhook, email, apprise"),
        (HOOK + 'slack = "C0123ABCDEF"', "notify.receivers[0]: name exactly one of"),
        (HOOK + HOOK, "notify.receivers: 2 are called 'ops'"),
        (RECEIVER + 'slack = "#ops"', "notify.receivers[0].slack: '#ops' is no id"),
        (RECEIVER + 'webhook = "ftp://x/"', "notify.receivers[0].webhook: an http:// or"),
        (RECEIVER + 'webhook = "http://[x/"', "notify.receivers[0].webhook: an http:// or"),
        (RECEIVER + 'email = ["a@b"]', "notify.receivers[0].email: no mail server"),
        (SMTP + RECEIVER + 'email = ["a@b\\n"]', "notify.receivers[0].email: 'a@b\\n' is no"),
        (RECEIVER + 'emial = ["a"]', "notify.receivers[0].emial: no such setting; email?"),
        ('[[notify.receivers]]\nslack = "C0123ABCDEF"', "notify.receivers[0].name: is missing"),
        (rule('receivers_ = ["a"]'), "notify.rules[0].receivers_: no such setting; receivers?"),
        (rule("group_wait = -1"), "notify.rules[0].group_wait: "),
        (rule("repeat = inf"), "notify.rules[0].repeat: "),
        (rule("group_interval = 1e12"), "notify.rules[0].group_interval: "),
        (SMTP + RECEIVER + 'email = ["a..b@c"]', "notify.receivers[0].email: 'a..b@c' is no"),
        (SMTP + RECEIVER + 'email = ["a@b..c"]', "notify.receivers[0].email: 'a@b..c' is no"),
        (rule('least = "bad"'), "notify.rules[0].least: "),
        (rule('types = [""]'), "notify.rules[0].types: an empty pattern fits nothing"),
        (rule('quiet = [{ from = "25:00" }]'), "notify.rules[0].quiet[0].from: '25:00' is no time"),
        (rule('quiet = [{ from = "9:00" }]'), "notify.rules[0].quiet[0].from: '9:00' is no time"),
        (rule('quiet = [{ from = "07:00", to = "07:00" }]'), "notify.rules[0].quiet[0].to: the h"),
        (rule('quiet = [{ zone = "Mars" }]'), "notify.rules[0].quiet[0].zone: 'Mars' is no IANA"),
        (rule('quiet = [{ days = ["monday"] }]'), "notify.rules[0].quiet[0].days: "),
        ('[notify.smtp]\nhost = "x"', "notify.smtp.sender: '' is no address"),
        (SMTP + 'username = "x"', "notify.smtp: username and password go together"),
    ],
)
def test_a_fault_says_where_it_is(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(Mistake) as caught:
        read(tmp_path, text)

    assert fault in str(caught.value)


def test_an_unknown_receiver_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = HOOK + '[[notify.rules]]\nname = "all"\nreceivers = ["opps"]\n'

    with pytest.raises(Mistake) as caught:
        read(tmp_path, text)

    assert "notify.rules[0].receivers: no receiver 'opps' below [[notify.receivers]]; ops?" in str(
        caught.value
    )


def test_all_faults_of_all_rows_are_told_at_once(tmp_path: Path) -> None:
    text = f'{RECEIVER}[[notify.receivers]]\nname = 1\n{rule("")}least = "x"\ndigest = 0\n'

    with pytest.raises(Mistake) as caught:
        read(tmp_path, text)

    told = str(caught.value)
    for place in ("receivers[0]:", "receivers[1].name", "rules[0].least", "rules[0].digest"):
        assert place in told
