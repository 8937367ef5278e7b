"""The calls about the site: its content, policy, brakes, tokens, schedules and audit."""

from collections.abc import Mapping
from typing import Any

from bootstrapper.client.calls import Calls, said
from bootstrapper.client.server import escaped
from bootstrapper.client.site_views import (
    AuditCheck,
    AuditEntry,
    Content,
    Freeze,
    HeldLock,
    Inventory,
    NewToken,
    PolicyInfo,
    Schedule,
    Token,
    Whoami,
)
from bootstrapper.client.views import Explanation


class SiteCalls(Calls):
    def content(self) -> Content:
        return self.call("GET", "/content", Content)

    def inventory(self, env: str = "") -> Inventory:
        return self.call("GET", "/inventory", Inventory, query={"env": env})

    def whoami(self) -> Whoami:
        return self.call("GET", "/whoami", Whoami)

    def policy(self) -> PolicyInfo:
        return self.call("GET", "/policy", PolicyInfo)

    def explain(self, action: str, request: Mapping[str, Any], *, actor: str = "") -> Explanation:
        body = {"action": action, "request": request} | ({"actor": actor} if actor else {})
        return self.call("POST", "/policy/explain", Explanation, body=body)

    def locks(self) -> tuple[HeldLock, ...]:
        return self.many("/locks", "locks", HeldLock)

    def lock(self, resource: str, reason: str, *, until: str = "") -> None:
        self.do("PUT", f"/locks/{escaped(resource)}", said(reason=reason, until=until))

    def unlock(self, resource: str) -> None:
        self.do("DELETE", f"/locks/{escaped(resource)}")

    def freezes(self) -> tuple[Freeze, ...]:
        return self.many("/freezes", "freezes", Freeze)

    def freeze(self, env: str, reason: str, *, until: str = "") -> Freeze:
        body = said(env=env, reason=reason, until=until)
        return self.call("POST", "/freezes", Freeze, body=body)

    def unfreeze(self, freeze_id: str) -> None:
        self.do("DELETE", f"/freezes/{escaped(freeze_id)}")

    def tokens(self) -> tuple[Token, ...]:
        return self.many("/tokens", "tokens", Token)

    def create_token(self, name: str, *, actor: str = "", expires: str = "") -> NewToken:
        body = said(name=name, actor=actor, expires=expires)
        return self.call("POST", "/tokens", NewToken, body=body)

    def revoke_token(self, name: str) -> None:
        self.do("DELETE", f"/tokens/{escaped(name)}")

    def schedules(self) -> tuple[Schedule, ...]:
        return self.many("/schedules", "schedules", Schedule)

    def set_schedule(
        self,
        name: str,
        *,
        cron: str,
        action: str,
        request: Mapping[str, Any],
        zone: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        body = said(cron=cron, zone=zone, action=action, options=options)
        self.do("PUT", f"/schedules/{escaped(name)}", body | {"request": request})

    def remove_schedule(self, name: str) -> None:
        self.do("DELETE", f"/schedules/{escaped(name)}")

    def audit(self, after: int = 0, *, limit: int = 1000) -> tuple[AuditEntry, ...]:
        """Oldest first; one page, which ends before the trail does when it is full."""
        query = {"after": after, "limit": limit}
        return self.many("/audit", "entries", AuditEntry, query)

    def verify_audit(self, expect: str = "") -> AuditCheck:
        return self.call("GET", "/audit/verify", AuditCheck, query={"expect": expect})
