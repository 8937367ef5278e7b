"""What people put in the way: lock, unlock, locks, freeze, unfreeze, freezes."""

from argparse import ArgumentParser
from collections.abc import Sequence

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.site import tell_freezes, tell_locks
from bootstrapper.cli.values import moment
from bootstrapper.client.site_views import Freeze
from bootstrapper.errors import Mistake, Unknown


def resource_of(word: str) -> str:
    """A bare word is an env: `prod` is `env:prod`; `host:…` and `name:…` say what they are."""
    return word if ":" in word else f"env:{word}"


def freeze_named(freezes: Sequence[Freeze], word: str) -> Freeze:
    """By its id, or by its env when only one freeze is about that."""
    found = [each for each in freezes if each.id == word] or [
        each for each in freezes if each.env == word
    ]
    if not found:
        raise Unknown(f"no freeze {word!r}")
    if len(found) > 1:
        raise Mistake(f"several freezes of {word}: name one of {', '.join(x.id for x in found)}")
    return found[0]


def _lock(session: Session) -> int:
    args, resource = session.args, resource_of(session.args.resource)
    session.client.lock(resource, args.reason, until=args.until)
    session.out.done({"resource": resource, "locked": True}, f"{resource} is locked")
    return 0


def _unlock(session: Session) -> int:
    resource = resource_of(session.args.resource)
    session.client.unlock(resource)
    session.out.done({"resource": resource, "locked": False}, f"{resource} is free")
    return 0


def _locks(session: Session) -> int:
    session.out.show(session.client.locks(), tell_locks)
    return 0


def _freeze(session: Session) -> int:
    args = session.args
    freeze = session.client.freeze(args.env, args.reason, until=args.until)
    session.out.show((freeze,), tell_freezes)
    return 0


def _unfreeze(session: Session) -> int:
    freeze = freeze_named(session.client.freezes(), session.args.freeze)
    session.client.unfreeze(freeze.id)
    session.out.done(freeze, f"{freeze.env} is no longer frozen")
    return 0


def _freezes(session: Session) -> int:
    session.out.show(session.client.freezes(), tell_freezes)
    return 0


def _why(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="others will read it")
    parser.add_argument(
        "--until", metavar="TIME", type=moment, default="", help="RFC 3339, or from now: 2h, 3d"
    )


def _resource(parser: ArgumentParser) -> None:
    parser.add_argument("resource", metavar="RESOURCE", help="an env, host:NAME or name:ANY")


def _lock_arguments(parser: ArgumentParser) -> None:
    _resource(parser)
    _why(parser)


def _freeze_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "env", metavar="ENV", nargs="?", default="*", help="an env or a glob; none: everything"
    )
    _why(parser)


def _unfreeze_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("freeze", metavar="ID", help="a freeze's id, or its env")


COMMANDS = (
    Command(name="lock", summary="hold an env, a host or a name", arguments=_lock_arguments,
            run=_lock),
    Command(name="unlock", summary="let go of what is locked", arguments=_resource, run=_unlock),
    Command(name="locks", summary="list who holds what", run=_locks),
    Command(name="freeze", summary="stop changes in an env", arguments=_freeze_arguments,
            run=_freeze),
    Command(name="unfreeze", summary="end a freeze", arguments=_unfreeze_arguments, run=_unfreeze),
    Command(name="freezes", summary="list the freezes", run=_freezes),
)  # fmt: skip
