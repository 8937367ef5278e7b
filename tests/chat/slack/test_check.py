"""`chat check`: everything that is missing, at once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.chat.slack.check import Finding, Report, check
from bootstrapper.chat.slack.manifest import SCOPES
from bootstrapper.cli.main import main
from bootstrapper.errors import Unavailable
from bootstrapper.settings import Chat, Secret
from support.slack import FakeSlack


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack().start()
    made.limits.off()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def tokens(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.token(slack.bot_token, *SCOPES)
    slack.token(slack.app_token, "connections:write", kind="app")
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", slack.signing_secret)


def missing(report: Report) -> dict[str, str]:
    return {each.place: each.text for each in report.findings if not each.good}


@pytest.mark.parametrize(
    ("mode", "places"),
    [
        ("socket", ["chat.bot_token", "chat.app_token", "chat.channel"]),
        ("http", ["chat.bot_token", "chat.signing_secret", "chat.channel"]),
    ],
)
def test_all_is_well(slack: FakeSlack, ops: str, mode: Any, places: list[str]) -> None:
    report = check(Chat(api=slack.api, mode=mode, channel=ops))

    assert report.good
    assert [each.place for each in report.findings] == places
    assert report.findings[0] == Finding(
        "chat.bot_token", True, "is bootstrapper (UBOT00001) in Tests"
    )


def test_a_channel_need_not_be_named(slack: FakeSlack) -> None:
    assert check(Chat(api=slack.api)).good


def test_everything_that_is_missing_is_told_at_once(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, ann: str
) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    slack.token(slack.bot_token, *set(SCOPES) - {"files:write", "im:write"})
    elsewhere = slack.channel("elsewhere", ann, bot=False)

    report = check(Chat(api=slack.api, channel=elsewhere))

    assert not report.good
    assert set(missing(report)) == {"chat.app_token", "files:write", "im:write", "chat.channel"}
    assert "SLACK_APP_TOKEN is not set" in missing(report)["chat.app_token"]
    assert "long output as a file" in missing(report)["files:write"]
    assert "/invite" in missing(report)["chat.channel"]


@pytest.mark.parametrize(
    ("name", "value", "place", "text"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "chat.bot_token", "does not know it (invalid_auth)"),
        ("SLACK_BOT_TOKEN", "xoxp-a-persons", "chat.bot_token", "begins with xoxb-"),
        ("SLACK_BOT_TOKEN", "", "chat.bot_token", "is empty"),
        ("SLACK_APP_TOKEN", "xapp-wrong", "chat.app_token", "does not know it (invalid_auth)"),
        ("SLACK_APP_TOKEN", "xoxb-bot-of-the-tests", "chat.app_token", "begins with xapp-"),
    ],
)
def test_a_token_that_is_none(
    slack: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    place: str,
    text: str,
) -> None:
    monkeypatch.setenv(name, value)

    found = missing(check(Chat(api=slack.api)))

    assert list(found) == [place]
    assert text in found[place]
    assert not value or value not in found[place]


def test_a_revoked_token(slack: FakeSlack) -> None:
    slack.revoke(slack.bot_token)

    assert missing(check(Chat(api=slack.api))) == {
        "chat.bot_token": "it was revoked (token_revoked)"
    }


def test_an_app_token_without_its_scope(slack: FakeSlack) -> None:
    slack.token(slack.app_token, kind="app")

    assert "connections:write" in missing(check(Chat(api=slack.api)))["chat.app_token"]


def test_http_mode_needs_the_signing_secret_and_no_app_token(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    monkeypatch.delenv("SLACK_SIGNING_SECRET")

    assert list(missing(check(Chat(api=slack.api, mode="http")))) == ["chat.signing_secret"]


def test_a_secret_of_a_file_and_one_that_is_not_set(slack: FakeSlack, tmp_path: Path) -> None:
    (tmp_path / "bot").write_text(slack.bot_token + "\n")
    chat = Chat(api=slack.api, bot_token=Secret(file=str(tmp_path / "bot")), app_token=None)

    assert missing(check(chat)) == {"chat.app_token": "is not set"}


def test_what_slack_wants_to_wait_for_hides_nothing_else(slack: FakeSlack) -> None:
    slack.limits.refuse("apps.connections.open", 40)

    report = check(Chat(api=slack.api, channel="C0NONE"))

    assert missing(report)["chat.app_token"] == "not checked: Slack asks to wait 40 s"
    assert "no such channel" in missing(report)["chat.channel"]


def test_an_unknown_channel(slack: FakeSlack) -> None:
    found = missing(check(Chat(api=slack.api, channel="C0UNKNOWN")))

    assert "channel_not_found" in found["chat.channel"]


def test_a_slack_that_is_away_is_not_called_a_mistake(slack: FakeSlack) -> None:
    slack.away()

    with pytest.raises(Unavailable):
        check(Chat(api=slack.api))
    slack.back()


# — the command —


@pytest.fixture
def settings(slack: FakeSlack, tmp_path: Path) -> str:
    file = tmp_path / "bootstrapper.toml"
    file.write_text(f'[chat]\napi = "{slack.api}"\n')
    return str(file)


def test_the_command_says_what_is_missing_and_ends_with_2(
    slack: FakeSlack, settings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--settings", settings, "chat", "check"]) == 0
    assert "ok       chat.bot_token: is bootstrapper" in capsys.readouterr().out

    slack.revoke(slack.bot_token)

    assert main(["--settings", settings, "chat", "check"]) == 2
    told = capsys.readouterr().out
    assert "missing  chat.bot_token: it was revoked (token_revoked)" in told
    assert slack.bot_token not in told


def test_the_command_in_json(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--settings", settings, "chat", "check", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["good"], told["mode"], told["bot"]["team"]) == (True, "socket", "TTEAM0001")


@pytest.mark.parametrize("words", [["chat"], ["chat", "check"]])
def test_without_the_extra_it_is_named(words: list[str]) -> None:
    without = (
        "import sys; sys.modules['slack_sdk'] = sys.modules['slack_bolt'] = None\n"
        "from bootstrapper.cli.main import main\n"
        f"sys.exit(main({words}))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", without], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert 'pip install "bootstrapper[chat]"' in ended.stderr
