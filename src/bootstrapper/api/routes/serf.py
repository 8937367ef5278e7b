"""Nodes that have Serf and no Bootstrapper: the handler for them, and what it hands over."""

import time
from urllib.parse import parse_qsl

import msgspec

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.api.route import Answer, Call, Route
from bootstrapper.api.views import View
from bootstrapper.control.keys import keys_of
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Mistake
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.serf.handed import Handed, read_members
from bootstrapper.fleet.serf.saying import say
from bootstrapper.fleet.serf.script import script

FORM = "application/x-www-form-urlencoded"
FIELDS = 20


class SaidView(View, frozen=True, kw_only=True):
    """`members` were named; of `new` nothing later was known."""

    members: int
    new: int


def routes() -> list[Route]:
    return [
        Route(
            method="GET", path="/serf-handler.sh", name="getSerfHandler",
            summary="A handler of Serf's events that needs only curl", handler=_script,
            media="text/x-shellscript", public=True, group="fleet",
        ),
        Route(
            method="POST", path="/api/v1/fleet/serf-events", name="handOverSerfEvent",
            summary="What a handler of Serf's events was told (as JSON, or the script's form)",
            handler=_hand_over, body=Handed, raw=True, answer=SaidView, group="fleet",
        ),
    ]  # fmt: skip


def _script(parts: Parts, call: Call) -> Answer:
    text = script(parts.settings.api.url)
    return Answer(body=text.encode(), media="text/x-shellscript; charset=utf-8")


def _hand_over(parts: Parts, call: Call) -> Answer:
    form = call.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    handed = _read_form(call.body) if form else _read(call.body)
    names = tuple(dict.fromkeys(member.name for member in handed.members))
    authorize(parts, call.actor, "serf.write", "change", hosts=names)
    store, paths = keys_of(parts), Paths(parts.settings.fleet.prefix)
    new = say(store, paths, handed, time.time())
    return Answer(body=SaidView(members=len(names), new=new))


def _read(raw: bytes) -> Handed:
    try:
        return msgspec.json.decode(raw, type=Handed)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Mistake(f"the body is not JSON: {error}") from error


def _read_form(raw: bytes) -> Handed:
    """Bytes that are no text are shown as such: a tag that nobody can read hides no event."""
    try:
        pairs = parse_qsl(
            raw.decode("latin-1"), keep_blank_values=True, errors="backslashreplace",
            max_num_fields=FIELDS,
        )  # fmt: skip
    except ValueError as error:
        raise Mistake(f"the form cannot be read: {error}") from error
    form = dict(pairs)
    members = read_members(form.pop("members", ""))
    try:
        return msgspec.convert({**form, "members": members}, Handed, strict=False)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error
