"""Tokens of the API: token create, list, revoke."""

from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.site import tell_tokens
from bootstrapper.cli.values import moment


def _create(session: Session) -> int:
    """The token alone on stdout, so that `> file` keeps it and nothing else."""
    args = session.args
    token = session.client.create_token(args.name, actor=args.actor, expires=args.expires)
    if session.out.json:
        session.out.data(token)
        return 0
    session.out.text(f"{token.token}\n")
    session.out.note(f"{token.name} acts as {token.actor}; the token is not shown again")
    return 0


def _list(session: Session) -> int:
    session.out.show(session.client.tokens(), tell_tokens)
    return 0


def _revoke(session: Session) -> int:
    session.client.revoke_token(session.args.name)
    session.out.done({"name": session.args.name}, f"{session.args.name} is revoked")
    return 0


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--actor", default="", help="who its bearer is; else token:NAME")
    parser.add_argument(
        "--expires", metavar="TIME", type=moment, default="", help="RFC 3339, or from now: 30d"
    )


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="its name or id")


COMMANDS = (
    Command(
        name="token",
        summary="tokens of the API: create, list, revoke",
        parts=(
            Command(name="create", summary="make a token; it is shown once",
                    arguments=_create_arguments, run=_create),
            Command(name="list", summary="list the tokens", run=_list),
            Command(name="revoke", summary="revoke a token", arguments=_name, run=_revoke),
        ),
    ),
)  # fmt: skip
