"""Which folder is meant, which plugins, and what of our environment they never see."""

from pathlib import Path

import msgspec
import pytest

from bootstrapper.chat.limbo.finding import environment_of, open_plugins
from bootstrapper.errors import Mistake
from bootstrapper.settings import Settings

SECRETS = {
    "kv": {"password": {"env": "ETCD_PASSWORD"}},
    "secrets": {"vault": {"env": "VAULT_WORD"}, "key": {"file": "/etc/key"}},
    "etcd2": {"users": {"old": {"env": "OLD_PASSWORD"}}},
}


def settings_with(tmp_path: Path, plugins: str = "") -> Settings:
    return msgspec.convert({"state": str(tmp_path), "chat": {"plugins": plugins}}, Settings)


@pytest.mark.parametrize(
    ("setting", "variable", "pluginpath", "names"),
    [
        ("{old}", "", "", 6),
        ("", "{old}", "", 6),
        ("", "", "{old}", 6),
        ("{old}", "echo, who", "/nowhere", 2),
        ("", "echo", "{old}", 1),
        ("{old}", "{old}", "/nowhere", 6),
    ],
)
def test_the_folder_is_found(
    tmp_path: Path, old: Path, setting: str, variable: str, pluginpath: str, names: int
) -> None:
    plugins = open_plugins(
        settings_with(tmp_path, setting.format(old=old)),
        pluginpath.format(old=old),
        {"LIMBO_PLUGINS": variable.format(old=old)},
    )

    assert plugins is not None
    assert len(plugins.names()) == names
    plugins.close()


def test_without_a_folder_there_are_no_plugins(tmp_path: Path) -> None:
    assert open_plugins(settings_with(tmp_path), "", {"LIMBO_PLUGINS": "echo,who"}) is None


def test_a_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no such folder"):
        open_plugins(settings_with(tmp_path), "", {"LIMBO_PLUGINS": "./nowhere"})


def test_no_secret_of_ours_is_in_their_environment(tmp_path: Path, old: Path) -> None:
    settings = msgspec.convert(
        SECRETS | {"state": str(tmp_path), "chat": {"plugins": str(old)}}, Settings
    )
    environ = {
        "SLACK_BOT_TOKEN": "xoxb", "SLACK_TOKEN": "xoxp", "BOOTSTRAPPER_TOKEN": "t",
        "CREDENTIALS_DIRECTORY": "/run", "ETCD_PASSWORD": "p", "VAULT_WORD": "v",
        "OLD_PASSWORD": "o", "OXFORD_APP_KEY": "theirs", "PATH": "/bin",
    }  # fmt: skip

    assert environment_of(settings, environ) == {"OXFORD_APP_KEY": "theirs", "PATH": "/bin"}
