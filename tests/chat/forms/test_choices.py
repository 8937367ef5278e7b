from typing import Any

from bootstrapper.actions.registry import actions
from bootstrapper.chat.forms.choices import choices, suggest
from bootstrapper.playbooks.catalogue import Catalogue, Host, Inventory, Playbook, Role

ROLE = actions()["apply-roles"]


def inventory(*names: str, **groups: tuple[str, ...]) -> Inventory:
    return Inventory({name: Host(name) for name in names}, groups)


CONTENT = Catalogue(
    commit="c",
    roles={"base": Role("base", summary="what all have"), "db": Role("db")},
    playbooks={"site.yml": Playbook("site.yml")},
    envs={
        "prod": inventory("web-1", "db-1", web=("web-1",), empty=()),
        "staging": inventory("web-1", "stage-1"),
    },
)
LARGE = Catalogue(commit="c", envs={"prod": inventory(*(f"web-{n}" for n in range(300)))})


def anything(**known: Any) -> bool:
    return True


def values(found: Any, field: str) -> list[str]:
    return [choice.value for choice in found.get(field, ())]


def test_what_the_content_offers_can_be_chosen() -> None:
    found = choices(ROLE, CONTENT, anything)

    assert values(found, "env") == ["prod", "staging"]
    assert values(found, "roles") == ["base", "db"]
    assert values(found, "hosts") == ["web-1", "db-1", "stage-1", "web"]
    assert found["roles"][0].about == "what all have"
    assert "tags" not in found
    assert values(choices(actions()["run-playbook"], CONTENT, anything), "playbook") == ["site.yml"]


def test_hosts_are_those_of_the_env_that_is_chosen() -> None:
    found = choices(ROLE, CONTENT, anything, {"env": "staging"})

    assert values(found, "hosts") == ["web-1", "stage-1"]


def test_only_what_the_caller_may_is_offered() -> None:
    def may(**known: Any) -> bool:
        web_only = all(host.startswith("web") for host in known.get("hosts", ()))
        return known.get("env", "staging") == "staging" and web_only and "patterns" not in known

    found = choices(ROLE, CONTENT, may)

    assert values(found, "env") == ["staging"]
    assert values(found, "hosts") == ["web-1"]
    assert found["hosts"][0].about == "staging"


def test_where_nothing_may_be_chosen_there_is_no_menu() -> None:
    assert choices(ROLE, CONTENT, lambda **known: False) == {}
    assert choices(ROLE, Catalogue(commit=""), anything) == {}


def test_of_very_many_one_more_than_a_menu_holds_is_looked_at() -> None:
    assert len(choices(ROLE, LARGE, anything)["hosts"]) == 101


def test_suggestions_are_those_that_were_begun_then_those_that_hold_it() -> None:
    def offered(typed: str, may: Any = anything) -> list[str]:
        return [each["value"] for each in suggest(ROLE, "hosts", typed, LARGE, may)]

    assert offered("WEB-29") == ["web-29", *(f"web-29{n}" for n in range(10))]
    assert len(offered("")) == 100
    assert offered("b-299") == ["web-299"]
    assert offered("nothing") == []
    assert offered("web-299", lambda **known: known["hosts"] != ("web-299",)) == []
    assert suggest(ROLE, "no such field", "", LARGE, anything) == []
