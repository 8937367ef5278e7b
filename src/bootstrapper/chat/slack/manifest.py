"""The Slack app that the bot is: what it may do, what it hears, where Slack reaches it.

https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from bootstrapper.errors import Mistake
from bootstrapper.settings import Chat

SCOPES = {
    "app_mentions:read": "to hear who mentions the bot in a channel",
    "channels:history": "to find its own messages again in public channels it is in",
    "chat:write": "to answer, and to edit what it has said",
    "commands": "to offer the slash command",
    "files:write": "to give long output as a file",
    "groups:history": "to find its own messages again in private channels it is in",
    "im:history": "to hear direct messages, and to find its own there",
    "im:write": "to begin a direct message to somebody who is to be told",
    "mpim:history": "to find its own messages again in group conversations it is in",
}
"""What the bot's token must allow, and why. Who somebody is need not be asked: an id is enough."""

APP_SCOPES = {"connections:write": "to open the connection of Socket Mode"}
EVENTS = ("app_mention", "message.im")
NAME = "Bootstrapper"
DESCRIPTION = "Runs the fleet from Slack, as the person who asks."
PATH = "/slack/events"


def manifest(settings: Chat, url: str = "") -> dict[str, Any]:
    """`url`: where Slack reaches the bot in HTTP mode, https://…, with or without the path."""
    request = request_url(settings, url)
    where = {"request_url": request} if request else {}
    looked_up = {"message_menu_options_url": request} if request else {}
    command = {
        "command": settings.command,
        **({"url": request} if request else {}),
        "description": "Run roles, modules and code updates; ask about jobs and nodes",
        "usage_hint": "help",
        "should_escape": True,
    }
    return {
        "display_information": {"name": NAME, "description": DESCRIPTION},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME.lower(), "always_online": False},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where, **looked_up},
            "org_deploy_enabled": False,
            "socket_mode_enabled": settings.mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def request_url(settings: Chat, url: str) -> str:
    if settings.mode == "socket":
        return ""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Mistake(
            "in HTTP mode Slack must be told an https:// URL of the bot", field="--request-url"
        )
    return url if parts.path.strip("/") else f"https://{parts.netloc}{PATH}"


def as_yaml(made: Mapping[str, Any]) -> str:
    return str(yaml.safe_dump(dict(made), sort_keys=False, allow_unicode=True, width=100))
