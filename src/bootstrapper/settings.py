"""What an operator may set: frozen, nested, documented under each field, read once, checked whole.

A TOML file (`/etc/bootstrapper/bootstrapper.toml`, else `$XDG_CONFIG_HOME/bootstrapper/`), then
`BOOTSTRAPPER_<SECTION>_<FIELD>` from the environment. No file is needed to start.
Secrets are never written here: a `Secret` says where one is found.
"""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from bootstrapper.errors import Mistake

ENVIRONMENT = "BOOTSTRAPPER_"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Secret(Section, frozen=True, kw_only=True):
    """Where a secret is found; exactly one of the three."""

    file: Annotated[str, Meta(description="a file that holds it")] = ""
    env: Annotated[str, Meta(description="an environment variable that holds it")] = ""
    credential: Annotated[str, Meta(description="a systemd credential (LoadCredential=)")] = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.file, self.env, self.credential))) != 1:
            raise ValueError("name exactly one of file, env, credential")


class Redis(Section, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(
            description="redis://host:port/db, rediss://…, unix:///path or "
            "sentinel://host:port,host:port/name; empty: a private one is started"
        ),
    ] = ""
    prefix: Annotated[str, Meta(description="what every key starts with")] = "bootstrapper:"
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
    ] = 100
    lost_after: Annotated[
        float, Meta(description="seconds without a sign of the worker until a job is lost", ge=2)
    ] = 8.0
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


class Log(Section, frozen=True, kw_only=True):
    format: Annotated[Literal["auto", "json", "text"], Meta(description="auto: by terminal")] = (
        "auto"
    )
    level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="least")] = (
        "info"
    )


class Settings(Section, frozen=True, kw_only=True):
    state: Annotated[
        str, Meta(description="where state is kept; empty: /var/lib/bootstrapper or XDG")
    ] = ""
    redis: Redis = Redis()
    kv: Kv = Kv()
    api: Api = Api()
    content: Content = Content()
    ansible: Ansible = Ansible()
    jobs: Jobs = Jobs()
    policy: Policy = Policy()
    audit: Audit = Audit()
    log: Log = Log()
    secrets: Annotated[dict[str, Secret], Meta(description="name → where it is found")] = {}

    @property
    def state_dir(self) -> Path:
        if self.state:
            return Path(self.state)
        if os.geteuid() == 0:
            return Path("/var/lib/bootstrapper")
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
        return Path(home) / "bootstrapper"


def find() -> Path | None:
    """The settings file that is used when none is named."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    places = (Path("/etc/bootstrapper"), Path(home) / "bootstrapper")
    files = (place / "bootstrapper.toml" for place in places)
    return next((file for file in files if file.is_file()), None)


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check everything; a Mistake lists all faults at once."""
    named = environ.get(ENVIRONMENT + "SETTINGS")
    file = file or (Path(named) if named else find())
    raw: dict[str, Any] = {}
    if file is not None:
        try:
            raw = tomllib.loads(file.read_text())
        except OSError as error:
            raise Mistake(f"{file}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Mistake(f"{file}: {error}") from error
    faults: list[str] = []
    _overlay(raw, environ, faults)
    settings: Settings = _section(Settings, raw, "", faults)
    _check_names(settings, faults)
    if faults:
        raise Mistake("\n".join(faults))
    return settings


def _overlay(raw: dict[str, Any], environ: Mapping[str, str], faults: list[str]) -> None:
    """BOOTSTRAPPER_API_BIND=… says the same as bind = "…" below [api]."""
    for section, kind in get_type_hints(Settings).items():
        if not _is_section(kind):
            name = ENVIRONMENT + section.upper()
            if name in environ and section != "secrets":
                raw[section] = environ[name]
            continue
        for field in kind.__struct_fields__:
            name = f"{ENVIRONMENT}{section}_{field}".upper()
            if name not in environ:
                continue
            below = raw.setdefault(section, {})
            if isinstance(below, dict):
                below[field] = _from_text(environ[name], get_type_hints(kind)[field], name, faults)


def _from_text(text: str, kind: Any, name: str, faults: list[str]) -> Any:
    if kind is str or get_origin(kind) is Literal:
        return text
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        faults.append(f"{name}: {text!r} is not a TOML value")
        return None


def _section(kind: Any, raw: Any, place: str, faults: list[str]) -> Any:
    """Field by field, so that one fault does not hide the next."""
    if not isinstance(raw, dict):
        faults.append(f"{place}: a table is expected")
        return kind()
    hints = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        where = f"{place}.{key}" if place else key
        if key not in hints:
            near = get_close_matches(key, hints, 1)
            faults.append(f"{where}: no such setting" + (f"; {near[0]}?" if near else ""))
        elif _is_section(hints[key]):
            values[key] = _section(hints[key], value, where, faults)
        else:
            try:
                values[key] = msgspec.convert(value, hints[key])
            except msgspec.ValidationError as error:
                faults.append(f"{where}: {error}".replace("`", ""))
    return kind(**values)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and not isinstance(kind, UnionType) and issubclass(kind, Section)


def _check_names(settings: Settings, faults: list[str]) -> None:
    """What one field says of another."""
    known = settings.secrets
    wanted = {
        "content.ssh_key": settings.content.ssh_key,
        "ansible.ssh_key": settings.ansible.ssh_key,
        **{f"ansible.vault.{name}": secret for name, secret in settings.ansible.vault.items()},
    }
    for place, name in wanted.items():
        if name and name not in known:
            faults.append(f"{place}: no secret {name!r} below [secrets]")
    if settings.content.path and settings.content.git:
        faults.append("content: name path or git, not both")
    if bool(settings.api.tls_certificate) != bool(settings.api.tls_key):
        faults.append("api: tls_certificate and tls_key go together")
    if bool(settings.kv.certificate) != bool(settings.kv.key):
        faults.append("kv: certificate and key go together")
    if (
        settings.kv.password
        and not settings.kv.username
        and settings.kv.url.startswith(("etcd", "http"))
    ):
        faults.append("kv: a password without a username")
    host, _, port = settings.api.bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        faults.append(f"api.bind: {settings.api.bind!r} is not address:port")


def describe() -> list[tuple[str, str, str, str]]:
    """Every setting as (name, type, default, what it is): for `settings show` and the docs."""
    rows: list[tuple[str, str, str, str]] = []
    for name, kind in get_type_hints(Settings, include_extras=True).items():
        section = kind if _is_section(kind) else None
        for field in msgspec.structs.fields(section or Settings):
            if section is None and field.name != name:
                continue
            plain, meta = get_args(field.type)[:2]
            default = field.default if field.default is not msgspec.NODEFAULT else {}
            place = f"{name}.{field.name}" if section else name
            rows.append((place, _type_name(plain), repr(default), meta.description or ""))
    return rows


def _type_name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)).replace("bootstrapper.settings.", "")
