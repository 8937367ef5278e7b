"""Ansible's callbacks as journal events. Runs in the job's own process, in Ansible's main loop."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from ansible import constants
from ansible.plugins.callback import CallbackBase

from bootstrapper.events import Counts, Event, HostResult, HostStatus, PlayStarted, TaskStarted
from bootstrapper.playbooks.counting import count_tasks
from bootstrapper.playbooks.scrub import Scrubber
from bootstrapper.playbooks.trim import DATA, short

_SHOWN = frozenset(
    """msg stdout stderr stdout_lines stderr_lines diff changed failed skipped unreachable results
    invocation warnings deprecations exception censored skip_reason attempts retries rc item
    ansible_loop_var ansible_index_var module_stdout module_stderr""".split()  # noqa: SIM905
)

Emit = Callable[[Event, str], None]
"""Takes an event and the host it is about ("" when it is about all)."""


class JournalCallback(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "bootstrapper_journal"

    def __init__(self, emit: Emit, scrubber: Scrubber, *, facts: bool) -> None:
        super().__init__()
        self._emit_event = emit
        self._scrubber = scrubber
        self._facts = facts
        self._began: dict[tuple[str, str], float] = {}
        self._init_callback_methods()
        self.set_options()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        tasks = count_tasks(play, constants.DEFAULT_GATHERING)
        self._emit_event(PlayStarted(play=self._plain(play.get_name()), tasks=tasks), "")

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._emit_event(self._task(task), "")

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._emit_event(msgspec.structs.replace(self._task(task), handler=True), "")

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._began[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._result(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._result(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result(result, "unreachable")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._result(result, "skipped")

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._result(result, "changed" if result.is_changed() else "ok", item=True)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._result(result, "failed", item=True)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        self._result(result, "skipped", item=True)

    def v2_runner_retry(self, result: Any) -> None:
        self._result(result, "retry")

    def _task(self, task: Any) -> TaskStarted:
        role = self._plain(task._role.get_name()) if task._role else ""
        name = self._plain(task.get_name()).strip().removeprefix(f"{role} : ")
        return TaskStarted(task=name, action=self._plain(task.action), role=role)

    def _result(self, result: Any, status: HostStatus, *, item: bool = False) -> None:
        host = result.host.get_name()
        began = self._began.get((host, result.task._uuid))
        content: Mapping[str, Any] = result.result
        event = HostResult(
            host=host,
            task=self._plain(result.task.get_name()).strip(),
            status=status,
            seconds=round(time.monotonic() - began, 3) if began else 0.0,
            item=self._item(content) if item else "",
            message=self._message(content),
            stdout=self._text(content.get("stdout") or content.get("module_stdout")),
            stderr=self._text(content.get("stderr") or content.get("module_stderr")),
            diff=self._difference(content),
            data=self._data(content),
        )
        self._emit_event(event, host)

    def _item(self, content: Mapping[str, Any]) -> str:
        label = content.get("_ansible_item_label", content.get(content.get("ansible_loop_var", "")))
        return "" if "censored" in content else self._text(label)

    def _message(self, content: Mapping[str, Any]) -> str:
        told = content.get("censored") or content.get("msg") or content.get("skip_reason") or ""
        reasons = () if "censored" in content else _reasons(content)
        return self._text("\n".join((str(told), *reasons)) if reasons else told)

    def _difference(self, content: Mapping[str, Any]) -> str:
        if "censored" in content or not content.get("diff"):
            return ""
        try:
            return self._text(self._get_diff(content["diff"]))
        except (KeyError, TypeError, ValueError):  # a module's own idea of a diff
            return self._text(content["diff"])

    def _data(self, content: Mapping[str, Any]) -> dict[str, Any]:
        if "censored" in content:
            return {}
        kept = {
            key: value
            for key, value in content.items()
            if key not in _SHOWN
            and not key.startswith("_ansible")
            and (self._facts or key != "ansible_facts")
        }
        if "rc" in content:
            kept["rc"] = content["rc"]
        kept = self._scrubber.value(kept)
        try:
            size = len(msgspec.json.encode(kept))
        except (TypeError, ValueError, msgspec.MsgspecError):
            return {"left out": "not JSON"}
        most = DATA * 16 if self._facts else DATA
        return kept if size <= most else {"left out": f"{size} bytes", "fields": sorted(kept)}

    def _plain(self, text: str) -> str:
        """Ansible's own strings carry tags with them; ours are just text."""
        return self._scrubber.text(str(text))

    def _text(self, value: Any) -> str:
        """Scrubbed before it is cut, so that no half of a secret stands at the edge."""
        if value is None:
            return ""
        text = value if isinstance(value, str) else self._dump(value)
        return short(self._scrubber.text(text))

    def _dump(self, value: Any) -> str:
        try:
            return msgspec.json.encode(value).decode()
        except (TypeError, ValueError, msgspec.MsgspecError):
            return str(value)


def recap(stats: Any) -> dict[str, Counts]:
    """Ansible's AggregateStats as values, host by host."""
    return {host: dict(stats.summarize(host)) for host in sorted(stats.processed)}


def add(left: Mapping[str, Counts], right: Mapping[str, Counts]) -> dict[str, Counts]:
    """The recap of two runs, one after the other."""
    merged = {host: dict(counts) for host, counts in left.items()}
    for host, counts in right.items():
        before = merged.setdefault(host, {})
        for name, count in counts.items():
            before[name] = before.get(name, 0) + count
    return merged


def _reasons(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Facts are gathered by modules of their own: the task names them, and each has its reason."""
    modules = content.get("failed_modules")
    if not isinstance(modules, Mapping):
        return ()
    return tuple(
        line
        for name, told in modules.items()
        if isinstance(told, Mapping)
        for line in (f"{name}: {told.get('msg', '')}", str(told.get("module_stderr", "")).strip())
        if line
    )
