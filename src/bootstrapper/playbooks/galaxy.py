"""`requirements.yml` of the content: installed into the checkout, once for its commit."""

import subprocess
import sys
from pathlib import Path

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.playbooks.programs import run_program

SECONDS = 300
ROLES = ".roles"
"""Beside the content's own roles, so that a role of the content wins over an installed one."""

_FILES = ("requirements.yml", "requirements.yaml")


def install_requirements(project: Path) -> None:
    """Roles from requirements.yml and roles/requirements.yml, collections likewise."""
    for folder in ("", "roles", "collections"):
        for name in _FILES:
            file = project / folder / name
            if not file.is_file():
                continue
            if folder != "collections":
                _install(project, file, "role", "--roles-path", str(project / ROLES))
            if folder != "roles" and _names_collections(file):
                _install(project, file, "collection", "-p", str(project / "collections"))


def _names_collections(file: Path) -> bool:
    return "collections:" in file.read_text()


def _install(project: Path, file: Path, kind: str, *where: str) -> None:
    if kind == "role" and _only_collections(file):
        return
    command = [
        sys.executable, "-m", "ansible.cli.galaxy", kind, "install", "-r", str(file), *where,
    ]  # fmt: skip
    program = Path(sys.executable).parent / "ansible-galaxy"
    if program.exists():
        command = [str(program), *command[3:]]
    try:
        done = run_program(command, SECONDS, folder=project)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{file.name} took longer than {SECONDS} s to install") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise Refused(f"{file.name}: {said[-2000:]}")


def _only_collections(file: Path) -> bool:
    text = file.read_text()
    return "collections:" in text and "roles:" not in text
