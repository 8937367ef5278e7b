"""Ad-hoc modules that read or write on the control machine itself."""

from typing import Any

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.playbooks.local_paths import check_local_paths

WITHIN = [
    ("copy", {"src": "motd", "dest": "/etc/motd"}),
    ("copy", {"content": "hello", "dest": "/etc/motd"}),
    ("copy", {"src": "/etc/motd", "dest": "/tmp/motd", "remote_src": "yes"}),
    ("ansible.builtin.copy", {"src": "files/motd", "remote_src": False}),
    ("unarchive", {"src": "/srv/a.tgz", "remote_src": True}),
    ("assemble", {"src": "/etc/parts.d", "dest": "/etc/whole"}),
    ("script", {"_raw_params": "check.sh /etc/passwd '~'"}),
    ("fetch", {"src": "/etc/hostname", "dest": "fetched"}),
    ("command", {"_raw_params": "cat /etc/passwd"}),
    ("my.own.module", {"src": "/x"}),
]
OUTSIDE = [
    ("copy", {"src": "/var/lib/bootstrapper/owner.token"}),
    ("ansible.legacy.copy", {"src": "../tmp/ssh_key"}),
    ("copy", {"src": "'/etc/shadow'"}),
    ("copy", {"src": " /etc/shadow"}),
    ("copy", {"src": "~/.ssh/id_ed25519"}),
    ("copy", {"src": "$HOME/.ssh"}),
    ("copy", {"src": "a/../../tmp"}),
    ("copy", {"src": "/etc/shadow", "remote_src": "no"}),
    ("copy", {"src": ["/etc/shadow"]}),
    ("template", {"src": "/etc/shadow", "remote_src": "yes"}),
    ("uri", {"src": "/etc/shadow", "url": "http://x"}),
    ("unarchive", {"src": "/srv/a.tgz", "copy": True}),
    ("assemble", {"src": "/etc", "remote_src": "no"}),
    ("script", {"_raw_params": "/tmp/x.sh"}),
    ("script", {"_raw_params": '"/tmp/x.sh" a'}),
    ("script", {"cmd": "\\/tmp/x.sh"}),
    ("fetch", {"src": "/x", "dest": "/root/.ssh/", "flat": True}),
    ("fetch", {"src": "/x", "dest": "~/.ssh/"}),
    ("ansible.posix.synchronize", {"src": "a", "dest": "b"}),
]


@pytest.mark.parametrize(("module", "args"), WITHIN)
def test_what_stays_on_the_host_or_in_the_content(module: str, args: dict[str, Any]) -> None:
    check_local_paths(module, args)


@pytest.mark.parametrize(("module", "args"), OUTSIDE)
def test_what_leads_out_of_the_content(module: str, args: dict[str, Any]) -> None:
    with pytest.raises(Mistake):
        check_local_paths(module, args)
