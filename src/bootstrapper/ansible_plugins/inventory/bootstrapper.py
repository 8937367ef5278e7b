"""Ansible's inventory plugin `bootstrapper`: the live fleet for plain `ansible -i`.

Ansible loads this file by its path, with whatever Python it runs on: the standard library and
Ansible are all that it needs. Nothing is cached: who is alive is asked each time.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable

try:
    from ansible.template import trust_as_template as plain
except ImportError:  # before 2.19 every text was rendered that is not marked as unsafe
    from ansible.utils.unsafe_proxy import wrap_var as opaque

    def plain(text: str) -> Any:
        return text

else:

    def opaque(text: str) -> Any:
        """Since 2.19 what nobody trusts is never rendered."""
        return text


DOCUMENTATION = r"""
name: bootstrapper
short_description: The live fleet of a Bootstrapper control plane
description:
  - Asks Bootstrapper which nodes are alive, and makes hosts and groups of them.
  - Groups are C(cluster_NAME), C(role_NAME) and C(service_NAME).
  - Each host has C(ansible_host), and C(bootstrapper_cluster), C(bootstrapper_role),
    C(bootstrapper_services), C(bootstrapper_state) and C(bootstrapper_tags).
  - The inventory file is named C(bootstrapper.yml) or ends with C(.bootstrapper.yml).
extends_documentation_fragment:
  - constructed
options:
  plugin:
    description: Says that the file is for this plugin.
    required: true
    choices: [bootstrapper]
  url:
    description: Where the API is.
    type: str
    default: http://127.0.0.1:8410
    env:
      - name: BOOTSTRAPPER_URL
  token:
    description: Whom it asks as; better kept in a file, or in the environment.
    type: str
    env:
      - name: BOOTSTRAPPER_TOKEN
  token_file:
    description: A file with the token; O(token) wins.
    type: path
    env:
      - name: BOOTSTRAPPER_TOKEN_FILE
  clusters:
    description: Only nodes of these clusters; none means all.
    type: list
    elements: str
    default: []
  all:
    description: Whether nodes that are not alive are hosts too.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for the answer.
    type: float
    default: 10.0
"""

EXAMPLES = r"""
# bootstrapper.yml
plugin: bootstrapper
url: https://bootstrapper.example.com
token_file: ~/.config/bootstrapper/token
clusters: [prod]
keyed_groups:
  - key: bootstrapper_tags.zone
    prefix: zone
"""


class Here(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: the token would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(Here)


class InventoryModule(BaseInventoryPlugin, Constructable):  # type: ignore[misc]
    NAME = "bootstrapper"

    def verify_file(self, path: str) -> bool:
        ends = ("bootstrapper.yml", "bootstrapper.yaml")
        return bool(super().verify_file(path)) and path.endswith(ends)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = False) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        for cluster in self.get_option("clusters") or [""]:
            self._add(self._asked(cluster))

    def _add(self, told: dict[str, Any]) -> None:
        variables = told.pop("_meta")["hostvars"]
        for name, own in variables.items():
            self.inventory.add_host(name)
            for key, value in own.items():
                self.inventory.set_variable(name, key, data(value))
            self._construct(name)
        for group, members in told.items():
            self.inventory.add_group(group)
            for name in members["hosts"]:
                self.inventory.add_child(group, name)

    def _construct(self, name: str) -> None:
        strict = self.get_option("strict")
        variables = self.inventory.get_host(name).get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(
            self.get_option("keyed_groups"), variables, name, strict=strict
        )

    def _asked(self, cluster: str) -> dict[str, Any]:
        where = f"clusters/{urllib.parse.quote(cluster, safe='')}/nodes" if cluster else "nodes"
        base = self.get_option("url").rstrip("/")
        if not base.startswith(("http://", "https://")):
            raise AnsibleParserError(f"{base!r} is not an http:// or https:// URL")
        everybody = int(self.get_option("all"))
        url = f"{base}/api/v1/{where}?format=ansible&all={everybody}"
        request = urllib.request.Request(url, headers=self._headers())
        try:
            with OPENER.open(request, timeout=self.get_option("timeout")) as answer:
                told: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AnsibleParserError(f"{base} answers {error.code}: {_detail(error)}") from error
        except (OSError, ValueError) as error:
            raise AnsibleParserError(f"{base}: {error}") from error
        if not (isinstance(told, dict) and isinstance(told.get("_meta"), dict)):
            raise AnsibleParserError(f"{base} answers with something that is no inventory")
        return told

    def _headers(self) -> dict[str, str]:
        token = self.get_option("token")
        if not token and (file := self.get_option("token_file")):
            try:
                with open(file, encoding="utf-8") as handle:
                    token = handle.read()
            except OSError as error:
                raise AnsibleParserError(f"token_file: {error}") from error
        return {"Authorization": f"Bearer {token.strip()}"} if token else {}


def data(value: Any) -> Any:
    """What a node says of itself must never be rendered as a template.

    A text that cannot be one is told to be plain, so that `ansible-inventory` shows it as it is.
    """
    match value:
        case str():
            return opaque(value) if "{" in value or value.startswith("#jinja2") else plain(value)
        case dict():
            return {data(key): data(each) for key, each in value.items()}
        case list():
            return [data(each) for each in value]
    return value


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
