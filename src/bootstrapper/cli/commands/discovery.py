"""Discovery URLs for new etcd clusters: discovery new, show, rm. They speak to the store."""

import os
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.connect import choose_url
from bootstrapper.cli.telling.lines import Line, Tone, clean
from bootstrapper.errors import Mistake

if TYPE_CHECKING:
    from bootstrapper.kv.store import Keys
    from bootstrapper.kv.v2.discovery import Token
    from bootstrapper.kv.v2.records import Places


def _new(session: Session) -> int:
    """The URL alone on stdout, so that `$(…)` hands it to --discovery and nothing else."""
    from bootstrapper.kv.v2.discovery import create, url_of

    store, places, folder = _where(session)
    token = create(store, places, folder, session.args.size)
    base = choose_url(session.args.url, os.environ, lambda: session.settings)
    url = url_of(base, folder, token)
    if session.out.json:
        session.out.data({"token": token, "size": session.args.size, "url": url})
        return 0
    session.out.text(f"{url}\n")
    if not session.settings.etcd2.enabled:
        session.out.note("nobody answers there until etcd2.enabled is set", Tone.BAD)
    return 0


def _show(session: Session) -> int:
    from bootstrapper.kv.v2.discovery import show

    session.out.show(show(*_where(session), session.args.token), _tell)
    return 0


def _rm(session: Session) -> int:
    from bootstrapper.kv.v2.discovery import remove

    remove(*_where(session), session.args.token)
    token = session.args.token
    session.out.done({"token": token}, f"{token} is removed; no member can join by it any more")
    return 0


def _tell(token: "Token") -> list[Line]:
    head = f"{token.token}: {len(token.members)} of {token.size} members"
    return [Line(head), *(Line(clean(f"  {each.id} {each.urls}")) for each in token.members)]


def _where(session: Session) -> "tuple[Keys, Places, str]":
    from bootstrapper.kv.open import open_store
    from bootstrapper.kv.v2.records import places

    settings = session.settings
    folder = session.args.prefix or settings.etcd2.discovery
    if not folder.startswith("/"):
        raise Mistake(f"a folder begins with /: did you mean /{folder}?", field="prefix")
    shown = places(settings.etcd2.prefix, (settings.fleet.prefix,))
    return open_store(settings), shown, folder


def _prefix(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--prefix", metavar="FOLDER", default="", help="the folder of tokens; else etcd2.discovery"
    )


def _new_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--size", type=int, default=3, help="members of the new cluster; else 3")
    _prefix(parser)


def _token(parser: ArgumentParser) -> None:
    parser.add_argument("token", metavar="TOKEN", help="the last part of the URL")
    _prefix(parser)


COMMANDS = (
    Command(
        name="discovery",
        summary="discovery URLs for new etcd clusters: new, show, rm",
        parts=(
            Command(name="new", summary="make one; it is printed", arguments=_new_arguments,
                    run=_new),
            Command(name="show", summary="who has come so far", arguments=_token, run=_show),
            Command(name="rm", summary="remove a token", arguments=_token, run=_rm),
        ),
    ),
)  # fmt: skip
