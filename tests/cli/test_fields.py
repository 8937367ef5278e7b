from argparse import ArgumentParser
from typing import Annotated, Any, ClassVar, Literal

import pytest
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import parse
from bootstrapper.cli.fields import add_fields, request_of
from bootstrapper.cli.launch import read_asked

TABLE: list[tuple[str, dict[str, Any]]] = [
    ("role nginx web-1", {"roles": ["nginx"], "hosts": ["web-1"]}),
    (
        "role nginx,base web-1,10.0.0.5 --env prod -e port=80 -C -D",
        {
            "roles": ["nginx", "base"],
            "hosts": ["web-1", "10.0.0.5"],
            "env": "prod",
            "extra_vars": {"port": "80"},
            "check": True,
            "diff": True,
        },
    ),
    ("role nginx web-1 web-2,web-3", {"roles": ["nginx"], "hosts": ["web-1", "web-2", "web-3"]}),
    (
        "role nginx -E prod web-1 -t a,b -t c -f 5",
        {
            "roles": ["nginx"],
            "hosts": ["web-1"],
            "env": "prod",
            "tags": ["a", "b", "c"],
            "forks": 5,
        },
    ),
    (
        'role nginx web-1 -e a=1 -e {"a":2,"b":3}',
        {"roles": ["nginx"], "hosts": ["web-1"], "extra_vars": {"a": 2, "b": 3}},
    ),
    ("adhoc web-1 -m ping", {"hosts": ["web-1"], "module": "ping"}),
    ("adhoc -a uptime web-1", {"hosts": ["web-1"], "args": "uptime"}),
    (
        "playbook site.yml -l web-1 -t deploy",
        {"playbook": "site.yml", "limit": ["web-1"], "tags": ["deploy"]},
    ),
    ("update-code api --env staging", {"tags": ["api"], "env": "staging"}),
    ("update-code api,web worker", {"tags": ["api", "web", "worker"]}),
    ("sync", {}),
    ("sync --ref v2", {"ref": "v2"}),
]


@pytest.mark.parametrize(("line", "request_"), TABLE, ids=[line for line, _ in TABLE])
def test_a_command_line_is_a_request(line: str, request_: dict[str, Any]) -> None:
    asked = read_asked(line.split())

    assert asked.request == request_
    parse(asked.action, asked.request)


def test_how_a_job_is_run_is_no_part_of_its_request() -> None:
    line = "sync --priority high --timeout 15m --retries 2 --lock a,b --lock c"

    asked = read_asked(line.split())

    assert asked.request == {}
    assert asked.options == {
        "priority": "high",
        "timeout": 900.0,
        "retries": 2,
        "locks": ("a", "b", "c"),
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("role", "the following arguments are required: ROLES, HOSTS"),
        ("role nginx", "the following arguments are required: HOSTS"),
        ("role nginx web-1 --forks many", "-f/--forks: 'many' is not a whole number"),
        ("role nginx web-1 -e port", "'port' is not key=value"),
        ("role nginx web-1 --chec", "unrecognized arguments: --chec"),
    ],
)
def test_a_mistake_names_the_argument(
    line: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_asked(line.split())

    assert ended.value.code == 2
    assert says in capsys.readouterr().err


class Paint(Action, frozen=True, kw_only=True):
    """A third party's action with every kind of field."""

    NAME: ClassVar[str] = "paint"

    colour_name: Literal["red", "blue"]
    coats: int = 1
    thickness: float = 1.0
    dry: bool = False
    clean_up: bool = True
    sizes: tuple[int, ...] = ()
    note: str | None = None
    shape: Annotated[dict[str, Any] | None, Meta(description="100 % yours")] = None
    timeout: int = 0


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("--colour-name red", {"colour_name": "red"}),
        (
            "--colour-name blue --coats 2 --thickness 0.5 --dry --no-clean-up --sizes 1,2"
            " --note x --shape a=b --timeout 3",
            {
                "colour_name": "blue",
                "coats": 2,
                "thickness": 0.5,
                "dry": True,
                "clean_up": False,
                "sizes": [1, 2],
                "note": "x",
                "shape": {"a": "b"},
                "timeout": 3,
            },
        ),
    ],
)
def test_any_field_has_a_flag(line: str, request_: dict[str, Any]) -> None:
    parser = ArgumentParser(conflict_handler="resolve")
    parser.add_argument("--timeout")
    add_fields(parser, Paint)

    assert request_of(parser.parse_args(line.split())) == request_
    assert "100 % yours" in parser.format_help()
