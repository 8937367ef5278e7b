"""The parts that every process is put together from, made in one place by plain calls."""

import msgspec

from bootstrapper.control.artifacts import Artifacts
from bootstrapper.control.brakes import Freezes, Holds
from bootstrapper.control.fleet import FleetStore
from bootstrapper.control.rules import Rules
from bootstrapper.control.schedules import Schedules
from bootstrapper.jobs.signs import Signs
from bootstrapper.jobs.store import Jobs
from bootstrapper.jobs.tickets import Tickets
from bootstrapper.playbooks.library import Library
from bootstrapper.policy.audit_log import AuditLog
from bootstrapper.policy.tokens import Tokens
from bootstrapper.redis_link import Client, connect
from bootstrapper.settings import Settings


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    redis: Client
    jobs: Jobs
    signs: Signs
    tickets: Tickets
    library: Library
    rules: Rules
    audit: AuditLog
    tokens: Tokens
    holds: Holds
    freezes: Freezes
    schedules: Schedules
    artifacts: Artifacts
    fleet: FleetStore


def make_parts(settings: Settings) -> Parts:
    """Clients are made here and connect at first use: call it after the last fork."""
    client = connect(settings, redis_url(settings))
    prefix = settings.redis.prefix
    return Parts(
        settings=settings,
        redis=client,
        jobs=Jobs(client, prefix),
        signs=Signs(client, prefix),
        tickets=Tickets(client, prefix),
        library=Library(client, prefix, settings),
        rules=Rules(settings),
        audit=AuditLog(client, prefix),
        tokens=Tokens(client, prefix),
        holds=Holds(client, prefix),
        freezes=Freezes(client, prefix),
        schedules=Schedules(client, prefix),
        artifacts=Artifacts(client, prefix, settings.jobs.artifact_bytes),
        fleet=FleetStore(settings),
    )


def redis_url(settings: Settings) -> str:
    """The settings' Redis, or the private one that `up` starts."""
    return settings.redis.url or f"unix://{settings.state_dir / 'redis' / 'redis.sock'}"
