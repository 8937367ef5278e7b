"""What an operator may set, section by section, each field with what it is."""

import os
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from bootstrapper.settings.fleet import Fleet
from bootstrapper.settings.notify import Notify
from bootstrapper.settings.section import Secret, Section


class Redis(Section, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(
            description="redis://host:port/db, rediss://…, unix:///path or "
            "sentinel://host:port,host:port/name; empty: a private one is started"
        ),
    ] = ""
    prefix: Annotated[
        str, Meta(description="what every key of ours starts with; RQ's start with rq:")
    ] = "bootstrapper:"
    username: Annotated[str, Meta(description="the ACL user")] = ""
    password: Annotated[Secret | None, Meta(description="where its password is found")] = None


class Kv(Section, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(
            description="etcd://host:2379,host:2379, http(s)://… (etcd too), or a Redis as "
            "redis.url; empty: the Redis that jobs use"
        ),
    ] = ""
    username: Annotated[str, Meta(description="etcd's user, or the ACL user of kv.url")] = ""
    password: Annotated[Secret | None, Meta(description="where its password is found")] = None
    ca: Annotated[str, Meta(description="the PEM file of who signed etcd's certificate")] = ""
    certificate: Annotated[str, Meta(description="the PEM file that we show to etcd")] = ""
    key: Annotated[str, Meta(description="the PEM file of its key")] = ""
    try_timeout: Annotated[
        float, Meta(description="seconds for an answer before the next endpoint is asked", gt=0)
    ] = 0.5
    timeout: Annotated[
        float, Meta(description="seconds for an answer of any etcd endpoint", gt=0)
    ] = 5.0
    history: Annotated[
        int,
        Meta(description="changes that Redis keeps for watchers that were away", ge=100),
    ] = 10_000


class Api(Section, frozen=True, kw_only=True):
    bind: Annotated[str, Meta(description="address and port to listen on")] = "127.0.0.1:8410"
    url: Annotated[str, Meta(description="how others reach it, when behind a proxy")] = ""
    trust_networks: Annotated[
        bool,
        Meta(description="take a caller without credentials for the policy's network it is in"),
    ] = False
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="addresses whose X-Forwarded-For is believed"),
    ] = ()
    body_bytes: Annotated[int, Meta(description="the largest request body", ge=1024)] = 1_048_576
    request_seconds: Annotated[
        float, Meta(description="the longest that a caller may take to send a request", gt=0)
    ] = 30.0
    tls_certificate: Annotated[str, Meta(description="a PEM file; with it the API is HTTPS")] = ""
    tls_key: Annotated[str, Meta(description="the PEM file of its key")] = ""


class Content(Section, frozen=True, kw_only=True):
    path: Annotated[str, Meta(description="a folder with roles, playbooks and inventory")] = ""
    git: Annotated[str, Meta(description="or a git repository: URL or path")] = ""
    ref: Annotated[str, Meta(description="its branch, tag or commit")] = "HEAD"
    ssh_key: Annotated[str, Meta(description="the secret to fetch it with, by name")] = ""
    inventory: Annotated[
        tuple[str, ...],
        Meta(description="inventory files, scripts or folders; {env} is replaced; empty: found"),
    ] = ()
    update_code: Annotated[
        str,
        Meta(description="the playbook of update-code; empty: as the content's bootstrapper.toml"),
    ] = ""
    requirements: Annotated[bool, Meta(description="install its requirements.yml")] = True
    poll: Annotated[float, Meta(description="seconds between looks for a new commit", ge=0)] = 60.0


class Ansible(Section, frozen=True, kw_only=True):
    strategy: Annotated[
        Literal["linear", "free", "mitogen"],
        Meta(description="mitogen needs the extra bootstrapper[mitogen]"),
    ] = "linear"
    forks: Annotated[int, Meta(description="hosts at once in one job", ge=1, le=500)] = 10
    remote_user: Annotated[str, Meta(description="the SSH user, unless the inventory says")] = ""
    ssh_key: Annotated[str, Meta(description="the secret with the SSH key, by name")] = ""
    vault: Annotated[
        dict[str, str],
        Meta(description="vault id → the secret with its password, by name"),
    ] = {}
    host_keys: Annotated[
        Literal["strict", "accept-new"],
        Meta(description="accept-new: remember an unknown host's key at first sight"),
    ] = "strict"
    known_hosts: Annotated[
        str, Meta(description="the known_hosts file; empty: one in the state folder")
    ] = ""
    control_persist: Annotated[
        int, Meta(description="seconds an idle SSH connection is kept", ge=0)
    ] = 60
    timeout: Annotated[int, Meta(description="seconds for an SSH connection", ge=1)] = 10


class Jobs(Section, frozen=True, kw_only=True):
    slots: Annotated[int, Meta(description="jobs at once in one `work`; 0: its cores", ge=0)] = 0
    timeout: Annotated[float, Meta(description="seconds a job may run", gt=0)] = 3600.0
    batch_hosts: Annotated[
        int, Meta(description="most hosts that waiting role jobs share in one play; 1: never", ge=1)
    ] = 20
    lost_after: Annotated[
        float, Meta(description="seconds without a sign of the worker until a job is lost", ge=2)
    ] = 8.0
    unheard_after: Annotated[
        float,
        Meta(description="seconds without a word of a reported run until it is lost", ge=2),
    ] = 60.0
    grace: Annotated[
        float, Meta(description="seconds for running jobs when `work` is told to end", ge=0)
    ] = 30.0
    keep_days: Annotated[float, Meta(description="age at which history goes", gt=0)] = 90.0
    keep_count: Annotated[int, Meta(description="ended jobs kept at most", ge=1)] = 10_000
    artifact_bytes: Annotated[int, Meta(description="kept of one job's artifacts", ge=0)] = (
        8_388_608
    )


class Policy(Section, frozen=True, kw_only=True):
    file: Annotated[
        str, Meta(description="the policy; empty: policy.toml beside the settings, if there")
    ] = ""


class Audit(Section, frozen=True, kw_only=True):
    read_interval: Annotated[
        float,
        Meta(
            description="seconds within which an allowed read is written once per actor and rule; "
            "0: every one",
            ge=0,
        ),
    ] = 600.0


class Templates(Section, frozen=True, kw_only=True):
    confdir: Annotated[
        str, Meta(description="the folder with conf.d and templates; empty: none are kept")
    ] = ""
    backend: Annotated[
        Literal[
            "store", "consul", "dynamodb", "env", "etcd", "etcdv3", "file", "redis",
            "secretsmanager", "ssm", "vault", "zookeeper",
        ],
        Meta(description="where the values come from; store: [kv]"),
    ] = "store"  # fmt: skip
    nodes: Annotated[
        tuple[str, ...], Meta(description="the backend's addresses; empty: its usual one")
    ] = ()
    files: Annotated[tuple[str, ...], Meta(description="those of the file backend")] = ()
    prefix: Annotated[str, Meta(description="stands in the place of each resource's own")] = ""
    interval: Annotated[
        int, Meta(description="seconds between looks, where a backend cannot tell", ge=1)
    ] = 60
    debounce: Annotated[
        float, Meta(description="seconds that a burst of changes must pause", ge=0)
    ] = 0.05
    debounce_max: Annotated[
        float, Meta(description="seconds that a burst may put a turn off", ge=0)
    ] = 0.5
    check_timeout: Annotated[float, Meta(description="seconds for a check_cmd", gt=0)] = 30.0
    reload_timeout: Annotated[float, Meta(description="seconds for a reload_cmd", gt=0)] = 60.0
    retry_max: Annotated[
        float, Meta(description="most seconds between tries after a failure", ge=1)
    ] = 60.0
    metrics: Annotated[str, Meta(description="address:port of `watch`'s own /metrics")] = ""


class Etcd2(Section, frozen=True, kw_only=True):
    enabled: Annotated[bool, Meta(description="offer etcd's v2 keys API at /v2/keys")] = False
    prefix: Annotated[
        str, Meta(description="the folder of the store that it shows as its root")
    ] = "/"
    networks: Annotated[
        tuple[str, ...], Meta(description="CIDRs whose callers need no password")
    ] = ()
    users: Annotated[
        dict[str, Secret], Meta(description="name → where the basic-auth password is found")
    ] = {}
    discovery: Annotated[
        str, Meta(description="the folder of discovery tokens, below the prefix")
    ] = "/discovery"


class Chat(Section, frozen=True, kw_only=True):
    enabled: Annotated[bool, Meta(description="whether `up` runs the Slack bot")] = False
    bot_token: Annotated[Secret | None, Meta(description="where the bot's token (xoxb-…) is")] = (
        Secret(env="SLACK_BOT_TOKEN")
    )
    app_token: Annotated[
        Secret | None, Meta(description="where the app's token (xapp-…) is, for Socket Mode")
    ] = Secret(env="SLACK_APP_TOKEN")
    signing_secret: Annotated[
        Secret | None, Meta(description="where the signing secret is, for HTTP mode")
    ] = Secret(env="SLACK_SIGNING_SECRET")
    mode: Annotated[
        Literal["socket", "http"], Meta(description="socket needs no open port; http listens")
    ] = "socket"
    bind: Annotated[str, Meta(description="address and port of HTTP mode, at /slack/events")] = (
        "127.0.0.1:8411"
    )
    command: Annotated[str, Meta(description="the slash command", pattern=r"^/[a-z0-9_-]+$")] = (
        "/bootstrapper"
    )
    channel: Annotated[
        str, Meta(description="the id of the channel that shows what elsewhere waits for approval")
    ] = ""
    api: Annotated[str, Meta(description="where Slack's Web API is")] = "https://slack.com/api/"
    edit_interval: Annotated[
        float, Meta(description="seconds between two edits or posts in one channel", ge=0.2)
    ] = 1.0
    alone: Annotated[
        int, Meta(description="jobs that wait for a message; more of them share one", ge=1)
    ] = 3
    plugins: Annotated[
        str, Meta(description="a folder of limbo's plugins; empty: none are run")
    ] = ""
    plugin_timeout: Annotated[
        float, Meta(description="seconds that a plugin may take to answer", gt=0)
    ] = 10.0


class Log(Section, frozen=True, kw_only=True):
    format: Annotated[Literal["auto", "json", "text"], Meta(description="auto: by terminal")] = (
        "auto"
    )
    level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="least")] = (
        "info"
    )


class Settings(Section, frozen=True, kw_only=True):
    state: Annotated[
        str,
        Meta(
            description="where state is kept; empty: systemd's StateDirectory, "
            "/var/lib/bootstrapper for root, or XDG"
        ),
    ] = ""
    redis: Redis = Redis()
    kv: Kv = Kv()
    api: Api = Api()
    content: Content = Content()
    ansible: Ansible = Ansible()
    jobs: Jobs = Jobs()
    policy: Policy = Policy()
    audit: Audit = Audit()
    templates: Templates = Templates()
    fleet: Fleet = Fleet()
    etcd2: Etcd2 = Etcd2()
    chat: Chat = Chat()
    notify: Notify = Notify()
    log: Log = Log()
    secrets: Annotated[dict[str, Secret], Meta(description="name → where it is found")] = {}

    @property
    def state_dir(self) -> Path:
        if self.state:
            return Path(self.state)
        if given := os.environ.get("STATE_DIRECTORY"):  # several are separated by colons
            return Path(given.split(":")[0])
        if os.geteuid() == 0:
            return Path("/var/lib/bootstrapper")
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
        return Path(home) / "bootstrapper"
