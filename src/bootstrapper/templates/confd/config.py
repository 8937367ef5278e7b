"""What one run of `confd` is told, as frozen values: named tuples, the quickest to start with.

Put together by `read_config` from, weakest first: the defaults, the environment, confd.toml and
the flags. (In confd 0.16 the file wins over the flags, though its documentation says otherwise.)
"""

from typing import NamedTuple

BACKENDS = (
    "consul", "dynamodb", "env", "etcd", "etcdv3", "file", "redis", "secretsmanager", "ssm",
    "store", "vault", "zookeeper",
)  # fmt: skip


class Tls(NamedTuple):
    """Paths of PEM files; empty: none. `insecure`: certificates are not verified."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False


class Login(NamedTuple):
    """Who we are to the backend. The secrets among it never show in a repr."""

    basic_auth: bool = False
    username: str = ""
    password: str = ""
    auth_type: str = ""
    auth_token: str = ""
    app_id: str = ""
    user_id: str = ""
    role_id: str = ""
    secret_id: str = ""
    path: str = ""
    """Where Vault's auth method is mounted; empty: at its usual place."""

    def __repr__(self) -> str:
        return f"Login(auth_type={self.auth_type!r}, username={self.username!r}, …)"


class Source(NamedTuple):
    """Where the values come from. `nodes` are as written: host:port, a URL, a socket's path."""

    backend: str = "etcd"
    nodes: tuple[str, ...] = ()
    scheme: str = "http"
    files: tuple[str, ...] = ()
    filter: str = "*"
    separator: str = "/"
    table: str = ""
    tls: Tls = Tls()
    login: Login = Login()


class Pace(NamedTuple):
    """Seconds."""

    debounce: float = 0.05
    debounce_max: float = 0.5
    check_timeout: float = 30.0
    reload_timeout: float = 60.0
    retry_max: float = 60.0


class Config(NamedTuple):
    source: Source = Source()
    pace: Pace = Pace()
    confdir: str = "/etc/confd"
    prefix: str = ""
    """Where it is not empty it stands in the place of each resource's own."""
    interval: int = 600
    """Seconds between two looks without `watch`."""
    watch: bool = False
    onetime: bool = False
    noop: bool = False
    sync_only: bool = False
    """Files are written; neither command is run."""
    keep_stage_file: bool = False
    log_level: str = "info"
    """panic, fatal, error, warn, info or debug."""
    secret_keyring: str = ""
    metrics: str = ""
    """address:port; empty: none."""
    state: str = ""
    """A folder; empty: none."""
