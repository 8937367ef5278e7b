"""Ansible's callback plugin `bootstrapper`: it tells a Bootstrapper server of any plain run.

Ansible loads this file by its path, with whatever Python it runs on: the standard library and
Ansible are all that it needs, and one file is all that is to be copied. The play comes first: what
it tells goes into a bounded queue, which a thread of its own sends; a server that is slow, away or
unwilling is no matter to the play.
"""

from __future__ import annotations

import atexit
import collections
import functools
import getpass
import json
import os
import platform
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__ as ansible_version

DOCUMENTATION = r"""
name: bootstrapper
type: notification
short_description: Tells a Bootstrapper control plane of this run
description:
  - Each run is a job there, with live events, beside those that the control plane runs itself.
  - The run is never held up. What cannot be sent in time is left out and counted.
  - Results under C(no_log) are told without their content, and variables are not told at all.
requirements:
  - It is named in C(callbacks_enabled).
options:
  url:
    description: Where the API is.
    type: str
    default: http://127.0.0.1:8410
    env:
      - name: BOOTSTRAPPER_URL
    ini:
      - section: callback_bootstrapper
        key: url
  token:
    description: Whom it tells it as; better kept in a file, or in the environment.
    type: str
    env:
      - name: BOOTSTRAPPER_TOKEN
    ini:
      - section: callback_bootstrapper
        key: token
  token_file:
    description: A file with the token; O(token) wins.
    type: path
    env:
      - name: BOOTSTRAPPER_TOKEN_FILE
    ini:
      - section: callback_bootstrapper
        key: token_file
  env:
    description: The env that the run is about, where rules of the policy look at it.
    type: str
    env:
      - name: BOOTSTRAPPER_ENV
    ini:
      - section: callback_bootstrapper
        key: env
  timeout:
    description: Seconds to wait for one answer.
    type: float
    default: 10.0
    env:
      - name: BOOTSTRAPPER_TIMEOUT
    ini:
      - section: callback_bootstrapper
        key: timeout
  queue_size:
    description: The most events that wait to be sent; then the oldest are left out.
    type: int
    default: 2000
    env:
      - name: BOOTSTRAPPER_QUEUE_SIZE
    ini:
      - section: callback_bootstrapper
        key: queue_size
  end_wait:
    description: The most seconds that the end of a run waits until everything is sent.
    type: float
    default: 5.0
    env:
      - name: BOOTSTRAPPER_END_WAIT
    ini:
      - section: callback_bootstrapper
        key: end_wait
"""

TEXT = 65_536  # characters kept of one output
DATA = 16_384  # characters kept of a result's other fields
HELD = 16_777_216  # characters that wait to be sent
BATCH = 200  # events in one request,
BATCH_TEXT = 200_000  # or characters, whatever is less
GATHER = 0.25  # seconds between requests: what happens meanwhile goes together
BEAT = 3.0  # seconds after which silence is broken by a sign of life
LONGEST_PAUSE = 5.0  # seconds between tries while the server is away
LAST_TRY = 0.2  # seconds that the run's end waits for a server that never answered
ANSWER = 65_536  # bytes of an answer that are read
MASK = "********"
SHORTEST = 4  # letters of a secret: less would blot words out
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
TELLING = re.compile(r"pass(wor[dt]|phrase)?|secret|token|api_?key|private_?key|credential", re.I)
OUTPUTS = ("stdout", "stderr", "diff")
TOLD = frozenset(
    """msg stdout stderr stdout_lines stderr_lines diff changed failed skipped unreachable results
    invocation warnings deprecations exception censored skip_reason attempts retries item
    ansible_loop_var ansible_index_var module_stdout module_stderr ansible_facts""".split()  # noqa: SIM905
)


class Away(Exception):
    """The server did not answer, or asks to be tried again."""


class No(Exception):
    """The server answers, and will not do it."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{detail} ({status})")
        self.status = status


class Here(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: the token would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Server:
    """`ask` raises Away or No, and nothing else."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener: Any = None

    def ask(self, path: str, body: bytes, most: float = 0.0, **headers: str) -> Any:
        """`most`: seconds for this answer, where that is less than usual."""
        timeout = min(most or self._timeout, self._timeout)
        request = urllib.request.Request(
            f"{self.url}/api/v1/runs{path}", data=body, headers={**self._headers, **headers}
        )
        try:
            with self._open(request, timeout) as answer:
                return json.loads(answer.read(ANSWER) or b"null")
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in (408, 429):  # noqa: PLR2004
                raise Away(f"it answers {error.code}") from error
            raise No(error.code, detail(error)) from error
        except Exception as error:  # no address, no route, no HTTP, no JSON
            raise Away(str(getattr(error, "reason", error)) or type(error).__name__) from error

    def _open(self, request: Any, timeout: float) -> Any:
        if self._opener is None:
            tls = urllib.request.HTTPSHandler(context=ssl.create_default_context())
            self._opener = urllib.request.build_opener(Here, tls)
        return self._opener.open(request, timeout=timeout)


class Report:
    """One run, told from a thread of its own. Of its methods the play calls `tell`, `end` and
    `warning`, and none of them waits for the server but `end`, for as long as it may.
    """

    def __init__(self, server: Server, begun: dict[str, Any], queue_size: int) -> None:
        self._server = server
        self._begun = begun
        self._most = max(1, queue_size)
        self._lock = threading.Lock()
        self._waiting: collections.deque[tuple[int, dict[str, Any]]] = collections.deque()
        self._held = 0
        self._left_out = 0
        self._batch: list[dict[str, Any]] = []
        self._sent = 0
        self._spoke = time.monotonic()
        self._key = str(uuid.uuid4())
        self._job = ""
        self._well = True
        self._over = False
        self._ended: dict[str, Any] = {}
        self._deadline = 0.0
        self._closing = threading.Event()
        self._warnings: collections.deque[str] = collections.deque()
        self._warned = False
        self._thread = threading.Thread(target=self._send_all, name="bootstrapper", daemon=True)
        self._thread.start()

    def tell(self, event: dict[str, Any]) -> None:
        if self._over:
            return
        size = size_of(event)
        with self._lock:
            self._waiting.append((size, event))
            self._held += size
            if self._held > HELD:
                self._thin()
            while len(self._waiting) > self._most or self._held > HELD:
                self._held -= self._waiting.popleft()[0]
                self._left_out += 1

    def end(self, ended: dict[str, Any], seconds: float) -> None:
        """A server that never answered gets one more try, not the whole time."""
        if not self._well and not self._job:
            seconds = min(seconds, LAST_TRY)
        self._ended = ended
        self._deadline = time.monotonic() + seconds
        self._closing.set()
        self._thread.join(seconds)
        if not self._over:
            self._warn("the end of the run could not be told in time")
            self._over = True

    def warning(self) -> str:
        """What its user should know, once."""
        return self._warnings.popleft() if self._warnings else ""

    def _thin(self) -> None:
        """The older half of the results lose their outputs: that they came matters more."""
        for place in range(len(self._waiting) // 2):
            size, event = self._waiting[place]
            if without_outputs(event):
                less = size_of(event)
                self._waiting[place] = (less, event)
                self._held += less - size

    def _send_all(self) -> None:
        pause = 0.0
        while not self._over:
            if self._closing.is_set():
                time.sleep(min(pause, GATHER))
            else:
                self._closing.wait(pause or GATHER)
            try:
                self._turn()
                self._well, pause = True, 0.0
            except Away as error:
                self._lost(error)
                pause = min(max(0.5, pause * 2), LONGEST_PAUSE)
            except No as error:
                self._refused(error)
            except Exception as error:  # noqa: BLE001 (the thread's outermost edge: the play goes on)
                self._stop(f"it broke: {type(error).__name__}: {error}")

    def _turn(self) -> None:
        closing = self._closing.is_set()
        if not self._job:
            begun = self._ask("", self._begun, **{"Idempotency-Key": self._key})
            self._job = str(begun["id"])
            self._spoke = time.monotonic()
        self._batch = self._batch or self._take()
        if self._batch or time.monotonic() - self._spoke > BEAT:
            told = {"first": self._sent + 1, "events": self._batch}
            self._ask(f"/{self._job}/events", told)
            self._sent += len(self._batch)
            self._batch = []
            self._spoke = time.monotonic()
        if closing and not self._waiting and not self._left_out:
            self._ask(f"/{self._job}/end", self._ended)
            self._over = True

    def _take(self) -> list[dict[str, Any]]:
        """The next events; they keep their numbers from now on, however often they are sent."""
        taken: list[dict[str, Any]] = []
        size = 0
        with self._lock:
            if self._left_out:
                taken.append(said(f"{self._left_out} events were not sent", "warning"))
                self._left_out = 0
            while self._waiting and len(taken) < BATCH and size < BATCH_TEXT:
                one, event = self._waiting.popleft()
                self._held -= one
                size += one
                taken.append(event)
        return taken

    def _ask(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        left = self._deadline - time.monotonic() if self._closing.is_set() else 0.0
        raw = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return self._server.ask(path, raw, most=max(left, 0.05) if left else 0.0, **headers)

    def _lost(self, error: Away) -> None:
        self._well = False
        if self._closing.is_set() and (not self._job or time.monotonic() > self._deadline):
            self._stop(f"it cannot be told how the run ended: {error}")
        else:
            self._warn(f"the run goes on without it, and it is tried again: {error}")

    def _refused(self, error: No) -> None:
        """A request that is too large, or wrong in one event, is made smaller; else it is over."""
        self._well = True
        if error.status not in (413, 422) or not self._batch:
            self._stop(f"the run is not told of (any more): {error}")
        elif len(self._batch) > 1:
            half = len(self._batch) // 2
            with self._lock:
                rest = [(size_of(event), event) for event in self._batch[half:]]
                self._waiting.extendleft(reversed(rest))
                self._held += sum(size for size, _ in rest)
            self._batch = self._batch[:half]
        elif not without_outputs(self._batch[0]):
            self._batch = []
            with self._lock:
                self._left_out += 1

    def _stop(self, why: str) -> None:
        self._over = True
        self._warn(why)
        with self._lock:
            self._waiting.clear()
            self._batch = []

    def _warn(self, text: str) -> None:
        if not self._warned:
            self._warned = True
            self._warnings.append(f"bootstrapper at {self._server.url}: {text}")


def never_fails(method: Any) -> Any:
    """Whatever is wrong here, it is not the run's fault: a warning, and silence from then on."""

    @functools.wraps(method)
    def careful(self: Any, *args: Any, **more: Any) -> None:
        if self.disabled:
            return
        try:
            method(self, *args, **more)
            self.pass_on_warnings()
        except Exception as error:  # noqa: BLE001 (the plugin's outermost edge)
            self.disabled = True
            self._display.warning(f"bootstrapper: the run is told of no more: {error!r}")

    return careful


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "bootstrapper"
    CALLBACK_NEEDS_ENABLED = True
    CALLBACK_NEEDS_WHITELIST = True  # what it was called once

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._process = os.getpid()
        self._report: Report | None = None
        self._playbook: Any = None
        self._began: dict[tuple[str, str], float] = {}
        self._secrets: list[str] = []
        self._mask = Mask([])
        self._counted: dict[str, dict[str, int]] = {}

    @never_fails
    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._cut_off()
        self._playbook = playbook

    @never_fails
    def v2_playbook_on_play_start(self, play: Any) -> None:
        variables = play.get_variable_manager()
        self._secrets = telling(getattr(variables, "_extra_vars", {}))
        self._mask = Mask(self._secrets)
        names = targets(variables._inventory, play)
        if self._report is None:
            self._begin(variables._inventory, names)
        name = self._text(play.get_name())
        self._tell({"type": "play_started", "play": name, "hosts": len(names)})

    @never_fails
    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._tell(said("no hosts matched", "warning"))

    @never_fails
    def v2_playbook_on_no_hosts_remaining(self) -> None:
        self._tell(said("no hosts are left", "error"))

    @never_fails
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._task(task)

    @never_fails
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._task(task, handler=True)

    @never_fails
    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._began[host.get_name(), task._uuid] = time.monotonic()

    @never_fails
    def v2_runner_on_ok(self, result: Any) -> None:
        self._result(result, "changed" if result.is_changed() else "ok")

    @never_fails
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._result(result, "ignored" if ignore_errors else "failed")

    @never_fails
    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result(result, "unreachable")

    @never_fails
    def v2_runner_on_skipped(self, result: Any) -> None:
        self._result(result, "skipped")

    @never_fails
    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._result(result, "changed" if result.is_changed() else "ok", item=True)

    @never_fails
    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._result(result, "failed", item=True)

    @never_fails
    def v2_runner_item_on_skipped(self, result: Any) -> None:
        self._result(result, "skipped", item=True)

    @never_fails
    def v2_runner_retry(self, result: Any) -> None:
        self._result(result, "retry")

    @never_fails
    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Ansible counts on from one playbook of the command line to the next."""
        recap = {word(host): dict(stats.summarize(host)) for host in sorted(stats.processed)}
        own = {host: less(counts, self._counted.get(host, {})) for host, counts in recap.items()}
        self._counted = recap
        bad = any(each.get("failures") or each.get("unreachable") for each in own.values())
        self._end({"state": "failed" if bad else "successful", "stats": own})

    def pass_on_warnings(self) -> None:
        """From Ansible's own threads: what is on the screen is theirs."""
        while self._report is not None and (text := self._report.warning()):
            self._display.warning(text)

    def _begin(self, inventory: Any, hosts: list[str]) -> None:
        server = Server(self.get_option("url"), self._token(), self.get_option("timeout"))
        if not server.url.startswith(("http://", "https://")):
            raise ValueError(f"{server.url!r} is not an http:// or https:// URL")
        every = dict.fromkeys(hosts)
        for play in self._playbook.get_plays() if self._playbook else ():
            every.update(dict.fromkeys(targets(inventory, play, known=True)))
        begun = {
            "playbook": self._book(),
            "user": user(),
            "host": word(platform.node()),
            "ansible_version": word(ansible_version),
            "hosts": [word(name) for name in every][:10_000],
            "check": bool(context.CLIARGS.get("check")),
        }
        if self.get_option("env"):
            begun["env"] = self.get_option("env")
        self._report = Report(server, begun, self.get_option("queue_size"))
        atexit.register(self._cut_off)

    def _token(self) -> str:
        token = self.get_option("token")
        if not token and self.get_option("token_file"):
            with open(self.get_option("token_file"), encoding="utf-8") as file:
                token = file.read()
        return (token or "").strip()

    def _book(self) -> str:
        path = str(getattr(self._playbook, "_file_name", "") or "")
        near = os.path.relpath(path) if path else ""
        return word(os.path.basename(path) if near.startswith("..") else near)

    def _cut_off(self) -> None:
        """Ctrl-C and errors of Ansible itself end a run without a recap. Not in Ansible's forks."""
        if os.getpid() == self._process and not self.disabled:
            self._end({"state": "canceled", "reason": "it ended before its recap"})

    def _end(self, ended: dict[str, Any]) -> None:
        if self._report is not None:
            self._report.end(ended, self.get_option("end_wait"))
            self.pass_on_warnings()
            self._report = None

    def _tell(self, event: dict[str, Any]) -> None:
        if self._report is not None:
            self._report.tell(event)

    def _task(self, task: Any, handler: bool = False) -> None:
        role = str(task._role.get_name()) if task._role else ""
        name = self._text(task.get_name()).strip()
        if role and name.startswith(f"{role} : "):
            name = name[len(role) + 3 :]
        event = {"type": "task_started", "task": name, "action": str(task.action), "role": role}
        self._tell({**event, "handler": handler} if handler else event)

    def _result(self, result: Any, status: str, item: bool = False) -> None:
        if self._report is None:
            return
        host, task, content = result._host.get_name(), result._task, result._result
        about = (host, task._uuid)
        began = self._began.get(about) if item or status == "retry" else self._began.pop(about, 0.0)
        hidden = "censored" in content
        data, mask = ({}, self._mask) if hidden else self._data(content)
        text = functools.partial(self._text, mask=mask)
        event = {
            "type": "host_result",
            "host": host,
            "task": text(task.get_name()).strip(),
            "status": status,
            "seconds": round(time.monotonic() - began, 3) if began else 0.0,
            "item": text(label(content)) if item and not hidden else "",
            "message": text(message(content)),
            "stdout": text(content.get("stdout") or content.get("module_stdout")),
            "stderr": text(content.get("stderr") or content.get("module_stderr")),
            "diff": text(self._difference(content, mask)) if not hidden else "",
            "data": data,
        }
        self._report.tell({name: value for name, value in event.items() if value not in ("", {})})

    def _data(self, content: Any) -> tuple[dict[str, Any], Mask]:
        """The fields that nothing else shows; and what hides what their names betray as secret."""
        kept = {
            str(name): value
            for name, value in content.items()
            if name not in TOLD and not str(name).startswith("_ansible")
        }
        own = telling(kept)
        mask = Mask([*self._secrets, *own]) if own else self._mask
        try:
            raw = json.dumps(kept, default=str, skipkeys=True)
            if len(raw) > DATA:
                return {"left out": f"{len(raw)} characters", "fields": sorted(kept)}, mask
            return mask.value(json.loads(raw)), mask
        except (ValueError, RecursionError):  # it holds itself, or is deeper than JSON goes
            return {"left out": "not JSON"}, mask

    def _difference(self, content: Any, mask: Mask) -> Any:
        """Masked before its lines are told apart by signs, as a secret may have many."""
        if not content.get("diff"):
            return ""
        try:
            return COLOUR.sub("", str(self._get_diff(mask.value(content["diff"]))))
        except (KeyError, TypeError, ValueError):  # a module's own idea of a diff
            return content["diff"]

    def _text(self, value: Any, mask: Mask | None = None) -> str:
        """Masked before it is cut, so that no half of a secret stands at the edge; and before it
        is JSON, where a secret is spelt otherwise.
        """
        mask = mask or self._mask
        if value is None:
            return ""
        if isinstance(value, str):
            text = mask.text(str(value))
        else:
            try:
                plain = json.loads(json.dumps(value, default=str, skipkeys=True))
                text = json.dumps(mask.value(plain))
            except (ValueError, RecursionError):
                return "(not JSON)"
        return text if len(text) <= TEXT else text[:TEXT] + f"\n… {len(text) - TEXT} more"


def targets(inventory: Any, play: Any, known: bool = False) -> list[str]:
    """The play's hosts. `known`: none for a pattern that names what is not there (yet), as Ansible
    would warn of it.
    """
    patterns = play.hosts if isinstance(play.hosts, (list, tuple)) else [play.hosts]
    there = {"all", "localhost", *inventory.groups, *inventory.hosts}
    if known and not all(pattern in there for pattern in patterns):
        return []
    return [host.get_name() for host in inventory.get_hosts(play.hosts)]


def message(content: Any) -> Any:
    return content.get("censored") or content.get("msg") or content.get("skip_reason") or ""


def label(content: Any) -> Any:
    return content.get("_ansible_item_label", content.get(content.get("ansible_loop_var", "")))


def said(text: str, level: str) -> dict[str, Any]:
    return {"type": "said", "text": text, "level": level}


def size_of(event: dict[str, Any]) -> int:
    texts = sum(len(value) for value in event.values() if isinstance(value, str))
    return 200 + texts + (DATA // 4 if event.get("data") else 0)


def without_outputs(event: dict[str, Any]) -> bool:
    """Whether it had any, or other data than that it has none."""
    had = [event.pop(name) for name in OUTPUTS if event.get(name)]
    less_now = {"left out": "outputs"}
    if not had and event.get("data", less_now) == less_now:
        return False
    event["data"] = less_now
    return True


def less(counts: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: max(0, count - before.get(name, 0)) for name, count in counts.items()}


class Mask:
    """Hides texts, and each line of those that have many: the longest first, as one may hold
    another.
    """

    def __init__(self, secrets: list[str]) -> None:
        lines = {
            part
            for secret in secrets
            for part in (secret, *secret.splitlines())
            if len(part.strip()) >= SHORTEST
        }
        longest_first = sorted(lines, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if lines else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        if self._pattern is None:
            return value
        if isinstance(value, dict):
            return {self.value(name): self.value(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        if is_number(value):
            return MASK if self._pattern.fullmatch(str(value)) else value
        return self.text(str(value)) if isinstance(value, str) else value


def telling(value: Any) -> list[str]:
    """The texts below names that say that they are secret, and those of a vault, at any depth."""
    if is_vaulted(value):
        return texts(value)
    if isinstance(value, dict):
        return [
            text
            for name, each in value.items()
            for text in (texts(each) if TELLING.search(str(name)) else telling(each))
        ]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in telling(each)]
    return []


def texts(value: Any) -> list[str]:
    if isinstance(value, str) or is_number(value):
        return [str(value)]
    if is_vaulted(value):
        try:
            return [str(value)]
        except Exception:  # noqa: BLE001 (without its password the play cannot show it either)
            return []
    each_of = value.values() if isinstance(value, dict) else value
    return [text for each in each_of for text in texts(each)] if is_many(value) else []


def is_vaulted(value: Any) -> bool:
    """By what both of Ansible's types have had for it; the newer one is no str."""
    return hasattr(value, "_ciphertext")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_many(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple))


def word(text: str) -> str:
    """As a name of the API must be."""
    return CONTROL.sub("?", str(text))[:200] or "?"


def user() -> str:
    try:
        return word(getpass.getuser())
    except (ImportError, KeyError, OSError):  # nobody is known by that number
        return word(str(os.getuid()))


def detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read(ANSWER))["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return str(error.reason)
