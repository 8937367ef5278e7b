"""Why facts could not be gathered: Ansible names the module, and the reader wants its reason."""

from types import SimpleNamespace
from typing import Any

from bootstrapper.events import Event, HostResult
from bootstrapper.playbooks.callback import JournalCallback
from bootstrapper.playbooks.scrub import Scrubber

MODULES = {
    "ansible.legacy.setup": {"msg": "no start of json", "module_stderr": "python3: not found\n"}
}


def told(content: dict[str, Any]) -> HostResult:
    events: list[Event] = []
    callback = JournalCallback(
        lambda event, host: events.append(event), Scrubber(["hunter2"]), facts=False
    )
    task = SimpleNamespace(get_name=lambda: "Gathering Facts", _uuid="1", no_log=False)
    host = SimpleNamespace(get_name=lambda: "web-1")
    callback.v2_runner_on_failed(SimpleNamespace(host=host, task=task, result=content, _host=host,
        _task=task, _result=content, task_fields={}))  # fmt: skip
    (event,) = (each for each in events if isinstance(each, HostResult))
    return event


def test_each_module_says_why() -> None:
    event = told({"msg": "these failed:", "failed_modules": MODULES})

    lines = ["these failed:", "ansible.legacy.setup: no start of json", "python3: not found"]
    assert event.message.splitlines() == lines


def test_nothing_is_told_of_what_is_hidden() -> None:
    event = told({"censored": "hidden", "failed_modules": MODULES})

    assert event.message == "hidden"


def test_other_failures_stay_as_they_are() -> None:
    assert told({"msg": "no such file"}).message == "no such file"
    assert told({"msg": "x", "failed_modules": "odd"}).message == "x"
