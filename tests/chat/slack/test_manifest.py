"""The app's manifest: what is asked of Slack, and no more."""

import json
from pathlib import Path

import pytest
import yaml

from bootstrapper.chat.slack.manifest import SCOPES, as_yaml, manifest
from bootstrapper.cli.main import main
from bootstrapper.errors import Mistake
from bootstrapper.settings import Chat

PACKAGED = Path(__file__).parents[3] / "packaging/slack/manifest.yml"
URL = "https://chat.example.org/slack/events"


def test_the_packaged_one_is_that_of_the_defaults() -> None:
    assert PACKAGED.read_text() == as_yaml(manifest(Chat()))


def test_socket_mode_names_no_address() -> None:
    made = manifest(Chat(command="/fleet"))

    assert made["settings"]["socket_mode_enabled"]
    assert made["features"]["slash_commands"][0]["command"] == "/fleet"
    assert "url" not in as_yaml(made)


@pytest.mark.parametrize("url", [URL, "https://chat.example.org", "https://chat.example.org/"])
def test_http_mode_names_one_address_for_everything(url: str) -> None:
    made = manifest(Chat(mode="http"), url)

    assert not made["settings"]["socket_mode_enabled"]
    assert made["features"]["slash_commands"][0]["url"] == URL
    assert made["settings"]["event_subscriptions"]["request_url"] == URL
    assert made["settings"]["interactivity"] == {
        "is_enabled": True, "request_url": URL, "message_menu_options_url": URL
    }  # fmt: skip


@pytest.mark.parametrize("url", ["", "http://chat.example.org", "chat.example.org", "https://"])
def test_http_mode_needs_an_address_that_slack_takes(url: str) -> None:
    with pytest.raises(Mistake, match="https") as caught:
        manifest(Chat(mode="http"), url)

    assert caught.value.field == "--request-url"


def test_every_event_and_command_has_its_scope() -> None:
    made = manifest(Chat())

    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    assert {"app_mentions:read", "im:history", "commands"} <= set(SCOPES)
    assert made["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert all(why.startswith("to ") for why in SCOPES.values())


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", "manifest"]) == 0
    shown = yaml.safe_load(capsys.readouterr().out)

    assert main(["chat", "manifest", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == shown == manifest(Chat())
