"""From flags, confd.toml and the environment to one checked Config."""

from collections.abc import Mapping
from typing import TypeVar

from bootstrapper.errors import Mistake
from bootstrapper.templates.confd.config import BACKENDS, Config, Login, Pace, Source, Tls
from bootstrapper.templates.confd.file import read_file
from bootstrapper.templates.confd.flags import FLAGS
from bootstrapper.templates.confd.go_flags import Value

_GONE = ("rancher", "stackengine")
_NO_WATCH = ("dynamodb", "secretsmanager", "ssm")
_LEVELS = ("panic", "fatal", "error", "warn", "info", "debug")
_DEFAULT_NODES = {
    "consul": "127.0.0.1:8500",
    "etcd": "http://127.0.0.1:4001",
    "etcdv3": "127.0.0.1:2379",
    "redis": "127.0.0.1:6379",
    "vault": "http://127.0.0.1:8200",
    "zookeeper": "127.0.0.1:2181",
}
_ENVIRONMENT = {
    "CONFD_CLIENT_CAKEYS": "client-ca-keys",
    "CONFD_CLIENT_CERT": "client-cert",
    "CONFD_CLIENT_KEY": "client-key",
}

T = TypeVar("T", str, bool, int, float)


def read_config(given: Mapping[str, Value], environ: Mapping[str, str]) -> Config:
    """`given`: what `flags.parse` found. Asks DNS where an SRV record is to be used."""
    path = str(given.get("config-file", FLAGS["config-file"].default))
    values = {
        **{name: flag.default for name, flag in FLAGS.items()},
        **{name: environ[key] for key, name in _ENVIRONMENT.items() if environ.get(key)},
        **read_file(path, needed="config-file" in given),
        **given,
    }
    _check(values)
    get = _Values(values)
    return Config(
        source=_source(get, _nodes(get, environ)),
        pace=_pace(get),
        confdir=get("confdir", str),
        prefix=get("prefix", str),
        interval=max(get("interval", int), 1),
        watch=get("watch", bool),
        onetime=get("onetime", bool),
        noop=get("noop", bool),
        sync_only=get("sync-only", bool),
        keep_stage_file=get("keep-stage-file", bool),
        log_level=_level(get("log-level", str)),
        secret_keyring=get("secret-keyring", str),
        metrics=get("metrics", str),
        state=get("state", str),
    )


class _Values:
    """The values by flag name, with the type that the flag's kind gives them."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def __call__(self, name: str, kind: type[T]) -> T:
        value = self._values[name]
        assert isinstance(value, kind), name
        return value

    def many(self, name: str) -> tuple[str, ...]:
        value = self._values[name]
        assert isinstance(value, tuple), name
        return value


def _check(values: Mapping[str, Value]) -> None:
    backend = str(values["backend"])
    if backend in _GONE:
        raise Mistake(f"the backend {backend!r} is gone: its service is no longer run anywhere")
    if backend not in BACKENDS:
        from bootstrapper.nearest import nearest  # noqa: PLC0415 seldom needed

        raise Mistake(
            f"unknown backend {backend!r}{nearest(backend, BACKENDS)}; there are "
            + ", ".join(BACKENDS),
            field="backend",
        )
    if values["watch"] and backend in _NO_WATCH:
        raise Mistake(f"Watch is not supported for backend {backend}", field="watch")
    if backend == "dynamodb" and not values["table"]:
        raise Mistake("No DynamoDB table configured: use -table", field="table")
    if backend == "file" and not values["file"]:
        raise Mistake("no file configured: use -file", field="file")
    if values["scheme"] not in ("http", "https"):
        raise Mistake(f"scheme {values['scheme']!r}: http or https is expected", field="scheme")
    once_or_told = values["onetime"] or values["watch"]
    if int(values["interval"]) <= 0 and not once_or_told:  # type: ignore[arg-type]
        raise Mistake("interval: at least 1 second is expected", field="interval")


def _level(level: str) -> str:
    low = {"": "info", "warning": "warn"}.get(level.lower(), level.lower())
    if low not in _LEVELS:
        raise Mistake(f'not a valid level: "{level}"', field="log-level")
    return low


def _nodes(get: _Values, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the SRV record where one is named, else as given, else the backend's usual one."""
    backend, domain = get("backend", str), get("srv-domain", str)
    record = get("srv-record", str) or (f"_{backend}._tcp.{domain}." if domain else "")
    if record and backend not in ("env", "file"):
        from bootstrapper.templates.confd.srv import lookup  # noqa: PLC0415 seldom needed

        scheme = get("scheme", str) + "://" if backend in ("etcd", "etcdv3", "vault") else ""
        return tuple(scheme + node for node in lookup(record))
    if nodes := get.many("node"):
        return nodes
    if backend == "etcd" and environ.get("ETCDCTL_PEERS"):
        return tuple(environ["ETCDCTL_PEERS"].split(","))
    usual = _DEFAULT_NODES.get(backend)
    return (usual,) if usual else ()


def _source(get: _Values, nodes: tuple[str, ...]) -> Source:
    return Source(
        backend=get("backend", str),
        nodes=nodes,
        scheme=get("scheme", str),
        files=get.many("file"),
        filter=get("filter", str),
        separator=get("separator", str) or "/",
        table=get("table", str),
        tls=Tls(
            ca=get("client-ca-keys", str),
            cert=get("client-cert", str),
            key=get("client-key", str),
            insecure=get("client-insecure", bool),
        ),
        login=_login(get),
    )


def _login(get: _Values) -> Login:
    return Login(
        basic_auth=get("basic-auth", bool),
        username=get("username", str),
        password=get("password", str),
        auth_type=get("auth-type", str),
        auth_token=get("auth-token", str),
        app_id=get("app-id", str),
        user_id=get("user-id", str),
        role_id=get("role-id", str),
        secret_id=get("secret-id", str),
        path=get("path", str),
    )


def _pace(get: _Values) -> Pace:
    return Pace(
        debounce=get("debounce", float),
        debounce_max=get("debounce-max", float),
        check_timeout=get("check-timeout", float),
        reload_timeout=get("reload-timeout", float),
        retry_max=get("retry-max", float),
    )
