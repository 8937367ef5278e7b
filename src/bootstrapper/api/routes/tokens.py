"""API tokens: made, listed, taken back. The secret is shown once."""

from datetime import timedelta
from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Route
from bootstrapper.api.views import View
from bootstrapper.clock import from_text, utc_now
from bootstrapper.control.brakes import text_of
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Mistake
from bootstrapper.policy.limits import seconds_from
from bootstrapper.policy.tokens import Token


class TokenView(View, frozen=True, kw_only=True):
    id: str
    name: str
    actor: str
    created: str
    expires: str
    used: str


class TokensView(View, frozen=True, kw_only=True):
    tokens: tuple[TokenView, ...]


class NewToken(View, frozen=True, kw_only=True):
    """`actor`: whose authority it has, `token:<name>` when empty; `expires`: RFC 3339 or `30d`."""

    name: Name
    actor: Annotated[str, Meta(max_length=200)] = ""
    expires: Annotated[str, Meta(max_length=40)] = ""


class MadeToken(View, frozen=True, kw_only=True):
    token: str
    id: str
    name: str
    actor: str
    expires: str


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler,
            group="tokens", **more,
        )  # fmt: skip

    base = "/api/v1/tokens"
    return [
        route("GET", base, "listTokens", "Tokens, without their secrets", _list,
              answer=TokensView),
        route("POST", base, "createToken", "A new token: its secret is shown once", _create,
              body=NewToken, answer=MadeToken, status=201),
        route("DELETE", base + "/{id}", "revokeToken", "Take one back, by id or name", _revoke,
              status=204),
    ]  # fmt: skip


def _list(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "tokens.read", "read")
    return Answer(body=TokensView(tokens=tuple(map(_view, parts.tokens.list()))))


def _view(token: Token) -> TokenView:
    return TokenView(
        id=token.id, name=token.name, actor=token.actor, created=text_of(token.created),
        expires=text_of(token.expires), used=text_of(token.used),
    )  # fmt: skip


def _create(parts: Parts, call: Call) -> Answer:
    """Who may make tokens may act as anybody: a rule for `tokens.write` is a rule for owners."""
    authorize(parts, call.actor, "tokens.write", "destructive")
    now, text = utc_now(), call.body.expires
    expires = None
    if text and text[-1] in "smhd" and text[:-1].isdigit():
        expires = now + timedelta(seconds=seconds_from(text))
    elif text:
        expires = from_text(text, field="expires")
    if expires and expires <= now:
        raise Mistake("that time is over already", field="expires")
    token, secret = parts.tokens.create(
        call.body.name, actor=call.body.actor or None, expires=expires, now=now
    )
    made = MadeToken(
        token=secret, id=token.id, name=token.name, actor=token.actor,
        expires=text_of(token.expires),
    )  # fmt: skip
    return Answer(body=made, status=201)


def _revoke(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "tokens.write", "destructive")
    parts.tokens.revoke(call.path["id"])
    return Answer(status=204)
