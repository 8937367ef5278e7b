import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake, Unknown
from bootstrapper.playbooks.catalogue import Catalogue, Host, Inventory
from bootstrapper.playbooks.hosts import resolve

WEB = [Host(f"web-{n}", f"10.0.0.{n}") for n in (1, 2)]
DB = Host("db-1", "10.0.0.9", 2222)
STAGE = Host("stage-1", "10.1.0.1")
BARE = Host("10.1.0.2")  # known by its address alone


def inventory(hosts: list[Host], **groups: tuple[str, ...]) -> Inventory:
    return Inventory({host.name: host for host in hosts}, groups)


FOLDERS = Catalogue(
    commit="c",
    envs={
        "prod": inventory([*WEB, DB], web=("web-1", "web-2"), db=("db-1",)),
        "staging": inventory([STAGE, BARE], web=("stage-1",)),
    },
)
FLAT = Catalogue(commit="c", envs={"": inventory([*WEB, DB], web=("web-1", "web-2"))})


@pytest.mark.parametrize(
    ("wanted", "names", "patterns"),
    [
        pytest.param(["web-1"], ["web-1"], False, id="a name"),
        pytest.param(["10.0.0.2"], ["web-2"], False, id="an address is its host"),
        pytest.param(["db-1", "web-1"], ["db-1", "web-1"], False, id="in the order asked for"),
        pytest.param(["web-1", "10.0.0.1"], ["web-1"], False, id="each once"),
        pytest.param(["10.9.9.9"], ["10.9.9.9"], False, id="an address nobody knows"),
        pytest.param(["fd00:0::1"], ["fd00::1"], False, id="IPv6, as it is written shortest"),
        pytest.param(["0::ffff:10.0.0.1"], ["web-1"], False, id="IPv4 written as IPv6"),
        pytest.param(["web"], ["web-1", "web-2"], True, id="a group"),
        pytest.param(["all"], ["web-1", "web-2", "db-1"], True, id="all"),
        pytest.param(["web-*"], ["web-1", "web-2"], True, id="a glob"),
        pytest.param(["d?-1"], ["db-1"], True, id="a glob of one letter"),
        pytest.param(["w*b"], ["web-1", "web-2"], True, id="a glob of a group"),
        pytest.param(["db-1", "web"], ["db-1", "web-1", "web-2"], True, id="both"),
    ],
)
def test_what_a_caller_wrote_and_whom_it_means(
    wanted: list[str], names: list[str], patterns: bool
) -> None:
    targets = resolve(wanted, "prod", FOLDERS, field="hosts")

    assert (list(targets.names), targets.patterns) == (names, patterns)
    assert (targets.env, targets.fleet) == ("prod", 3)


@pytest.mark.parametrize(
    "word",
    ["@hosts.txt", "~web.*", "!web-1", "&web", "web-1:db-1 ", "web-1,db-1", "", " ", "-", "{{ x }}",
     "web-1\n", "../x", "a;b", "web-1/..", "\x00", "é"],
)  # fmt: skip
def test_nothing_of_ansibles_pattern_language_is_passed_on(word: str) -> None:
    with pytest.raises(Mistake) as caught:
        resolve(["web-1", word], "prod", FOLDERS, field="hosts")

    assert caught.value.field == "hosts[1]"


@pytest.mark.parametrize("word", ["web-1:db-1", "web[1:2]", "web:!web-1"])
def test_a_union_or_a_range_is_nobodys_name(word: str) -> None:
    with pytest.raises(Mistake):
        resolve([word], "prod", FOLDERS, field="hosts")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        pytest.param("web-3", "did you mean 'web-", id="a name"),
        pytest.param("wbe", "did you mean 'web'?", id="a group"),
        pytest.param("zzz*", "no host 'zzz*' in the inventory$", id="nothing near"),
    ],
)
def test_an_unknown_host_comes_with_a_hint(word: str, hint: str) -> None:
    with pytest.raises(Unknown, match=hint.replace("*", r"\*").replace("?", r"\?")) as caught:
        resolve([word], "prod", FOLDERS, field="hosts")

    assert caught.value.field == "hosts[0]"


@pytest.mark.parametrize("word", ["10.1.0.1", "10.1.0.2", "0::ffff:10.1.0.1"])
def test_an_address_of_another_env_is_refused(word: str) -> None:
    with pytest.raises(Mistake, match="belongs to env 'staging', not 'prod'"):
        resolve([word], "prod", FOLDERS, field="hosts")


def test_a_name_of_another_env_is_unknown_here() -> None:
    with pytest.raises(Unknown):
        resolve(["stage-1"], "prod", FOLDERS, field="hosts")


@pytest.mark.parametrize(
    ("wanted", "env"),
    [
        pytest.param(["stage-1"], "staging", id="by name"),
        pytest.param(["10.1.0.1"], "staging", id="by address"),
        pytest.param(["db"], "prod", id="by a group of one env"),
        pytest.param(["stage-*"], "staging", id="by a glob"),
    ],
)
def test_where_no_env_is_named_it_is_the_hosts_own(wanted: list[str], env: str) -> None:
    assert resolve(wanted, "", FOLDERS, field="hosts").env == env


def test_hosts_of_two_envs_need_one_named() -> None:
    with pytest.raises(Mistake, match="these hosts are in prod and staging") as caught:
        resolve(["web-1", "stage-1"], "", FOLDERS, field="hosts")

    assert caught.value.field == "env"


GROUPS = Catalogue(
    commit="c",
    envs={
        "": inventory([*WEB, DB, STAGE], web=("web-1", "web-2"), mixed=("web-1", "db-1")),
        "prod": inventory(WEB, web=("web-1", "web-2"), mixed=("web-1",)),
        "staging": inventory([STAGE]),
    },
)
"""A flat inventory, two groups of which are envs; db-1 is in neither."""


@pytest.mark.parametrize(
    ("wanted", "env"),
    [
        pytest.param(["web"], "prod", id="a group"),
        pytest.param(["10.0.0.1"], "prod", id="an address"),
        pytest.param(["0::ffff:10.0.0.1"], "prod", id="an address, written otherwise"),
        pytest.param(["10.9.9.9"], "", id="an address nobody knows"),
        pytest.param(["db-1"], "", id="a host of no env"),
    ],
)
def test_a_group_that_is_an_env_is_its_hosts_env(wanted: list[str], env: str) -> None:
    assert resolve(wanted, "", GROUPS, field="hosts").env == env


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param(["all"], "these hosts are in prod and staging", id="all"),
        pytest.param(["*-1"], "these hosts are in prod and staging", id="a glob"),
        pytest.param(["mixed"], "db-1 is in no env, others are in 'prod'", id="a group"),
        pytest.param(["web-1", "db-1"], "db-1 is in no env, others are in 'prod'", id="names"),
    ],
)
def test_no_host_is_left_out_or_let_in_by_an_env_that_nobody_named(
    wanted: list[str], words: str
) -> None:
    with pytest.raises(Mistake, match=words) as caught:
        resolve(wanted, "", GROUPS, field="hosts")

    assert caught.value.field == "env"


def test_a_host_of_two_envs_needs_one_named() -> None:
    twice = Catalogue(commit="c", envs={"a": inventory(WEB), "b": inventory(WEB)})

    with pytest.raises(Mistake, match="these hosts are in a and b"):
        resolve(["web-1"], "", twice, field="hosts")
    assert resolve(["web-1"], "b", twice, field="hosts").env == "b"


def test_without_envs_there_is_one_inventory() -> None:
    targets = resolve(["web"], "", FLAT, field="hosts")

    assert (targets.env, targets.names) == ("", ("web-1", "web-2"))


def test_no_host_at_all_is_a_mistake() -> None:
    with pytest.raises(Mistake, match="at least one host"):
        resolve([], "prod", FOLDERS, field="limit")


def test_an_unknown_env_is_named() -> None:
    with pytest.raises(Unknown, match=r"no env 'prd' .*did you mean 'prod'"):
        resolve(["web-1"], "prd", FOLDERS, field="hosts")


def test_one_machine_has_one_lock() -> None:
    assert [DB.lock, WEB[0].lock, BARE.lock] == [
        "host:10.0.0.9:2222", "host:10.0.0.1", "host:10.1.0.2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Host("a", "10.0.0.1", 22), Host("b", "10.0.0.1")),
        (Host("a", "DB.example"), Host("b", "db.example.")),
        (Host("a", "::ffff:10.0.0.1"), Host("10.0.0.1", "10.0.0.1")),
        (Host("a", "FE80::0001"), Host("b", "fe80::1")),
    ],
)
def test_another_spelling_is_no_other_machine(one: Host, other: Host) -> None:
    assert one.lock == other.lock
    assert inventory([one]).by_address(other.address) == one


@given(st.lists(st.text(max_size=8), max_size=4), st.sampled_from(["", "prod", "staging"]))
def test_whatever_is_written_gives_known_hosts_or_a_mistake(words: list[str], env: str) -> None:
    try:
        targets = resolve(words, env, FOLDERS, field="hosts")
    except Mistake:
        return
    for host in targets.hosts:
        known = FOLDERS.envs[targets.env].hosts if targets.env else {}
        assert known.get(host.name) == host or host.name == host.address
