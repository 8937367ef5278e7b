import contextlib
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.file import (
    DEFAULT,
    load,
    network_of,
    parse,
    user_of_slack,
    with_groups,
)
from bootstrapper.policy.limits import Approvals, Budget
from bootstrapper.policy.rules import Effect, Rule, Window

WHOLE = """
[groups]
oncall = ["user:alice", "user:bob"]
robots = ["token:*"]

[users.alice]
slack = ["U1", "U2"]

[networks]
office = ["10.0.0.0/8", "fd00::/8"]
lab = ["10.9.0.0/16"]

[[rule]]
name = "deploy"
verdict = "approve"
groups = ["oncall"]
args = ["up(time)?"]
windows = [{ days = ["fri"], from = "22:00", to = "02:00", zone = "Europe/Berlin" }]
max_percent = 25
budget = "20/hour"
approvals = { count = 2, group = "oncall", expires = "30m" }
"""


def test_a_whole_file() -> None:
    policy = parse(WHOLE)

    assert policy.digest == sha256(WHOLE.encode()).hexdigest()
    assert policy.rules == (
        Rule(
            name="deploy",
            verdict=Effect.APPROVE,
            groups=("oncall",),
            args=("up(time)?",),
            windows=(Window(days=("fri",), start=1320, end=120, zone="Europe/Berlin"),),
            max_percent=25.0,
            budget=Budget(20, 3600),
            approvals=Approvals(count=2, group="oncall", expires=1800),
        ),
    )


@pytest.mark.parametrize(
    ("actor", "groups"),
    [
        ("user:alice", {"oncall"}),
        ("token:deploy", {"robots"}),
        ("user:eve", set()),
        ("slack:user:alice", set()),
    ],
)
def test_groups_come_from_the_file(actor: str, groups: set[str]) -> None:
    assert with_groups(parse(WHOLE), Actor(name=actor)).groups == groups


def test_groups_an_actor_brings_along_stay() -> None:
    bringing = Actor(name="user:alice", groups=frozenset({"sso"}))

    assert with_groups(parse(WHOLE), bringing).groups == {"sso", "oncall"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "office"),
        ("10.9.2.3", "lab"),
        ("::ffff:10.1.2.3", "office"),
        ("fd00::1", "office"),
        ("192.0.2.1", None),
        ("", None),
    ],
)
def test_a_network_is_known_by_its_narrowest_name(address: str, network: str | None) -> None:
    assert network_of(parse(WHOLE), address) == network


def test_a_chat_id_is_a_users() -> None:
    policy = parse(WHOLE)

    assert user_of_slack(policy, "U2") == "alice"
    assert user_of_slack(policy, "U3") is None


def in_rule(line: str, verdict: str = "allow") -> str:
    return f'[groups]\noncall = ["user:a"]\n[[rule]]\nname = "r"\nverdict = "{verdict}"\n{line}\n'


FAULTS = [
    ("[groups]\nops = 3", "groups.ops: an array is expected"),
    ("[groups]\nops = []", "groups.ops: name at least one"),
    ('[groups]\nops = ["alice"]', "groups.ops[0]: 'alice' is no actor: write its kind too"),
    ('[groups]\n"o p" = ["user:a"]', "groups.o p: 'o p' is no name"),
    ('groups = "x"', "groups: a table is expected"),
    ("[users.a]\nslak = []", "users.a.slak: no such key; did you mean 'slack'?"),
    ('[users.a]\npassword = "hunter2"', "users.a.password: not a password hash"),
    ('[users]\na.slack = ["U1"]\nb.slack = ["U1"]', "users.b.slack: 'U1' already is a's"),
    ('[channels]\nops = ["ops"]', "channels.ops[0]: 'ops' is not a channel's id"),
    ('[channels]\ndirect = ["C01234567"]', "channels.direct: is the name of every direct message"),
    (
        '[channels]\nops = ["C01234567"]\n'
        '[[rule]]\nname = "a"\nverdict = "allow"\nchannels = ["#ops"]',
        "rule[0].channels: no channel '#ops' below [channels], and no channel's id",
    ),
    ('[networks]\nhq = ["10.0.0.1/8"]', "networks.hq[0]: 10.0.0.1/8 has host bits set"),
    ('[networks]\nhq = ["ten"]', "networks.hq[0]: 'ten' does not appear to be"),
    ("[[rules]]", "rules: no such key; did you mean 'rule'?"),
    ("[rule]", "rule: an array is expected"),
    ("rule = [3]", "rule[0]: a table is expected"),
    ("[[rule]]", "rule[0].name: is missing"),
    ("[[rule]]", "rule[0].verdict: is missing"),
    ('[[rule]]\nname = "r"\nverdict = "alow"', "rule[0].verdict: Invalid enum value 'alow'"),
    (in_rule("") + in_rule("").split("\n", 2)[2], "rule[1].name: 'r' is the name of rule[0]"),
    (in_rule("maxhosts = 3"), "rule[0].maxhosts: no such key; did you mean 'max_hosts'?"),
    (in_rule("max_hosts = 0"), "rule[0].max_hosts: Expected int >= 1"),
    (in_rule('max_hosts = "3"'), "rule[0].max_hosts: Expected int | null, got str"),
    (in_rule("max_percent = 101"), "rule[0].max_percent: Expected float <= 100"),
    (in_rule("max_percent = nan"), "rule[0].max_percent: "),
    (in_rule("serial = 99999999999999999999"), "rule[0].serial: "),
    (in_rule("serial = 2\ncanary = 3"), "rule[0].canary: is larger than serial, 2"),
    (in_rule("hosts = []"), "rule[0].hosts: name at least one, or leave it out"),
    (in_rule('hosts = "web-1"'), "rule[0].hosts: an array is expected"),
    (in_rule('hosts = ["a", 3]'), "rule[0].hosts[1]: Expected str, got int"),
    (in_rule('hosts = [""]'), "rule[0].hosts[0]: an empty pattern fits nothing"),
    (in_rule('args = ["a", "("]'), "rule[0].args[1]: '(' is no regular expression: missing )"),
    (
        in_rule(f'args = ["a{{{"9" * 30}}}"]'),
        "rule[0].args[0]: 'a{999999999999999999999999999999}'",
    ),
    (in_rule('actors = ["alice"]'), "rule[0].actors[0]: 'alice' is no actor"),
    (in_rule('groups = ["oncal"]'), "rule[0].groups: no group 'oncal' below [groups]; did you"),
    (in_rule('risks = ["chnage"]'), "rule[0].risks: 'chnage' is not one of read, change"),
    (in_rule('budget = "20/week"'), "rule[0].budget: '20/week' is no budget: write 20/hour"),
    (in_rule('budget = "0/day"'), "rule[0].budget: '0/day' is no budget"),
    (in_rule("budget = 20"), "rule[0].budget: Expected str, got int"),
    (in_rule("windows = []"), "rule[0].windows: name at least one"),
    (in_rule('windows = [{days = ["Mon"]}]'), "rule[0].windows[0].days[0]: 'Mon' is not one of"),
    (in_rule('windows = [{from = "9"}]'), "rule[0].windows[0].from: '9' is no time of day"),
    (in_rule('windows = [{to = "24:01"}]'), "rule[0].windows[0].to: '24:01' is no time of day"),
    (in_rule('windows = [{to = "00:00"}]'), "rule[0].windows[0].to: the window is empty"),
    (in_rule('windows = [{zone = "Mars"}]'), "rule[0].windows[0].zone: 'Mars' is no IANA"),
    (in_rule('windows = [{till = "9"}]'), "rule[0].windows[0].till: no such key"),
    (in_rule('approvals = {group = "oncall"}'), 'rule[0].approvals: belongs to verdict = "appr'),
    (in_rule("", "approve"), "rule[0].approvals: is missing: who must approve?"),
    (in_rule("approvals = {}", "approve"), "rule[0].approvals.group: is missing"),
    (in_rule('approvals = {group = "x"}', "approve"), "rule[0].approvals.group: no group 'x'"),
    (
        in_rule('approvals = {group = "oncall", count = 0}', "approve"),
        "rule[0].approvals.count: Expected int >= 1",
    ),
    (
        in_rule('approvals = {group = "oncall", expires = "soon"}', "approve"),
        "rule[0].approvals.expires: 'soon' is no length of time",
    ),
    (in_rule("max_hosts = 3", "deny"), "rule[0].max_hosts: has no meaning where the verdict is"),
    ("[[case]]", "case[0].ask: is missing"),
    ("[[case]]", "case[0].expect: is missing"),
    ("[[case]]\nask = {}", "case[0].ask.actor: is missing"),
    ('[[case]]\nask = {actor = "alice"}', "case[0].ask.actor: 'alice' is no actor"),
    ('[[case]]\nask = {rols = ["web"]}', "case[0].ask.rols: no such key; did you mean 'roles'"),
    ('[[case]]\nask = {risk = "big"}', "case[0].ask.risk: Invalid enum value 'big'"),
    ("[[case]]\nask = {at = 2026-01-05T10:00:00}", "case[0].ask.at: Expected datetime with a t"),
    ("[[case]]\nask = {at = 0001-01-01T00:00:00+09:00}", "case[0].ask.at: the year must be from"),
    ('[[case]]\nexpect = "no"', "case[0].expect: Invalid enum value 'no'"),
    (in_rule('[[case]]\nrule = "rr"'), "case[0].rule: no rule 'rr'; did you mean 'r'?"),
    ("a = [", "the policy file is not TOML: "),
    ("a = " + "[" * 5000, "the policy file is "),
    ("a = " + "9" * 5000, "the policy file is not TOML: "),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_fault_is_told_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(Mistake) as caught:
        parse(text)

    assert any(line.startswith(fault) for line in str(caught.value).splitlines()), caught.value


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Mistake) as caught:
        parse(
            '[networks]\nhq = ["ten"]\n'
            '[[rule]]\nname = "a"\nverdict = "allow"\nmax_hosts = 0\nbudget = "x"\nrole = ["web"]\n'
            '[[rule]]\nname = "a"\nverdict = "maybe"\nargs = ["("]\n'
        )

    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert sorted(places) == [
        "networks.hq[0]",
        "rule[0].budget",
        "rule[0].max_hosts",
        "rule[0].role",
        "rule[1].args[0]",
        "rule[1].name",
        "rule[1].verdict",
    ]
    assert caught.value.field in places


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="No such file"):
        load(tmp_path / "policy.toml")
    (tmp_path / "policy.toml").write_bytes(b"\xff")
    with pytest.raises(Mistake, match="not UTF-8"):
        load(tmp_path / "policy.toml")


def test_an_empty_file_lets_nobody_in() -> None:
    assert parse("").rules == ()
    assert DEFAULT.rules


keys = st.sampled_from([*Rule.__struct_fields__, "days", "from", "to", "zone", "count", "x"])
values = st.recursive(
    st.one_of(
        st.text(max_size=8).map(lambda text: f"'''{text}'''"),
        st.integers().map(str),
        st.floats().map(str),
        st.sampled_from(["true", "false", "'allow'", "'approve'", "2026-01-01", "[]", "{}"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.dictionaries(keys, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        ),
    ),
    max_leaves=5,
)


@given(st.text())
def test_any_text_is_a_policy_or_a_mistake(text: str) -> None:
    policy_or_mistake(text)


@given(
    st.lists(st.dictionaries(keys, values, max_size=6), max_size=3),
    st.sampled_from(["rule", "case", "users.a", "groups", "networks", "rule.windows", "case.ask"]),
)
def test_any_table_is_a_policy_or_a_mistake(tables: list[dict[str, str]], section: str) -> None:
    lines: list[str] = []
    for table in tables:
        top, _, below = section.partition(".")
        array = top in {"rule", "case"}
        lines.append(f"[[{top}]]" if array else f"[{section}]")
        lines.extend([f"[{section}]"] if array and below else [])
        lines.extend(f"{key} = {value}" for key, value in table.items())
    policy_or_mistake("\n".join(lines))


def policy_or_mistake(text: str) -> None:
    with contextlib.suppress(Mistake):
        assert parse(text).digest
