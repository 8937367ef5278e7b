"""What is different between two fleets, as a table and as algebra."""

from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.fleet.compare import Change, Difference, compare
from bootstrapper.fleet.values import Fleet, Health, Instance, Mark, Node, Signal

names = st.sampled_from("abc")
healths = st.sampled_from(list(Health))
nodes = st.dictionaries(
    names, st.builds(Node, name=names, address=st.just("10.0.0.1"), since=st.just(0.0))
)
instances = st.dictionaries(
    st.sampled_from(["a/1", "b/1", "b/2"]),
    st.builds(
        Instance, service=st.just("web"), id=st.just("1"), node=names,
        address=st.just("10.0.0.1"), port=st.just(80), since=st.just(0.0), health=healths,
    ),
)  # fmt: skip
MARK = Mark(signal=Signal.OPERATOR, reason="", since=0.0)
fleets = st.builds(
    Fleet, nodes=nodes, instances=instances, marks=st.dictionaries(names, st.just(MARK)),
    alive=st.dictionaries(names, st.just("one")),
)  # fmt: skip


@given(fleets)
def test_nothing_differs_from_itself(fleet: Fleet) -> None:
    assert compare(fleet, fleet) == ()


@given(fleets, fleets)
def test_what_came_and_went_is_told_once_each(old: Fleet, new: Fleet) -> None:
    told = compare(old, new)
    rows = {
        Change.JOINED: [*(new.nodes.keys() - old.nodes), *(new.instances.keys() - old.instances)],
        Change.GONE: [*(old.nodes.keys() - new.nodes), *(old.instances.keys() - new.instances)],
    }
    for change, gone in rows.items():
        assert sum(each.change is change for each in told) == len(gone)


@given(fleets, fleets)
def test_the_way_back_undoes_the_way_there(old: Fleet, new: Fleet) -> None:
    there, back = compare(old, new), compare(new, old)
    undone = {
        Change.JOINED: Change.GONE, Change.GONE: Change.JOINED, Change.SILENT: Change.HEARD,
        Change.HEARD: Change.SILENT, Change.CHANGED: Change.CHANGED,
    }  # fmt: skip
    wanted = sorted(undone[each.change].value for each in there if each.change in undone)
    assert sorted(each.change.value for each in back if each.change in undone) == wanted


def test_a_mark_takes_the_traffic_and_changes_no_record() -> None:
    one = Instance(
        service="web", id="1", node="a", address="10.0.0.1", port=80, since=0.0
    )  # fmt: skip
    old = Fleet(instances={"a/1": one})
    new = Fleet(instances=old.instances, marks={"a": MARK})
    assert compare(old, new) == (Difference(Change.SERVES_NOT, one),)
