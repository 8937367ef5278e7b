"""A control plane with everything around it: hosts that answer SSH, content, and its own folder."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bootstrapper.client import Client, Job
from bootstrapper.errors import Conflict, Unknown
from bootstrapper.jobs.states import OPEN, State
from support.content import write_content
from support.control import ControlPlane, Sections
from support.eventually import eventually
from support.rules import policy
from support.services import short_folder
from support.sshd import Sshd

WAIT = 60.0  # seconds until a job of the tests must have ended
TOKEN = "a-vault-of-tokens"
"""The value of the secret `site` of the settings."""


class Site:
    """`scratch` is where the content's roles leave their files, as <host>-<name>."""

    def __init__(
        self, folder: Path, sshd: Sshd, settings: Sections, environ: Mapping[str, str]
    ) -> None:
        self.sshd = sshd
        self.scratch = folder / "scratch"
        self.content = write_content(folder / "content", sshd, self.scratch)
        (folder / "site_secret").write_text(TOKEN + "\n")
        sections: dict[str, dict[str, Any]] = {
            "content": {"path": str(self.content)},
            "ansible": {"ssh_key": "ssh", "known_hosts": str(sshd.known_hosts)},
            "jobs": {"slots": 4, "grace": 20.0},
            "secrets": {
                "ssh": {"file": str(sshd.key)},
                "site": {"file": str(folder / "site_secret")},
            },
        }
        for name, fields in settings.items():
            sections[name] = {**sections.get(name, {}), **fields}
        self.plane = ControlPlane(folder, sections, policy(), environ)

    @property
    def owner(self) -> Client:
        return self.plane.owner

    def run(self, action: str, request: Mapping[str, Any], **options: Any) -> Job:
        """The job as it ended."""
        job = self.owner.launch(action, request, wait=WAIT, **options)
        assert job.final, f"{job.id} is {job.state}: {job.reason}"
        return job

    def end(self, job_id: str, *, within: float = WAIT) -> Job:
        """The job as it ends, when it was launched before."""
        job = self.owner.job(job_id, wait=within)
        assert job.final, f"{job.id} is {job.state} after {within:g} s: {job.reason}"
        return job

    def waits(self, job_id: str, *, within: float = 15.0) -> Job:
        """The job as it is when it waits for something."""
        eventually(lambda: self.owner.job(job_id).state is State.WAITING, within=within,
                   what=f"{job_id} waits")  # fmt: skip
        return self.owner.job(job_id)

    def tidy(self) -> None:
        """Cancel what a test left running, and take away what it left in the way."""
        owner = self.owner
        for state in OPEN:
            for job in owner.jobs(state=state.value, limit=1000).jobs:
                with suppress(Conflict):
                    owner.cancel(job.id)
                self.end(job.id, within=10)
        for lock in owner.locks():
            with suppress(Unknown):
                owner.unlock(lock.resource)
        for freeze in owner.freezes():
            owner.unfreeze(freeze.id)

    def left(self, host: str, name: str) -> str:
        """What a role wrote on this host; "" when it wrote nothing."""
        file = self.scratch / f"{host}-{name}"
        return file.read_text() if file.exists() else ""


@contextmanager
def new_site(
    sshd: Sshd, settings: Sections | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Site]:
    with short_folder("site") as folder:
        site = Site(folder, sshd, settings or {}, environ or {})
        try:
            site.plane.up()
            yield site
        finally:
            site.plane.down()
