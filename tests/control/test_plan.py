"""What a plan tells the policy, with a real content folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.control.plan import make_plan
from bootstrapper.jobs.job import Options
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rules import Effect
from bootstrapper.settings import Content, Policy, Redis, Settings
from support.redis import RedisServer

RULES = """
[[rule]]
name = "no-mounts"
verdict = "deny"
modules = ["ansible.posix.mount", "our.new.wipe"]

[[rule]]
name = "all"
verdict = "allow"
actors = ["*"]
"""
FILES = {
    "policy.toml": RULES,
    "content/inventory": "web-1\n",
    "content/collections/ansible_collections/our/old/meta/runtime.yml": (
        "plugin_routing: {modules: {wipe: {redirect: our.new.wipe}}}\n"
    ),
}


@pytest.fixture
def parts(redis_server: RedisServer, prefix: str, tmp_path: Path) -> Iterator[Parts]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    settings = Settings(
        state=str(tmp_path / "state"),
        redis=Redis(url=redis_server.url, prefix=prefix),
        policy=Policy(file=str(tmp_path / "policy.toml")),
        content=Content(path=str(tmp_path / "content")),
    )
    made = make_parts(settings)
    yield made
    made.redis.close()


def test_no_rule_about_a_module_is_dodged_by_another_of_its_names(parts: Parts) -> None:
    def verdict(module: str) -> Effect:
        request = {"hosts": ["web-1"], "module": module}
        actor = Actor(name="user:ada")
        return make_plan(parts, actor, "run-module", request, Options()).verdict.effect

    for name in ("mount", "ansible.builtin.mount", "ansible.posix.mount", "our.old.wipe"):
        assert verdict(name) is Effect.DENY, name
    assert verdict("ansible.posix.sysctl") is Effect.ALLOW
