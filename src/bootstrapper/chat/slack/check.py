"""Whether the tokens are there, are Slack's, and allow what the bot does. It changes nothing."""

from collections.abc import Callable, Iterator

import msgspec
from slack_sdk.web import SlackResponse

from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.slack.answers import answered
from bootstrapper.chat.slack.identity import Identity, identity
from bootstrapper.chat.slack.manifest import APP_SCOPES, SCOPES
from bootstrapper.chat.slack.voice import web_client
from bootstrapper.errors import Mistake
from bootstrapper.secret import read_secret_value
from bootstrapper.settings import Chat, Secret

BAD_TOKEN = {
    "account_inactive": "its app was removed from the workspace",
    "invalid_auth": "Slack does not know it",
    "not_authed": "Slack does not know it",
    "not_allowed_token_type": "it is a token of another kind",
    "token_expired": "it has expired",
    "token_revoked": "it was revoked",
}
BAD_CHANNEL = {
    "channel_not_found": "there is no such channel, or it is private and the bot is not in it",
    "not_in_channel": "the bot is not in it: /invite it there",
    "missing_scope": "the token may not read it: see the scopes",
}


class Finding(msgspec.Struct, frozen=True):
    """`place` is the setting, or the scope, that `text` is about."""

    place: str
    good: bool
    text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    good: bool
    mode: str
    bot: Identity | None
    findings: tuple[Finding, ...]


class Tokens(msgspec.Struct, frozen=True):
    """ "" for one that is missing, or that the mode does not need."""

    bot: str
    app: str
    signing: str


def check(settings: Chat) -> Report:
    """All that is missing at once. Raises Unavailable while Slack cannot be asked."""
    tokens, faults = read_tokens(settings)
    bot, found = check_bot(settings, tokens.bot) if tokens.bot else (None, ())
    findings = (*faults, *found)
    if tokens.app:
        findings += (check_app_token(settings, tokens.app),)
    if tokens.signing:
        findings += (Finding("chat.signing_secret", True, "is there"),)
    if settings.channel and bot:
        findings += (check_channel(settings, tokens.bot),)
    good = all(each.good for each in findings)
    return Report(good=good, mode=settings.mode, bot=bot, findings=findings)


def read_tokens(settings: Chat) -> tuple[Tokens, tuple[Finding, ...]]:
    """Those that the mode needs; the bot's token is always one of them."""
    wanted: tuple[tuple[str, Secret | None, str, bool], ...] = (
        ("chat.bot_token", settings.bot_token, "xoxb-", True),
        ("chat.app_token", settings.app_token, "xapp-", settings.mode == "socket"),
        ("chat.signing_secret", settings.signing_secret, "", settings.mode == "http"),
    )
    faults, values = [], []
    for place, secret, start, needed in wanted:
        value = ""
        if needed:
            try:
                value = read_token(place, secret, start)
            except Mistake as error:
                faults.append(Finding(place, False, str(error).removeprefix(f"{place}: ")))
        values.append(value)
    return Tokens(*values), tuple(faults)


def read_token(place: str, secret: Secret | None, start: str = "") -> str:
    """Raises Mistake where it is missing or of another kind, without telling what it is."""
    if secret is None:
        raise Mistake(f"{place}: is not set", field=place)
    value = read_secret_value(place, secret).strip()
    if not value:
        raise Mistake(f"{place}: is empty", field=place)
    if not value.startswith(start):
        raise Mistake(f"{place}: is no token of this kind, which begins with {start}", field=place)
    return value


def check_bot(settings: Chat, token: str) -> tuple[Identity | None, tuple[Finding, ...]]:
    try:
        with answered("auth.test"):
            answer = web_client(token, settings.api).auth_test()
    except SlackRefused as error:
        return None, (bad("chat.bot_token", error, BAD_TOKEN),)
    bot = identity(answer)
    known = Finding("chat.bot_token", True, f"is {bot.name} ({bot.user}) in {bot.team_name}")
    return bot, (known, *missing_scopes(answer))


def missing_scopes(answer: SlackResponse) -> Iterator[Finding]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = {each.strip() for each in str(headers.get("x-oauth-scopes", "")).split(",")}
    for scope, why in SCOPES.items():
        if scope not in given:
            yield Finding(scope, False, f"the bot's token lacks this scope, {why}")


def check_app_token(settings: Chat, token: str) -> Finding:
    scope, why = next(iter(APP_SCOPES.items()))
    refusals = {**BAD_TOKEN, "missing_scope": f"it lacks the scope {scope}, {why}"}

    def ask() -> SlackResponse:
        return web_client("", settings.api).apps_connections_open(app_token=token)

    return tried("chat.app_token", "apps.connections.open", ask, refusals, "opens connections")


def check_channel(settings: Chat, token: str) -> Finding:
    def ask() -> SlackResponse:
        web = web_client(token, settings.api)
        return web.conversations_history(channel=settings.channel, limit=1)

    good = f"the bot is in {settings.channel}"
    return tried("chat.channel", "conversations.history", ask, BAD_CHANNEL, good)


def tried(
    place: str, method: str, ask: Callable[[], SlackResponse], why: dict[str, str], good: str
) -> Finding:
    try:
        with answered(method):
            ask()
    except SlackRefused as error:
        return bad(place, error, why)
    except Busy as error:  # what else was found is worth telling
        return Finding(place, False, f"not checked: Slack asks to wait {error.seconds:g} s")
    return Finding(place, True, good)


def bad(place: str, error: SlackRefused, why: dict[str, str]) -> Finding:
    reason = why.get(error.word)
    return Finding(place, False, f"{reason} ({error.word})" if reason else str(error))
