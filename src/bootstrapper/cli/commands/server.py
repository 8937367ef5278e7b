"""The processes: up, serve, work, watch, confd. Each is imported when it is to run, not before."""

from argparse import REMAINDER, ArgumentParser

from bootstrapper.cli.command import Command, Session


def _up(session: Session) -> int:
    from bootstrapper.processes import up

    return up.run(session.settings, session.settings_file)


def _serve(session: Session) -> int:
    from bootstrapper.processes import serve

    return serve.run(session.settings)


def _work(session: Session) -> int:
    from bootstrapper.processes import work

    return work.run(session.settings, drain=session.args.drain)


def _watch(session: Session) -> int:
    from bootstrapper.processes import watch

    return watch.run(session.settings)


def _confd(session: Session) -> int:
    from bootstrapper.processes import confd

    return confd.main(session.args.words)


def _confd_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs=REMAINDER, metavar="ARGUMENTS", help="see confd -help")


def _work_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--drain", action="store_true",
        help="tell this machine's workers to finish their jobs and end",
    )  # fmt: skip


COMMANDS = (
    Command(name="up", summary="run everything on this machine", run=_up),
    Command(name="serve", summary="run the HTTP API", run=_serve),
    Command(name="work", summary="run jobs", arguments=_work_arguments, run=_work),
    Command(name="watch", summary="keep this node's services and templates true", run=_watch),
    Command(
        name="confd",
        summary="the same, by confd 0.16's command line",
        arguments=_confd_arguments,
        run=_confd,
    ),
)
