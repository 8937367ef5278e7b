"""The fleet: who is alive and what serves where, why, and an operator's word: fleet, nodes, why."""

import time
from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.fleet import (
    tell_chain,
    tell_event,
    tell_fleet,
    tell_nodes,
    tell_status,
)
from bootstrapper.cli.telling.lines import Line, Tone
from bootstrapper.client.patience import Patience
from bootstrapper.clock import utc_now
from bootstrapper.errors import Unavailable

LOOK = 1.0  # seconds between looks while the fleet is followed
PATIENCE = 120.0  # seconds without an answer after which following ends
SHOWN = 8  # events below the table


def _fleet(session: Session) -> int:
    if session.args.watch:
        return _watch(session)
    session.out.show(session.client.fleet(), tell_fleet(utc_now()))
    return 0


def _watch(session: Session) -> int:
    """Until Ctrl-C: on a terminal the table, drawn anew; else a line for each event."""
    lost = Patience(PATIENCE, lambda error: session.out.note(f"trying again: {error}"))
    last = ""
    first = True
    while True:
        try:
            last = _drawn(session) if session.out.has_bar else _lines(session, last, first=first)
            first = False
            lost.heard()
        except Unavailable as error:
            lost.lost(error)
        else:
            time.sleep(LOOK)


def _drawn(session: Session) -> str:
    fleet, events = session.client.fleet(), session.client.fleet_events(limit=SHOWN)
    now = utc_now()
    head = Line(f"{now:%H:%M:%S} UTC, revision {fleet.revision}; Ctrl-C ends", Tone.DIM)
    session.out.redraw(
        (head, Line(""), *tell_fleet(now)(fleet), Line(""), *map(tell_event, events))
    )
    return ""


def _lines(session: Session, last: str, *, first: bool) -> str:
    """The id of the last event told; before the first look, of the last one there was."""
    if first:
        known = session.client.fleet_events(limit=1)
        if not session.out.json:
            session.out.lines(tell_fleet(utc_now())(session.client.fleet()))
        return known[-1].id if known else ""
    events = session.client.fleet_events(last, limit=5000)
    for event in events:
        session.out.show(event, lambda each: (tell_event(each),))
    return events[-1].id if events else last


def _status(session: Session) -> int:
    """1 when a removal waits for an answer: for a health check."""
    fleet = session.client.fleet()
    session.out.show(fleet, tell_status)
    return 1 if any(not each.answer for each in fleet.held) else 0


def _confirm(session: Session) -> int:
    held = session.client.answer_held(session.args.name, confirm=True)
    session.out.done(held, f"{held.name} may be removed: the reconciler does it")
    return 0


def _refuse(session: Session) -> int:
    held = session.client.answer_held(session.args.name, confirm=False)
    session.out.done(held, f"{held.name} stays")
    return 0


def _drain(session: Session) -> int:
    name = session.args.name
    mark = session.client.drain(name, session.args.reason)
    session.out.done(mark, f"{name} gets no traffic until `fleet release {name}`")
    return 0


def _release(session: Session) -> int:
    name = session.args.name
    session.client.release(name)
    session.out.done({"name": name, "released": True}, f"{name} may serve again")
    return 0


def _nodes(session: Session) -> int:
    args, client = session.args, session.client
    if args.format in ("", "json"):
        session.out.json = session.out.json or args.format == "json"
        nodes = client.nodes(args.cluster, everybody=args.all)
        session.out.show(nodes, tell_nodes(utc_now()))
        return 0
    session.out.bytes(
        client.nodes_as(args.format, args.cluster, service=args.service, everybody=args.all)
    )
    return 0


def _why(session: Session) -> int:
    """1 when it is not as it should be."""
    chain = session.client.why(session.args.name)
    session.out.show(chain, tell_chain)
    return 0 if chain.well else 1


def _inventory_path(session: Session) -> int:
    return _plugins(session, "inventory")


def _callback_path(session: Session) -> int:
    return _plugins(session, "callback")


def _plugins(session: Session, kind: str) -> int:
    from pathlib import Path

    import bootstrapper

    folder = Path(bootstrapper.__file__).parent / "ansible_plugins" / kind
    session.out.done({"path": str(folder)}, str(folder))
    return 0


def _watch_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--watch", "-w", action="store_true", help="follow it until Ctrl-C")


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a node, or an instance as NODE/ID")


def _name_and_reason(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--reason", default="", help="others will read it")


def _anything(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a node, an instance, a service or a host")


def _nodes_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "cluster", metavar="CLUSTER", nargs="?", default="", help="its members; none: all nodes"
    )
    parser.add_argument(
        "--format", metavar="FORM", default="",
        help="plain (addresses), json, ansible, or a template such as '{ip}:{port}'",
    )  # fmt: skip
    parser.add_argument("--service", default="", help="of a template: the instances of this one")
    parser.add_argument("--all", action="store_true", help="not only the living")


COMMANDS = (
    Command(
        name="fleet",
        summary="who is alive and what serves where: status, confirm, refuse, drain, release",
        arguments=_watch_arguments,
        run=_fleet,
        parts=(
            Command(name="status", run=_status,
                    summary="say who reconciles and which removals are held"),
            Command(name="confirm", summary="let a held removal through", arguments=_name,
                    run=_confirm),
            Command(name="refuse", summary="keep what a brake keeps", arguments=_name,
                    run=_refuse),
            Command(name="drain", summary="take a node or an instance out of rotation",
                    arguments=_name_and_reason, run=_drain),
            Command(name="release", summary="let it serve again", arguments=_name, run=_release),
        ),
    ),
    Command(name="nodes", summary="list the living nodes, or the members of a cluster",
            arguments=_nodes_arguments, run=_nodes),
    Command(name="why", summary="lead from a symptom to its first cause", arguments=_anything,
            run=_why),
    Command(name="inventory-path", run=_inventory_path,
            summary="print the folder of Ansible's inventory plugin"),
    Command(name="callback-path", run=_callback_path,
            summary="print the folder of Ansible's callback plugin, which reports runs"),
)  # fmt: skip
