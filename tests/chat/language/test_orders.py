from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import actions, parse
from bootstrapper.chat.language.fixed import FIXED
from bootstrapper.chat.language.orders import Launch, Order, read
from bootstrapper.chat.language.words import marked
from bootstrapper.chat.language.writing import written
from bootstrapper.errors import Mistake, Unknown

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
AT_TWO = "2026-01-05T14:00:00.000Z"


class Resize(Action, frozen=True, kw_only=True):
    """Make a volume larger."""

    NAME: ClassVar[str] = "resize"

    volume: Annotated[str, Meta(description="which one")]
    size: int
    unit: Literal["gb", "tb"] = "gb"
    ratio: float = 0.0
    shares: tuple[int, ...] = ()
    online: bool = True
    note: str | None = None


KINDS: dict[str, type[Action]] = {**actions(), "resize": Resize}


def asked(text: str) -> Launch | Order:
    return read(text, KINDS, now=NOON)


LAUNCHES: list[tuple[str, str, dict[str, Any]]] = [
    # what is said, the action, its request
    ("codeupdate v1.2 staging", "update-code", {"tags": ["v1.2"], "env": "staging"}),
    ("codeupdate v1.2", "update-code", {"tags": ["v1.2"]}),
    ("update-code v1.2 staging", "update-code", {"tags": ["v1.2"], "env": "staging"}),
    ("Codeupdate v1.2", "update-code", {"tags": ["v1.2"]}),
    (": codeupdate v1.2", "update-code", {"tags": ["v1.2"]}),
    (
        "codeupdate v1.2 env=staging check=true",
        "update-code",
        {"tags": ["v1.2"], "env": "staging", "check": True},
    ),
    (
        "codeupdate --check env=staging v1.2 --no-diff",
        "update-code",
        {"check": True, "env": "staging", "tags": ["v1.2"], "diff": False},
    ),
    ("codeupdate v1 —check -f 5", "update-code", {"tags": ["v1"], "check": True, "forks": 5}),
    ("codeupdate v1 --env=prod", "update-code", {"tags": ["v1"], "env": "prod"}),
    ("codeupdate v1 --env prod", "update-code", {"tags": ["v1"], "env": "prod"}),
    (
        "codeupdate v1 extra_vars.port=80 extra_vars='{\"a\": 1}'",
        "update-code",
        {"tags": ["v1"], "extra_vars": {"port": "80", "a": 1}},
    ),
    (
        "codeupdate v1 extra_vars.a='x y'",
        "update-code",
        {"tags": ["v1"], "extra_vars": {"a": "x y"}},
    ),
    (
        "role base,nginx web-1 staging",
        "apply-roles",
        {"roles": ["base", "nginx"], "hosts": ["web-1"], "env": "staging"},
    ),
    (
        "role base, nginx <http://web-1.example.com|web-1.example.com>",
        "apply-roles",
        {"roles": ["base", "nginx"], "hosts": ["web-1.example.com"]},
    ),
    *(
        (line, "apply-roles", {"roles": ["base", "nginx"], "hosts": ["web-1"], "env": "prod"})
        for line in (
            "role base ,nginx web-1 prod",
            "role roles=base, nginx web-1 prod",
            "role roles=base , nginx hosts=web-1 prod",
        )
    ),
    ("role base <http://web-1>", "apply-roles", {"roles": ["base"], "hosts": ["web-1"]}),
    (
        "role roles=base,nginx hosts=web-1",
        "apply-roles",
        {"roles": ["base", "nginx"], "hosts": ["web-1"]},
    ),
    (
        "role hosts=web-1 base staging skip-tags=slow",
        "apply-roles",
        {"hosts": ["web-1"], "roles": ["base"], "env": "staging", "skip_tags": ["slow"]},
    ),
    (
        "role base web-1 check=Off",
        "apply-roles",
        {"roles": ["base"], "hosts": ["web-1"], "check": False},
    ),
    (
        "adhoc staging web1 ping",
        "run-module",
        {"env": "staging", "hosts": ["web1"], "module": "ping"},
    ),
    ("adhoc staging web1", "run-module", {"env": "staging", "hosts": ["web1"]}),
    (
        "adhoc staging web1 shell echo “a b”",
        "run-module",
        {"env": "staging", "hosts": ["web1"], "module": "shell", "args": 'echo "a b"'},
    ),
    (
        "adhoc staging web1 shell `uptime -p &amp;&amp; date`",
        "run-module",
        {"env": "staging", "hosts": ["web1"], "module": "shell", "args": "uptime -p && date"},
    ),
    (
        "adhoc staging web1 copy src=a dest=b check=true --check",
        "run-module",
        {
            "env": "staging",
            "hosts": ["web1"],
            "module": "copy",
            "args": "src=a dest=b check=true --check",
        },
    ),
    (
        "adhoc staging web1 user check=true",
        "run-module",
        {"env": "staging", "hosts": ["web1"], "module": "user", "args": "check=true"},
    ),
    (
        "adhoc check=true staging web1 shell echo $HOME {{ x }} 'unclosed",
        "run-module",
        {
            "check": True,
            "env": "staging",
            "hosts": ["web1"],
            "module": "shell",
            "args": "echo $HOME {{ x }} 'unclosed",
        },
    ),
    (
        "adhoc env=staging hosts=web1 module=user check=true name=bob become=no",
        "run-module",
        {
            "env": "staging",
            "hosts": ["web1"],
            "module": "user",
            "check": True,
            "args": "name=bob become=no",
        },
    ),
    (
        'adhoc staging web1 shell args="echo \\"x\\"" check=yes',
        "run-module",
        {"env": "staging", "hosts": ["web1"], "module": "shell", "args": 'echo "x"', "check": True},
    ),
    (
        "playbook site.yml staging limit=web-1",
        "run-playbook",
        {"playbook": "site.yml", "env": "staging", "limit": ["web-1"]},
    ),
    ("sync", "sync-content", {}),
    ("sync ref=v2", "sync-content", {"ref": "v2"}),
    ("resize data 5", "resize", {"volume": "data", "size": 5}),
    (
        "resize data size=5 unit=tb ratio=0.5 shares=1,2 --no-online note='a b'",
        "resize",
        {
            "volume": "data",
            "size": 5,
            "unit": "tb",
            "ratio": 0.5,
            "shares": [1, 2],
            "online": False,
            "note": "a b",
        },
    ),
]


@pytest.mark.parametrize(
    ("text", "action", "request_"), LAUNCHES, ids=[text for text, _, _ in LAUNCHES]
)
def test_an_action_is_asked_for(text: str, action: str, request_: dict[str, Any]) -> None:
    assert asked(text) == Launch(action=action, request=request_)
    if action in actions():
        parse(action, request_)


def test_how_the_job_is_run_is_no_part_of_its_request() -> None:
    found = asked("sync priority=high timeout=15m lock=a,b lock=c retries=2 not_before=2h")

    assert found == Launch(
        action="sync-content",
        request={},
        options={
            "priority": "high",
            "timeout": 900.0,
            "locks": ("a", "b", "c"),
            "retries": 2,
            "not_before": AT_TWO,
        },
    )


ROLE = "Write: role <roles> <hosts> [env]"
ADHOC = "Write: adhoc <env> <hosts> [module] [args…]"
MISTAKES = [
    ("role base", "hosts", f"hosts is missing. {ROLE}"),
    ("codeupdate", "tags", "tags is missing. Write: codeupdate <tags> [env]"),
    ("role base web-1 prod more", "", f"'more' is one word too many. {ROLE}"),
    ("role base web-1 envv=x", "envv", f"no field 'envv'; did you mean 'env'? {ROLE}"),
    ("role base web-1 --chekc", "chekc", f"no field 'chekc'; did you mean 'check'? {ROLE}"),
    ("role base web-1 --env", "env", f"--env needs a value. {ROLE}"),
    ("role base web-1 check=perhaps", "check", f"'perhaps' is neither yes nor no. {ROLE}"),
    ("role base web-1 forks=many", "forks", f"'many' is not a whole number. {ROLE}"),
    ("role base web-1 env.x=1", "env", f"env has no parts such as 'x'. {ROLE}"),
    ("role base web-1 priority=hgih", "priority", "did you mean 'high'? " + ROLE),
    ("role base web-1 retries=99", "retries", ROLE),
    ("role base web-1 timeout=soon", "timeout", "not a duration"),
    ("role 'base web-1", "", f"the quote ' is not closed. {ROLE}"),
    ("role base web-1 extra_vars='{'", "extra_vars", "not JSON"),
    ("adhoc web1 ping env=staging", "env", f"env is given twice. {ADHOC}"),
    ("resize data 5 unit=gg", "unit", "'gg' is none of gb, tb. Write: resize <volume> <size>"),
    ("job", "id", "id is missing. Write: job <id>"),
    ("job 1 2", "", "'2' is one word too many. Write: job <id>"),
    ("jobs state=fail", "state", "did you mean 'failed'? Write: jobs [state] [env]"),
    ("jobs a b", "env", "env is given twice: 'a' and 'b'"),
    ("rerun 1 twice", "failed", "Write: rerun <id> [failed]"),
    ("lock", "resource", "resource is missing. Write: lock <env"),
    ("lock prod utnil=2h", "utnil", "a lock has no 'utnil'; did you mean 'until'?"),
    ("lock prod until=later", "", "'later' is not an RFC 3339 time"),
]


@pytest.mark.parametrize(("text", "field", "says"), MISTAKES, ids=[each[0] for each in MISTAKES])
def test_a_mistake_says_what_is_wrong_and_the_right_form(text: str, field: str, says: str) -> None:
    with pytest.raises(Mistake) as raised:
        asked(text)

    assert says in str(raised.value)
    assert raised.value.field == field


ORDERS: list[tuple[str, str, dict[str, str]]] = [
    ("", "help", {}),
    ("  ", "help", {}),
    ("help role", "help", {"word": "role"}),
    ("jobs", "jobs", {}),
    ("jobs failed staging", "jobs", {"state": "failed", "env": "staging"}),
    ("jobs staging Running", "jobs", {"env": "staging", "state": "running"}),
    ("jobs env=failed", "jobs", {"env": "failed"}),
    ("job 0198", "job", {"id": "0198"}),
    ("cancel `0198`", "cancel", {"id": "0198"}),
    ("log 0198", "log", {"id": "0198"}),
    ("approve 0198", "approve", {"id": "0198"}),
    ("reject 0198", "reject", {"id": "0198"}),
    ("reject 0198 don't 'do this", "reject", {"id": "0198", "reason": "don't 'do this"}),
    ("rerun 0198", "rerun", {"id": "0198"}),
    ("rerun 0198 failed", "rerun", {"id": "0198", "failed": "yes"}),
    ("rerun 0198 --failed", "rerun", {"id": "0198", "failed": "yes"}),
    ("nodes", "nodes", {}),
    ("nodes web", "nodes", {"cluster": "web"}),
    ("why <http://web1.example.com|web1.example.com>", "why", {"name": "web1.example.com"}),
    ("why a=b", "why", {"name": "a=b"}),
    ("lock prod", "lock", {"resource": "prod"}),
    ("lock host:10.0.0.5 reason='a b'", "lock", {"resource": "host:10.0.0.5", "reason": "a b"}),
    (
        "lock prod --reason the disk isn't empty until=2h",
        "lock",
        {"resource": "prod", "reason": "the disk isn't empty", "until": AT_TWO},
    ),
    (
        "lock --until 2h prod “we move”",
        "lock",
        {"resource": "prod", "reason": "we move", "until": AT_TWO},
    ),
    ("lock prod because x=y", "lock", {"resource": "prod", "reason": "because x=y"}),
    ("unlock prod", "unlock", {"resource": "prod"}),
    ("whoami", "whoami", {}),
    ("whoami please", "whoami", {}),
    ("run", "run", {}),
    ("run Role", "run", {"action": "apply-roles"}),
    ("run run-module", "run", {"action": "run-module"}),
]


@pytest.mark.parametrize(("text", "name", "args"), ORDERS, ids=[text for text, _, _ in ORDERS])
def test_the_bot_itself_is_told_something(text: str, name: str, args: dict[str, str]) -> None:
    assert asked(text) == Order(name=name, args=args)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rol base web-1", "no command 'rol'; did you mean 'role'?"),
        ("jbos", "no command 'jbos'; did you mean 'jobs'?"),
        ("xyzzy", "no command 'xyzzy'"),
        ("env=prod role", "no command 'env=prod'"),
        ("run rolle", "no action 'rolle'; did you mean 'role'?"),
    ],
)
def test_an_unknown_word_gets_the_nearest_one(text: str, says: str) -> None:
    with pytest.raises(Unknown) as raised:
        asked(text)

    assert str(raised.value).startswith(says)


def test_an_action_that_nobody_may_name_is_unknown() -> None:
    with pytest.raises(Unknown):
        read("sync", {"resize": Resize}, now=NOON)


VERBS = st.sampled_from([*FIXED, "role", "adhoc", "codeupdate", "playbook", "sync", "resize"])
TALK = st.text("ab'\"`=-—.,<>|&;{}[]:1 \n", max_size=30)


@given(st.one_of(st.text(), TALK, st.builds("{} {}".format, VERBS, TALK)))
def test_any_text_is_understood_or_a_mistake(text: str) -> None:
    with suppress(Mistake):
        assert isinstance(asked(text), Launch | Order)


# Not those letters that Slack or a keyboard puts in place of others, nor lone surrogates.
TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_characters="“”„‟‘’‚‛\r\u00a0\u2007\u202f\u2009\u200b\u2060\ufeff"
    )
)
PLAIN = st.one_of(TEXT, st.from_regex(r"[a-z][a-z0-9.,=-]{0,8}", fullmatch=True))
LIST = st.lists(PLAIN, max_size=3)
SHARED = {
    "env": PLAIN,
    "extra_vars": st.dictionaries(PLAIN, st.one_of(PLAIN, st.integers(-9, 9), st.booleans())),
    "check": st.booleans(),
    "forks": st.integers(0, 500),
}
REQUESTS = st.one_of(
    st.tuples(
        st.just("apply-roles"),
        st.fixed_dictionaries({"roles": LIST, "hosts": LIST}, optional=SHARED | {"tags": LIST}),
    ),
    st.tuples(
        st.just("run-module"),
        st.fixed_dictionaries({"hosts": LIST}, optional=SHARED | {"module": PLAIN, "args": PLAIN}),
    ),
    st.tuples(
        st.just("resize"),
        st.fixed_dictionaries(
            {"volume": PLAIN, "size": st.integers()},
            optional={
                "unit": st.sampled_from(["gb", "tb"]),
                "ratio": st.floats(allow_nan=False, allow_infinity=False),
                "shares": st.lists(st.integers()),
                "online": st.booleans(),
                "note": PLAIN,
            },
        ),
    ),
)


@given(REQUESTS)
def test_a_request_that_is_written_is_read_back(asked_for: tuple[str, dict[str, Any]]) -> None:
    action, request = asked_for

    line = marked(written(KINDS[action], request))

    assert asked(line) == Launch(action=action, request=request)
