"""The tests' own Ansible content: `tests/content/` with an inventory of the sshd's addresses.

prod      web-1 web-2 web-3 (web), db-1 (db), gone-1 (gone: nobody listens there)
staging   stage-1 stage-2 (web)
"""

import shutil
from pathlib import Path

from support.sshd import SYSTEM, Sshd

FILES = Path(__file__).parent.parent / "content"
HOSTS: dict[str, dict[str, tuple[str, ...]]] = {
    "prod": {"web": ("web-1", "web-2", "web-3"), "db": ("db-1",), "gone": ("gone-1",)},
    "staging": {"web": ("stage-1", "stage-2")},
}
ADDRESSES = 6
"""That many addresses of an `Sshd` are used."""
NOBODY = "127.77.1.1"


def write_content(folder: Path, sshd: Sshd, scratch: Path) -> Path:
    """`scratch`: where roles leave files, as <host>-<name>."""
    shutil.copytree(FILES, folder)
    scratch.mkdir(exist_ok=True)
    addresses = iter(sshd.addresses)
    for env, groups in HOSTS.items():
        place = folder / "inventories" / env
        place.mkdir(parents=True)
        lines: list[str] = []
        for group, names in groups.items():
            lines.append(f"[{group}]")
            for name in names:
                address = NOBODY if group == "gone" else next(addresses)
                lines.append(f"{name} ansible_host={address}")
        (place / "hosts").write_text("\n".join(lines) + "\n")
        (place / "group_vars").mkdir()
        (place / "group_vars" / "all.yml").write_text(
            f"ansible_port: {sshd.port}\n"
            f"ansible_user: {sshd.user}\n"
            f"ansible_python_interpreter: {SYSTEM}\n"
            f"scratch: {scratch}\n"
            f"site_key: the-key-of-the-site\n"
        )
    return folder
