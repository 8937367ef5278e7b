"""From what we are told about ourselves to a Vault token, in the ways of confd 0.16."""

import os

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.templates.backends.http import Nodes
from bootstrapper.templates.confd.config import Login

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
"""Another place may be named by VAULT_KUBERNETES_TOKEN_FILE."""
_NEEDED = {
    "app-id": ("app-id", "user-id"),
    "app-role": ("role-id", "secret-id"),
    "cert": (),
    "github": ("auth-token",),
    "kubernetes": ("role-id",),
    "token": ("auth-token",),
    "userpass": ("username", "password"),
}
_ERRORS = 400


def check(login: Login) -> None:
    """A Mistake for what is missing."""
    if not login.auth_type:
        raise Mistake("vault: -auth-type is needed: " + ", ".join(_NEEDED), field="auth-type")
    if login.auth_type not in _NEEDED:
        raise Mistake(
            f"vault: unknown auth-type {login.auth_type!r}; there are " + ", ".join(_NEEDED),
            field="auth-type",
        )
    for flag in _NEEDED[login.auth_type]:
        if not getattr(login, flag.replace("-", "_")):
            raise Mistake(f"vault: -auth-type={login.auth_type} needs -{flag}", field=flag)


def log_in(nodes: Nodes, login: Login) -> str:
    if login.auth_type == "token":
        return login.auth_token
    mount = login.path or login.auth_type.replace("app-role", "approle")
    address = f"/v1/auth/{mount}/login"
    if login.auth_type == "userpass":
        address += f"/{login.username}"
    reply = nodes.ask("POST", address, body=_said(login))
    if reply.status >= _ERRORS:
        text = reply.body.decode(errors="replace").strip()
        raise Mistake(f"vault: login by {login.auth_type}: {text}", field="auth-type")
    try:
        return str(reply.json()["auth"]["client_token"])
    except (KeyError, TypeError) as error:
        raise Unavailable("vault: the login gave no token") from error


def _said(login: Login) -> dict[str, str]:
    match login.auth_type:
        case "app-id":
            return {"app_id": login.app_id, "user_id": login.user_id}
        case "app-role":
            return {"role_id": login.role_id, "secret_id": login.secret_id}
        case "github":
            return {"token": login.auth_token}
        case "kubernetes":
            return {"jwt": _service_account(), "role": login.role_id}
        case "userpass":
            return {"password": login.password}
    return {}


def _service_account() -> str:
    path = os.environ.get("VAULT_KUBERNETES_TOKEN_FILE") or SERVICE_ACCOUNT
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError as error:
        raise Mistake(f"vault: no token of the service account: {error}") from error
