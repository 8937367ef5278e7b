"""A control plane with the Slack bot, a workspace of its own, and hosts that answer SSH."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.control import ControlPlane
from support.eventually import eventually
from support.services import short_folder
from support.slack import BOT, FakeSlack, Posted
from support.sshd import SYSTEM, Sshd

TASKS = "slow"
"""A tag of the content: its task goes on until the file `go` is in the scratch folder."""
PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: fetch the code
      ansible.builtin.command: echo fetched
      tags: [v1.2, slow]
    - name: wait for the word
      ansible.builtin.wait_for: {{path: {scratch}/go, timeout: 60, sleep: 1}}
      tags: [slow]
    - name: restart
      ansible.builtin.command: echo "restarted <!channel> & more"
      tags: [v1.2, slow]
    - name: break
      ansible.builtin.command: sh -c "echo it is broken; exit 3"
      tags: [broken]
"""
POLICY = """\
[users.ann]
slack = ["{ann}"]
[users.bob]
slack = ["{bob}"]
[users.carl]
slack = ["{carl}"]

[groups]
dev = ["user:ann"]
oncall = ["user:carl"]

[channels]
deploys = ["{deploys}"]

[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner"]

[[rule]]
name = "prod"
verdict = "approve"
groups = ["dev"]
channels = ["deploys"]
actions = ["update-code"]
envs = ["prod"]
approvals = {{ count = 1, group = "oncall" }}

[[rule]]
name = "staging"
verdict = "allow"
groups = ["dev"]
channels = ["deploys"]
actions = ["update-code"]
envs = ["staging"]
tags = ["v1.*", "slow", "broken"]

[[rule]]
name = "ping"
verdict = "allow"
groups = ["dev"]
channels = ["deploys", "direct"]
actions = ["run-module"]
modules = ["ping"]
envs = ["staging"]

[[rule]]
name = "look"
verdict = "allow"
groups = ["dev", "oncall"]
risks = ["read"]

[[rule]]
name = "end"
verdict = "allow"
groups = ["dev"]
actions = ["jobs.cancel"]
"""


class ChatPlane:
    """Ann may deploy, Bob nothing, Carl approves, and of Eve nobody knows who she is."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        self.slack = FakeSlack()
        self.ann, self.bob = self.slack.user("ann"), self.slack.user("bob")
        self.carl, self.eve = self.slack.user("carl"), self.slack.user("eve")
        everybody = (self.ann, self.bob, self.carl, self.eve)
        self.deploys = self.slack.channel("deploys", *everybody)
        self.lounge = self.slack.channel("lounge", *everybody)
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        policy = POLICY.format(ann=self.ann, bob=self.bob, carl=self.carl, deploys=self.deploys)
        self.plane = ControlPlane(
            folder,
            {
                "content": {"path": str(content(folder / "content", sshd, self.scratch))},
                "ansible": {"ssh_key": "ssh", "known_hosts": str(sshd.known_hosts)},
                "secrets": {"ssh": {"file": str(sshd.key)}},
                "chat": {"enabled": True, "api": self.slack.api},
            },
            policy,
            {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_APP_TOKEN": self.slack.app_token},
        )

    def up(self) -> "ChatPlane":
        self.slack.start()
        self.plane.up()
        self.plane.start("chat")
        eventually(lambda: self.slack.connections > 0, within=30, what="the bot listens")
        return self

    def down(self) -> None:
        self.plane.down()
        self.slack.stop()

    def go(self) -> None:
        (self.scratch / "go").touch()

    def asks(self, user: str, channel: str, words: str) -> Posted:
        """The bot's next message there."""
        before = len(self.cards(channel))
        self.slack.says(user, channel, f"<@{BOT}> {words}")
        eventually(lambda: len(self.cards(channel)) > before, within=20, what=f"an answer: {words}")
        return self.cards(channel)[before]

    def refused(self, user: str, channel: str, words: str) -> str:
        """What the bot whispers."""
        before = len(self.slack.whispers(user))
        self.slack.says(user, channel, f"<@{BOT}> {words}")
        eventually(lambda: len(self.slack.whispers(user)) > before, what=f"an answer to {words}")
        whisper = self.slack.whispers(user)[before]
        return shown(whisper.text, whisper.blocks)

    def cards(self, channel: str) -> list[Posted]:
        """The bot's messages that are in no thread."""
        return [each for each in self.slack.said(channel) if not each.thread]

    def becomes(self, card: Posted, word: str, *, within: float = 30.0) -> str:
        """The card's text, once it has the word."""
        eventually(lambda: word in shown(card.text, card.blocks), within=within,
                   what=f"{word} in the message")  # fmt: skip
        return shown(card.text, card.blocks)


def shown(text: str, blocks: object) -> str:
    """All that a message says."""
    return f"{text}\n{json.dumps(blocks, ensure_ascii=False)}"


def content(folder: Path, sshd: Sshd, scratch: Path) -> Path:
    addresses = iter(sshd.addresses)
    for env, names in {"staging": ("web1", "web2"), "prod": ("web3",)}.items():
        place = folder / "inventories" / env
        (place / "group_vars").mkdir(parents=True)
        hosts = "".join(f"{name} ansible_host={next(addresses)}\n" for name in names)
        (place / "hosts").write_text(hosts)
        (place / "group_vars" / "all.yml").write_text(
            f"ansible_port: {sshd.port}\nansible_user: {sshd.user}\n"
            f"ansible_python_interpreter: {SYSTEM}\n"
        )
    (folder / "update-code.yml").write_text(PLAY.format(scratch=scratch))
    return folder


@contextmanager
def new_chat_plane(sshd: Sshd) -> Iterator[ChatPlane]:
    with short_folder("chat") as folder:
        made = ChatPlane(folder, sshd)
        try:
            yield made.up()
        finally:
            made.down()
