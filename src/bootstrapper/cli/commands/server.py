"""The processes of the server: up, serve, work. Each is imported when it is to run, not before."""

from argparse import ArgumentParser

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


def _work_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--drain", action="store_true",
        help="tell this machine's workers to finish their jobs and end",
    )  # fmt: skip


COMMANDS = (
    Command(name="up", summary="run everything on this machine", run=_up),
    Command(name="serve", summary="run the HTTP API", run=_serve),
    Command(name="work", summary="run jobs", arguments=_work_arguments, run=_work),
)
