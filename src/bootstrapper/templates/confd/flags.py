"""The flags: those of confd 0.16, and at the end our own."""

from collections.abc import Iterable, Sequence

from bootstrapper import __version__
from bootstrapper.templates.confd import go_flags
from bootstrapper.templates.confd.go_flags import Flag, Kind, Value

CONFD = "0.16.0"
"""The release whose behaviour is kept: scripts look for it in what -version prints."""


def _strings() -> Iterable[tuple[str, str, str]]:
    yield "auth-token", "", "Auth bearer token to use"
    yield "auth-type", "", "Vault auth backend type to use (only used with -backend=vault)"
    yield "app-id", "", "Vault app-id, with -auth-type=app-id"
    yield "backend", "etcd", "backend to use"
    yield "client-ca-keys", "", "client ca keys"
    yield "client-cert", "", "the client cert"
    yield "client-key", "", "the client key; the password with -backend=redis"
    yield "confdir", "/etc/confd", "confd conf directory"
    yield "config-file", "/etc/confd/confd.toml", "the confd config file"
    yield "filter", "*", "files filter (only used with -backend=file)"
    yield "log-level", "", "panic, fatal, error, warn, info or debug"
    yield "password", "", "the password to authenticate with (etcd, consul, redis, vault)"
    yield "path", "", "mount path of Vault's auth method, where it is not the usual one"
    yield "prefix", "", "key path prefix; wins over the prefix of a resource"
    yield "role-id", "", "Vault role-id, with -auth-type=app-role or kubernetes"
    yield "scheme", "http", "http or https, for nodes without one"
    yield "secret-id", "", "Vault secret-id, with -auth-type=app-role"
    yield "secret-keyring", "", "accepted for confd's sake: the cget functions are not supported"
    yield "separator", "", "what stands for / in the keys (only used with -backend=redis)"
    yield "srv-domain", "", "find nodes at the SRV record _BACKEND._tcp.DOMAIN"
    yield "srv-record", "", "find nodes at this SRV record. Example: _etcd-client._tcp.example.com"
    yield "table", "", "the name of the DynamoDB table (only used with -backend=dynamodb)"
    yield "user-id", "", "Vault user-id, with -auth-type=app-id"
    yield "username", "", "the username to authenticate as (etcd, consul, redis, vault)"
    yield "metrics", "", "address:port to serve Prometheus metrics at"
    yield "state", "", "folder where the state of each file is told"


def _booleans() -> Iterable[tuple[str, str]]:
    yield "basic-auth", "use -username and -password (with -backend=consul, etcd or etcdv3)"
    yield "client-insecure", "do not verify the certificates of HTTPS nodes"
    yield "keep-stage-file", "keep staged files"
    yield "noop", "only show pending changes"
    yield "onetime", "run once and exit"
    yield "sync-only", "sync without check_cmd and reload_cmd"
    yield "version", "print version and exit"
    yield "watch", "enable watch support"


def _durations() -> Iterable[tuple[str, float, str]]:
    yield "check-timeout", 30.0, "longest run of a check_cmd"
    yield "debounce", 0.05, "quiet that ends a burst of changes"
    yield "debounce-max", 0.5, "longest a change waits for quiet"
    yield "reload-timeout", 60.0, "longest run of a reload_cmd"
    yield "retry-max", 60.0, "longest pause between two tries of what failed"


def _all() -> Iterable[Flag]:
    yield from (Flag(name, Kind.STRING, value, help) for name, value, help in _strings())
    yield from (Flag(name, Kind.BOOL, False, help) for name, help in _booleans())
    yield from (Flag(name, Kind.DURATION, value, help) for name, value, help in _durations())
    yield Flag("file", Kind.MANY, (), "YAML or JSON file or folder (only with -backend=file)")
    yield Flag("node", Kind.MANY, (), "list of backend nodes")
    yield Flag("interval", Kind.INT, 600, "backend polling interval")


FLAGS = {flag.name: flag for flag in _all()}


def parse(words: Sequence[str]) -> dict[str, Value]:
    """What was given; raises WrongFlags and HelpAsked."""
    return go_flags.parse(FLAGS, words)


def usage(program: str = "confd") -> str:
    return go_flags.usage(FLAGS, program)


def version_line() -> str:
    """In confd's shape; where it names its commit we name this program."""
    return f"confd {CONFD} (Git SHA: bootstrapper-{__version__}, Go Version: none)"
