import subprocess
import sys
from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.templates.confd.config import Config
from bootstrapper.templates.confd.flags import FLAGS, parse
from bootstrapper.templates.confd.read_config import read_config


def configured(
    file: Path | None, *words: str, environ: dict[str, str] | None = None, toml: str = ""
) -> Config:
    if file is not None:
        file.write_text(toml)
        words = (f"-config-file={file}", *words)
    return read_config(parse(words), environ or {})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "confd.toml"


def test_without_a_word_the_defaults_are_those_of_confd() -> None:
    made = configured(None)

    assert made.source.backend == "etcd"
    assert made.source.nodes == ("http://127.0.0.1:4001",)
    assert (made.confdir, made.interval, made.log_level) == ("/etc/confd", 600, "info")


def test_flags_win_over_the_file_and_the_file_over_the_environment(file: Path) -> None:
    toml = 'backend = "redis"\nprefix = "/file"\nclient_cert = "file"\nwatch = true\n'

    made = configured(
        file, "-prefix=/flag", "-watch=false", toml=toml,
        environ={"CONFD_CLIENT_CERT": "env", "CONFD_CLIENT_KEY": "env", "CONFD_CLIENT_CAKEYS": "e"},
    )  # fmt: skip

    assert (made.source.backend, made.prefix, made.watch) == ("redis", "/flag", False)
    assert (made.source.tls.cert, made.source.tls.key, made.source.tls.ca) == ("file", "env", "e")


def test_every_key_that_confd_documents_is_read(file: Path) -> None:
    toml = """
backend = "vault"
client_cakeys = "ca"
client_cert = "cert"
client_key = "key"
confdir = "/c"
interval = 7
log-level = "WARNING"
nodes = ["a", "b"]
noop = true
prefix = "/p"
scheme = "https"
sync-only = true
watch = true
auth_token = "t"
auth_type = "token"
basic_auth = true
table = "tab"
separator = ":"
username = "u"
password = "w"
app_id = "ai"
user_id = "ui"
role_id = "ri"
secret_id = "si"
file = ["f"]
filter = "*.yaml"
path = "mount"
secret_keyring = "ring"
"""
    made = configured(file, toml=toml)

    source, login = made.source, made.source.login
    assert (source.nodes, source.scheme, source.table, source.separator) == (
        ("a", "b"), "https", "tab", ":",
    )  # fmt: skip
    assert (source.files, source.filter) == (("f",), "*.yaml")
    assert (source.tls.ca, source.tls.cert, source.tls.key) == ("ca", "cert", "key")
    assert (login.auth_token, login.auth_type, login.basic_auth) == ("t", "token", True)
    assert (login.username, login.password, login.path) == ("u", "w", "mount")
    assert (login.app_id, login.user_id, login.role_id, login.secret_id) == ("ai", "ui", "ri", "si")
    assert (made.confdir, made.prefix, made.interval, made.log_level) == ("/c", "/p", 7, "warn")
    assert made.noop
    assert made.sync_only
    assert made.watch
    assert made.secret_keyring == "ring"


def test_our_own_keys_may_be_written_in_the_file(file: Path) -> None:
    made = configured(file, toml='debounce = "20ms"\nretry_max = 5\nstate = "/s"\nmetrics = "m"')

    assert (made.pace.debounce, made.pace.retry_max, made.state, made.metrics) == (
        0.02, 5.0, "/s", "m",
    )  # fmt: skip


def test_an_unknown_key_is_passed_over_and_told(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert configured(file, toml='etcd_nodes = ["x"]\ninterval = 3').interval == 3
    assert "unknown key 'etcd_nodes' is ignored" in caplog.text


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ('interval = "7"', "interval: a whole number is expected"),
        ("nodes = 'a'", "nodes: an array of strings is expected"),
        ("watch = 1", "watch: true or false is expected"),
        ("debounce = 'soon'", "debounce: a duration"),
        ("prefix = 1", "prefix: a string is expected"),
        ("prefix = ", "Invalid value"),
        ("scheme = 'ftp'", "http or https"),
        ("interval = 0", "at least 1 second"),
    ],
)
def test_a_wrong_file_is_one_clear_mistake(file: Path, toml: str, reason: str) -> None:
    with pytest.raises(Mistake, match=reason):
        configured(file, toml=toml)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no such file"):
        read_config(parse([f"-config-file={tmp_path}/none"]), {})


@pytest.mark.parametrize(
    ("words", "environ", "nodes"),
    [
        (
            ["-backend=etcd"],
            {"ETCDCTL_PEERS": "http://a:1,http://b:2"},
            ("http://a:1", "http://b:2"),
        ),
        (["-backend=etcd", "-node=c"], {"ETCDCTL_PEERS": "http://a:1"}, ("c",)),
        (["-backend=etcdv3"], {}, ("127.0.0.1:2379",)),
        (["-backend=consul"], {}, ("127.0.0.1:8500",)),
        (["-backend=redis"], {}, ("127.0.0.1:6379",)),
        (["-backend=vault"], {}, ("http://127.0.0.1:8200",)),
        (["-backend=zookeeper"], {}, ("127.0.0.1:2181",)),
        (["-backend=env"], {}, ()),
        (["-backend=env", "-srv-domain=example.com"], {}, ()),
    ],
)
def test_nodes_have_a_default(
    words: list[str], environ: dict[str, str], nodes: tuple[str, ...]
) -> None:
    assert read_config(parse(words), environ).source.nodes == nodes


@pytest.mark.parametrize(
    ("words", "interval"),
    [(["-interval=5"], 5), (["-interval=0", "-onetime"], 1), (["-interval=0", "-watch"], 1)],
)
def test_an_interval_never_is_nothing(words: list[str], interval: int) -> None:
    assert read_config(parse(words), {}).interval == interval


def test_secrets_do_not_show() -> None:
    words = ["-password=hush", "-auth-token=hush", "-secret-id=hush", "-app-id=hush"]

    assert "hush" not in repr(configured(None, *words))


def test_the_way_to_a_config_imports_little() -> None:
    code = (
        "import sys\n"
        "from bootstrapper.templates.confd.command_line import configure\n"
        "from bootstrapper.templates.resources import read_resources\n"
        "read_resources(configure(['-backend', 'env']).confdir)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True
    ).stdout.split()

    heavy = {
        "yaml",
        "urllib3",
        "jinja2",
        "redis",
        "boto3",
        "kazoo",
        "msgspec",
        "difflib",
        "logging",
    }
    assert heavy & set(loaded) == set()


def test_every_flag_is_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/confd.md").read_text()

    assert [name for name in FLAGS if f"`-{name}`" not in page] == []
