"""The policy: check and test its file here, or ask the server what it would say."""

import argparse
import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.launch import read_asked
from bootstrapper.cli.telling.lines import Line, Tone, clean
from bootstrapper.cli.telling.plans import tell_explanation
from bootstrapper.errors import Mistake

FAILED = 1


def _check(session: Session) -> int:
    from bootstrapper.policy.file import load
    from bootstrapper.policy.rules import Effect

    file = policy_file(session)
    policy = load(file)
    session.out.done(
        {"file": str(file), "rules": [rule.name for rule in policy.rules], "digest": policy.digest},
        f"{file}: {len(policy.rules)} rules, {len(policy.cases)} cases; no mistakes",
    )
    if all(rule.verdict is Effect.DENY for rule in policy.rules):
        session.out.note(f"{file}: no rule lets anybody through: nobody may do anything", Tone.BAD)
    return 0


def _test(session: Session) -> int:
    from bootstrapper.policy.cases import CaseResult, run_cases
    from bootstrapper.policy.file import load

    def told(result: CaseResult) -> tuple[Line, ...]:
        tone = Tone.GOOD if result.passed else Tone.BAD
        return (Line(clean(f"{'ok' if result.passed else 'FAILED'}  {result.text}"), tone),)

    results = run_cases(load(policy_file(session)))
    for result in results:
        session.out.show(result, told)
    failed = sum(not result.passed for result in results)
    if not session.out.json:
        session.out.text(f"{len(results)} cases, {failed} failed\n")
    return FAILED if failed else 0


def _explain(session: Session) -> int:
    args, wish = session.args, read_asked(session.args.line)
    explanation = session.client.explain(wish.action, wish.request, actor=args.actor)
    session.out.show(explanation, tell_explanation)
    return 0


def _password(session: Session) -> int:
    """From the terminal twice, or one line of stdin: an argument would show in the process list."""
    from bootstrapper.policy.passwords import hash_password

    if sys.stdin.isatty():
        word = getpass("password: ")
        if word != getpass("again: "):
            raise Mistake("the two are not the same")
    else:
        word = sys.stdin.readline().rstrip("\n")
    if not word:
        raise Mistake("an empty password is none")
    hashed = hash_password(word)
    session.out.done({"password": hashed}, hashed)
    return 0


def _import_errbot(session: Session) -> int:
    from bootstrapper.policy.errbot import policy_text
    from bootstrapper.policy.errbot_file import read_errbot
    from bootstrapper.policy.file import parse

    file = Path(session.args.config)
    try:
        controls = read_errbot(file.read_text())
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, Mistake) as error:
        raise Mistake(f"{file}: {error}") from error
    text = policy_text(controls, dict(map(_mapped, session.args.map)))
    parse(text)  # what is printed here is taken there
    if session.out.json:
        session.out.data({"policy": text})
    else:
        session.out.text(text)
    return 0


def _mapped(pair: str) -> tuple[str, str]:
    name, equals, slack = pair.rpartition("=")
    if not (name and equals and slack):
        raise Mistake(f"{pair!r}: NAME=ID is expected, such as alice=U0123ABCDEF", field="map")
    return name, slack


def policy_file(session: Session) -> Path:
    """The named one, else the settings' one, else policy.toml beside the settings."""
    named = session.args.file or session.settings.policy.file
    if named:
        return Path(named)
    beside = session.settings_file
    if beside is None:
        raise Mistake("no policy file: name one, or set policy.file")
    return beside.parent / "policy.toml"


def _file(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="else the settings' policy")


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", help="errbot's config.py; it is not run")
    parser.add_argument(
        "--map", metavar="NAME=ID", action="append", default=[],
        help="the id in Slack of a user (alice=U…) or a room ('#ops=C…'); may be repeated",
    )  # fmt: skip


def _explain_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--actor", default="", help="on whose behalf; else you")
    parser.add_argument(
        "line", metavar="ACTION …", nargs=argparse.PARSER,
        help="as it would be launched: role nginx web-1 -E prod",
    )  # fmt: skip


COMMANDS = (
    Command(
        name="policy",
        summary="who may do what: check, explain, import-errbot, password, test",
        parts=(
            Command(name="check", summary="read a policy file and list its mistakes",
                    arguments=_file, run=_check),
            Command(name="explain", summary="ask the server what the policy says, and why",
                    arguments=_explain_arguments, run=_explain),
            Command(name="import-errbot", summary="print errbot's access controls as a policy",
                    arguments=_import_arguments, run=_import_errbot),
            Command(name="password", summary="hash a password for users.<name>.password",
                    run=_password),
            Command(name="test", summary="run the cases that a policy file brings along",
                    arguments=_file, run=_test),
        ),
    ),
)  # fmt: skip
