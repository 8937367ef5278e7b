"""errbot's access controls, imported: who may do what stays as it was, or gets narrower."""

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.cli.main import main
from bootstrapper.errors import Mistake
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.cases import run_cases
from bootstrapper.policy.decide import decide
from bootstrapper.policy.errbot import policy_text
from bootstrapper.policy.errbot_commands import OURS
from bootstrapper.policy.errbot_file import read_errbot
from bootstrapper.policy.file import Policy, parse
from bootstrapper.policy.rulebook import with_groups
from bootstrapper.policy.rules import Ask, Effect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MAP = {
    "@al": "U000000AL", "bo": "U000000BO", "bo-temp": "U00000TMP",
    "#ops": "C00000OPS", "dev-api": "C00000API", "#dev-web": "C00000WEB", "#lobby": "C000LOBBY",
}  # fmt: skip
PEOPLE = ("al", "bo", "bo-temp")
PLACES = ("direct", "ops", "dev-api", "dev-web", "lobby")
COMMANDS = (
    ("Deploy", "codeupdate", "v1 staging"), ("Ansible", "adhoc", "staging web1 ping"),
    ("Health", "status", ""), ("Weather", "weather", "berlin"), ("Weather", "weather", "new\nyork"),
    ("Weather", "forecast", ""), ("Poll", "poll", "a b"),
)  # fmt: skip
Config = dict[str, Any]


def as_python(default: Config, commands: Config) -> str:
    return f"ACCESS_CONTROLS_DEFAULT = {default!r}\nACCESS_CONTROLS = {commands!r}\n"


def imported(default: Config, commands: Config) -> Policy:
    return parse(policy_text(read_errbot(as_python(default, commands)), MAP))


def errbot_allows(
    default: Config, commands: Config, who: str, where: str, command: tuple[str, str, str]
) -> bool:
    """As errbot's documentation has it: the first pattern that fits is merged over the default."""
    plugin, name, args = command
    acl = dict(default)
    for pattern, said in commands.items():
        whole = pattern if ":" in pattern else f"*:{pattern}"
        if fnmatchcase(f"{plugin}:{name}".lower(), whole.lower()):
            acl |= said
            break

    def fits(value: str, key: str) -> bool:
        patterns = [acl[key]] if isinstance(acl[key], str) else acl[key]
        return any(fnmatchcase(value, pattern) for pattern in patterns)

    def said_no(value: str, what: str) -> bool:
        allow, deny = f"allow{what}", f"deny{what}"
        shut = acl.get(allow) is not None and not fits(value, allow)
        return shut or (acl.get(deny) is not None and fits(value, deny))

    if said_no(args, "args") or said_no(f"@{who}", "users"):
        return False
    if where == "direct":
        return acl.get("allowprivate") is not False
    return acl.get("allowmuc") is not False and not said_no(f"#{where}", "rooms")


def we_allow(policy: Policy, who: str, where: str, command: tuple[str, str, str]) -> bool:
    _, name, args = command
    channel = where if where == "direct" else {**MAP}.get(f"#{where}") or MAP[where]
    actor = with_groups(policy, Actor(name=f"user:{who}", via="chat", channel=channel))
    verdicts = []
    for action in OURS.get(name, (f"limbo:{name}",)):
        said = f"!{name} {args}".strip() if action.startswith("limbo:") else ""
        ask = Ask(actor=actor, action=action, channel=channel, args=said)
        verdicts.append(decide(policy, ask, now=NOW).effect is Effect.ALLOW)
    return all(verdicts)


def disagreements(default: Config, commands: Config) -> list[tuple[Any, ...]]:
    policy = imported(default, commands)
    return [
        (who, where, command, "only errbot" if theirs else "only we")
        for who, where, command in product(PEOPLE, PLACES, COMMANDS)
        if (theirs := errbot_allows(default, commands, who, where, command))
        != we_allow(policy, who, where, command)
    ]


AL = {"allowusers": ("@al",)}
NAMED: Config = {"allowusers": ("@al", "@bo*")}


@pytest.mark.parametrize(
    ("default", "commands"),
    [
        (NAMED, {}),
        (AL, {"status": {"allowusers": ("*",)}}),
        (AL, {"codeupdate": {"allowusers": ("@bo",), "allowrooms": ("#ops",)}}),
        (NAMED, {"adhoc": {"denyusers": ("@*-temp",), "allowprivate": False}}),
        (NAMED, {"weather": {"allowrooms": ("#dev-*",)}, "*": {"denyrooms": ("#lobby",)}}),
        (NAMED, {"weather": {"denyrooms": ("#dev-*",)}, "poll": {"allowmuc": False}}),
        (NAMED, {"we*": {"denyusers": ("@al",)}, "weather": {"allowusers": ("*",)}}),
        (NAMED, {"Weather:weather": {"allowargs": ("berlin*", "new*")}}),
        (NAMED, {"weather": {"denyargs": "b*"}, "forecast": {"allowargs": ("",)}}),
        (NAMED, {"POLL:*": {"allowusers": ("@nobody",)}, "STATUS": {"allowusers": ()}}),
        (AL | {"allowrooms": ("#ops",)}, {"poll": {"allowrooms": None, "allowusers": ("@bo",)}}),
        ({"allowmuc": False} | NAMED, {"weather": {"allowmuc": True}}),
        ({"denyusers": ("@bo",)} | NAMED, {"poll": {"denyrooms": ("*",), "allowprivate": False}}),
        (NAMED, {"poll": {"allowrooms": ("*",), "denyrooms": ("#ops", "#dev-web")}}),
    ],
)
def test_who_may_do_what_is_as_errbot_had_it(default: Config, commands: Config) -> None:
    assert disagreements(default, commands) == []


@pytest.mark.parametrize(
    ("default", "commands", "narrower"),
    [
        ({}, {}, {"codeupdate", "adhoc", "status"}),
        ({}, {"status": {}}, {"codeupdate", "adhoc"}),
        (NAMED, {"adhoc": {"allowargs": ("staging *",)}}, {"adhoc"}),
        (NAMED, {"codeupdate": {"denyargs": ("* prod",)}}, {"codeupdate"}),
    ],
)
def test_what_has_no_counterpart_lets_less_through(
    default: Config, commands: Config, narrower: set[str]
) -> None:
    found = disagreements(default, commands)

    assert {command[1] for _, _, command, _ in found} == narrower
    assert {who for *_, who in found} == {"only errbot"}


PATTERNS = st.lists(st.sampled_from(["@al", "@bo", "@bo*", "*", "@z"]), max_size=2)
ROOMS = st.lists(st.sampled_from(["#ops", "#lobby", "#dev-*", "*", "#d*"]), max_size=2)
ARGS = st.lists(st.sampled_from(["*", "b*", "", "*k", "[ab] b"]), max_size=2)
ACLS = st.fixed_dictionaries(
    {},
    optional={
        "allowusers": st.none() | PATTERNS, "denyusers": st.none() | PATTERNS,
        "allowrooms": st.none() | ROOMS, "denyrooms": st.none() | ROOMS,
        "allowargs": st.none() | ARGS, "denyargs": st.none() | ARGS,
        "allowmuc": st.booleans(), "allowprivate": st.booleans(),
    },
)  # fmt: skip
NAMES = st.sampled_from(["codeupdate", "weather", "*", "we*", "Poll:*", "status", "[a-d]*"])


@given(default=ACLS, commands=st.dictionaries(NAMES, ACLS, max_size=3))
@settings(max_examples=60, deadline=None)
def test_nobody_gets_more_than_errbot_gave(default: Config, commands: Config) -> None:
    assert [each for each in disagreements(default, commands) if each[-1] == "only we"] == []


@pytest.mark.parametrize(
    "evil",
    ['a"]\n[[rule]]\nname = "x"', "a'''b", "a\\u0022", "a\nverdict = 'allow'", "a\x00b\x7f", "x]#"],
    ids=ascii,
)
def test_no_name_becomes_a_rule_of_its_own(evil: str) -> None:
    acl = {"allowusers": (evil,), "denyusers": (f"@{evil}",), "allowargs": (evil,)}
    policy = imported({}, {evil: acl, f"{evil}:*": {}})

    assert {rule.name for rule in policy.rules if rule.verdict is Effect.ALLOW} == {
        "errbot-1-allow", "errbot-2-allow", "errbot-default-allow",
    }  # fmt: skip
    assert policy.rules[0].reason == f"errbot's ACCESS_CONTROLS[{evil!r}]"


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ("X = 1", "neither ACCESS_CONTROLS nor"),
        ("ACCESS_CONTROLS = {", "not Python"),
        ("ACCESS_CONTROLS = " + "+".join(["()"] * 20_000), "not Python"),
        ("ACCESS_CONTROLS = make()", r"line 1: 'make\(\)' is no plain value"),
        ("A = 1\nACCESS_CONTROLS = {'x': {'allowusers': os.environ['A']}}", "line 2: .*os.environ"),
        ("ACCESS_CONTROLS = {}\nACCESS_CONTROLS['x'] = {}", "line 2: ACCESS_CONTROLS may be"),
        ("ACCESS_CONTROLS = {}\nif DEBUG:\n    ACCESS_CONTROLS = {}", "line 2"),
        ("L = ['@a']\nACCESS_CONTROLS = {'x': {'allowusers': L}}\nL.append('@b')", "line 3"),
        ("A = {}\nACCESS_CONTROLS = B = A\nB['x'] = 1", "line 2"),
        ("ACCESS_CONTROLS = {}\nB = ACCESS_CONTROLS\nB['x'] = {}", "line 3"),
        ("ACCESS_CONTROLS = {}\nOLD = ACCESS_CONTROLS.setdefault('x', {})", "line 2"),
        ("ACCESS_CONTROLS = {}\nX = (ACCESS_CONTROLS := {'x': {}})", "line 2"),
        ("ACCESS_CONTROLS = {}\nglobals()['ACCESS_CONTROLS'] = {'x': {}}", "line 2"),
        ("ACCESS_CONTROLS = {}\nclass ACCESS_CONTROLS: pass", "line 2"),
        ("ACCESS_CONTROLS = {}\nmatch X:\n    case ACCESS_CONTROLS: pass", "line 2"),
        ("ACCESS_CONTROLS = {}\nif X:\n    from base import ACCESS_CONTROLS", "line 2"),
        ("from base import *\nACCESS_CONTROLS = {}", "line 1: ACCESS_CONTROLS_DEFAULT, BOT_ADMINS"),
        ("ACCESS_CONTROLS = {'x': {'allowuser': ()}}", "errbot knows no allowuser"),
        ("ACCESS_CONTROLS = {'x': {'allowmuc': 'no'}}", "allowmuc: True or False"),
        ("ACCESS_CONTROLS = {'x': {'allowusers': (1,)}}", "texts are expected"),
        ("ACCESS_CONTROLS = {'x': {'allowrooms': ('#none', '#ops')}}", "--map '#none'=C"),
        ("ACCESS_CONTROLS = {'x': {'allowusers': ('\\ud800',)}}", "is no text"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(config: str, error: str) -> None:
    with pytest.raises(Mistake, match=error):
        policy_text(read_errbot(config), MAP)


def test_plain_values_are_followed_through_variables() -> None:
    config = """
import logging
BOT_LOG_LEVEL = logging.INFO
BOT_ADMINS = ("@al",)
OPS: list = list(BOT_ADMINS) + ["@bo"]
BASE = dict(allowrooms="#ops") if False else None
COMMON = {"allowmuc": True}
ACCESS_CONTROLS = collections.OrderedDict([("status", {**COMMON, "allowusers": OPS})])
"""
    controls = read_errbot(config)

    assert controls.admins == ("@al",)
    assert controls.commands[0][1].allowusers == ("@al", "@bo")


def test_the_config_is_never_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    config = f"open({str(touched)!r}, 'w')\nACCESS_CONTROLS = {{}}\n"

    read_errbot(config)

    assert not touched.exists()


def test_the_command_prints_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.py"
    config.write_text(as_python({}, {"codeupdate": {"allowusers": "@al", "allowrooms": "#ops"}}))
    words = ["policy", "import-errbot", str(config), "--map", "@al=U000000AL"]

    assert main([*words, "--map", "#ops=C00000OPS"]) == 0
    out = capsys.readouterr().out
    assert parse(out).users["al"].slack == ("U000000AL",)
    assert "# ACCESS_CONTROLS['codeupdate']\n[[rule]]\nname = \"errbot-1-allow\"" in out

    assert main(words) == 2
    assert "config.py" not in capsys.readouterr().out


def test_a_config_that_is_not_there_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "import-errbot", "/nonesuch/config.py"]) == 2
    error = capsys.readouterr().err
    assert error == "bootstrapper: /nonesuch/config.py: No such file or directory\n"


def test_what_arguments_shut_is_named_in_a_comment() -> None:
    text = policy_text(read_errbot(as_python({}, {"adhoc": {"allowargs": ("staging *",)}})), {})

    assert "until then nobody: run-module\n" in text


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ("alice", "NAME=ID"),
        ("alice=bob", "no id of a user"),
        ("a b=U0000001", "cannot be a name"),
        ("#direct=C0000001", "cannot be a name"),
    ],
)
def test_a_map_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pair: str, error: str
) -> None:
    config = tmp_path / "config.py"
    config.write_text("ACCESS_CONTROLS = {}\n")

    assert main(["policy", "import-errbot", str(config), "--map", pair]) == 2
    assert error in capsys.readouterr().err


def test_ids_that_errbot_used_are_users_and_channels_by_themselves() -> None:
    commands: Config = {"poll": {"allowusers": ("U0000009Z",), "allowrooms": "C0000009Z"}}
    policy = parse(policy_text(read_errbot(as_python({}, {**commands})), {}))

    assert policy.users["U0000009Z"].slack == ("U0000009Z",)
    assert policy.channels["C0000009Z"] == ("C0000009Z",)
    assert policy.rules[0].actors == ("user:U0000009Z",)


def test_the_examples_of_coming_here_hold() -> None:
    page = Path(__file__).parents[2] / "docs/how-to/coming-from-limbo-and-errbot.md"
    policies = re.findall(r"^```toml\n(# policy\.toml.*?)^```", page.read_text(), re.DOTALL | re.M)
    results = [result for text in policies for result in run_cases(parse(text))]

    assert len(results) == 3
    assert [result.text for result in results if not result.passed] == []
