"""What a verdict changes for readers: keys to put and keys to delete.

A key that another one shows too (two copies on one host, in the layout of 2015) becomes that one's
instead of going away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bootstrapper.fleet.judging.index import Index
from bootstrapper.fleet.layouts import Layout, readable
from bootstrapper.fleet.values import Fleet, Health, Instance


@dataclass(slots=True)
class Effects:
    put: dict[str, str] = field(default_factory=dict)
    delete: set[str] = field(default_factory=set)


def withdrawn(
    index: Index, layouts: tuple[Layout, ...], names: Iterable[str], *, removed: bool = False
) -> Effects:
    """When these get no traffic any more; `removed`: their records go too."""
    gone, effects = frozenset(names), Effects()
    for name in sorted(gone & index.shown.keys()):
        of, serves, keys, hidden = index.shown[name]
        if not (serves or removed):
            continue
        rest = {} if removed else readable(layouts, of, serves=False)
        for key in (*keys, *(hidden if removed else ())):
            other = index.winner(key, without=gone)
            if other is not None and (not other[0] or key not in rest):
                if other[2] is not None:
                    effects.put[key] = other[2]
            elif key in rest:
                effects.put[key] = rest[key]
            else:
                effects.delete.add(key)
    return effects


def restored(index: Index, layouts: tuple[Layout, ...], names: Iterable[str]) -> Effects:
    """When the marks of these go."""
    back, effects = frozenset(names), Effects()
    for name in sorted(back & index.shown.keys()):
        of = index.shown[name][0]
        if isinstance(of, Instance) and of.health is not Health.PASSING:
            continue
        for key, value in readable(layouts, of, serves=True).items():
            if of.keys and key not in of.keys:
                continue
            other = index.winner(key, without=back)
            if other is None or other[0] or name < other[1]:
                effects.put[key] = value
    return effects


def lifted_with(fleet: Fleet, index: Index, name: str) -> tuple[str, ...]:
    """Whose traffic comes back when the mark of `name` goes: what no other mark holds."""
    if "/" in name:
        return () if name.partition("/")[0] in fleet.marks else (name,)
    instances = (each.key for each in index.of_node.get(name, ()))
    return (name, *(key for key in instances if key not in fleet.marks))
