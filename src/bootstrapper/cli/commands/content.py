"""What there is to run, and where: content, inventory; and who asks: whoami."""

from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.site import tell_content, tell_inventory, tell_whoami


def _content(session: Session) -> int:
    session.out.show(session.client.content(), tell_content)
    return 0


def _inventory(session: Session) -> int:
    session.out.show(session.client.inventory(session.args.env), tell_inventory)
    return 0


def _whoami(session: Session) -> int:
    session.out.show(session.client.whoami(), tell_whoami)
    return 0


def _env(parser: ArgumentParser) -> None:
    parser.add_argument("-E", "--env", default="")


COMMANDS = (
    Command(name="content", summary="list roles, playbooks and envs", run=_content),
    Command(name="inventory", summary="list the hosts of an env", arguments=_env, run=_inventory),
    Command(name="whoami", summary="say who the server takes you for", run=_whoami),
)
