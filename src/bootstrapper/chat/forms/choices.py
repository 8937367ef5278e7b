"""What a caller may choose for an action's fields, from what the content offers."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of
from bootstrapper.chat.forms.elements import MOST_OPTIONS, VALUE_LETTERS, Choice, option
from bootstrapper.chat.message import Block
from bootstrapper.playbooks.catalogue import Catalogue, Inventory

HOSTS = frozenset({"hosts", "limit"})
Known = dict[str, Any]
Choices = Mapping[str, tuple[Choice, ...]]
"""Field → its choices; one more than a menu holds says that there are more than that."""


class May(Protocol):
    """Whether the caller could ask for an action with these fields (of `policy.rules.Ask`)."""

    def __call__(self, **known: Any) -> bool: ...


def choices(
    kind: type[Action], catalogue: Catalogue, may: May, request: Mapping[str, Any] | None = None
) -> Choices:
    """`request`: what is chosen already; hosts are of its env where it has one."""
    given = request or {}
    found: dict[str, tuple[Choice, ...]] = {}
    for field in fields_of(kind):
        allowed = _allowed(field, catalogue, may, given)
        some = tuple(islice(allowed, MOST_OPTIONS + 1))
        if some:
            found[field.name] = some
    return found


def suggest(
    kind: type[Action],
    name: str,
    typed: str,
    catalogue: Catalogue,
    may: May,
    request: Mapping[str, Any] | None = None,
) -> list[Block]:
    """Options for a menu that asks as one types: what begins with it, then what holds it."""
    field = next((each for each in fields_of(kind) if each.name == name), None)
    if field is None:
        return []
    wanted = typed.strip().lower()
    near = [
        (not choice.value.lower().startswith(wanted), known, choice)
        for choice, known in _candidates(field, catalogue, request or {})
        if wanted in choice.value.lower()
    ]
    near.sort(key=lambda each: each[0])
    allowed = _distinct(choice for _, known, choice in near if may(**known))
    return [option(choice) for choice in islice(allowed, MOST_OPTIONS)]


def _allowed(
    field: Field, catalogue: Catalogue, may: May, request: Mapping[str, Any]
) -> Iterator[Choice]:
    candidates = _candidates(field, catalogue, request)
    return _distinct(choice for choice, known in candidates if may(**known))


def _distinct(found: Iterable[Choice]) -> Iterator[Choice]:
    """Once each, and no value that Slack would refuse."""
    seen: set[str] = set()
    for choice in found:
        if choice.value not in seen and 0 < len(choice.value) <= VALUE_LETTERS:
            seen.add(choice.value)
            yield choice


def _candidates(
    field: Field, catalogue: Catalogue, request: Mapping[str, Any]
) -> Iterator[tuple[Choice, Known]]:
    if field.choices:
        return ((Choice(value=str(each)), {}) for each in field.choices)
    if field.name in HOSTS and field.is_list:
        return _hosts(catalogue, str(request.get("env") or ""))
    match field.name:
        case "env":
            return ((Choice(value=env), {"env": env}) for env in catalogue.env_names)
        case "roles":
            return (
                (Choice(value=role.name, about=role.summary), {"roles": (role.name,)})
                for role in catalogue.roles.values()
            )
        case "playbook":
            return (
                (Choice(value=book.name, about=book.summary), {"playbook": book.name})
                for book in catalogue.playbooks.values()
            )
        case _:
            return iter(())


def _hosts(catalogue: Catalogue, env: str) -> Iterator[tuple[Choice, Known]]:
    """Hosts, then groups of them."""
    envs = (env,) if env in catalogue.envs else (*catalogue.env_names, "")
    places = [(each, catalogue.envs[each]) for each in envs if each in catalogue.envs]
    for name, inventory in places:
        for host in inventory.hosts:
            yield Choice(value=host, about=name), _in(name) | {"hosts": (host,)}
    for name, inventory in places:
        yield from _groups(name, inventory)


def _groups(env: str, inventory: Inventory) -> Iterator[tuple[Choice, Known]]:
    for group, members in inventory.groups.items():
        if members:
            shown = f"{group}: a group of {len(members)}"
            known = _in(env) | {"hosts": tuple(members), "patterns": True}
            yield Choice(value=group, shown=shown, about=env), known


def _in(env: str) -> Known:
    """The whole inventory says nothing of an env: the hosts' own may be found."""
    return {"env": env} if env else {}
