"""The content at one commit, on this machine: fetched once, never changed afterwards.

<state>/content/<commit>/project/    the files
<state>/content/<commit>/modules/    Ansible's packed modules, reused by later runs
<state>/content/mirror.git           all that was ever fetched
"""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.playbooks.galaxy import install_requirements
from bootstrapper.playbooks.programs import run_program
from bootstrapper.secret import secret_file
from bootstrapper.settings import Settings

GIT_SECONDS = 120
FOLDER = "folder-"
"""What the commit of a plain folder starts with; the rest is a digest of its files."""
_NEVER = shutil.ignore_patterns(".git", "__pycache__", "*.retry")


class Checkout(msgspec.Struct, frozen=True):
    commit: str
    root: Path

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def modules(self) -> Path:
        return self.root / "modules"


def content_dir(settings: Settings) -> Path:
    return settings.state_dir / "content"


def newest(settings: Settings, ref: str = "") -> str:
    """The commit that the content is at now; fetches when it is a repository."""
    content = settings.content
    if content.path:
        return FOLDER + _digest(Path(content.path))
    if not content.git:
        raise Mistake("no content is set: content.path or content.git", field="content")
    try:
        return _fetch(settings, ref or content.ref)
    except OSError as error:
        raise Unavailable(f"the content cannot be fetched: {error}") from error


def look(settings: Settings) -> str:
    """Changes when a plain folder's files do: cheap, by their names, sizes and times."""
    root = Path(settings.content.path)
    digest = hashlib.sha256()
    for path in _files(root):
        try:
            seen = path.lstat()
        except OSError:
            continue  # it went while we looked; the next look differs
        name = os.fsencode(path.relative_to(root))  # not every name of a file is UTF-8
        digest.update(name + f"\0{seen.st_size}\0{seen.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def check_out(settings: Settings, commit: str) -> Checkout:
    """Bring the commit onto this machine, unless it is here."""
    checkout = Checkout(commit, content_dir(settings) / commit)
    if not checkout.root.is_dir():
        try:
            _bring(settings, checkout)
        except OSError as error:  # the disk is full, or the folder is not ours
            raise Unavailable(f"the content cannot be brought here: {error}") from error
    return checkout


def _bring(settings: Settings, checkout: Checkout) -> None:
    commit = checkout.commit
    content_dir(settings).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=content_dir(settings)) as name:
        part = Path(name) / commit
        part.mkdir()
        (part / "modules").mkdir()
        if commit.startswith(FOLDER):
            _copy_folder(settings, commit, part / "project")
        else:
            _check_out_commit(settings, commit, part / "project")
        if settings.content.requirements:
            install_requirements(part / "project")
        try:
            part.rename(checkout.root)
        except OSError:
            if not checkout.root.is_dir():  # another process was first otherwise
                raise


def copy_project(checkout: Checkout, to: Path) -> Path:
    """A run's own copy: what a play writes beside its playbook stays in its run."""
    shutil.copytree(checkout.project, to, symlinks=True, ignore=_NEVER)
    return to


def prune(settings: Settings, keep: set[str], most: int = 10) -> None:
    """Remove all but the newest checkouts and those that are still needed."""
    root = content_dir(settings)
    if not root.is_dir():
        return
    found = [each for each in root.iterdir() if each.is_dir() and each.name != "mirror.git"]
    found = [each for each in found if not each.name.startswith(".")]
    found.sort(key=lambda each: each.stat().st_mtime, reverse=True)
    for old in found[most:]:
        if old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)


def _copy_folder(settings: Settings, commit: str, to: Path) -> None:
    try:
        shutil.copytree(settings.content.path, to, symlinks=True, ignore=_NEVER)
    except (OSError, shutil.Error) as error:
        raise Unavailable(f"the content cannot be copied: {error}") from error
    if FOLDER + _digest(to) != commit:
        raise Unavailable(f"the files in {settings.content.path} changed while they were copied")


def _digest(root: Path) -> str:
    if not root.is_dir():
        raise Mistake(f"{root} is not a folder", field="content.path")
    digest = hashlib.sha256()
    try:
        for path in _files(root):
            digest.update(os.fsencode(path.relative_to(root)) + b"\0" + _digest_of(path))
    except OSError as error:  # it went while we read, or we may not read it
        raise Unavailable(f"the content cannot be read: {error}") from error
    return digest.hexdigest()[:32]


def _digest_of(path: Path) -> bytes:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return b"link\0" + os.fsencode(os.readlink(path)) + b"\0"
    if not stat.S_ISREG(mode):  # to read a pipe would be to wait for whoever writes to it
        raise Mistake(f"{path} is neither a file nor a folder", field="content.path")
    return f"{mode & 0o111:o}\0".encode() + hashlib.sha256(path.read_bytes()).digest()


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in (".git", "__pycache__"))
        links = [name for name in names if (Path(folder) / name).is_symlink()]
        for name in sorted([*files, *links]):
            if not name.endswith(".retry"):
                yield Path(folder) / name


def _mirror(settings: Settings) -> Path:
    return content_dir(settings) / "mirror.git"


def _fetch(settings: Settings, ref: str) -> str:
    mirror = _mirror(settings)
    if ref.startswith("-") or "\0" in ref:
        raise Mistake(f"{ref!r} is not a branch, tag or commit", field="ref")
    if not mirror.is_dir():
        mirror.parent.mkdir(parents=True, exist_ok=True)
        _git(settings, "init", "--quiet", "--bare", str(mirror))
    _git(
        settings, "--git-dir", str(mirror), "fetch", "--quiet", "--prune", "--force", "--tags",
        "--end-of-options", settings.content.git,
        "+refs/heads/*:refs/heads/*", "+HEAD:refs/bootstrapper/head",
    )  # fmt: skip
    name = "refs/bootstrapper/head" if ref == "HEAD" else ref
    try:
        commit = _git(
            settings, "--git-dir", str(mirror),
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}",
        )  # fmt: skip
    except Refused as error:
        raise Mistake(f"no branch, tag or commit {ref!r} in the content", field="ref") from error
    return commit.strip()


def _check_out_commit(settings: Settings, commit: str, to: Path) -> None:
    mirror = _mirror(settings)
    known = mirror.is_dir() and _has(settings, commit)
    if not known:
        _fetch(settings, settings.content.ref)
    _git(settings, "clone", "--quiet", "--no-checkout", str(mirror), str(to))
    _git(settings, "-C", str(to), "checkout", "--quiet", "--detach", commit)
    if (to / ".gitmodules").exists():
        _git(settings, "-C", str(to), "remote", "set-url", "origin", settings.content.git)
        _git(settings, "-C", str(to), "submodule", "update", "--quiet", "--init", "--recursive")


def _has(settings: Settings, commit: str) -> bool:
    try:
        _git(settings, "--git-dir", str(_mirror(settings)), "cat-file", "-e", commit)
    except Refused:
        return False
    return True


def _git(settings: Settings, *words: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    }
    command = ["git"]
    if name := settings.content.ssh_key:
        key = secret_file(f"secrets.{name}", settings.secrets[name])
        # git splits this by itself: no shell sees it, and the path is the operator's own
        command += ["-c", f"core.sshCommand=ssh -i '{key}' -o IdentitiesOnly=yes -o BatchMode=yes"]
    try:
        done = run_program([*command, *words], GIT_SECONDS, environment=environment)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"git {words[0]} took longer than {GIT_SECONDS} s") from error
    except FileNotFoundError as error:
        raise Refused("git is not installed") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Refused(f"git: {said or f'exit {done.returncode}'}")
    return done.stdout.decode(errors="replace")
