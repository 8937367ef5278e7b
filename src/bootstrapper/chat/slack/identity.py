"""Who the bot is, as auth.test tells it."""

import msgspec
from slack_sdk.web import SlackResponse


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Its user (`U…`) and bot (`B…`), in the workspace `team` (`T…`) at `url`."""

    user: str
    bot: str
    team: str
    url: str = ""
    name: str = ""
    team_name: str = ""


def identity(answer: SlackResponse) -> Identity:
    return Identity(
        user=answer.get("user_id") or "",
        bot=answer.get("bot_id") or "",
        team=answer.get("team_id") or "",
        url=answer.get("url") or "",
        name=answer.get("user") or "",
        team_name=answer.get("team") or "",
    )
