"""Who shows a bar knows how many tasks a play has, before it runs."""

from bootstrapper.events import PlayStarted, TaskStarted
from support.site import Site


def test_a_play_tells_how_many_tasks_it_has(site: Site) -> None:
    request = {"hosts": ["web-1"], "roles": ["hello", "echo"]}

    events = site.plane.events(site.run("apply-roles", request).id)

    (play,) = [event for event in events if isinstance(event, PlayStarted)]
    begun = [event for event in events if isinstance(event, TaskStarted)]
    assert play.tasks == len(begun) > 1
